//! Who else works on the cluster, and what state its work is in.

use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Power, State};
use crate::upgrade::policy::{Goal, Rollout};
use crate::upgrade::task::Component;

/// Returns the blocks that come from the cluster itself, whatever the target.
///
/// `waits` tells whether the control plane is behind its target.
pub(super) fn blocks(cluster: &Cluster, goal: &Goal, rollout: &Rollout, waits: bool) -> Vec<Block> {
    let mut blocks = of_cluster(cluster);
    let first = usize::from(blocks.first() == Some(&Block::ClusterStopped));
    blocks.splice(first..first, channels(cluster, goal, rollout, waits));
    blocks
}

/// Returns the blocks of a cluster that is stopped, on a Fleet's list, worked on or failed, whoever upgrades it.
pub(super) fn of_cluster(cluster: &Cluster) -> Vec<Block> {
    let stopped = (cluster.power == Power::Stopped).then_some(Block::ClusterStopped);
    let fleets = cluster.update_runs.iter().map(|run| Block::FleetUpdateRun { run: run.clone() });
    stopped.into_iter().chain(fleets).chain(states(cluster)).collect()
}

/// Returns the channels by which AKS itself would do what this goal is about.
fn channels(cluster: &Cluster, goal: &Goal, rollout: &Rollout, waits: bool) -> Vec<Block> {
    let of_images = |channel: &&String| channel.as_str() == "node-image";
    let upgrade = cluster.auto_upgrade_channel.as_ref().filter(|channel| *channel != "none");
    let os = cluster
        .node_os_channel
        .as_ref()
        .filter(|channel| ["NodeImage", "SecurityPatch"].contains(&channel.as_str()));
    let images = goal.images().is_some();
    let upgrade = upgrade.filter(|channel| if of_images(channel) { images } else { goal.has_versions() });
    let os = os.filter(|_| images);
    let upgrade = upgrade.map(|channel| Block::AutoUpgradeChannelOn {
        channel: channel.clone(),
        whole: rollout.whole_cluster,
        holds: waits && !rollout.whole_cluster && !of_images(&channel),
    });
    let os = os.map(|channel| Block::NodeOsChannelOn { channel: channel.clone() });
    upgrade.into_iter().chain(os).collect()
}

/// Returns the operations that run or that failed.
fn states(cluster: &Cluster) -> Vec<Block> {
    let whole = std::iter::once((None, &cluster.state));
    let pools = cluster.pools.iter().map(|pool| (Some(&pool.name), &pool.state));
    whole.chain(pools).filter_map(|(pool, state)| state_block(pool.cloned(), state)).collect()
}

fn state_block(pool: Option<String>, state: &State) -> Option<Block> {
    match state {
        State::Succeeded => None,
        State::Busy(operation) => Some(Block::OperationInProgress { pool, operation: operation.clone() }),
        State::Failed(_) | State::Canceled(_) => {
            Block::failure(pool.map_or(Component::ControlPlane, Component::Pool), state)
        }
    }
}
