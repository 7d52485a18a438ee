//! The steps laid over the openings to come.

use jiff::SignedDuration;
use jiff::civil::Weekday;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::Power;
use terraform_provider_aks::upgrade::forecast::{Forecast, forecast};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::plan::{Plan, plan};
use terraform_provider_aks::upgrade::window::Windows;

use crate::upgrade::sample::{at, cluster, edit, kubernetes, on, rollout, saturdays, seen, text, windows};

fn two_minors() -> Plan {
    let cluster = cluster("1.33.5", "a:1.33.5");
    let policy = rollout(kubernetes("1.35"), |rollout| rollout.soak = SignedDuration::from_mins(30));
    plan(&seen(&cluster), &policy)
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn lines(forecast: &Forecast) -> Vec<String> {
    let line = |one: &terraform_provider_aks::upgrade::forecast::Scheduled| {
        format!("{} {} {}", one.start.strftime("%a %d %H:%M"), one.end.strftime("%H:%M"), text(&one.step))
    };
    forecast.scheduled.iter().map(line).collect()
}

#[test]
fn steps_take_as_many_openings_as_they_need() {
    let open = windows(vec![saturdays(1, &[])]);
    let forecast = forecast(&two_minors(), &open, at("2026-11-23T12:00:00Z"), days(30));
    assert_eq!(
        lines(&forecast),
        [
            "Sat 28 02:00 02:10 cp 1.33.5 > 1.34.8",
            "Sat 28 02:10 02:25 a 1.33.5 > 1.34.8",
            // The soak would end at 02:55, and five minutes are too few.
            "Sat 05 02:00 02:10 cp 1.34.8 > 1.35.5",
            "Sat 05 02:10 02:25 a 1.34.8 > 1.35.5",
        ]
    );
    assert_eq!((forecast.left, forecast.held), (vec![], None));
    assert_eq!(forecast.scheduled[3].opening.end, at("2026-12-05T03:00:00Z"));
}

#[test]
fn inside_an_opening_it_begins_at_once() {
    let open = windows(vec![saturdays(4, &[])]);
    let forecast = forecast(&two_minors(), &open, at("2026-11-28T02:30:00Z"), days(30));
    assert_eq!(
        lines(&forecast),
        [
            "Sat 28 02:30 02:40 cp 1.33.5 > 1.34.8",
            "Sat 28 02:40 02:55 a 1.33.5 > 1.34.8",
            "Sat 28 03:25 03:35 cp 1.34.8 > 1.35.5",
            "Sat 28 03:35 03:50 a 1.34.8 > 1.35.5",
        ]
    );
}

#[test]
fn the_horizon_leaves_the_rest() {
    let open = windows(vec![saturdays(1, &[])]);
    let forecast = forecast(&two_minors(), &open, at("2026-11-23T12:00:00Z"), days(7));
    assert_eq!(lines(&forecast).len(), 2);
    assert_eq!(
        forecast.left.iter().map(text).collect::<Vec<_>>(),
        ["cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"]
    );
    assert_eq!(forecast.held, None);
}

#[test]
fn work_that_no_window_allows_is_left_with_the_reason() {
    let open = windows(vec![on(&[Weekday::Sunday], 4, &[Kind::NodeImage])]);
    let forecast = forecast(&two_minors(), &open, at("2026-11-23T12:00:00Z"), days(30));
    assert_eq!((forecast.scheduled.len(), forecast.left.len()), (0, 4));
    assert_eq!(forecast.held.as_ref().map(Block::code), Some("fits_nowhere"));
}

#[test]
fn a_stopped_cluster_has_no_dates() {
    let stopped = edit(cluster("1.33.5", "a:1.33.5"), |cluster| cluster.power = Power::Stopped);
    let plan = plan(&seen(&stopped), &kubernetes("1.34"));
    let forecast = forecast(&plan, &Windows::default(), at("2026-11-23T12:00:00Z"), days(30));
    assert_eq!((forecast.scheduled.len(), forecast.left.len()), (0, 2));
    assert_eq!(forecast.held, Some(Block::ClusterStopped));
}
