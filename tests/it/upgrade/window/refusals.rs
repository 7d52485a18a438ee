//! What a window may not be, in the words that a user reads.

use jiff::SignedDuration;
use terraform_provider_aks::upgrade::window::schedule::{Window, WindowError};

use super::spec;

#[track_caller]
fn refused(line: &str, attribute: &str, message: &str) {
    let error = Window::new(spec(line)).unwrap_err();
    assert_eq!((error.attribute, error.to_string().as_str()), (attribute, message));
}

#[track_caller]
fn accepted(line: &str) {
    assert_eq!(Window::new(spec(line)).map(|window| window.spec().clone()), Ok(spec(line)));
}

#[test]
fn a_window_lasts_from_15_minutes_to_7_days() {
    accepted("duration=15m");
    accepted("duration=7d");
    refused(
        "duration=14m",
        "duration",
        "A window lasts from 15 minutes to 7 days, not 14m; for example duration = \"4h\".",
    );
    refused(
        "duration=169h",
        "duration",
        "A window lasts from 15 minutes to 7 days, not 7d1h; for example duration = \"4h\".",
    );
    let mut negative = spec("");
    negative.duration = SignedDuration::from_hours(-4);
    assert_eq!(Window::new(negative).unwrap_err().attribute, "duration");
}

#[test]
fn every_needs_an_anchor() {
    accepted("every=2 start_date=2026-01-05");
    accepted("every=1");
    refused("every=0", "every", "every is 0; leave it out, or write 1 or more, for example every = 2.");
    refused(
        "every=2",
        "start_date",
        "every = 2 needs a start_date to count from; for example start_date = \"2026-01-05\".",
    );
}

#[test]
fn days_are_written_in_one_way() {
    accepted("days=saturday weeks_of_month=first,last");
    accepted("days_of_month=1,31");
    refused(
        "weeks_of_month=first",
        "weeks_of_month",
        "weeks_of_month needs days; for example days = [\"saturday\"], weeks_of_month = [\"first\"].",
    );
    let both = "A window has either days_of_month or days (with or without weeks_of_month), not both; for example \
                days_of_month = [1, 15], or days = [\"saturday\"], weeks_of_month = [\"first\"].";
    refused("days_of_month=1 days=monday", "days_of_month", both);
    refused("days_of_month=1 weeks_of_month=first", "days_of_month", both);
    refused(
        "days_of_month=0",
        "days_of_month",
        "0 is not a day of the month; write 1 to 31, for example days_of_month = [1, 15].",
    );
    refused(
        "days_of_month=1,32",
        "days_of_month",
        "32 is not a day of the month; write 1 to 31, for example days_of_month = [1, 15].",
    );
}

#[test]
fn nothing_is_listed_twice() {
    let twice =
        |attribute, n| format!("The list {attribute} names its element {n} twice; write each one once.");
    refused("days=monday,monday", "days", &twice("days", 2));
    refused("days_of_month=1,2,1", "days_of_month", &twice("days_of_month", 3));
    refused("days=monday weeks_of_month=last,last", "weeks_of_month", &twice("weeks_of_month", 2));
    refused("applies_to=minor,patch,patch", "applies_to", &twice("applies_to", 3));
}

#[test]
fn an_empty_list_is_refused_where_it_is_read() {
    let error = WindowError::empty_list("days");
    assert_eq!(
        (error.attribute, error.message.as_str()),
        ("days", "The list days is empty; leave days out, or name at least one.")
    );
}
