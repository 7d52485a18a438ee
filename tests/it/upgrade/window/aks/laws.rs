//! The translated schedule, read as Azure describes it, opens when ours does until the offset changes.

use jiff::civil::{Date, date, time};
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::select;
use terraform_provider_aks::upgrade::text;
use terraform_provider_aks::upgrade::text::WeekOfMonth;
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::aks::{AksSchedule, AksWindow};
use terraform_provider_aks::upgrade::window::blackout::{Blackout, BlackoutSpec};
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::interval::Interval;
use terraform_provider_aks::upgrade::window::schedule::{Window, WindowSpec};
use terraform_provider_aks::upgrade::window::scope::Scope;
use terraform_provider_aks::upgrade::window::translate::translate;
use terraform_provider_aks::upgrade::window::zone;

use crate::upgrade::window::MINOR;

const ZONES: &[&str] = &[
    "UTC",
    "+14:00",
    "-11:30",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/St_Johns",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const WEEKS: [WeekOfMonth; 5] =
    [WeekOfMonth::First, WeekOfMonth::Second, WeekOfMonth::Third, WeekOfMonth::Fourth, WeekOfMonth::Last];

fn any_date() -> impl Strategy<Value = Date> {
    (2026..2029_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

/// A window that AKS can express.
fn any_window() -> impl Strategy<Value = Window> {
    let shape = (0..4_u8, select(DAYS.to_vec()), select(WEEKS.to_vec()), 1..=28_i8);
    let start = (0..24_i8, select(vec![0, 1, 30, 59_i8]));
    (shape, 1..=4_u32, proptest::option::of(any_date()), start, 4..=24_i64, select(ZONES)).prop_map(
        |((shape, day, week, month_day), every, start_date, (hour, minute), hours, zone)| {
            let day = text::parse_weekday(day).unwrap();
            let spec = WindowSpec {
                days: match shape {
                    0 => Days::All,
                    1 => Days::OfWeek(vec![day]),
                    2 => Days::OfMonth { days: vec![month_day], weekdays: vec![], weeks: vec![] },
                    _ => Days::OfMonth { days: vec![], weekdays: vec![day], weeks: vec![week] },
                },
                every: if start_date.is_some() { every } else { 1 },
                start_date,
                start: time(hour, minute, 0, 0),
                duration: SignedDuration::from_hours(hours),
                zone: zone::parse(zone).unwrap(),
                scope: Scope::default(),
            };
            Window::new(spec).unwrap()
        },
    )
}

fn any_windows() -> impl Strategy<Value = Windows> {
    let once = (any_date(), 0..20_i64).prop_map(|(from, days)| {
        (BlackoutEdge::Day(from), BlackoutEdge::Day(from.checked_add(days.days()).unwrap()), false)
    });
    let yearly = (1..=12_i8, 1..=28_i8, 1..=12_i8, 1..=28_i8).prop_map(|(month, day, m, d)| {
        (BlackoutEdge::DayOfYear { month, day }, BlackoutEdge::DayOfYear { month: m, day: d }, true)
    });
    (any_window(), proptest::collection::vec(prop_oneof![once, yearly], 0..3)).prop_map(|(window, edges)| {
        let zone = window.spec().zone.clone();
        let blackout = |(from, to, yearly)| {
            let spec = BlackoutSpec {
                from,
                to,
                yearly,
                zone: Some(zone.clone()),
                reason: None,
                scope: Scope::default(),
            };
            Blackout::new(spec).unwrap()
        };
        let blackouts = edges.into_iter().map(blackout).collect();
        Windows { windows: vec![window], blackouts, ..Windows::default() }
    })
}

fn any_instant() -> impl Strategy<Value = Timestamp> {
    (1_767_225_600..1_861_920_000_i64).prop_map(|second| Timestamp::from_second(second).unwrap())
}

/// Returns the starts of the days from one to another, read as the documentation of AKS describes them,
/// without any of our own calendar: day by day, counted from the start date.
fn starts(held: &AksWindow, from: Date, until: Date) -> Vec<Timestamp> {
    let anchor = held.start_date.unwrap_or(from);
    let opens = |day: &Date| *day >= anchor && recurs(&held.schedule, anchor, *day);
    let start = |day: Date| held.offset.to_timestamp(day.to_datetime(held.start)).unwrap();
    from.series(1.day()).take_while(|day| *day <= until).filter(opens).map(start).collect()
}

fn recurs(schedule: &AksSchedule, anchor: Date, day: Date) -> bool {
    let days = i64::from((day - anchor).get_days());
    let months = i64::from(day.year() - anchor.year()) * 12 + i64::from(day.month() - anchor.month());
    match *schedule {
        AksSchedule::Daily { interval } => days % interval == 0,
        AksSchedule::Weekly { interval, day: weekday } => {
            // With an interval the anchor is an occurrence itself, so weeks can begin on any day.
            day.weekday() == weekday && (interval == 1 || days % (7 * interval) == 0)
        }
        AksSchedule::AbsoluteMonthly { interval, day: number } => {
            day.day() == number && months % interval == 0
        }
        AksSchedule::RelativeMonthly { interval, week, day: weekday } => {
            day.weekday() == weekday && months % interval == 0 && is_in(week, day)
        }
    }
}

fn is_in(week: WeekOfMonth, day: Date) -> bool {
    match week {
        WeekOfMonth::Last => day.day() + 7 > day.days_in_month(),
        nth => usize::try_from((day.day() - 1) / 7).unwrap() == WEEKS.iter().position(|w| *w == nth).unwrap(),
    }
}

/// Tells whether a start lies in the forbidden days: from local midnight of the first to the end of the last.
fn forbidden(held: &AksWindow, start: Timestamp) -> bool {
    let day = held.offset.to_datetime(start).date();
    held.not_allowed.iter().any(|span| span.start <= day && day <= span.end)
}

/// Returns our starts from an instant on whose written time has a given offset, up to the first with another.
fn ours(windows: &Windows, held: &AksWindow, at: Timestamp, until: Timestamp) -> (Vec<Timestamp>, Timestamp) {
    let window = &windows.windows[0];
    let mut found = vec![];
    let mut next = window.first_from(at);
    while let Some(Interval { start, .. }) = next.filter(|one| one.start < until) {
        if held.offset.to_datetime(start).time() != held.start {
            return (found, start);
        }
        found.push(start);
        next = window.first_from(start + SignedDuration::from_nanos(1));
    }
    (found, until)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// For 200 days or until the offset changes, from the first start date that Azure takes.
    #[test]
    fn both_start_at_the_same_times(windows in any_windows(), at in any_instant()) {
        let Ok(held) = translate(&windows, at) else { return Ok(()) };
        let horizon = at + SignedDuration::from_hours(200 * 24);
        let (ours, until) = ours(&windows, &held, at, horizon);
        // With the old offset the next one would start at most two hours earlier; none other is as near.
        let until = until - SignedDuration::from_hours(3);
        let anchored = held.start_date.map_or(at, |date| held.offset.to_timestamp(date.to_datetime(held.start)).unwrap());
        let ours: Vec<Timestamp> = ours.into_iter().filter(|start| *start >= anchored && *start < until).collect();
        let first = held.offset.to_datetime(at).date();
        let last = held.offset.to_datetime(until).date();
        let theirs = starts(&held, first, last);
        let theirs: Vec<Timestamp> = theirs.into_iter().filter(|start| *start >= at && *start < until).collect();
        // In the night of a change the new offset may start once more while our own occurrence is still open.
        let theirs: Vec<Timestamp> = theirs
            .into_iter()
            .filter(|start| ours.contains(start) || !windows.window_at(MINOR, *start))
            .collect();
        prop_assert_eq!(ours, theirs);
    }

    /// No start is denied by the one and permitted by the other, while the offset of its day is the one that was written.
    #[test]
    fn both_forbid_the_same_starts(windows in any_windows(), at in any_instant()) {
        let Ok(held) = translate(&windows, at) else { return Ok(()) };
        let horizon = at + SignedDuration::from_hours(200 * 24);
        for start in ours(&windows, &held, at, horizon).0 {
            prop_assert_eq!(forbidden(&held, start), windows.blackout_at(MINOR, start).is_some(), "{}", start);
        }
    }

    /// What was written is not written again while nothing changes.
    #[test]
    fn a_translation_agrees_with_itself(windows in any_windows(), at in any_instant()) {
        let Ok(held) = translate(&windows, at) else { return Ok(()) };
        prop_assert!(held.agrees(&held, at));
        let again = translate(&windows, at + SignedDuration::from_secs(1)).unwrap();
        let moved = again.offset != held.offset || again.not_allowed != held.not_allowed;
        prop_assert!(moved || again.agrees(&held, at + SignedDuration::from_secs(1)));
    }

    /// No start date is ever past, in UTC or at its own offset.
    #[test]
    fn no_start_date_is_past(windows in any_windows(), at in any_instant()) {
        let Ok(held) = translate(&windows, at) else { return Ok(()) };
        let today = jiff::tz::Offset::UTC.to_datetime(at).date();
        prop_assert!(held.start_date.is_none_or(|date| date >= today));
        prop_assert!(held.start_date_to_send(at).is_none_or(|date| date >= today));
    }

    /// Read back into our own terms it opens at the same times.
    #[test]
    fn it_reads_back(windows in any_windows(), at in any_instant()) {
        let Ok(held) = translate(&windows, at) else { return Ok(()) };
        let back = held.windows().unwrap();
        let date = held.offset.to_datetime(at).date();
        let theirs: Vec<Timestamp> = starts(&held, date, date.checked_add(90.days()).unwrap());
        let until = at + SignedDuration::from_hours(85 * 24);
        let mut read = vec![];
        let mut next = back.windows[0].first_from(at);
        while let Some(one) = next.filter(|one| one.start < until) {
            read.push(one.start);
            next = back.windows[0].first_from(one.start + SignedDuration::from_nanos(1));
        }
        prop_assert_eq!(read, theirs.into_iter().filter(|start| *start >= at && *start < until).collect::<Vec<_>>());
    }
}
