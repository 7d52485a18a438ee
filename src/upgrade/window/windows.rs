//! When work may start: is it open, when does it open next.

use std::collections::BTreeSet;
use std::{iter, slice};

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::kind::Kind;
use crate::upgrade::task::{Component, Task};
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::interval::{Interval, later};
use crate::upgrade::window::openings::{LOOKOUT, Openings};
use crate::upgrade::window::schedule::Window;

/// When work may start.
///
/// What wants to start is one or more [`Task`]s; an opening is open to all of them at once, and to none never.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Windows {
    /// Permissions, OR-ed. None at all means always open; some, but none for a task, means never.
    pub windows: Vec<Window>,
    /// Denials. One beats every window.
    pub blackouts: Vec<Blackout>,
    /// A step starts only if this much of the opening is left; `None`: at least its estimate.
    pub cutoff: Option<SignedDuration>,
    /// What does not count for a while: the effect of an `override`.
    pub exemption: Option<Exemption>,
}

/// Until an instant, some of the rules do not count.
///
/// What an exemption opened closes when it ends, so a promise made under it holds no more than fits before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// From here on everything counts.
    pub until: Timestamp,
    /// Whether the windows do not count.
    pub windows: bool,
    /// Whether the blackouts do not count.
    pub blackouts: bool,
    /// Whether [`Windows::cutoff`] does not count.
    pub cutoff: bool,
}

impl Windows {
    /// Returns the opening that contains the instant, else the first one after it; `None` when it never opens again.
    ///
    /// The opening is maximal: windows that touch or overlap are one. Without any window it reaches from
    /// [`Timestamp::MIN`] or the blackout before, to [`Timestamp::MAX`] or the next blackout.
    #[must_use]
    pub fn opening(&self, tasks: &[Task], at: Timestamp) -> Option<Interval> {
        let open = self.first_open(tasks, at)?;
        // The first open instant after a closed one is a start; only what is open already began before.
        let start = if open == at { self.open_since(tasks, open) } else { open };
        Some(Interval { start, end: self.open_until(tasks, open) })
    }

    /// Tells whether all of it may start at that instant.
    #[must_use]
    pub fn is_open(&self, tasks: &[Task], at: Timestamp) -> bool {
        self.blackout_at(tasks, at).is_none() && self.window_at(tasks, at)
    }

    /// Tells whether anything may start at that instant, whatever windows and blackouts are limited to.
    #[must_use]
    pub fn is_open_to_any(&self, at: Timestamp) -> bool {
        self.tasks(&Kind::ALL).iter().any(|task| self.is_open(slice::from_ref(task), at))
    }

    /// Returns every task of these kinds that the windows and blackouts may tell apart: the control plane, each pool
    /// that is named, and any other, whose name is empty.
    #[must_use]
    pub fn tasks(&self, kinds: &[Kind]) -> Vec<Task> {
        let windows = self.windows.iter().flat_map(|window| &window.spec().scope.node_pools);
        let blackouts = self.blackouts.iter().flat_map(|blackout| &blackout.spec().scope.node_pools);
        let named = windows.chain(blackouts).map(|name| Component::Pool(name.clone()));
        let parts: BTreeSet<Component> =
            named.chain([Component::ControlPlane, Component::Pool(String::new())]).collect();
        let task = |component: &Component, kind: &Kind| Task { component: component.clone(), kind: *kind };
        parts.iter().flat_map(|part| kinds.iter().map(move |kind| task(part, kind))).collect()
    }

    /// Returns the opening that contains the instant and all that follow: ordered, disjoint, not touching.
    ///
    /// Nothing is kept between two of them.
    pub fn openings<'a>(
        &'a self,
        tasks: &'a [Task],
        after: Timestamp,
    ) -> impl Iterator<Item = Interval> + use<'a> {
        iter::successors(self.opening(tasks, after), move |last| {
            let start = self.first_open(tasks, last.end)?;
            Some(Interval { start, end: self.open_until(tasks, start) })
        })
    }

    /// Returns the first opening of which at least so much is left after the instant, among those of [`LOOKOUT`].
    ///
    /// `None` means that a step which needs that long can never start: a window too short, or cut up by blackouts.
    #[must_use]
    pub fn opening_for(&self, tasks: &[Task], after: Timestamp, need: SignedDuration) -> Option<Interval> {
        self.lookout(tasks, after).find(|opening| opening.left(after) >= need)
    }

    /// Returns the longest opening, the first of several equals, among those of [`LOOKOUT`]; `None` when it never
    /// opens.
    ///
    /// What is past of an opening at `after` does not count. Every opening is looked at, which takes some
    /// milliseconds; whether a step fits is for [`Windows::opening_for`], which stops at the first.
    #[must_use]
    pub fn longest_opening(&self, tasks: &[Task], after: Timestamp) -> Option<Interval> {
        self.lookout(tasks, after).reduce(
            |longest, next| {
                if next.left(after) > longest.left(after) { next } else { longest }
            },
        )
    }

    /// Tells whether that can never start again.
    #[must_use]
    pub fn never_opens(&self, tasks: &[Task], after: Timestamp) -> bool {
        self.first_open(tasks, after).is_none()
    }

    /// Tells whether windows permit it at that instant, blackouts aside.
    #[must_use]
    pub fn window_at(&self, tasks: &[Task], at: Timestamp) -> bool {
        self.openings_at(at).window_at(tasks, at)
    }

    /// Returns the blackout that denies it at that instant; of several, the one that lasts longest.
    #[must_use]
    pub fn blackout_at(&self, tasks: &[Task], at: Timestamp) -> Option<&Blackout> {
        self.openings_at(at).blackout_at(tasks, at)
    }

    /// Returns the `cutoff` that counts at an instant.
    #[must_use]
    pub fn cutoff_at(&self, at: Timestamp) -> Option<SignedDuration> {
        self.cutoff.filter(|_| !self.exemption_at(at).is_some_and(|exemption| exemption.cutoff))
    }

    /// Returns the rules without the exemption.
    fn strict(&self) -> Openings<'_> {
        Openings { windows: &self.windows, blackouts: &self.blackouts }
    }

    /// Returns the rules as an exemption leaves them.
    fn loose(&self, exemption: Exemption) -> Openings<'_> {
        Openings {
            windows: if exemption.windows { &[] } else { &self.windows },
            blackouts: if exemption.blackouts { &[] } else { &self.blackouts },
        }
    }

    fn exemption_at(&self, at: Timestamp) -> Option<Exemption> {
        self.exemption.filter(|exemption| at < exemption.until)
    }

    fn openings_at(&self, at: Timestamp) -> Openings<'_> {
        self.exemption_at(at).map_or(self.strict(), |exemption| self.loose(exemption))
    }

    /// Returns the first open instant at or after another.
    fn first_open(&self, tasks: &[Task], at: Timestamp) -> Option<Timestamp> {
        let exempt = self.exemption_at(at).and_then(|exemption| {
            self.loose(exemption).first_open(tasks, at).filter(|open| *open < exemption.until)
        });
        exempt.or_else(|| self.strict().first_open(tasks, at))
    }

    /// Returns the end of the opening that contains an instant.
    fn open_until(&self, tasks: &[Task], open: Timestamp) -> Timestamp {
        let end = self.openings_at(open).open_until(tasks, open);
        match self.exemption_at(open) {
            Some(Exemption { until, .. }) if end > until && self.is_open(tasks, until) => {
                self.strict().open_until(tasks, until)
            }
            Some(Exemption { until, .. }) => end.min(until),
            None => end,
        }
    }

    /// Returns the start of the opening that contains an instant.
    fn open_since(&self, tasks: &[Task], open: Timestamp) -> Timestamp {
        let start = self.openings_at(open).open_since(tasks, open);
        match self.exemption.filter(|exemption| start <= exemption.until) {
            Some(exemption) => self.loose(exemption).open_since(tasks, start),
            None => start,
        }
    }

    fn lookout<'a>(
        &'a self,
        tasks: &'a [Task],
        after: Timestamp,
    ) -> impl Iterator<Item = Interval> + use<'a> {
        let mut openings = self.openings(tasks, after).peekable();
        let until = openings.peek().map_or(after, |first| later(first.end.max(after), LOOKOUT));
        openings.take_while(move |opening| opening.start < until)
    }
}
