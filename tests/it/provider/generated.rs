//! The window that an import writes down opens when AKS's own does.

use jiff::civil::{Date, Weekday, date, time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::select;
use terraform_provider_aks::provider::arguments::blackouts::blackouts;
use terraform_provider_aks::provider::arguments::generated::window_blocks;
use terraform_provider_aks::provider::arguments::windows::windows;
use terraform_provider_aks::terraform::reader::{Findings, Reader};
use terraform_provider_aks::terraform::value::Value;
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::task::{Component, Task};
use terraform_provider_aks::upgrade::text::WeekOfMonth;
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use terraform_provider_aks::upgrade::window::interval::Interval;

fn any_date() -> impl Strategy<Value = Date> {
    (2026..2028_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

fn any_schedule() -> impl Strategy<Value = AksSchedule> {
    let day = select(vec![Weekday::Monday, Weekday::Saturday, Weekday::Sunday]);
    let week = select(vec![WeekOfMonth::First, WeekOfMonth::Fourth, WeekOfMonth::Last]);
    prop_oneof![
        (1..=7_i64).prop_map(|interval| AksSchedule::Daily { interval }),
        (1..=4_i64, day.clone()).prop_map(|(interval, day)| AksSchedule::Weekly { interval, day }),
        (1..=6_i64, 1..=31_i8).prop_map(|(interval, day)| AksSchedule::AbsoluteMonthly { interval, day }),
        (1..=6_i64, week, day).prop_map(|(interval, week, day)| AksSchedule::RelativeMonthly {
            interval,
            week,
            day
        }),
    ]
}

/// What Azure holds: it fills in a start date.
fn any_held() -> impl Strategy<Value = AksWindow> {
    let span = (any_date(), 0..20_i64);
    let span = span.prop_map(|(start, days)| DateSpan { start, end: start.saturating_add(days.days()) });
    let not_allowed = proptest::collection::vec(span, 0..3);
    (any_schedule(), 4..=24_i64, -44..=56_i32, any_date(), 0..24_i8, not_allowed).prop_map(
        |(schedule, duration_hours, quarters, start_date, hour, not_allowed)| AksWindow {
            schedule,
            duration_hours,
            offset: Offset::from_seconds(quarters * 900).unwrap(),
            start_date: Some(start_date),
            start: time(hour, 15, 0, 0),
            not_allowed,
        },
    )
}

/// Reads blocks as the configuration that Terraform makes of them.
fn read(blocks: [(&'static str, Value); 2]) -> Windows {
    let config = Value::object(blocks);
    let findings = Findings::default();
    let reader = Reader::new(&config, &findings);
    let windows = Windows { windows: windows(&reader), blackouts: blackouts(&reader), ..Windows::default() };
    assert_eq!(findings.into_diagnostics(), []);
    windows
}

fn openings(windows: &Windows, at: Timestamp) -> Vec<Interval> {
    let task = Task { component: Component::ControlPlane, kind: Kind::Minor };
    let next = |after: Timestamp| windows.opening(std::slice::from_ref(&task), after);
    let all = std::iter::successors(next(at), |last| next(last.end)).take(12);
    // What is past does not count: it was left out.
    all.map(|opening| Interval { start: opening.start.max(at), ..opening }).collect()
}

proptest! {
    #[test]
    fn what_is_written_down_opens_when_aks_does_and_not_before_tomorrow(held in any_held(), days in 0..700_i64) {
        let at: Timestamp = "2026-02-03T04:05:06Z".parse().unwrap();
        let at = at + SignedDuration::from_hours(24 * days);
        let written = read(window_blocks(Some(&held), at));
        prop_assert_eq!(written.windows.len(), 1);
        let today = held.offset.to_datetime(at).date();
        let first = openings(&written, at).first().map(|opening| held.offset.to_datetime(opening.start).date());
        prop_assert!(first.is_none_or(|first| first > today), "{first:?}");
        // What begins today is over a day after it has ended.
        let later = at + SignedDuration::from_hours(48);
        prop_assert_eq!(openings(&written, later), openings(&held.windows().unwrap(), later));
    }
}

#[test]
fn where_aks_keeps_none_it_is_saturday_night_from_the_next_one_on() {
    for (at, first) in [
        ("2026-11-26T12:00:00Z", "2026-11-28T02:00:00Z"),
        // In that window, and before it on its day.
        ("2026-11-28T02:10:00Z", "2026-12-05T02:00:00Z"),
        ("2026-11-28T00:10:00Z", "2026-12-05T02:00:00Z"),
    ] {
        let at: Timestamp = at.parse().unwrap();
        let written = read(window_blocks(None, at));
        assert!(written.to_string().starts_with("Saturdays 02:00-06:00 UTC"), "{written}");
        assert_eq!(openings(&written, at)[0].start, first.parse().unwrap());
    }
}
