//! Openings and schedules as lines of text.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::table::{self, BAD, GOOD, HEAD, Row};
use crate::cli::windows::cron::{Line, Schedule};
use crate::cli::windows::openings::{Ahead, Closed, Limit, Opening};
use crate::cli::windows::policies::Policy;
use crate::upgrade::duration;
use crate::upgrade::task::Component;
use crate::upgrade::window::interval::Interval;
use crate::upgrade::window::zone;

const HEADS: [&str; 7] = ["OPENS", "CLOSES", "ZONE", "UTC", "OPEN FOR", "LIMITED TO", "CLOSED EARLY BY"];

/// What a schedule does, and why it is as it is.
const WHY: &str = "The first run comes 5 minutes after the opening: schedulers start late and never early. One every hour inside goes on
where an earlier one ended, or stands in for one that was left out. A run while no window is open does nothing, as
long as outside_window is \"defer\".";

/// Returns the heading of a policy: its address, and its windows in words.
#[must_use]
pub fn heading(policy: &Policy) -> String {
    let windows = &policy.calendar.windows;
    match &policy.address {
        Some(address) => format!("{HEAD}{address}{HEAD:#}: {windows}"),
        None => windows.to_string(),
    }
}

/// Returns the openings as rows, those that a blackout denies among them.
#[must_use]
pub fn openings(ahead: &Ahead, at: Timestamp) -> Vec<String> {
    if ahead.openings.is_empty() {
        return vec!["The windows never open again.".to_owned()];
    }
    let open = ahead.openings.iter().map(|opening| (opening, true));
    let mut all: Vec<(&Opening, bool)> =
        open.chain(ahead.denied.iter().map(|opening| (opening, false))).collect();
    all.sort_by_key(|(opening, _)| opening.interval);
    table::lines(&HEADS, all.into_iter().map(|(opening, is_open)| row(opening, is_open, at)).collect())
}

fn row(opening: &Opening, is_open: bool, at: Timestamp) -> Row {
    let Opening { interval, zone, .. } = opening;
    let local = Local(zone);
    let length = if interval.start == Timestamp::MIN || interval.end == Timestamp::MAX {
        String::new()
    } else {
        duration::display(interval.duration())
    };
    let cells = [
        local.start(interval),
        local.end(interval),
        zone::display(zone),
        format!("{} to {}", Local(&TimeZone::UTC).start(interval), Local(&TimeZone::UTC).end(interval)),
        if is_open { length } else { "never".to_owned() },
        limited(&opening.limits),
        opening.closed_by.as_ref().map(closed).unwrap_or_default(),
    ];
    let row = Row::new(cells);
    match (is_open, interval.contains(at)) {
        (false, _) => row.painted(BAD),
        (true, true) => row.painted(GOOD),
        (true, false) => row,
    }
}

/// A zone in which ends of openings are written.
struct Local<'a>(&'a TimeZone);

impl Local<'_> {
    fn start(&self, interval: &Interval) -> String {
        if interval.start == Timestamp::MIN {
            return "always".to_owned();
        }
        interval.start.to_zoned(self.0.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
    }

    /// Returns the time of day, with the date where it is another one.
    fn end(&self, interval: &Interval) -> String {
        let [start, end] = [interval.start, interval.end].map(|at| at.to_zoned(self.0.clone()));
        if interval.end == Timestamp::MAX {
            "never".to_owned()
        } else if start.date() == end.date() {
            end.strftime("%H:%M").to_string()
        } else {
            end.strftime("%a %Y-%m-%d %H:%M").to_string()
        }
    }
}

/// Says what closes an opening.
#[must_use]
pub fn closed(closed: &Closed) -> String {
    match closed {
        Closed::Blackout(blackout) => format!("blackout {blackout}"),
        Closed::Override(reason) => format!("the end of the override ({reason})"),
    }
}

/// Says what an opening is limited to; nothing where anything may start.
fn limited(limits: &[Limit]) -> String {
    let words = |limit: &Limit| {
        let kinds: Vec<String> = limit.kinds.iter().map(ToString::to_string).collect();
        let parts: Vec<String> = limit.parts.iter().map(part).collect();
        format!("{} on {}", kinds.join(", "), parts.join(", "))
    };
    limits.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// Says which part of a cluster it is; a pool without a name is any that is not named.
#[must_use]
pub fn part(part: &Component) -> String {
    match part {
        Component::Cluster => "the whole cluster".to_owned(),
        Component::ControlPlane => "control plane".to_owned(),
        Component::Pool(name) if name.is_empty() => "any other pool".to_owned(),
        Component::Pool(name) => format!("pool {name}"),
    }
}

/// Returns a schedule as rows, and what has to be known about it.
#[must_use]
pub fn schedule(schedule: &Schedule) -> Vec<String> {
    if schedule.lines.is_empty() {
        return vec!["The windows do not open in the next 28 years, so there is nothing to hit.".to_owned()];
    }
    let offset = |(zone, offset): &(String, String)| format!("{zone} is at {offset}");
    let row = |line: &Line| {
        let offsets: Vec<String> = line.offsets.iter().map(offset).collect();
        Row::new([line.cron.to_string(), offsets.join(", ")])
    };
    let mut lines = table::lines(&["CRON (UTC)", "WHILE"], schedule.lines.iter().map(row).collect());
    lines.extend([String::new(), WHY.to_owned()]);
    for window in &schedule.inexact {
        lines.push(format!("Cron cannot say \"{window}\", so it runs on more days than the window opens."));
    }
    for Interval { start, end } in &schedule.missed {
        lines.push(format!(
            "No run hits the opening from {start} to {end}, which blackouts cut short: start one by hand."
        ));
    }
    lines
}
