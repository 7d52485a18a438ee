//! What went wrong between us and Azure, as data.
//!
//! Printing an error states the fact on one line, for a log. What to do about it is for those to say who know
//! how a user configures what calls us. [`sign_in`] is what goes wrong before the first call.

pub mod sign_in;

use std::time::Duration;

use crate::arm::address::{Insecure, Untrusted};
use crate::arm::error::sign_in::{SignInError, Unusable, Way};
use crate::arm::id::IdError;
use crate::arm::limiter::limit::Limit;
use crate::arm::refusal::Refusal;

/// Why a call to Azure did not give what was asked.
///
/// There is a variant for everything that somebody matches on. It never holds a token, a query string or a
/// terminal escape.
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
    #[error("The identity {lacks}: {0}.", lacks = lacks(.0))]
    Forbidden(Box<Refusal>),
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
    /// Azure does not accept the access token (401), a new one neither.
    #[error("Azure does not accept the access token: {0}.")]
    Unauthorized(Box<Refusal>),
    /// Azure refused for any other reason.
    #[error("Azure refused a request: {0}.")]
    Azure(Box<Refusal>),
    /// A write was sent and nobody knows whether Azure accepted it: read the resource before sending it again.
    #[error("{call} was sent, but whether Azure accepted it is unknown: {}.", hid(last))]
    Ambiguous {
        /// Method and path.
        call: String,
        /// What hid the outcome; `None` when nobody waited for the answer.
        last: Option<Box<Error>>,
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
        /// The whole chain of causes, without a full stop.
        cause: String,
        /// Whether there was a connection, so that the request may have arrived.
        connected: bool,
    },
    /// An answer came that cannot be understood.
    #[error("{call} got an answer that cannot be understood: {flaw}.")]
    Malformed {
        /// Method and path.
        call: String,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// There is no token.
    #[error(transparent)]
    SignIn(Box<SignInError>),
    /// The first way to sign in that is configured cannot work, e.g. a certificate file that is missing.
    #[error("{way} cannot be used: {flaw}.")]
    Credential {
        /// The way to sign in.
        way: Way,
        /// What is wrong with it.
        flaw: Unusable,
    },
    /// The deadline passed before the call succeeded; [`Error::Unsent`] inside says that it was not even sent.
    #[error("{}", late(call, *attempts, last))]
    Deadline {
        /// Method and path.
        call: String,
        /// How often it was tried.
        attempts: u32,
        /// Why the last attempt failed, or why there was none.
        last: Box<Error>,
    },
    /// The call waited to be sent.
    #[error("{call} was not sent: its deadline passed while it waited for {waited_for}.")]
    Unsent {
        /// Method and path.
        call: String,
        /// What it waited for.
        waited_for: WaitedFor,
    },
    /// A name cannot stand in a request.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The address of Azure Resource Manager cannot be used.
    #[error("The endpoint \"{given}\" cannot be used: {reason}.")]
    Endpoint {
        /// What was given, without a password.
        given: String,
        /// What is wrong with it.
        reason: Untrusted,
    },
    /// A cloud does not say where it is.
    #[error("The metadata host \"{host}\" does not describe its cloud: {flaw}.")]
    Metadata {
        /// What was given, without a password.
        host: String,
        /// What went wrong.
        flaw: Undescribed,
    },
    /// This machine cannot send HTTPS requests at all.
    #[error("The HTTPS client cannot be built: {cause}.")]
    Https {
        /// The whole chain of causes.
        cause: String,
    },
}

/// Why a cloud's description of its addresses is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undescribed {
    /// An address, that of the metadata host or one that it names.
    #[error(transparent)]
    Address(#[from] Insecure),
    /// The metadata host did not answer, or refused.
    #[error("{}", brief(.0))]
    Call(Box<Error>),
    /// The description lacks a field, e.g. `authentication/audiences`.
    #[error("its description lacks {0}")]
    Lacks(&'static str),
    /// It was read over https and names an address that is not.
    #[error("it names \"{0}\", which is not https")]
    PlainHttp(String),
}

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Flaw {
    /// The body is empty or no JSON, e.g. a page of a proxy.
    #[error("{0}")]
    NotJson(String),
    /// The body has more bytes than that.
    #[error("its body is larger than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// It tells no time.
    #[error("it has no Date header, which is the clock that windows are judged by")]
    NoDate,
    /// The next page of a list is not to be had.
    #[error("its nextLink cannot be followed, because {0}")]
    NextLink(Untrusted),
    /// A list has more pages than any list has.
    #[error("its nextLink cannot be followed, because the pages never end")]
    EndlessPages,
    /// A URL cannot be built.
    #[error("its URL is not valid ({0})")]
    Url(String),
    /// It is about another resource than the one that was asked for.
    #[error("it is about {0}")]
    Other(String),
    /// A cluster or pool has no usable version.
    #[error(transparent)]
    NoVersion(#[from] NoVersion),
}

/// A cluster or pool without a usable version, which cannot be represented.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{of} has no full Kubernetes version: {field} is {given}, where a version such as \"1.34.2\" is expected"
)]
pub struct NoVersion {
    /// `the cluster prod`, `the node pool system`.
    pub of: String,
    /// The field of Azure's body that should have it.
    pub field: &'static str,
    /// What the field holds, e.g. `"1.32"`.
    pub given: String,
}

/// What a call waits for before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaitedFor {
    /// A token.
    #[error("a token")]
    Token,
    /// Whatever it was, Azure's clock ran faster than ours meanwhile.
    #[error("its turn")]
    Turn,
    /// A limit that Azure publishes.
    #[error("Azure's limit of {0}")]
    Limit(Limit),
    /// One of the requests under way.
    #[error("one of the {0} requests that are under way at once")]
    Crowd(usize),
    /// Another caller that asks the same.
    #[error("another resource that asks the same")]
    SameQuestion,
}

impl Error {
    /// Reads an answer that is not a success.
    #[must_use]
    pub fn from_answer(
        call: &str,
        status: u16,
        request_id: Option<&str>,
        retry_after: Option<Duration>,
        body: &[u8],
    ) -> Self {
        let refusal = Box::new(Refusal::read(call, status, request_id, body));
        match status {
            401 => Error::Unauthorized(refusal),
            403 => Error::Forbidden(refusal),
            404 if refusal.is_about_the_resource_itself() => Error::NotFound(refusal),
            409 if refusal.code == "EtagMismatch" => Error::Precondition(refusal),
            409 if refusal.is_about_another_operation() => Error::Conflict(refusal),
            412 => Error::Precondition(refusal),
            429 => Error::Throttled { retry_after, refusal },
            _ => Error::Azure(refusal),
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

    /// Tells whether nobody could sign in: there is no token, or none that Azure accepts.
    #[must_use]
    pub fn is_sign_in(&self) -> bool {
        match self {
            Error::SignIn(_) | Error::Credential { .. } | Error::Unauthorized(_) => true,
            Error::Deadline { last, .. } => last.is_sign_in(),
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
            | Error::Forbidden(refusal)
            | Error::Unauthorized(refusal)
            | Error::Throttled { refusal, .. } => Some(refusal),
            Error::Deadline { last, .. } => last.refusal(),
            _ => None,
        }
    }
}

/// Says an error without a full stop and without what is plain where it is shown: the call names the host already.
fn brief(error: &Error) -> String {
    if let Some(refusal) = error.refusal() {
        return refusal.to_string();
    }
    match error {
        Error::Unreachable { call, cause, .. } => format!("{call} got no answer: {cause}"),
        other => other.to_string().trim_end_matches('.').to_owned(),
    }
}

fn lacks(refusal: &Refusal) -> String {
    match (refusal.action(), refusal.scope()) {
        (Some(action), Some(scope)) => format!("lacks the permission {action} on {scope}"),
        (Some(action), None) => format!("lacks the permission {action}"),
        _ => "lacks a permission".into(),
    }
}

fn hid(last: &Option<Box<Error>>) -> String {
    match last.as_deref() {
        None => "nobody waited for its answer".to_owned(),
        Some(Error::Unreachable { cause, .. }) => cause.clone(),
        Some(Error::Malformed { flaw, .. }) => flaw.to_string(),
        Some(other) => other.refusal().map_or_else(|| other.to_string(), ToString::to_string),
    }
}

fn late(call: &str, attempts: u32, last: &Error) -> String {
    match last {
        Error::Unsent { .. } => last.to_string(),
        _ if attempts == 0 => format!("{call} was not sent, since its deadline passed before: {last}"),
        _ => {
            let plural = if attempts == 1 { "" } else { "s" };
            format!(
                "{call} did not succeed before its deadline ({attempts} attempt{plural} tried); the last answer was: {last}"
            )
        }
    }
}
