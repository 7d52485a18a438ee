//! What the user wants: target, order and age rules.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::version::{Minor, Version};

/// Everything a plan depends on that the user wrote, except *when*.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What to reach.
    pub goal: Goal,
    /// Adopt nothing younger than this.
    pub min_age: Option<SignedDuration>,
    /// Order and pace.
    pub rollout: Rollout,
    /// Break glass.
    pub override_: Option<Override>,
}

/// What a policy drives towards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Goal {
    /// A Kubernetes version for the control plane and every pool.
    Kubernetes {
        /// Which version.
        target: Target,
        /// Never used, neither as target nor as a hop.
        exclude: BTreeSet<Version>,
        /// Whether preview versions are candidates.
        allow_preview: bool,
    },
    /// The latest node image for each pool.
    NodeImage {
        /// These pools; `None` means every eligible pool.
        pools: Option<BTreeSet<String>>,
        /// Act only when the running image is older than this.
        max_age: Option<SignedDuration>,
    },
}

/// Which Kubernetes version is wanted. All three mean "at least".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `"1.34"`: the newest offered patch of that minor.
    Minor(Minor),
    /// `"1.34.2"`: at least that patch.
    Exact(Version),
    /// A moving target.
    Channel(Channel),
}

/// A moving target, named as AKS names its own channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The newest patch of the running minor.
    Patch,
    /// The newest patch of the newest GA minor less one.
    Stable,
    /// The newest patch of the newest GA minor.
    Rapid,
}

/// Order and pace of the steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollout {
    /// Groups of pools in the order to upgrade them; pools not named come after, in the usual order. `"system"` and `"user"` name all pools of that mode.
    pub pool_order: Vec<Vec<String>>,
    /// Pools that are left alone.
    pub exclude_pools: BTreeSet<String>,
    /// Leave every pool alone.
    pub control_plane_only: bool,
    /// How multi-minor paths treat pools.
    pub pool_hops: PoolHops,
    /// Waited after each pool.
    pub soak: SignedDuration,
    /// Written to the pool with its step: `"33%"` or `"5"`.
    pub max_surge: Option<String>,
    /// Written to the pool with its step.
    pub drain_timeout: Option<SignedDuration>,
}

/// How multi-minor paths treat pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PoolHops {
    /// Every pool follows the control plane through each minor.
    #[default]
    Each,
    /// A pool jumps as far as the skew rule and Azure's offers allow.
    Fewest,
}

/// A permission to break a rule once, with a paper trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Why, for the log.
    pub reason: String,
    /// Inert from this instant on.
    pub expires: Timestamp,
    /// Ignore the windows.
    pub window: bool,
    /// Ignore the blackouts.
    pub blackout: bool,
    /// Ignore `min_age`.
    pub min_age: bool,
}

impl Override {
    /// Tells whether the override still counts at that instant.
    #[must_use]
    pub fn is_active(&self, at: Timestamp) -> bool {
        at < self.expires
    }
}
