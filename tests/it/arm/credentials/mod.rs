//! Every way to sign in, against a scripted Entra ID, a simulator, and servers of this machine.

// Clippy knows test functions, but not the helpers that they share.
#![allow(clippy::unwrap_used)]

mod account;
mod application;
mod certificate;
mod child;
mod cli;
mod cloud;
mod federated;
mod managed_identity;
mod order;
mod provider;
mod secrecy;
mod tls;

use std::sync::Arc;

use azure_core::credentials::Secret;
use serde_json::json;
use terraform_provider_aks::arm::credential::Credentials;
use terraform_provider_aks::arm::token::Tokens;
use terraform_provider_aks::provider::words::errors::sentence;

use crate::arm::script::{Reply, Script, Seen, json, text};

const SCOPE: &str = "https://management.azure.com/.default";
const TENANT: &str = "22222222-2222-2222-2222-222222222222";
const CLIENT: &str = "33333333-3333-3333-3333-333333333333";

/// Returns an application that lacks its proof.
fn application() -> Credentials {
    Credentials { tenant_id: Some(TENANT.into()), client_id: Some(CLIENT.into()), ..Credentials::default() }
}

fn with_secret() -> Credentials {
    Credentials { client_secret: Some(Secret::new("s3cr3t")), ..application() }
}

fn tokens(credentials: &Credentials, script: &Arc<Script>) -> Tokens {
    Tokens::new(credentials.credential(script.clone()).unwrap(), SCOPE.into())
}

/// Signs in once and returns what was asked.
async fn asked(credentials: &Credentials, replies: impl IntoIterator<Item = Reply>) -> Vec<Seen> {
    let script = Script::new(replies);
    assert_eq!(tokens(credentials, &script).bearer().await.unwrap().secret(), "granted");
    script.seen()
}

/// Signs in, fails, and returns what is said.
async fn said(credentials: &Credentials, reply: Reply) -> String {
    sentence(&tokens(credentials, &Script::new([reply])).bearer().await.unwrap_err())
}

#[track_caller]
fn refused(credentials: &Credentials) -> String {
    sentence(&credentials.credential(Script::new([text(500, "")])).unwrap_err())
}

fn granted() -> Reply {
    grants("granted")
}

fn grants(token: &str) -> Reply {
    json(
        200,
        &json!({ "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token }),
    )
}

/// Returns a field of a form.
fn field(form: &str, name: &str) -> Option<String> {
    let url = azure_core::http::Url::parse(&format!("https://form.example/?{form}")).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
