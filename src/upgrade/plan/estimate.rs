//! How long a step takes, at the upper end of what was recorded.
//!
//! Recorded on AKS in 2025 (median, in seconds): control plane and one pool of one to three nodes 917 (867 to
//! 1259); nodes added 97; a pool deleted 50; a pool created 180; a settings change 108. The constants below
//! reproduce the upper end: 10 + 7 minutes for one node, 10 + 15 for three.
//!
//! A drain may take `drain_timeout` per node, but it ends when the last pod has left, usually within a minute
//! or two. The timeout is a bound for a stuck drain, not an expectation, so an estimate counts it only
//! up to [`DRAIN`]; a soak is waited in full.
//!
//! How many nodes are replaced at a time, and what is waited for, are Azure's own rules:
//!
//! | pool | rule | source |
//! |---|---|---|
//! | rolling | `maxSurge` nodes at a time; where that is 0, `maxUnavailable` | learn.microsoft.com, "Configure rolling upgrades"; OpenAPI `AgentPoolUpgradeSettings` |
//! | Spot | no surge nodes and no drain: one node after the other | "Add an Azure Spot node pool"; Azure answers 400 "Spot pools can't set max surge" |
//! | `undrainableNodeBehavior` `Cordon` | goes on past a node that does not drain, after its whole `drain_timeout`: one is counted | OpenAPI `UndrainableNodeBehavior` |
//! | blue-green | all new nodes, then the old ones drained in batches with a soak each, then a last soak | "Blue-green node pool upgrades"; recorded in 2025: two nodes, soaks of 2 minutes, 8 minutes |

use jiff::SignedDuration;

use crate::upgrade::cluster::{BlueGreen, Cluster, Pool};
use crate::upgrade::policy::Rollout;
use crate::upgrade::resume;

/// The control plane alone.
pub const CONTROL_PLANE: SignedDuration = SignedDuration::from_mins(10);
/// What a pool takes apart from its nodes: surge nodes come first and go last.
pub const POOL: SignedDuration = SignedDuration::from_mins(3);
/// Replacing one batch of drained nodes.
pub const BATCH: SignedDuration = SignedDuration::from_mins(2);
/// Draining one batch of nodes, when nothing is stuck.
pub const DRAIN: SignedDuration = SignedDuration::from_mins(2);

/// Azure's own default for `maxSurge`.
const DEFAULT_SURGE: &str = "10%";

/// Returns how long a pool takes for a version or an image; either replaces every node.
#[must_use]
pub fn pool(pool: &Pool, rollout: &Rollout) -> SignedDuration {
    POOL.saturating_add(match &pool.blue_green {
        Some(settings) => side_by_side(pool.count, settings),
        None => batch_by_batch(pool, rollout),
    })
}

/// Drained and replaced batch by batch, each waiting for its soak.
fn batch_by_batch(pool: &Pool, rollout: &Rollout) -> SignedDuration {
    let timeout = rollout.drain_timeout.unwrap_or(pool.drain_timeout);
    let drain = if pool.spot { SignedDuration::ZERO } else { timeout.min(DRAIN) };
    let stuck = if pool.cordons { timeout - drain } else { SignedDuration::ZERO };
    let batch = (BATCH + drain).saturating_add(pool.node_soak);
    times(batch, pool.count.div_ceil(at_a_time(pool, rollout))).saturating_add(stuck)
}

/// All new nodes at once, then the old ones drained batch by batch, then a last soak.
fn side_by_side(count: u32, settings: &BlueGreen) -> SignedDuration {
    let batch = settings.drain_timeout.min(DRAIN).saturating_add(settings.batch_soak);
    let batches = count.div_ceil(share(&settings.batch, count).max(1));
    BATCH.saturating_add(times(batch, batches)).saturating_add(settings.final_soak)
}

/// Returns how many nodes of a pool are replaced at a time, at least one.
fn at_a_time(pool: &Pool, rollout: &Rollout) -> u32 {
    let written = rollout.max_surge.as_deref().filter(|_| pool.takes_surge());
    let surge = written.or(pool.max_surge.as_deref()).unwrap_or(DEFAULT_SURGE);
    let missing = || share(pool.max_unavailable.as_deref().unwrap_or_default(), pool.count);
    match share(surge, pool.count) {
        _ if pool.spot => 1,
        0 => missing().max(1),
        surge => surge,
    }
}

fn times(duration: SignedDuration, count: u32) -> SignedDuration {
    duration.saturating_mul(i32::try_from(count).unwrap_or(i32::MAX))
}

/// Returns how long control plane and every pool take in one operation.
#[must_use]
pub fn cluster(cluster: &Cluster, rollout: &Rollout) -> SignedDuration {
    cluster.pools.iter().fold(CONTROL_PLANE, |sum, each| sum.saturating_add(pool(each, rollout)))
}

/// Returns how long the work takes that a write to the cluster goes on with.
#[must_use]
pub fn resumed(cluster: &Cluster) -> SignedDuration {
    let own = if cluster.state.is_failed() { CONTROL_PLANE } else { SignedDuration::ZERO };
    resume::pools(cluster).fold(own, |sum, each| sum.saturating_add(pool(each, &Rollout::default())))
}

/// Returns how many of `count` nodes `"5"` or `"33%"` are.
///
/// Azure rounds fractions up and never replaces more nodes than there are. A text that is neither counts as none.
///
/// ```
/// # use terraform_provider_aks::upgrade::plan::estimate::share;
/// assert_eq!(share("33%", 10), 4, "fractions round up");
/// assert_eq!(share("5", 3), 3, "never more than there are nodes");
/// ```
#[must_use]
pub fn share(nodes: &str, count: u32) -> u32 {
    let nodes = match nodes.strip_suffix('%') {
        Some(percent) => {
            percent.parse::<u64>().map(|percent| u64::from(count).saturating_mul(percent).div_ceil(100))
        }
        None => nodes.parse(),
    };
    u32::try_from(nodes.unwrap_or(0).min(u64::from(count))).unwrap_or(count)
}
