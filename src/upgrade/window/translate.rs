//! Ours into AKS's: one window and its blackouts, as of an instant.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::window::Windows;
use crate::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::days::Days;
use crate::upgrade::window::error::List;
use crate::upgrade::window::interval::Interval;
use crate::upgrade::window::limits::{DURATION_HOURS, INTERVAL_DAYS, INTERVAL_MONTHS, INTERVAL_WEEKS};
use crate::upgrade::window::schedule::{Window, WindowSpec};
use crate::upgrade::window::scope::Scope;
use crate::upgrade::window::zone;

/// How many times to come of a yearly blackout are written, so that a year without an apply is covered.
const YEARS: usize = 2;

/// A day of the month that every month has.
const LAST_SAFE_DAY: i8 = 28;

/// Something that AKS cannot express, with what was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inexpressible {
    /// There is no window.
    NoWindow,
    /// There are so many windows.
    Windows(usize),
    /// The window never opens again.
    NeverOpens,
    /// A list of days has so many elements.
    Several(List, usize),
    /// A day of the month that also has to be a certain weekday.
    DayAndWeekday,
    /// A day that not every month has.
    DayOfMonth(i8),
    /// Part of an hour, less than 4 hours or more than 24.
    Duration(SignedDuration),
    /// The window opens too seldom.
    Every {
        /// How seldom.
        given: u32,
        /// How seldom it may open.
        most: i64,
        /// What both count.
        cycle: Cycle,
    },
    /// The window is limited to kinds of work or to pools.
    WindowScope(List),
    /// A blackout, counted from 0, is limited to kinds of work or to pools.
    BlackoutScope(usize, List),
    /// `cutoff`
    Cutoff,
    /// A blackout begins or ends inside a day of the window's zone.
    PartOfADay {
        /// Which one, counted from 0.
        blackout: usize,
        /// The zone of the window.
        zone: String,
    },
    /// The days of a blackout are those of another zone.
    OtherZone {
        /// Which one, counted from 0.
        blackout: usize,
        /// Its zone.
        given: String,
        /// The zone of the window.
        zone: String,
    },
}

/// What `every` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cycle {
    /// Days.
    Days,
    /// Weeks, from Monday.
    Weeks,
    /// Months.
    Months,
}

/// Finds everything in the windows that AKS cannot express, whatever the time.
///
/// Two windows or none; a duration such as 90 minutes, 3 or 48 hours; two `days`, `weeks_of_month` or
/// `days_of_month`; day 31; every fifth week; `applies_to`; `node_pools`; a blackout that does not begin and end
/// with a day in the window's zone; `cutoff`.
#[must_use]
pub fn check(windows: &Windows) -> Vec<Inexpressible> {
    let mut found = Vec::new();
    let [window] = windows.windows.as_slice() else {
        return vec![match windows.windows.len() {
            0 => Inexpressible::NoWindow,
            given => Inexpressible::Windows(given),
        }];
    };
    found.extend(check_window(window.spec()));
    let blackouts = windows.blackouts.iter().enumerate();
    found.extend(blackouts.filter_map(|(index, blackout)| check_blackout(index, blackout, window.spec())));
    found.extend(windows.cutoff.map(|_| Inexpressible::Cutoff));
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
        return Err(vec![Inexpressible::NeverOpens]);
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

fn check_window(spec: &WindowSpec) -> Vec<Inexpressible> {
    let mut found = check_days(&spec.days);
    found.extend(check_duration(spec.duration));
    found.extend(check_every(spec));
    found.extend(limit(&spec.scope).map(Inexpressible::WindowScope));
    found
}

/// Returns what a scope is limited to.
fn limit(scope: &Scope) -> Option<List> {
    if scope.kinds.is_empty() {
        (!scope.node_pools.is_empty()).then_some(List::NodePools)
    } else {
        Some(List::Kinds)
    }
}

fn check_days(days: &Days) -> Vec<Inexpressible> {
    let single = |list, given: usize| (given > 1).then_some(Inexpressible::Several(list, given));
    match days {
        Days::All => Vec::new(),
        Days::OfWeek(days) => single(List::Days, days.len()).into_iter().collect(),
        Days::OfMonth { days, weekdays, .. } if !days.is_empty() && !weekdays.is_empty() => {
            vec![Inexpressible::DayAndWeekday]
        }
        Days::OfMonth { days, weekdays, weeks } => [
            single(List::Days, weekdays.len()),
            single(List::WeeksOfMonth, weeks.len()),
            single(List::DaysOfMonth, days.len()),
            days.iter().copied().find(|day| *day > LAST_SAFE_DAY).map(Inexpressible::DayOfMonth),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

fn check_duration(given: SignedDuration) -> Option<Inexpressible> {
    let whole = given == SignedDuration::from_hours(given.as_hours());
    (!(whole && DURATION_HOURS.contains(&given.as_hours()))).then_some(Inexpressible::Duration(given))
}

fn check_every(spec: &WindowSpec) -> Option<Inexpressible> {
    let (limits, cycle) = match spec.days {
        Days::All => (INTERVAL_DAYS, Cycle::Days),
        Days::OfWeek(_) => (INTERVAL_WEEKS, Cycle::Weeks),
        Days::OfMonth { .. } => (INTERVAL_MONTHS, Cycle::Months),
    };
    let (given, most) = (spec.every, *limits.end());
    (!limits.contains(&i64::from(given))).then_some(Inexpressible::Every { given, most, cycle })
}

fn check_blackout(index: usize, blackout: &Blackout, window: &WindowSpec) -> Option<Inexpressible> {
    let spec = blackout.spec();
    if let Some(list) = limit(&spec.scope) {
        return Some(Inexpressible::BlackoutScope(index, list));
    }
    let (given, zone) = (spec.zone.as_ref().map(zone::display), zone::display(&window.zone));
    let aligned = match blackout.last_by(Timestamp::MAX).filter(|_| !spec.yearly) {
        Some(once) => whole_days(once, &window.zone).is_some(),
        None => given.as_ref() == Some(&zone),
    };
    match given {
        _ if aligned => None,
        Some(given) => Some(Inexpressible::OtherZone { blackout: index, given, zone }),
        None => Some(Inexpressible::PartOfADay { blackout: index, zone }),
    }
}
