//! Which answers are tried again, and after how long.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The longest wait that a server can impose; anything longer is cut to it.
pub const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// The longest wait without a deadline to bound it.
const LONGEST_UNBOUNDED_WAIT: Duration = Duration::from_secs(120);

/// The Azure SDK guidelines' first delay and cap of the exponential back-off.
const FIRST: Duration = Duration::from_millis(800);
const CAP: Duration = Duration::from_secs(60);

/// A server that cannot be connected to is mostly a wrong name or a closed network: about 20 s, as others do.
const CONNECT_RETRIES: u32 = 4;

/// How one attempt ended, when it did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this HTTP status.
    Status(u16),
    /// The connection could not be made: the request was certainly not received.
    NotSent,
    /// The connection broke, timed out or ended early: the request may have been received.
    Broken,
    /// The connection must not be made, e.g. because the server's certificate is not trusted.
    Refused,
}

/// One failed attempt, and the limits that apply to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Whether the request may be sent twice without harm: every GET, and whatever asks for a token.
    pub is_safe: bool,
    /// Counts from 1.
    pub number: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// How long the server asks to wait ([`retry_after`]).
    pub retry_after: Option<Duration>,
    /// The time left until the deadline; `None` when there is no deadline.
    pub left: Option<Duration>,
    /// How many retries the user allows.
    pub max_retries: u32,
    /// Where the jitter comes from.
    pub seed: u64,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send the same request again after this long.
    Retry(Duration),
    /// The failure is final.
    GiveUp,
    /// The failure is final because there is no time left for another attempt.
    OutOfTime,
    /// A write may have been accepted: read the resource before anything else.
    Ambiguous,
}

/// Decides what follows a failed attempt.
///
/// | answer | GET | PUT, POST |
/// |---|---|---|
/// | 429, or no connection | again | again |
/// | 408, 5xx, connection broke | again | ambiguous: a second write could meet the first one running |
/// | other 4xx with `Retry-After` | again | final |
/// | anything else | final | final |
///
/// The number of retries is bounded by `max_retries`, except where the server named an interval of a
/// second or more and a deadline bounds the wait (a throttled subscription can need hundreds).
#[must_use]
pub fn after(attempt: &Attempt) -> Verdict {
    if !is_tried_again(attempt) {
        return if is_ambiguous(attempt) { Verdict::Ambiguous } else { Verdict::GiveUp };
    }
    if attempt.number > allowed(attempt) {
        return Verdict::GiveUp;
    }
    let wait = attempt.retry_after.unwrap_or_else(|| backoff(attempt.number, attempt.seed));
    match attempt.left {
        Some(left) if wait >= left => Verdict::OutOfTime,
        None if wait > LONGEST_UNBOUNDED_WAIT => Verdict::GiveUp,
        _ => Verdict::Retry(wait),
    }
}

fn is_tried_again(attempt: &Attempt) -> bool {
    match attempt.outcome {
        Outcome::NotSent | Outcome::Status(429) => true,
        Outcome::Broken | Outcome::Status(408 | 500..) => attempt.is_safe,
        Outcome::Status(400..) => attempt.is_safe && attempt.retry_after.is_some(),
        Outcome::Status(_) | Outcome::Refused => false,
    }
}

fn is_ambiguous(attempt: &Attempt) -> bool {
    !attempt.is_safe && matches!(attempt.outcome, Outcome::Broken | Outcome::Status(408 | 500..))
}

fn allowed(attempt: &Attempt) -> u32 {
    let paced = attempt.retry_after.is_some_and(|wait| wait >= Duration::from_secs(1));
    match attempt.outcome {
        Outcome::NotSent => attempt.max_retries.min(CONNECT_RETRIES),
        Outcome::Status(_) if paced && attempt.left.is_some() => u32::MAX,
        _ => attempt.max_retries,
    }
}

/// Returns 0.8 s · 2ⁿ⁻¹, at most 60 s, give or take a fifth.
fn backoff(number: u32, seed: u64) -> Duration {
    let doubled = FIRST.saturating_mul(1 << number.saturating_sub(1).min(16));
    let thousandths = 800 + mix(seed ^ u64::from(number)) % 400;
    doubled.min(CAP).saturating_mul(u32::try_from(thousandths).unwrap_or(1000)) / 1000
}

/// The finaliser of splitmix64: neighbouring seeds give unrelated numbers.
fn mix(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns how long the server asks to wait; `None` when it does not say, or says nonsense.
///
/// Reads `x-ms-retry-after-ms`, `retry-after-ms` and `retry-after` (seconds, or an HTTP date, which is
/// measured against the same answer's `date`). Between 0.1 s and one hour, whatever the server says.
pub fn retry_after<'a>(header: impl Fn(&'static str) -> Option<&'a str>) -> Option<Duration> {
    let number = |name| header(name)?.trim().parse::<u64>().ok();
    let date = |name| header(name).and_then(http_date);
    let until = || date("retry-after")?.duration_since(date("date")?).try_into().ok();
    number("x-ms-retry-after-ms")
        .or_else(|| number("retry-after-ms"))
        .map(Duration::from_millis)
        .or_else(|| number("retry-after").map(Duration::from_secs))
        .or_else(until)
        .map(|wait| wait.clamp(Duration::from_millis(100), LONGEST_WAIT))
}

/// Reads an HTTP date, e.g. `Thu, 06 Nov 2025 00:55:40 GMT`.
#[must_use]
pub fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}
