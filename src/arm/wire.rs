//! One request over the wire, once: what is sent, what comes back, and how an attempt fails.

use std::time::Duration;

use azure_core::credentials::Secret;
use azure_core::http::headers::HeaderName;
use azure_core::http::{AsyncRawResponse, HttpClient, Method, Request as HttpRequest, Url};
use jiff::Timestamp;
use serde_json::Value;

use crate::arm::error::{Error, Flaw};
use crate::arm::redact::Redactor;
use crate::arm::refusal::essence;
use crate::arm::request::{self, Request};
use crate::arm::retry::{self, Outcome};
use crate::arm::text::{self, causes, plain};
use crate::arm::transport;

/// One attempt at a call of Azure Resource Manager, to the last byte of its body: a server that sends a byte now
/// and then does not hold us.
const PATIENCE: Duration = Duration::from_secs(120);

/// The largest body of Azure Resource Manager that is read, decompressed. The largest recorded one is below 1 MiB.
const LARGEST: usize = 16 << 20;

/// What is read of a refusal: the largest recorded one is below 4 KiB; one of Azure Policy names every policy it tried.
const LARGEST_REFUSAL: usize = 1 << 20;

/// How long a refusal may take once its status is known.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(5);

/// One attempt at a question to a token service or a metadata service.
const SERVICE_PATIENCE: Duration = Duration::from_secs(30);

/// A token is some KiB, a description of a cloud some dozen.
const SERVICE_LARGEST: usize = 1 << 20;

/// A request with its whole address, and how it is to be sent.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    /// Method and address for messages, without the query, which may be signed.
    pub(super) call: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    /// Whether it may be sent twice without harm.
    pub(super) is_safe: bool,
    /// How long one attempt may take, from connecting to the last byte of the body.
    pub(super) patience: Duration,
    /// The largest body that is read.
    pub(super) largest: usize,
    /// Statuses that pass by themselves, beside 408, 429 and 5xx.
    pub(super) passing: &'static [u16],
    /// What must not be shown, should an answer repeat it.
    pub(super) secrets: Vec<Secret>,
}

/// An answer that is a success, with the headers that mean something to us.
pub(super) struct Received {
    pub(super) call: String,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) at: Option<Timestamp>,
    pub(super) retry_after: Option<Duration>,
    pub(super) status_url: Option<String>,
    pub(super) location: Option<String>,
    pub(super) request_id: Option<String>,
    /// How many requests of this kind Azure Resource Manager still takes.
    pub(super) remaining: Option<u32>,
    /// The body of a read, once it was found to be whole: large lists are parsed once.
    read: Option<Value>,
}

/// An attempt without a usable answer.
pub(super) struct Failed {
    pub(super) outcome: Outcome,
    pub(super) retry_after: Option<Duration>,
    pub(super) error: Box<Error>,
    /// The `Date` of an answer that is a refusal.
    pub(super) at: Option<Timestamp>,
}

impl Outgoing {
    /// Reads a URL that Azure named, exactly as it named it.
    pub(super) fn get(url: Url) -> Self {
        let call = request::call(Method::Get, url.path());
        Outgoing {
            method: Method::Get,
            url,
            call,
            headers: vec![("accept", "application/json".into())],
            body: Vec::new(),
            is_safe: true,
            patience: PATIENCE,
            largest: LARGEST,
            passing: &[],
            secrets: Vec::new(),
        }
    }

    /// Addresses a request to the endpoint.
    pub(super) fn of(endpoint: &Url, request: &Request) -> Result<Self, Error> {
        let text = format!("{}{}", endpoint.as_str().trim_end_matches('/'), request.target);
        let url = Url::parse(&text)
            .map_err(|error| Error::Malformed { call: request.call(), flaw: Flaw::Url(error.to_string()) })?;
        let Request { method, headers, body, .. } = request.clone();
        let is_safe = method.is_safe();
        Ok(Outgoing { method, call: request.call(), headers, body, is_safe, ..Outgoing::get(url) })
    }

    /// Asks a token service or a metadata service, which does no harm whatever the method.
    pub(super) fn to_service(method: Method, url: Url) -> Self {
        let host = url.origin().ascii_serialization();
        let call = format!("{method} {host}{}", plain(url.path(), 300));
        let (patience, largest) = (SERVICE_PATIENCE, SERVICE_LARGEST);
        Outgoing { method, call, patience, largest, ..Outgoing::get(url) }
    }

    /// Adds a header.
    pub(super) fn insert_header(&mut self, name: &'static str, value: impl Into<String>) {
        self.headers.push((name, value.into()));
    }

    /// Sends the request once, with a token that no answer may show either.
    pub(super) async fn exchange(
        &self,
        transport: &dyn HttpClient,
        request: &HttpRequest,
        token: Option<&Secret>,
    ) -> Result<Received, Failed> {
        let redactor = Redactor::new(self.secrets.iter().chain(token));
        let answer = transport.execute_request(request).await;
        let answer = answer.map_err(|error| {
            let cause = redactor.clean(&causes(&error)).into_owned();
            self.broken(transport::outcome(&error), cause)
        })?;
        let received = self.receive(answer, &redactor).await?;
        self.judge(received, &redactor, token)
    }

    async fn receive(&self, answer: AsyncRawResponse, redactor: &Redactor<'_>) -> Result<Received, Failed> {
        let (status, headers, stream) = answer.deconstruct();
        let header = |name: &'static str| headers.get_optional_str(&HeaderName::from_static(name));
        let owned = |name| header(name).map(|text| redactor.clean(text).into_owned());
        let mut received = Received {
            call: self.call.clone(),
            status: status.into(),
            body: Vec::new(),
            at: header("date").and_then(retry::http_date),
            retry_after: retry::retry_after(header),
            status_url: owned("azure-asyncoperation"),
            location: owned("location"),
            request_id: owned("x-ms-request-id").or_else(|| owned("x-ms-correlation-request-id")),
            remaining: header(self.remaining_header()).and_then(|text| text.trim().parse().ok()),
            read: None,
        };
        if !received.is_success() {
            let body = transport::refusal(stream, LARGEST_REFUSAL, REFUSAL_PATIENCE).await;
            received.body = essence(body);
            return Ok(received);
        }
        let body = transport::body(stream, self.largest).await;
        let body = body.map_err(|cause| self.broken(Outcome::Broken, redactor.clean(&cause).into_owned()))?;
        if !body.is_whole {
            return Err(self.too_large(received.status));
        }
        received.body = body.bytes;
        Ok(received)
    }

    /// Tells an answer from a failure.
    fn judge(
        &self,
        mut received: Received,
        redactor: &Redactor<'_>,
        token: Option<&Secret>,
    ) -> Result<Received, Failed> {
        if !received.is_success() {
            received.body =
                redactor.clean(&String::from_utf8_lossy(&received.body)).into_owned().into_bytes();
            return Err(self.refused(&received));
        }
        // What is read of a cluster goes into states and sentences; what a token service answers is the secret itself.
        if token.is_some() {
            received.body = redactor.clean_body(received.body);
        }
        // What was read is worthless if it is cut short; a write is accepted whatever its body looks like.
        if self.is_safe && received.status == 200 {
            let read = text::json(&received.body).map_err(|cause| Failed {
                outcome: Outcome::Broken,
                retry_after: None,
                error: Box::new(self.malformed(Flaw::NotJson(cause))),
                at: received.at,
            })?;
            received.read = Some(read);
        }
        Ok(received)
    }

    fn remaining_header(&self) -> &'static str {
        match self.method {
            Method::Get | Method::Head => "x-ms-ratelimit-remaining-subscription-reads",
            Method::Delete => "x-ms-ratelimit-remaining-subscription-deletes",
            _ => "x-ms-ratelimit-remaining-subscription-writes",
        }
    }

    fn refused(&self, received: &Received) -> Failed {
        let Received { status, body, retry_after, request_id, at, .. } = received;
        let outcome = Outcome::Status(if self.passing.contains(status) { 503 } else { *status });
        let error = Error::from_answer(&self.call, *status, request_id.as_deref(), *retry_after, body);
        Failed { outcome, retry_after: *retry_after, error: Box::new(error), at: *at }
    }

    fn too_large(&self, status: u16) -> Failed {
        // A success, so that nothing is tried again; a write's outcome is not known from it either.
        let outcome = if self.is_safe { Outcome::Status(status) } else { Outcome::Broken };
        Failed {
            outcome,
            retry_after: None,
            error: Box::new(self.malformed(Flaw::TooLarge(self.largest))),
            at: None,
        }
    }

    /// Returns an attempt that got no answer.
    pub(super) fn broken(&self, outcome: Outcome, cause: String) -> Failed {
        let error = Error::Unreachable {
            call: self.call.clone(),
            host: self.url.host_str().unwrap_or_default().to_owned(),
            cause: cause.trim_end_matches('.').to_owned(),
            connected: outcome == Outcome::Broken,
        };
        Failed { outcome, retry_after: None, error: Box::new(error), at: None }
    }

    fn malformed(&self, flaw: Flaw) -> Error {
        Error::Malformed { call: self.call.clone(), flaw }
    }
}

impl Received {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Decodes the body.
    pub(super) fn json(self) -> Result<Value, Flaw> {
        self.read.map_or_else(|| text::json(&self.body).map_err(Flaw::NotJson), Ok)
    }
}
