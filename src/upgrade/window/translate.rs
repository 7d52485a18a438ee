//! Ours into AKS's: one window and its blackouts, as of an instant.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::duration;
use crate::upgrade::window::Windows;
use crate::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::days::Days;
use crate::upgrade::window::interval::Interval;
use crate::upgrade::window::limits::{DURATION_HOURS, INTERVAL_DAYS, INTERVAL_MONTHS, INTERVAL_WEEKS};
use crate::upgrade::window::schedule::{Window, WindowSpec};
use crate::upgrade::window::scope::Scope;
use crate::upgrade::window::zone;

/// How many times to come of a yearly blackout are written, so that a year without an apply is covered.
const YEARS: usize = 2;

/// A day of the month that every month has.
const LAST_SAFE_DAY: i8 = 28;

/// Something that AKS cannot express.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Inexpressible {
    /// The attribute to point at.
    pub place: Place,
    /// What AKS cannot do, what was given, and what to write instead.
    pub message: String,
}

/// Where something is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The windows as a whole.
    Windows,
    /// An attribute of the only window.
    Window(&'static str),
    /// An attribute of a blackout, counted from 0.
    Blackout(usize, &'static str),
    /// `cutoff`
    Cutoff,
}

/// Finds everything in the windows that AKS cannot express, whatever the time.
///
/// Two windows or none; a duration such as 90 minutes, 3 or 48 hours; two `days`, `weeks_of_month` or
/// `days_of_month`; day 31; every fifth week; `applies_to`; `node_pools`; a blackout that does not begin and end with a day
/// in the window's zone; `cutoff`.
#[must_use]
pub fn check(windows: &Windows) -> Vec<Inexpressible> {
    let mut found = Vec::new();
    let [window] = windows.windows.as_slice() else {
        return vec![not_one(windows.windows.len())];
    };
    found.extend(check_window(window.spec()));
    let blackouts = windows.blackouts.iter().enumerate();
    found.extend(blackouts.filter_map(|(index, blackout)| check_blackout(index, blackout, window.spec())));
    found.extend(windows.cutoff.map(|_| {
        refuse(Place::Cutoff, "AKS starts work as long as its window is open and knows no cutoff. Remove cutoff, or make the window shorter.")
    }));
    found
}

/// Translates one window and its blackouts into AKS's terms, with the offset of the next occurrence.
///
/// The translation opens when ours does until the first occurrence with another offset; then it has to be
/// made again. An interval above 1 is anchored at an occurrence of the present UTC day or later, because Azure
/// takes no past date. Yearly blackouts are written for the two times to come, past ones not at all.
///
/// # Errors
///
/// What [`check`] finds; a window that never opens again, e.g. on 30 February.
pub fn translate(windows: &Windows, at: Timestamp) -> Result<AksWindow, Vec<Inexpressible>> {
    let found = check(windows);
    let ([window], true) = (windows.windows.as_slice(), found.is_empty()) else { return Err(found) };
    let (Some(next), Some(schedule)) = (window.first_from(at), schedule(window.spec())) else {
        return Err(vec![refuse(
            Place::Windows,
            "The window never opens again, so there is nothing to write to AKS.",
        )]);
    };
    let spec = window.spec();
    let offset = offset_at(next.start, spec);
    let coming = windows.blackouts.iter().flat_map(|blackout| coming(blackout, at));
    let not_allowed = coming.filter_map(|interval| whole_days(interval, &spec.zone)).collect();
    Ok(AksWindow {
        schedule,
        duration_hours: spec.duration.as_hours(),
        offset,
        start_date: start_date(window, offset, at),
        start: spec.start,
        not_allowed: crate::upgrade::window::aks::merged(not_allowed),
    })
}

/// Returns the offset with which the written local time is the start of the occurrence.
///
/// In a gap of the clocks (02:30 that becomes 03:30) that is the offset before it: RFC 5545, section 3.3.5.
fn offset_at(start: Timestamp, spec: &WindowSpec) -> Offset {
    let offset = spec.zone.to_offset(start);
    if offset.to_datetime(start).time() == spec.start {
        return offset;
    }
    let moment = SignedDuration::from_nanos(1);
    let just_after = start.checked_add(moment).unwrap_or(start);
    let change = spec.zone.preceding(just_after).next().map(|change| change.timestamp());
    let before = change.and_then(|change| change.checked_sub(moment).ok());
    before.map_or(offset, |before| spec.zone.to_offset(before))
}

fn start_date(window: &Window, offset: Offset, at: Timestamp) -> Option<Date> {
    let today = Offset::UTC.to_datetime(at).date();
    let spec = window.spec();
    if spec.every == 1 {
        return spec.start_date.filter(|start| *start >= today);
    }
    let mut next = window.first_from(at)?;
    loop {
        let date = offset.to_datetime(next.start).date();
        if date >= today {
            return Some(date);
        }
        next = window.first_from(next.end)?;
    }
}

fn schedule(spec: &WindowSpec) -> Option<AksSchedule> {
    let interval = i64::from(spec.every);
    Some(match &spec.days {
        Days::All => AksSchedule::Daily { interval },
        Days::OfWeek(days) => AksSchedule::Weekly { interval, day: *days.first()? },
        Days::OfMonth { days, weekdays, .. } if weekdays.is_empty() => {
            AksSchedule::AbsoluteMonthly { interval, day: *days.first()? }
        }
        Days::OfMonth { weekdays, weeks, .. } => {
            AksSchedule::RelativeMonthly { interval, week: *weeks.first()?, day: *weekdays.first()? }
        }
    })
}

fn coming(blackout: &Blackout, at: Timestamp) -> Vec<Interval> {
    let current = blackout.last_by(at).filter(|last| last.end > at);
    let next = std::iter::successors(blackout.first_after(at), |last| blackout.first_after(last.start));
    current.into_iter().chain(next).take(YEARS).collect()
}

/// Returns the days that an interval covers; `None` when it begins or ends inside one. One without end ends in 9999.
fn whole_days(interval: Interval, zone: &TimeZone) -> Option<DateSpan> {
    let last = interval.end.checked_sub(SignedDuration::from_nanos(1)).ok()?;
    let span =
        DateSpan { start: zone.to_datetime(interval.start).date(), end: zone.to_datetime(last).date() };
    let midnight =
        |date: Date| zone.to_ambiguous_timestamp(date.to_datetime(Time::midnight())).compatible().ok();
    let begins = midnight(span.start)? == interval.start;
    let ends = interval.end == Timestamp::MAX || midnight(span.end.tomorrow().ok()?)? == interval.end;
    (begins && ends).then_some(span)
}

fn not_one(given: usize) -> Inexpressible {
    let message = if given == 0 {
        "AKS needs one maintenance_window and none is set. For a cluster that may be upgraded at any time write one with \
         days = [\"all\"], start = \"00:00\", duration = \"24h\" and time_zone = \"UTC\"."
            .to_owned()
    } else {
        format!(
            "AKS keeps one maintenance window, and {given} are set. Keep one of them, or use executor = \"terraform\"."
        )
    };
    Inexpressible { place: Place::Windows, message }
}

fn check_window(spec: &WindowSpec) -> Vec<Inexpressible> {
    let mut found = check_days(&spec.days);
    found.extend(check_duration(spec.duration));
    found.extend(check_every(spec));
    found.extend(check_scope(&spec.scope).map(|(name, message)| refuse(Place::Window(name), message)));
    found
}

fn check_scope(scope: &Scope) -> Option<(&'static str, &'static str)> {
    if !scope.kinds.is_empty() {
        let message = "What AKS keeps holds for every kind of work of its channel. Remove applies_to, or use executor = \"terraform\".";
        return Some(("applies_to", message));
    }
    let message =
        "What AKS keeps holds for the whole cluster. Remove node_pools, or use executor = \"terraform\".";
    (!scope.node_pools.is_empty()).then_some(("node_pools", message))
}

fn check_days(days: &Days) -> Vec<Inexpressible> {
    let single = |attribute, given: usize, example: &str| {
        (given > 1).then(|| {
            let message = format!(
                "An AKS window opens on one of its {attribute}, and {given} are set. Write one, for example {example}; \
                 for every day write days = [\"all\"]; or use executor = \"terraform\"."
            );
            Inexpressible { place: Place::Window(attribute), message }
        })
    };
    let of_week = |days: &[Weekday]| single("days", days.len(), "days = [\"saturday\"]");
    match days {
        Days::All => Vec::new(),
        Days::OfWeek(days) => of_week(days).into_iter().collect(),
        Days::OfMonth { days, weekdays, .. } if !days.is_empty() && !weekdays.is_empty() => vec![refuse(
            Place::Window("days_of_month"),
            "An AKS window opens on a day of the week or on a day of the month, not where both meet. Remove \
             days_of_month, or use executor = \"terraform\".",
        )],
        Days::OfMonth { days, weekdays, weeks } => [
            of_week(weekdays),
            single("weeks_of_month", weeks.len(), "weeks_of_month = [\"first\"]"),
            single("days_of_month", days.len(), "days_of_month = [15]"),
            check_day_of_month(days),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

fn check_day_of_month(days: &[i8]) -> Option<Inexpressible> {
    let day = days.iter().find(|day| **day > LAST_SAFE_DAY)?;
    let message = format!(
        "Not every month has a day {day}, and AKS does not say what it does then. Write a day from 1 to 28, or \
         weeks_of_month = [\"last\"] with one of the days."
    );
    Some(Inexpressible { place: Place::Window("days_of_month"), message })
}

fn check_duration(given: SignedDuration) -> Option<Inexpressible> {
    let whole = given == SignedDuration::from_hours(given.as_hours());
    if whole && DURATION_HOURS.contains(&given.as_hours()) {
        return None;
    }
    let message = format!(
        "An AKS window lasts whole hours from 4 to 24, not {}. Write for example duration = \"4h\", or use \
         executor = \"terraform\".",
        duration::display(given)
    );
    Some(Inexpressible { place: Place::Window("duration"), message })
}

fn check_every(spec: &WindowSpec) -> Option<Inexpressible> {
    let (limits, unit): (RangeInclusive<i64>, _) = match spec.days {
        Days::All => (INTERVAL_DAYS, "day"),
        Days::OfWeek(_) => (INTERVAL_WEEKS, "week"),
        Days::OfMonth { .. } => (INTERVAL_MONTHS, "month"),
    };
    if limits.contains(&i64::from(spec.every)) {
        return None;
    }
    let message = format!(
        "An AKS window opens at least every {} {unit}s, not every {}. Write a smaller every, or use executor = \"terraform\".",
        limits.end(),
        spec.every
    );
    Some(Inexpressible { place: Place::Window("every"), message })
}

fn check_blackout(index: usize, blackout: &Blackout, window: &WindowSpec) -> Option<Inexpressible> {
    let spec = blackout.spec();
    if let Some((name, message)) = check_scope(&spec.scope) {
        return Some(refuse(Place::Blackout(index, name), message));
    }
    let (ours, theirs) = (spec.zone.as_ref().map(zone::display), zone::display(&window.zone));
    let aligned = match blackout.last_by(Timestamp::MAX).filter(|_| !spec.yearly) {
        Some(once) => whole_days(once, &window.zone).is_some(),
        None => ours.as_ref() == Some(&theirs),
    };
    if aligned {
        return None;
    }
    let Some(ours) = ours else {
        let message = format!(
            "AKS forbids whole days in the zone of its window ({theirs}), and this blackout begins or ends inside one. \
             Write dates, for example from = \"2026-12-15\", to = \"2027-01-05\", time_zone = \"{theirs}\"."
        );
        return Some(Inexpressible { place: Place::Blackout(index, "from"), message });
    };
    let message = format!(
        "AKS forbids days in the zone of its window, which is {theirs}, and the days of this blackout are those of {ours}. \
         Write time_zone = \"{theirs}\"."
    );
    Some(Inexpressible { place: Place::Blackout(index, "time_zone"), message })
}

fn refuse(place: Place, message: &str) -> Inexpressible {
    Inexpressible { place, message: message.to_owned() }
}
