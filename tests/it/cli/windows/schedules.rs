//! Crons that hit every opening.

use std::collections::BTreeSet;
use std::slice;

use croner::Cron;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use terraform_provider_aks::cli::windows::{Schedule, schedule};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::interval::Interval;

use super::{shows, windows};
use crate::upgrade::window::laws::{any_blackout, any_instant, any_window};

/// What is left of an opening at least when a run hits it.
const LEAST: SignedDuration = SignedDuration::from_mins(10);

/// Returns the crons of a window, without their offsets.
#[track_caller]
fn crons(window: &str) -> Vec<String> {
    let (code, said, told) = windows(&["--maintenance-window", window, "--cron", "--json"]);
    assert_eq!(code, Some(0), "{told}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let lines = said["policies"][0]["crons"].as_array().unwrap();
    lines.iter().map(|line| line["cron"].as_str().unwrap().to_owned()).collect()
}

/// Checks the crons of a window of four hours from 02:00.
#[track_caller]
fn says(rest: &str, expected: &[&str]) {
    let defaults = [("start=", "start=02:00"), ("duration=", "duration=4h"), ("time_zone=", "time_zone=UTC")];
    let missing = defaults.iter().filter(|(key, _)| !rest.contains(key)).map(|(_, default)| *default);
    let window = std::iter::once(rest).chain(missing).collect::<Vec<_>>().join(" ");
    assert_eq!(crons(&window), expected, "{window}");
}

#[test]
fn cron_is_as_small_as_it_can_be() {
    says("days=all", &["5 2-5 * * *"]);
    says("days=saturday,sunday", &["5 2-5 * * 0,6"]);
    says("days=saturday start=22:00 duration=8h", &["5 0-5 * * 0", "5 22,23 * * 6"]);
    says("days_of_month=1,15", &["5 2-5 1,15 * *"]);
    says("days_of_month=1 every=3 start_date=2026-01-01", &["5 2-5 1 1,4,7,10 *"]);
    says("days=saturday duration=15m", &["5 2 * * 6"]);
    says("days=saturday duration=90m start=23:45", &["50 23 * * 6"]);
    says("days=all start=00:00 duration=24h", &["5 * * * *"]);
}

#[test]
fn what_cron_cannot_say_is_the_smallest_that_hits_it() {
    says("days=saturday every=2 start_date=2026-01-03", &["5 2-5 * * 6"]);
    says("days=saturday weeks_of_month=last", &["5 2-5 * * 6"]);
    says("days=monday,tuesday,wednesday,thursday,friday weeks_of_month=first", &["5 2-5 1-7 * *"]);
    says("days=sunday days_of_month=13,14,15,16,17,18,19", &["5 2-5 * * 0"]);
    says("days=all every=7 start_date=2026-01-03", &["5 2-5 * * 6"]);
}

#[test]
fn both_halves_of_the_year_are_said() {
    says("days=saturday time_zone=Europe/Berlin", &["5 1-4 * 1-3,10-12 6", "5 0-3 * 3-10 6"]);
    says(
        "days=monday start=00:30 duration=1h time_zone=Europe/Berlin",
        &["35 23 * 1-3,10-12 0", "35 22 * 3-10 0"],
    );
    says(
        "days_of_month=1 start=00:30 duration=1h time_zone=Europe/Berlin",
        &["35 23 28-31 1,2,10-12 *", "35 22 30,31 3-9 *"],
    );
}

#[test]
fn a_schedule_says_why_it_is_so() {
    let window =
        "days=saturday every=2 start_date=2026-01-03 start=02:00 duration=4h time_zone=Europe/Berlin";
    let blackout = "from=2027-01-02T01:20:00Z to=2027-01-02T09:00:00Z";
    shows(
        &["--maintenance-window", window, "--cron", "--blackout", blackout],
        "Saturdays of every second week 02:00-06:00 Europe/Berlin, from 2026-01-03; not 2027-01-02T01:20:00Z to \
         2027-01-02T09:00:00Z\n\n\
         CRON (UTC)           WHILE\n\
         5 1-4 * 1-3,10-12 6  Europe/Berlin is at +01:00\n\
         5 0-3 * 3-10 6       Europe/Berlin is at +02:00\n\n\
         The first run comes 5 minutes after the opening: schedulers start late and never early. One every hour inside goes on\n\
         where an earlier one ended, or stands in for one that was left out. A run while no window is open does nothing, as\n\
         long as outside_window is \"defer\".\n\
         Cron cannot say \"Saturdays of every second week 02:00-06:00 Europe/Berlin, from 2026-01-03\", so it runs on more \
         days than the window opens.\n",
    );
    let (_, said, _) = windows(&[
        "-w",
        "days=saturday start=02:00 duration=4h time_zone=UTC",
        "--cron",
        "-b",
        "from=2026-11-28T02:04:00Z to=2026-11-28T09:00:00Z",
    ]);
    let missed = "No run hits the opening from 2026-11-28T02:00:00Z to 2026-11-28T02:04:00Z, which blackouts cut \
                  short: start one by hand.";
    assert!(said.contains(missed), "{said}");
}

/// Tells whether a run hits an opening while enough of it is left, by somebody else's reading of cron.
fn is_hit(lines: &[Cron], opening: &Interval) -> bool {
    lines.iter().any(|cron| {
        let start = opening.start.to_zoned(TimeZone::UTC);
        let run = cron.find_next_occurrence(&start, true).unwrap().timestamp();
        opening.left(run) >= LEAST
    })
}

/// Returns the openings that begin in the two years after an instant.
fn two_years(windows: &Windows, after: Timestamp) -> BTreeSet<Interval> {
    let until = after + SignedDuration::from_hours(2 * 365 * 24);
    let tasks = windows.tasks(&[Kind::Minor, Kind::Patch, Kind::NodeImage]);
    let of = |task| {
        let openings = windows.openings(slice::from_ref(task), after).take_while(|one| one.start < until);
        openings.filter(|one| one.start >= after).collect::<Vec<_>>()
    };
    tasks.iter().flat_map(of).collect()
}

fn parsed(schedule: &Schedule) -> Vec<Cron> {
    schedule.lines.iter().map(|line| line.cron.to_string().parse().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_opening_is_hit(windows in prop::collection::vec(any_window(), 1..3), after in any_instant()) {
        let windows = Windows { windows, ..Windows::default() };
        let schedule = schedule(&windows, after);
        prop_assert!(schedule.missed.is_empty(), "{:?}", schedule.missed);
        let lines = parsed(&schedule);
        for opening in two_years(&windows, after) {
            prop_assert!(is_hit(&lines, &opening), "{windows}: {opening:?}: {:?}", schedule.lines);
        }
    }

    #[test]
    fn what_blackouts_leave_is_hit_or_named(
        window in any_window(),
        blackouts in prop::collection::vec(any_blackout(), 1..3),
        after in any_instant(),
    ) {
        let windows = Windows { windows: vec![window], blackouts, ..Windows::default() };
        let schedule = schedule(&windows, after);
        let lines = parsed(&schedule);
        for opening in two_years(&windows, after) {
            let named = schedule.missed.contains(&opening);
            prop_assert_eq!(is_hit(&lines, &opening), !named, "{}: {:?}", windows, opening);
        }
    }
}
