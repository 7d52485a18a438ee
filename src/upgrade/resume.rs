//! What a write goes on with: the next PUT resumes what failed or was cancelled.
//!
//! Azure: "Any subsequent PUT operation resumes the stopped upgrade" (docs, upgrade-aks-node-pools-rolling). A PUT on
//! the cluster resumes the control plane and every pool, one on a pool its own upgrade. How far the nodes came is not
//! shown, and a version is shown before it runs, so what is resumed may be any kind of work.

use crate::upgrade::cluster::{Cluster, Pool, Power};
use crate::upgrade::kind::Kind;
use crate::upgrade::offer::Offers;
use crate::upgrade::task::{Component, Task};

/// Returns the work that a write to a pool may go on with; none when the pool did not fail.
pub(super) fn by_pool(pool: &Pool, offers: &Offers) -> Vec<Task> {
    if !pool.state.is_failed() {
        return Vec::new();
    }
    let task = |kind| Task { component: Component::Pool(pool.name.clone()), kind };
    if offers.failed_on_image(pool) {
        return vec![task(Kind::NodeImage)];
    }
    let latest = offers.images.get(&pool.name);
    let is_latest = latest.is_some_and(|latest| !pool.image.is_older_than(latest));
    let kinds = [Kind::Minor, Kind::Patch].into_iter().chain((!is_latest).then_some(Kind::NodeImage));
    kinds.map(task).collect()
}

/// Returns the work that a write to a control plane may go on with; none when the cluster did not fail.
pub(super) fn by_control_plane(cluster: &Cluster) -> Vec<Task> {
    let kinds = [Kind::Minor, Kind::Patch].into_iter().filter(|_| cluster.state.is_failed());
    kinds.map(|kind| Task { component: Component::ControlPlane, kind }).collect()
}

/// Returns the pools with which any write to the cluster goes on.
pub(super) fn pools(cluster: &Cluster) -> impl Iterator<Item = &Pool> {
    let resumes = |pool: &&Pool| pool.state.is_failed() && !pool.machines && pool.power == Power::Running;
    cluster.pools.iter().filter(resumes)
}

/// Returns all the work that a write to the cluster may go on with.
pub(super) fn by_cluster(cluster: &Cluster, offers: &Offers) -> Vec<Task> {
    let pools = pools(cluster).flat_map(|pool| by_pool(pool, offers));
    let mut tasks: Vec<Task> = by_control_plane(cluster).into_iter().chain(pools).collect();
    // Azure lists the pools in any order.
    tasks.sort_unstable();
    tasks
}
