//! Agent pools: read, list, create, change, delete, node images.

use serde_json::{Value, json};

use crate::simulator::outcome::Kind;
use crate::simulator::world::blue_green;
use crate::simulator::world::body::{POOL_READ_ONLY, leave_out_empty, overlay};
use crate::simulator::world::cluster::{Cluster, Object, is_of_machines, nodes, pool_version, stopped, text};
use crate::simulator::world::operation::{Operation, Work};
use crate::simulator::world::operations::Job;
use crate::simulator::world::pool_rules;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn list_pools(&self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let cluster = self.parent(call, place, "managedClusters/agentPools")?;
        Ok(self.page(call, &cluster.pools, |pool| cluster.pool_body(pool)))
    }

    pub(super) fn get_pool(&self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.parent(call, place, "managedClusters/agentPools")?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        Ok(Reply::json(200, cluster.pool_body(pool)))
    }

    pub(super) fn put_pool(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let shown = self.look(place).ok().and_then(|cluster| Some(cluster.pool_body(cluster.pool(name)?)));
        let body = call.body("AgentPool", &shown.unwrap_or_default())?;
        let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let cluster = self.parent(call, place, "managedClusters/agentPools")?;
        let place = &cluster.place.clone();
        let found = cluster.pool(name);
        call.conditions(found.is_some(), found.map(|pool| text(pool, "eTag")))?;
        self.pool_is_idle(place, name)?;
        if cluster.stopped() {
            return Err(Refusal::stopped("updating"));
        }
        let Some(pool) = found else { return self.create_pool(call, place, name, &sent) };
        let name = text(pool, "name").to_owned();
        let state = state_of_change(pool, &sent);
        if is_of_machines(pool) {
            return Err(Refusal::pool_of_machines(&name));
        }
        let mut after = pool.clone();
        overlay(&mut after, &sent, &|key| !POOL_READ_ONLY.contains(&key));
        pool_rules::judge(Some(pool), &after, &sent)?;
        judge_size(call, pool, &sent)?;
        let all: Vec<Object> = cluster
            .pools
            .iter()
            .map(|own| if text(own, "name") == name { &after } else { own })
            .cloned()
            .collect();
        pool_rules::judge_system_pools(&cluster.pools, &all)?;
        self.judge_growth(cluster, &all)?;
        self.judge_image(pool)?;
        match self.judge_way_back(cluster, pool, &sent)? {
            Some(back) => self.hold(place)?.go_back(&name, back),
            None => self.go_on(call, place, &after, &sent)?,
        }
        self.write_pool(place, &name, &sent)?;
        let job = self.pool_job(place, &name, state)?;
        self.start_on_pool(call, job, &name, 200)
    }

    /// Notes the version to which a PUT moves a pool, and the snapshot by which it does.
    fn go_on(&mut self, call: &Call, place: &Place, after: &Object, sent: &Object) -> Result<(), Refusal> {
        let cluster = self.look(place)?;
        let name = text(after, "name");
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        let target = self.judge_pool(cluster, pool, sent)?;
        if target.is_some() {
            self.allow_disruption(call, cluster, Some(name))?;
        }
        let image = self.snapshot_of(sent)?.map(|snapshot| snapshot.image().to_owned());
        let reimaged = image.is_some_and(|image| image != text(pool, "nodeImageVersion"));
        if target.is_some() || reimaged || text(after, "osSKU") != text(pool, "osSKU") {
            pool_rules::judge_surge(after)?;
        }
        let cluster = self.hold(place)?;
        if target.is_some() || reimaged {
            cluster.note_behind(name, target.is_some());
            cluster.leave_snapshot(name, Some(sent));
        }
        let written = text(sent, "orchestratorVersion");
        match target {
            Some(version) => cluster.show_pool_version(name, version, written),
            None if !written.is_empty() => cluster.hold_pool(name, written),
            None => cluster.take_up_pool(name),
        }
        Ok(())
    }

    /// Writes what was sent into a pool; another OS SKU shows its image at once, as recorded.
    fn write_pool(&mut self, place: &Place, name: &str, sent: &Object) -> Result<(), Refusal> {
        let cluster = self.look(place)?;
        let mut pool = cluster.pool(name).cloned().ok_or_else(|| Refusal::no_pool(place, name))?;
        let os_sku = text(&pool, "osSKU").to_owned();
        let before = pool.clone();
        overlay(&mut pool, sent, &|key| !POOL_READ_ONLY.contains(&key));
        // What was shown as empty is shown so again (recorded).
        let empty = |pool: &Object, key: &str| pool.get(key) == Some(&json!({}));
        let stay = ["tags", "nodeLabels"].into_iter().filter(|key| empty(&before, key) && empty(&pool, key));
        let stay: Vec<&str> = stay.collect();
        leave_out_empty(&mut pool);
        pool.extend(stay.into_iter().map(|key| (key.to_owned(), json!({}))));
        blue_green::complete(&mut pool);
        self.hold(place)?.count_stopped(&before, &mut pool);
        if text(&pool, "osSKU") != os_sku {
            self.judge_os(&pool, pool_version(&pool))?;
            let image = self.wanted_image(&pool);
            self.hold(place)?.note_behind(name, false);
            pool.insert("nodeImageVersion".into(), json!(image));
        }
        if let Some(own) = self.hold(place)?.pool_mut(name) {
            *own = pool;
        }
        Ok(())
    }

    /// Lays out the work on a pool: what is behind, or else settings.
    pub(super) fn pool_job(&self, place: &Place, name: &str, state: &'static str) -> Result<Job, Refusal> {
        let cluster = self.look(place)?;
        let behind = cluster.behind.get(&name.to_ascii_lowercase());
        let mut work = behind.map_or(vec![], |behind| self.move_nodes(cluster, name, behind.upgrade));
        if work.is_empty() {
            work.push((Work::Settle, self.durations.settings));
        }
        let (state, kind) = match behind {
            Some(behind) if behind.upgrade => ("Upgrading", Kind::Upgrade),
            Some(_) if state == "Upgrading" => (state, Kind::Image),
            Some(_) => ("UpgradingNodeImageVersion", Kind::Image),
            None => (state, Kind::Settings),
        };
        let (pool, pools) = (Some(name.to_owned()), vec![name.to_owned()]);
        Ok(Job { place: place.clone(), pool, state, kind, work, pools, answers_resource: true })
    }

    pub(super) fn start_on_pool(
        &mut self,
        call: &Call,
        job: Job,
        name: &str,
        status: u16,
    ) -> Result<Reply, Refusal> {
        let place = job.place.clone();
        let index = self.begin(job);
        let cluster = self.look(&place)?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(&place, name))?;
        let reply = Reply::json(status, cluster.pool_body(pool));
        Ok(self.announce(call, reply, index, status == 202))
    }

    pub(super) fn delete_pool(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.parent(call, place, "managedClusters/agentPools")?;
        let Some(pool) = cluster.pool(name) else { return Ok(Reply::empty(204)) };
        call.conditions(true, Some(text(pool, "eTag")))?;
        if is_of_machines(pool) {
            return Err(Refusal::pool_of_machines(text(pool, "name")));
        }
        self.pool_is_idle(place, name)?;
        // Docs: start-stop-cluster.
        if cluster.stopped() {
            return Err(Refusal::stopped("deleting"));
        }
        let name = text(pool, "name").to_owned();
        let rest: Vec<Object> =
            cluster.pools.iter().filter(|own| text(own, "name") != name).cloned().collect();
        pool_rules::judge_system_pools(&cluster.pools, &rest)?;
        let work = vec![(Work::DeletePool(name.clone()), self.durations.delete)];
        let place = cluster.place.clone();
        let index = self.begin(Job {
            place,
            pool: Some(name.clone()),
            state: "Deleting",
            kind: Kind::Settings,
            work,
            pools: vec![name],
            answers_resource: false,
        });
        Ok(self.announce(call, Reply::empty(202), index, true))
    }

    pub(super) fn act_on_pool(
        &mut self,
        call: &Call,
        place: &Place,
        name: &str,
        action: &str,
    ) -> Result<Reply, Refusal> {
        match action {
            "abort" => self.abort(call, place, Some(name)),
            "upgradenodeimageversion" => self.upgrade_image(call, place, name),
            "completeupgrade" => self.complete_upgrade(call, place, name),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    /// Ends the soaks of a blue-green upgrade; nothing, when none runs.
    fn complete_upgrade(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        self.parent(call, place, "managedClusters/agentPools")?
            .pool(name)
            .ok_or_else(|| Refusal::no_pool(place, name))?;
        let now = self.now;
        let runs = |operation: &Operation| {
            let soaks =
                operation.steps.iter().skip(operation.done).any(|step| matches!(step.work, Work::Phase(_)));
            let own = operation.pool.as_deref().is_some_and(|pool| pool.eq_ignore_ascii_case(name));
            soaks && own && operation.runs() && operation.place.is(place)
        };
        let Some(index) = self.operations.iter().position(runs) else { return Ok(Reply::empty(204)) };
        if let Some(operation) = self.operations.get_mut(index) {
            operation.complete(now);
        }
        Ok(self.announce(call, Reply::empty(202), index, true))
    }

    /// Moves a pool to the latest image; accepted also when it is there already, as recorded.
    fn upgrade_image(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.parent(call, place, "managedClusters/agentPools")?;
        let place = &cluster.place.clone();
        let name = &text(cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?, "name").to_owned();
        if self.look(place)?.pool(name).is_some_and(is_of_machines) {
            return Err(Refusal::pool_of_machines(name));
        }
        self.pool_is_idle(place, name)?;
        if self.look(place)?.stopped() {
            return Err(Refusal::stopped("upgrading node image version"));
        }
        self.allow_disruption(call, self.look(place)?, Some(name))?;
        let moves = |pool: &&Object| self.wanted_image(pool) != text(pool, "nodeImageVersion");
        self.look(place)?.pool(name).filter(moves).map_or(Ok(()), pool_rules::judge_surge)?;
        let cluster = self.hold(place)?;
        cluster.note_behind(name, false);
        cluster.take_up_pool(name);
        cluster.leave_snapshot(name, None);
        let job = self.pool_job(place, name, "UpgradingNodeImageVersion")?;
        self.start_on_pool(call, job, name, 202)
    }

    pub(super) fn parent(&self, call: &Call, place: &Place, kind: &str) -> Result<&Cluster, Refusal> {
        let missing = |refusal: Refusal| {
            if refusal.body["error"]["code"] == "ResourceNotFound" {
                Refusal::no_parent(call.verb(), kind, &place.id("managedClusters"))
            } else {
                refusal
            }
        };
        self.look(place).map_err(missing)
    }
}

impl Cluster {
    /// Shows no nodes while a pool is stopped, and again as many as before when it is started (recorded).
    fn count_stopped(&mut self, before: &Object, after: &mut Object) {
        let key = text(before, "name").to_ascii_lowercase();
        match (stopped(before), stopped(after)) {
            (false, true) => {
                self.nodes_before.insert(key, nodes(before));
                after.insert("count".into(), json!(0));
            }
            (true, false) => {
                let count = self.nodes_before.remove(&key).filter(|_| nodes(after) == 0);
                after.extend(count.map(|count| ("count".to_owned(), json!(count))));
            }
            _ => {}
        }
    }

    /// Lets a pool run on whose stopping was aborted (recorded).
    pub(super) fn run_on(&mut self, name: &str) {
        let count = self.nodes_before.remove(&name.to_ascii_lowercase());
        let Some(pool) = self.pool_mut(name) else { return };
        pool.insert("powerState".into(), json!({ "code": "Running" }));
        pool.extend(count.map(|count| ("count".to_owned(), json!(count))));
    }
}

/// Machines of another size: since 2026-01-02-preview one batch of nodes after the other, before never.
fn judge_size(call: &Call, pool: &Object, sent: &Object) -> Result<(), Refusal> {
    const SINCE: &str = "2026-01-02-preview";
    let (own, wanted) = (text(pool, "vmSize"), text(sent, "vmSize"));
    let version = call.parameter("api-version").unwrap_or_default();
    if wanted.is_empty() || wanted.eq_ignore_ascii_case(own) || version.as_str() >= SINCE {
        return Ok(());
    }
    Err(Refusal::fixed_before("agentPoolProfile.vmSize", SINCE))
}

/// Returns the state that a pool shows while it is changed, the version aside.
fn state_of_change(pool: &Object, sent: &Object) -> &'static str {
    let differs = |key: &str| sent.get(key).is_some_and(|value| Some(value) != pool.get(key));
    let power = sent.get("powerState").map(|_| stopped(sent));
    match power.filter(|stops| *stops != stopped(pool)) {
        Some(true) => "Stopping",
        Some(false) => "Starting",
        None if differs("osSKU") => "Upgrading",
        None if differs("count") => "Scaling",
        None => "Updating",
    }
}
