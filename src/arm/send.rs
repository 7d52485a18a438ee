//! One sender for whatever we ask: token, limit, retry, deadline.
//!
//! ```text
//!             ┌──────────────── again, after a wait ◄───────────────┐
//!             ▼                                                     │
//!  call ──► token ──► limit ──► one attempt ──► answer?             │
//!             │         │            │            └ no ──► retry::after ──► final, ambiguous, out of time
//!             └─────────┴── late     └ yes ──► Received
//! ```
//!
//! Calls of Azure Resource Manager carry a token and keep to Azure's limits; the token itself, and what a cloud says
//! of itself, are asked for by a sender that has neither ([`Sender::to_services`]).

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use azure_core::Uuid;
use azure_core::credentials::Secret;
use azure_core::http::{HttpClient, Request as HttpRequest};
use jiff::Timestamp;
use tokio::time::{Instant, timeout};

use crate::arm::azure_clock::AzureClock;
use crate::arm::error::{Error, WaitedFor};
use crate::arm::limiter::limit::Needs;
use crate::arm::limiter::{Limiter, Pass, Ticket};
use crate::arm::retry::{self, Attempt, Outcome, Verdict};
use crate::arm::token::{Identity, Tokens};
use crate::arm::wire::{Failed, Outgoing, Received};

/// How often a question to a token service is asked again.
const SERVICE_RETRIES: u32 = 4;

/// A wait longer than this is worth a line for the person who watches.
const LONG_WAIT: Duration = Duration::from_secs(30);

/// Sends requests until they succeed, fail for good or run out of time.
pub(super) struct Sender {
    transport: Arc<dyn HttpClient>,
    max_retries: u32,
    /// Headers of every request.
    headers: Vec<(&'static str, String)>,
    tokens: Option<Tokens>,
    limiter: Limiter,
    clock: AzureClock,
    /// What the last question waits for, or why it failed; calls of Azure tell that themselves.
    pending: Mutex<Option<Pending>>,
}

/// A question without an answer yet.
#[derive(Clone)]
struct Pending {
    asked: Instant,
    /// Why it failed last, when it is asked again.
    last: Option<Error>,
    call: String,
    host: String,
}

/// How long a call may take, and who wants to know whether it is out.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms {
    pub(super) deadline: Option<Instant>,
    /// By Azure's clock, after which no write is sent: this machine may have slept since the deadline was set.
    pub(super) closes: Option<Timestamp>,
    /// Whether it goes before others that wait for a limit.
    pub(super) is_urgent: bool,
    pub(super) out: Out,
}

/// Whether a write is out: sent, and not refused in a way that lets it be sent again.
///
/// A write that still waits for a token, for a limit or for its next attempt is not out: it may be abandoned.
#[derive(Clone, Debug, Default)]
pub struct Out(Arc<AtomicBool>);

impl Out {
    /// Tells whether Azure may have heard of the write.
    #[must_use]
    pub fn is_out(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, is_out: bool) {
        self.0.store(is_out, Ordering::Relaxed);
    }
}

impl Terms {
    /// Returns the time left until the deadline; `None` without one.
    pub(super) fn left(&self) -> Option<Duration> {
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    /// Waits for something that comes before a request is sent, until the deadline at most.
    pub(super) async fn in_time<T>(
        &self,
        call: &str,
        waited_for: WaitedFor,
        ready: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let Some(left) = self.left() else { return Ok(ready.await) };
        let waited = if left.is_zero() { None } else { timeout(left, ready).await.ok() };
        waited.ok_or_else(|| unsent(call, waited_for))
    }
}

impl Sender {
    /// Sends calls of Azure Resource Manager.
    pub(super) fn to_azure(
        transport: Arc<dyn HttpClient>,
        tokens: Tokens,
        limiter: Limiter,
        max_retries: u32,
        user_agent: String,
    ) -> Self {
        let headers = vec![("user-agent", user_agent)];
        let tokens = Some(tokens);
        Sender { max_retries, headers, tokens, limiter, ..Sender::to_services(transport) }
    }

    /// Sends questions to token services and metadata services: without a token, and without limits.
    pub(super) fn to_services(transport: Arc<dyn HttpClient>) -> Self {
        Sender {
            transport,
            max_retries: SERVICE_RETRIES,
            headers: Vec::new(),
            tokens: None,
            limiter: Limiter::unlimited(),
            clock: AzureClock::default(),
            pending: Mutex::default(),
        }
    }

    /// Returns what keeps calls below Azure's limits.
    pub(super) fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Returns the clock of whoever answers.
    pub(super) fn clock(&self) -> &AzureClock {
        &self.clock
    }

    /// Returns why the question that is being asked has no answer yet.
    pub(super) fn delay(&self) -> Option<Error> {
        let Pending { asked, last, call, host } = self.pending().clone()?;
        let cause = format!("it has not answered for {} s", asked.elapsed().as_secs());
        Some(last.unwrap_or(Error::Unreachable { call, host, cause, connected: true }))
    }

    /// Takes note of a question that is asked, of why it failed, or that it was answered.
    ///
    /// One that was abandoned stays: whoever asks the same next was kept waiting as long.
    fn note_pending(&self, outgoing: &Outgoing, result: Option<&Result<Received, Failed>>) {
        let mut pending = self.pending();
        match result {
            Some(Ok(_)) => *pending = None,
            Some(Err(failed)) => pending.iter_mut().for_each(|one| one.last = Some((*failed.error).clone())),
            None if self.tokens.is_none() => {
                let host = outgoing.url.host_str().unwrap_or_default().to_owned();
                let call = outgoing.call.clone();
                pending.get_or_insert(Pending { asked: Instant::now(), last: None, call, host });
            }
            None => {}
        }
    }

    fn pending(&self) -> MutexGuard<'_, Option<Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Obtains a token, unless there is one.
    pub(super) async fn sign_in(&self, terms: &Terms) -> Result<(), Error> {
        match &self.tokens {
            Some(tokens) => bearer(tokens, terms, "Signing in", |why| why).await.map(drop),
            None => Ok(()),
        }
    }

    /// Returns who signed in, as far as the token says it.
    pub(super) async fn identity(&self, terms: &Terms) -> Result<Option<Identity>, Error> {
        let Some(tokens) = &self.tokens else { return Ok(None) };
        let token = bearer(tokens, terms, "Signing in", |why| why).await?;
        Ok(Identity::of(token.secret()))
    }

    /// Sends a request until it succeeds, fails for good or runs out of time.
    pub(super) async fn send(&self, outgoing: &Outgoing, terms: &Terms) -> Result<Received, Error> {
        let ticket = self.limiter.ticket(terms.is_urgent);
        let id = Uuid::new_v4();
        let mut call =
            Call { sender: self, outgoing, terms, ticket, id, attempts: 0, renewed: false, last: None };
        loop {
            let (token, pass) = call.prepare().await?;
            match call.attempt(token.as_ref(), pass).await {
                Ok(received) => return Ok(received),
                Err(failed) => call.recover(failed, token.as_ref()).await?,
            }
        }
    }
}

/// A request on its way from the first attempt to the last.
struct Call<'a> {
    sender: &'a Sender,
    outgoing: &'a Outgoing,
    terms: &'a Terms,
    ticket: Ticket,
    /// The same for every attempt, for Microsoft's support.
    id: Uuid,
    attempts: u32,
    /// Whether Azure refused a token already.
    renewed: bool,
    /// Why the last attempt failed.
    last: Option<Error>,
}

impl<'a> Call<'a> {
    /// Waits for a token, and until the limits let the request go.
    async fn prepare(&self) -> Result<(Option<Secret>, Pass<'a>), Error> {
        let ready = async {
            let token = match &self.sender.tokens {
                Some(tokens) => {
                    let late = |why| self.late(why);
                    Some(bearer(tokens, self.terms, &self.outgoing.call, late).await?)
                }
                None => None,
            };
            Ok((token, self.enter().await?))
        };
        match ready.await.and_then(|ready| self.still_open().map(|()| ready)) {
            // What Azure said last tells more than what was waited for since.
            Err(Error::Deadline { last, .. }) => Err(self.late(self.last.clone().unwrap_or(*last))),
            ready => ready,
        }
    }

    /// Asks Azure's newest clock whether a write may still go out, which has waited for whatever it needed.
    fn still_open(&self) -> Result<(), Error> {
        let closes = self.terms.closes.filter(|_| !self.outgoing.is_safe);
        match closes.zip(self.sender.clock.latest()) {
            Some((closes, now)) if now >= closes => Err(unsent(&self.outgoing.call, WaitedFor::Turn)),
            _ => Ok(()),
        }
    }

    /// Waits until the limits let the request go.
    async fn enter(&self) -> Result<Pass<'a>, Error> {
        let limiter = &self.sender.limiter;
        let mut entering = pin!(limiter.enter(self.ticket, self.needs()));
        let left = self.terms.left().unwrap_or(Duration::MAX);
        let entered = if left.is_zero() { None } else { timeout(left, &mut entering).await.ok() };
        entered.ok_or_else(|| unsent(&self.outgoing.call, limiter.waits_for(self.ticket)))
    }

    /// Sends the request once.
    async fn attempt(&self, token: Option<&Secret>, pass: Pass<'_>) -> Result<Received, Failed> {
        let (outgoing, request) = (self.outgoing, self.request(token));
        let most = self.terms.left().unwrap_or(outgoing.patience).min(outgoing.patience);
        self.sender.note_pending(outgoing, None);
        self.terms.out.set(!outgoing.is_safe);
        let started = Instant::now();
        let exchange = outgoing.exchange(self.sender.transport.as_ref(), &request, token);
        let result = timeout(most, exchange).await;
        drop(pass);
        let result = result.unwrap_or_else(|_| {
            Err(outgoing.broken(Outcome::Broken, format!("no whole answer within {} s", most.as_secs())))
        });
        log(outgoing, &result, started.elapsed());
        self.sender.note_pending(outgoing, Some(&result));
        match &result {
            Ok(Received { at, remaining, .. }) => {
                at.iter().for_each(|at| self.sender.clock.read(*at));
                let Needs([_, azure]) = self.needs();
                remaining.iter().for_each(|left| self.sender.limiter.believe(&azure, *left));
            }
            Err(failed) => failed.at.iter().for_each(|at| self.sender.clock.hear(*at)),
        }
        result
    }

    fn request(&self, token: Option<&Secret>) -> HttpRequest {
        let mut request = HttpRequest::new(self.outgoing.url.clone(), self.outgoing.method);
        for (name, value) in self.sender.headers.iter().chain(&self.outgoing.headers) {
            request.insert_header(*name, value.clone());
        }
        request.insert_header("x-ms-client-request-id", self.id.to_string());
        if let Some(token) = token {
            request.insert_header("authorization", format!("Bearer {}", token.secret()));
        }
        request.set_body(self.outgoing.body.clone());
        request
    }

    /// Waits for the next attempt, where there is to be one.
    async fn recover(&mut self, failed: Failed, token: Option<&Secret>) -> Result<(), Error> {
        if failed.outcome == Outcome::Status(401) && self.may_renew(token).await {
            return Ok(());
        }
        self.attempts += 1;
        let attempt = Attempt {
            is_safe: self.outgoing.is_safe,
            number: self.attempts,
            outcome: failed.outcome,
            retry_after: failed.retry_after,
            left: self.terms.left(),
            max_retries: self.sender.max_retries,
            seed: self.id.as_u64_pair().0,
        };
        let verdict = retry::after(&attempt);
        let wait = if let Verdict::Retry(wait) = verdict { Some(wait) } else { failed.retry_after };
        let is_held_back = self.is_held_back(&failed.error, wait.unwrap_or_default());
        match verdict {
            Verdict::Retry(wait) => {
                // What is tried again has not been accepted.
                self.terms.out.set(false);
                if !is_held_back {
                    pause(self.outgoing, wait, &failed.error).await;
                }
                self.last = Some(*failed.error);
                Ok(())
            }
            Verdict::GiveUp => Err(*failed.error),
            Verdict::Ambiguous => Err(self.ambiguous(failed)),
            Verdict::OutOfTime => Err(self.late(*failed.error)),
        }
    }

    /// Forgets a token that Azure refused; once in a call.
    async fn may_renew(&mut self, token: Option<&Secret>) -> bool {
        let (Some(tokens), Some(token), false) = (&self.sender.tokens, token, self.renewed) else {
            return false;
        };
        self.renewed = true;
        self.terms.out.set(false);
        tokens.forget(token).await;
        true
    }

    /// Lets the whole process wait when Azure asks one request to; returns whether the limiter holds that one, too.
    fn is_held_back(&self, error: &Error, wait: Duration) -> bool {
        let Error::Throttled { refusal, .. } = error else { return false };
        let Needs([aks, azure]) = self.needs();
        // Azure Resource Manager, or whatever is on the way to it, answers before AKS is asked.
        let before = ["", "SubscriptionRequestsThrottled", "TooManyRequests", "TooManyRequestsReceived"];
        let full = if before.contains(&refusal.code.as_str()) { azure } else { aks };
        self.sender.limiter.throttled(&full, wait)
    }

    fn needs(&self) -> Needs {
        self.sender.limiter.needs(self.outgoing.method, self.outgoing.url.path())
    }

    fn ambiguous(&self, failed: Failed) -> Error {
        let (call, last) = (self.outgoing.call.clone(), Some(failed.error));
        Error::Ambiguous { call, last, retry_after: failed.retry_after }
    }

    fn late(&self, last: Error) -> Error {
        Error::Deadline { call: self.outgoing.call.clone(), attempts: self.attempts, last: Box::new(last) }
    }
}

/// Waits for a token; where none comes in time, says what is known of it.
async fn bearer(
    tokens: &Tokens,
    terms: &Terms,
    call: &str,
    late: impl FnOnce(Error) -> Error,
) -> Result<Secret, Error> {
    match terms.in_time(call, WaitedFor::Token, tokens.bearer()).await {
        Ok(token) => token,
        Err(unsent) => match tokens.delay() {
            Some(why) => Err(late(Error::SignIn(Box::new(why)))),
            None => Err(unsent),
        },
    }
}

fn unsent(call: &str, waited_for: WaitedFor) -> Error {
    let last = Error::Unsent { call: call.to_owned(), waited_for };
    Error::Deadline { call: call.to_owned(), attempts: 0, last: Box::new(last) }
}

async fn pause(outgoing: &Outgoing, wait: Duration, error: &Error) {
    let (call, seconds) = (&outgoing.call, wait.as_secs_f32());
    if wait >= LONG_WAIT {
        tracing::info!(call, seconds, %error, "waiting before the request is sent again");
    } else {
        tracing::debug!(call, seconds, %error, "waiting before the request is sent again");
    }
    tokio::time::sleep(wait).await;
}

/// Method and path, status, id, duration; never a token, a body or a query, which may be signed.
fn log(outgoing: &Outgoing, result: &Result<Received, Failed>, took: Duration) {
    let call = &outgoing.call;
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match result {
        Ok(Received { status, request_id, .. }) => {
            tracing::debug!(call, status, request_id, ms, "answered");
        }
        Err(failed) => tracing::debug!(call, error = %failed.error, ms, "not answered"),
    }
}
