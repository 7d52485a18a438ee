//! Schedules less blackouts, stateless: where an opening begins and ends.
//!
//! Every question is answered by leaping from edge to edge, never by walking through the time between, so
//! an answer takes bounded time however rare a window is. Two limits, both beyond practice, make the bound:
//! an opening more than 400 years away counts as none ([`CYCLE`]), and an opening that several windows together
//! keep open for [`REACH`] to a side of the instant asked about counts as open for ever on that side, blackouts aside.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::task::Task;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::interval::{earlier, later};
use crate::upgrade::window::schedule::Window;

/// 400 years: the Gregorian calendar, weekdays included, repeats after them. Farther away is never.
pub const CYCLE: SignedDuration = SignedDuration::from_hours(146_097 * 24);

/// 40 years: how far ahead a long enough opening is looked for, and one in which several tasks may all start. The
/// rarest date, 29 February on a given weekday, recurs within them even across 2100.
pub const LOOKOUT: SignedDuration = SignedDuration::from_hours(14_610 * 24);

/// Five years: windows that take turns for so long, through a leap day and every change of the clocks, do it for ever.
const REACH: SignedDuration = SignedDuration::from_hours(1_827 * 24);

/// Windows and the blackouts that beat them.
#[derive(Clone, Copy)]
pub(super) struct Openings<'a> {
    /// Permissions, OR-ed. None at all means always open.
    pub windows: &'a [Window],
    /// Denials.
    pub blackouts: &'a [Blackout],
}

impl<'a> Openings<'a> {
    /// Tells whether windows permit all of the tasks at that instant, blackouts aside. No task is never permitted.
    pub(super) fn window_at(self, tasks: &[Task], at: Timestamp) -> bool {
        !tasks.is_empty() && tasks.iter().all(|task| self.of(task).window_at(at))
    }

    /// Returns the blackout that denies one of the tasks at that instant; of several, the one that lasts longest.
    pub(super) fn blackout_at(self, tasks: &[Task], at: Timestamp) -> Option<&'a Blackout> {
        let denials = self.blackouts.iter().filter_map(|blackout| {
            let last = blackout.last_by(at).filter(|last| last.contains(at))?;
            tasks.iter().any(|task| blackout.spec().scope.denies(task)).then_some((blackout, last.end))
        });
        denials.max_by_key(|(_, until)| *until).map(|(blackout, _)| blackout)
    }

    /// Returns the first instant at or after another that is open to all of the tasks.
    ///
    /// Each task in turn leaps to where it is open, until none has to.
    pub(super) fn first_open(self, tasks: &[Task], at: Timestamp) -> Option<Timestamp> {
        let horizon = later(at, if tasks.len() > 1 { LOOKOUT } else { CYCLE });
        let (mut open, mut agreed) = (at, 0);
        let mut turns = tasks.iter().cycle();
        while agreed < tasks.len().max(1) {
            let next = self.of(turns.next()?).first_open(open, horizon)?;
            agreed = if next == open { agreed + 1 } else { 1 };
            open = next;
        }
        Some(open)
    }

    /// Follows windows that touch or overlap from an open instant to the end of the opening.
    pub(super) fn open_until(self, tasks: &[Task], open: Timestamp) -> Timestamp {
        tasks.iter().map(|task| self.of(task).open_until(open)).min().unwrap_or(open)
    }

    /// Follows windows that touch or overlap from an open instant back to the start of the opening.
    pub(super) fn open_since(self, tasks: &[Task], open: Timestamp) -> Timestamp {
        tasks.iter().map(|task| self.of(task).open_since(open)).max().unwrap_or(open)
    }

    fn of<'t>(self, task: &'t Task) -> OfTask<'a, 't> {
        OfTask { openings: self, task }
    }
}

/// The openings of one task.
#[derive(Clone, Copy)]
struct OfTask<'a, 't> {
    openings: Openings<'a>,
    task: &'t Task,
}

impl<'a> OfTask<'a, '_> {
    /// Tells whether no window is needed.
    fn is_free(self) -> bool {
        self.openings.windows.is_empty()
    }

    fn windows(self) -> impl Iterator<Item = &'a Window> {
        self.openings.windows.iter().filter(move |window| window.spec().scope.permits(self.task))
    }

    fn blackouts(self) -> impl Iterator<Item = &'a Blackout> {
        self.openings.blackouts.iter().filter(move |blackout| blackout.spec().scope.denies(self.task))
    }

    fn window_at(self, at: Timestamp) -> bool {
        self.is_free() || self.windows().any(|window| window.contains(at))
    }

    /// Returns the first open instant at or after another, before the horizon.
    fn first_open(self, at: Timestamp, horizon: Timestamp) -> Option<Timestamp> {
        let mut candidate = at;
        while candidate < horizon {
            let permitted = self.first_permitted(candidate)?;
            candidate = self.first_undenied(permitted, horizon);
            if candidate == permitted {
                return Some(permitted).filter(|open| *open < horizon);
            }
        }
        None
    }

    /// Returns the first instant at or after another that no blackout denies, or one past the horizon.
    fn first_undenied(self, at: Timestamp, horizon: Timestamp) -> Timestamp {
        let mut candidate = at;
        while candidate < horizon
            && let Some(over) = self.denied_until(candidate)
        {
            candidate = over;
        }
        candidate
    }

    /// Returns the end of the blackout in force at an instant, of the longest if there are several.
    fn denied_until(self, at: Timestamp) -> Option<Timestamp> {
        let last = self.blackouts().filter_map(|blackout| blackout.last_by(at));
        last.filter(|last| last.contains(at)).map(|last| last.end).max()
    }

    /// Returns the first instant at or after another at which a window is open.
    fn first_permitted(self, at: Timestamp) -> Option<Timestamp> {
        if self.window_at(at) {
            return Some(at);
        }
        self.windows().filter_map(|window| window.first_from(at)).map(|next| next.start).min()
    }

    fn open_until(self, open: Timestamp) -> Timestamp {
        let blackouts = self.blackouts().filter_map(|blackout| blackout.first_after(open));
        let fence = blackouts.map(|next| next.start).min().unwrap_or(Timestamp::MAX);
        if self.is_free() {
            return fence;
        }
        let (mut end, limit) = (open, fence.min(later(open, REACH)));
        while end < limit {
            match self.windows().filter_map(|window| window.open_until(end)).max() {
                Some(farther) if farther > end => end = farther,
                _ => break,
            }
        }
        if end >= later(open, REACH) { fence } else { end.min(fence) }
    }

    fn open_since(self, open: Timestamp) -> Timestamp {
        let blackouts = self.blackouts().filter_map(|blackout| blackout.last_by(open));
        let fence = blackouts.map(|last| last.end).max().unwrap_or(Timestamp::MIN);
        if self.is_free() {
            return fence;
        }
        let (mut start, limit) = (open, fence.max(earlier(open, REACH)));
        while start > limit {
            match self.windows().filter_map(|window| window.open_since(start)).min() {
                Some(farther) if farther < start => start = farther,
                _ => break,
            }
        }
        if start <= earlier(open, REACH) { fence } else { start.max(fence) }
    }
}
