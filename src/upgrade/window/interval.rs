//! A half-open span of instants, and how spans combine.

use jiff::{SignedDuration, Timestamp};

/// The instants from `start` up to, but not including, `end`.
///
/// `start == Timestamp::MIN` means "without beginning", `end == Timestamp::MAX` "without end".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Interval {
    /// The first instant inside.
    pub start: Timestamp,
    /// The first instant after.
    pub end: Timestamp,
}

impl Interval {
    /// Returns the interval that starts at an instant and lasts that long, at most until the end of time.
    #[must_use]
    pub fn lasting(start: Timestamp, duration: SignedDuration) -> Interval {
        Interval { start, end: later(start, duration) }
    }

    /// Tells whether the instant lies inside.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    /// Returns the absolute time between start and end: a night on which the clocks change counts as it passes.
    #[must_use]
    pub fn duration(&self) -> SignedDuration {
        self.end.duration_since(self.start)
    }

    /// Returns how much of the interval is left at an instant: all of it before its start, zero after its end.
    #[must_use]
    pub fn left(&self, at: Timestamp) -> SignedDuration {
        self.end.duration_since(at.max(self.start)).max(SignedDuration::ZERO)
    }
}

/// Returns the instant that much later, at most the last instant there is.
pub(in crate::upgrade) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// Returns the instant that much earlier, at least the first instant there is.
pub(in crate::upgrade) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}
