//! Operations as time goes by: their work takes effect, they end, and what they leave behind.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::simulator::identifier::guid;
use crate::simulator::outcome::Ending;
use crate::simulator::world::World;
use crate::simulator::world::cluster::{Behind, Cluster, LeftNodes, Object, Used, pool_version, text};
use crate::simulator::world::operation::{End, Operation, Work};
use crate::simulator::world::route::Place;

impl World {
    /// Lets all work up to now take effect.
    pub(super) fn work(&mut self) {
        for index in 0..self.operations.len() {
            if self.operations.get(index).is_some_and(Operation::runs) {
                self.work_on(index);
            }
        }
    }

    fn work_on(&mut self, index: usize) {
        while let Some(work) = self.operations.get(index).and_then(|operation| due(operation, self.now)) {
            if let Some(operation) = self.operations.get_mut(index) {
                operation.done += 1;
            }
            self.take_effect(index, work);
            self.take_turn(index);
        }
        let Some(operation) = self.operations.get(index) else { return };
        if let Some(at) = operation.ends().filter(|at| operation.runs() && *at <= self.now) {
            let end = match operation.outcome {
                Some((_, Ending::Fail)) => End::Failed,
                Some((_, Ending::Cancel)) => End::Canceled,
                _ => End::Succeeded,
            };
            self.conclude(index, at, end);
        }
    }

    fn take_effect(&mut self, index: usize, work: Work) {
        let Some(operation) = self.operations.get(index).cloned() else { return };
        let place = operation.place.clone();
        match work {
            Work::Abort { id } => self.cancel(&id),
            Work::DeleteCluster => self.remove(&place),
            work => {
                let now = self.now;
                if let Ok(cluster) = self.hold(&place) {
                    cluster.take_effect(&work, now);
                }
                // A pool whose turn has passed is shown so while the others go on.
                if let Work::Nodes { pool, .. } = work {
                    self.touch(&Operation { pool: Some(pool), ..operation });
                }
            }
        }
    }

    /// Ends what runs on a cluster that is to be deleted.
    pub(super) fn preempt(&mut self, place: &Place) {
        for index in 0..self.operations.len() {
            let Some(operation) = self.operations.get_mut(index) else { continue };
            if operation.runs() && operation.place.is(place) {
                let message = "This operation has been preempted by a deletion.";
                operation.error = Some(("AKSOperationPreemptedByDelete".into(), message.into()));
                self.conclude(index, self.now, End::Failed);
            }
        }
    }

    fn remove(&mut self, place: &Place) {
        self.clusters.retain(|cluster| !cluster.place.is(place));
        self.deleted.push((place.clone(), self.now));
    }

    fn cancel(&mut self, id: &str) {
        if let Some(index) =
            self.operations.iter().position(|operation| operation.id == id && operation.runs())
        {
            self.conclude(index, self.now, End::Canceled);
        }
    }

    /// Ends an operation and shows its end on the cluster and pools.
    fn conclude(&mut self, index: usize, at: Timestamp, end: End) {
        let Some(operation) = self.operations.get_mut(index) else { return };
        operation.ended = Some((at, end));
        let operation = operation.clone();
        let aborting = operation.steps.iter().any(|step| matches!(step.work, Work::Abort { .. }));
        if !aborting {
            self.show(&operation, end.state());
            self.leave_behind(&operation, at, end);
            self.pass_over(&operation, end);
            if let (End::Canceled, "Stopping", Some(pool)) = (end, operation.state.as_str(), &operation.pool)
                && let Ok(cluster) = self.hold(&operation.place)
            {
                cluster.run_on(pool);
            }
        }
        self.touch(&operation);
    }

    pub(super) fn show(&mut self, operation: &Operation, state: &str) {
        let Ok(cluster) = self.hold(&operation.place) else { return };
        if operation.pool.is_none() {
            cluster.properties.insert("provisioningState".into(), json!(state));
        }
        for name in &operation.pools {
            // A pool whose turn has passed is not drawn into a later failure of the others.
            let arrived = !cluster.behind.contains_key(&name.to_ascii_lowercase()) && operation.done > 0;
            if let Some(pool) = cluster.pool_mut(name) {
                let state = if arrived { "Succeeded" } else { state };
                pool.insert("provisioningState".into(), json!(state));
            }
        }
    }

    /// Notes how far an unfinished operation came, and its error.
    fn leave_behind(&mut self, operation: &Operation, at: Timestamp, end: End) {
        // That AKS shows its reason for cancelling here, too, was not recorded.
        let failure = operation.end_error(end).filter(|_| end == End::Failed || operation.error.is_some());
        let Ok(cluster) = self.hold(&operation.place) else { return };
        for step in operation.steps.iter().skip(operation.done) {
            let Work::Nodes { pool, .. } = &step.work else { continue };
            if let Some(behind) = cluster.behind.get_mut(&pool.to_ascii_lowercase()) {
                behind.arrived += operation.arrived(step, at);
                let behind = behind.clone();
                cluster.note_used(pool, &behind, at);
            }
        }
        let touched: Vec<String> = operation.pools.clone();
        for name in touched {
            let state = |pool: &Object| matches!(text(pool, "provisioningState"), "Failed" | "Canceled");
            let failed = cluster.pool(&name).is_some_and(state);
            if let Some(pool) = cluster.pool_mut(&name) {
                set_status(pool, failure.as_ref().filter(|_| failed));
            }
        }
        if operation.pool.is_none() {
            set_status(&mut cluster.properties, failure.as_ref());
        }
    }

    /// Notes the nodes that stay as they were although the work has ended.
    fn pass_over(&mut self, operation: &Operation, end: End) {
        let Some((name, count, why)) = operation.passed_over.clone() else { return };
        let failure = end != End::Succeeded;
        let Ok(cluster) = self.hold(&operation.place) else { return };
        let key = name.to_ascii_lowercase();
        let before = match cluster.behind.get(&key) {
            Some(behind) if failure => Some((behind.version.clone(), behind.image.clone())),
            _ => cluster.used.get(&key).and_then(|used| used.last()).map(Used::what),
        };
        if let Some((version, image)) = before {
            cluster.passed_over.insert(key, LeftNodes { count, version, image, why });
        }
    }

    /// Changes eTags: of the cluster and all pools, or of the one pool.
    pub(super) fn touch(&mut self, operation: &Operation) {
        let serial = self.next_serial();
        let Ok(cluster) = self.hold(&operation.place) else { return };
        if operation.pool.is_none() {
            cluster.outer.insert("eTag".into(), json!(guid(serial)));
        }
        for (offset, pool) in (1u64..).zip(&mut cluster.pools) {
            let own =
                operation.pool.as_ref().is_none_or(|name| text(pool, "name").eq_ignore_ascii_case(name));
            if own {
                pool.insert("eTag".into(), json!(guid(serial ^ (offset << 40))));
            }
        }
    }
}

impl Cluster {
    fn take_effect(&mut self, work: &Work, now: Timestamp) {
        match work {
            Work::ControlPlane => {
                self.control_plane_behind = false;
                let version = self.version().to_string();
                self.provisioned.iter_mut().for_each(|nodes| nodes.versions.push((now, version.clone())));
            }
            Work::Nodes { pool, image, .. } => {
                let behind = self.behind.remove(&pool.to_ascii_lowercase());
                self.passed_over.remove(&pool.to_ascii_lowercase());
                if let Some(pool) = self.pool_mut(pool) {
                    pool.insert("nodeImageVersion".into(), json!(image));
                    pool.insert("provisioningState".into(), json!("Succeeded"));
                }
                if let Some(behind) = behind {
                    self.note_used(pool, &behind, now);
                }
            }
            Work::Power { running } => {
                let code = if *running { "Running" } else { "Stopped" };
                self.properties.insert("powerState".into(), json!({ "code": code }));
            }
            Work::DeletePool(name) => {
                self.pools.retain(|pool| !text(pool, "name").eq_ignore_ascii_case(name))
            }
            Work::Settle | Work::Phase(_) | Work::DeleteCluster | Work::Abort { .. } => {}
        }
    }

    /// Notes from where a pool comes, unless an earlier, unfinished upgrade has noted it.
    pub(super) fn note_behind(&mut self, name: &str, upgrade: bool) {
        let Some(pool) = self.pool(name) else { return };
        let from = Behind {
            version: pool_version(pool).to_string(),
            image: text(pool, "nodeImageVersion").into(),
            os_sku: text(pool, "osSKU").into(),
            arrived: 0,
            upgrade,
            back: None,
        };
        self.behind.entry(name.to_ascii_lowercase()).or_insert(from).upgrade |= upgrade;
    }
}

fn due(operation: &Operation, now: Timestamp) -> Option<Work> {
    let until = operation.worked_until(now);
    operation.steps.get(operation.done).filter(|step| step.ends <= until).map(|step| step.work.clone())
}

fn set_status(resource: &mut Object, error: Option<&Value>) {
    match error {
        Some(error) => resource.insert("status".into(), json!({ "provisioningError": error })),
        None => resource.shift_remove("status"),
    };
}
