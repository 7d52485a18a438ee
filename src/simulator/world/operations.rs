//! Operations: how they begin, go on, end, are asked after and aborted.

use super::cluster::{Behind, Cluster, Object, batch, nodes, pool_version, stopped, text};
use super::identifier::{guid, signature};
use super::operation::{End, Operation, Step, Work, later};
use super::outcome::{Ending, Kind, Misfortune};
use super::refusal::Refusal;
use super::reply::{Reply, instant};
use super::route::Place;
use super::{Call, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

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
            misfortune: None,
            error: Default::default(),
            answers_resource: job.answers_resource,
            ended: None,
            polls: 0,
        };
        self.misfortunes.iter_mut().find_map(|misfortune| strike(misfortune, &mut operation));
        self.show(&operation, &operation.state);
        self.touch(&operation);
        self.operations.push(operation);
        self.operations.len() - 1
    }

    /// Gives an operation to a cluster or pool whose body shows work in progress.
    pub(super) fn settle_in(&mut self, index: usize) {
        let Some(cluster) = self.clusters.get(index) else { return };
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
        }
        let Some(operation) = self.operations.get(index) else { return };
        if let Some(at) = operation.ends().filter(|at| operation.runs() && *at <= self.now) {
            let end = match operation.misfortune {
                Some((_, Ending::Fail)) => End::Failed,
                Some((_, Ending::Cancel)) => End::Canceled,
                _ => End::Succeeded,
            };
            self.conclude(index, at, end);
        }
    }

    fn take_effect(&mut self, index: usize, work: Work) {
        let Some(place) = self.operations.get(index).map(|operation| operation.place.clone()) else { return };
        match work {
            Work::Abort { id } => self.cancel(&id),
            Work::DeleteCluster => self.remove(&place),
            work => {
                if let Ok(cluster) = self.hold(&place) {
                    cluster.take_effect(&work);
                }
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
            self.show(&operation, state(end));
            self.leave_behind(&operation, at, end);
        }
        self.touch(&operation);
    }

    fn show(&mut self, operation: &Operation, state: &str) {
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
        let failure = (end == End::Failed).then(|| failure(operation));
        let Ok(cluster) = self.hold(&operation.place) else { return };
        for step in operation.steps.iter().skip(operation.done) {
            let Work::Nodes { pool, .. } = &step.work else { continue };
            if let Some(behind) = cluster.behind.get_mut(&pool.to_ascii_lowercase()) {
                behind.arrived += step.arrived(at);
            }
        }
        let touched: Vec<String> = operation.pools.clone();
        for name in touched {
            let failed = cluster.pool(&name).is_some_and(|pool| text(pool, "provisioningState") == "Failed");
            if let Some(pool) = cluster.pool_mut(&name) {
                set_status(pool, failure.as_ref().filter(|_| failed));
            }
        }
        if operation.pool.is_none() {
            set_status(&mut cluster.properties, failure.as_ref());
        }
    }

    /// Changes eTags: of the cluster and all pools, or of the one pool.
    fn touch(&mut self, operation: &Operation) {
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

    /// Returns the work of bringing a pool's nodes to the latest image, and how long it takes.
    pub(super) fn move_nodes(
        &self,
        cluster: &Cluster,
        name: &str,
        upgrade: bool,
    ) -> Option<(Work, SignedDuration)> {
        let pool = cluster.pool(name)?;
        let image = self.catalogue.latest_image(text(pool, "nodeImageVersion"), self.now);
        let arrived = cluster.behind.get(&name.to_ascii_lowercase()).map_or(0, |behind| behind.arrived);
        let moving = nodes(pool).saturating_sub(arrived);
        let per_batch = if upgrade { self.durations.node_upgrade } else { self.durations.node_image };
        let at_rest = stopped(pool) || (!upgrade && arrived == 0 && image == text(pool, "nodeImageVersion"));
        let batches = if at_rest { 0 } else { moving.div_ceil(batch(pool)) };
        let lasts =
            per_batch.checked_mul(i32::try_from(batches).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
        let work = Work::Nodes { pool: text(pool, "name").into(), image, nodes: moving, batch: batch(pool) };
        Some((work, lasts.max(self.durations.settings)))
    }

    pub(super) fn status(&mut self, call: &Call, id: &str) -> Result<Reply, Refusal> {
        let (now, errors, retry_after) = (self.now, self.service.transient_errors, self.service.retry_after);
        let operation = self.operations.iter_mut().find(|operation| operation.id.eq_ignore_ascii_case(id));
        let operation = operation.ok_or_else(|| Refusal::no_operation(id))?;
        verbatim(call, operation)?;
        operation.polls += 1;
        let operation = operation.clone();
        let canceling = self
            .operations
            .iter()
            .filter(|other| other.runs())
            .any(|other| aborted_by_id(other, &operation.id));
        let mut body = json!({ "name": operation.id, "status": operation.progress(now), "startTime": instant(operation.started) });
        if canceling {
            body["status"] = json!("Canceling");
        }
        match operation.shown_end() {
            Some((at, end)) => {
                body["status"] = json!(state(end));
                body["endTime"] = json!(instant(at));
                if let Some(error) = end_error(&operation, end) {
                    body["error"] = error;
                }
            }
            None if errors && operation.polls % 5 == 3 => body["error"] = not_latest(),
            None => {}
        }
        let reply = Reply::json(200, body);
        let running = operation.shown_end().is_none();
        Ok(match retry_after.filter(|_| running) {
            Some(seconds) => reply.with("retry-after", seconds.to_string()),
            None => reply,
        })
    }

    pub(super) fn result(&self, call: &Call, id: &str) -> Result<Reply, Refusal> {
        let operation = self.operations.iter().find(|operation| operation.id.eq_ignore_ascii_case(id));
        let operation = operation.ok_or_else(|| Refusal::no_operation(id))?;
        verbatim(call, operation)?;
        let Some((_, end)) = operation.shown_end() else {
            return Ok(Reply::empty(202).with("location", address(call, operation, "operationresults")));
        };
        if let Some(error) = end_error(operation, end) {
            let text = |key| error[key].as_str().unwrap_or_default().to_owned();
            return Err(Refusal::provider(400, &text("code"), "", text("message")));
        }
        let cluster = self.look(&operation.place).ok().filter(|_| operation.answers_resource);
        let pool = cluster
            .zip(operation.pool.as_ref())
            .and_then(|(cluster, name)| Some(cluster.pool_body(cluster.pool(name)?)));
        Ok(pool.map_or_else(|| Reply::empty(204), |body| Reply::json(200, body)))
    }

    /// Adds the addresses under which an operation can be asked after.
    pub(super) fn announce(&self, call: &Call, reply: Reply, operation: usize, location: bool) -> Reply {
        let Some(operation) = self.operations.get(operation) else { return reply };
        let reply = reply.with("azure-asyncoperation", address(call, operation, "operations"));
        if location { reply.with("location", address(call, operation, "operationresults")) } else { reply }
    }

    /// Aborts the running operation of a cluster or pool; the answer is the resource as it was before.
    pub(super) fn abort(&mut self, call: &Call, place: &Place, pool: Option<&str>) -> Result<Reply, Refusal> {
        let body = match pool {
            Some(name) => {
                let cluster = self.look(place)?;
                cluster.pool_body(cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?)
            }
            None => self.look(place)?.body(),
        };
        let running = if pool.is_some() { self.running_on_pool(place, pool) } else { self.running(place) };
        let running = running
            .filter(|operation| operation.state != "Canceling")
            .ok_or_else(Refusal::nothing_to_abort)?;
        let (id, pools) = (running.id.clone(), running.pools.clone());
        self.freeze(&id);
        let index = self.begin(Job {
            place: place.clone(),
            pool: pool.map(str::to_owned),
            state: "Canceling",
            kind: Kind::Settings,
            work: vec![(Work::Abort { id }, self.durations.abort)],
            pools,
            answers_resource: false,
        });
        Ok(self.announce(call, Reply::json(202, body), index, true))
    }

    /// Stops the work of an operation that is being aborted.
    fn freeze(&mut self, id: &str) {
        let now = self.now;
        if let Some(operation) = self.operations.iter_mut().find(|operation| operation.id == id) {
            operation.misfortune = Some((now, Ending::Hang));
        }
    }
}

impl Cluster {
    fn take_effect(&mut self, work: &Work) {
        match work {
            Work::ControlPlane => self.control_plane_behind = false,
            Work::Nodes { pool, image, .. } => {
                self.behind.remove(&pool.to_ascii_lowercase());
                if let Some(pool) = self.pool_mut(pool) {
                    pool.insert("nodeImageVersion".into(), json!(image));
                    pool.insert("provisioningState".into(), json!("Succeeded"));
                }
            }
            Work::Power { running } => {
                let code = if *running { "Running" } else { "Stopped" };
                self.properties.insert("powerState".into(), json!({ "code": code }));
            }
            Work::DeletePool(name) => {
                self.pools.retain(|pool| !text(pool, "name").eq_ignore_ascii_case(name))
            }
            Work::Settle | Work::DeleteCluster | Work::Abort { .. } => {}
        }
    }

    /// Notes from where a pool comes, unless an earlier, unfinished upgrade has noted it.
    pub(super) fn note_behind(&mut self, name: &str, upgrade: bool) {
        let Some(pool) = self.pool(name) else { return };
        let from = Behind {
            version: pool_version(pool).to_string(),
            image: text(pool, "nodeImageVersion").into(),
            arrived: 0,
            upgrade,
        };
        self.behind.entry(name.to_ascii_lowercase()).or_insert(from).upgrade |= upgrade;
    }
}

/// Uses up a misfortune that fits.
fn strike(misfortune: &mut Misfortune, operation: &mut Operation) -> Option<()> {
    let name = |wanted: &Option<String>, own: &str| {
        wanted.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(own))
    };
    let nodes_of = |step: &&Step| matches!((&misfortune.pool, &step.work), (Some(wanted), Work::Nodes { pool, .. }) if wanted.eq_ignore_ascii_case(pool));
    let step = match &misfortune.pool {
        Some(_) => operation.steps.iter().find(nodes_of)?,
        None => operation.steps.last()?,
    };
    let aborts = matches!(step.work, Work::Abort { .. });
    let fits = misfortune.times > 0 && !aborts && name(&misfortune.cluster, &operation.place.name);
    if !fits || misfortune.kind.is_some_and(|kind| kind != operation.kind) {
        return None;
    }
    operation.misfortune = Some((step.middle(), misfortune.ends));
    operation.error = (misfortune.code.clone(), misfortune.message.clone());
    misfortune.times -= 1;
    Some(())
}

fn due(operation: &Operation, now: Timestamp) -> Option<Work> {
    let until = operation.worked_until(now);
    operation.steps.get(operation.done).filter(|step| step.ends <= until).map(|step| step.work.clone())
}

fn aborted_by_id(operation: &Operation, aborted: &str) -> bool {
    operation.steps.iter().any(|step| matches!(&step.work, Work::Abort { id } if id == aborted))
}

fn is_busy(state: &str) -> bool {
    !matches!(state, "Succeeded" | "Failed" | "Canceled" | "")
}

fn state(end: End) -> &'static str {
    match end {
        End::Succeeded => "Succeeded",
        End::Failed => "Failed",
        End::Canceled => "Canceled",
    }
}

fn set_status(resource: &mut Object, error: Option<&Value>) {
    match error {
        Some(error) => resource.insert("status".into(), json!({ "provisioningError": error })),
        None => resource.shift_remove("status"),
    };
}

fn failure(operation: &Operation) -> Value {
    let (code, message) = &operation.error;
    json!({ "code": code, "message": message })
}

fn end_error(operation: &Operation, end: End) -> Option<Value> {
    match end {
        End::Succeeded => None,
        End::Failed => Some(failure(operation)),
        End::Canceled => {
            Some(json!({ "code": "Canceled", "message": "Operation is being canceled by user" }))
        }
    }
}

fn not_latest() -> Value {
    json!({
        "code": "NotLatestOperation",
        "message": "Cannot proceed with the operation. Either the operation has been preempted by another one, or the information needed by the operation failed to be saved (or hasn't been saved yet)."
    })
}

/// Returns the address of an operation on the caller's own host, with the long signed query.
fn address(call: &Call, operation: &Operation, kind: &str) -> String {
    let Operation { id, location, place, .. } = operation;
    let subscription = &place.subscription;
    let query = signed_query(operation);
    format!(
        "{}/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location}/{kind}/{id}?{query}",
        call.base
    )
}

/// Returns the query: about 3 KB since late 2023.
fn signed_query(operation: &Operation) -> String {
    // Ticks of .NET: a tenth of a microsecond since the year 1.
    let ticks = 621_355_968_000_000_000 + i128::from(operation.started.as_microsecond()) * 10;
    let part = |salt: u64, length| signature(operation.serial ^ (salt << 56), length);
    format!("api-version=2025-03-01&t={ticks}&c=MII{}&s={}&h={}", part(1, 2600), part(2, 342), part(3, 43))
}

fn verbatim(call: &Call, operation: &Operation) -> Result<(), Refusal> {
    if call.query == signed_query(operation) { Ok(()) } else { Err(Refusal::altered_address()) }
}
