//! Who is let in: tokens and secrets, API versions, subscriptions, allowed actions.

use super::fixture::{Answer, Azure, PROD};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

const STAGE: &str = "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n";

fn log_in(azure: &mut Azure, secret: &str) -> Answer {
    let form = format!("grant_type=client_credentials&client_id=me&client_secret={secret}");
    let request = Request::post("https://localhost/tenant/oauth2/v2.0/token").body(Bytes::from(form));
    azure.send(request.unwrap())
}

fn get(azure: &mut Azure, path: &str, token: &str) -> Answer {
    let request = Request::get(format!("https://localhost{path}")).header("authorization", token);
    azure.send(request.body(Bytes::new()).unwrap())
}

#[test]
fn only_the_right_secret_gets_a_token() {
    let mut azure = Azure::new(&format!("[entra]\nsecret = \"a+b c/%\"\n{STAGE}"));
    assert_eq!(log_in(&mut azure, "a%2Bb+c%2F%25").status, 200);
    let refused = log_in(&mut azure, "other").expect(401).body;
    assert_eq!(refused["error"], "invalid_client");
    assert_eq!(refused["error_codes"], json!([7_000_215]));
    let said = refused["error_description"].as_str().unwrap();
    assert!(said.starts_with("AADSTS7000215: Invalid client secret provided. Ensure"), "{said}");
    assert!(said.ends_with("Timestamp: 2026-11-22 09:00:00Z"), "{said}");
}

#[test]
fn a_token_expires_when_scripted() {
    let mut azure = Azure::new(&format!("[entra]\ntoken_lives = \"1h\"\n{STAGE}"));
    let token = log_in(&mut azure, "any").body;
    assert_eq!(token["expires_in"], 3600);
    let token = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let path = format!("{PROD}?api-version=2026-08-01");
    assert_eq!(get(&mut azure, &path, &token).status, 200);
    azure.wait(3601);
    let refused = get(&mut azure, &path, &token);
    assert_eq!(
        refused.refusal(),
        "401 ExpiredAuthenticationToken: The access token expiry UTC time '11/22/2026 10:00:00 AM' is earlier than current UTC time '11/22/2026 10:00:01 AM'."
    );
    assert!(refused.header("www-authenticate").contains("invalid_token"));
}

#[test]
fn where_to_ask_is_told_in_three_ways() {
    let mut azure = Azure::prod();
    for (path, tenant) in [
        ("/t1/v2.0/.well-known/openid-configuration", "t1"),
        ("/t1/v2.0/.well-known/openid-configuration?", "t1"),
        ("/adfs/.well-known/openid-configuration", "adfs"),
    ] {
        let told = get(&mut azure, path, "").expect(200).body;
        assert_eq!(told["token_endpoint"], format!("https://localhost/{tenant}/oauth2/v2.0/token"), "{path}");
    }
    let path = "/common/discovery/instance?api-version=1.1&authorization_endpoint=x";
    let told = get(&mut azure, path, "").expect(200).body;
    assert_eq!(told["metadata"][0]["aliases"], json!(["localhost"]));
}

#[track_caller]
fn version(query: &str, refusal: &str) {
    let mut azure = Azure::prod();
    let said = get(&mut azure, &format!("{PROD}{query}"), "Bearer any").refusal();
    assert!(said.starts_with(refusal), "{query}: {said}");
}

#[test]
fn api_versions_are_checked() {
    version("", "400 MissingApiVersionParameter: ");
    version("?api-version=", "400 MissingApiVersionParameter: ");
    version("?api-version=1", "400 InvalidApiVersionParameter: The api-version '1' is invalid.");
    version("?api-version=2026-13-01", "400 InvalidApiVersionParameter: ");
    let unknown = "400 NoRegisteredProviderFound: No registered resource provider found for location 'westeurope' and API version '2016-03-30' for type 'managedClusters'.";
    version("?api-version=2016-03-30", unknown);
    version("?api-version=2027-01-01", "400 NoRegisteredProviderFound: ");
    for fine in ["2018-03-31", "2025-10-01", "2026-08-01", "2026-08-02-preview"] {
        version(&format!("?api-version={fine}"), "200 -");
    }
}

#[test]
fn an_unknown_subscription_is_not_found() {
    let other = PROD.replace("00000000-0000", "99999999-0000");
    assert_eq!(
        Azure::prod().get(&other).refusal(),
        "404 SubscriptionNotFound: The subscription '99999999-0000-0000-0000-000000000000' could not be found."
    );
}

/// What is refused while only these actions are allowed.
#[track_caller]
fn may(allowed: &str, method: &str, path: &str, refused: Option<(&str, &str)>) {
    let mut azure = Azure::new(&format!("[entra]\nallow = [{allowed}]\n{STAGE}"));
    let answer = azure.ask(method, &format!("{PROD}{path}"), Value::Null, &[]);
    match refused {
        None => assert_ne!(answer.status, 403, "{method} {path}"),
        Some((action, scope)) => assert_eq!(
            answer.refusal(),
            format!(
                "403 AuthorizationFailed: The client '22222222-2222-2222-2222-222222222222' with object id '22222222-2222-2222-2222-222222222222' does not have authorization to perform action 'Microsoft.ContainerService/{action}' over scope '{PROD}{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
            )
        ),
    }
}

#[test]
fn only_allowed_actions_are_done() {
    let reader = "\"Microsoft.ContainerService/*/read\"";
    may(reader, "GET", "", None);
    may(reader, "GET", "/agentPools/user/upgradeProfiles/default", None);
    may(reader, "PUT", "", Some(("managedClusters/write", "")));
    may(reader, "PATCH", "", Some(("managedClusters/write", "")));
    may(
        reader,
        "DELETE",
        "/agentPools/user",
        Some(("managedClusters/agentPools/delete", "/agentPools/user")),
    );
    may(
        reader,
        "POST",
        "/agentPools/user/upgradeNodeImageVersion",
        Some(("managedClusters/agentPools/upgradeNodeImageVersion/action", "/agentPools/user")),
    );
    may("\"microsoft.containerservice/MANAGEDCLUSTERS/write\"", "PUT", "", None);
    may("\"Microsoft.ContainerService/*\"", "POST", "/abort", None);
    may(
        "\"Microsoft.ContainerService/managedClusters/read\"",
        "GET",
        "/upgradeProfiles/default",
        Some(("managedClusters/upgradeProfiles/read", "/upgradeProfiles/default")),
    );
    may("", "GET", "/agentPools", Some(("managedClusters/agentPools/read", "")));
}
