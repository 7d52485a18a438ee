//! No secret is shown: not by an error, not by `Debug`, not in the log at its loudest.

use std::sync::Arc;

use azure_core::credentials::Secret;
use serde_json::json;
use terraform_provider_aks::arm::credential::Credentials;
use terraform_provider_aks::arm::token::{Credential, Tokens};
use terraform_provider_aks::arm::transport::https;
use terraform_provider_aks::provider::words::errors::sentence;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;

use super::{SCOPE, application, child};
use crate::arm::client::Log;
use crate::arm::script::{Reply, Script, json, text};
use crate::house::listen::listen;

fn secret(text: &str) -> Option<Secret> {
    Some(Secret::new(text.to_owned()))
}

/// Every way to sign in whose secret goes over the wire, each with a canary.
fn ways() -> Vec<Credentials> {
    let oidc = || Credentials { use_oidc: true, ..application() };
    let requested = || Credentials {
        oidc_request_url: Some("https://issuer.example/token?sig=canary".into()),
        oidc_request_token: secret("request-canary"),
        ..oidc()
    };
    let certificate =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/arm/credentials/certificates/modern.pfx").to_owned();
    vec![
        Credentials { client_secret: secret("secret-canary"), ..application() },
        Credentials {
            client_certificate_path: Some(certificate),
            client_certificate_password: secret("pfx-canary"),
            ..application()
        },
        Credentials { oidc_token: secret("issued-canary"), ..oidc() },
        requested(),
        Credentials { service_connection: Some("connection".into()), ..requested() },
        Credentials {
            use_msi: true,
            identity_endpoint: Some("http://127.0.0.1:1/token".into()),
            identity_header: secret("header-canary"),
            ..Credentials::default()
        },
        Credentials { token: secret("given-canary"), ..application() },
    ]
}

#[test]
fn nothing_is_shown_by_debug() {
    for credentials in ways() {
        let credential: Arc<dyn Credential> = credentials.credential(Script::new([text(500, "")])).unwrap();
        let shown = format!("{credentials:?} {credential:?}");
        assert!(!shown.contains("canary"), "{shown}");
    }
}

/// Answers that repeat what they were shown, as proxies do.
fn echoes() -> Vec<Reply> {
    let everything = "secret-canary request-canary issued-canary header-canary";
    vec![
        json(400, &json!({ "error": "invalid_client", "error_description": everything })),
        text(503, &format!("<html><title>{everything}</title></html>")),
        json(200, &json!({ "value": "issued-canary", "oidcToken": "issued-canary" })),
    ]
}

// Who listens to the log is settled once for a process, so a process of its own listens.

#[test]
fn nothing_is_shown_of_a_failure() {
    assert_eq!(child::run("fails to sign in", &[]), "nothing secret");
}

#[test]
fn nothing_is_logged_on_the_wire() {
    assert_eq!(child::run("signs in", &[]), "nothing secret");
}

/// Fails to sign in, in every way.
pub async fn fail() {
    let log = Log::default();
    let guard = listen(log.clone());
    for credentials in ways() {
        for echo in echoes() {
            let tokens = Tokens::new(credentials.credential(Script::new([echo])).unwrap(), SCOPE.into());
            let Err(error) = tokens.bearer().await else { continue };
            let own = own_canary(&credentials);
            let said = sentence(&error);
            assert!(!said.contains(own), "{own}: {said}");
        }
    }
    drop(guard);
    let log = log.0.lock().unwrap().clone();
    assert!(log.contains("waiting before the request is sent again"), "{log}");
    assert!(!log.contains("Bearer"), "{log}");
}

/// A server that invents a secret cannot be silenced; one that repeats ours is.
fn own_canary(credentials: &Credentials) -> &'static str {
    match credentials {
        Credentials { client_secret: Some(_), .. } => "secret-canary",
        Credentials { oidc_token: Some(_), .. } => "issued-canary",
        Credentials { oidc_request_token: Some(_), .. } => "request-canary",
        Credentials { identity_header: Some(_), .. } => "header-canary",
        _ => "pfx-canary",
    }
}

/// Signs in at a simulator, over HTTP.
pub async fn sign_in() {
    let log = Log::default();
    let guard = listen(log.clone());
    let simulator = Simulator::start(
        Scenario::parse("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"", ".".as_ref()).unwrap(),
        std::net::SocketAddr::from(([127, 0, 0, 1], 0)),
    );
    let simulator = simulator.await.unwrap();
    for credentials in ways().into_iter().take(3) {
        let credentials = Credentials { authority_host: Some(simulator.url()), ..credentials };
        let tokens = Tokens::new(credentials.credential(https().unwrap()).unwrap(), SCOPE.into());
        let token = tokens.bearer().await.unwrap();
        let log = log.0.lock().unwrap().clone();
        assert!(log.contains("/oauth2/v2.0/token"), "{log}");
        for secret in ["canary", token.secret(), "client_assertion"] {
            assert!(!log.contains(secret), "{secret}: {log}");
        }
    }
    drop(guard);
}
