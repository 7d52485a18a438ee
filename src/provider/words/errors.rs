//! Errors of Azure and of the way to it: the fact, and what to do about it.

use crate::arm::error::Error;
use crate::arm::refusal::Refusal;
use crate::provider::words::sign_in;

/// Says what went wrong and, where that is known, what to do about it; whole sentences.
#[must_use]
pub fn sentence(error: &Error) -> String {
    match error {
        Error::Azure(refusal) | Error::Unauthorized(refusal) => format!("{error}{}", advice(refusal)),
        Error::SignIn(ways) => sign_in::no_token(ways),
        Error::Credential { way, flaw } => format!("{way} cannot be used: {}.", sign_in::unusable(flaw)),
        Error::Endpoint { .. } => format!("{error} A correct example is \"https://management.azure.com\"."),
        Error::Metadata { .. } => format!("{error} A correct example is \"management.azure.com\"."),
        // Nobody cares which call it was.
        Error::Deadline { last, .. } if last.is_sign_in() => sentence(last),
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
