//! One occurrence around each edge of each zone's clock; expected by zoneinfo, checkable by eye.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::window::zone;

use super::{MINOR, PATCH, at, local, windows};

/// Asserts where a daily window of that local start, alone on that date, opens and closes.
#[track_caller]
fn row(zone_name: &str, date: &str, start: &str, minutes: i64, expected: &str) {
    let line =
        format!("window start={start} minutes={minutes} time_zone={zone_name} every=36500 start_date={date}");
    let after = at(&format!("{date}T00:00Z")) - SignedDuration::from_hours(36);
    let opening = windows(&line).opening(PATCH, after).unwrap();
    assert_eq!(local(opening, zone_name), expected, "{zone_name} {date} {start}");
    assert_eq!(opening.duration(), SignedDuration::from_mins(minutes));
}

#[test]
fn a_time_that_the_clocks_skip_is_read_with_the_offset_before() {
    row("Europe/Berlin", "2027-03-28", "02:30", 240, "2027-03-28 03:30+02:00 .. 2027-03-28 07:30+02:00");
    row("Europe/Dublin", "2027-03-28", "01:30", 60, "2027-03-28 02:30+01:00 .. 2027-03-28 03:30+01:00");
    row("America/New_York", "2027-03-14", "02:00", 60, "2027-03-14 03:00-04:00 .. 2027-03-14 04:00-04:00");
    row("America/St_Johns", "2027-03-14", "02:15", 60, "2027-03-14 03:15-02:30 .. 2027-03-14 04:15-02:30");
    row("America/Havana", "2024-03-10", "00:00", 60, "2024-03-10 01:00-04:00 .. 2024-03-10 02:00-04:00");
    row("America/Sao_Paulo", "2018-11-04", "00:00", 60, "2018-11-04 01:00-02:00 .. 2018-11-04 02:00-02:00");
    row("Australia/Lord_Howe", "2026-10-04", "02:15", 60, "2026-10-04 02:45+11:00 .. 2026-10-04 03:45+11:00");
    row("Pacific/Chatham", "2027-09-26", "02:50", 60, "2027-09-26 03:50+13:45 .. 2027-09-26 04:50+13:45");
    row("Africa/Casablanca", "2026-03-22", "02:30", 60, "2026-03-22 03:30+01:00 .. 2026-03-22 04:30+01:00");
    row("Africa/Cairo", "2027-04-30", "00:00", 60, "2027-04-30 01:00+03:00 .. 2027-04-30 02:00+03:00");
    row("Asia/Tehran", "2022-03-22", "00:00", 60, "2022-03-22 01:00+04:30 .. 2022-03-22 02:00+04:30");
    // Two hours.
    row("Antarctica/Troll", "2027-03-28", "01:30", 60, "2027-03-28 03:30+02:00 .. 2027-03-28 04:30+02:00");
    // A whole day: Samoa had no 30 December 2011.
    row("Pacific/Apia", "2011-12-29", "22:00", 240, "2011-12-29 22:00-10:00 .. 2011-12-31 02:00+14:00");
    row("Pacific/Apia", "2011-12-30", "02:00", 240, "2011-12-31 02:00+14:00 .. 2011-12-31 06:00+14:00");
    row("Pacific/Apia", "2011-12-31", "02:00", 240, "2011-12-31 02:00+14:00 .. 2011-12-31 06:00+14:00");
}

#[test]
fn a_time_that_comes_twice_is_the_first() {
    row("Europe/Berlin", "2027-10-31", "02:30", 240, "2027-10-31 02:30+02:00 .. 2027-10-31 05:30+01:00");
    row("America/New_York", "2027-11-07", "01:00", 60, "2027-11-07 01:00-04:00 .. 2027-11-07 01:00-05:00");
    row("America/New_York", "2027-11-07", "01:30", 90, "2027-11-07 01:30-04:00 .. 2027-11-07 02:00-05:00");
    row("America/Sao_Paulo", "2019-02-16", "23:30", 60, "2019-02-16 23:30-02:00 .. 2019-02-16 23:30-03:00");
    row("Australia/Lord_Howe", "2027-04-04", "01:45", 60, "2027-04-04 01:45+11:00 .. 2027-04-04 02:15+10:30");
    row("Pacific/Chatham", "2027-04-04", "03:00", 60, "2027-04-04 03:00+13:45 .. 2027-04-04 03:00+12:45");
    row("Africa/Casablanca", "2026-02-15", "02:30", 60, "2026-02-15 02:30+01:00 .. 2026-02-15 02:30+00:00");
    row("Africa/Cairo", "2027-10-28", "23:30", 60, "2027-10-28 23:30+03:00 .. 2027-10-28 23:30+02:00");
    row("Asia/Tehran", "2022-09-21", "23:30", 60, "2022-09-21 23:30+04:30 .. 2022-09-21 23:30+03:30");
    row("Antarctica/Troll", "2027-10-31", "01:30", 60, "2027-10-31 01:30+02:00 .. 2027-10-31 02:30+02:00");
    // Clocks that went back at 00:01: midnight comes twice, and its day is interrupted by the day before.
    row("America/St_Johns", "2010-11-07", "00:00", 60, "2010-11-07 00:00-02:30 .. 2010-11-07 00:00-03:30");
    row("America/St_Johns", "2010-11-06", "23:30", 60, "2010-11-06 23:30-02:30 .. 2010-11-06 23:30-03:30");
}

#[test]
fn a_duration_passes_in_absolute_time_over_a_change() {
    row("Europe/Berlin", "2027-03-28", "01:30", 240, "2027-03-28 01:30+01:00 .. 2027-03-28 06:30+02:00");
    row("Europe/Berlin", "2027-03-27", "23:00", 480, "2027-03-27 23:00+01:00 .. 2027-03-28 08:00+02:00");
    row("Europe/Berlin", "2027-10-31", "01:30", 240, "2027-10-31 01:30+02:00 .. 2027-10-31 04:30+01:00");
    row("Europe/Berlin", "2027-10-31", "03:00", 240, "2027-10-31 03:00+01:00 .. 2027-10-31 07:00+01:00");
    row("Europe/Berlin", "2027-10-29", "00:00", 10080, "2027-10-29 00:00+02:00 .. 2027-11-04 23:00+01:00");
}

#[test]
fn zones_that_keep_their_clocks_and_offsets_shift_nothing() {
    row("UTC", "2026-12-31", "23:30", 60, "2026-12-31 23:30+00:00 .. 2027-01-01 00:30+00:00");
    row("Asia/Kathmandu", "2027-01-03", "00:00", 60, "2027-01-03 00:00+05:45 .. 2027-01-03 01:00+05:45");
    row("Asia/Tehran", "2027-03-22", "00:00", 60, "2027-03-22 00:00+03:30 .. 2027-03-22 01:00+03:30");
    row("America/Sao_Paulo", "2027-01-03", "00:00", 60, "2027-01-03 00:00-03:00 .. 2027-01-03 01:00-03:00");
    row("+14:00", "2027-03-28", "02:30", 60, "2027-03-28 02:30+14:00 .. 2027-03-28 03:30+14:00");
    row("-12:00", "2027-03-28", "02:30", 60, "2027-03-28 02:30-12:00 .. 2027-03-28 03:30-12:00");
    row("+05:45", "2027-02-28", "23:59", 15, "2027-02-28 23:59+05:45 .. 2027-03-01 00:14+05:45");
}

#[test]
fn on_the_second_pass_of_an_hour_the_window_is_what_the_first_pass_left() {
    let windows = windows("window days=sunday start=02:30 duration=15m time_zone=Europe/Berlin");
    let open = |text: &str| windows.is_open(MINOR, at(text));
    assert!(open("2027-10-31T02:30+02:00"));
    assert!(!open("2027-10-31T02:45+02:00"));
    assert!(!open("2027-10-31T02:30+01:00"));
}

#[test]
fn a_day_that_did_not_happen_opens_once_with_the_day_after() {
    let windows = windows("window start=02:00 duration=4h time_zone=Pacific/Apia");
    let from = at("2011-12-29T02:00-10:00");
    let found: Vec<String> =
        windows.openings(MINOR, from).take(3).map(|one| local(one, "Pacific/Apia")).collect();
    assert_eq!(
        found,
        [
            "2011-12-29 02:00-10:00 .. 2011-12-29 06:00-10:00",
            "2011-12-31 02:00+14:00 .. 2011-12-31 06:00+14:00",
            "2012-01-01 02:00+14:00 .. 2012-01-01 06:00+14:00",
        ]
    );
}

#[test]
fn in_every_zone_of_the_database_each_day_of_a_spring_opens_once() {
    let may = jiff::civil::date(2027, 5, 1);
    for name in jiff::tz::TimeZoneDatabase::bundled().available() {
        let windows =
            windows(&format!("window start=02:30 duration=15m start_date=2027-03-01 time_zone={name}"));
        let zone = zone::parse(name.as_str()).unwrap();
        let openings = windows.openings(MINOR, at("2027-01-01T00:00Z"));
        let count = openings.take_while(|one| zone.to_datetime(one.start).date() < may).count();
        assert_eq!(count, 61, "{name}");
    }
}

#[test]
fn an_offset_is_not_a_place() {
    let berlin = windows("window days=sunday start=02:00 duration=4h time_zone=Europe/Berlin");
    let offset = windows("window days=sunday start=02:00 duration=4h time_zone=+01:00");
    let july = at("2027-07-01T00:00Z");
    let start = |windows: &super::Windows, after: Timestamp| windows.opening(MINOR, after).unwrap().start;
    assert_eq!(start(&berlin, july).to_zoned(TimeZone::UTC).hour(), 0);
    assert_eq!(start(&offset, july).to_zoned(TimeZone::UTC).hour(), 1);
}
