//! The maintenance windows of a member: an update run keeps to them.
//!
//! Versions follow `aksManagedAutoUpgradeSchedule`, images alone `aksManagedNodeOSUpgradeSchedule`. A member
//! whose window is closed is looked at again every hour (docs: concepts-update-orchestration).

use jiff::{SignedDuration, Timestamp};

use crate::simulator::world::cluster::{Cluster, Object};
use crate::simulator::world::opening::Opening;

/// When a member may be upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    Open,
    /// Closed until an instant; none when it does not open in a year.
    Closed(Option<Timestamp>),
    /// The cluster has none.
    Always,
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

impl Window {
    /// Returns the window of a cluster for versions, or for images alone.
    pub(super) fn of(cluster: &Cluster, images_only: bool, now: Timestamp) -> Self {
        let name =
            if images_only { "aksManagedNodeOSUpgradeSchedule" } else { "aksManagedAutoUpgradeSchedule" };
        let named = |kept: &&serde_json::Value| {
            kept["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        let kept = cluster.maintenance.iter().find(named);
        match kept.and_then(|kept| kept["properties"]["maintenanceWindow"].as_object()) {
            None => Self::Always,
            Some(window) if Opening::at(window, now).is_some() => Self::Open,
            Some(window) => Self::Closed(next(window, now)),
        }
    }

    /// Returns how soon its turn is: open windows first, then those that open within four hours, then
    /// clusters without one, then the closed ones.
    pub(super) fn rank(self, now: Timestamp) -> u8 {
        match self {
            Self::Open => 0,
            Self::Closed(Some(at)) if at.duration_since(now) <= HOUR * 4 => 1,
            Self::Always => 2,
            Self::Closed(_) => 3,
        }
    }
}

/// Returns the next opening: no window is shorter than four hours, so a look every hour finds it.
fn next(window: &Object, now: Timestamp) -> Option<Timestamp> {
    let hours = (1..=24 * 366).map(|hour| now.checked_add(HOUR * hour).ok());
    hours.map_while(|at| at).find_map(|at| Opening::at(window, at)).map(|opening| opening.start)
}
