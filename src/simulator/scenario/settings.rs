//! How the clock moves, how long work takes, and what the service does now and then.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::simulator::scenario::place::Wrong;

/// Where the clock starts and how it moves.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Clock {
    /// The first instant.
    pub start: Timestamp,
    /// Virtual seconds per real second; 0 stands still. `simulate` takes 60 where nothing is said, or 0 with a
    /// `tick`. Above 300 two real seconds are more than ten virtual minutes: polls see steps late, or not at all.
    pub speed: Option<f64>,
    /// How far a standing clock moves with each served request.
    pub tick: SignedDuration,
}

/// How long work takes, in virtual time. The defaults are near medians recorded from Azure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Durations {
    /// Upgrade of a control plane.
    pub control_plane: SignedDuration,
    /// Upgrade of one batch of nodes to another Kubernetes version.
    pub node_upgrade: SignedDuration,
    /// Upgrade of one batch of nodes to another image.
    pub node_image: SignedDuration,
    /// A PUT that changes no version, or a PATCH of tags.
    pub settings: SignedDuration,
    /// Starting or stopping a cluster.
    pub power: SignedDuration,
    /// Creating a cluster or pool.
    pub create: SignedDuration,
    /// Deleting a cluster or pool.
    pub delete: SignedDuration,
    /// Aborting an operation.
    pub abort: SignedDuration,
    /// From the replacement of one node by node auto-provisioning to that of the next.
    pub drift: SignedDuration,
    /// From setting a channel to the first upgrade by it; Azure takes up to a day.
    pub channel: SignedDuration,
}

/// Page sizes and habits of the service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Service {
    /// Entries per page; an empty page follows the last of agent pools and machines.
    pub page_size: usize,
    /// Whether a status now and then carries an `error` that is no failure.
    pub transient_errors: bool,
    /// Whether the token buckets of Azure and AKS refuse floods with 429; they fill by the simulator's
    /// clock, so a clock that stands still never fills them.
    pub throttle: bool,
    /// Whether AKS upgrades by itself, as channels and maintenance configurations tell it.
    pub channels: bool,
    /// Whether a PUT that keeps a cluster on a version without support is refused, as Azure does.
    pub refuse_unsupported: bool,
    /// How many days old the image of a failed pool may be before AKS refuses a PUT on it.
    pub image_days: u32,
    /// Seconds in a `Retry-After` header beside a running operation; Azure sends none.
    pub retry_after: Option<u32>,
}

/// The greatest speed: a day in a second.
const FASTEST: f64 = 86_400.0;

/// Checks how fast a clock is to run.
///
/// # Errors
///
/// A sentence for what is below 0 or no number, such as `-5`, and for more than [`FASTEST`], such as `1e300`.
pub fn check_speed(speed: f64) -> Result<f64, String> {
    if speed > FASTEST {
        return Err(format!(
            "a clock does not run faster than {FASTEST}, a day in a second; move it instead: simulate clock +2d"
        ));
    }
    if speed.is_finite() && speed >= 0.0 {
        return Ok(speed);
    }
    Err(format!("a clock does not run at speed {speed}; 0 stands still, 60 makes a minute of an hour"))
}

impl Clock {
    /// Checks that the clock runs forward.
    ///
    /// # Errors
    ///
    /// What names the key.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        let speed = self.speed.map_or(Ok(0.0), check_speed);
        speed.map_err(|why| Wrong::at("speed", format!("{why}.")).of("clock"))?;
        check_forward(self).map_err(|wrong| wrong.of("clock"))
    }
}

impl Durations {
    /// Checks that no work ends before it begins.
    ///
    /// # Errors
    ///
    /// What names the key.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        check_forward(self).map_err(|wrong| wrong.of("durations"))
    }
}

impl Service {
    /// Checks that a page holds something.
    ///
    /// # Errors
    ///
    /// What names the key.
    pub(super) fn check(&self) -> Result<(), Wrong> {
        match self.page_size {
            0 => Err(Wrong::at("page_size", "a page holds one entry at least.").of("service")),
            _ => Ok(()),
        }
    }
}

/// Finds a duration below zero: it is written with a minus.
fn check_forward(settings: &impl Serialize) -> Result<(), Wrong> {
    let settings = serde_json::to_value(settings).unwrap_or_default();
    let back = |(_, value): &(&String, &Value)| value.as_str().is_some_and(|text| text.starts_with('-'));
    match settings.as_object().into_iter().flatten().find(back) {
        Some((key, value)) => Err(Wrong::at(key, format!("{value} is below zero."))),
        None => Ok(()),
    }
}

impl Default for Clock {
    fn default() -> Self {
        // 2026-11-22T09:00:00Z, a Sunday.
        let start = Timestamp::constant(1_795_338_000, 0);
        Clock { start, speed: None, tick: SignedDuration::ZERO }
    }
}

impl Default for Durations {
    fn default() -> Self {
        let minutes = SignedDuration::from_mins;
        let seconds = SignedDuration::from_secs;
        Durations {
            control_plane: minutes(5),
            node_upgrade: minutes(4),
            node_image: minutes(3),
            settings: seconds(8),
            power: seconds(170),
            create: minutes(5),
            delete: seconds(180),
            abort: seconds(6),
            drift: minutes(10),
            channel: SignedDuration::from_hours(24),
        }
    }
}

impl Default for Service {
    fn default() -> Self {
        Service {
            page_size: 100,
            transient_errors: true,
            throttle: false,
            channels: false,
            refuse_unsupported: true,
            image_days: 183,
            retry_after: None,
        }
    }
}
