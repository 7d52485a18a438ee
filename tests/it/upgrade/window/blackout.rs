//! When nothing may start, whatever the windows say.

use jiff::Timestamp;
use terraform_provider_aks::provider::arguments::refusals::refusal;
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::window::blackout::Blackout;
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::error::WindowError;
use terraform_provider_aks::upgrade::window::interval::Interval;

use super::{MINOR, PATCH, at, blackout_spec, local, on, windows};

/// Asserts the first spans between the blackouts, without any window.
#[track_caller]
fn leaves(lines: &str, zone: &str, after: &str, expected: &[&str]) {
    let windows = windows(lines);
    let found: Vec<String> =
        windows.openings(MINOR, at(after)).take(expected.len()).map(|one| local(one, zone)).collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn refused(line: &str, attribute: &str, message: &str) {
    let error = Blackout::new(blackout_spec(line)).unwrap_err();
    assert_eq!(refusal(&error), (attribute, message.to_owned()));
}

#[test]
fn dates_are_inclusive_at_both_ends_and_instants_exclude_the_last() {
    leaves(
        "blackout from=2026-12-15 to=2026-12-15 time_zone=Europe/Berlin",
        "Europe/Berlin",
        "2026-12-15T12:00Z",
        &["2026-12-16 00:00+01:00 .. 9999-12-30 23:00+01:00"],
    );
    let once = windows("blackout from=2026-12-15T18:00+01:00 to=2026-12-15T19:00+01:00");
    let denied = |text| once.blackout_at(MINOR, at(text)).is_some();
    assert_eq!(
        ["2026-12-15T16:59:59Z", "2026-12-15T17:00:00Z", "2026-12-15T17:59:59Z", "2026-12-15T18:00:00Z"]
            .map(denied),
        [false, true, true, false]
    );
}

#[test]
fn a_yearly_one_may_cross_the_year_end() {
    leaves(
        "blackout from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin",
        "Europe/Berlin",
        "2026-12-31T23:30Z",
        &[
            "2027-01-06 00:00+01:00 .. 2027-12-15 00:00+01:00",
            "2028-01-06 00:00+01:00 .. 2028-12-15 00:00+01:00",
        ],
    );
}

#[test]
fn its_days_begin_where_the_clocks_say() {
    // Cairo skips midnight of 30 April 2027; Berlin's 31 October 2027 has 25 hours.
    leaves(
        "blackout from=2027-04-30 to=2027-04-30 time_zone=Africa/Cairo
         blackout from=2027-10-31 to=2027-10-31 time_zone=Europe/Berlin",
        "UTC",
        "2027-04-01T00:00Z",
        &[
            "-9999-01-02 01:59+00:00 .. 2027-04-29 22:00+00:00",
            "2027-04-30 21:00+00:00 .. 2027-10-30 22:00+00:00",
            "2027-10-31 23:00+00:00 .. 9999-12-30 22:00+00:00",
        ],
    );
}

#[test]
fn the_29th_of_february_stands_for_the_days_around_it() {
    // From it: from 1 March in a common year.
    leaves(
        "blackout from=02-29 to=03-10 yearly=true",
        "UTC",
        "2026-05-01T00:00Z",
        &[
            "2026-03-11 00:00+00:00 .. 2027-03-01 00:00+00:00",
            "2027-03-11 00:00+00:00 .. 2028-02-29 00:00+00:00",
        ],
    );
    // To it: to 28 February in a common year.
    leaves(
        "blackout from=02-20 to=02-29 yearly=true",
        "UTC",
        "2027-01-01T00:00Z",
        &[
            "2026-03-01 00:00+00:00 .. 2027-02-20 00:00+00:00",
            "2027-03-01 00:00+00:00 .. 2028-02-20 00:00+00:00",
        ],
    );
    // Alone: in leap years only, and 2100 is none.
    leaves(
        "blackout from=02-29 to=02-29 yearly=true",
        "UTC",
        "2092-03-01T00:00Z",
        &[
            "2092-03-01 00:00+00:00 .. 2096-02-29 00:00+00:00",
            "2096-03-01 00:00+00:00 .. 2104-02-29 00:00+00:00",
        ],
    );
}

#[test]
fn touching_blackouts_leave_nothing_between() {
    leaves(
        "blackout from=2026-12-01 to=2026-12-10
         blackout from=2026-12-11 to=2026-12-20
         blackout from=2026-12-05T12:00Z to=2026-12-06T12:00Z",
        "UTC",
        "2026-12-01T00:00Z",
        &["2026-12-21 00:00+00:00 .. 9999-12-30 22:00+00:00"],
    );
}

#[test]
fn one_that_cuts_a_window_leaves_two_openings() {
    leaves(
        "window days=saturday start=00:00 duration=24h
         blackout from=2026-11-28T06:00Z to=2026-11-28T07:00Z",
        "UTC",
        "2026-11-28T01:00Z",
        &[
            "2026-11-28 00:00+00:00 .. 2026-11-28 06:00+00:00",
            "2026-11-28 07:00+00:00 .. 2026-11-29 00:00+00:00",
            "2026-12-05 00:00+00:00 .. 2026-12-06 00:00+00:00",
        ],
    );
}

#[test]
fn windows_and_blackouts_hold_for_the_work_they_name() {
    let windows = windows(
        "window days=saturday start=00:00 duration=24h
         window days=sunday start=00:00 duration=24h applies_to=patch,node_image
         blackout from=2026-12-01 to=2026-12-31 applies_to=minor reason=freeze",
    );
    let open = |kind, day| windows.is_open(&[on("control plane", kind)], at(&format!("2026-{day}T12:00Z")));
    for (kind, saturday, sunday, frozen) in [
        (Kind::Minor, true, false, false),
        (Kind::Patch, true, true, true),
        (Kind::NodeImage, true, true, true),
    ] {
        assert_eq!(
            (open(kind, "11-28"), open(kind, "11-29"), open(kind, "12-05")),
            (saturday, sunday, frozen),
            "{kind}"
        );
    }
    let december = at("2026-12-05T12:00Z");
    let denied = |kind| windows.blackout_at(&[on("control plane", kind)], december);
    let reason = |kind| denied(kind).and_then(|one| one.spec().reason.clone());
    assert_eq!((reason(Kind::Minor), reason(Kind::Patch)), (Some("freeze".to_owned()), None));
}

#[test]
fn windows_that_name_other_work_do_not_open_this_one() {
    let windows = windows("window start=00:00 applies_to=patch");
    assert!(windows.never_opens(MINOR, at("2026-01-01T00:00Z")));
    assert!(!windows.never_opens(PATCH, at("2026-01-01T00:00Z")));
}

#[test]
fn without_windows_it_is_always_open() {
    let windows = windows("");
    let now = at("2026-11-22T00:00Z");
    assert_eq!(windows.opening(MINOR, now), Some(Interval { start: Timestamp::MIN, end: Timestamp::MAX }));
    assert_eq!(windows.openings(MINOR, now).count(), 1);
    assert!(windows.is_open(MINOR, now) && windows.window_at(MINOR, now));
}

#[test]
fn of_several_blackouts_the_one_that_lasts_longest_is_shown() {
    let windows = windows(
        "blackout from=2026-12-01 to=2026-12-05 reason=short
         blackout from=2026-12-02 to=2026-12-20 reason=long",
    );
    let shown = windows.blackout_at(PATCH, at("2026-12-03T00:00Z")).unwrap();
    assert_eq!(shown.spec().reason.as_deref(), Some("long"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    refused(
        "from=2027-01-05 to=2026-12-15",
        "to",
        "The blackout ends (2026-12-15) before it begins (2027-01-05); write the earlier one first, for example \
         from = \"2026-12-15\", to = \"2027-01-05\".",
    );
    refused(
        "from=2026-12-15T18:00Z to=2026-12-15T18:00Z",
        "to",
        "The blackout ends (2026-12-15T18:00:00Z) before it begins (2026-12-15T18:00:00Z); write the earlier one \
         first, for example from = \"2026-12-15\", to = \"2027-01-05\".",
    );
    let without_year = "A blackout from or to a month and day needs yearly = true; without it write the year, for \
                        example from = \"2026-12-15\", to = \"2027-01-05\".";
    refused("from=12-15 to=01-05", "yearly", without_year);
    refused("from=2026-12-15 to=01-05", "yearly", without_year);
    let with_year = "A yearly blackout runs from one month and day to another, for example from = \"12-15\", \
                     to = \"01-05\", yearly = true.";
    refused("from=2026-12-15 to=2027-01-05 yearly=true", "yearly", with_year);
    refused("from=12-15 to=2027-01-05T00:00Z yearly=true", "yearly", with_year);
    refused(
        "from=2026-12-15 to=2027-01-05T00:00Z",
        "to",
        "A blackout has either two instants or two dates; write both in one way, for example \
         from = \"2026-12-15\", to = \"2027-01-05\".",
    );
}

#[test]
fn days_need_a_zone_and_instants_have_one() {
    let mut days = blackout_spec("from=2026-12-15 to=2027-01-05");
    days.zone = None;
    let mut yearly = blackout_spec("from=12-15 to=01-05 yearly=true");
    yearly.zone = None;
    for spec in [days, yearly] {
        assert_eq!(Blackout::new(spec), Err(WindowError::DaysWithoutZone));
    }
    refused(
        "from=2026-12-15T18:00Z to=2026-12-16T18:00Z time_zone=Europe/Berlin",
        "time_zone",
        "A blackout between instants needs no time_zone, their offset says it all; remove time_zone, or write dates, for example from = \"2026-12-15\", to = \"2027-01-05\".",
    );
}

#[test]
fn the_end_of_the_calendar_is_for_ever() {
    for to in ["9999-12-31", "9999-12-30"] {
        for zone in ["UTC", "+14:00", "-12:00", "Europe/Berlin"] {
            let windows = windows(&format!("blackout from=2026-12-15 to={to} time_zone={zone}"));
            assert!(windows.never_opens(MINOR, at("2026-12-16T00:00Z")), "{to} {zone}");
        }
    }
    for to in ["9999-12-31T23:59:59Z", "9999-12-31T00:00:00+02:00", "9999-12-30T23:00:00Z"] {
        assert_eq!(BlackoutEdge::parse(to), Ok(BlackoutEdge::Instant(jiff::Timestamp::MAX)));
    }
    refused(
        "from=9999-12-31 to=9999-12-31 time_zone=-12:00",
        "from",
        "The date 9999-12-31 lies at the end of the calendar; write a nearer one, for example \"2026-12-15\".",
    );
}

#[test]
fn an_edge_is_an_instant_a_date_or_a_day_of_the_year() {
    assert_eq!(BlackoutEdge::parse("12-15"), Ok(BlackoutEdge::DayOfYear { month: 12, day: 15 }));
    assert_eq!(BlackoutEdge::parse("02-29"), Ok(BlackoutEdge::DayOfYear { month: 2, day: 29 }));
    assert_eq!(BlackoutEdge::parse("2026-12-15"), Ok(BlackoutEdge::Day(jiff::civil::date(2026, 12, 15))));
    let instant = BlackoutEdge::Instant(at("2026-12-15T17:00:00Z"));
    assert_eq!(BlackoutEdge::parse("2026-12-15T18:00:00+01:00"), Ok(instant));
    for text in [
        "02-30",
        "13-01",
        "2026-02-29",
        "2026-12-15 18:00",
        "2026-12-15T18:00",
        "15.12.",
        "december",
        "",
        "äöü-1",
        "9999-12-31T25:00:00Z",
        "9999-12-31 for ever",
    ] {
        assert_eq!(
            BlackoutEdge::parse(text).unwrap_err().to_string(),
            format!(
                "{text:?} is not the edge of a blackout; write an instant, for example \"2026-12-15T18:00:00+01:00\", \
                 a date, for example \"2026-12-15\", or for every year a month and day, for example \"12-15\"."
            )
        );
    }
}
