//! Errors of Azure and of the way to it: the fact, and what to do about it.

use std::fmt::Write;

use crate::arm::error::{Error, SignInError};
use crate::arm::refusal::Refusal;

/// Says what went wrong and, where that is known, what to do about it; whole sentences.
#[must_use]
pub fn sentence(error: &Error) -> String {
    match error {
        Error::Azure(refusal) | Error::Unauthorized(refusal) => format!("{error}{}", advice(refusal)),
        Error::SignIn(ways) => sign_in(ways),
        Error::Endpoint { .. } => format!("{error} A correct example is \"https://management.azure.com\"."),
        Error::Metadata { .. } => format!("{error} A correct example is \"management.azure.com\"."),
        Error::Deadline { attempts: 0, last, .. } if last.is_sign_in() => sentence(last),
        Error::Deadline { call, attempts, last } if !matches!(**last, Error::Unsent { .. }) => {
            let plural = if *attempts == 1 { "" } else { "s" };
            format!(
                "{call} did not succeed before its deadline ({attempts} attempt{plural} tried); the last answer was: {}",
                sentence(last)
            )
        }
        _ => error.to_string(),
    }
}

/// Returns what to do about a refusal, as a sentence after a space; nothing for most.
fn advice(refusal: &Refusal) -> &'static str {
    if refusal.message.contains("latest NodeImageVersion") {
        return " The pool's node image is too old for any other write: upgrade the image first (node_image, or az aks nodepool upgrade --node-image-only), then go on.";
    }
    match (refusal.status, refusal.code.as_str()) {
        (300..=399, _) => {
            " The access token stays on its host: check endpoint (ARM_RESOURCE_MANAGER_ENDPOINT) and the proxy in between (HTTPS_PROXY)."
        }
        (_, "InvalidAuthenticationTokenAudience") => {
            " The token is for another cloud: check environment, audience and endpoint (ARM_ENVIRONMENT)."
        }
        (_, "ExpiredAuthenticationToken") => {
            " A new token was asked for and refused too; check this machine's clock."
        }
        (401, _) => " Check that the credential belongs to the tenant of the subscription (ARM_TENANT_ID).",
        (_, "SubscriptionNotFound" | "InvalidSubscriptionId") => {
            " Check the subscription in cluster_id, the cloud (environment), and that the identity has a role in that subscription."
        }
        _ => "",
    }
}

/// Says why there is no token: a line for each way to sign in.
fn sign_in(SignInError { tried, others }: &SignInError) -> String {
    let mut text = String::new();
    if let Some((way, reason)) = tried {
        text = format!("No access token for Azure. {way} is configured, and failed:\n");
        line(&mut text, way, &advised(way, reason));
    } else {
        text.push_str("No way to sign in to Azure is configured:\n");
    }
    if tried.is_some() && !others.is_empty() {
        text.push_str("The other ways to sign in:\n");
    }
    others.iter().for_each(|(way, reason)| line(&mut text, way, reason));
    if tried.is_none() {
        text.push_str(
            "Set what one of them needs, e.g. ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET, or ARM_USE_CLI=true and run `az login`.",
        );
    }
    text.trim_end().to_owned()
}

/// Terraform leaves lines alone that begin with a space.
fn line(text: &mut String, way: &str, reason: &str) {
    // Writing to a text does not fail.
    let _ = writeln!(text, "  {way}: {}.", reason.trim_end_matches('.'));
}

/// What to do about Entra's codes; from <https://learn.microsoft.com/entra/identity-platform/reference-error-codes>.
const ENTRA: [(&str, &str); 11] = [
    (
        "AADSTS7000215",
        "client_secret (ARM_CLIENT_SECRET) is not a secret of this application; take the secret's value, not its id",
    ),
    ("AADSTS7000222", "the client secret has expired; create a new one"),
    (
        "AADSTS700016",
        "client_id (ARM_CLIENT_ID) is not an application of tenant_id (ARM_TENANT_ID); check both",
    ),
    ("AADSTS90002", "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment"),
    ("AADSTS900023", "tenant_id (ARM_TENANT_ID) is not a tenant of this cloud; check it and environment"),
    (
        "AADSTS700027",
        "the certificate is not one of this application, or has expired; upload its public part to the application",
    ),
    ("AADSTS700024", "the assertion has expired or is not valid yet; check this machine's clock"),
    (
        "AADSTS70021",
        "no federated credential of the application fits issuer, subject and audience of the token; add one",
    ),
    ("AADSTS700213", "no federated credential of the application fits the subject of the token; add one"),
    (
        "AADSTS900382",
        "the tenant is in another cloud; check environment (ARM_ENVIRONMENT) and authority_host",
    ),
    ("AADSTS500011", "this tenant does not know the audience; check audience and environment"),
];

/// Adds what to do about the reason of a way to sign in.
fn advised(way: &str, reason: &str) -> String {
    // A code ends with a colon: AADSTS700021 is not AADSTS70002.
    let entra = ENTRA.iter().find(|(code, _)| reason.contains(&format!("{code}:")));
    let silent = reason.contains("not answer");
    let logged_out = way == "Azure CLI" && !silent;
    match entra {
        Some((_, advice)) => format!("{reason} ({advice})"),
        None if logged_out && !reason.contains("az login") => format!("{reason} (run `az login`)"),
        None => reason.to_owned(),
    }
}
