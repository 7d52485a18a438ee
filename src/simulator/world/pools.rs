//! Agent pools and their machines: read, list, create, change, delete, node images.

use serde_json::{Value, json};

use super::blue_green;
use super::cluster::{Cluster, Object, Provisioned, is_of_machines, nodes, pool_version, stopped, text};
use super::clusters::{POOL_READ_ONLY, leave_out_empty, overlay};
use super::operation::{Operation, Work};
use super::operations::Job;
use super::pool_rules;
use super::refusal::Refusal;
use super::reply::Reply;
use super::route::Place;
use super::snapshots::Snapshot;
use super::{Call, World};
use crate::simulator::catalogue;
use crate::simulator::outcome::Kind;
use crate::simulator::scenario::PoolSeed;
use crate::simulator::version::Version;

impl World {
    pub(super) fn list_pools(&self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let cluster = self.parent(place, "managedClusters/agentPools")?;
        Ok(self.page(call, &cluster.pools, |pool| cluster.pool_body(pool)))
    }

    pub(super) fn get_pool(&self, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.parent(place, "managedClusters/agentPools")?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        Ok(Reply::json(200, cluster.pool_body(pool)))
    }

    pub(super) fn put_pool(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let shown = self.look(place).ok().and_then(|cluster| Some(cluster.pool_body(cluster.pool(name)?)));
        let body = call.body("AgentPool", &shown.unwrap_or_default())?;
        let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let cluster = self.parent(place, "managedClusters/agentPools")?;
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
        self.judge_system_pools(cluster, &name, Some(&after))?;
        self.judge_image(pool)?;
        match self.judge_way_back(cluster, pool, &sent)? {
            Some(back) => self.hold(place)?.go_back(&name, back),
            None => self.go_on(place, &name, &sent)?,
        }
        self.write_pool(place, &name, &sent)?;
        let job = self.pool_job(place, &name, state)?;
        self.start_on_pool(call, job, &name, 200)
    }

    /// Notes the version to which a PUT moves a pool, and the snapshot by which it does.
    fn go_on(&mut self, place: &Place, name: &str, sent: &Object) -> Result<(), Refusal> {
        let cluster = self.look(place)?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        let target = self.judge_pool(cluster, pool, sent)?;
        if target.is_some() {
            self.allow_disruption(cluster, Some(name))?;
        }
        let image = self.snapshot_of(sent)?.map(|snapshot| snapshot.image().to_owned());
        let reimaged = image.is_some_and(|image| image != text(pool, "nodeImageVersion"));
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

    fn start_on_pool(&mut self, call: &Call, job: Job, name: &str, status: u16) -> Result<Reply, Refusal> {
        let place = job.place.clone();
        let index = self.begin(job);
        let cluster = self.look(&place)?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(&place, name))?;
        let reply = Reply::json(status, cluster.pool_body(pool));
        Ok(self.announce(call, reply, index, status == 202))
    }

    fn create_pool(
        &mut self,
        call: &Call,
        place: &Place,
        name: &str,
        sent: &Object,
    ) -> Result<Reply, Refusal> {
        let pool = self.draw_pool(self.look(place)?, name, sent)?;
        self.hold(place)?.pools.push(pool);
        let mut job = self.pool_job(place, name, "Creating")?;
        job.work = vec![(Work::Settle, self.durations.create)];
        self.start_on_pool(call, job, name, 201)
    }

    /// Draws a new pool as Azure shows it, or refuses it.
    pub(super) fn draw_pool(&self, cluster: &Cluster, name: &str, sent: &Object) -> Result<Object, Refusal> {
        pool_rules::judge_name(name, text(sent, "osType"))?;
        let snapshot = self.snapshot_of(sent)?;
        let taken = snapshot.map_or("", Snapshot::version);
        let written = [text(sent, "orchestratorVersion"), taken].into_iter().find(|text| !text.is_empty());
        let version = self.judge_new_pool(cluster, written.unwrap_or_default())?;
        let default = catalogue::default_sku(text(sent, "osType"), version.minor);
        let os_sku = Some(text(sent, "osSKU")).filter(|sku| !sku.is_empty()).unwrap_or(default);
        let mut pool = PoolSeed::plain(name, Some(os_sku))
            .priority(text(sent, "scaleSetPriority"))
            .draw(&version.to_string(), &self.catalogue, self.now)
            .map_err(|why| Refusal::invalid("name", why))?;
        overlay(&mut pool, sent, &|key| !POOL_READ_ONLY.contains(&key));
        leave_out_empty(&mut pool);
        blue_green::complete(&mut pool);
        pool_rules::judge(None, &pool, sent)?;
        self.judge_os(&pool, version)?;
        if let Some(snapshot) = snapshot {
            pool.insert("nodeImageVersion".into(), json!(snapshot.image()));
        }
        // As it was written, or else as the cluster's version was: often the minor alone.
        let written = written.unwrap_or(text(&cluster.properties, "kubernetesVersion"));
        pool.insert("orchestratorVersion".into(), json!(written));
        Ok(pool)
    }

    pub(super) fn delete_pool(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.parent(place, "managedClusters/agentPools")?;
        let Some(pool) = cluster.pool(name) else { return Ok(Reply::empty(204)) };
        call.conditions(true, Some(text(pool, "eTag")))?;
        self.pool_is_idle(place, name)?;
        let name = text(pool, "name").to_owned();
        self.judge_system_pools(cluster, &name, None)?;
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
        self.parent(place, "managedClusters/agentPools")?
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
        let cluster = self.parent(place, "managedClusters/agentPools")?;
        let place = &cluster.place.clone();
        let name = &text(cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?, "name").to_owned();
        if self.look(place)?.pool(name).is_some_and(is_of_machines) {
            return Err(Refusal::pool_of_machines(name));
        }
        self.pool_is_idle(place, name)?;
        if self.look(place)?.stopped() {
            return Err(Refusal::stopped("upgrading node image version"));
        }
        self.allow_disruption(self.look(place)?, Some(name))?;
        let cluster = self.hold(place)?;
        cluster.note_behind(name, false);
        cluster.take_up_pool(name);
        cluster.leave_snapshot(name, None);
        let job = self.pool_job(place, name, "UpgradingNodeImageVersion")?;
        self.start_on_pool(call, job, name, 202)
    }

    pub(super) fn machines(&self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.parent(place, "managedClusters/agentPools/machines")?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        let draw = |index| shown(call, self.draw_machine(cluster, pool, index));
        Ok(self.page(call, &(0..cluster.machines(pool)).collect::<Vec<_>>(), |node| draw(*node)))
    }

    pub(super) fn machine(
        &self,
        call: &Call,
        place: &Place,
        name: &str,
        machine: &str,
    ) -> Result<Reply, Refusal> {
        let cluster = self.parent(place, "managedClusters/agentPools/machines")?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        let mut machines = (0..cluster.machines(pool)).map(|index| self.draw_machine(cluster, pool, index));
        let found = machines.find(|drawn| drawn["name"] == machine);
        found.map(|drawn| Reply::json(200, shown(call, drawn))).ok_or_else(Refusal::no_machine)
    }

    /// Draws a node: the first ones arrive first.
    fn draw_machine(&self, cluster: &Cluster, pool: &Object, index: u32) -> Value {
        let name = text(pool, "name");
        let arrived = self.arrived(cluster, name);
        let key = name.to_ascii_lowercase();
        let behind = cluster.behind.get(&key).filter(|_| index >= arrived);
        let left = cluster.passed_over.get(&key).filter(|left| index + left.count >= nodes(pool));
        let version = behind.map_or_else(|| pool_version(pool).to_string(), |behind| behind.version.clone());
        let new = || match cluster.behind.get(&name.to_ascii_lowercase()) {
            Some(moving) => moving.back.clone().unwrap_or_else(|| self.wanted_image(pool)),
            None => text(pool, "nodeImageVersion").to_owned(),
        };
        let image = behind.map_or_else(new, |behind| behind.image.clone());
        let (version, image, drifts) = match cluster.provisioned.as_ref().filter(|_| is_of_machines(pool)) {
            Some(nodes) => self.provisioned_node(nodes, index),
            None => (version, image, false),
        };
        let (version, image) =
            left.map_or((version, image), |left| (left.version.clone(), left.image.clone()));
        let mut kubernetes = json!({ "orchestratorVersion": version, "currentOrchestratorVersion": version, "nodeName": format!("aks-{name}-31466537-vmss{index:06}") });
        if let Some(left) = left {
            kubernetes["nodeLabels"] = json!({ "kubernetes.azure.com/upgrade-status": left.why.label() });
        }
        let node = format!("aks-{name}-31466537-vmss{index:06}");
        let mut machine = json!({
            "id": format!("{}/agentPools/{name}/machines/{node}", cluster.id("resourceGroups")),
            "name": node,
            "type": "Microsoft.ContainerService/managedClusters/agentPools/machines",
            "properties": {
                "network": { "ipAddresses": [{ "ip": format!("10.224.0.{}", 4 + index), "family": "IPv4" }], "enableNodePublicIP": false },
                "resourceId": format!("/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-{name}-31466537-vmss/virtualMachines/{index}", cluster.place.subscription, text(&cluster.properties, "nodeResourceGroup")),
                "hardware": { "vmSize": pool.get("vmSize") },
                "operatingSystem": { "osType": pool.get("osType"), "osSKU": pool.get("osSKU") },
                "kubernetes": kubernetes,
                "mode": pool.get("mode"),
                "nodeImageVersion": image,
                "provisioningState": "Succeeded",
            },
        });
        if drifts {
            let reason = "KubernetesVersionDrift";
            machine["properties"]["status"] = json!({ "driftAction": "Recreate", "driftReason": reason });
        }
        machine
    }

    /// Returns version and image of a node of node auto-provisioning, and whether it is to be replaced.
    fn provisioned_node(&self, nodes: &Provisioned, index: u32) -> (String, String, bool) {
        let (since, version, drifts) = nodes.node(index, self.durations.drift, self.now);
        let minor = version.parse::<Version>().map_or(0, |version| version.minor);
        let at = since.max(self.started);
        let image =
            self.catalogue.latest_image("Ubuntu", minor, "AKSUbuntu-2204gen2containerd-202607.09.0", at);
        (version.to_owned(), image, drifts)
    }

    fn arrived(&self, cluster: &Cluster, name: &str) -> u32 {
        let before = cluster.behind.get(&name.to_ascii_lowercase()).map_or(0, |behind| behind.arrived);
        let operation =
            self.running(&cluster.place).or_else(|| self.running_on_pool(&cluster.place, Some(name)));
        let step = operation.and_then(|operation| {
            let mine =
                |work: &Work| matches!(work, Work::Nodes { pool, .. } if pool.eq_ignore_ascii_case(name));
            operation
                .steps
                .iter()
                .skip(operation.done)
                .find(|step| mine(&step.work))
                .map(|step| operation.arrived(step, operation.worked_until(self.now)))
        });
        before + step.unwrap_or(0)
    }

    fn parent(&self, place: &Place, kind: &str) -> Result<&Cluster, Refusal> {
        let missing = |refusal: Refusal| {
            if refusal.body["error"]["code"] == "ResourceNotFound" {
                Refusal::no_parent(place, kind)
            } else {
                refusal
            }
        };
        self.look(place).map_err(missing)
    }

    /// Returns one page; a `nextLink` follows while there is more.
    pub(super) fn list<T>(&self, call: &Call, items: &[T], show: impl Fn(&T) -> Value) -> Reply {
        let all = items.len();
        let mut reply = self.page(call, items, show);
        let body = reply.body.as_mut().and_then(Value::as_object_mut);
        if let Some(body) = body.filter(|_| self.shown_up_to(call) >= all) {
            body.shift_remove("nextLink");
        }
        reply
    }

    fn shown_up_to(&self, call: &Call) -> usize {
        call.skipped().saturating_add(self.service.page_size.max(1))
    }

    /// Returns one page; a `nextLink` follows every page that holds something, and an empty page ends.
    fn page<T>(&self, call: &Call, items: &[T], show: impl Fn(&T) -> Value) -> Reply {
        let size = self.service.page_size.max(1);
        let from = call.skipped();
        let page: Vec<Value> = items.iter().skip(from).take(size).map(show).collect();
        if page.is_empty() {
            return Reply::json(200, json!({ "value": page }));
        }
        let next = from + page.len();
        let version = call.parameter("api-version").unwrap_or_default();
        let link =
            format!("{}{}?%24skipToken={next}&api-version={version}&skipToken={next}", call.base, call.path);
        Reply::json(200, json!({ "value": page, "nextLink": link }))
    }
}

impl Cluster {
    /// Returns how many machines a pool has.
    fn machines(&self, pool: &Object) -> u32 {
        let provisioned = self.provisioned.as_ref().filter(|_| is_of_machines(pool));
        provisioned.map_or(nodes(pool), |provisioned| provisioned.nodes)
    }

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

impl Call {
    /// Returns how many entries of a list the caller has seen.
    fn skipped(&self) -> usize {
        self.parameter("skipToken").and_then(|token| token.parse().ok()).unwrap_or(0)
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

/// Leaves out what only previews of the API show: versions, image and state of a machine.
fn shown(call: &Call, mut machine: Value) -> Value {
    let preview = call.parameter("api-version").is_some_and(|version| version.ends_with("-preview"));
    if let Some(properties) = machine["properties"].as_object_mut().filter(|_| !preview) {
        properties.retain(|key, _| key == "network" || key == "resourceId");
        if let Some(network) = properties.get_mut("network").and_then(Value::as_object_mut) {
            network.retain(|key, _| key == "ipAddresses");
        }
    }
    machine
}
