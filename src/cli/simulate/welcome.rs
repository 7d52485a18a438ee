//! What `simulate` prints when it starts: addresses, clusters, and what to paste into a configuration.

use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::simulator::server::Simulator;
use crate::simulator::world::ClusterSummary;

/// From which speed on what is polled is seen too late.
const FAST: f64 = 300.0;

/// How long the window in the resource is open.
const HOURS: i8 = 6;

/// Returns the text: below the blank line it is a configuration, ready to be used, for the first cluster.
pub(super) fn welcome(simulator: &Simulator) -> String {
    let (url, speed) = (simulator.url(), simulator.speed());
    let clusters = simulator.with_world(|world| world.cluster_summaries());
    let mut lines = vec![
        format!("SIMULATED Azure at {url}"),
        format!("requests: {url}/simulator/requests   clock: {url}/simulator/clock"),
        clock(simulator.now(), speed, simulator.tick()),
    ];
    if speed > FAST {
        lines.push(too_fast(speed));
    }
    lines.push(String::new());
    lines.extend(
        clusters.iter().map(|cluster| format!("{} runs {}: {}", cluster.name, cluster.version, cluster.id)),
    );
    lines.push(String::new());
    lines.push(provider(&url));
    lines.extend(clusters.first().map(resource));
    lines.join("\n")
}

fn clock(now: Timestamp, speed: f64, tick: SignedDuration) -> String {
    let pace = match speed == 0.0 {
        true if tick.is_zero() => "stands still until it is moved".to_owned(),
        true => format!("moves on by {tick:#} with each request"),
        false => format!("runs {speed} times as fast as yours"),
    };
    let next = opening(now, 0).map(|at| at.strftime("%Y-%m-%dT%H:%MZ").to_string()).unwrap_or_default();
    let open = opening(now, HOURS) != opening(now, 0);
    let window = if open {
        "the next opening of the window below, which is open now"
    } else {
        "into the window below"
    };
    format!(
        "It is {} there; the clock {pace}. From another terminal:\n  \
         terraform-provider-aks simulate clock +2d\n  \
         terraform-provider-aks simulate clock {next}   # {window}",
        now.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
}

/// Says what a fast clock does to what is polled.
pub(super) fn too_fast(speed: f64) -> String {
    format!(
        "At this speed two real seconds are {:.0} virtual minutes: what is polled every few seconds is seen that much \
         later, and steps of an upgrade that come in between are not seen at all. 300 and less shows them.",
        speed * 2.0 / 60.0
    )
}

fn provider(url: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    aks = {{\n      source = \"aks-upgrades/aks\"\n    }}\n  }}\n}}\n\n\
         provider \"aks\" {{\n  endpoint = \"{url}\"\n}}\n"
    )
}

fn resource(cluster: &ClusterSummary) -> String {
    let ClusterSummary { name, id, next_minor, .. } = cluster;
    let label: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' })
        .collect();
    format!(
        "resource \"aks_upgrade_policy\" \"{label}\" {{\n  cluster_id         = \"{id}\"\n  kubernetes_version = \"{next_minor}\"\n\n  \
         maintenance_window {{\n    days      = [\"saturday\"]\n    start     = \"02:00\"\n    duration  = \"{HOURS}h\"\n    time_zone = \"UTC\"\n  }}\n}}\n"
    )
}

/// Returns the first opening of the window in the resource that has `hours` hours left, or some, at an instant.
fn opening(now: Timestamp, hours: i8) -> Option<Timestamp> {
    let days = std::iter::successors(Some(now.to_zoned(TimeZone::UTC).date()), |day| day.tomorrow().ok());
    let openings = days.take(8).filter(|day| day.weekday() == Weekday::Saturday);
    let opens = |day: Date| day.at(2, 0, 0, 0).to_zoned(TimeZone::UTC).ok();
    let still =
        |at: &Timestamp| at.checked_add(SignedDuration::from_hours(hours.into())).is_ok_and(|end| end > now);
    openings.filter_map(opens).map(|at| at.timestamp()).find(still)
}
