//! What went wrong between us and Azure, as sentences for the person on call.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::id::IdError;

/// Why a call to Azure did not give what was asked.
///
/// There is a variant for everything that somebody matches on. Printing gives a finished sentence with
/// Azure's code, message and request id; it never holds a token, a query string or a terminal escape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Exactly the resource that was asked for does not exist.
    ///
    /// Only Azure's own words count. A 404 page from a proxy, a missing subscription or resource group and
    /// a missing parent are [`Error::Azure`]: nothing may be dropped from state because of them.
    #[error("The resource does not exist: {0}.")]
    NotFound(Box<Refusal>),
    /// The identity lacks a permission (403).
    #[error("The identity {}: {refusal}.", lacks(action, scope))]
    Forbidden {
        /// The missing action, e.g. `Microsoft.ContainerService/managedClusters/write`.
        action: Option<String>,
        /// The scope on which it is missing.
        scope: Option<String>,
        /// Azure's words.
        refusal: Box<Refusal>,
    },
    /// Another operation is in progress on the cluster or pool (409).
    #[error("Another operation is in progress: {0}.")]
    Conflict(Box<Refusal>),
    /// The resource changed since its eTag was read (412, or 409 `EtagMismatch`).
    #[error("The resource changed after it was read, so nothing was written: {0}.")]
    Precondition(Box<Refusal>),
    /// Azure asks for fewer requests (429), and did until retries were used up.
    #[error("Azure asks for fewer requests: {refusal}.")]
    Throttled {
        /// How long Azure asks to wait.
        retry_after: Option<Duration>,
        /// Azure's words.
        refusal: Box<Refusal>,
    },
    /// Azure refused for any other reason.
    #[error("Azure refused a request: {0}.{advice}", advice = advice(.0))]
    Azure(Box<Refusal>),
    /// A write was sent and nobody knows whether Azure accepted it: read the resource before sending it again.
    #[error("{call} was sent, but whether Azure accepted it is unknown: {cause}.")]
    Ambiguous {
        /// Method and path.
        call: String,
        /// What hid the outcome.
        cause: String,
        /// How long Azure asks to wait before anything else.
        retry_after: Option<Duration>,
    },
    /// No answer came.
    #[error("{call} got no answer from {host}: {cause}.")]
    Unreachable {
        /// Method and path.
        call: String,
        /// The host that was asked.
        host: String,
        /// The whole chain of causes.
        cause: String,
    },
    /// An answer came that cannot be understood.
    #[error("{call} got an answer that cannot be understood: {cause}.")]
    Malformed {
        /// Method and path.
        call: String,
        /// What is wrong with it.
        cause: String,
    },
    /// There is no token, or Azure does not accept it (401).
    #[error("{0}")]
    Credential(String),
    /// The deadline passed before the call succeeded; [`Error::Unsent`] inside says that it was not even sent.
    #[error("{}", late(call, attempts, last))]
    Deadline {
        /// Method and path.
        call: String,
        /// How often it was tried, in words: `1 attempt`.
        attempts: String,
        /// Why the last attempt failed, or why there was none.
        last: Box<Error>,
    },
    /// The deadline passed while the call waited to be sent.
    #[error("{call} was not sent: its deadline passed while it waited for {reason}.")]
    Unsent {
        /// Method and path.
        call: String,
        /// What it waited for, e.g. `a token`.
        reason: String,
    },
    /// A name cannot stand in a request.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The address of Azure Resource Manager cannot be used.
    #[error(
        "The endpoint \"{given}\" cannot be used: {reason}. A correct example is \"https://management.azure.com\"."
    )]
    Endpoint {
        /// What was given.
        given: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A cloud does not say where it is.
    #[error(
        "The metadata host \"{host}\" does not describe its cloud: {reason}. A correct example is \"management.azure.com\"."
    )]
    Metadata {
        /// What was given.
        host: String,
        /// What went wrong.
        reason: String,
    },
    /// This machine cannot send HTTPS requests at all.
    #[error("The HTTPS client cannot be built: {0}.")]
    Transport(String),
}

/// What Azure said when it refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// Method and path, e.g. `GET /subscriptions/…`.
    pub call: String,
    /// The HTTP status.
    pub status: u16,
    /// Azure's code, e.g. `OperationNotAllowed`; empty when the body had none.
    pub code: String,
    /// The AKS resource provider's finer code, e.g. `GetManagedCluster_NotFound`; mostly empty.
    pub subcode: String,
    /// Azure's message with its details, on one line, at most 4 KiB.
    pub message: String,
    /// What Microsoft's support asks for (`x-ms-request-id`, else `x-ms-correlation-request-id`).
    pub request_id: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { call, status, code, message, request_id, .. } = self;
        write!(f, "{call} answered {status}")?;
        if !code.is_empty() {
            write!(f, " {code}")?;
        }
        if !message.is_empty() {
            write!(f, ": {}", message.trim_end_matches('.'))?;
        }
        match request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl Error {
    /// Reads an answer that is not a success.
    ///
    /// Accepts ARM's shape (`{"error":{"code","message"}}`), the AKS resource provider's flat one
    /// (`{"code","message","subcode"}`), HTML pages, empty and broken bodies.
    #[must_use]
    pub fn from_answer(
        call: &str,
        status: u16,
        request_id: Option<&str>,
        retry_after: Option<Duration>,
        body: &[u8],
    ) -> Self {
        let mut refusal = Refusal { call: call.into(), status, ..Refusal::default() };
        refusal.request_id = request_id.map(|id| plain(id, 100));
        match status {
            300..400 => refusal.message = REDIRECT.to_owned(),
            _ => describe(&mut refusal, body),
        }
        Error::classify(refusal, retry_after)
    }

    fn classify(refusal: Refusal, retry_after: Option<Duration>) -> Self {
        match refusal.status {
            401 => Error::Credential(format!(
                "Azure does not accept the access token: {refusal}.{}",
                advice(&refusal)
            )),
            403 => Error::Forbidden {
                action: between(&refusal.message, "perform action '"),
                scope: between(&refusal.message, "over scope '"),
                refusal: Box::new(refusal),
            },
            404 if refusal.is_about_the_resource_itself() => Error::NotFound(Box::new(refusal)),
            409 if refusal.code == "EtagMismatch" => Error::Precondition(Box::new(refusal)),
            409 if refusal.is_about_another_operation() => Error::Conflict(Box::new(refusal)),
            412 => Error::Precondition(Box::new(refusal)),
            429 => Error::Throttled { retry_after, refusal: Box::new(refusal) },
            _ => Error::Azure(Box::new(refusal)),
        }
    }

    /// Tells whether the same call may succeed later without anybody doing anything: silence, throttling,
    /// a failure of the service, an answer that cannot be understood.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Error::Unreachable { .. } | Error::Malformed { .. } | Error::Throttled { .. } => true,
            Error::Azure(refusal) => refusal.status == 408 || refusal.status >= 500,
            _ => false,
        }
    }

    /// Returns how long Azure asks to wait, when it does.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Throttled { retry_after, .. } | Error::Ambiguous { retry_after, .. } => *retry_after,
            Error::Deadline { last, .. } => last.retry_after(),
            _ => None,
        }
    }

    /// Returns what Azure said, when it said something.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Error::NotFound(refusal)
            | Error::Conflict(refusal)
            | Error::Precondition(refusal)
            | Error::Azure(refusal)
            | Error::Forbidden { refusal, .. }
            | Error::Throttled { refusal, .. } => Some(refusal),
            Error::Deadline { last, .. } => last.refusal(),
            _ => None,
        }
    }
}

fn late(call: &str, attempts: &str, last: &Error) -> String {
    match last {
        Error::Unsent { .. } => last.to_string(),
        _ => format!(
            "{call} did not succeed before its deadline ({attempts} tried); the last answer was: {last}"
        ),
    }
}

impl Refusal {
    /// ARM names the resource in its message; the AKS resource provider names the call in its subcode.
    /// Both forms, and both spellings of the subcode, are recorded.
    fn is_about_the_resource_itself(&self) -> bool {
        let Some((_, resource)) = self.call.split_once("/providers/") else { return false };
        let message = self.message.to_ascii_lowercase();
        let subcode = match resource.split('/').count() {
            3 => "GetManagedCluster_NotFound",
            5 if resource.contains("/agentPools/") => "GetAgentPool_NotFound",
            _ => return false,
        };
        match self.code.as_str() {
            "ResourceNotFound" => message.contains(&format!("'{}'", resource.to_ascii_lowercase())),
            "NotFound" => self.subcode.starts_with(subcode),
            _ => false,
        }
    }

    fn is_about_another_operation(&self) -> bool {
        self.message.contains("in progress") || self.message.contains("preempted by another")
    }
}

/// What a redirect says, wherever it leads.
const REDIRECT: &str = "a redirect, which is not followed, because the access token stays on its host. Check endpoint (ARM_RESOURCE_MANAGER_ENDPOINT) and the proxy in between (HTTPS_PROXY)";

/// Joins an error and its causes: "failed to execute request: tcp connect error: Connection refused".
///
/// `Display` of `azure_core` and `reqwest` errors hides the cause; `Debug` may print a backtrace.
#[must_use]
pub fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut sentence = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !sentence.contains(&text) {
            sentence = format!("{sentence}: {text}");
        }
        next = cause.source();
    }
    plain(&without_queries(&sentence), MOST)
}

/// Cuts the queries off the URLs in a text: that of an operation's URL is its signature.
fn without_queries(text: &str) -> String {
    let mut pieces = text.split("://");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece.find(|c: char| c.is_whitespace() || ")\"'>".contains(c)).unwrap_or(piece.len());
        let (url, rest) = piece.split_at(end);
        let bare = url.split('?').next().unwrap_or_default();
        kept = format!("{kept}://{bare}{rest}");
    }
    kept
}

/// The most that is shown of a message.
const MOST: usize = 4096;

/// Makes a text safe and short enough to show: one line, no control or direction characters, at most `most` bytes.
#[must_use]
pub fn plain(text: &str, most: usize) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let spaced: String = text.chars().map(|c| if steers(c) { ' ' } else { c }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.len() <= most {
        return line;
    }
    let end = (0..=most.saturating_sub(3)).rev().find(|&at| line.is_char_boundary(at)).unwrap_or(0);
    format!("{}…", &line[..end])
}

/// Decodes a JSON body; raw control characters inside strings and a byte order mark are tolerated.
///
/// # Errors
///
/// Says where the text stops being JSON, e.g. for `<html>`, an empty body or a truncated one.
pub fn json(body: &[u8]) -> Result<Value, String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err("the body is empty".into());
    }
    serde_json::from_slice(body).or_else(|_| {
        // An escape character sent raw makes the text invalid and would hide the reason of a failure.
        let cleaned: Vec<u8> = body.iter().map(|&b| if b < 0x20 { b' ' } else { b }).collect();
        serde_json::from_slice(&cleaned).map_err(|error| format!("the body is not JSON ({error})"))
    })
}

fn describe(refusal: &mut Refusal, body: &[u8]) {
    match json(body) {
        Ok(value) => {
            let error = value.get("error").filter(|error| error.is_object()).unwrap_or(&value);
            refusal.code = plain(text(error, "code"), 200);
            refusal.subcode = plain(text(error, "subcode"), 200);
            refusal.message = message(error);
        }
        Err(_) if body.is_empty() => refusal.message = "the body is empty".into(),
        Err(_) => refusal.message = page(&String::from_utf8_lossy(body)),
    }
}

/// Returns an error object's message with those of its details, one line, at most 4 KiB.
#[must_use]
pub fn message(error: &Value) -> String {
    let mut sentences = Vec::new();
    collect(error, 4, &mut sentences);
    plain(&sentences.join("; "), MOST)
}

fn collect(error: &Value, depth: usize, sentences: &mut Vec<String>) {
    let own = text(error, "message").trim();
    if !own.is_empty() && !sentences.iter().any(|known| known.contains(own)) {
        sentences.push(own.trim_end_matches('.').to_owned());
    }
    let details = error.get("details").and_then(Value::as_array);
    for detail in details.into_iter().flatten().filter(|_| depth > 0) {
        collect(detail, depth - 1, sentences);
    }
}

/// Returns the title of an HTML page, else the beginning of whatever it is.
pub(super) fn page(body: &str) -> String {
    let lower = body.to_ascii_lowercase();
    let title =
        lower.find("<title>").zip(lower.find("</title>")).and_then(|(from, to)| body.get(from + 7..to));
    match title {
        Some(title) => format!("an HTML page titled \"{}\"", plain(title, 200)),
        None => plain(body, 200),
    }
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn between(message: &str, before: &str) -> Option<String> {
    let (_, rest) = message.split_once(before)?;
    rest.split_once('\'').map(|(found, _)| found.to_owned())
}

/// Returns what to do about a code, as a sentence after a space; nothing for most codes.
fn advice(refusal: &Refusal) -> &'static str {
    match (refusal.status, refusal.code.as_str()) {
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

fn lacks(action: &Option<String>, scope: &Option<String>) -> String {
    match (action, scope) {
        (Some(action), Some(scope)) => format!("lacks the permission {action} on {scope}"),
        (Some(action), None) => format!("lacks the permission {action}"),
        _ => "lacks a permission".into(),
    }
}
