//! When work may start: windows, blackouts and the openings they leave.

#![allow(clippy::unwrap_used, reason = "helpers of tests may stop them")]

mod aks;
mod blackout;
mod bound;
pub mod laws;
mod naive;
mod oracle;
mod recurrence;
mod refusals;
mod scope;
mod text;
mod display;
mod zones;

use jiff::civil::time;
use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::task::{Component, Task};
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::blackout::{Blackout, BlackoutSpec};
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::interval::Interval;
use terraform_provider_aks::upgrade::window::schedule::{Window, WindowSpec};
use terraform_provider_aks::upgrade::window::scope::Scope;
use terraform_provider_aks::upgrade::window::zone;
use terraform_provider_aks::upgrade::{duration, text as written};

/// A new minor for the control plane.
pub const MINOR: &[Task] = &[Task { component: Component::ControlPlane, kind: Kind::Minor }];

/// A patch for the control plane.
pub const PATCH: &[Task] = &[Task { component: Component::ControlPlane, kind: Kind::Patch }];

/// Returns a kind of work on a pool, or on what `control plane` and `cluster` name.
pub fn on(part: &str, kind: Kind) -> Task {
    let component = match part {
        "control plane" => Component::ControlPlane,
        "cluster" => Component::Cluster,
        pool => Component::Pool(pool.to_owned()),
    };
    Task { component, kind }
}

/// Reads a window as one line: `days=saturday,sunday start=02:00 duration=4h time_zone=Europe/Berlin`; without
/// days it opens on all.
#[track_caller]
pub fn spec(line: &str) -> WindowSpec {
    let (mut days, mut weeks, mut of_month) = (vec![], vec![], vec![]);
    let mut spec = WindowSpec {
        days: Days::All,
        every: 1,
        start_date: None,
        start: time(0, 0, 0, 0),
        duration: SignedDuration::from_hours(4),
        zone: jiff::tz::TimeZone::UTC,
        scope: Scope::default(),
    };
    for (key, value) in pairs(line) {
        match key {
            "days" => days = list(value, |day| written::parse_day(day).unwrap()),
            "weeks_of_month" => weeks = list(value, |week| written::parse_week_of_month(week).unwrap()),
            "days_of_month" => of_month = list(value, |day| day.parse().unwrap()),
            "every" => spec.every = value.parse().unwrap(),
            "start_date" => spec.start_date = Some(written::parse_date(value).unwrap()),
            "start" => spec.start = written::parse_time(value).unwrap(),
            "duration" => spec.duration = duration::parse(value).unwrap(),
            "minutes" => spec.duration = SignedDuration::from_mins(value.parse().unwrap()),
            "time_zone" => spec.zone = zone::parse(value).unwrap(),
            "applies_to" => spec.scope.kinds = list(value, work),
            "node_pools" => spec.scope.node_pools = list(value, str::to_owned),
            _ => panic!("{key} is not an attribute of a window"),
        }
    }
    if !(days.is_empty() && weeks.is_empty() && of_month.is_empty()) {
        spec.days = Days::new(&days, &weeks, &of_month).unwrap();
    }
    spec
}

/// Reads a blackout as one line: `from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin`; without a zone its
/// days are those of UTC.
#[track_caller]
pub fn blackout_spec(line: &str) -> BlackoutSpec {
    let nowhere = BlackoutEdge::Instant(Timestamp::MIN);
    let mut spec = BlackoutSpec {
        from: nowhere,
        to: nowhere,
        yearly: false,
        zone: None,
        reason: None,
        scope: Scope::default(),
    };
    for (key, value) in pairs(line) {
        match key {
            "from" => spec.from = BlackoutEdge::parse(value).unwrap(),
            "to" => spec.to = BlackoutEdge::parse(value).unwrap(),
            "yearly" => spec.yearly = value.parse().unwrap(),
            "time_zone" => spec.zone = Some(zone::parse(value).unwrap()),
            "reason" => spec.reason = Some(value.to_owned()),
            "applies_to" => spec.scope.kinds = list(value, work),
            "node_pools" => spec.scope.node_pools = list(value, str::to_owned),
            _ => panic!("{key} is not an attribute of a blackout"),
        }
    }
    if !matches!(spec.from, BlackoutEdge::Instant(_)) {
        spec.zone = spec.zone.or(Some(jiff::tz::TimeZone::UTC));
    }
    spec
}

fn pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split_whitespace().map(|word| word.split_once('=').unwrap())
}

fn list<T>(value: &str, read: impl Fn(&str) -> T) -> Vec<T> {
    value.split(',').map(read).collect()
}

fn work(name: &str) -> Kind {
    [Kind::Minor, Kind::Patch, Kind::NodeImage].into_iter().find(|work| work.to_string() == name).unwrap()
}

/// Reads windows and blackouts, one a line, each line with the kind in front.
#[track_caller]
pub fn windows(lines: &str) -> Windows {
    let mut all = Windows::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.split_once(' ').unwrap() {
            ("window", line) => all.windows.push(Window::new(spec(line)).unwrap()),
            ("blackout", line) => all.blackouts.push(Blackout::new(blackout_spec(line)).unwrap()),
            (kind, _) => panic!("{kind} is neither a window nor a blackout"),
        }
    }
    all
}

/// Reads an instant of any offset.
#[track_caller]
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Shows an opening as its local ends in a zone.
pub fn local(interval: Interval, zone_name: &str) -> String {
    let zone = zone::parse(zone_name).unwrap();
    let show = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M%:z").to_string();
    format!("{} .. {}", show(interval.start), show(interval.end))
}

/// Asserts the first openings after an instant, as UTC dates and times.
#[track_caller]
pub fn opens(lines: &str, after: &str, expected: &[&str]) {
    let windows = windows(lines);
    let found: Vec<String> = windows
        .openings(MINOR, at(after))
        .take(expected.len())
        .map(|opening| opening.start.strftime("%a %Y-%m-%d %H:%M").to_string())
        .collect();
    assert_eq!(found, expected);
}
