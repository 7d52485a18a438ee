//! What a window becomes, by the text that a plan shows and the start date that is sent with it.

use terraform_provider_aks::upgrade::window::translate::translate;

use crate::upgrade::window::{at, windows};

/// Asserts `text | start date` of the translation.
#[track_caller]
fn becomes(lines: &str, now: &str, expected: &str) {
    let translated = translate(&windows(lines), at(now)).unwrap();
    let date = translated.start_date.map_or_else(|| "-".to_owned(), |date| date.to_string());
    assert_eq!(format!("{translated} | {date}"), expected);
}

const NOW: &str = "2026-11-22T10:00:00Z";

#[test]
fn every_shape_has_its_counterpart() {
    becomes("window start=02:00 duration=4h", NOW, "every day 02:00 +00:00 for 4h | -");
    becomes("window days=saturday start=02:00 duration=4h", NOW, "every saturday 02:00 +00:00 for 4h | -");
    becomes(
        "window days_of_month=15 start=22:30 duration=24h",
        NOW,
        "every month on day 15 22:30 +00:00 for 24h | -",
    );
    becomes(
        "window days=sunday weeks_of_month=last start=00:00 duration=6h",
        NOW,
        "every month on the last sunday 00:00 +00:00 for 6h | -",
    );
}

#[test]
fn an_interval_is_anchored_at_an_occurrence_that_is_not_past() {
    let second_week = "window days=saturday every=2 start_date=2026-01-05 start=02:00 duration=4h";
    becomes(second_week, NOW, "every 2 weeks on saturday 02:00 +00:00 for 4h | 2026-11-28");
    becomes(
        second_week,
        "2026-11-28T02:00:01Z",
        "every 2 weeks on saturday 02:00 +00:00 for 4h | 2026-12-12",
    );
    becomes(
        "window every=3 start_date=2026-11-20 start=02:00 duration=4h",
        NOW,
        "every 3 days 02:00 +00:00 for 4h | 2026-11-23",
    );
    becomes(
        "window days_of_month=1 every=3 start_date=2026-01-01 start=02:00 duration=4h",
        NOW,
        "every 3 months on day 1 02:00 +00:00 for 4h | 2027-01-01",
    );
}

/// In Honolulu it is still the 22nd when the UTC day is the 23rd, and Azure's idea of "past" is not documented.
#[test]
fn a_start_date_is_not_past_in_utc_either() {
    becomes(
        "window every=2 start_date=2026-11-22 start=20:00 duration=4h time_zone=Pacific/Honolulu",
        "2026-11-23T05:00:00Z",
        "every 2 days 20:00 -10:00 for 4h | 2026-11-24",
    );
}

#[test]
fn a_future_start_date_is_sent_and_a_past_one_is_not() {
    let from = |date: &str| format!("window days=saturday start_date={date} start=02:00 duration=4h");
    becomes(&from("2027-02-01"), NOW, "every saturday 02:00 +00:00 for 4h | 2027-02-01");
    becomes(&from("2026-02-01"), NOW, "every saturday 02:00 +00:00 for 4h | -");
}

#[test]
fn the_offset_is_that_of_the_next_occurrence() {
    let berlin = "window days=saturday start=02:00 duration=4h time_zone=Europe/Berlin";
    becomes(berlin, "2026-10-16T10:00:00Z", "every saturday 02:00 +02:00 for 4h | -");
    // The clocks go back on Sunday 25 October, after the occurrence of Saturday the 24th.
    becomes(berlin, "2026-10-23T23:59:59Z", "every saturday 02:00 +02:00 for 4h | -");
    becomes(berlin, "2026-10-24T00:00:01Z", "every saturday 02:00 +01:00 for 4h | -");
    becomes(
        "window start=02:00 duration=4h time_zone=Asia/Kathmandu",
        NOW,
        "every day 02:00 +05:45 for 4h | -",
    );
}

/// 02:30 does not exist in Berlin on 28 March 2027 and means 03:30+02:00, which is 02:30+01:00.
#[test]
fn a_start_in_a_gap_of_the_clocks_has_the_offset_before_it() {
    let sunday = "window days=sunday start=02:30 duration=4h time_zone=Europe/Berlin";
    becomes(sunday, "2027-03-27T10:00:00Z", "every sunday 02:30 +01:00 for 4h | -");
    becomes(sunday, "2027-03-28T10:00:00Z", "every sunday 02:30 +02:00 for 4h | -");
}

/// 02:30 comes twice in Berlin on 25 October 2026 and means the first.
#[test]
fn a_start_that_comes_twice_has_the_first_offset() {
    let sunday = "window days=sunday start=02:30 duration=4h time_zone=Europe/Berlin";
    becomes(sunday, "2026-10-24T10:00:00Z", "every sunday 02:30 +02:00 for 4h | -");
}

#[test]
fn yearly_blackouts_are_written_for_the_two_times_to_come() {
    let lines = "window days=saturday start=02:00 duration=4h time_zone=Europe/Berlin
        blackout from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin";
    let coming =
        "every saturday 02:00 +01:00 for 4h, not 2026-12-15 to 2027-01-05 and 2027-12-15 to 2028-01-05 | -";
    becomes(lines, NOW, coming);
    becomes(lines, "2027-01-05T22:59:59Z", coming);
    becomes(
        lines,
        "2027-01-05T23:00:00Z",
        "every saturday 02:00 +01:00 for 4h, not 2027-12-15 to 2028-01-05 and 2028-12-15 to 2029-01-05 | -",
    );
}

#[test]
fn whole_days_are_written_however_they_are_spelled() {
    let berlin = "window start=02:00 duration=4h time_zone=Europe/Berlin\n";
    let is = |blackout: &str, expected: &str| becomes(&format!("{berlin}{blackout}"), NOW, expected);
    is(
        "blackout from=2026-12-15 to=2026-12-15 time_zone=Europe/Berlin",
        "every day 02:00 +01:00 for 4h, not 2026-12-15 to 2026-12-15 | -",
    );
    is(
        "blackout from=2026-12-14T23:00:00Z to=2026-12-16T00:00:00+01:00",
        "every day 02:00 +01:00 for 4h, not 2026-12-15 to 2026-12-15 | -",
    );
    // Summer days keep their dates under the offset of winter, which is renewed before summer comes.
    is(
        "blackout from=2027-07-01 to=2027-07-04 time_zone=Europe/Berlin",
        "every day 02:00 +01:00 for 4h, not 2027-07-01 to 2027-07-04 | -",
    );
    is("blackout from=2025-07-01 to=2025-07-04 time_zone=Europe/Berlin", "every day 02:00 +01:00 for 4h | -");
}

#[test]
fn days_that_touch_or_overlap_are_one_span() {
    becomes(
        "window start=02:00 duration=4h
         blackout from=2026-12-20 to=2026-12-31
         blackout from=2027-01-01 to=2027-01-02
         blackout from=2026-12-24 to=2026-12-26",
        NOW,
        "every day 02:00 +00:00 for 4h, not 2026-12-20 to 2027-01-02 | -",
    );
}
