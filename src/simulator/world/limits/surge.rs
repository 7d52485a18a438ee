//! How many nodes an upgrade of a pool may add, and what stops it.
//!
//! A pool takes its surge nodes when its turn comes, and they use up quota and addresses until its nodes are through.
//! Where there is room for fewer nodes than the surge asks for, AKS goes on with those from Kubernetes 1.35 on
//! (Azure/AKS#4818); before, the upgrade fails. Without room for a single node it fails at any version. A blue-green
//! upgrade makes all nodes anew; that it never goes on with fewer is general knowledge.

use crate::simulator::outcome::Ending;
use crate::simulator::scenario::Level;
use crate::simulator::size::Size;
use crate::simulator::world::World;
use crate::simulator::world::cluster::{Cluster, Object, batch, nodes, pool_version, text};
use crate::simulator::world::limits::lock::node_group;
use crate::simulator::world::limits::subnet::{is_full, per_node};
use crate::simulator::world::operation::{Operation, Step, Work};

/// From which minor on a surge is as large as there is room for.
const BY_CAPACITY: u32 = 35;

/// Why an upgrade of a pool cannot go on: Azure's code and text.
pub(super) struct Obstacle {
    pub code: &'static str,
    pub message: String,
}

/// A pool whose turn begins with the next step of an operation.
struct Turn<'a> {
    cluster: &'a Cluster,
    pool: &'a Object,
    green: bool,
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

    /// Gives the pool whose turn comes next in an operation its surge nodes, or lets the operation fail for want of
    /// them; those of the pool before it are gone.
    pub(in crate::simulator::world) fn take_turn(&mut self, index: usize) {
        let Some(operation) = self.operations.get_mut(index).filter(|operation| operation.begins_turn())
        else {
            return;
        };
        operation.surge = None;
        let scripted = operation.outcome.is_some();
        let Some(turn) = self.operations.get(index).and_then(|operation| self.turn(operation)) else {
            return;
        };
        let (name, wanted) = (text(turn.pool, "name").to_owned(), extra(turn.pool));
        let batch = (!turn.green && !scripted).then(|| self.batch_in(turn.cluster, turn.pool));
        let obstacle = self.obstacle(turn.cluster, turn.pool).filter(|_| !scripted);
        let Some(operation) = self.operations.get_mut(index) else { return };
        match (obstacle, batch) {
            (Some(obstacle), _) => operation.fail_for(obstacle),
            (None, Some(batch)) => {
                operation.rebatch(operation.done, batch);
                operation.surge = Some((name, wanted.min(batch)));
            }
            (None, None) => operation.surge = Some((name, wanted)),
        }
    }

    /// Lets every upgrade fail whose pool has its turn under a lock that was not there before.
    pub(super) fn stop_locked_turns(&mut self) {
        let locked = |operation: &Operation| {
            let (pool, _) =
                operation.surge.as_ref().filter(|_| operation.runs() && operation.outcome.is_none())?;
            let cluster = self.look(&operation.place).ok()?;
            self.lock_obstacle(cluster, pool)
        };
        let stopped: Vec<Option<Obstacle>> = self.operations.iter().map(locked).collect();
        let now = self.now;
        for (operation, obstacle) in self.operations.iter_mut().zip(stopped) {
            if let Some(obstacle) = obstacle {
                operation.fail_for(obstacle);
                operation.outcome = operation.outcome.map(|(at, ending)| (at.max(now), ending));
            }
        }
    }

    /// Returns how many nodes of a pool there are: its own, and those that an upgrade holds beside them.
    pub(super) fn nodes_there(&self, cluster: &Cluster, pool: &Object) -> u32 {
        let name = text(pool, "name");
        let here = |operation: &&Operation| operation.runs() && operation.place.is(&cluster.place);
        let surges = self.operations.iter().filter(here).filter_map(|operation| operation.surge.as_ref());
        let own = surges.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, count)| count);
        cluster.held_nodes(pool) + own.sum::<u32>()
    }

    fn turn<'a>(&'a self, operation: &Operation) -> Option<Turn<'a>> {
        let cluster = self.look(&operation.place).ok()?;
        let begins = operation.steps.get(operation.done)?;
        let later = operation.steps.iter().skip(operation.done);
        let moves = later.take(if is_phase(begins) { usize::MAX } else { 1 });
        moves.into_iter().find_map(|step| match &step.work {
            Work::Nodes { pool, image, nodes, green, .. } if *nodes > 0 => {
                let pool = cluster.pool(pool)?;
                cluster.moves(pool, image).then_some(Turn { cluster, pool, green: *green })
            }
            _ => None,
        })
    }

    /// Returns what stops an upgrade of a pool.
    pub(super) fn obstacle(&self, cluster: &Cluster, pool: &Object) -> Option<Obstacle> {
        if let Some(locked) = self.lock_obstacle(cluster, text(pool, "name")) {
            return Some(locked);
        }
        let (room, obstacle) = self.room(cluster, pool)?;
        let fewer = !is_green(pool) && pool_version(pool).minor >= BY_CAPACITY;
        let enough = if fewer { extra(pool).min(1) } else { extra(pool) };
        (room < enough).then_some(obstacle)
    }

    fn lock_obstacle(&self, cluster: &Cluster, pool: &str) -> Option<Obstacle> {
        let lock = self.lock_of_nodes(cluster)?;
        let act = if lock.level == Level::ReadOnly { "write" } else { "delete" };
        let machines = format!(
            "{}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-{pool}-31466537-vmss",
            node_group(cluster),
        );
        let message = format!(
            "The scope '{machines}' cannot perform {act} operation because following scope(s) are locked: '{}'. Please remove the lock and try again.",
            lock.scope
        );
        Some(Obstacle { code: "ScopeLocked", message })
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
        let message = left.too_few(u64::from(extra(pool)) * size.cpus, cluster.location());
        Some((whole(left.cpus / size.cpus.max(1)), Obstacle { code: "QuotaExceeded", message }))
    }

    fn room_in_subnet(&self, cluster: &Cluster, pool: &Object) -> Option<(u32, Obstacle)> {
        let (subnet, free) = self.addresses_left(pool)?;
        let obstacle = Obstacle { code: "SubnetIsFull", message: is_full(subnet) };
        Some((whole(free / per_node(cluster, pool)), obstacle))
    }
}

impl Operation {
    /// Tells whether its next step may begin the turn of a pool: the parts of a blue-green upgrade are one turn.
    fn begins_turn(&self) -> bool {
        let before = self.done.checked_sub(1).and_then(|last| self.steps.get(last));
        self.runs() && !before.is_some_and(is_phase)
    }

    /// Lets it fail in the middle of the step that comes next.
    fn fail_for(&mut self, obstacle: Obstacle) {
        let at = self.steps.get(self.done).map_or(self.started, Step::middle);
        self.outcome = Some((at, Ending::Fail));
        self.error = Some((obstacle.code.into(), obstacle.message));
    }
}

impl Cluster {
    /// Tells whether nodes of a pool move when it is brought to an image.
    fn moves(&self, pool: &Object, image: &str) -> bool {
        let behind = self.behind.get(&text(pool, "name").to_ascii_lowercase());
        let from = behind.map_or(text(pool, "nodeImageVersion"), |behind| &behind.image);
        from != image || behind.is_some_and(|behind| behind.upgrade || behind.arrived > 0)
    }
}

/// Returns how many nodes an upgrade adds to a pool: with `maxUnavailable` it takes nodes away first.
fn extra(pool: &Object) -> u32 {
    if is_green(pool) {
        nodes(pool)
    } else if surges(pool) {
        batch(pool)
    } else {
        0
    }
}

/// Returns how many nodes a rolling upgrade of a pool makes of it at once; a blue-green one has no such limit that is
/// known.
pub(in crate::simulator::world) fn at_once(pool: &Object) -> u32 {
    if is_green(pool) { nodes(pool) } else { nodes(pool) + extra(pool) }
}

fn is_green(pool: &Object) -> bool {
    text(pool, "upgradeStrategy") == "BlueGreen"
}

fn is_phase(step: &Step) -> bool {
    matches!(step.work, Work::Phase(_))
}

/// Tells whether a rolling upgrade adds nodes.
fn surges(pool: &Object) -> bool {
    let settings = pool.get("upgradeSettings").and_then(serde_json::Value::as_object);
    let surge = settings.map(|settings| text(settings, "maxSurge")).unwrap_or_default();
    !matches!(surge.trim_end_matches('%'), "0")
}

fn whole(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
