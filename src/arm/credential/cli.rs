//! The login of the Azure CLI.

use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::{Instant, timeout};

use crate::arm::error::sign_in::{AzError, NoToken, Unusable};
use crate::arm::redact::Redactor;
use crate::arm::text;
use crate::arm::token::{AccessToken, check_token};

/// `az` starts in a second or two and answers at once or hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token is some KiB; what goes wrong is said in fewer.
const LARGEST: u64 = 64 << 10;

/// The exit code of a shell that finds no `az`.
const NO_AZ: i32 = 127;

/// The longest word that is shown of what `az` says: ids and hosts are shorter, tokens longer.
const LONGEST_WORD: usize = 80;

/// The login of the Azure CLI, which has no timeout of its own.
///
/// Our own and not that of `azure_identity`: the crate builds a shell line, reads without bound, hides what `az`
/// says inside a longer sentence, and gives no hold on the processes that it starts.
#[derive(Debug)]
pub(super) struct CliLogin {
    /// Which account, in the words of `az`: `--tenant` or `--subscription` with its value.
    account: Vec<String>,
    /// Since when `az` has not answered.
    started: Mutex<Option<Instant>>,
}

impl CliLogin {
    /// Takes the login to a tenant, else to the tenant of a subscription, else the current one.
    pub(super) fn new(tenant_id: Option<String>, subscription: Option<String>) -> Result<Self, Unusable> {
        // `az` refuses both together.
        let account = match (tenant_id, subscription) {
            (Some(tenant), _) => vec!["--tenant".to_owned(), tenant],
            (None, Some(subscription)) => vec!["--subscription".to_owned(), subscription],
            (None, None) => Vec::new(),
        };
        // On Windows `az` is a batch file, whose arguments a shell reads.
        let named = |c: char| c.is_alphanumeric() || "-_. ".contains(c);
        match account.last().filter(|name| !name.chars().all(named)) {
            Some(wrong) => Err(Unusable::Account(wrong.clone())),
            None => Ok(CliLogin { account, started: Mutex::default() }),
        }
    }

    /// Runs `az account get-access-token`.
    pub(super) async fn token(&self, scope: &str) -> Result<AccessToken, NoToken> {
        // One that was abandoned stays: whoever asks next was kept waiting as long.
        self.started().get_or_insert_with(Instant::now);
        let answered = timeout(PATIENCE, self.run(scope)).await;
        *self.started() = None;
        read(&answered.map_err(|_| AzError::Silent(PATIENCE))??)
    }

    /// Returns why there is no token yet.
    pub(super) fn delay(&self) -> Option<AzError> {
        let started = (*self.started())?;
        Some(AzError::NotYet(started.elapsed()))
    }

    fn started(&self) -> MutexGuard<'_, Option<Instant>> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(&self, scope: &str) -> Result<Vec<u8>, AzError> {
        let arguments = ["account", "get-access-token", "-o", "json", "--scope", scope];
        let mut child = az(arguments.into_iter().chain(self.account.iter().map(String::as_str)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| AzError::NotStarted(error.to_string()))?;
        let (out, err) = tokio::try_join!(all(child.stdout.take()), all(child.stderr.take()))?;
        // The watcher of `az` reads this pipe; `wait` would close it and end a child that is about to end.
        let watched = child.stdin.take();
        let status = child.wait().await.map_err(|error| AzError::Lost(error.to_string()))?;
        drop(watched);
        if status.success() { Ok(out) } else { Err(failure(&String::from_utf8_lossy(&err), status.code())) }
    }
}

/// Starts `az`, and ends it, with all that it has started, as soon as the other end of its standard input is closed:
/// when nobody waits any more, and when this process ends, however that happens.
///
/// `az` is a script on every Unix, so there is a shell. It starts a watcher beside `az` in a process group of their
/// own; nothing but this pipe reaches the watcher, and nothing of Terraform's standard input reaches `az`.
#[cfg(unix)]
fn az<'a>(arguments: impl Iterator<Item = &'a str>) -> Command {
    const WATCHED: &str = r#"
        command -v az >/dev/null || exit 127
        exec 3<&0 </dev/null
        { read -r _ <&3; kill -9 0; } >/dev/null 2>&1 &
        az "$@" 3<&-
        ended=$?
        kill -9 $! 2>/dev/null
        exit $ended
    "#;
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", WATCHED, "az"]).args(arguments).process_group(0);
    shell
}

/// Starts `az`, which is a batch file on Windows.
#[cfg(not(unix))]
fn az<'a>(arguments: impl Iterator<Item = &'a str>) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", "az"]).args(arguments);
    shell
}

/// Reads a stream of `az` to its end.
async fn all(stream: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, AzError> {
    let mut read = Vec::new();
    if let Some(stream) = stream {
        let bounded = stream.take(LARGEST + 1).read_to_end(&mut read).await;
        bounded.map_err(|error| AzError::Unreadable(error.to_string()))?;
    }
    if read.len() as u64 > LARGEST { Err(AzError::TooMuch(LARGEST >> 10)) } else { Ok(read) }
}

fn failure(said: &str, code: Option<i32>) -> AzError {
    match text::plain(&without_tokens(said), 1000) {
        silent if silent.is_empty() => match code {
            Some(NO_AZ) => AzError::NotFound,
            Some(code) => AzError::Ended(code),
            None => AzError::Killed,
        },
        said => AzError::Said(said.trim_end_matches('.').to_owned()),
    }
}

/// Takes out what looks like a token: what `az` holds is not known to us, but no word of a sentence is that long.
fn without_tokens(said: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.~+=".contains(c);
    let clean = Redactor::default().clean(said);
    let words = clean.split_inclusive(|c: char| !is_part(c)).map(|word| {
        let (token, end) = word.split_at(word.trim_end_matches(|c: char| !is_part(c)).len());
        if token.len() > LONGEST_WORD { format!("[redacted]{end}") } else { word.to_owned() }
    });
    words.collect()
}

/// Reads `{"accessToken": "…", "expires_on": 1764295200, …}`.
fn read(answer: &[u8]) -> Result<AccessToken, NoToken> {
    let answer = text::json(answer).map_err(|cause| AzError::NotJson(cause.to_string()))?;
    let secret = answer.get("accessToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    let secret = secret.ok_or(AzError::Lacks("accessToken"))?;
    let secret = check_token(secret)?;
    let expires = answer.get("expires_on").and_then(Value::as_i64);
    let expires = expires.and_then(|seconds| Timestamp::from_second(seconds).ok());
    // Older ones say it in local time, without a zone.
    let expires = expires.ok_or(AzError::Lacks("expires_on"))?;
    Ok(AccessToken { secret, expires })
}
