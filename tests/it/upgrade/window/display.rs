//! Windows and blackouts as a reviewer reads them.

use super::{blackout_spec, spec, windows};
use terraform_provider_aks::upgrade::window::blackout::Blackout;
use terraform_provider_aks::upgrade::window::schedule::Window;

#[track_caller]
fn reads(line: &str, words: &str) {
    assert_eq!(Window::new(spec(line)).unwrap().to_string(), words);
}

#[track_caller]
fn denies(line: &str, words: &str) {
    assert_eq!(Blackout::new(blackout_spec(line)).unwrap().to_string(), words);
}

#[test]
fn days_of_the_week() {
    reads(
        "days=saturday start=02:00 duration=4h time_zone=Europe/Berlin",
        "Saturdays 02:00-06:00 Europe/Berlin",
    );
    reads(
        "days=friday,saturday,sunday start=22:00 duration=8h",
        "Fridays, Saturdays and Sundays 22:00-06:00 UTC",
    );
    reads("days=all start=22:30 duration=90m time_zone=+05:45", "every day 22:30-00:00 +05:45");
    reads(
        "days=sunday every=2 start_date=2026-01-05 start=02:00 duration=4h",
        "Sundays of every second week 02:00-06:00 UTC, from 2026-01-05",
    );
    reads(
        "days=all every=3 start_date=2026-01-05 start=02:00 duration=4h",
        "every third day 02:00-06:00 UTC, from 2026-01-05",
    );
}

#[test]
fn days_of_the_month() {
    reads(
        "days=saturday weeks_of_month=first,last start=02:00 duration=4h",
        "the first and last Saturday of the month 02:00-06:00 UTC",
    );
    reads(
        "days=saturday weeks_of_month=first every=3 start_date=2026-01-01 start=02:00 duration=4h",
        "the first Saturday of every third month 02:00-06:00 UTC, from 2026-01-01",
    );
    reads(
        "days_of_month=15,1,2,3,22,31 start=02:00 duration=4h",
        "the 1st to 3rd, the 15th, the 22nd and the 31st of the month 02:00-06:00 UTC",
    );
    reads(
        "days=sunday days_of_month=13,14,15,16,17,18,19 start=02:00 duration=4h",
        "Sundays on the 13th to 19th of the month 02:00-06:00 UTC",
    );
    reads(
        "days=sunday weeks_of_month=last days_of_month=31 every=12 start_date=2026-05-01 start=02:00 duration=4h",
        "the last Sunday on the 31st of every 12 months 02:00-06:00 UTC, from 2026-05-01",
    );
}

#[test]
fn a_day_or_more_says_how_long() {
    reads("days=saturday start=00:00 duration=24h", "Saturdays 00:00 UTC for 1d");
    reads("days=friday start=20:00 duration=2d4h", "Fridays 20:00 UTC for 2d4h");
}

#[test]
fn limits_come_last() {
    reads(
        "days=saturday start=02:00 duration=4h applies_to=patch,node_image",
        "Saturdays 02:00-06:00 UTC, for patch and node_image",
    );
    reads("days=all start=02:00 duration=4h node_pools=batch", "every day 02:00-06:00 UTC, on pool batch");
    denies(
        "from=2026-12-15 to=2026-12-16 applies_to=minor node_pools=a,b",
        "2026-12-15 to 2026-12-16 UTC, for minor, on pools a and b",
    );
}

#[test]
fn blackouts() {
    denies("from=2026-12-15 to=2026-12-15 time_zone=Europe/Berlin", "on 2026-12-15 Europe/Berlin");
    denies(
        "from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin reason=freeze",
        "12-15 to 01-05 Europe/Berlin, every year (freeze)",
    );
    denies(
        "from=2026-12-15T18:00:00+01:00 to=2026-12-16T00:00:00Z applies_to=minor",
        "2026-12-15T17:00:00Z to 2026-12-16T00:00:00Z, for minor",
    );
    denies("from=2026-12-15 to=9999-12-31 applies_to=minor", "from 2026-12-15 UTC on, for minor");
    denies("from=02-29 to=02-29 yearly=true", "on 02-29 UTC, every year");
}

#[test]
fn all_of_them() {
    let lines = "window days=saturday start=02:00 duration=4h
                 window days=sunday start=03:00 duration=4h
                 blackout from=12-15 to=01-05 yearly=true";
    assert_eq!(
        windows(lines).to_string(),
        "Saturdays 02:00-06:00 UTC; Sundays 03:00-07:00 UTC; not 12-15 to 01-05 UTC, every year"
    );
    assert_eq!(windows("").to_string(), "always");
}
