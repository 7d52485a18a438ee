//! How many nodes an upgrade of a pool may add, and what stops it.
//!
//! Where there is room for fewer nodes than the surge asks for, AKS goes on with those from Kubernetes 1.35 on
//! (Azure/AKS#4818); before, the upgrade fails. Without room for a single node it fails at any version.

use crate::simulator::outcome::Ending;
use crate::simulator::scenario::Level;
use crate::simulator::size::Size;
use crate::simulator::world::World;
use crate::simulator::world::cluster::{Cluster, Object, batch, pool_version, text};
use crate::simulator::world::limits::lock::node_group;
use crate::simulator::world::limits::subnet::per_node;
use crate::simulator::world::operation::{Operation, Work};

/// From which minor on a surge is as large as there is room for.
const BY_CAPACITY: u32 = 35;

/// Why an upgrade of a pool cannot go on: Azure's code and text.
pub(super) struct Obstacle {
    pub code: &'static str,
    pub message: String,
}

impl World {
    /// Returns how many nodes of a pool are upgraded at a time, by the room that there is.
    pub(in crate::simulator::world) fn batch_in(&self, cluster: &Cluster, pool: &Object) -> u32 {
        let wanted = batch(pool);
        match self.room(cluster, pool) {
            Some((room, _)) if surges(pool) && pool_version(pool).minor >= BY_CAPACITY => {
                wanted.min(room).max(1)
            }
            _ => wanted,
        }
    }

    /// Lets an operation fail where the first pool that cannot be upgraded has its turn.
    pub(in crate::simulator::world) fn obstruct(&self, operation: &mut Operation) {
        let Ok(cluster) = self.look(&operation.place) else { return };
        let stopped = operation.steps.iter().find_map(|step| match &step.work {
            Work::Nodes { pool, image, nodes, .. } => {
                let behind = cluster.behind.get(&pool.to_ascii_lowercase());
                let pool = cluster.pool(pool)?;
                let moves =
                    behind.is_some_and(|behind| behind.upgrade) || text(pool, "nodeImageVersion") != image;
                let obstacle = self.obstacle(cluster, pool).filter(|_| moves && *nodes > 0)?;
                Some((step.middle(), obstacle))
            }
            _ => None,
        });
        if let Some((at, Obstacle { code, message })) = stopped {
            operation.outcome = Some((at, Ending::Fail));
            operation.error = Some((code.into(), message));
        }
    }

    /// Returns what stops an upgrade of a pool.
    pub(super) fn obstacle(&self, cluster: &Cluster, pool: &Object) -> Option<Obstacle> {
        if let Some(lock) = self.lock_of_nodes(cluster) {
            let act = if lock.level == Level::ReadOnly { "write" } else { "delete" };
            let machines = format!(
                "{}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-{}-31466537-vmss",
                node_group(cluster),
                text(pool, "name")
            );
            let message = format!(
                "The scope '{machines}' cannot perform {act} operation because following scope(s) are locked: '{}'. Please remove the lock and try again.",
                lock.scope
            );
            return Some(Obstacle { code: "ScopeLocked", message });
        }
        let (room, obstacle) = self.room(cluster, pool).filter(|_| surges(pool))?;
        let enough = if pool_version(pool).minor >= BY_CAPACITY { 1 } else { batch(pool) };
        (room < enough).then_some(obstacle)
    }

    /// Returns for how many more nodes of a pool there is room, where that is limited, and by what.
    pub(super) fn room(&self, cluster: &Cluster, pool: &Object) -> Option<(u32, Obstacle)> {
        let quota = self.room_in_quota(cluster, pool);
        let subnet = self.room_in_subnet(cluster, pool);
        quota.into_iter().chain(subnet).min_by_key(|(room, _)| *room)
    }

    fn room_in_quota(&self, cluster: &Cluster, pool: &Object) -> Option<(u32, Obstacle)> {
        let size = Size::of(text(pool, "vmSize"));
        let left = self.quota_left(&cluster.place.subscription, cluster.location(), &size)?;
        let message = left.too_few(u64::from(batch(pool)) * size.cpus, cluster.location());
        Some((whole(left.cpus / size.cpus.max(1)), Obstacle { code: "QuotaExceeded", message }))
    }

    fn room_in_subnet(&self, cluster: &Cluster, pool: &Object) -> Option<(u32, Obstacle)> {
        let (subnet, free) = self.addresses_left(pool)?;
        let message = format!(
            "VMSSAgentPoolReconciler retry failed: Code='SubnetIsFull' Message='{} with address prefix {} doesn't have enough capacity for IP addresses.'",
            subnet.id, subnet.prefix
        );
        Some((whole(free / per_node(cluster, pool)), Obstacle { code: "SubnetIsFull", message }))
    }
}

/// Tells whether an upgrade adds nodes: with `maxUnavailable` in its place it takes nodes away first.
fn surges(pool: &Object) -> bool {
    let settings = pool.get("upgradeSettings").and_then(serde_json::Value::as_object);
    let surge = settings.map(|settings| text(settings, "maxSurge")).unwrap_or_default();
    !matches!(surge.trim_end_matches('%'), "0")
}

fn whole(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
