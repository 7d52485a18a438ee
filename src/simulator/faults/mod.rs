//! What goes wrong on the wire, by script.
//!
//! A fault has a pattern (method, part of the path), a choice (the nth match, a number of times, or
//! a share with a fixed seed) and something that it does. Of faults that fit one request, the first applies.
//!
//! | `does` | heard by the world | what the caller gets |
//! |---|---|---|
//! | `answer` | no | `status`, `body`, `content_type`, `retry_after`, after `delay` |
//! | `html` | no | a page with `status`, as a proxy sends it |
//! | `redirect` | no | a redirect with `status` (307) to `to`, another host |
//! | `etag_mismatch` | no | AKS's 409 when somebody else was faster |
//! | `cut_before` | no | nothing: the connection is cut |
//! | `cut_after` | yes | nothing: the connection is cut |
//! | `truncate` | yes | the head and half of the body, then the connection is cut |
//! | `half_body` | yes | half of the body as if it were the whole |
//! | `wrong_length` | yes | the whole body under a length that promises more, then the connection is cut |
//! | `delay` | yes | the answer, after `delay` |
//! | `drip` | yes | the body in sixteen pieces, `delay` before each |
//! | `drain_fails` | yes | the answer; the operation that it starts fails at a drain |
//! | `operation_hangs` | yes | the answer; the operation that it starts never ends |

mod answer;

use bytes::Bytes;
use http::{Method, Response};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::simulator::identifier::mix;
use crate::simulator::outcome::Ending;

/// One scripted fault.
///
/// ```
/// use terraform_provider_aks::simulator::faults::Fault;
/// let fault: Fault = toml::from_str("method = \"GET\"\npath = \"operations\"\ntimes = 3\ndoes = \"answer\"\nstatus = 503").unwrap();
/// assert_eq!(fault.status, Some(503));
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The method; any, when it is not given.
    #[serde(default)]
    pub method: Option<String>,
    /// A part of the path, in any case; any path, when it is not given.
    #[serde(default)]
    pub path: Option<String>,
    /// Applies from this match on; the first is 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many times it applies.
    #[serde(default = "one")]
    pub times: u32,
    /// The share of matches, from 0 to 1, to which it applies; then `nth` and `times` do not count.
    #[serde(default)]
    pub share: Option<f64>,
    /// The seed of the share's dice.
    #[serde(default)]
    pub seed: u64,
    /// What it does.
    pub does: FaultKind,
    /// The status of an answer; 503 when it is not given, 307 of a redirect.
    #[serde(default)]
    pub status: Option<u16>,
    /// The body of an answer; an error in the gateway's shape, when it is not given.
    #[serde(default)]
    pub body: Option<String>,
    /// The content type of an answer.
    #[serde(default = "json")]
    pub content_type: String,
    /// The seconds of a `Retry-After` header beside an answer.
    #[serde(default)]
    pub retry_after: Option<u32>,
    /// Where a redirect leads.
    #[serde(default = "elsewhere")]
    pub to: String,
    /// How long an answer is held back, in real time.
    #[serde(default)]
    pub delay: SignedDuration,
    #[serde(skip)]
    matches: u32,
}

impl Fault {
    /// Checks that it can happen.
    ///
    /// # Errors
    ///
    /// The key because of which it cannot, and why, such as of `times = 0`.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let waits = matches!(self.does, FaultKind::Delay | FaultKind::Drip);
        match self {
            Fault { times: 0, share: None, .. } => Err(("times", "it never applies; give 1 or more.".into())),
            Fault { nth: 0, share: None, .. } => Err(("nth", "the first match is 1.".into())),
            Fault { share: Some(share), .. } if !(0.0..=1.0).contains(share) => {
                Err(("share", format!("{share} is no share from 0 to 1.")))
            }
            Fault { status: Some(status), .. } if !(200..=599).contains(status) => {
                Err(("status", format!("{status} is no status from 200 to 599.")))
            }
            Fault { delay, .. } if delay.is_negative() || waits && delay.is_zero() => {
                Err(("delay", "it holds nothing back; give one such as \"5s\".".into()))
            }
            _ => Ok(()),
        }
    }
}

/// What a fault does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers with status and body; the world hears nothing of the request.
    Answer,
    /// Answers with a page of HTML, as a proxy does.
    Html,
    /// Answers with a redirect to another host.
    Redirect,
    /// Answers as AKS does when somebody else has changed the cluster meanwhile.
    EtagMismatch,
    /// Cuts the connection; the world hears nothing of the request.
    CutBefore,
    /// Lets the request take effect, then cuts the connection: the answer is lost.
    CutAfter,
    /// Lets the request take effect, sends half of the answer, then cuts the connection.
    Truncate,
    /// Lets the request take effect, then sends half of the body as if it were the whole.
    HalfBody,
    /// Lets the request take effect, then sends less than the head promises.
    WrongLength,
    /// Lets the request take effect and holds the answer back for `delay`.
    Delay,
    /// Lets the request take effect and sends the body in pieces, `delay` before each.
    Drip,
    /// Lets the request take effect; the operation that it starts fails at a drain.
    DrainFails,
    /// Lets the request take effect; the operation that it starts never ends, unless it is aborted.
    OperationHangs,
}

/// What reaches the caller.
#[derive(Debug)]
pub enum Delivery {
    /// An answer, after a delay in real time.
    Whole(Response<Bytes>, SignedDuration),
    /// The head of an answer, which promises a length, and a body that falls short of it.
    Short(Response<Bytes>, usize),
    /// An answer in pieces, each after a delay in real time.
    Dripping(Response<Bytes>, SignedDuration),
    /// Nothing: the connection is cut.
    Nothing,
}

/// The script, in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Faults {
    #[serde(with = "script")]
    script: Vec<Fault>,
}

impl Faults {
    pub(super) fn new(script: Vec<Fault>) -> Self {
        Faults { script }
    }

    /// Adds a fault at the end of the script.
    pub fn add(&mut self, fault: Fault) {
        self.script.push(fault);
    }

    /// Forgets the script.
    pub fn clear(&mut self) {
        self.script.clear();
    }

    /// Returns the fault that applies to a request, and counts the match.
    pub(super) fn next_for(&mut self, method: &Method, path: &str) -> Option<Fault> {
        let path = path.to_ascii_lowercase();
        self.script.iter_mut().filter(|fault| fault.matches(method, &path)).find_map(Fault::count_match)
    }
}

impl Fault {
    fn matches(&self, method: &Method, path: &str) -> bool {
        let same = |wanted: &String| method.as_str().eq_ignore_ascii_case(wanted);
        let part = |wanted: &String| path.contains(&wanted.to_ascii_lowercase());
        self.method.as_ref().is_none_or(same) && self.path.as_ref().is_none_or(part)
    }

    fn count_match(&mut self) -> Option<Self> {
        self.matches += 1;
        let applies = match self.share {
            Some(share) => {
                (mix(self.seed ^ (u64::from(self.matches) << 32)) >> 11) as f64 / (1u64 << 53) as f64 <= share
            }
            None => (self.nth..self.nth.saturating_add(self.times)).contains(&self.matches),
        };
        applies.then(|| self.clone())
    }

    /// Does what it does to a request that `answer` would answer.
    pub(super) fn apply(self, answer: impl FnOnce() -> Response<Bytes>, now: Timestamp) -> Delivery {
        match self.does {
            FaultKind::Answer | FaultKind::Html | FaultKind::Redirect | FaultKind::EtagMismatch => {
                Delivery::Whole(self.answer(now), self.delay)
            }
            FaultKind::CutBefore => Delivery::Nothing,
            FaultKind::CutAfter => {
                answer();
                Delivery::Nothing
            }
            FaultKind::Truncate => {
                let response = answer();
                let promised = response.body().len();
                Delivery::Short(halved(response), promised)
            }
            FaultKind::HalfBody => Delivery::plain(halved(answer())),
            FaultKind::WrongLength => {
                let response = answer();
                let promised = response.body().len() + 1;
                Delivery::Short(response, promised)
            }
            FaultKind::Drip => Delivery::Dripping(answer(), self.delay),
            FaultKind::Delay | FaultKind::DrainFails | FaultKind::OperationHangs => {
                Delivery::Whole(answer(), self.delay)
            }
        }
    }

    /// Returns how the operation ends that the request starts, when the fault is of that kind.
    pub(super) fn ending(&self) -> Option<Ending> {
        match self.does {
            FaultKind::DrainFails => Some(Ending::Fail),
            FaultKind::OperationHangs => Some(Ending::Hang),
            _ => None,
        }
    }
}

impl Delivery {
    pub(super) fn plain(response: Response<Bytes>) -> Self {
        Delivery::Whole(response, SignedDuration::ZERO)
    }

    /// Returns the answer, if any of it reaches the caller.
    #[must_use]
    pub fn response(&self) -> Option<&Response<Bytes>> {
        match self {
            Delivery::Whole(response, _) | Delivery::Short(response, _) | Delivery::Dripping(response, _) => {
                Some(response)
            }
            Delivery::Nothing => None,
        }
    }
}

/// Keeps the count of matches in a snapshot, which a scenario must not set.
mod script {
    use crate::simulator::faults::Fault;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(script: &[Fault], to: S) -> Result<S::Ok, S::Error> {
        script.iter().map(|fault| (fault, fault.matches)).collect::<Vec<_>>().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Fault>, D::Error> {
        let counted = Vec::<(Fault, u32)>::deserialize(from)?;
        Ok(counted.into_iter().map(|(fault, matches)| Fault { matches, ..fault }).collect())
    }
}

fn halved(response: Response<Bytes>) -> Response<Bytes> {
    response.map(|body| body.slice(..body.len() / 2))
}

fn one() -> u32 {
    1
}

fn elsewhere() -> String {
    "https://elsewhere.example/".into()
}

fn json() -> String {
    "application/json".into()
}
