//! How long a step takes, at the upper end of what was recorded.
//!
//! Recorded on AKS in 2025 (median, in seconds): control plane and one pool of one to three nodes 917 (867 to
//! 1259); nodes added 97; a pool deleted 50; a pool created 180; a settings change 108. The constants below
//! reproduce the upper end: 10 + 7 minutes for one node, 10 + 15 for three.
//!
//! A drain may take `drain_timeout` per node, but it ends when the last pod has left, usually within a minute
//! or two. The timeout is a bound for a stuck drain, not an expectation, so an estimate counts it only
//! up to [`DRAIN`]; a soak is waited in full.

use jiff::SignedDuration;

use crate::upgrade::cluster::{Cluster, Pool};
use crate::upgrade::policy::Rollout;

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
    let max_surge = rollout.max_surge.as_deref().or(pool.max_surge.as_deref());
    let drain = rollout.drain_timeout.unwrap_or(pool.drain_timeout).min(DRAIN);
    let batches = pool.count.div_ceil(surge(max_surge.unwrap_or(DEFAULT_SURGE), pool.count));
    let batch = (BATCH + drain).saturating_add(pool.node_soak);
    POOL.saturating_add(batch.saturating_mul(i32::try_from(batches).unwrap_or(i32::MAX)))
}

/// Returns how long control plane and every pool take in one operation.
#[must_use]
pub fn cluster(cluster: &Cluster, rollout: &Rollout) -> SignedDuration {
    cluster.pools.iter().fold(CONTROL_PLANE, |sum, each| sum.saturating_add(pool(each, rollout)))
}

/// Returns how many nodes are replaced at a time, at least one: `"5"` or `"33%"` of `count`.
///
/// Azure rounds fractions up and never replaces more nodes than there are. A text that is neither counts as one.
///
/// ```
/// # use terraform_provider_aks::upgrade::plan::estimate::surge;
/// assert_eq!(surge("33%", 10), 4, "fractions round up");
/// assert_eq!(surge("5", 3), 3, "never more than there are nodes");
/// ```
#[must_use]
pub fn surge(max_surge: &str, count: u32) -> u32 {
    let nodes = match max_surge.strip_suffix('%') {
        Some(percent) => {
            percent.parse::<u64>().map(|percent| u64::from(count).saturating_mul(percent).div_ceil(100))
        }
        None => max_surge.parse(),
    };
    let most = u64::from(count).max(1);
    u32::try_from(nodes.unwrap_or(1).clamp(1, most)).unwrap_or(1)
}
