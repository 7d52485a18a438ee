//! Cluster × policy × offers → the ordered steps, and what blocks them.

pub mod path;
mod target;
pub mod estimate;
pub(super) mod order;
pub(super) mod owner;
mod images;
mod kubernetes;

use std::fmt;

use jiff::SignedDuration;

use crate::upgrade::block::Block;
use crate::upgrade::cluster::Cluster;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::Offers;
use crate::upgrade::policy::{Goal, Policy};
use crate::upgrade::version::Version;

/// The steps between a cluster and its goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The version that the policy resolves to; `None` for node images and when nothing resolves.
    pub target: Option<Version>,
    /// What has to happen, in order.
    pub steps: Vec<Step>,
    /// What stands in the way, the part of the cluster it stands in the way of included.
    pub blocks: Vec<Block>,
    /// Waited after each pool's step (`rollout.soak`).
    pub soak: SignedDuration,
}

/// One upgrade: the write to Azure that starts it, and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What is upgraded.
    pub component: Component,
    /// From what to what.
    pub change: Change,
    /// What has to be done about it.
    pub kind: StepKind,
    /// How long it will take, at the upper end of what was recorded.
    pub estimate: SignedDuration,
}

/// What has to be done about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// Start it.
    Upgrade,
    /// Start it again at the version or image that is shown: there it failed or was cancelled.
    Repair,
    /// Wait for its end: it runs already, and Azure shows its version from the beginning.
    Attach,
}

/// The part of a cluster that a step upgrades.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// Control plane and every pool in one operation: the only way out of an unsupported version.
    Cluster,
    /// The control plane alone.
    ControlPlane,
    /// One pool.
    Pool(String),
}

/// From what to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A Kubernetes version.
    Kubernetes {
        /// The version that runs.
        from: Version,
        /// The version that will run.
        to: Version,
    },
    /// A node image.
    NodeImage {
        /// The image that runs.
        from: NodeImage,
        /// The image that will run: Azure's latest.
        to: NodeImage,
    },
}

/// The kinds of work that a window or blackout can be limited to with `applies_to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// A step to another Kubernetes minor.
    Minor,
    /// A step inside a Kubernetes minor.
    Patch,
    /// A step to another node image.
    NodeImage,
}

impl Step {
    /// Returns the kind of work, which decides the windows that apply.
    ///
    /// A repair of a version counts as `patch`, and so does one that runs: from where the operation came is not
    /// known any more.
    #[must_use]
    pub fn work(&self) -> Work {
        match &self.change {
            Change::Kubernetes { from, to } if from.minor() != to.minor() => Work::Minor,
            Change::Kubernetes { .. } => Work::Patch,
            Change::NodeImage { .. } => Work::NodeImage,
        }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Work::Minor => "minor",
            Work::Patch => "patch",
            Work::NodeImage => "node_image",
        })
    }
}

/// Computes the steps from a cluster to its goal, and what blocks them.
///
/// The same input gives the same plan; ages count up to [`Offers::at`]. A component that an operation works on
/// right now is planned from what Azure shows: it shows a version early and an image late. So the first steps of a
/// plan are the version upgrades that run: they are not done before they have ended well.
#[must_use]
pub fn plan(cluster: &Cluster, policy: &Policy, offers: &Offers) -> Plan {
    let mut plan = match &policy.goal {
        Goal::Kubernetes { target, exclude, allow_preview } => {
            kubernetes::plan(cluster, policy, offers, target, exclude, *allow_preview)
        }
        Goal::NodeImage { pools, max_age } => images::plan(cluster, policy, offers, pools.as_ref(), *max_age),
    };
    let mut blocks = owner::blocks(cluster, &policy.goal);
    blocks.append(&mut plan.blocks);
    blocks.extend(order::nameless(cluster, &policy.rollout));
    Plan { blocks, ..plan }
}
