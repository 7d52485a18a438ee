//! The openings to come, for what each is open, and what closes them.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::provider::arguments::calendar::Calendar;
use crate::upgrade::kind::Kind;
use crate::upgrade::task::{Component, Task};
use crate::upgrade::window::Windows;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::interval::Interval;

/// A time at which the windows open, or would if no blackout denied all of it.
#[derive(Clone, Debug)]
pub struct Opening {
    /// From when until when; either end may be that of time.
    pub interval: Interval,
    /// What it is limited to; empty when anything may start.
    pub limits: Vec<Limit>,
    /// Where its window is local.
    pub zone: TimeZone,
    /// What closes it before its window does.
    pub closed_by: Option<Closed>,
}

/// Kinds of work on parts of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The kinds of work.
    pub kinds: Vec<Kind>,
    /// The parts; a pool without a name is any that no window or blackout names.
    pub parts: Vec<Component>,
}

/// What closes an opening early.
#[derive(Clone, Debug)]
pub enum Closed {
    /// This blackout begins.
    Blackout(Blackout),
    /// The override that opened it ends; its reason.
    Override(String),
}

/// What is to come.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The openings, in order.
    pub openings: Vec<Opening>,
    /// The windows between them that a blackout denies whole.
    pub denied: Vec<Opening>,
}

/// Returns that many openings that contain an instant or follow it; fewer where the windows never open again.
#[must_use]
pub fn ahead(calendar: &Calendar, after: Timestamp, count: usize) -> Ahead {
    let windows = &calendar.windows;
    let all = windows.tasks(&Kind::ALL);
    let next = |task: &Task| windows.openings(slice::from_ref(task), after).take(count).collect();
    let found = by_interval(&all, next);
    let openings: Vec<Opening> = found
        .into_iter()
        .take(count)
        .map(|(interval, tasks)| Opening {
            interval,
            zone: zone(windows, &tasks, interval.start),
            closed_by: closed_by(calendar, &tasks, interval.end),
            limits: limits(&tasks, &all),
        })
        .collect();
    let until = openings.last().map_or(Timestamp::MIN, |last| last.interval.start);
    Ahead { denied: denied(windows, &all, after, until, count), openings }
}

/// Groups openings of tasks that are the same time, in order.
fn by_interval(tasks: &[Task], of: impl Fn(&Task) -> Vec<Interval>) -> BTreeMap<Interval, Vec<Task>> {
    let mut found: BTreeMap<Interval, Vec<Task>> = BTreeMap::new();
    for task in tasks {
        for interval in of(task) {
            found.entry(interval).or_default().push(task.clone());
        }
    }
    found
}

/// Returns what the windows alone would open before the last opening begins, and of which the blackouts leave nothing.
fn denied(windows: &Windows, all: &[Task], after: Timestamp, until: Timestamp, count: usize) -> Vec<Opening> {
    let bare = Windows { blackouts: Vec::new(), exemption: None, ..windows.clone() };
    let nothing_left = |task: &Task, whole: &Interval| {
        let left = windows.opening(slice::from_ref(task), whole.start);
        left.is_none_or(|left| left.start >= whole.end)
    };
    let of = |task: &Task| -> Vec<Interval> {
        let before = bare.openings(slice::from_ref(task), after).take_while(|whole| whole.start < until);
        before.filter(|whole| nothing_left(task, whole)).take(count).collect()
    };
    let opening = |(interval, tasks): (Interval, Vec<Task>)| Opening {
        interval,
        zone: zone(windows, &tasks, interval.start),
        closed_by: windows.blackout_at(&tasks, interval.start).cloned().map(Closed::Blackout),
        limits: limits(&tasks, all),
    };
    by_interval(all, of).into_iter().map(opening).collect()
}

/// Returns where the window is local that is open at an instant, else the first window.
fn zone(windows: &Windows, tasks: &[Task], at: Timestamp) -> TimeZone {
    let permits = |task: &Task| {
        let open = windows.windows.iter().filter(|window| window.contains(at));
        open.into_iter().find(|window| window.spec().scope.permits(task))
    };
    let window = tasks.iter().find_map(permits).or(windows.windows.first());
    window.map_or(TimeZone::UTC, |window| window.spec().zone.clone())
}

/// Returns what closes at an instant what would stay open: a blackout under which a window goes on, or the override.
fn closed_by(calendar: &Calendar, tasks: &[Task], end: Timestamp) -> Option<Closed> {
    let windows = &calendar.windows;
    if end == Timestamp::MAX {
        return None;
    }
    let blackout = tasks.iter().find_map(|task| {
        let task = slice::from_ref(task);
        windows.blackout_at(task, end).filter(|_| windows.window_at(task, end))
    });
    let over = windows.exemption.is_some_and(|exemption| exemption.until == end);
    let reason = calendar.override_.as_ref().filter(|_| over).map(|glass| glass.reason.clone());
    blackout.cloned().map(Closed::Blackout).or(reason.map(Closed::Override))
}

/// Returns what tasks are, told as shortly as it can be: parts with the same kinds together.
fn limits(tasks: &[Task], all: &[Task]) -> Vec<Limit> {
    if tasks.len() == all.len() {
        return Vec::new();
    }
    let parts: BTreeSet<&Component> = tasks.iter().map(|task| &task.component).collect();
    let mut limits: Vec<Limit> = Vec::new();
    for part in parts {
        let kinds: Vec<Kind> =
            tasks.iter().filter(|task| task.component == *part).map(|task| task.kind).collect();
        match limits.iter_mut().find(|limit| limit.kinds == kinds) {
            Some(limit) => limit.parts.push(part.clone()),
            None => limits.push(Limit { kinds, parts: vec![part.clone()] }),
        }
    }
    limits
}
