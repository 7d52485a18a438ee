//! One question to a token service or a metadata service, asked until it is answered.

use std::time::Duration;

use azure_core::Uuid;
use azure_core::credentials::Secret;
use azure_core::http::headers::HeaderName;
use azure_core::http::{HttpClient, Method, Request, Url};
use serde_json::Value;
use tokio::time::timeout;

use super::error::{self, causes, plain};
use super::operation::is_loopback;
use super::retry::{self, Attempt, Outcome, Verdict};
use super::transport::{self, Unread};

/// A token is some KiB, a description of a cloud some dozen.
const LARGEST_BODY: usize = 1 << 20;

/// How often a question is asked again.
const RETRIES: u32 = 4;

/// A question whose answer is JSON. It may be asked twice without harm.
pub(super) struct Question {
    /// The request, with everything that it needs.
    pub(super) request: Request,
    /// How long one attempt may take.
    pub(super) patience: Duration,
    /// Statuses that pass by themselves, beside 408, 429 and 5xx.
    pub(super) passing: &'static [u16],
    /// What must not be shown, should an answer repeat it.
    pub(super) secrets: Vec<Secret>,
}

/// Why an attempt gave no answer.
struct Failed {
    outcome: Outcome,
    retry_after: Option<Duration>,
    sentence: String,
}

impl Question {
    /// Asks a URL.
    pub(super) fn new(method: Method, url: Url) -> Self {
        let mut request = Request::new(url, method);
        request.insert_header("accept", "application/json");
        Question { request, patience: Duration::from_secs(30), passing: &[], secrets: Vec::new() }
    }

    /// Asks until there is an answer that is a success.
    ///
    /// # Errors
    ///
    /// What was answered last, without a full stop: `POST https://login.microsoftonline.com/t/oauth2/v2.0/token
    /// answered 401: AADSTS7000215: Invalid client secret provided`.
    pub(super) async fn ask(&self, transport: &dyn HttpClient) -> Result<Value, String> {
        let mut number = 1;
        loop {
            let failed = match timeout(self.patience, self.attempt(transport)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failed)) => failed,
                Err(_) => self.unanswered(
                    Outcome::Broken,
                    format!("no whole answer within {} s", self.patience.as_secs()),
                ),
            };
            let attempt = Attempt {
                // Whatever its method, asking twice for a token does no harm.
                method: Method::Get,
                number,
                outcome: failed.outcome,
                retry_after: failed.retry_after,
                left: None,
                max_retries: RETRIES,
                seed: Uuid::new_v4().as_u64_pair().0,
            };
            let sentence = self.redacted(&failed.sentence);
            let Verdict::Retry(wait) = retry::after(&attempt) else { return Err(sentence) };
            tracing::debug!(seconds = wait.as_secs_f32(), "{sentence}: asking again");
            tokio::time::sleep(wait).await;
            number += 1;
        }
    }

    async fn attempt(&self, transport: &dyn HttpClient) -> Result<Value, Failed> {
        let answer = transport.execute_request(&self.request).await;
        let answer = answer.map_err(|error| self.unanswered(transport::outcome(&error), causes(&error)))?;
        let (status, headers, stream) = answer.deconstruct();
        let retry_after = retry::retry_after(|name| headers.get_optional_str(&HeaderName::from_static(name)));
        let body = transport::body(stream, LARGEST_BODY).await.map_err(|unread| match unread {
            Unread::TooLarge => self.unanswered(Outcome::Refused, transport::too_large(LARGEST_BODY)),
            Unread::Broken(cause) => self.unanswered(Outcome::Broken, cause),
        })?;
        let status = u16::from(status);
        tracing::debug!(call = self.call(), status, "answered");
        if !(200..300).contains(&status) {
            let sentence = format!("{} answered {status}{}", self.call(), said(&body));
            let outcome = Outcome::Status(if self.passing.contains(&status) { 503 } else { status });
            return Err(Failed { outcome, retry_after, sentence });
        }
        error::json(&body).map_err(|cause| self.unanswered(Outcome::Broken, cause))
    }

    fn unanswered(&self, outcome: Outcome, cause: String) -> Failed {
        let cause = cause.trim_end_matches('.');
        Failed { outcome, retry_after: None, sentence: format!("{} got no answer: {cause}", self.call()) }
    }

    /// Method, host and path; a query may be secret.
    fn call(&self) -> String {
        let url = self.request.url();
        let host = url.origin().ascii_serialization();
        format!("{} {host}{}", self.request.method(), plain(url.path(), 300))
    }

    fn redacted(&self, sentence: &str) -> String {
        let secrets = self.secrets.iter().map(Secret::secret).filter(|secret| !secret.is_empty());
        secrets.fold(sentence.to_owned(), |shown, secret| shown.replace(secret, "[redacted]"))
    }
}

/// Reads the address of a service that is shown a secret.
///
/// # Errors
///
/// Says what is wrong with `login.example` (no scheme), `http://login.example` (a secret would travel
/// in the clear) or `https://user:password@login.example`.
pub(super) fn secure(text: &str) -> Result<Url, String> {
    let shown = plain(text, 200);
    let url = Url::parse(text.trim()).map_err(|_| {
        format!("\"{shown}\" is not an absolute URL; write one such as \"https://login.microsoftonline.com\"")
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("the URL of {} holds a user or a password", url.host_str().unwrap_or_default()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(format!("\"{shown}\" is not an https URL; plain http may only go to this machine")),
    }
}

/// Encodes a form, e.g. `grant_type=client_credentials&scope=https%3A%2F%2F…`.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    let encoded = fields.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    encoded.collect::<Vec<_>>().join("&")
}

fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Returns what a refusal says, with its separator: Entra's, the metadata service's, a build service's, a page's.
fn said(body: &[u8]) -> String {
    let text = match error::json(body) {
        Ok(value) => ["/error_description", "/error/message", "/message", "/error"]
            .iter()
            .filter_map(|place| value.pointer(place)?.as_str())
            .find(|text| !text.is_empty())
            .map_or_else(String::new, |text| plain(text, 1000)),
        Err(_) => plain(&error::page(&String::from_utf8_lossy(body)), 200),
    };
    match text.trim_end_matches('.') {
        "" => String::new(),
        text => format!(": {text}"),
    }
}
