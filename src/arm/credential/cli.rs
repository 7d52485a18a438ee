//! The login of the Azure CLI.

use std::process::Stdio;
use std::time::Duration;

use azure_core::credentials::Secret;
use jiff::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::timeout;

use crate::arm::redact::Redactor;
use crate::arm::text;
use crate::arm::token::AccessToken;

/// `az` starts in a second or two and answers at once or hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token is some KiB; what goes wrong is said in fewer.
const LARGEST: u64 = 64 << 10;

/// The login of the Azure CLI, which has no timeout of its own.
///
/// Our own and not that of `azure_identity`: the crate builds a shell line, reads without bound, hides what `az`
/// says inside a longer sentence, and gives no hold on the processes that it starts.
#[derive(Debug)]
pub(super) struct CliLogin {
    /// Which account, in the words of `az`: `--tenant` or `--subscription` with its value.
    account: Vec<String>,
}

impl CliLogin {
    /// Takes the login to a tenant, else to the tenant of a subscription, else the current one.
    pub(super) fn new(tenant_id: Option<String>, subscription: Option<String>) -> Result<Self, String> {
        // `az` refuses both together.
        let account = match (tenant_id, subscription) {
            (Some(tenant), _) => vec!["--tenant".to_owned(), tenant],
            (None, Some(subscription)) => vec!["--subscription".to_owned(), subscription],
            (None, None) => Vec::new(),
        };
        // On Windows `az` is a batch file, whose arguments a shell reads.
        let named = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
        match account.last().filter(|name| !name.chars().all(named)) {
            Some(wrong) => Err(format!("{wrong:?} is neither a tenant nor a subscription")),
            None => Ok(CliLogin { account }),
        }
    }

    /// Runs `az account get-access-token`.
    pub(super) async fn token(&self, scope: &str) -> Result<AccessToken, String> {
        let answered = timeout(PATIENCE, self.run(scope)).await;
        let silent = |_| format!("`az` did not answer within {} s", PATIENCE.as_secs());
        read(&answered.map_err(silent)??)
    }

    async fn run(&self, scope: &str) -> Result<Vec<u8>, String> {
        let mut child = az()
            .args(["account", "get-access-token", "-o", "json", "--scope", scope])
            .args(&self.account)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => "az not found on PATH".to_owned(),
                _ => format!("`az` cannot be started ({error})"),
            })?;
        let (out, err) = tokio::try_join!(all(child.stdout.take()), all(child.stderr.take()))?;
        let status = child.wait().await.map_err(|error| format!("`az` was lost ({error})"))?;
        if status.success() { Ok(out) } else { Err(failure(&String::from_utf8_lossy(&err), status.code())) }
    }
}

fn az() -> Command {
    if cfg!(windows) {
        let mut shell = Command::new("cmd");
        shell.args(["/C", "az"]);
        shell
    } else {
        Command::new("az")
    }
}

/// Reads a stream of `az` to its end.
async fn all(stream: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, String> {
    let mut read = Vec::new();
    if let Some(stream) = stream {
        let bounded = stream.take(LARGEST + 1).read_to_end(&mut read).await;
        bounded.map_err(|error| format!("the output of `az` cannot be read ({error})"))?;
    }
    if read.len() as u64 > LARGEST {
        Err(format!("`az` wrote more than {} KiB", LARGEST >> 10))
    } else {
        Ok(read)
    }
}

fn failure(said: &str, code: Option<i32>) -> String {
    match text::plain(&Redactor::default().clean(said), 1000) {
        silent if silent.is_empty() => match code {
            Some(code) => format!("`az` ended with exit code {code} and said nothing"),
            None => "`az` was ended by a signal".to_owned(),
        },
        said => said.trim_end_matches('.').to_owned(),
    }
}

/// Reads `{"accessToken": "…", "expires_on": 1764295200, …}`.
fn read(answer: &[u8]) -> Result<AccessToken, String> {
    let answer = text::json(answer).map_err(|cause| format!("`az` gave no token: {cause}"))?;
    let secret = answer.get("accessToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    let secret = secret.ok_or("the answer of `az` lacks accessToken")?;
    let expires = answer.get("expires_on").and_then(Value::as_i64);
    let expires = expires.and_then(|seconds| Timestamp::from_second(seconds).ok());
    // Older ones say it in local time, without a zone.
    let expires = expires.ok_or("the answer of `az` lacks expires_on; use Azure CLI 2.54 or newer")?;
    Ok(AccessToken { secret: Secret::new(secret.to_owned()), expires })
}
