//! Schedules less blackouts: is it open, when does it open next.
//!
//! Every question is answered by leaping from edge to edge, never by walking through the time between, so
//! an answer takes bounded time however rare a window is. Two limits, both beyond practice, make the bound:
//! an opening more than 400 years away counts as none ([`CYCLE`]), and an opening that only several windows
//! together keep open is followed for at most [`REACH`] to either side of the instant asked about.

use std::iter;

use jiff::{SignedDuration, Timestamp};

use super::blackout::Blackout;
use super::interval::{Interval, earlier, later};
use super::plan::{Step, Work};
use super::schedule::Window;

/// 400 years: the Gregorian calendar, weekdays included, repeats after them. Farther away is never.
pub const CYCLE: SignedDuration = SignedDuration::from_hours(146_097 * 24);

/// Five years: an opening longer than this, kept open by several windows taking turns or through changes of
/// the clocks, is cut; [`Windows::openings`] then goes on with a next one that touches it.
pub const REACH: SignedDuration = SignedDuration::from_hours(1_827 * 24);

/// 40 years: how far ahead a long enough opening is looked for. The rarest date, 29 February on a given
/// weekday, recurs within them even across 2100.
pub const LOOKOUT: SignedDuration = SignedDuration::from_hours(14_610 * 24);

/// When work may start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Windows {
    /// Permissions, OR-ed. None at all means always open; some, but none for a kind of work, means never.
    pub windows: Vec<Window>,
    /// Denials. One beats every window.
    pub blackouts: Vec<Blackout>,
    /// A step starts only if this much of the opening is left; `None`: at least its estimate.
    pub cutoff: Option<SignedDuration>,
}

impl Windows {
    /// Returns the opening that contains the instant, else the first one after it; `None` when it never opens again.
    ///
    /// The opening is maximal: windows that touch or overlap are one. Without any window it reaches from
    /// [`Timestamp::MIN`] or the blackout before, to [`Timestamp::MAX`] or the next blackout.
    #[must_use]
    pub fn opening(&self, work: Work, at: Timestamp) -> Option<Interval> {
        let open = self.first_open(work, at)?;
        // The first open instant after a closed one is a start; only what is open already began before.
        let start = if open == at { self.open_since(work, open) } else { open };
        Some(Interval { start, end: self.open_until(work, open) })
    }

    /// Tells whether work may start at that instant.
    #[must_use]
    pub fn is_open(&self, work: Work, at: Timestamp) -> bool {
        self.blackout_at(work, at).is_none() && self.window_at(work, at)
    }

    /// Returns how much of an opening must be left when a step starts.
    #[must_use]
    pub fn needs(&self, step: &Step) -> SignedDuration {
        self.cutoff.unwrap_or(step.estimate)
    }

    /// Returns the opening that contains the instant and all that follow: ordered, disjoint, not touching.
    ///
    /// Nothing is kept between two of them.
    pub fn openings(&self, work: Work, after: Timestamp) -> impl Iterator<Item = Interval> {
        iter::successors(self.opening(work, after), move |last| {
            let start = self.first_open(work, last.end)?;
            Some(Interval { start, end: self.open_until(work, start) })
        })
    }

    /// Returns the first opening of which at least so much is left after the instant, among those of [`LOOKOUT`].
    ///
    /// `None` means that a step which needs that long can never start: a window too short, or cut up by blackouts.
    #[must_use]
    pub fn opening_for(&self, work: Work, after: Timestamp, need: SignedDuration) -> Option<Interval> {
        self.lookout(work, after).find(|opening| opening.left(after) >= need)
    }

    /// Returns the longest opening, the first of several equals, among those of [`LOOKOUT`]; `None` when it never opens.
    ///
    /// What is past of an opening at `after` does not count. Every opening is looked at, which takes some
    /// milliseconds; whether a step fits is for [`Windows::opening_for`], which stops at the first.
    #[must_use]
    pub fn longest_opening(&self, work: Work, after: Timestamp) -> Option<Interval> {
        self.lookout(work, after).reduce(
            |longest, next| {
                if next.left(after) > longest.left(after) { next } else { longest }
            },
        )
    }

    /// Tells whether that kind of work can never start again.
    #[must_use]
    pub fn never_opens(&self, work: Work, after: Timestamp) -> bool {
        self.first_open(work, after).is_none()
    }

    /// Tells whether a window permits the work at that instant, blackouts aside.
    #[must_use]
    pub fn window_at(&self, work: Work, at: Timestamp) -> bool {
        self.windows.is_empty() || self.windows_for(work).any(|window| window.contains(at))
    }

    /// Returns the blackout that denies the work at that instant; of several, the one that lasts longest.
    #[must_use]
    pub fn blackout_at(&self, work: Work, at: Timestamp) -> Option<&Blackout> {
        self.denials(work, at).max_by_key(|(_, until)| *until).map(|(blackout, _)| blackout)
    }

    /// Returns what is left when the windows, the blackouts or both are ignored: the effect of an `override`.
    #[must_use]
    pub fn without(&self, window: bool, blackout: bool) -> Windows {
        Windows {
            windows: if window { Vec::new() } else { self.windows.clone() },
            blackouts: if blackout { Vec::new() } else { self.blackouts.clone() },
            cutoff: self.cutoff,
        }
    }

    fn windows_for(&self, work: Work) -> impl Iterator<Item = &Window> {
        self.windows.iter().filter(move |window| window.applies_to(work))
    }

    fn blackouts_for(&self, work: Work) -> impl Iterator<Item = &Blackout> {
        self.blackouts.iter().filter(move |blackout| blackout.applies_to(work))
    }

    /// Returns the blackouts in force at an instant, each with its end.
    fn denials(&self, work: Work, at: Timestamp) -> impl Iterator<Item = (&Blackout, Timestamp)> {
        self.blackouts_for(work).filter_map(move |blackout| {
            blackout.last_by(at).filter(|one| one.contains(at)).map(|one| (blackout, one.end))
        })
    }

    /// Returns the first open instant at or after another.
    fn first_open(&self, work: Work, at: Timestamp) -> Option<Timestamp> {
        let (mut candidate, horizon) = (at, later(at, CYCLE));
        while candidate < horizon {
            let permitted = self.first_permitted(work, candidate)?;
            candidate = self.first_undenied(work, permitted, horizon);
            if candidate == permitted {
                return Some(permitted).filter(|open| *open < horizon);
            }
        }
        None
    }

    /// Returns the first instant at or after another that no blackout denies, or one past the horizon.
    fn first_undenied(&self, work: Work, at: Timestamp, horizon: Timestamp) -> Timestamp {
        let mut candidate = at;
        while candidate < horizon
            && let Some(over) = self.denials(work, candidate).map(|(_, until)| until).max()
        {
            candidate = over;
        }
        candidate
    }

    /// Returns the first instant at or after another at which a window is open.
    fn first_permitted(&self, work: Work, at: Timestamp) -> Option<Timestamp> {
        if self.window_at(work, at) {
            return Some(at);
        }
        self.windows_for(work).filter_map(|window| window.first_from(at)).map(|next| next.start).min()
    }

    /// Follows windows that touch or overlap from an open instant to the end of the opening.
    fn open_until(&self, work: Work, open: Timestamp) -> Timestamp {
        let blackouts = self.blackouts_for(work).filter_map(|blackout| blackout.first_after(open));
        let fence = blackouts.map(|next| next.start).min().unwrap_or(Timestamp::MAX);
        if self.windows.is_empty() {
            return fence;
        }
        let (mut end, limit) = (open, fence.min(later(open, REACH)));
        while end < limit {
            match self.windows_for(work).filter_map(|window| window.open_until(end)).max() {
                Some(farther) if farther > end => end = farther,
                _ => break,
            }
        }
        end.min(fence)
    }

    /// Follows windows that touch or overlap from an open instant back to the start of the opening.
    fn open_since(&self, work: Work, open: Timestamp) -> Timestamp {
        let blackouts = self.blackouts_for(work).filter_map(|blackout| blackout.last_by(open));
        let fence = blackouts.map(|last| last.end).max().unwrap_or(Timestamp::MIN);
        if self.windows.is_empty() {
            return fence;
        }
        let (mut start, limit) = (open, fence.max(earlier(open, REACH)));
        while start > limit {
            match self.windows_for(work).filter_map(|window| window.open_since(start)).min() {
                Some(farther) if farther < start => start = farther,
                _ => break,
            }
        }
        start.max(fence)
    }

    fn lookout(&self, work: Work, after: Timestamp) -> impl Iterator<Item = Interval> {
        let mut openings = self.openings(work, after).peekable();
        let until = openings.peek().map_or(after, |first| later(first.end.max(after), LOOKOUT));
        openings.take_while(move |opening| opening.start < until)
    }
}
