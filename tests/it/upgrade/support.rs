//! When it is told that a minor leaves support.

use jiff::Timestamp;
use terraform_provider_aks::upgrade::offer::{Offers, RegionVersion};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::support::{Leaving, leaving};

use super::sample;

/// Says what is told of a cluster at an instant: `1.34 2026-11-30`.
fn told(version: &str, lts: bool, at: &str, listed: &[(&str, bool)]) -> Option<String> {
    let mut cluster = sample::cluster(version, "");
    cluster.lts = lts;
    let one = |(version, preview): &(&str, bool)| RegionVersion {
        version: version.parse().unwrap(),
        preview: *preview,
        official: !preview,
        lts: false,
        upgrades: Vec::new(),
    };
    let offers = Offers { region: Some(listed.iter().map(one).collect()), ..Offers::default() };
    let at: Timestamp = at.parse().unwrap();
    let told: Option<Leaving> = leaving(&Seen { at, cluster, offers, pool_ended: None });
    told.map(|Leaving { minor, last_day }| {
        format!("{minor} {}", last_day.map_or_else(|| "with the next".to_owned(), |day| day.to_string()))
    })
}

#[test]
fn eight_weeks_before_its_last_day() {
    let row = |at: &str, lts: bool| told("1.34.4", lts, at, &[]);
    assert_eq!(row("2026-10-05T23:59:59Z", false), None);
    assert_eq!(row("2026-10-06T00:00:00Z", false).as_deref(), Some("1.34 2026-11-30"));
    assert_eq!(row("2027-02-01T00:00:00Z", false).as_deref(), Some("1.34 2026-11-30"));
    assert_eq!(row("2026-11-26T12:00:00Z", true), None, "long-term support lasts a year longer");
    assert_eq!(row("2027-11-26T12:00:00Z", true).as_deref(), Some("1.34 2027-11-30"));
}

#[test]
fn a_last_day_is_over_at_its_midnight() {
    let minor = "1.34".parse().unwrap();
    let leaving = Leaving { minor, last_day: Some(jiff::civil::date(2026, 11, 30)) };
    let is_over = |at: &str| leaving.is_over(at.parse().unwrap());
    assert!(!is_over("2026-11-30T23:59:59Z") && is_over("2026-12-01T00:00:00Z"));
    assert!(!Leaving { last_day: None, ..leaving }.is_over(Timestamp::MAX));
}

#[test]
fn of_a_minor_without_a_date_when_its_third_successor_is_a_preview() {
    let at = "2029-01-01T00:00:00Z";
    let three = [("1.40.1", false), ("1.41.1", false), ("1.42.0", false)];
    let and_a_preview = [three.as_slice(), &[("1.43.0", true)]].concat();
    assert_eq!(told("1.40.1", false, at, &three), None);
    assert_eq!(told("1.40.1", false, at, &and_a_preview).as_deref(), Some("1.40 with the next"));
    assert_eq!(told("1.41.1", false, at, &and_a_preview), None);
    assert_eq!(told("1.40.1", true, at, &and_a_preview), None);
}
