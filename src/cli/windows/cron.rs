//! The schedule of a CI system that hits every opening, in cron and in UTC.
//!
//! GitHub Actions and Azure DevOps take five fields and know no time zone. So each window is walked through for 28
//! years, after which weekdays, leap years and changes of the clocks have met in every way, and each run that it
//! should get is put down by the offset of its zone, its minute and its hour: the days on which it recurs make the
//! fields. Cron takes a day of the month *or* a weekday, never both, so the one that runs less is taken.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::cli::windows::fields::{Cron, Recurring};
use crate::upgrade::kind::Kind;
use crate::upgrade::window::Windows;
use crate::upgrade::window::days::Days;
use crate::upgrade::window::interval::Interval;
use crate::upgrade::window::schedule::Window;
use crate::upgrade::window::zone;

/// When the first run comes after an opening began. Schedulers start late and never early, but a runner's clock may
/// be ahead of Azure's, and the full hour is when they are late the most.
pub const LEAD: SignedDuration = SignedDuration::from_mins(5);

/// How much of an opening has to be left for a further run; the shortest step takes about that long.
pub const LEFT: SignedDuration = SignedDuration::from_mins(30);

/// How much of an opening is left at least when a run hits it.
const LEAST: SignedDuration = SignedDuration::from_mins(10);

/// How far windows are walked through.
const WALK: SignedDuration = SignedDuration::from_hours(28 * 365 * 24 + 7 * 24);

/// How far openings are looked for that no run hits.
const CHECK: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// A line of cron.
#[derive(Clone, Debug)]
pub struct Line {
    /// The five fields.
    pub cron: Cron,
    /// The zones and their offsets for which it is there, such as `Europe/Berlin` and `+01:00`; none for a zone whose
    /// clocks never change.
    pub offsets: BTreeSet<(String, String)>,
}

/// What hits every opening.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// The lines; none where nothing opens.
    pub lines: Vec<Line>,
    /// The windows that cron cannot say: it runs on more days.
    pub inexact: Vec<Window>,
    /// The openings of the next two years that no run hits: what blackouts left of a window is too short.
    pub missed: Vec<Interval>,
}

/// Returns what hits every opening after an instant. An override, which ends, does not count.
#[must_use]
pub fn schedule(windows: &Windows, after: Timestamp) -> Schedule {
    let windows = &Windows { exemption: None, ..windows.clone() };
    let opens =
        windows.tasks(&Kind::ALL).iter().any(|task| !windows.never_opens(slice::from_ref(task), after));
    let open = windows.windows.iter().filter(|_| opens);
    let mut lines: Vec<Line> = open.flat_map(|window| lines(window, after)).collect();
    if opens && windows.windows.is_empty() {
        lines.push(Line { cron: Cron::hourly(), offsets: BTreeSet::new() });
    }
    let lines = joined(lines);
    let inexact = windows.windows.iter().filter(|window| !is_sayable(window)).cloned().collect();
    Schedule { missed: missed(windows, &lines, after), lines, inexact }
}

/// Returns the runs that an opening gets: one soon after its start, then one every hour while enough is left.
fn runs(opening: Interval) -> impl Iterator<Item = Timestamp> {
    let hours = (0..)
        .map_while(move |hours| opening.start.checked_add(LEAD + SignedDuration::from_hours(hours)).ok());
    hours.take_while(move |run| *run == opening.start + LEAD || opening.left(*run) >= LEFT)
}

fn lines(window: &Window, after: Timestamp) -> Vec<Line> {
    let mut found: BTreeMap<(i32, i8, i8), Recurring> = BTreeMap::new();
    let until = after.checked_add(WALK).unwrap_or(Timestamp::MAX);
    // A window that is open already may still get a run.
    let mut next = window.last_by(after).or_else(|| window.first_from(after));
    while let Some(opening) = next.filter(|opening| opening.start < until) {
        let offset = offset(window, opening.start);
        for run in runs(opening) {
            let at: DateTime = Offset::UTC.to_datetime(run);
            found.entry((offset, at.minute(), at.hour())).or_default().add(at.date());
        }
        next = opening
            .start
            .checked_add(SignedDuration::from_secs(1))
            .ok()
            .and_then(|from| window.first_from(from));
    }
    let offsets: BTreeSet<i32> = found.keys().map(|(offset, ..)| *offset).collect();
    let named = |offset: i32| {
        let offset = Offset::from_seconds(offset).map(zone::display_offset).unwrap_or_default();
        (offsets.len() > 1).then(|| (zone::display(&window.spec().zone), offset))
    };
    let line = |((offset, minute, hour), days): ((i32, i8, i8), Recurring)| Line {
        cron: days.cron(minute, hour),
        offsets: named(offset).into_iter().collect(),
    };
    found.into_iter().map(line).collect()
}

/// Returns the offset, in seconds, by which an occurrence was read: where its start does not exist, that before the gap.
fn offset(window: &Window, start: Timestamp) -> i32 {
    let spec = window.spec();
    let date = spec.zone.to_datetime(start).date();
    let nominal = Offset::UTC.to_timestamp(date.to_datetime(spec.start)).unwrap_or(start);
    i32::try_from(nominal.duration_since(start).as_secs()).unwrap_or_default()
}

/// Tells whether cron says the days of a window exactly, the halves of the year aside.
fn is_sayable(window: &Window) -> bool {
    let spec = window.spec();
    let plain = match &spec.days {
        Days::All | Days::OfWeek(_) => true,
        Days::OfMonth { weekdays, weeks, .. } => weekdays.is_empty() && weeks.is_empty(),
    };
    plain && spec.every == 1
}

/// Joins lines that differ in one field, and leaves out those that others hold already.
fn joined(lines: Vec<Line>) -> Vec<Line> {
    let mut joined: Vec<Line> = Vec::new();
    for line in lines {
        let mut line = line;
        while let Some(at) = joined.iter().position(|other| other.cron.with(&line.cron).is_some()) {
            let other = joined.remove(at);
            line.cron = other.cron.with(&line.cron).unwrap_or(line.cron);
            // Without offsets it is there the whole year.
            if line.offsets.is_empty() || other.offsets.is_empty() {
                line.offsets.clear();
            } else {
                line.offsets.extend(other.offsets);
            }
        }
        joined.push(line);
    }
    forget_whole_years(&mut joined);
    joined.sort_by(|a, b| (&a.offsets, &a.cron).cmp(&(&b.offsets, &b.cron)));
    joined
}

/// Leaves the offsets of a zone out of a line that is there for all of them.
fn forget_whole_years(lines: &mut [Line]) {
    let all: BTreeSet<(String, String)> = lines.iter().flat_map(|line| line.offsets.clone()).collect();
    for line in lines {
        let held = line.offsets.clone();
        line.offsets.retain(|(zone, _)| all.iter().any(|other| other.0 == *zone && !held.contains(other)));
    }
}

/// Returns the openings that no line hits.
fn missed(windows: &Windows, lines: &[Line], after: Timestamp) -> Vec<Interval> {
    let until = after.checked_add(CHECK).unwrap_or(Timestamp::MAX);
    let tasks = windows.tasks(&Kind::ALL);
    let openings = tasks.iter().flat_map(|task| {
        let openings =
            windows.openings(slice::from_ref(task), after).take_while(|opening| opening.start < until);
        openings.collect::<Vec<_>>()
    });
    let openings: BTreeSet<Interval> = openings.collect();
    let is_hit = |opening: &Interval| {
        let mut runs = lines.iter().filter_map(|line| line.cron.first_in(*opening));
        runs.any(|run| opening.left(run) >= LEAST)
    };
    // What has begun already was hit before.
    openings.into_iter().filter(|opening| opening.start >= after && !is_hit(opening)).collect()
}
