//! Operations: how they begin, and what they hold meanwhile.

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::simulator::identifier::guid;
use crate::simulator::outcome::{Ending, Kind, Outcome, SURGE_USED_UP};
use crate::simulator::world::World;
use crate::simulator::world::blue_green;
use crate::simulator::world::cluster::{Cluster, Object, batch, nodes, stopped, text};
use crate::simulator::world::operation::{Operation, PassedOver, Step, Work, later};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::route::Place;

/// An operation before it begins.
pub(super) struct Job {
    pub place: Place,
    /// The pool, for an operation on one pool.
    pub pool: Option<String>,
    pub state: &'static str,
    pub kind: Kind,
    pub work: Vec<(Work, SignedDuration)>,
    /// Pools that show the operation's state.
    pub pools: Vec<String>,
    pub answers_resource: bool,
}

impl World {
    /// Begins an operation and returns its number in `operations`.
    pub(super) fn begin(&mut self, job: Job) -> usize {
        let serial = self.next_serial();
        let mut ends = self.now;
        let mut lay = |(work, lasts): (Work, SignedDuration)| {
            let starts = ends;
            ends = later(starts, lasts);
            Step { work, starts, ends }
        };
        let steps: Vec<Step> = job.work.into_iter().map(&mut lay).collect();
        let location = self.look(&job.place).map(|cluster| cluster.location().to_owned()).unwrap_or_default();
        let mut operation = Operation {
            id: guid(serial),
            serial,
            location,
            started: self.now,
            steps,
            place: job.place,
            pool: job.pool,
            state: job.state.into(),
            kind: job.kind,
            done: 0,
            pools: job.pools,
            outcome: None,
            error: None,
            passed_over: None,
            surge: None,
            answers_resource: job.answers_resource,
            ended: None,
            polls: 0,
        };
        let cluster = self.clusters.iter().find(|cluster| cluster.place.is(&operation.place));
        self.outcomes.iter_mut().find_map(|outcome| apply_outcome(outcome, &mut operation, cluster));
        self.show(&operation, &operation.state);
        self.touch(&operation);
        self.operations.push(operation);
        let index = self.operations.len() - 1;
        self.take_turn(index);
        index
    }

    /// Gives an operation to a cluster or pool whose body shows work in progress.
    pub(super) fn settle_in(&mut self, index: usize) {
        let Some(cluster) = self.clusters.get_mut(index) else { return };
        cluster.note_unfinished();
        let place = cluster.place.clone();
        let busy: Vec<String> = cluster
            .pools
            .iter()
            .filter(|pool| is_busy(text(pool, "provisioningState")))
            .map(|pool| text(pool, "name").to_owned())
            .collect();
        let settle = vec![(Work::Settle, self.durations.settings)];
        let job = |pool, pools| Job {
            place: place.clone(),
            pool,
            state: "",
            kind: Kind::Settings,
            work: settle.clone(),
            pools,
            answers_resource: false,
        };
        let jobs = if is_busy(cluster.state()) {
            vec![job(None, busy)]
        } else {
            busy.into_iter().map(|pool| job(Some(pool.clone()), vec![pool])).collect()
        };
        jobs.into_iter().for_each(|job| self.resume_seeded(job));
        self.stamp(index);
    }

    fn resume_seeded(&mut self, job: Job) {
        let Ok(cluster) = self.look(&job.place) else { return };
        let pool = job.pool.as_ref().and_then(|name| cluster.pool(name));
        let state = pool.map_or(cluster.state(), |pool| text(pool, "provisioningState")).to_owned();
        let states: Vec<(String, String)> = cluster
            .pools
            .iter()
            .map(|pool| (text(pool, "name").into(), text(pool, "provisioningState").into()))
            .collect();
        let place = job.place.clone();
        let index = self.begin(Job { state: "Updating", ..job });
        if let Some(operation) = self.operations.get_mut(index) {
            operation.state.clone_from(&state);
        }
        let whole = self.operations.get(index).is_some_and(|operation| operation.pool.is_none());
        let Ok(cluster) = self.hold(&place) else { return };
        if whole {
            cluster.properties.insert("provisioningState".into(), json!(state));
        }
        for (name, state) in states {
            if let Some(pool) = cluster.pool_mut(&name) {
                pool.insert("provisioningState".into(), json!(state));
            }
        }
    }

    /// Gives eTags to a cluster and pools that have none.
    fn stamp(&mut self, index: usize) {
        let serial = self.next_serial();
        let Some(cluster) = self.clusters.get_mut(index) else { return };
        cluster.outer.entry("eTag").or_insert_with(|| json!(guid(serial)));
        for (offset, pool) in (1..).zip(&mut cluster.pools) {
            pool.entry("eTag").or_insert_with(|| json!(guid(serial ^ (offset << 40))));
        }
    }

    /// Returns the running operation on the whole cluster.
    pub(super) fn running(&self, place: &Place) -> Option<&Operation> {
        self.operations
            .iter()
            .rev()
            .find(|operation| operation.runs() && operation.pool.is_none() && operation.place.is(place))
    }

    /// Returns the running operation on one pool, or on any pool.
    pub(super) fn running_on_pool(&self, place: &Place, pool: Option<&str>) -> Option<&Operation> {
        let fits = |own: &String| pool.is_none_or(|pool| own.eq_ignore_ascii_case(pool));
        let on_pool = |operation: &&Operation| operation.pool.as_ref().is_some_and(fits);
        self.operations
            .iter()
            .rev()
            .filter(on_pool)
            .find(|operation| operation.runs() && operation.place.is(place))
    }

    /// Refuses work on a cluster while it or any of its pools has an operation.
    pub(super) fn cluster_is_idle(&self, place: &Place) -> Result<(), Refusal> {
        if let Some(operation) = self.running(place) {
            return Err(Refusal::busy(&operation.state));
        }
        match self.running_on_pool(place, None) {
            Some(operation) => Err(Refusal::cluster_has_busy_pool(
                &operation.state,
                operation.pool.as_deref().unwrap_or_default(),
            )),
            None => Ok(()),
        }
    }

    /// Refuses work on a pool while the cluster or this pool has an operation.
    pub(super) fn pool_is_idle(&self, place: &Place, pool: &str) -> Result<(), Refusal> {
        if let Some(operation) = self.running(place) {
            return Err(Refusal::busy(&operation.state));
        }
        match self.running_on_pool(place, Some(pool)) {
            Some(operation) => Err(Refusal::pool_busy(&operation.state)),
            None => Ok(()),
        }
    }

    /// Returns the work of bringing a pool's nodes to the latest image, and how long each part of it takes.
    pub(super) fn move_nodes(
        &self,
        cluster: &Cluster,
        name: &str,
        upgrade: bool,
    ) -> Vec<(Work, SignedDuration)> {
        let Some(pool) = cluster.pool(name) else { return vec![] };
        let behind = cluster.behind.get(&name.to_ascii_lowercase());
        let back = behind.and_then(|behind| behind.back.clone());
        let image = back.unwrap_or_else(|| self.wanted_image(pool));
        let from = behind.map_or(text(pool, "nodeImageVersion"), |behind| &behind.image);
        let arrived = behind.map_or(0, |behind| behind.arrived);
        let moving = nodes(pool).saturating_sub(arrived);
        let per_batch = if upgrade { self.durations.node_upgrade } else { self.durations.node_image };
        let at_rest = stopped(pool) || (!upgrade && arrived == 0 && image == from);
        let (pool_name, green) =
            (text(pool, "name").to_owned(), text(pool, "upgradeStrategy") == "BlueGreen");
        if green && !at_rest {
            return blue_green::phases(pool, moving, image, per_batch, self.durations.settings);
        }
        let batch = self.batch_in(cluster, pool);
        let batches = if at_rest { 0 } else { moving.div_ceil(batch) };
        let lasts =
            per_batch.checked_mul(i32::try_from(batches).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
        let work = Work::Nodes { pool: pool_name, image, nodes: moving, batch, green: false };
        vec![(work, lasts.max(self.durations.settings))]
    }
}

/// Uses up an outcome that fits.
fn apply_outcome(outcome: &mut Outcome, operation: &mut Operation, cluster: Option<&Cluster>) -> Option<()> {
    let name = |wanted: &Option<String>, own: &str| {
        wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(own))
    };
    let nodes_of = |step: &&Step| matches!((&outcome.pool, &step.work), (Some(wanted), Work::Nodes { pool, .. }) if wanted.eq_ignore_ascii_case(pool));
    let step = match &outcome.pool {
        Some(_) => operation.steps.iter().find(nodes_of)?,
        None => operation.steps.last()?,
    };
    let aborts = matches!(step.work, Work::Abort { .. });
    let fits = outcome.times > 0 && !aborts && name(&outcome.cluster, &operation.place.name);
    if !fits || outcome.kind.is_some_and(|kind| kind != operation.kind) {
        return None;
    }
    let pool = match &step.work {
        Work::Nodes { pool, .. } => cluster.and_then(|cluster| cluster.pool(pool)),
        _ => None,
    };
    outcome.times -= 1;
    // A forced upgrade drains every node, whatever the pool would do with one that cannot be drained.
    if outcome.ends == Ending::Quarantine
        && cluster.is_some_and(|cluster| cluster.is_forced(operation.started))
    {
        return Some(());
    }
    let ending = Resolved::of(outcome, step, pool);
    operation.outcome = Some((ending.at, ending.ends));
    operation.error = ending.error;
    operation.passed_over = ending.passed_over;
    Some(())
}

/// An outcome, once it is known which pool meets it.
struct Resolved {
    at: Timestamp,
    ends: Ending,
    error: Option<(String, String)>,
    passed_over: Option<(String, u32, PassedOver)>,
}

impl Resolved {
    fn of(outcome: &Outcome, step: &Step, pool: Option<&Object>) -> Self {
        let ending = |at, ends, passed_over| Resolved { at, ends, error: outcome.error(ends), passed_over };
        let stay = |why| Some((pool.map_or("", |pool| text(pool, "name")).to_owned(), outcome.nodes, why));
        let quarantined = stay(PassedOver::Quarantined);
        match outcome.ends {
            Ending::Pause => ending(step.ends, Ending::Pause, stay(PassedOver::Paused)),
            Ending::Quarantine if !pool.is_some_and(cordons) => ending(step.middle(), Ending::Fail, None),
            Ending::Quarantine if outcome.nodes <= pool.map_or(1, batch) => {
                ending(step.last_moment(), Ending::Fail, quarantined)
            }
            Ending::Quarantine => {
                let surge = pool.map_or(1, batch);
                let stay = stay(PassedOver::Quarantined).map(|(pool, _, why)| (pool, surge, why));
                let mut ending = ending(step.stuck_on(outcome.nodes), Ending::Cancel, stay);
                let (code, text) = outcome.error(Ending::Fail).unwrap_or_default();
                ending.error = Some((code, format!("{SURGE_USED_UP}{text}")));
                ending
            }
            ends => ending(step.middle(), ends, None),
        }
    }
}

/// Tells whether a pool quarantines nodes that cannot be drained.
fn cordons(pool: &Object) -> bool {
    pool.get("upgradeSettings").is_some_and(|settings| settings["undrainableNodeBehavior"] == "Cordon")
}

fn is_busy(state: &str) -> bool {
    !matches!(state, "Succeeded" | "Failed" | "Canceled" | "")
}
