//! What stands in the way: a closed list of reasons with stable codes.
//!
//! Users match on the codes (`blocked_by[*].code`); a code never changes its meaning, and the sentence
//! beside it is free to become better. What a reason does to the work is its [`Effect`].
//!
//! | code | meaning | effect |
//! |---|---|---|
//! | `window_closed` | no maintenance window is open for this kind of work | waits for a window |
//! | `blackout` | a blackout forbids this kind of work | waits for a window |
//! | `cutoff` | the window is open, but too little of it is left for the next step | waits for a window |
//! | `fits_nowhere` | no window opens again for this kind of work, or none is long enough for the step | fits into no window |
//! | `auto_upgrade_channel_on` | AKS itself upgrades this cluster by its upgrade channel | leaves out the rest; tells where no control plane waits, of `node-image` and with `rollout.whole_cluster` |
//! | `node_os_channel_on` | AKS itself replaces node images by its node OS channel | tells |
//! | `fleet_update_run` | an update run of a Fleet has this cluster on its list | tells |
//! | `left_to_aks` | it is pending, and AKS does it by itself (`executor = "aks"`) | tells |
//! | `operation_in_progress` | an operation runs in Azure; apply waits for it | tells |
//! | `cluster_stopped` | the cluster is stopped | stops |
//! | `pool_stopped` | the pool is stopped | leaves out the pool |
//! | `machines_pool` | the pool's nodes are not upgraded by pool (`Machines`, `AvailabilitySet`) | leaves out the pool |
//! | `snapshot_bound` | the pool is bound to a node pool snapshot | leaves out the pool |
//! | `pool_gone` | no pool of that name exists | leaves out the pool |
//! | `unfinished_upgrade` | an image call would go on with the pool's failed upgrade to another version | leaves out the pool |
//! | `version_not_offered` | Azure does not offer the wanted version to this cluster | leaves out the rest |
//! | `versions_not_listed` | the region's versions could not be listed, so that a channel has no target | stops; where AKS upgrades by itself tells |
//! | `offers_not_read` | what Azure offers the cluster, or a pool, could not be read | leaves out the rest; of a pool leaves out the pool, and with the executor `aks` tells |
//! | `excluded_version` | only versions in `exclude_versions` would do, as target or on the way | leaves out the rest |
//! | `preview_version` | only preview versions would do, and `allow_preview` is off | leaves out the rest |
//! | `lts_only` | only versions with long-term support alone would do, and the cluster is not on that plan | leaves out the rest |
//! | `too_young` | the version is younger than `min_age` | leaves out the rest |
//! | `out_of_support` | the running version is out of support, and no supported version was asked for or is offered | leaves out the rest |
//! | `whole_cluster_only` | Azure moves the cluster only as a whole, and the rollout asks for an order, a soak or an exception, or a pool cannot move | leaves out the rest |
//! | `spot_pool` | Azure moves the cluster only as a whole, and refuses that while it has a Spot pool | leaves out the rest |
//! | `lts_channel` | the cluster has long-term support, which AKS upgrades on the channel `patch` only | leaves out the rest |
//! | `resumes_pool` | a write to the control plane would go on with the failed upgrade of a pool that stays as it is | leaves out the rest |
//! | `skew` | the control plane would get too far ahead of a pool that stays | leaves out the rest |
//! | `os_not_supported` | the version does not support a pool's operating system | leaves out the rest |
//! | `os_changes` | pools get another operating system with the version | tells |
//! | `nodes_follow` | Karpenter replaces its nodes after the control plane, in its own time | tells |
//! | `above_control_plane` | the pool would get ahead of the control plane | stops an apply |
//! | `image_not_offered` | Azure names no latest node image for the pool | leaves out the pool |
//! | `image_too_young` | the latest node image is younger than `min_age` | leaves out the pool |
//! | `not_old_enough` | the running node image is not older than `max_age` | leaves out the pool |
//! | `image_moved_on` | Azure's latest node image is no longer the one that was planned | stops an apply |
//! | `settings_moved_on` | what AKS is to be set to is no longer what was planned | stops an apply |
//! | `not_observed` | an argument names what the last refresh did not read | stops |
//! | `failed_state` | an earlier operation failed or was cancelled; in a plan a repair follows | tells; stops an apply |
//! | `no_effect` | a step's operation ended well, but its target was not reached | stops an apply; leaves out a pool whose image came to nothing |

use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::cluster::{Pool, Power, State, UpdateRun};
use crate::upgrade::kind::Kind;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::{Offer, Offers, ascending};
use crate::upgrade::os;
use crate::upgrade::policy::Target;
use crate::upgrade::step::{Step, Work};
use crate::upgrade::task::Component;
use crate::upgrade::version::{Version, allowed_skew};

/// What a reason does to the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What is left waits for a window to open.
    Waits,
    /// What is left fits into no window to come.
    FitsNowhere,
    /// Nothing of the plan may start while it stands.
    Stops,
    /// It hinders nothing and is worth knowing.
    Tells,
    /// The steps of a pool are missing from the plan.
    LeavesOutPool,
    /// The rest of the path is missing from the plan.
    LeavesOutRest,
    /// An apply finds it and ends.
    StopsApply,
}

/// What a reason comes of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The windows, blackouts and `cutoff` of the policy.
    Windows,
    /// Somebody else upgrades the cluster, too.
    AnotherOwner,
    /// An operation that runs in Azure.
    Operation,
    /// Something that somebody wants to be as it is: a stopped cluster, an image that is young enough.
    Choice,
    /// The target: what Azure offers, and what the policy and the pools make of it.
    Target,
    /// A version, which brings it along beside itself.
    Version,
    /// An operation that failed, or ended well and without its effect.
    Failure,
}

/// A reason why a step cannot run now, or ever.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// No window is open for this work.
    WindowClosed {
        /// What would start next.
        component: Component,
        /// When the opening that the promise was laid into ended, when it did.
        closed: Option<Timestamp>,
        /// The start of the next opening that can hold the step.
        opens: Timestamp,
    },
    /// A blackout forbids this work.
    Blackout {
        /// What would start next.
        component: Component,
        /// The reason the user gave for the blackout.
        reason: Option<String>,
        /// The start of the next opening that can hold the step.
        opens: Timestamp,
    },
    /// The window is open, but too little of it is left.
    Cutoff {
        /// What would start next.
        component: Component,
        /// When the window closes.
        closes: Timestamp,
        /// How much of it the step needs: its estimate, or `cutoff` where given.
        needs: SignedDuration,
        /// The start of the next opening that can hold the step.
        opens: Timestamp,
    },
    /// No opening to come can hold the step.
    FitsNowhere {
        /// What would start next.
        component: Component,
        /// What else no opening ever comes for; empty where openings come and are too short.
        others: Vec<Component>,
        /// The kinds of work that it may be, which decide the windows: all of them have to be open at once.
        kinds: Vec<Kind>,
        /// How much of an opening the step needs: its estimate, or `cutoff` where given.
        needs: SignedDuration,
        /// The longest opening to come; `None` when none comes.
        longest: Option<SignedDuration>,
    },
    /// AKS upgrades the cluster by itself.
    AutoUpgradeChannelOn {
        /// `patch`, `stable`, `rapid` or `node-image`.
        channel: String,
        /// Whether the policy moves the whole cluster at once, which Azure takes beside a channel.
        whole: bool,
        /// Whether a step on the control plane waits for its end.
        holds: bool,
    },
    /// AKS replaces node images by itself.
    NodeOsChannelOn {
        /// `NodeImage` or `SecurityPatch`.
        channel: String,
    },
    /// A Fleet upgrades the cluster.
    FleetUpdateRun {
        /// Its update run.
        run: UpdateRun,
    },
    /// What is pending is done by AKS itself.
    LeftToAks {
        /// What we would do in its place, in order.
        steps: Vec<Step>,
    },
    /// An operation runs in Azure.
    OperationInProgress {
        /// The pool that is worked on; `None` for the cluster.
        pool: Option<String>,
        /// Azure's word for it, e.g. `Upgrading`.
        operation: String,
    },
    /// The cluster is stopped.
    ClusterStopped,
    /// The pool is stopped.
    PoolStopped {
        /// Its name.
        pool: String,
    },
    /// Azure does not upgrade this pool as a pool.
    MachinesPool {
        /// Its name.
        pool: String,
    },
    /// The pool is bound to a snapshot, which decides its version and image.
    SnapshotBound {
        /// Its name.
        pool: String,
    },
    /// No such pool.
    PoolGone {
        /// The name that was asked for.
        pool: String,
    },
    /// An image call would go on with the failed upgrade of a pool to another version.
    UnfinishedUpgrade {
        /// The pool.
        pool: String,
        /// The version that it runs.
        running: Version,
        /// The version that it was to get.
        version: Version,
    },
    /// Azure does not offer the wanted version.
    VersionNotOffered {
        /// The pool that it is not offered to; `None` for the cluster.
        pool: Option<String>,
        /// What was asked for.
        wanted: Target,
        /// What Azure offers instead, ascending.
        offered: Vec<Version>,
    },
    /// The region's versions could not be listed, so nobody knows which version a channel means.
    VersionsNotListed {
        /// What was asked for.
        wanted: Target,
        /// The region.
        location: String,
        /// Whether AKS chooses the version, so that nothing of ours waits for it.
        by_aks: bool,
    },
    /// What Azure offers could not be read: unknown, not nothing.
    OffersNotRead {
        /// The pool whose upgrade profile it was; `None` for the cluster's.
        pool: Option<String>,
        /// Whether AKS chooses, so that nothing of ours waits for it.
        by_aks: bool,
    },
    /// The way to the target needs an excluded version.
    ExcludedVersion {
        /// What was asked for.
        wanted: Target,
        /// The versions in `exclude_versions` of which one would be needed, ascending.
        versions: Vec<Version>,
    },
    /// The way to the target needs a preview version.
    PreviewVersion {
        /// What was asked for.
        wanted: Target,
        /// The preview version.
        version: Version,
    },
    /// The way to the target needs a version that only the long-term support plan offers.
    LtsOnly {
        /// What was asked for.
        wanted: Target,
        /// The version under long-term support.
        version: Version,
    },
    /// The version has not been offered for long enough.
    TooYoung {
        /// The version.
        version: Version,
        /// When it was first seen on offer; `None` without a record.
        first_seen: Option<Timestamp>,
        /// From when on it counts as old enough; `None` without a record.
        old_enough_at: Option<Timestamp>,
    },
    /// The running version is out of support, and no supported version was asked for or is offered.
    OutOfSupport {
        /// The running version.
        version: Version,
        /// What Azure offers this cluster, ascending.
        offered: Vec<Version>,
    },
    /// Azure moves the cluster only as a whole, and the rollout or a pool forbids it.
    WholeClusterOnly {
        /// The running version.
        version: Version,
        /// The channel of AKS that is the reason; `None`: the version is out of support.
        channel: Option<String>,
        /// What the rollout asks for and cannot be kept, as it is spelled there.
        asked: Vec<&'static str>,
        /// The pools that would stay; each is told with its own reason, but for `control_plane_only`.
        staying: Vec<String>,
    },
    /// Azure does not move the whole cluster while it has a Spot pool.
    SpotPool {
        /// The pool.
        pool: String,
    },
    /// AKS takes no such channel for a cluster with long-term support.
    LtsChannel {
        /// The channel that was asked for.
        channel: &'static str,
    },
    /// A write to the control plane would go on with the failed upgrade of a pool that is to stay as it is.
    ResumesPool {
        /// The pool.
        pool: String,
        /// `Failed` or `Canceled`.
        state: &'static str,
        /// Whether the rollout leaves the pool alone; else a hindrance does, which is told beside this.
        by_choice: bool,
    },
    /// The control plane would get too far ahead of a pool.
    Skew {
        /// The pool that stays behind.
        pool: String,
        /// Its version.
        version: Version,
        /// The version that the control plane would get.
        control_plane: Version,
        /// How many minors a pool may be behind that version.
        allowed: u64,
    },
    /// A version does not support the operating system of a pool.
    OsNotSupported {
        /// The pool.
        pool: String,
        /// Its OS SKU.
        os_sku: String,
        /// The version that would be next.
        version: Version,
        /// Where the OS SKU ends, and what goes on.
        end: &'static os::End,
        /// Whether the control plane waits; it may have left before.
        holds: bool,
    },
    /// Pools get another operating system with a version.
    OsChanges {
        /// The pools, in the order of their steps.
        pools: Vec<String>,
        /// The operating system that they get, e.g. `Ubuntu 24.04`.
        system: &'static str,
        /// The version that it comes with.
        version: Version,
    },
    /// Nodes of node auto-provisioning follow the control plane by themselves.
    NodesFollow {
        /// The version that they follow to.
        version: Version,
    },
    /// The pool would get ahead of the control plane.
    AboveControlPlane {
        /// The pool.
        pool: String,
        /// The version that was planned for it.
        version: Version,
        /// The version of the control plane.
        control_plane: Version,
    },
    /// Azure names no latest node image for the pool.
    ImageNotOffered {
        /// The pool.
        pool: String,
    },
    /// The latest node image is younger than `min_age`.
    ImageTooYoung {
        /// The pool.
        pool: String,
        /// The latest image.
        image: NodeImage,
        /// From when on it counts as old enough; `None` when its version carries no date.
        old_enough_at: Option<Timestamp>,
    },
    /// The running node image is not older than `max_age`.
    NotOldEnough {
        /// The pool.
        pool: String,
        /// The running image.
        image: NodeImage,
        /// From when on it counts as old.
        old_enough_at: Timestamp,
    },
    /// Azure's latest node image is no longer the one that was planned.
    ImageMovedOn {
        /// The pool.
        pool: String,
        /// The image that was planned.
        planned: NodeImage,
        /// What Azure offers now; `None` when it names no image at all.
        latest: Option<NodeImage>,
    },
    /// What AKS is to be set to is no longer what was planned.
    SettingsMovedOn {
        /// What would have to be written now, in order.
        due: Vec<Work>,
    },
    /// An argument names what the last refresh did not read.
    NotObserved {
        /// The argument, e.g. `executor`.
        argument: &'static str,
    },
    /// An earlier operation failed or was cancelled.
    FailedState {
        /// What it worked on.
        component: Component,
        /// `Failed` or `Canceled`.
        state: &'static str,
        /// Azure's own words, when it kept them.
        message: Option<String>,
    },
    /// A step's operation ended well, but its target was not reached.
    NoEffect {
        /// What was to become what.
        work: Work,
        /// The version, image or setting that is there.
        found: String,
    },
}

impl Block {
    /// Returns its code, what it does to the work, and what it comes of: all else that is asked of it follows.
    ///
    /// A stopped cluster stops a plan. An upgrade channel of AKS leaves out what begins with the control plane, where that
    /// is behind: while it is on, Azure refuses to upgrade that alone (`NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged`, AKS docs,
    /// auto-upgrade-cluster), and takes pools and images as ever. A node OS channel is told and does not stop. A running operation is waited for. A
    /// failure is followed by its repair.
    fn nature(&self) -> (&'static str, Effect, Cause) {
        match self {
            Block::WindowClosed { .. } => ("window_closed", Effect::Waits, Cause::Windows),
            Block::Blackout { .. } => ("blackout", Effect::Waits, Cause::Windows),
            Block::Cutoff { .. } => ("cutoff", Effect::Waits, Cause::Windows),
            Block::FitsNowhere { .. } => ("fits_nowhere", Effect::FitsNowhere, Cause::Windows),
            Block::AutoUpgradeChannelOn { holds: true, .. } => {
                ("auto_upgrade_channel_on", Effect::LeavesOutRest, Cause::AnotherOwner)
            }
            Block::AutoUpgradeChannelOn { .. } => {
                ("auto_upgrade_channel_on", Effect::Tells, Cause::AnotherOwner)
            }
            Block::NodeOsChannelOn { .. } => ("node_os_channel_on", Effect::Tells, Cause::AnotherOwner),
            Block::FleetUpdateRun { .. } => ("fleet_update_run", Effect::Tells, Cause::AnotherOwner),
            Block::LeftToAks { .. } => ("left_to_aks", Effect::Tells, Cause::Choice),
            Block::OperationInProgress { .. } => ("operation_in_progress", Effect::Tells, Cause::Operation),
            Block::ClusterStopped => ("cluster_stopped", Effect::Stops, Cause::Choice),
            Block::PoolStopped { .. } => ("pool_stopped", Effect::LeavesOutPool, Cause::Target),
            Block::MachinesPool { .. } => ("machines_pool", Effect::LeavesOutPool, Cause::Choice),
            Block::SnapshotBound { .. } => ("snapshot_bound", Effect::LeavesOutPool, Cause::Target),
            Block::PoolGone { .. } => ("pool_gone", Effect::LeavesOutPool, Cause::Target),
            Block::UnfinishedUpgrade { .. } => ("unfinished_upgrade", Effect::LeavesOutPool, Cause::Target),
            Block::VersionNotOffered { .. } => ("version_not_offered", Effect::LeavesOutRest, Cause::Target),
            Block::VersionsNotListed { by_aks: true, .. } => {
                ("versions_not_listed", Effect::Tells, Cause::Target)
            }
            Block::VersionsNotListed { .. } => ("versions_not_listed", Effect::Stops, Cause::Target),
            Block::OffersNotRead { by_aks: true, .. } => ("offers_not_read", Effect::Tells, Cause::Target),
            Block::OffersNotRead { pool: Some(_), .. } => {
                ("offers_not_read", Effect::LeavesOutPool, Cause::Target)
            }
            Block::OffersNotRead { .. } => ("offers_not_read", Effect::LeavesOutRest, Cause::Target),
            Block::ExcludedVersion { .. } => ("excluded_version", Effect::LeavesOutRest, Cause::Target),
            Block::PreviewVersion { .. } => ("preview_version", Effect::LeavesOutRest, Cause::Target),
            Block::LtsOnly { .. } => ("lts_only", Effect::LeavesOutRest, Cause::Target),
            Block::TooYoung { .. } => ("too_young", Effect::LeavesOutRest, Cause::Target),
            Block::OutOfSupport { .. } => ("out_of_support", Effect::LeavesOutRest, Cause::Target),
            Block::WholeClusterOnly { .. } => ("whole_cluster_only", Effect::LeavesOutRest, Cause::Target),
            Block::SpotPool { .. } => ("spot_pool", Effect::LeavesOutRest, Cause::Target),
            Block::LtsChannel { .. } => ("lts_channel", Effect::LeavesOutRest, Cause::Target),
            Block::ResumesPool { .. } => ("resumes_pool", Effect::LeavesOutRest, Cause::Target),
            Block::Skew { .. } => ("skew", Effect::LeavesOutRest, Cause::Target),
            Block::OsNotSupported { .. } => ("os_not_supported", Effect::LeavesOutRest, Cause::Target),
            Block::OsChanges { .. } => ("os_changes", Effect::Tells, Cause::Version),
            Block::NodesFollow { .. } => ("nodes_follow", Effect::Tells, Cause::Version),
            Block::AboveControlPlane { .. } => ("above_control_plane", Effect::StopsApply, Cause::Target),
            Block::ImageNotOffered { .. } => ("image_not_offered", Effect::LeavesOutPool, Cause::Target),
            Block::ImageTooYoung { .. } => ("image_too_young", Effect::LeavesOutPool, Cause::Choice),
            Block::NotOldEnough { .. } => ("not_old_enough", Effect::LeavesOutPool, Cause::Choice),
            Block::ImageMovedOn { .. } => ("image_moved_on", Effect::StopsApply, Cause::Target),
            Block::SettingsMovedOn { .. } => ("settings_moved_on", Effect::StopsApply, Cause::Target),
            Block::NotObserved { .. } => ("not_observed", Effect::Stops, Cause::Target),
            Block::FailedState { .. } => ("failed_state", Effect::Tells, Cause::Failure),
            Block::NoEffect { .. } => ("no_effect", Effect::StopsApply, Cause::Failure),
        }
    }

    /// Returns the stable code that users may match on, e.g. `window_closed`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.nature().0
    }

    /// Returns what it does to the work.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.nature().1
    }

    /// Returns what it comes of.
    #[must_use]
    pub fn cause(&self) -> Cause {
        self.nature().2
    }

    /// Tells whether somebody else upgrades the cluster, too.
    #[must_use]
    pub fn is_another_owner(&self) -> bool {
        self.cause() == Cause::AnotherOwner
    }

    /// Returns the pool that it is about; `None` for the control plane and the whole cluster.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        match self {
            Block::FitsNowhere { others, .. } if !others.is_empty() => None,
            Block::WindowClosed { component, .. }
            | Block::Blackout { component, .. }
            | Block::Cutoff { component, .. }
            | Block::FitsNowhere { component, .. }
            | Block::FailedState { component, .. } => component.pool(),
            Block::NoEffect { work, .. } => work.pool(),
            Block::OperationInProgress { pool, .. }
            | Block::VersionNotOffered { pool, .. }
            | Block::OffersNotRead { pool, .. } => pool.as_deref(),
            Block::PoolStopped { pool }
            | Block::MachinesPool { pool }
            | Block::SnapshotBound { pool }
            | Block::PoolGone { pool }
            | Block::UnfinishedUpgrade { pool, .. }
            | Block::ResumesPool { pool, .. }
            | Block::SpotPool { pool }
            | Block::ImageNotOffered { pool }
            | Block::ImageTooYoung { pool, .. }
            | Block::NotOldEnough { pool, .. }
            | Block::ImageMovedOn { pool, .. }
            | Block::Skew { pool, .. }
            | Block::OsNotSupported { pool, .. }
            | Block::AboveControlPlane { pool, .. } => Some(pool),
            Block::AutoUpgradeChannelOn { .. }
            | Block::NodeOsChannelOn { .. }
            | Block::FleetUpdateRun { .. }
            | Block::LeftToAks { .. }
            | Block::ClusterStopped
            | Block::VersionsNotListed { .. }
            | Block::ExcludedVersion { .. }
            | Block::PreviewVersion { .. }
            | Block::LtsOnly { .. }
            | Block::TooYoung { .. }
            | Block::OutOfSupport { .. }
            | Block::WholeClusterOnly { .. }
            | Block::LtsChannel { .. }
            | Block::OsChanges { .. }
            | Block::NodesFollow { .. }
            | Block::NotObserved { .. }
            | Block::SettingsMovedOn { .. } => None,
        }
    }

    /// Tells whether a plan with this block may not start any of its steps.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.effect() == Effect::Stops
    }

    /// Tells whether it is a reason for concern while nothing else is to be done.
    ///
    /// What hinders nothing is none, and neither is what somebody chose: a stopped cluster, a pool that Azure does
    /// not upgrade, an image that is young or old enough as it is. A pool that its snapshot keeps behind is one.
    #[must_use]
    pub fn concerns(&self) -> bool {
        self.effect() != Effect::Tells && self.cause() != Cause::Choice
    }

    /// Tells whether it is gone when the planned work is done: an operation that was waited for, a failure
    /// that was repaired, what came with a version.
    #[must_use]
    pub fn ends_with_the_work(&self) -> bool {
        let passes = matches!(self.cause(), Cause::Operation | Cause::Failure | Cause::Version);
        self.effect() == Effect::Tells && passes
    }

    /// Tells whether both say the same of the same kinds of work: that no window ever opens, or that none is long enough.
    #[must_use]
    pub fn is_alike(&self, other: &Block) -> bool {
        match (self, other) {
            (
                Block::FitsNowhere { kinds, longest, .. },
                Block::FitsNowhere { kinds: others, longest: long, .. },
            ) => kinds == others && longest.is_none() == long.is_none(),
            _ => false,
        }
    }

    /// Takes in another one that is [alike](Block::is_alike): its parts where no window ever opens, else the larger need.
    pub fn join(&mut self, other: Block) {
        match (&mut *self, other) {
            (
                Block::FitsNowhere { component, others, longest: None, .. },
                Block::FitsNowhere { component: more, .. },
            ) => {
                if *component != more && !others.contains(&more) {
                    others.push(more);
                }
            }
            (Block::FitsNowhere { needs, .. }, Block::FitsNowhere { needs: more, .. }) if more <= *needs => {}
            (_, other) => *self = other,
        }
    }

    /// Tells whether something is pending that AKS does by itself.
    #[must_use]
    pub fn leaves_to_aks(&self) -> bool {
        matches!(
            self,
            Block::LeftToAks { .. }
                | Block::VersionsNotListed { by_aks: true, .. }
                | Block::OffersNotRead { by_aks: true, .. }
        )
    }

    /// Returns the version that brings it along beside itself; `None` where it is nothing of that kind.
    #[must_use]
    pub fn brought_by(&self) -> Option<&Version> {
        match self {
            Block::OsChanges { version, .. } | Block::NodesFollow { version } => Some(version),
            _ => None,
        }
    }

    /// Tells whether a step was carried out, and came to something else than was planned.
    #[must_use]
    pub fn came_of_a_step(&self) -> bool {
        self.cause() == Cause::Failure
    }

    /// Tells whether what was planned is not there to be done any more.
    #[must_use]
    pub fn breaks_the_plan(&self) -> bool {
        matches!(
            self,
            Block::ImageMovedOn { .. }
                | Block::SettingsMovedOn { .. }
                | Block::VersionNotOffered { .. }
                | Block::PoolGone { .. }
        )
    }

    /// Says that what Azure offers a cluster could not be read; `None` when it was, or was not asked for.
    #[must_use]
    pub fn not_read(offers: &Offers) -> Option<Block> {
        offers.unread.cluster.then_some(Block::OffersNotRead { pool: None, by_aks: false })
    }

    /// Says the same of one of its pools.
    #[must_use]
    pub fn not_read_of(pool: &str, offers: &Offers) -> Option<Block> {
        let is_unread = offers.unread.pools.contains(pool);
        is_unread.then(|| Block::OffersNotRead { pool: Some(pool.to_owned()), by_aks: false })
    }

    /// Says that a pool's own profile does not list a version, or could not be read, seen from a control plane that runs
    /// another one; nothing of a profile that ends with the control plane and of one that was not asked for.
    #[must_use]
    pub fn not_offered_to(
        pool: &str,
        to: &Version,
        control_plane: &Version,
        offers: &Offers,
    ) -> Option<Block> {
        let Some(offered) = offers.pools.get(pool) else { return Block::not_read_of(pool, offers) };
        let reaches = to <= control_plane || offered.iter().any(|offer| offer.version > *control_plane);
        Block::not_listed(Some(pool), to, offered).filter(|_| reaches)
    }

    /// Says that a list of offers, a pool's or the cluster's, lacks a version.
    #[must_use]
    pub fn not_listed(pool: Option<&str>, to: &Version, offers: &[Offer]) -> Option<Block> {
        let is_listed = offers.iter().any(|offer| offer.version == *to);
        let (pool, wanted) = (pool.map(str::to_owned), Target::Exact(to.clone()));
        (!is_listed).then(|| Block::VersionNotOffered { pool, wanted, offered: ascending(offers) })
    }

    /// Says that what a state belongs to failed or was cancelled; `None` when it did not.
    #[must_use]
    pub fn failure(component: Component, state: &State) -> Option<Block> {
        let (State::Failed(message) | State::Canceled(message)) = state else { return None };
        let (state, message) = (state.failure()?, message.clone());
        Some(Block::FailedState { component, state, message })
    }

    /// Says that a control plane would leave a pool too far behind.
    #[must_use]
    pub fn skew(pool: &str, version: &Version, control_plane: &Version) -> Block {
        Block::Skew {
            pool: pool.to_owned(),
            version: version.clone(),
            control_plane: control_plane.clone(),
            allowed: allowed_skew(control_plane.minor()),
        }
    }

    /// Says why a pool cannot be upgraded, whatever the user wants; `None` when it can.
    #[must_use]
    pub fn hindrance(pool: &Pool) -> Option<Block> {
        let name = pool.name.clone();
        if pool.machines {
            Some(Block::MachinesPool { pool: name })
        } else if pool.snapshot {
            Some(Block::SnapshotBound { pool: name })
        } else if pool.power == Power::Stopped {
            Some(Block::PoolStopped { pool: name })
        } else {
            None
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Effect::Waits => "waits for a window",
            Effect::FitsNowhere => "fits into no window",
            Effect::Stops => "stops",
            Effect::Tells => "tells",
            Effect::LeavesOutPool => "leaves out the pool",
            Effect::LeavesOutRest => "leaves out the rest",
            Effect::StopsApply => "stops an apply",
        })
    }
}
