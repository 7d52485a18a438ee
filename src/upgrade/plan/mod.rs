//! What was seen × policy → the ordered steps, and what blocks them.
//!
//! | module | |
//! |---|---|
//! | [`path`] | Which version may follow which. |
//! | [`target`] | Which version the policy means for this cluster, and why it is not a newer one. |
//! | [`estimate`] | How long a step takes. |
//! | [`order`] | In which order pools are upgraded, and which are left alone. |
//! | [`owner`] | Who else works on the cluster, and what state its work is in. |
//! | [`images`] | The steps to the latest node images. |
//! | [`kubernetes`] | The steps to a Kubernetes version. |
//! | [`aks`] | `executor = "aks"`: what Azure does not hold yet. |

pub mod path;
mod target;
pub mod estimate;
pub mod order;
mod owner;
pub mod images;
pub mod aks;
mod kubernetes;

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::plan::kubernetes::Wish;
use crate::upgrade::policy::{Executor, Goal, Policy};
use crate::upgrade::seen::Seen;
use crate::upgrade::step::Step;
use crate::upgrade::version::Version;
use crate::upgrade::window::interval::later;

/// The steps between a cluster and its goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The version that the policy resolves to; `None` for node images and when nothing resolves.
    pub target: Option<Version>,
    /// What has to happen, in order.
    pub steps: Vec<Step>,
    /// The same on other ways, for while the first step waits for its window: the patches of the running minor before it
    /// is left, and the images before any version. None where they would change nothing.
    pub meanwhile: Vec<Vec<Step>>,
    /// Whether no `pool_order` says which image comes first.
    pub images_in_any_order: bool,
    /// What stands in the way, the part of the cluster it stands in the way of included.
    pub blocks: Vec<Block>,
    /// Waited after each pool's step (`rollout.soak`).
    pub soak: SignedDuration,
    /// When the soak after the last pool of an earlier apply is over.
    pub soaked_at: Option<Timestamp>,
}

/// Computes the steps from a cluster to its goal, and what blocks them.
///
/// The same input gives the same plan; ages count up to [`Seen::at`]. A component that an operation works on
/// right now is planned from what Azure shows: it shows a version early and an image late. So the first steps of a
/// plan are the version upgrades that run: they are not done before they have ended well.
#[must_use]
pub fn plan(seen: &Seen, policy: &Policy) -> Plan {
    let mut plan = match &policy.goal {
        Goal::Kubernetes { target, exclude, allow_preview, images } => {
            let wish = Wish { target, exclude, allow_preview: *allow_preview };
            let versions = kubernetes::plan(seen, policy, wish);
            match images {
                Some(images) => images::beside(images::plan(seen, policy, images), versions),
                None => versions,
            }
        }
        Goal::NodeImage(images) => images::plan(seen, policy, images),
    };
    if let Executor::Aks(wanted) = &policy.executor {
        return aks::plan(seen, wanted, plan);
    }
    let waits = plan.target.as_ref().is_some_and(|target| *target > seen.cluster.version);
    let mut blocks = owner::blocks(&seen.cluster, &policy.goal, &policy.rollout, waits);
    blocks.append(&mut plan.blocks);
    let soaked_at = seen.pool_ended.map(|ended| later(ended, plan.soak)).filter(|_| !plan.soak.is_zero());
    Plan { blocks, soaked_at, ..plan }
}
