//! One request until its answer: token, attempts, body.

use std::pin::pin;
use std::time::Duration;

use azure_core::Uuid;
use azure_core::credentials::Secret;
use azure_core::http::headers::HeaderName;
use azure_core::http::{self, AsyncRawResponse, HttpClient, Method, Url};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::client::Client;
use super::error::{self, Error, causes};
use super::limiter::limit::Needs;
use super::limiter::{Pass, Place};
use super::request::{self, Request};
use super::retry::{self, Attempt, Outcome, Verdict};
use super::transport::{self, Unread};

/// One attempt, from connecting to the last byte of the body: a server that sends a byte now and then does not hold us.
const ATTEMPT: Duration = Duration::from_secs(120);

/// The largest body that is read, decompressed. The largest recorded one is below 1 MiB.
const LARGEST_BODY: usize = 16 << 20;

/// A wait longer than this is worth a line for the person who watches.
const LONG_WAIT: Duration = Duration::from_secs(30);

/// A request with its whole address.
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) call: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// An answer, with the headers that mean something to us.
pub(super) struct Received {
    pub(super) call: String,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) at: Option<Timestamp>,
    pub(super) retry_after: Option<Duration>,
    pub(super) status_url: Option<String>,
    pub(super) location: Option<String>,
    request_id: Option<String>,
    /// The body of a read, once it was found to be whole: large lists are parsed once.
    read: Option<Value>,
}

/// An attempt without a usable answer.
struct Failed {
    outcome: Outcome,
    retry_after: Option<Duration>,
    error: Error,
}

impl Outgoing {
    /// Reads a URL that Azure named, exactly as it named it.
    pub(super) fn get(url: Url) -> Self {
        let call = request::call(Method::Get, url.path());
        let headers = vec![("accept", "application/json".into())];
        Outgoing { method: Method::Get, url, call, headers, body: Vec::new() }
    }

    /// Addresses a request to the endpoint.
    pub(super) fn of(endpoint: &Url, request: &Request) -> Result<Self, Error> {
        let text = format!("{}{}", endpoint.as_str().trim_end_matches('/'), request.target);
        let url = Url::parse(&text).map_err(|error| Error::Malformed {
            call: request.call(),
            cause: format!("its URL is not valid ({error})"),
        })?;
        let Request { method, headers, body, .. } = request.clone();
        Ok(Outgoing { method, url, call: request.call(), headers, body })
    }

    fn needs(&self) -> Needs {
        Needs::of(self.method, self.url.path())
    }
}

fn unsent(call: &str, reason: String) -> Error {
    let last = Error::Unsent { call: call.to_owned(), reason };
    Error::Deadline { call: call.to_owned(), attempts: "0 attempts".into(), last: Box::new(last) }
}

impl Received {
    pub(super) fn json(self) -> Result<Value, String> {
        self.read.map_or_else(|| error::json(&self.body), Ok)
    }

    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn refusal(&self) -> Error {
        Error::from_answer(&self.call, self.status, self.request_id.as_deref(), self.retry_after, &self.body)
    }
}

impl Client {
    /// Sends a request until it succeeds, fails for good or runs out of time.
    pub(super) async fn send(&self, outgoing: &Outgoing) -> Result<Received, Error> {
        let id = Uuid::new_v4();
        let place = self.shared.limiter.place();
        let (mut number, mut renewed, mut last) = (1, false, None);
        loop {
            let ready = async {
                let token = self.in_time(&outgoing.call, "a token", self.shared.tokens.bearer()).await??;
                Ok((token, self.enter(outgoing, place).await?))
            };
            let (token, pass) = ready.await.map_err(|error| match (error, last.take()) {
                (Error::Deadline { .. }, Some(failed)) => outgoing.late(number - 1, failed),
                (error, _) => error,
            })?;
            let failed = match self.attempt(outgoing, &token, &id, pass).await {
                Ok(received) => return Ok(received),
                Err(failed) => failed,
            };
            self.heed(outgoing, &failed);
            if failed.outcome == Outcome::Status(401) && !renewed {
                renewed = true;
                self.sent(false);
                self.shared.tokens.forget(&token).await;
                continue;
            }
            let attempt = Attempt {
                method: outgoing.method,
                number,
                outcome: failed.outcome,
                retry_after: failed.retry_after,
                left: self.left(),
                max_retries: self.shared.max_retries,
                seed: id.as_u64_pair().0,
            };
            match retry::after(&attempt) {
                Verdict::Retry(wait) => {
                    // What is tried again has not been accepted.
                    self.sent(false);
                    pause(outgoing, wait, &failed.error).await;
                }
                Verdict::GiveUp => return Err(failed.error),
                Verdict::Ambiguous => return Err(outgoing.ambiguous(failed)),
                Verdict::OutOfTime => return Err(outgoing.late(number, failed.error)),
            }
            last = Some(failed.error);
            number += 1;
        }
    }

    /// Waits for something that comes before a request is sent, until the deadline at most.
    ///
    /// # Errors
    ///
    /// [`Error::Deadline`] when the deadline comes first, with the reason in it.
    pub async fn in_time<T>(
        &self,
        call: &str,
        reason: &str,
        ready: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let Some(left) = self.left() else { return Ok(ready.await) };
        let waited = if left.is_zero() { None } else { timeout(left, ready).await.ok() };
        waited.ok_or_else(|| unsent(call, reason.to_owned()))
    }

    /// Waits until the limits let the request go.
    async fn enter(&self, outgoing: &Outgoing, place: Place) -> Result<Pass<'_>, Error> {
        let limiter = &self.shared.limiter;
        let mut entering = pin!(limiter.enter(place, outgoing.needs()));
        let call = &outgoing.call;
        for wait in [LONG_WAIT, Duration::MAX] {
            let left = self.left().unwrap_or(Duration::MAX);
            if left.is_zero() {
                break;
            }
            if let Ok(pass) = timeout(wait.min(left), &mut entering).await {
                return Ok(pass);
            }
            if wait < left {
                tracing::info!(call, "waiting before the request is sent: {}", limiter.reason(place));
            }
        }
        Err(unsent(call, limiter.reason(place)))
    }

    /// Lets the whole process wait when Azure asks one request to.
    fn heed(&self, outgoing: &Outgoing, failed: &Failed) {
        let Error::Throttled { refusal, retry_after } = &failed.error else { return };
        let Needs([aks, azure]) = outgoing.needs();
        // Azure Resource Manager, or whatever is on the way to it, answers before AKS is asked.
        let before = ["", "SubscriptionRequestsThrottled", "TooManyRequests", "TooManyRequestsReceived"];
        let full = if before.contains(&refusal.code.as_str()) { azure } else { aks };
        self.shared.limiter.throttled(&full, retry_after.unwrap_or_default());
    }

    /// Sends a request once.
    async fn attempt(
        &self,
        outgoing: &Outgoing,
        token: &Secret,
        id: &Uuid,
        pass: Pass<'_>,
    ) -> Result<Received, Failed> {
        let request = self.request(outgoing, token, id);
        let most = self.left().unwrap_or(ATTEMPT).min(ATTEMPT);
        let started = Instant::now();
        self.sent(!outgoing.method.is_safe());
        let result = timeout(most, outgoing.exchange(self.shared.transport.as_ref(), &request)).await;
        drop(pass);
        let result = result.unwrap_or_else(|_| {
            Err(outgoing.broken(Outcome::Broken, format!("no whole answer within {} s", most.as_secs())))
        });
        log(outgoing, &result, started.elapsed());
        result.and_then(|received| self.judge(outgoing, received))
    }

    fn request(&self, outgoing: &Outgoing, token: &Secret, id: &Uuid) -> http::Request {
        let mut request = http::Request::new(outgoing.url.clone(), outgoing.method);
        for (name, value) in &outgoing.headers {
            request.insert_header(*name, value.clone());
        }
        request.insert_header("user-agent", self.shared.user_agent.clone());
        request.insert_header("x-ms-client-request-id", id.to_string());
        request.insert_header("authorization", format!("Bearer {}", token.secret()));
        request.set_body(outgoing.body.clone());
        request
    }

    /// Tells an answer from a failure, and reads Azure's clock from an answer.
    fn judge(&self, outgoing: &Outgoing, mut received: Received) -> Result<Received, Failed> {
        if !received.is_success() {
            let (outcome, retry_after) = (Outcome::Status(received.status), received.retry_after);
            return Err(Failed { outcome, retry_after, error: received.refusal() });
        }
        // What was read is worthless if it is cut short; a write is accepted whatever its body looks like.
        if outgoing.method == Method::Get && received.status == 200 {
            match error::json(&received.body) {
                Ok(body) => received.read = Some(body),
                Err(cause) => {
                    let error = Error::Malformed { call: received.call, cause };
                    return Err(Failed { outcome: Outcome::Broken, retry_after: None, error });
                }
            }
        }
        self.read_clock(received.at);
        Ok(received)
    }
}

impl Outgoing {
    async fn exchange(
        &self,
        transport: &dyn HttpClient,
        request: &http::Request,
    ) -> Result<Received, Failed> {
        let answer = transport.execute_request(request).await;
        let answer = answer.map_err(|error| self.broken(transport::outcome(&error), causes(&error)))?;
        self.receive(answer).await
    }

    async fn receive(&self, answer: AsyncRawResponse) -> Result<Received, Failed> {
        let (status, headers, stream) = answer.deconstruct();
        let header = |name: &'static str| headers.get_optional_str(&HeaderName::from_static(name));
        let owned = |name| header(name).map(str::to_owned);
        let mut received = Received {
            call: self.call.clone(),
            status: status.into(),
            body: Vec::new(),
            at: header("date").and_then(retry::http_date),
            retry_after: retry::retry_after(header),
            status_url: owned("azure-asyncoperation"),
            location: owned("location"),
            request_id: owned("x-ms-request-id").or_else(|| owned("x-ms-correlation-request-id")),
            read: None,
        };
        received.body = transport::body(stream, LARGEST_BODY).await.map_err(|unread| match unread {
            Unread::TooLarge => self.too_large(received.status),
            Unread::Broken(cause) => self.broken(Outcome::Broken, cause),
        })?;
        Ok(received)
    }

    fn too_large(&self, status: u16) -> Failed {
        let cause = transport::too_large(LARGEST_BODY);
        // A success, so that nothing is tried again; a write's outcome is not known from it either.
        let outcome = if self.method.is_safe() { Outcome::Status(status) } else { Outcome::Broken };
        Failed { outcome, retry_after: None, error: Error::Malformed { call: self.call.clone(), cause } }
    }

    fn broken(&self, outcome: Outcome, cause: String) -> Failed {
        Failed { outcome, retry_after: None, error: self.unreachable(cause) }
    }

    fn unreachable(&self, cause: String) -> Error {
        let host = self.url.host_str().unwrap_or_default().to_owned();
        Error::Unreachable { call: self.call.clone(), host, cause: cause.trim_end_matches('.').to_owned() }
    }

    fn ambiguous(&self, failed: Failed) -> Error {
        let cause = match failed.error {
            Error::Unreachable { cause, .. } | Error::Malformed { cause, .. } => cause,
            other => other.refusal().map_or_else(|| other.to_string(), ToString::to_string),
        };
        Error::Ambiguous { call: self.call.clone(), cause, retry_after: failed.retry_after }
    }

    fn late(&self, number: u32, last: Error) -> Error {
        let attempts = if number == 1 { "1 attempt".into() } else { format!("{number} attempts") };
        Error::Deadline { call: self.call.clone(), attempts, last: Box::new(last) }
    }
}

async fn pause(outgoing: &Outgoing, wait: Duration, error: &Error) {
    let seconds = wait.as_secs_f32();
    if wait >= LONG_WAIT {
        tracing::info!(call = outgoing.call, seconds, %error, "waiting before the request is sent again");
    } else {
        tracing::debug!(call = outgoing.call, seconds, %error, "waiting before the request is sent again");
    }
    tokio::time::sleep(wait).await;
}

/// Method and path, status, id, duration; never a token, a body or a query, which may be signed.
fn log(outgoing: &Outgoing, result: &Result<Received, Failed>, took: Duration) {
    let call = &outgoing.call;
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(received) => {
            tracing::debug!(
                call,
                status = received.status,
                request_id = received.request_id,
                ms,
                "Azure answered"
            );
        }
        Err(failed) => tracing::debug!(call, error = %failed.error, ms, "Azure did not answer"),
    }
}
