//! The identity of a machine.

use std::time::Duration;

use azure_core::credentials::Secret;
use serde_json::json;
use terraform_provider_aks::arm::credential::Credentials;
use terraform_provider_aks::clock;

use super::{CLIENT, asked, refused, said, tokens};
use crate::arm::script::{Reply, Script, json, text};

const SERVICE: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

fn machine() -> Credentials {
    Credentials { use_msi: true, ..Credentials::default() }
}

/// The metadata service writes numbers as texts.
fn metadata_grants() -> Reply {
    let expires = clock::now().as_second() + 86_400;
    json(
        200,
        &json!({ "access_token": "granted", "expires_in": "86399", "expires_on": expires.to_string(), "token_type": "Bearer" }),
    )
}

#[tokio::test(start_paused = true)]
async fn of_the_system_and_of_the_user() {
    let seen = asked(&machine(), [metadata_grants()]).await;
    let resource = "api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com";
    assert_eq!(seen[0].line, format!("GET {SERVICE}?{resource}"));
    assert_eq!(seen[0].header("metadata"), Some("true"));
    let user = Credentials { client_id: Some(CLIENT.into()), ..machine() };
    let seen = asked(&user, [metadata_grants()]).await;
    assert_eq!(seen[0].line, format!("GET {SERVICE}?{resource}&client_id={CLIENT}"));
}

#[tokio::test(start_paused = true)]
async fn of_app_service() {
    let app = Credentials {
        identity_endpoint: Some("http://127.0.0.1:41741/msi/token".into()),
        identity_header: Some(Secret::new("header-canary")),
        ..machine()
    };
    let expires = clock::now().as_second() + 3600;
    let grants = json(200, &json!({ "access_token": "granted", "expires_on": expires.to_string() }));
    let seen = asked(&app, [grants]).await;
    assert_eq!(
        seen[0].line,
        "GET http://127.0.0.1:41741/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com"
    );
    assert_eq!(seen[0].header("x-identity-header"), Some("header-canary"));
    let refusal = text(400, "{\"statusCode\":400,\"message\":\"No Managed Identity found\"}");
    let sentence = said(&app, refusal).await;
    assert!(sentence.contains("  Managed identity: GET http://127.0.0.1:41741/msi/token answered 400: No Managed Identity found.\n"), "{sentence}");
}

/// The request line and the two headers that tell how a service is spoken to.
async fn spoken(endpoint: Option<&str>, version: Option<&str>) -> (String, bool, bool) {
    let app = Credentials {
        identity_endpoint: Some("http://127.0.0.1:42356/msi/token".into()),
        identity_header: Some(Secret::new("header-canary")),
        msi_endpoint: endpoint.map(str::to_owned),
        msi_api_version: version.map(str::to_owned),
        ..machine()
    };
    let seen = asked(&app, [metadata_grants()]).await;
    let line = seen[0].line.split('&').next().unwrap().to_owned();
    (line, seen[0].header("x-identity-header").is_some(), seen[0].header("metadata").is_some())
}

#[tokio::test(start_paused = true)]
async fn of_container_apps_as_azurerm_is_told() {
    let own = "http://127.0.0.1:42356/msi/token";
    let spoken_as_app = (format!("GET {own}?api-version=2019-08-01"), true, false);
    assert_eq!(spoken(None, None).await, spoken_as_app);
    assert_eq!(spoken(Some(own), None).await, spoken_as_app);
    assert_eq!(spoken(Some(own), Some("2019-08-01")).await, spoken_as_app);
    let other = "http://127.0.0.1:1/token";
    let line = |version: &str| format!("GET {other}?api-version={version}");
    assert_eq!(spoken(Some(other), None).await, (line("2018-02-01"), false, true));
    assert_eq!(spoken(Some(other), Some("2020-06-01")).await, (line("2020-06-01"), false, true));
    assert_eq!(spoken(Some(other), Some("2019-08-01")).await, (line("2019-08-01"), true, false));
}

#[tokio::test(start_paused = true)]
async fn a_service_that_starts() {
    for passing in [404, 410, 429, 500] {
        let seen = asked(&machine(), [text(passing, ""), metadata_grants()]).await;
        assert_eq!(seen.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_without_identity_or_outside_of_azure() {
    let none = json!({ "error": "invalid_request", "error_description": "Identity not found" });
    let sentence = said(&machine(), json(400, &none)).await;
    assert!(sentence.contains(&format!("GET {SERVICE} answered 400: Identity not found.")), "{sentence}");
    let script = Script::new([Reply::Silent]);
    let started = tokio::time::Instant::now();
    let sentence = tokens(&machine(), &script).bearer().await.unwrap_err().to_string();
    assert!(
        sentence.contains(&format!("GET {SERVICE} got no answer: no whole answer within 5 s.")),
        "{sentence}"
    );
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn only_beside_this_machine_in_the_clear() {
    let elsewhere = Credentials { msi_endpoint: Some("http://10.0.0.4/token".into()), ..machine() };
    assert_eq!(
        refused(&elsewhere),
        "Managed identity cannot be used: \"http://10.0.0.4/token\" is not an https URL; plain http may only go to this machine."
    );
}
