//! When what Azure holds has to be written again, and when it does as it is.

use jiff::civil::date;
use terraform_provider_aks::upgrade::window::aks::AksWindow;
use terraform_provider_aks::upgrade::window::translate::translate;

use crate::upgrade::window::{at, windows};

const BERLIN: &str = "window days=saturday start=02:00 duration=4h time_zone=Europe/Berlin";

fn translated(lines: &str, now: &str) -> AksWindow {
    translate(&windows(lines), at(now)).unwrap()
}

/// Asserts whether what was written at one instant, with Azure's start date, still does at another.
#[track_caller]
fn still_does(lines: &str, written: &str, now: &str, expected: bool) {
    let mut held = translated(lines, written);
    held.start_date = held.start_date.or(Some(at(written).strftime("%F").to_string().parse().unwrap()));
    assert_eq!(translated(lines, now).agrees(&held, at(now)), expected, "{held:?}");
}

#[test]
fn a_start_date_that_azure_filled_in_is_no_difference() {
    still_does(BERLIN, "2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z", true);
    still_does(BERLIN, "2026-11-22T10:00:00Z", "2027-03-26T10:00:00Z", true);
}

#[test]
fn another_offset_is() {
    still_does(BERLIN, "2026-10-23T00:00:00Z", "2026-10-24T00:00:00Z", true);
    still_does(BERLIN, "2026-10-23T00:00:00Z", "2026-10-24T00:00:01Z", false);
}

#[test]
fn an_interval_agrees_in_phase_only() {
    let second = "window days=saturday every=2 start_date=2026-01-05 start=02:00 duration=4h";
    still_does(second, "2026-11-22T10:00:00Z", "2027-06-01T10:00:00Z", true);
    let wanted = translated(second, "2026-11-22T10:00:00Z");
    let other = AksWindow { start_date: Some(date(2026, 11, 21)), ..wanted.clone() };
    assert!(!wanted.agrees(&other, at("2026-11-22T10:00:00Z")));
}

#[test]
fn a_start_in_the_far_future_is_a_difference() {
    let wanted = translated(BERLIN, "2026-11-22T10:00:00Z");
    let late = AksWindow { start_date: Some(date(2027, 6, 1)), ..wanted.clone() };
    assert!(!wanted.agrees(&late, at("2026-11-22T10:00:00Z")));
}

#[test]
fn a_yearly_blackout_that_passed_has_to_be_followed_by_another() {
    let lines = format!("{BERLIN}\nblackout from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin");
    still_does(&lines, "2026-11-22T10:00:00Z", "2027-01-05T10:00:00Z", true);
    still_does(&lines, "2026-11-22T10:00:00Z", "2027-01-06T10:00:00Z", false);
}

#[test]
fn past_days_do_not_count() {
    let lines = format!("{BERLIN}\nblackout from=2026-12-15 to=2026-12-16 time_zone=Europe/Berlin");
    still_does(&lines, "2026-11-22T10:00:00Z", "2027-01-06T10:00:00Z", true);
}

#[test]
fn a_past_start_date_is_not_sent_again() {
    let mut held = translated(
        "window days=saturday every=2 start_date=2026-01-05 start=02:00 duration=4h",
        "2026-01-04T00:00:00Z",
    );
    assert_eq!(held.start_date, Some(date(2026, 1, 10)));
    assert_eq!(held.start_date_to_send(at("2026-01-10T23:00:00Z")), Some(date(2026, 1, 10)));
    assert_eq!(held.start_date_to_send(at("2026-11-22T10:00:00Z")), Some(date(2026, 11, 28)));
    held = translated(BERLIN, "2026-01-04T00:00:00Z");
    held.start_date = Some(date(2026, 1, 4));
    assert_eq!(held.start_date_to_send(at("2026-11-22T10:00:00Z")), None);
    held.start_date = Some(date(2027, 1, 4));
    assert_eq!(held.start_date_to_send(at("2026-11-22T10:00:00Z")), Some(date(2027, 1, 4)));
}
