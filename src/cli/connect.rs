//! The sign-in of the provider, for what a person runs.

use anyhow::anyhow;

use crate::provider::Aks;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::provider::Provider;

/// Configures a provider as a block does that holds nothing but these two; all else comes from the variables.
///
/// # Errors
///
/// A value that is wrong, or no credential that can be used.
pub async fn connect(endpoint: Option<String>, poll_interval: Option<String>) -> anyhow::Result<Aks> {
    let provider = Aks::new(crate::cli::variable);
    let mut block = provider.schema().nulls();
    block.set("endpoint", endpoint.into());
    block.set("poll_interval", poll_interval.into());
    let refused = provider.configure(block, "none").await.into_iter().find(Diagnostic::is_error);
    match refused.or_else(|| provider.client().err()) {
        Some(error) => Err(anyhow!("{}: {}", error.summary, error.detail)),
        None => Ok(provider),
    }
}
