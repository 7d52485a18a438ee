//! Laws that hold for all windows.

use jiff::civil::{Date, date, time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::task::{Component, Task};
use terraform_provider_aks::upgrade::text;
use terraform_provider_aks::upgrade::text::WeekOfMonth;
use terraform_provider_aks::upgrade::window::blackout::{Blackout, BlackoutSpec};
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::interval::Interval;
use terraform_provider_aks::upgrade::window::schedule::{Window, WindowSpec};
use terraform_provider_aks::upgrade::window::scope::Scope;
use terraform_provider_aks::upgrade::window::zone;
use terraform_provider_aks::upgrade::window::{Exemption, LOOKOUT, Windows};

use super::{MINOR, naive};

const ZONES: &[&str] = &[
    "UTC",
    "+14:00",
    "-12:00",
    "+05:45",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/St_Johns",
    "Pacific/Chatham",
    "Africa/Cairo",
    "Antarctica/Troll",
    "America/Havana",
    "Europe/Dublin",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const WEEKS: [WeekOfMonth; 5] =
    [WeekOfMonth::First, WeekOfMonth::Second, WeekOfMonth::Third, WeekOfMonth::Fourth, WeekOfMonth::Last];

/// Covers missing days and half hours of the past (Apia 2011, St John's at 00:01) as well as the years to come.
fn year() -> impl Strategy<Value = i16> {
    prop_oneof![2024..2032_i16, 2004..2014_i16, 2096..2102_i16]
}

fn any_date() -> impl Strategy<Value = Date> {
    (year(), 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day))
}

const KINDS: [Kind; 3] = [Kind::Minor, Kind::Patch, Kind::NodeImage];

fn any_scope() -> impl Strategy<Value = Scope> {
    let limited = (subsequence(KINDS.to_vec(), 0..=3), subsequence(vec!["a", "b"], 0..=2)).prop_map(
        |(kinds, pools)| Scope { kinds, node_pools: pools.into_iter().map(str::to_owned).collect() },
    );
    prop_oneof![3 => Just(Scope::default()), 2 => limited]
}

pub fn any_tasks() -> impl Strategy<Value = Vec<Task>> {
    let pool = |name: &str| Component::Pool(name.to_owned());
    let parts = vec![Component::ControlPlane, Component::Cluster, pool("a"), pool("b"), pool("c")];
    let task = (select(parts), select(KINDS.to_vec())).prop_map(|(component, kind)| Task { component, kind });
    proptest::collection::vec(task, 1..4)
}

pub fn any_window() -> impl Strategy<Value = Window> {
    let days = (
        subsequence(DAYS.to_vec(), 0..=7),
        subsequence(WEEKS.to_vec(), 0..=5),
        subsequence((1..=31).collect::<Vec<i8>>(), 1..=8),
        0..6_u8,
    );
    let hours =
        prop_oneof![(1..=96_i64).prop_map(|n| n * 15), (1..=7_i64).prop_map(|n| n * 1440), 1440..=10080_i64];
    let start = (select(vec![0, 1, 2, 3, 12, 22, 23_i8]), select(vec![0, 1, 15, 30, 59_i8]));
    let every = (prop_oneof![Just(1_u32), 2..5_u32], proptest::option::of(any_date()));
    (days, every, start, hours, select(ZONES), any_scope())
        .prop_map(
            |((days, weeks, month_days, kind), (every, start_date), (hour, minute), minutes, zone, scope)| {
                let weekdays: Vec<_> = days.iter().map(|day| text::parse_weekday(day).unwrap()).collect();
                let days = match kind {
                    1 if !weekdays.is_empty() => Days::OfWeek(weekdays),
                    2 => Days::OfMonth { days: month_days, weekdays: vec![], weeks: vec![] },
                    3 if !weekdays.is_empty() => Days::OfMonth { days: vec![], weekdays, weeks },
                    4 if !weekdays.is_empty() => Days::OfMonth { days: month_days, weekdays, weeks: vec![] },
                    5 if !weekdays.is_empty() => Days::OfMonth { days: month_days, weekdays, weeks },
                    _ => Days::All,
                };
                WindowSpec {
                    days,
                    every: if start_date.is_some() { every } else { 1 },
                    start_date,
                    start: time(hour, minute, 0, 0),
                    duration: SignedDuration::from_mins(minutes),
                    zone: zone::parse(zone).unwrap(),
                    scope,
                }
            },
        )
        .prop_map(|spec| Window::new(spec).unwrap())
}

pub fn any_blackout() -> impl Strategy<Value = Blackout> {
    let month_day = || {
        prop_oneof![Just((2, 29)), Just((3, 1)), Just((2, 28)), (1..=12_i8, 1..=28_i8)]
            .prop_map(|(month, day)| BlackoutEdge::DayOfYear { month, day })
    };
    let edges = prop_oneof![
        (month_day(), month_day()).prop_map(|(from, to)| (from, to, true)),
        (any_date(), 0..200_i64).prop_map(|(from, days)| {
            let to = from + SignedDuration::from_hours(24 * days);
            (BlackoutEdge::Day(from), BlackoutEdge::Day(to), false)
        }),
        (any_date(), 1..500_000_i64).prop_map(|(from, minutes)| {
            let from = utc(from);
            let to = from + SignedDuration::from_mins(minutes);
            (BlackoutEdge::Instant(from), BlackoutEdge::Instant(to), false)
        }),
    ];
    (edges, select(ZONES), any_scope()).prop_map(|((from, to, yearly), zone, scope)| {
        let zone = (!matches!(from, BlackoutEdge::Instant(_))).then(|| zone::parse(zone).unwrap());
        Blackout::new(BlackoutSpec { from, to, yearly, zone, reason: None, scope }).unwrap()
    })
}

pub fn any_windows() -> impl Strategy<Value = Windows> {
    let exemption = (any_instant(), any::<bool>(), any::<bool>())
        .prop_map(|(until, windows, blackouts)| Exemption { until, windows, blackouts, cutoff: false });
    let rules =
        (proptest::collection::vec(any_window(), 0..4), proptest::collection::vec(any_blackout(), 0..3));
    (rules, proptest::option::weighted(0.4, exemption))
        .prop_map(|((windows, blackouts), exemption)| Windows { windows, blackouts, exemption, cutoff: None })
}

fn utc(date: Date) -> Timestamp {
    jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap()
}

pub fn any_instant() -> impl Strategy<Value = Timestamp> {
    (any_date(), 0..86_400_i64).prop_map(|(day, seconds)| utc(day) + SignedDuration::from_secs(seconds))
}

/// Returns the openings between two dates, cut by them.
fn between(windows: &Windows, tasks: &[Task], from: Date, until: Date) -> Vec<Interval> {
    let span = Interval { start: utc(from), end: utc(until) };
    let openings = windows.openings(tasks, span.start).take_while(|opening| opening.start < span.end);
    openings.filter_map(|opening| naive::common(opening, span)).collect()
}

fn year_after(day: Date) -> Date {
    day + SignedDuration::from_hours(24 * 400)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn openings_are_those_of_the_longest_way(windows in any_windows(), tasks in any_tasks(), from in any_date()) {
        let until = year_after(from);
        let (found, expected) = (between(&windows, &tasks, from, until), naive::openings(&windows, &tasks, from, until));
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert_eq!(found, expected);
        }
        prop_assert_eq!(found.len(), expected.len());
    }

    #[test]
    fn openings_are_ordered_and_do_not_touch(windows in any_windows(), tasks in any_tasks(), after in any_instant()) {
        let openings: Vec<Interval> = windows.openings(&tasks, after).take(40).collect();
        prop_assert!(openings.iter().all(|one| one.start < one.end));
        for pair in openings.windows(2) {
            prop_assert!(pair[0].end < pair[1].start, "{:?}", pair);
        }
    }

    #[test]
    fn open_is_what_lies_in_an_opening(windows in any_windows(), tasks in any_tasks(), at in any_instant()) {
        let opening = windows.opening(&tasks, at);
        prop_assert_eq!(windows.is_open(&tasks, at), opening.is_some_and(|opening| opening.contains(at)));
        prop_assert_eq!(opening, windows.openings(&tasks, at).next());
        prop_assert_eq!(opening.is_none(), windows.never_opens(&tasks, at));
    }

    #[test]
    fn an_opening_is_the_same_from_everywhere_inside(windows in any_windows(), tasks in any_tasks(), at in any_instant(), part in 0..100_i64) {
        if let Some(opening) = windows.opening(&tasks, at)
            && opening.duration() < SignedDuration::from_hours(24 * 365)
        {
            let inside = opening.start + SignedDuration::from_secs(opening.duration().as_secs() * part / 100);
            prop_assert_eq!(windows.opening(&tasks, inside), Some(opening));
        }
    }

    #[test]
    fn windows_are_or_ed(a in any_window(), b in any_window(), from in any_date()) {
        let one = |window: &Window| Windows { windows: vec![window.clone()], ..Windows::default() };
        let both = Windows { windows: vec![a.clone(), b.clone()], ..Windows::default() };
        let until = year_after(from);
        let either = [between(&one(&a), MINOR, from, until), between(&one(&b), MINOR, from, until)].concat();
        prop_assert_eq!(between(&both, MINOR, from, until), naive::union(either));
    }

    #[test]
    fn a_blackout_denies_and_never_adds(windows in any_windows(), tasks in any_tasks(), blackout in any_blackout(), at in any_instant()) {
        let windows = Windows { exemption: None, ..windows };
        let mut fewer = windows.clone();
        fewer.blackouts.push(blackout.clone());
        let alone = Windows { blackouts: vec![blackout], ..Windows::default() };
        let denied = alone.blackout_at(&tasks, at).is_some();
        prop_assert_eq!(fewer.is_open(&tasks, at), windows.is_open(&tasks, at) && !denied);
        prop_assert_eq!(fewer.blackout_at(&tasks, at).is_some(), denied || windows.blackout_at(&tasks, at).is_some());
    }

    #[test]
    fn what_an_override_ignores_does_not_count(windows in any_windows(), tasks in any_tasks(), at in any_instant()) {
        let windows = Windows { exemption: None, ..windows };
        let without = |rules, blackouts| {
            let until = at + SignedDuration::from_nanos(1);
            let exemption = Some(Exemption { until, windows: rules, blackouts, cutoff: false });
            let exempt = Windows { exemption, ..windows.clone() };
            assert_eq!(exempt.is_open(&tasks, until), windows.is_open(&tasks, until));
            exempt
        };
        prop_assert!(without(true, true).is_open(&tasks, at));
        let (window, blackout) = (windows.window_at(&tasks, at), windows.blackout_at(&tasks, at).is_some());
        prop_assert_eq!(without(false, true).is_open(&tasks, at), window);
        prop_assert_eq!(without(true, false).is_open(&tasks, at), !blackout);
        prop_assert_eq!(windows.is_open(&tasks, at), window && !blackout);
    }

    #[test]
    fn another_fixed_offset_shifts_every_opening(window in any_window(), minutes in -720..=840_i32, at in any_instant()) {
        let moved = |minutes: i32| {
            let zone = jiff::tz::TimeZone::fixed(Offset::from_seconds(minutes * 60).unwrap());
            let window = Window::new(WindowSpec { zone, ..window.spec().clone() }).unwrap();
            Windows { windows: vec![window], ..Windows::default() }
        };
        let east = SignedDuration::from_mins(minutes.into());
        let endless = [Timestamp::MIN, Timestamp::MAX];
        let shift = |at: Timestamp| if endless.contains(&at) { at } else { at + east };
        let (there, here) = (moved(minutes), moved(0));
        let there = there.openings(MINOR, at - east).take(20);
        let back: Vec<Interval> =
            there.map(|one| Interval { start: shift(one.start), end: shift(one.end) }).collect();
        prop_assert_eq!(back, here.openings(MINOR, at).take(20).collect::<Vec<_>>());
    }

    #[test]
    fn the_ends_of_time_do_not_matter(windows in any_windows()) {
        for at in [Timestamp::MIN, Timestamp::MAX] {
            let _ = windows.is_open(MINOR, at);
            let _ = windows.openings(MINOR, at).take(3).count();
        }
        prop_assert!(windows.openings(MINOR, Timestamp::MAX).next().is_none());
    }
}

proptest! {
    // Forty years are looked through where none is long enough.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn the_first_opening_that_is_long_enough_is_found(windows in any_windows(), tasks in any_tasks(), at in any_instant(), hours in 1..200_i64) {
        let need = SignedDuration::from_hours(hours);
        let found = windows.opening_for(&tasks, at, need);
        let expected = windows.openings(&tasks, at).take(300).find(|one| one.left(at) >= need);
        let is_near = |one: &Interval| one.start.duration_since(at) < LOOKOUT;
        if expected.as_ref().is_some_and(is_near) {
            prop_assert_eq!(found, expected);
        }
        prop_assert!(found.is_none_or(|found| found.left(at) >= need));
    }
}
