//! When something may start, behind the steps of a cluster: openings shaded, blackouts hatched.
//!
//! Where the kinds of work have openings of their own, each kind has a third of the lane, in the order of the legend.

use std::iter::successors;

use svg::node::element::Group;

use crate::cli::forecast::picture::LANE;
use crate::cli::forecast::picture::scale::Scale;
use crate::cli::forecast::picture::shapes::{hatched, rect, told};
use crate::provider::outlook::Outlook;
use crate::upgrade::kind::Kind;
use crate::upgrade::task::{Component, Task};
use crate::upgrade::window::Windows;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::interval::Interval;
use crate::upgrade::window::scope::Scope;

/// More openings than that are not drawn one by one.
const MOST: usize = 2000;

/// The class of what holds for some pools alone.
pub(super) const PALE: &str = "pale";

/// The kinds of work from the top of a lane to its bottom, and the class of an opening for one of them.
pub(super) const STRIPS: [(Kind, &str); 3] =
    [(Kind::Minor, "window-minor"), (Kind::Patch, "window-patch"), (Kind::NodeImage, "window-image")];

/// Returns where in a lane a kind of work is: the top, from that of the lane, and the height.
#[must_use]
pub(super) fn strip(place: usize, height: f64) -> (f64, f64) {
    let each = height / STRIPS.len() as f64;
    (each * place as f64, each)
}

/// The openings of one kind of work.
#[derive(Debug, PartialEq, Eq)]
struct Open {
    /// For every part of the cluster, as far as no window names it.
    all: Vec<Interval>,
    /// For pools that a window names.
    named: Vec<Interval>,
}

/// Tells whether some kind of work has openings or blackouts of its own.
#[must_use]
pub(super) fn is_split(windows: &Windows) -> bool {
    scopes(windows).any(|scope| !scope.kinds.is_empty())
}

/// Tells whether some window or blackout is limited to pools.
#[must_use]
pub(super) fn names_pools(windows: &Windows) -> bool {
    scopes(windows).any(|scope| !scope.node_pools.is_empty())
}

fn scopes(windows: &Windows) -> impl Iterator<Item = &Scope> {
    let of_windows = windows.windows.iter().map(|window| &window.spec().scope);
    of_windows.chain(windows.blackouts.iter().map(|blackout| &blackout.spec().scope))
}

/// Draws the openings, those that touch as one.
pub(super) fn windows(outlook: &Outlook, scale: &Scale, lane: f64) -> Vec<Group> {
    let windows = &outlook.assessment.windows;
    let said = format!("{}: windows: {windows}", outlook.name);
    let drawn = |class: &str, (top, height): (f64, f64), open: &Open| {
        let area = |opening: &Interval| {
            let (from, to) = (scale.x(opening.start), scale.x(opening.end));
            rect(from, lane + top, (to - from).max(1.5), height)
        };
        let drawn = |opening| told(Group::new().add(area(opening).set("class", class)), &said);
        let named = open.named.iter().map(|opening| drawn(opening).set("class", PALE));
        named.chain(open.all.iter().map(drawn)).collect::<Vec<_>>()
    };
    if !is_split(windows) {
        return drawn("window", (0.0, LANE), &open(windows, Kind::Minor, scale.span()));
    }
    let of = |(place, (kind, class)): (usize, (Kind, &str))| {
        drawn(class, strip(place, LANE), &open(windows, kind, scale.span()))
    };
    STRIPS.into_iter().enumerate().flat_map(of).collect()
}

fn open(windows: &Windows, kind: Kind, shown: Interval) -> Open {
    let is_named = |task: &Task| matches!(&task.component, Component::Pool(name) if !name.is_empty());
    let (named, all): (Vec<Task>, Vec<Task>) = windows.tasks(&[kind]).into_iter().partition(is_named);
    let named = if windows.windows.iter().any(|window| !window.spec().scope.node_pools.is_empty()) {
        merged(windows, &named, shown)
    } else {
        Vec::new()
    };
    Open { all: merged(windows, &all, shown), named }
}

/// Returns when one or another of the tasks may start.
fn merged(windows: &Windows, tasks: &[Task], shown: Interval) -> Vec<Interval> {
    let of = |task| {
        let openings = windows.openings(std::slice::from_ref(task), shown.start).take(MOST);
        openings.take_while(|opening| opening.start < shown.end).collect::<Vec<_>>()
    };
    let mut all: Vec<Interval> = tasks.iter().flat_map(of).collect();
    all.sort();
    let mut merged: Vec<Interval> = Vec::new();
    for opening in all {
        match merged.last_mut().filter(|last| opening.start <= last.end) {
            Some(last) => last.end = last.end.max(opening.end),
            None => merged.push(opening),
        }
    }
    merged
}

/// Hatches the blackouts, each where the kinds of work are that it denies.
pub(super) fn blackouts(outlook: &Outlook, scale: &Scale, picture: &str, lane: f64) -> Vec<Group> {
    let of = |blackout: &Blackout| {
        let said = format!("{}: not {blackout}", outlook.name);
        let scope = &blackout.spec().scope;
        let class = if scope.node_pools.is_empty() { "closed" } else { PALE };
        let areas = times(blackout, scale.span()).into_iter().flat_map(|time| {
            let (from, to) = (scale.x(time.start), scale.x(time.end));
            let width = (to - from).max(2.0);
            denied(&scope.kinds).into_iter().map(move |(top, height)| (from, lane + top, width, height))
        });
        areas.map(|area| told(hatched(area, picture).set("class", class), &said)).collect::<Vec<_>>()
    };
    outlook.assessment.windows.blackouts.iter().flat_map(of).collect()
}

/// Returns the parts of a lane in which the kinds of work are; all of it for none.
fn denied(kinds: &[Kind]) -> Vec<(f64, f64)> {
    if kinds.is_empty() {
        return vec![(0.0, LANE)];
    }
    let places = STRIPS.iter().enumerate().filter(|(_, (kind, _))| kinds.contains(kind));
    places.map(|(place, _)| strip(place, LANE)).collect()
}

fn times(blackout: &Blackout, shown: Interval) -> Vec<Interval> {
    let first = blackout.last_by(shown.start).filter(|last| last.end > shown.start);
    let later = successors(blackout.first_after(shown.start), |last| blackout.first_after(last.start));
    first.into_iter().chain(later.take_while(|one| one.start < shown.end)).collect()
}
