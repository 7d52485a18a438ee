//! Windows that never open, never close, or are too short: found, not looped for.

use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::window::interval::Interval;

use super::{MINOR, at, local, windows};

const NOW: &str = "2026-11-22T12:00:00Z";

#[track_caller]
fn never(lines: &str) {
    assert!(windows(lines).never_opens(MINOR, at(NOW)), "{lines}");
    assert_eq!(windows(lines).opening(MINOR, at(NOW)), None);
    assert_eq!(windows(lines).longest_opening(MINOR, at(NOW)), None);
}

#[test]
fn days_that_do_not_exist_never_open() {
    never("window days_of_month=31 every=12 start_date=2026-02-01");
    never("window days_of_month=30,31 every=12 start_date=2026-02-01");
    never("window days_of_month=31 every=12 start_date=2026-04-01");
    never("window days_of_month=29 every=48 start_date=2026-02-01");
    never("window days_of_month=29 every=1200 start_date=2026-02-01");
    never("window days=monday weeks_of_month=first days_of_month=20");
    never("window days=monday days_of_month=30 every=12 start_date=2026-02-01");
}

#[test]
fn what_lies_beyond_the_calendar_or_400_years_never_opens() {
    never("window every=4294967295 start_date=2020-01-01");
    never("window days=monday every=4294967295 start_date=2020-01-01");
    never("window days_of_month=1 every=4294967295 start_date=2020-01-01");
    never("window start_date=9999-12-31");
    never("window start_date=2500-01-01");
    assert!(!windows("window start_date=2400-01-01").never_opens(MINOR, at(NOW)));
}

#[test]
fn blackouts_over_every_opening_leave_none() {
    never("window days=saturday\nblackout from=01-01 to=12-31 yearly=true");
    never("window days=saturday\nblackout from=07-01 to=06-30 yearly=true time_zone=Asia/Tokyo");
    never(
        "window days_of_month=24,25 every=12 start_date=2026-12-01\nblackout from=12-15 to=01-05 yearly=true",
    );
    never("window days_of_month=29 every=12 start_date=2024-02-01\nblackout from=02-29 to=02-29 yearly=true");
    never("blackout from=2026-01-01 to=9999-12-28");
}

#[test]
fn a_window_that_never_closes_has_no_end() {
    let opening = |lines: &str| windows(lines).opening(MINOR, at(NOW)).unwrap();
    assert_eq!(opening("window start=02:00 duration=24h").start, Timestamp::MIN);
    for zone in ["UTC", "Asia/Tokyo", "+05:45"] {
        assert_eq!(opening(&format!("window start=02:00 duration=24h time_zone={zone}")).end, Timestamp::MAX);
    }
    let anchored = opening("window days_of_month=1,8,15,22,29 start=02:00 duration=7d start_date=2026-01-10");
    assert_eq!(local(anchored, "UTC"), "2026-01-15 02:00+00:00 .. 9999-12-30 22:00+00:00");
    let fenced = opening("window start=02:00 duration=24h\nblackout from=12-15 to=01-05 yearly=true");
    assert_eq!(local(fenced, "UTC"), "2026-01-06 00:00+00:00 .. 2026-12-15 00:00+00:00");
}

#[test]
fn a_day_of_25_hours_closes_a_daily_24_hours_for_one() {
    let windows = windows("window start=00:00 duration=24h time_zone=Europe/Berlin");
    let openings: Vec<String> =
        windows.openings(MINOR, at(NOW)).take(2).map(|one| local(one, "Europe/Berlin")).collect();
    assert_eq!(
        openings,
        [
            "2026-10-26 00:00+01:00 .. 2027-10-31 23:00+01:00",
            "2027-11-01 00:00+01:00 .. 2028-10-29 23:00+01:00"
        ]
    );
}

#[test]
fn one_that_several_windows_keep_open_never_closes_but_for_a_blackout() {
    let windows = windows(
        "window days=monday,tuesday,wednesday,thursday,friday start=00:00 duration=24h
         window days=saturday,sunday start=00:00 duration=24h",
    );
    let openings: Vec<_> = windows.openings(MINOR, at(NOW)).take(3).collect();
    assert_eq!(openings, [Interval { start: Timestamp::MIN, end: Timestamp::MAX }]);
}

#[test]
fn the_first_opening_that_holds_a_step_is_found() {
    let windows = windows(
        "window days=saturday start=02:00 duration=4h
         window days_of_month=1 start=06:00 duration=12h",
    );
    let find = |hours| {
        let need = SignedDuration::from_hours(hours);
        windows.opening_for(MINOR, at(NOW), need).map(|one| local(one, "UTC"))
    };
    assert_eq!(find(4).unwrap(), "2026-11-28 02:00+00:00 .. 2026-11-28 06:00+00:00");
    assert_eq!(find(5).unwrap(), "2026-12-01 06:00+00:00 .. 2026-12-01 18:00+00:00");
    // The first of a month that is a Saturday: the two touch.
    assert_eq!(find(13).unwrap(), "2027-05-01 02:00+00:00 .. 2027-05-01 18:00+00:00");
    assert_eq!(find(17), None);
    let longest = windows.longest_opening(MINOR, at(NOW)).unwrap();
    assert_eq!(local(longest, "UTC"), "2027-05-01 02:00+00:00 .. 2027-05-01 18:00+00:00");
}

#[test]
fn only_what_is_left_of_the_present_opening_counts() {
    let windows = windows("window days=sunday start=10:00 duration=4h");
    let find = |minutes| windows.opening_for(MINOR, at(NOW), SignedDuration::from_mins(minutes)).unwrap();
    assert_eq!(local(find(120), "UTC"), "2026-11-22 10:00+00:00 .. 2026-11-22 14:00+00:00");
    assert_eq!(local(find(121), "UTC"), "2026-11-29 10:00+00:00 .. 2026-11-29 14:00+00:00");
}

#[test]
fn blackouts_can_leave_every_opening_too_short() {
    let windows = windows(
        "window days_of_month=31 start=20:00 duration=8h every=12 start_date=2026-12-01
         blackout from=01-01 to=01-05 yearly=true",
    );
    assert_eq!(windows.opening_for(MINOR, at(NOW), SignedDuration::from_hours(5)), None);
    let longest = windows.longest_opening(MINOR, at(NOW)).unwrap();
    assert_eq!(longest.duration(), SignedDuration::from_hours(4));
}
