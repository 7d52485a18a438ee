//! The sign-in of the provider, for what a person runs.

use anyhow::anyhow;

use crate::arm::id::{IdError, check_group, check_subscription_id};
use crate::cli::exit::Usage;
use crate::provider::Aks;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::provider::Provider;

/// Configures a provider as a block does that holds nothing but these two; all else comes from the variables.
///
/// # Errors
///
/// A value that is wrong ([`Usage`]), or no credential that can be used.
pub async fn connect(endpoint: Option<String>, poll_interval: Option<String>) -> anyhow::Result<Aks> {
    let provider = Aks::new(crate::cli::variable);
    let mut block = provider.schema().nulls();
    block.set("endpoint", endpoint.into());
    block.set("poll_interval", poll_interval.into());
    if let Some(wrong) = provider.validate(&block).into_iter().find(Diagnostic::is_error) {
        return Err(Usage(format!("{}: {}", wrong.summary, wrong.detail)).into());
    }
    let refused = provider.configure(block, "none").await.into_iter().find(Diagnostic::is_error);
    match refused.or_else(|| provider.client().err()) {
        Some(error) => Err(anyhow!("{}: {}", error.summary, error.detail)),
        None => Ok(provider),
    }
}

/// Reads the id of a subscription.
///
/// # Errors
///
/// As [`check_subscription_id`].
pub fn subscription(text: &str) -> Result<String, IdError> {
    check_subscription_id(text).map(|()| text.to_owned())
}

/// Reads the name of a resource group.
///
/// # Errors
///
/// As [`check_group`].
pub fn group(text: &str) -> Result<String, IdError> {
    check_group(text).map(|()| text.to_owned())
}
