//! What the user wants: target, order and age rules.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::version::{Minor, Version, VersionError};
use crate::upgrade::window::Windows;

/// Everything a plan depends on that the user wrote, except *when*.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What to reach.
    pub goal: Goal,
    /// Who upgrades.
    pub executor: Executor,
    /// Adopt no version younger than this.
    pub min_age: Option<SignedDuration>,
    /// In which order the steps run, and how.
    pub rollout: Rollout,
    /// Break glass.
    pub override_: Option<Override>,
}

/// Who upgrades.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Executor {
    /// This provider, step by step.
    #[default]
    Terraform,
    /// Azure by itself.
    Aks(AutoUpgrade),
}

/// What Azure is to hold so that it upgrades by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct AutoUpgrade {
    /// What it installs, at least one.
    pub channels: Vec<AksChannel>,
    /// When, in our terms.
    pub windows: Windows,
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
        /// The latest node image, too, for the pools that no version step moves.
        images: Option<ImageGoal>,
    },
    /// The latest node image for each pool.
    NodeImage(ImageGoal),
}

/// Which pools get the latest node image, and when one is old enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageGoal {
    /// These pools; `None` means every eligible pool.
    pub pools: Option<BTreeSet<String>>,
    /// Act only when the running image is older than this.
    pub max_age: Option<SignedDuration>,
    /// Adopt no image younger than this.
    pub min_age: Option<SignedDuration>,
}

impl Goal {
    /// Returns what is wanted of node images; `None` where they are left to others.
    #[must_use]
    pub fn images(&self) -> Option<&ImageGoal> {
        match self {
            Goal::Kubernetes { images, .. } => images.as_ref(),
            Goal::NodeImage(images) => Some(images),
        }
    }

    /// Tells whether it is about Kubernetes versions.
    #[must_use]
    pub fn has_versions(&self) -> bool {
        matches!(self, Goal::Kubernetes { .. })
    }
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

/// In which order the steps run, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rollout {
    /// Groups of pools in the order to upgrade them; pools not named come after, in the usual order. `"system"` and
    /// `"user"` name all pools of that mode.
    pub pool_order: Vec<Vec<String>>,
    /// Pools that are left alone.
    pub exclude_pools: BTreeSet<String>,
    /// Leave every pool alone.
    pub control_plane_only: bool,
    /// Accepts that Azure moves control plane and pools at once where it does nothing else.
    pub whole_cluster: bool,
    /// Pools that were made from a snapshot and may leave it.
    pub include_snapshot_pools: BTreeSet<String>,
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
    /// Ignore `cutoff`.
    pub cutoff: bool,
}

impl Executor {
    /// Tells whether Azure upgrades by itself.
    #[must_use]
    pub fn is_aks(&self) -> bool {
        matches!(self, Executor::Aks(_))
    }
}

impl Policy {
    /// Returns the age that counts for versions at an instant: none while an active override ignores it.
    #[must_use]
    pub fn min_age_at(&self, at: Timestamp) -> Option<SignedDuration> {
        self.min_age.filter(|_| !self.ignores_age(at))
    }

    /// Tells whether an active override ignores ages.
    #[must_use]
    pub fn ignores_age(&self, at: Timestamp) -> bool {
        self.override_.as_ref().is_some_and(|over| over.min_age && over.is_active(at))
    }
}

impl Override {
    /// Returns what is ignored, as `ignore` spells it.
    #[must_use]
    pub fn ignored(&self) -> Vec<&'static str> {
        let rules = [
            (self.window, "window"),
            (self.blackout, "blackout"),
            (self.min_age, "min_age"),
            (self.cutoff, "cutoff"),
        ];
        rules.into_iter().filter_map(|(ignored, name)| ignored.then_some(name)).collect()
    }

    /// Tells whether the override still counts at that instant.
    #[must_use]
    pub fn is_active(&self, at: Timestamp) -> bool {
        at < self.expires
    }
}

impl FromStr for Target {
    type Err = VersionError;

    /// Parses the attribute `kubernetes_version`: a minor or a full version. Never a channel.
    ///
    /// # Errors
    ///
    /// `"v1.34"`, `"1"`, `"latest"`, `"1.34.x"`, `""`; `"1.3"`, which Terraform makes of a number 1.30.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let minor = text.parse();
        if let Ok(minor) = minor
            && minor < Minor::OLDEST
        {
            return Err(VersionError::shortened(minor));
        }
        let minor = minor.map(Target::Minor);
        let exact = || text.parse().map(Target::Exact);
        minor.or_else(|_| exact()).map_err(|_| VersionError::neither(text))
    }
}

impl FromStr for Channel {
    type Err = VersionError;

    /// Parses the attribute `channel`.
    ///
    /// # Errors
    ///
    /// `"Stable"` (upper case), `"node-image"` (a channel of AKS, but of images), `"latest"`, `""`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        match text {
            "patch" => Ok(Channel::Patch),
            "stable" => Ok(Channel::Stable),
            "rapid" => Ok(Channel::Rapid),
            _ => Err(VersionError::new(format!(
                "{text:?} is not a channel; write one of \"patch\", \"stable\" and \"rapid\"."
            ))),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Minor(minor) => minor.fmt(f),
            Target::Exact(version) => version.fmt(f),
            Target::Channel(channel) => channel.fmt(f),
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Channel::Patch => "patch",
            Channel::Stable => "stable",
            Channel::Rapid => "rapid",
        })
    }
}
