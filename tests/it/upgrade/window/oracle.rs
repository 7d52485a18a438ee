//! Windows against openings that python-dateutil and zoneinfo computed: `oracle/generate.py`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::window::interval::Interval;

use super::{MINOR, PATCH, at, windows};

const OPENINGS: &str = include_str!("oracle/openings.txt");

/// Reads a case: its windows and blackouts, and its openings.
fn case(text: &str) -> (String, Vec<Interval>) {
    let (rules, openings): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.contains('='));
    let mut minutes = 0;
    let openings = openings.iter().map(|line| {
        let (start, changed) = line.split_once(' ').unwrap_or((line, ""));
        minutes = changed.parse().unwrap_or(minutes);
        Interval::lasting(utc(start), SignedDuration::from_mins(minutes))
    });
    (rules.join("\n"), openings.collect())
}

/// Reads RFC 5545's `20260104T0130`.
fn utc(text: &str) -> Timestamp {
    let local = DateTime::strptime("%Y%m%dT%H%M", text).unwrap();
    TimeZone::UTC.to_timestamp(local).unwrap()
}

#[test]
fn openings_of_ten_years_are_those_of_the_oracle() {
    let (from, until) = (at("2026-01-01T00:00Z"), at("2036-01-01T00:00Z"));
    let mut compared = 0;
    for (rules, expected) in OPENINGS.split("\n\n").skip(1).map(case) {
        let windows = windows(&rules);
        let found: Vec<Interval> = windows
            .openings(MINOR, from)
            .skip_while(|opening| opening.start < from)
            .take_while(|opening| opening.start < until)
            .collect();
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{rules}");
        }
        assert_eq!(found.len(), expected.len(), "{rules}");
        compared += expected.len();
    }
    assert!(compared > 15_000, "only {compared} openings were compared");
}

#[test]
fn inside_each_opening_of_the_oracle_it_is_open_and_at_its_edges_it_changes() {
    let moment = SignedDuration::from_nanos(1);
    for (rules, openings) in OPENINGS.split("\n\n").skip(1).map(case) {
        let windows = windows(&rules);
        for opening in openings.iter().step_by(7) {
            let open = |at| windows.is_open(PATCH, at);
            let edges = [opening.start - moment, opening.start, opening.end - moment, opening.end];
            assert_eq!(edges.map(open), [false, true, true, false], "{opening:?} of {rules}");
            assert_eq!(windows.opening(PATCH, opening.end - moment), Some(*opening), "{rules}");
        }
    }
}
