//! Schedules less blackouts: is it open, when does it open next.

use jiff::{SignedDuration, Timestamp};

use super::interval::Interval;
use super::plan::Work;

/// When work may start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Windows {
    /// Permissions, OR-ed. None at all means always open.
    pub windows: Vec<Window>,
    /// Denials. One beats every window.
    pub blackouts: Vec<Blackout>,
    /// A step starts only if this much of the opening is left; `None`: at least its estimate.
    pub cutoff: Option<SignedDuration>,
}

/// One recurring permission.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {}

/// One denial.
#[derive(Clone, Debug, PartialEq)]
pub struct Blackout {}

impl Windows {
    /// Returns the opening that contains the instant, else the first one after it; `None` when it never opens again.
    ///
    /// The opening is maximal: windows that touch or overlap are one. Without any window the
    /// end is [`Timestamp::MAX`], or the next blackout.
    #[must_use]
    pub fn opening(&self, work: Work, at: Timestamp) -> Option<Interval> {
        todo!("{work:?} {at}")
    }
}
