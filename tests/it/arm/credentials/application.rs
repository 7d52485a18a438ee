//! A client secret, and what Entra ID says against it.

use std::time::Duration;

use terraform_provider_aks::arm::credential::{Cloud, Credentials};

use super::{CLIENT, TENANT, asked, granted, grants, refused, said, tokens, with_secret};
use crate::arm::script::{Reply, Script, json, text};
use serde_json::json;

#[tokio::test(start_paused = true)]
async fn a_client_secret() {
    let script = Script::new([grants("one"), grants("two")]);
    let tokens = tokens(&with_secret(), &script);
    let token = tokens.bearer().await.unwrap();
    assert_eq!((token.secret(), tokens.bearer().await.unwrap().secret()), ("one", "one"));
    let [seen] = script.seen().try_into().unwrap();
    assert_eq!(seen.line, format!("POST https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token"));
    assert_eq!(
        seen.body,
        format!(
            "client_id={CLIENT}&client_secret=s3cr3t&grant_type=client_credentials\
             &scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
        )
    );
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    tokens.forget(&token).await;
    assert_eq!(tokens.bearer().await.unwrap().secret(), "two", "a refused token is not given again");
}

#[tokio::test(start_paused = true)]
async fn ten_calls_share_one_request() {
    let script = Script::new([Reply::Late(Duration::from_secs(1), Box::new(grants("one"))), grants("two")]);
    let tokens = tokens(&with_secret(), &script);
    let all = futures::future::join_all((0..10).map(|_| tokens.bearer())).await;
    assert!(all.into_iter().all(|token| token.unwrap().secret() == "one"));
    assert_eq!(script.seen().len(), 1);
    tokio::time::advance(Duration::from_secs(3599 - 299)).await;
    let all = futures::future::join_all((0..10).map(|_| tokens.bearer())).await;
    assert!(all.into_iter().all(|token| token.unwrap().secret() == "two"), "renewed before it expires");
    assert_eq!(script.seen().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_cloud_another_authority() {
    let cloud = |cloud| Credentials { cloud, ..with_secret() };
    let host = |host: &str| Credentials { authority_host: Some(host.into()), ..with_secret() };
    for (credentials, line) in [
        (cloud(Cloud::China), "https://login.chinacloudapi.cn"),
        (cloud(Cloud::UsGovernment), "https://login.microsoftonline.us"),
        (host("https://127.0.0.1:8443"), "https://127.0.0.1:8443"),
        (host("https://adfs.example/adfs/"), "https://adfs.example/adfs"),
        (host("http://127.0.0.1:8080/"), "http://127.0.0.1:8080"),
        (host("http://localhost:8080"), "http://localhost:8080"),
    ] {
        let seen = asked(&credentials, [granted()]).await;
        assert_eq!(seen[0].line, format!("POST {line}/{TENANT}/oauth2/v2.0/token"));
    }
}

#[test]
fn a_wrong_configuration_is_said_at_once() {
    let authority = |host: &str| Credentials { authority_host: Some(host.into()), ..with_secret() };
    for (credentials, sentence) in [
        (
            Credentials { tenant_id: Some("my tenant/../x".into()), ..with_secret() },
            "Client secret cannot be used: \"my tenant/../x\" is not a tenant; write its id, e.g. \"72f988bf-86f1-41af-91ab-2d7cd011db47\", or its domain.",
        ),
        (
            authority("http://login.example"),
            "Client secret cannot be used: \"http://login.example\" is not an https URL; plain http may only go to this machine.",
        ),
        (
            authority("login.example"),
            "Client secret cannot be used: \"login.example\" is not an absolute URL; write one such as \"https://login.microsoftonline.com\".",
        ),
        (
            authority("https://me:canary@login.example"),
            "Client secret cannot be used: the URL of login.example holds a user or a password.",
        ),
    ] {
        assert_eq!(refused(&credentials), sentence);
    }
}

#[tokio::test(start_paused = true)]
async fn entra_says_why_and_we_say_what_to_do() {
    for (code, message, advice) in [
        (
            "7000215",
            "Invalid client secret provided",
            "client_secret (ARM_CLIENT_SECRET) is not a secret of this application; take the secret's value, not its id",
        ),
        (
            "7000222",
            "The provided client secret keys for app are expired",
            "the client secret has expired; create a new one",
        ),
        (
            "700016",
            "Application with identifier was not found in the directory",
            "client_id (ARM_CLIENT_ID) is not an application of tenant_id (ARM_TENANT_ID); check both",
        ),
        (
            "90002",
            "Tenant not found",
            "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment",
        ),
        (
            "900023",
            "Specified tenant identifier is neither a valid DNS name, nor a valid external domain",
            "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment",
        ),
        (
            "900382",
            "Confidential Client is not supported in Cross Cloud request",
            "the tenant is in another cloud; check environment (ARM_ENVIRONMENT) and authority_host",
        ),
        (
            "700027",
            "The certificate with identifier used to sign the client assertion is not registered",
            "the certificate is not one of this application, or has expired; upload its public part to the application",
        ),
        (
            "700024",
            "Client assertion is not within its valid time range",
            "the assertion has expired or is not valid yet; check this machine's clock",
        ),
        (
            "70021",
            "No matching federated identity record found for presented assertion",
            "no federated credential of the application fits issuer, subject and audience of the token; add one",
        ),
        (
            "500011",
            "The resource principal was not found in the tenant",
            "this tenant does not know the audience; check audience and environment",
        ),
    ] {
        let body = json!({ "error": "invalid_client", "error_codes": [code.parse::<u32>().unwrap()],
            "error_description": format!("AADSTS{code}: {message}.\r\nTrace ID: t Correlation ID: c") });
        assert_eq!(
            said(&with_secret(), json(401, &body)).await,
            format!(
                "No access token for Azure. Client secret is configured, and failed:\n  \
                 Client secret: POST https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token answered 401: \
                 AADSTS{code}: {message}. Trace ID: t Correlation ID: c ({advice}).\n\
                 The other ways to sign in:\n  \
                 Client certificate: client_certificate_path (ARM_CLIENT_CERTIFICATE_PATH) not set.\n  \
                 OpenID Connect: use_oidc (ARM_USE_OIDC) is not true.\n  \
                 AKS workload identity: use_aks_workload_identity (ARM_USE_AKS_WORKLOAD_IDENTITY) is not true.\n  \
                 Managed identity: use_msi (ARM_USE_MSI) is not true.\n  \
                 Azure CLI: it is switched off (use_cli, ARM_USE_CLI)."
            )
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final_and_trouble_passes() {
    let script = Script::new([text(401, "{\"error\":\"invalid_client\"}")]);
    tokens(&with_secret(), &script).bearer().await.unwrap_err();
    assert_eq!(script.seen().len(), 1, "a wrong secret locks the account when it is repeated");
    let slow = text(429, "").header("retry-after", "7");
    for trouble in [slow, text(503, "<html>"), Reply::NotSent, Reply::Dropped, Reply::Cut, Reply::Silent] {
        let seen = asked(&with_secret(), [trouble, granted()]).await;
        assert_eq!(seen.len(), 2);
    }
}

#[track_caller]
fn shows(sentence: &str, part: &str) {
    assert!(sentence.contains(part), "{part:?} is not in {sentence:?}");
}

#[tokio::test(start_paused = true)]
async fn trouble_that_does_not_pass() {
    for (reply, part) in [
        (
            text(503, "<html><title>Our services aren't available</title></html>"),
            "answered 503: an HTML page titled \"Our services aren't available\".",
        ),
        (Reply::NotSent, "got no answer: Connection refused (os error 111)."),
        (Reply::Silent, "got no answer: no whole answer within 10 s."),
        (Reply::Endless, "got an answer that cannot be understood: its body is larger than 1 MiB."),
        (text(200, "<html>"), "got an answer that cannot be understood: the body is not JSON"),
        (text(200, "{}"), "the answer of the token service lacks access_token."),
        (
            json(200, &json!({ "access_token": "canary" })),
            "the answer of the token service lacks expires_in.",
        ),
    ] {
        shows(&said(&with_secret(), reply).await, part);
    }
}
