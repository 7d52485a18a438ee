//! The login of the Azure CLI.

use std::ffi::OsStr;
use std::io;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_identity::{AzureCliCredential, AzureCliCredentialOptions, Executor};

use crate::arm::error::causes;

/// `az` starts in a second or two and answers at once or hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// The login of the Azure CLI, which has no timeout of its own.
#[derive(Debug)]
pub(super) struct CliLogin(Arc<AzureCliCredential>);

impl CliLogin {
    /// Takes the login to a tenant, else to the tenant of a subscription, else the current one.
    pub(super) fn new(tenant_id: Option<String>, subscription: Option<String>) -> Result<Self, String> {
        let options = AzureCliCredentialOptions {
            // `az` refuses both together.
            subscription: subscription.filter(|_| tenant_id.is_none()),
            tenant_id,
            executor: Some(Arc::new(Az)),
        };
        AzureCliCredential::new(Some(options)).map(CliLogin).map_err(|error| causes(&error))
    }

    /// Runs `az account get-access-token`.
    pub(super) async fn token(&self, scope: &str) -> Result<AccessToken, String> {
        match tokio::time::timeout(PATIENCE, self.0.get_token(&[scope], None)).await {
            Ok(answer) => answer.map_err(|error| advised(&causes(&error))),
            Err(_) => Err(format!("`az` did not answer within {} s", PATIENCE.as_secs())),
        }
    }
}

fn advised(cause: &str) -> String {
    let cause = cause.strip_prefix("AzureCliCredential authentication failed. ").unwrap_or(cause);
    let troubleshooting = cause.find("To troubleshoot").unwrap_or(cause.len());
    let cause = cause[..troubleshooting].trim_end().trim_end_matches('.');
    if cause.contains("az login") { cause.to_owned() } else { format!("{cause} (run `az login`)") }
}

/// Starts `az` away from our standard input, which is Terraform's, and ends it when nobody waits any more.
#[derive(Debug)]
struct Az;

#[async_trait]
impl Executor for Az {
    async fn run(&self, program: &OsStr, args: &[&OsStr]) -> io::Result<Output> {
        tokio::process::Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
    }
}
