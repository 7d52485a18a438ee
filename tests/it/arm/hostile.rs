//! Answers that mean harm, or do it: too large, too slow, of somebody else, with our own secrets in them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use proptest::prelude::*;
use serde_json::{Value, json as value};
use terraform_provider_aks::arm::credential::{Credentials, StaticToken};
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::error::sign_in::{AzError, NoToken, SignInError, Way};
use terraform_provider_aks::arm::response;
use terraform_provider_aks::arm::token::{AccessToken, Credential, Tokens, check_token};
use terraform_provider_aks::provider::words::errors::sentence;
use tokio::time::Instant;

use super::client::Log;
use super::script::{Reply, Script, client, client_with, json, text};
use super::{path, prod};
use crate::house::listen::listen;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

async fn said(reply: Reply) -> String {
    sentence(&client(&Script::new([reply])).cluster(&prod()).await.unwrap_err())
}

fn details(count: usize) -> Value {
    let detail =
        |number: usize| value!({ "code": "Detail", "message": format!("Detail {number} of a long list.") });
    value!({ "error": { "code": "AuthorizationFailed", "message": "No.", "details": (0..count).map(detail).collect::<Vec<_>>() } })
}

#[tokio::test(start_paused = true)]
async fn an_error_of_sixteen_megabytes_takes_no_time() {
    let (bytes, many) = ("x".repeat(16 << 20), details(300_000).to_string());
    let page = format!("<html><title>{bytes}</title>");
    let message = value!({ "error": { "code": "X", "message": bytes } }).to_string();
    for body in
        [bytes, many, page, message, "\\".repeat(16 << 20), "[".repeat(16 << 20), " ".repeat(16 << 20)]
    {
        for status in [403, 409] {
            let began = std::time::Instant::now();
            let sentence = said(text(status, &body)).await;
            assert!(sentence.len() < 5000, "{}", sentence.len());
            // A tenth of that where it is optimised.
            assert!(began.elapsed() < s(2), "{:?}: {:?}", &body[..20], began.elapsed());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_refusal_is_not_read_to_its_end() {
    let error = Error::from_answer("GET /x", 403, None, None, details(1000).to_string().as_bytes());
    let message = &error.refusal().unwrap().message;
    assert!(message.starts_with("No; Detail 0 of a long list; Detail 1"), "{message}");
    assert_eq!(message.matches("Detail").count(), 19, "what nobody would read is left out");
}

/// A refusal of Azure Policy as it comes, with every policy that was tried; the text may come last.
fn long_refusal(first: bool) -> String {
    let said = r#""code":"RequestDisallowedByPolicy","message":"The client may not perform action 'Microsoft.ContainerService/managedClusters/read' over scope '/subscriptions/1'.""#;
    let tried = vec![value!({ "type": "PolicyViolation", "info": "x".repeat(2500) }); 40];
    let tried = format!(r#""additionalInfo":{}"#, Value::from(tried));
    let parts = if first { [said, &tried] } else { [&tried, said] };
    format!(r#"{{"error":{{{}}}}}"#, parts.join(","))
}

#[tokio::test(start_paused = true)]
async fn a_long_refusal_is_understood_like_a_short_one() {
    for first in [true, false] {
        let error =
            client(&Script::new([text(403, &long_refusal(first))])).cluster(&prod()).await.unwrap_err();
        let refusal = error.refusal().unwrap();
        assert_eq!(refusal.code, "RequestDisallowedByPolicy");
        assert_eq!(refusal.action(), Some("Microsoft.ContainerService/managedClusters/read"));
        assert_eq!(refusal.scope(), Some("/subscriptions/1"));
    }
    let padding = "x".repeat(100_000);
    let busy = value!({ "error": { "innererror": padding, "code": "OperationNotAllowed", "message": "Another operation is in progress." } });
    let error =
        client(&Script::new([json(409, &busy)])).upgrade_node_image(&prod(), "user").await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_does_not_end_is_told_by_its_status() {
    let began = Instant::now();
    for beginning in [
        r#"{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization to perform action 'a/read"#,
        r#"{"error":{"code":"AuthorizationFailed","#,
        r#"{"error":{"code":"AuthorizationFailed","mess"#,
        r#"{"error":{"code":"AuthorizationFailed","details":[{"code":"x\"#,
    ] {
        for writes in [false, true] {
            let client = client(&Script::new([Reply::Unfinished(403, beginning)]));
            let error = match writes {
                true => client.upgrade_node_image(&prod(), "user").await.unwrap_err(),
                false => client.cluster(&prod()).await.unwrap_err(),
            };
            assert!(
                matches!(&error, Error::Forbidden(refusal) if refusal.code == "AuthorizationFailed"),
                "{error:?}"
            );
        }
    }
    assert_eq!(began.elapsed(), 8 * s(1 + 5), "a token, and the patience for what is missing");
}

/// What a server may repeat a token in, as it stands in the answer.
fn echoes(token: &str) -> Vec<Reply> {
    let quoted = |text: &str| value!({ "error": { "code": "Denied", "message": text } });
    vec![
        json(403, &quoted(&format!("Header Authorization: Bearer {token} is not allowed"))),
        json(403, &value!({ "error": { "code": format!("Denied{token}"), "message": "No" } })),
        json(403, &quoted("No")).header("x-ms-request-id", token),
        json(403, &quoted("No")).header("x-ms-correlation-request-id", &format!("Bearer%20{token}")),
        text(403, &format!("<html><title>Bearer {token}</title></html>")),
        text(403, &format!("Authorization: Bearer {}", token.replace('-', "%2D"))),
        text(403, &format!("{{\"message\":\"{}\"}}", token.replace('-', "\\u002d"))),
        text(403, &format!("Authorization: Bearer {}", token.replace('-', "&#45;"))),
        text(503, &format!("Bearer {token}")),
        text(202, "").header("azure-asyncoperation", &format!("https://{token}.example/")),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_token_that_azure_repeats_is_not_shown() {
    let log = Log::default();
    let guard = listen(log.clone());
    for reply in echoes("canary-1") {
        let client = client(&Script::new([reply.clone()]));
        let read = client.cluster(&prod()).await.err();
        let written = client.upgrade_node_image(&prod(), "user").await.err();
        let shown: String = read
            .iter()
            .chain(&written)
            .map(|error| format!("{} {error} {error:?}", sentence(error)))
            .collect();
        for canary in ["canary-1", "canary%2D1", "canary\\u002d1", "canary&#45;1"] {
            assert!(!shown.contains(canary), "{reply:?}: {shown}");
        }
    }
    drop(guard);
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("[redacted]") && !log.contains("canary"), "{log}");
}

#[tokio::test(start_paused = true)]
async fn a_form_that_entra_repeats_is_not_shown() {
    let secret = "Canary-x7Zq+/&9=% \"";
    let credentials = Credentials {
        tenant_id: Some("t".into()),
        client_id: Some("c".into()),
        client_secret: Some(Secret::new(secret)),
        ..Credentials::default()
    };
    let form = "grant_type=client_credentials&client_secret=Canary-x7Zq%2B%2F%269%3D%25+%22&scope=s";
    for said in [form.to_owned(), form.replace('+', "%20"), form.replace('%', "%25"), secret.to_owned()] {
        let body = value!({ "error": "invalid_request", "error_description": format!("Bad form: {said}") });
        let script = Script::new([json(400, &body)]);
        let tokens = Tokens::new(credentials.credential(script).unwrap(), "s".into());
        let shown = sentence(&tokens.bearer().await.unwrap_err());
        assert!(shown.contains("[redacted]") && !shown.contains("x7Zq"), "{shown}");
    }
}

#[track_caller]
fn no_token(token: &str) {
    let wrong = "the token cannot be sent: it is empty, or holds a character that no header may hold";
    assert_eq!(check_token(token).unwrap_err().to_string(), wrong, "{token:?}");
}

#[test]
fn tokens_that_no_header_may_hold() {
    for token in ["", " ", "a b", "a\r\nX-Evil: 1", "a\nb", "a\0b", "a\tb", "t\u{f6}ken", "a\u{7f}"] {
        no_token(token);
    }
    assert!(check_token("eyJ0.eyJh-_~+/=.x").is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_sent_is_final() {
    for token in ["evil\r\nX-Injected: 1", "two words", "n\u{f6}n", "\0"] {
        let credentials = Credentials { use_msi: true, ..Credentials::default() };
        let grants = json(200, &value!({ "access_token": token, "expires_in": 3600 }));
        let script = Script::new([grants]);
        let azure = Script::new([json(200, &value!({}))]);
        let began = Instant::now();
        let client = client_with(&azure, credentials.credential(script.clone()).unwrap());
        let error = client.until(began + s(60)).cluster(&prod()).await.unwrap_err();
        assert!(error.is_sign_in(), "{error}");
        assert_eq!(
            error.to_string(),
            "No access token for Azure: Managed identity: the token cannot be sent: it is empty, \
             or holds a character that no header may hold."
        );
        assert_eq!(
            (azure.seen().len(), script.seen().len(), began.elapsed()),
            (0, 1, Duration::ZERO),
            "{token:?}"
        );
    }
    let given = Arc::new(StaticToken::new("evil\r\nX-Injected: 1"));
    let azure = Script::new([json(200, &value!({}))]);
    assert!(client_with(&azure, given).cluster(&prod()).await.unwrap_err().is_sign_in());
    assert_eq!(azure.seen().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_body_of_another_resource_is_refused() {
    let body = |id: String| json(200, &value!({ "id": id, "location": "westeurope" }));
    let reads = |id: String| async { client(&Script::new([body(id)])).cluster(&prod()).await };
    assert!(reads(path().to_uppercase()).await.is_ok(), "Azure writes ids in a casing of its own");
    let other = path().replace("prod", "other");
    assert_eq!(
        reads(other.clone()).await.unwrap_err().to_string(),
        format!("GET {} got an answer that cannot be understood: it is about {other}.", path())
    );
    assert!(reads(path().replace("1111", "2222")).await.is_err());
    assert!(reads(format!("{}/", path())).await.is_ok(), "links carry a slash at times");
    for (field, named) in [("name", value!("other")), ("id", value!(7))] {
        let mut body = value!({ "id": path(), "name": "PROD", "location": "westeurope" });
        assert!(client(&Script::new([json(200, &body)])).cluster(&prod()).await.is_ok());
        body[field] = named;
        let read = client(&Script::new([json(200, &body)])).cluster(&prod()).await;
        assert_eq!(read.is_err(), field == "name", "{field}");
    }
    let pool = |name: &str| body(format!("{}/agentPools/{name}", path()));
    assert!(client(&Script::new([pool("user")])).pool(&prod(), "user").await.is_ok());
    assert!(client(&Script::new([pool("system")])).pool(&prod(), "user").await.is_err());
    assert!(client(&Script::new([body(path())])).pool(&prod(), "user").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn offers_and_lists_of_another_resource_are_refused() {
    let own = |below: &str| format!("{}{below}", path());
    let other = |below: &str| own(below).replace("prod", "other");
    let of = |id: String| Script::new([json(200, &value!({ "id": id, "properties": {} }))]);
    let all = |ids: [String; 2]| {
        let value: Vec<Value> = ids.iter().map(|id| value!({ "id": id, "name": "default" })).collect();
        Script::new([json(200, &value!({ "value": value }))])
    };
    let (offers, pool) = ("/upgradeProfiles/default", "/agentPools/user/upgradeProfiles/default");
    assert!(client(&of(own(offers).to_uppercase())).upgrade_profile(&prod()).await.is_ok());
    let refused = client(&of(other(offers))).upgrade_profile(&prod()).await.unwrap_err();
    assert!(refused.to_string().ends_with(&format!("it is about {}.", other(offers))), "{refused}");
    assert!(client(&of(own(pool))).pool_upgrade_profile(&prod(), "user").await.is_ok());
    assert!(client(&of(other(pool))).pool_upgrade_profile(&prod(), "user").await.is_err());
    assert!(client(&of(own(pool))).pool_upgrade_profile(&prod(), "system").await.is_err());
    let window = "/maintenanceConfigurations/default";
    let configurations = |ids| async { client(&all(ids)).maintenance_configurations(&prod()).await };
    assert!(configurations([own(window), own(&window.to_uppercase())]).await.is_ok());
    assert!(configurations([own(window), other(window)]).await.is_err());
    let machine = "/agentPools/user/machines/one";
    let machines = |ids| async { client(&all(ids)).machines(&prod(), "user").await };
    assert!(machines([own(machine), own(machine)]).await.is_ok());
    assert!(machines([own(machine), own(&machine.replace("user", "user2"))]).await.is_err());
}

/// A poll that ends badly, and a cluster, with our own token in their texts.
#[tokio::test(start_paused = true)]
async fn a_token_in_an_answer_that_is_right_is_not_shown() {
    let token = "a-token-that-is-long-enough-to-be-one";
    for said in [token.to_owned(), token.replace('-', "%2D"), token.replace('-', "\\u002d")] {
        let body =
            format!(r#"{{"properties":{{"provisioningState":"Failed","nodeImageVersion":"{said}"}}}}"#);
        let script = Script::new([text(200, &body)]);
        let answer = client_with(&script, Arc::new(StaticToken::new(token))).cluster(&prod()).await.unwrap();
        assert_eq!(answer.body["properties"]["nodeImageVersion"], "[redacted]", "{said}");
        assert_eq!(answer.body["properties"]["provisioningState"], "Failed");
    }
}

/// Writes to a cluster whose window has a minute left; Azure refuses once, and its clock has gone on by so many seconds.
async fn writes_after(status: u16, seconds: i64) -> (Result<(), Error>, usize) {
    let date =
        "2026-11-28T02:00:00Z".parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_secs(seconds);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let ok = || json(200, &value!({ "properties": { "provisioningState": "Succeeded" } }));
    let busy = text(status, "").header("retry-after", "1").header("date", &date);
    let script = Script::new([ok(), busy, ok()]);
    let client = client(&script);
    client.cluster(&prod()).await.unwrap();
    let written = client.within(s(60)).put_cluster(&prod(), &value!({})).await.map(drop);
    (written, script.seen().len())
}

#[tokio::test(start_paused = true)]
async fn a_write_is_not_sent_again_after_its_window() {
    // As after a suspended machine, whose own clock stood still.
    for late in [62, 90, 3600, 86_400] {
        for status in [429, 401] {
            let (written, sent) = writes_after(status, late).await;
            let error = written.unwrap_err();
            assert!(matches!(error, Error::Deadline { .. }), "{error}");
            assert_eq!(sent, 2, "{status} {late}: {error}");
        }
    }
    for early in [2, 30, 58] {
        let (written, sent) = writes_after(429, early).await;
        assert_eq!((written.is_ok(), sent), (true, 3), "{early}");
    }
}

/// Hangs for ever, and says what it is at.
#[derive(Debug)]
struct Hangs;

#[async_trait]
impl Credential for Hangs {
    async fn token(&self, _: &str) -> Result<AccessToken, SignInError> {
        std::future::pending().await
    }

    fn delay(&self) -> Option<SignInError> {
        Some(SignInError { tried: Some((Way::Cli, NoToken::Az(AzError::NotYet(s(10))))), others: Vec::new() })
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_without_a_token_says_why_there_is_none() {
    let azure = Script::new([json(200, &value!({}))]);
    let client = client_with(&azure, Arc::new(Hangs)).until(Instant::now() + s(10));
    let error = client.cluster(&prod()).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { attempts: 0, .. }) && error.is_sign_in(), "{error:?}");
    assert_eq!(
        sentence(&error),
        "No access token for Azure. Azure CLI is configured, and failed:\n  Azure CLI: `az` has not answered for 10 s."
    );
    assert_eq!(
        error.to_string(),
        format!(
            "GET {} was not sent, since its deadline passed before: No access token for Azure: Azure CLI: `az` has not answered for 10 s.",
            path()
        )
    );
}

/// Signs in against a login host that answers so, with ten seconds for it, as a preview has; ten at once.
async fn previews(reply: Reply) -> Vec<String> {
    let login = Script::new([reply]);
    let credentials = Credentials {
        tenant_id: Some("t".into()),
        client_id: Some("c".into()),
        client_secret: Some(Secret::new("s3cr3t")),
        ..Credentials::default()
    };
    let azure = Script::new([json(200, &value!({}))]);
    let client = client_with(&azure, credentials.credential(login).unwrap()).until(Instant::now() + s(8));
    let id = prod();
    let all = futures::future::join_all((0..10).map(|_| client.cluster(&id))).await;
    let errors: Vec<Error> = all.into_iter().map(Result::unwrap_err).collect();
    assert!(errors.iter().all(Error::is_sign_in), "{errors:?}");
    errors.iter().map(sentence).collect()
}

#[tokio::test(start_paused = true)]
async fn everybody_who_waits_for_a_token_hears_why_there_is_none() {
    let login = "  Client secret: POST https://login.microsoftonline.com/t/oauth2/v2.0/token";
    for (reply, why) in [
        (Reply::Silent, "got no answer: it has not answered for 8 s."),
        (Reply::NotSent, "got no answer: Connection refused (os error 111)."),
        (text(503, "<html><title>Away</title></html>"), "answered 503: an HTML page titled \"Away\"."),
        (text(429, "").header("retry-after", "60"), "answered 429: the body is empty."),
        (
            text(400, r#"{"error":"x","error_description":"AADSTS90002: Tenant not found."}"#),
            "answered 400: AADSTS90002: Tenant not found (tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment).",
        ),
    ] {
        for said in previews(reply).await {
            let line = said.lines().nth(1).unwrap();
            assert_eq!(line, format!("{login} {why}"));
        }
    }
}

/// Azure's own words, with everything that steers a terminal.
fn hostile() -> impl Strategy<Value = String> {
    prop::string::string_regex(
        "[a-zA-Z0-9 \u{1b}\u{7}\u{0}\r\n\t\u{85}\u{9b}\u{200b}\u{202e}\u{2066}\u{feff}]{1,40}",
    )
    .unwrap()
}

proptest! {
    #[test]
    fn no_control_character_of_a_body_is_kept(evil in hostile(), other in hostile()) {
        let pool = value!({
            "name": evil, "mode": other, "osType": evil, "osSKU": evil, "nodeImageVersion": evil,
            "currentOrchestratorVersion": "1.34.2", "provisioningState": evil, "powerState": { "code": evil },
            "upgradeSettings": { "maxSurge": evil, "maxUnavailable": other }, "type": other,
        });
        let body = value!({
            "location": evil,
            "properties": {
                "currentKubernetesVersion": "1.34.2", "provisioningState": other, "agentPoolProfiles": [pool],
                "autoUpgradeProfile": { "upgradeChannel": evil, "nodeOSUpgradeChannel": other },
                "status": { "provisioningError": { "code": evil, "message": other } },
            },
        });
        let run = value!({ "id": format!("/fleets/{evil}/updateRuns/{other}"), "properties": { "status": {
            "status": { "state": evil }, "stages": [{ "groups": [{ "members": [
                { "clusterResourceId": "/a", "status": { "state": "NotStarted" } } ] }] }] } } });
        let list = value!({ "value": [{ "name": "default", "properties": {
            "timeInWeek": [{ "day": evil, "hourSlots": [1] }], "notAllowedTime": [{ "start": evil, "end": other }] } }] });
        let steers = |c: char| c.is_control() || "\u{200b}\u{202e}\u{2066}\u{feff}".contains(c);
        let cluster = response::cluster(&prod(), &body).unwrap();
        let runs = response::update_runs("/a", [&run]);
        let maintenance = response::maintenance_configuration(&list, "default").unwrap();
        let image = response::latest_image(&value!({ "properties": { "latestNodeImageVersion": evil } }));
        let mut kept = vec![cluster.location.clone(), format!("{:?}", cluster.state)];
        kept.extend([&cluster.auto_upgrade_channel, &cluster.node_os_channel].into_iter().flatten().cloned());
        for pool in &cluster.pools {
            kept.extend([pool.name.clone(), pool.os_type.clone(), pool.os_sku.clone(), pool.image.to_string()]);
            kept.extend([&pool.max_surge, &pool.max_unavailable].into_iter().flatten().cloned());
        }
        runs.iter().for_each(|run| kept.extend([run.fleet.clone(), run.name.clone(), run.state.clone()]));
        kept.extend(maintenance.time_in_week.iter().map(|(day, _)| day.clone()));
        kept.extend(maintenance.not_allowed_time.iter().flat_map(|(start, end)| [start.clone(), end.clone()]));
        kept.extend(image.map(|image| image.to_string()));
        for text in &kept {
            prop_assert!(!text.chars().any(steers), "{:?}", text);
        }
    }
}
