//! Schedules less blackouts, without a memory: where an opening begins and ends.
//!
//! Every question is answered by leaping from edge to edge, never by walking through the time between, so
//! an answer takes bounded time however rare a window is. Two limits, both beyond practice, make the bound:
//! an opening more than 400 years away counts as none ([`CYCLE`]), and an opening that only several windows
//! together keep open is followed for at most [`REACH`] to either side of the instant asked about.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::kind::Kind;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::interval::{earlier, later};
use crate::upgrade::window::schedule::Window;

/// 400 years: the Gregorian calendar, weekdays included, repeats after them. Farther away is never.
pub const CYCLE: SignedDuration = SignedDuration::from_hours(146_097 * 24);

/// Five years: an opening longer than this, kept open by several windows taking turns or through changes of
/// the clocks, is cut; [`Windows::openings`](crate::upgrade::window::Windows::openings) then goes on with a next one
/// that touches it.
pub const REACH: SignedDuration = SignedDuration::from_hours(1_827 * 24);

/// Windows and the blackouts that beat them.
#[derive(Clone, Copy)]
pub(super) struct Openings<'a> {
    /// Permissions, OR-ed. None at all means always open.
    pub windows: &'a [Window],
    /// Denials.
    pub blackouts: &'a [Blackout],
}

impl<'a> Openings<'a> {
    /// Tells whether a window permits the work at that instant, blackouts aside.
    pub(super) fn window_at(self, kind: Kind, at: Timestamp) -> bool {
        self.windows.is_empty() || self.windows_for(kind).any(|window| window.contains(at))
    }

    /// Returns the blackout that denies the work at that instant; of several, the one that lasts longest.
    pub(super) fn blackout_at(self, kind: Kind, at: Timestamp) -> Option<&'a Blackout> {
        self.denials(kind, at).max_by_key(|(_, until)| *until).map(|(blackout, _)| blackout)
    }

    fn windows_for(self, kind: Kind) -> impl Iterator<Item = &'a Window> {
        self.windows.iter().filter(move |window| window.applies_to(kind))
    }

    fn blackouts_for(self, kind: Kind) -> impl Iterator<Item = &'a Blackout> {
        self.blackouts.iter().filter(move |blackout| blackout.applies_to(kind))
    }

    /// Returns the blackouts in force at an instant, each with its end.
    fn denials(self, kind: Kind, at: Timestamp) -> impl Iterator<Item = (&'a Blackout, Timestamp)> {
        self.blackouts_for(kind).filter_map(move |blackout| {
            blackout.last_by(at).filter(|one| one.contains(at)).map(|one| (blackout, one.end))
        })
    }

    /// Returns the first open instant at or after another.
    pub(super) fn first_open(self, kind: Kind, at: Timestamp) -> Option<Timestamp> {
        let (mut candidate, horizon) = (at, later(at, CYCLE));
        while candidate < horizon {
            let permitted = self.first_permitted(kind, candidate)?;
            candidate = self.first_undenied(kind, permitted, horizon);
            if candidate == permitted {
                return Some(permitted).filter(|open| *open < horizon);
            }
        }
        None
    }

    /// Returns the first instant at or after another that no blackout denies, or one past the horizon.
    fn first_undenied(self, kind: Kind, at: Timestamp, horizon: Timestamp) -> Timestamp {
        let mut candidate = at;
        while candidate < horizon
            && let Some(over) = self.denials(kind, candidate).map(|(_, until)| until).max()
        {
            candidate = over;
        }
        candidate
    }

    /// Returns the first instant at or after another at which a window is open.
    fn first_permitted(self, kind: Kind, at: Timestamp) -> Option<Timestamp> {
        if self.window_at(kind, at) {
            return Some(at);
        }
        self.windows_for(kind).filter_map(|window| window.first_from(at)).map(|next| next.start).min()
    }

    /// Follows windows that touch or overlap from an open instant to the end of the opening.
    pub(super) fn open_until(self, kind: Kind, open: Timestamp) -> Timestamp {
        let blackouts = self.blackouts_for(kind).filter_map(|blackout| blackout.first_after(open));
        let fence = blackouts.map(|next| next.start).min().unwrap_or(Timestamp::MAX);
        if self.windows.is_empty() {
            return fence;
        }
        let (mut end, limit) = (open, fence.min(later(open, REACH)));
        while end < limit {
            match self.windows_for(kind).filter_map(|window| window.open_until(end)).max() {
                Some(farther) if farther > end => end = farther,
                _ => break,
            }
        }
        end.min(fence)
    }

    /// Follows windows that touch or overlap from an open instant back to the start of the opening.
    pub(super) fn open_since(self, kind: Kind, open: Timestamp) -> Timestamp {
        let blackouts = self.blackouts_for(kind).filter_map(|blackout| blackout.last_by(open));
        let fence = blackouts.map(|last| last.end).max().unwrap_or(Timestamp::MIN);
        if self.windows.is_empty() {
            return fence;
        }
        let (mut start, limit) = (open, fence.max(earlier(open, REACH)));
        while start > limit {
            match self.windows_for(kind).filter_map(|window| window.open_since(start)).min() {
                Some(farther) if farther < start => start = farther,
                _ => break,
            }
        }
        start.max(fence)
    }
}
