//! The login of the Azure CLI.

use std::pin::pin;
use std::process::Stdio;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use azure_core::credentials::Secret;
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

/// How long the rest of what `az` wrote may take to come once `az` has ended: what it has started may hold the pipe.
const GRACE: Duration = Duration::from_secs(1);

/// The longest word that is shown of what `az` says: ids and hosts are shorter, tokens longer.
const LONGEST_WORD: usize = 80;

/// From this length on words that follow each other are the lines of one: nothing that is written as sentences has two.
const LINE: usize = 40;

/// How the secrets of applications are recognised: about 40 characters, one of them `~`, which no name has.
const SECRET_OF_AN_APPLICATION: usize = 30;

/// The login of the Azure CLI, which has no timeout of its own.
///
/// Our own and not that of `azure_identity`: the crate builds a shell line, reads without bound, hides what `az`
/// says inside a longer sentence, and gives no hold on the processes that it starts.
#[derive(Debug)]
pub(super) struct CliLogin {
    /// Which account, in the words of `az`: `--tenant` or `--subscription` with its value.
    account: Vec<String>,
    /// What `az` may repeat from its environment, which is ours.
    secrets: Vec<Secret>,
    /// Since when `az` has not answered.
    started: Mutex<Option<Instant>>,
}

impl CliLogin {
    /// Takes the login to a tenant, else to the tenant of a subscription, else the current one.
    pub(super) fn new(
        tenant_id: Option<String>,
        subscription: Option<String>,
        secrets: Vec<Secret>,
    ) -> Result<Self, Unusable> {
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
            None => Ok(CliLogin { account, secrets, started: Mutex::default() }),
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
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // The watcher of `az` reads this pipe; `wait` would close it and end a child that is about to end.
        let watched = child.stdin.take();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = {
            let mut reading =
                pin!(async { tokio::try_join!(all(stdout, &mut out), all(stderr, &mut err)).map(drop) });
            tokio::select! {
                read = &mut reading => read.map(|()| None),
                status = child.wait() => {
                    // What `az` has started may never let go of the pipe.
                    timeout(GRACE, reading).await.unwrap_or(Ok(())).map(|()| Some(status))
                }
            }?
        };
        let status = match status {
            Some(status) => status,
            None => child.wait().await,
        };
        drop(watched);
        let status = status.map_err(|error| AzError::Lost(error.to_string()))?;
        if status.success() {
            Ok(out)
        } else {
            Err(self.failure(&String::from_utf8_lossy(&err), status.code()))
        }
    }

    fn failure(&self, said: &str, code: Option<i32>) -> AzError {
        let said = Redactor::new(&self.secrets).clean(said);
        match text::plain(&without_secrets(&said), 1000) {
            silent if silent.is_empty() => match code {
                Some(NO_AZ) => AzError::NotFound,
                Some(code) => AzError::Ended(code),
                None => AzError::Killed,
            },
            said => AzError::Said(said.trim_end_matches('.').to_owned()),
        }
    }
}

/// Starts `az`, and ends whatever is left of it and of what it has started as soon as the other end of its standard input
/// is closed: when it has answered, when nobody waits any more, and when this process ends, however that happens.
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
        exit $?
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

/// Reads a stream of `az` to its end; what was read stays where reading is given up.
async fn all(stream: Option<impl AsyncRead + Unpin>, read: &mut Vec<u8>) -> Result<(), AzError> {
    if let Some(stream) = stream {
        let bounded = stream.take(LARGEST + 1).read_to_end(read).await;
        bounded.map_err(|error| AzError::Unreadable(error.to_string()))?;
    }
    if read.len() as u64 > LARGEST { Err(AzError::TooMuch(LARGEST >> 10)) } else { Ok(()) }
}

/// Takes out what looks like a secret, since what `az` holds is not known to us: long words, the lines into which one was
/// broken, secrets of applications and private keys.
fn without_secrets(said: &str) -> String {
    let (before, key) = said.split_once("-----BEGIN").unwrap_or((said, ""));
    let after = key
        .rsplit_once("-----END")
        .and_then(|(_, end)| end.split_once("-----"))
        .map_or("", |(_, after)| after);
    let said = if key.is_empty() { said.to_owned() } else { format!("{before}[redacted]{after}") };
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.~+=/".contains(c);
    let words: Vec<&str> = said.split_inclusive(|c: char| !is_part(c)).collect();
    let length =
        |index: usize| words.get(index).map_or(0, |word| word.trim_end_matches(|c: char| !is_part(c)).len());
    let mut in_token = false;
    let clean = words.iter().enumerate().map(|(index, word)| {
        let (token, end) = word.split_at(length(index));
        let is_line = token.len() > LINE && length(index + 1) > LINE;
        // What follows the lines of a word is its last line.
        let is_secret = is_line || in_token || is_long(token) || is_of_an_application(token);
        in_token = is_line;
        if is_secret && !token.is_empty() { format!("[redacted]{end}") } else { (*word).to_owned() }
    });
    clean.collect()
}

/// Tells whether a word is longer than any that is shown, ids of resources aside.
fn is_long(word: &str) -> bool {
    word.split('/').any(|part| part.len() > LONGEST_WORD)
}

fn is_of_an_application(word: &str) -> bool {
    word.len() > SECRET_OF_AN_APPLICATION && word.contains('~')
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
