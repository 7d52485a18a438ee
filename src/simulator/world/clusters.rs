//! Clusters: read, list, create, change, delete, start, stop.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::cluster::{Cluster, Object, nodes, profiles, text};
use super::operation::Work;
use super::operations::Job;
use super::pool_rules;
use super::refusal::Refusal;
use super::reply::Reply;
use super::route::Place;
use super::upgrade::ClusterChange;
use super::{Call, World};
use crate::simulator::outcome::Kind;
use crate::simulator::scenario::{ClusterSeed, InitialCluster};
use crate::simulator::version::Wish;

/// What a caller cannot set beside `properties`.
const FIXED: [&str; 6] = ["id", "name", "type", "eTag", "systemData", "location"];

/// What a caller cannot set among the properties.
const READ_ONLY: [&str; 11] = [
    "provisioningState",
    "powerState",
    "currentKubernetesVersion",
    "kubernetesVersion",
    "fqdn",
    "privateFQDN",
    "azurePortalFQDN",
    "maxAgentPools",
    "resourceUID",
    "status",
    "agentPoolProfiles",
];

/// What a caller cannot set in a pool, or what only an operation moves.
pub(super) const POOL_READ_ONLY: [&str; 7] = [
    "provisioningState",
    "currentOrchestratorVersion",
    "orchestratorVersion",
    "nodeImageVersion",
    "eTag",
    "status",
    "name",
];

/// What a PUT on a cluster comes to.
enum Effect {
    /// A version moves, or an upgrade that was not finished goes on.
    Upgrades,
    /// A pool has more or fewer nodes.
    Scales,
    /// Neither.
    Settles,
}

impl World {
    pub(super) fn get_cluster(&self, place: &Place) -> Result<Reply, Refusal> {
        Ok(Reply::json(200, self.look(place)?.body()))
    }

    pub(super) fn list_clusters(
        &self,
        call: &Call,
        subscription: &str,
        group: Option<&str>,
    ) -> Result<Reply, Refusal> {
        self.group_exists(subscription, group)?;
        let here = |cluster: &&Cluster| cluster.place.is_in(subscription, group);
        let clusters: Vec<&Cluster> = self.clusters.iter().filter(here).collect();
        Ok(self.list(call, &clusters, |cluster| cluster.body()))
    }

    pub(super) fn put_cluster(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let found = self.find(place).and_then(|index| self.clusters.get(index));
        let body = call.body("ManagedCluster", &found.map(Cluster::body).unwrap_or_default())?;
        call.conditions(found.is_some(), found.map(|cluster| text(&cluster.outer, "eTag")))?;
        let Some(cluster) = found else { return self.create_cluster(call, place, body) };
        let place = cluster.place.clone();
        self.cluster_is_idle(&place)?;
        self.judge_cluster_body(cluster, &body)?;
        let sent = properties(&body);
        let merged = cluster.with_plan(&sent);
        let change = self.judge_cluster(&merged, &sent)?;
        self.judge_profiles(cluster, &sent)?;
        cluster.pools.iter().try_for_each(|pool| self.judge_image(pool))?;
        if !change.pools.is_empty() {
            self.allow_disruption(cluster, None)?;
        }
        if cluster.stopped() {
            return Err(Refusal::stopped(if change.moves() { "upgrading" } else { "updating" }));
        }
        let effect = self.change_cluster(&place, &body, &change)?;
        self.add_profiles(&place, &sent)?;
        let index = self.begin(self.cluster_job(&place, &sent, effect)?);
        let reply = Reply::json(200, self.look(&place)?.body());
        Ok(self.announce(call, reply, index, false))
    }

    /// Judges the pools that were sent with the whole cluster.
    fn judge_profiles(&self, cluster: &Cluster, sent: &Object) -> Result<(), Refusal> {
        for profile in profiles(sent) {
            let Some(pool) = cluster.pool(text(profile, "name")) else {
                self.draw_pool(cluster, text(profile, "name"), profile)?;
                continue;
            };
            let mut after = pool.clone();
            overlay(&mut after, profile, &|key| !POOL_READ_ONLY.contains(&key));
            pool_rules::judge(Some(pool), &after, profile)?;
            self.judge_system_pools(cluster, text(pool, "name"), Some(&after))?;
        }
        Ok(())
    }

    /// Writes what a judged PUT asks for into the cluster's body; returns what that comes to.
    fn change_cluster(
        &mut self,
        place: &Place,
        body: &Object,
        change: &ClusterChange,
    ) -> Result<Effect, Refusal> {
        let now = self.now;
        let sent = &properties(body);
        let cluster = self.hold(place)?;
        for (name, _) in &change.pools {
            cluster.note_behind(name, true);
            cluster.leave_snapshot(name, profile(sent, name));
        }
        let nodes = cluster.node_count();
        let channels = cluster.properties.get("autoUpgradeProfile").cloned();
        cluster.merge(body, sent);
        if cluster.properties.get("autoUpgradeProfile") != channels.as_ref() {
            cluster.channel_set = now;
        }
        cluster.move_versions(sent, change);
        cluster.take_up_control_plane();
        cluster.behind_pools().iter().for_each(|name| cluster.take_up_pool(name));
        let resumes = cluster.control_plane_behind || cluster.behind.values().any(|behind| behind.upgrade);
        Ok(match (change.moves() || resumes, cluster.node_count() != nodes) {
            (true, _) => Effect::Upgrades,
            (false, true) => Effect::Scales,
            (false, false) => Effect::Settles,
        })
    }

    /// Makes the pools that a PUT on the cluster names and that are not there yet.
    fn add_profiles(&mut self, place: &Place, sent: &Object) -> Result<(), Refusal> {
        let cluster = self.look(place)?;
        let new = profiles(sent).filter(|profile| cluster.pool(text(profile, "name")).is_none());
        let pools = new.map(|profile| self.draw_pool(cluster, text(profile, "name"), profile));
        let pools = pools.collect::<Result<Vec<_>, _>>()?;
        self.hold(place)?.pools.extend(pools);
        Ok(())
    }

    /// Lays out the operation of a PUT that has been written.
    fn cluster_job(&self, place: &Place, sent: &Object, effect: Effect) -> Result<Job, Refusal> {
        let cluster = self.look(place)?;
        let (state, kind, pools) = match effect {
            Effect::Upgrades => ("Upgrading", Kind::Upgrade, cluster.behind_pools()),
            Effect::Scales => ("Scaling", Kind::Settings, cluster.pool_names()),
            Effect::Settles => ("Updating", Kind::Settings, cluster.pool_names()),
        };
        let work = self.cluster_work(cluster, sent);
        Ok(Job { place: place.clone(), pool: None, state, kind, work, pools, answers_resource: true })
    }

    /// Lays out the work of a PUT: the control plane first, then pools one by one.
    pub(super) fn cluster_work(&self, cluster: &Cluster, sent: &Object) -> Vec<(Work, SignedDuration)> {
        let mut work = vec![];
        if cluster.control_plane_behind {
            work.push((Work::ControlPlane, self.durations.control_plane));
        }
        let order = pool_order(cluster, sent);
        let behind = order
            .iter()
            .filter_map(|name| cluster.behind.get(&name.to_ascii_lowercase()).map(|behind| (name, behind)));
        work.extend(behind.flat_map(|(name, behind)| self.move_nodes(cluster, name, behind.upgrade)));
        if work.is_empty() {
            work.push((Work::Settle, self.durations.settings));
        }
        work
    }

    fn create_cluster(&mut self, call: &Call, place: &Place, mut body: Object) -> Result<Reply, Refusal> {
        self.judge_new_cluster(call, place, &body)?;
        let location = text(&body, "location").to_owned();
        let properties = body.shift_remove("properties").unwrap_or_else(|| json!({}));
        let mut cluster = Cluster::new(self.draw(place, &location, &properties)?);
        let sent = properties.as_object().cloned().unwrap_or_default();
        cluster.merge(&body, &sent);
        for pool in &cluster.pools {
            let sent = profile(&sent, text(pool, "name")).cloned().unwrap_or_default();
            pool_rules::judge_name(text(pool, "name"), text(pool, "osType"))?;
            pool_rules::judge(None, pool, &sent)?;
            self.judge_os(pool, cluster.version())?;
        }
        cluster.show_as_written(properties["kubernetesVersion"].as_str().unwrap_or_default());
        cluster.channel_set = self.now;
        for pool in &mut cluster.pools {
            if let Some(snapshot) = self.snapshot_of(pool)? {
                pool.insert("nodeImageVersion".into(), json!(snapshot.image()));
            }
        }
        let (place, pools) = (cluster.place.clone(), cluster.pool_names());
        self.deleted.retain(|(gone, _)| !gone.is(&place));
        self.clusters.push(cluster);
        let work = vec![(Work::Settle, self.durations.create)];
        let index = self.begin(Job {
            place: place.clone(),
            pool: None,
            state: "Creating",
            kind: Kind::Settings,
            work,
            pools,
            answers_resource: true,
        });
        let reply = Reply::json(201, self.look(&place)?.body());
        Ok(self.announce(call, reply, index, false))
    }

    fn draw(&self, place: &Place, location: &str, properties: &Value) -> Result<InitialCluster, Refusal> {
        let wanted = properties["kubernetesVersion"].as_str().unwrap_or_default();
        let default = self
            .catalogue
            .default_minor(self.now)
            .and_then(|minor| self.catalogue.newest_patch(minor, self.now));
        let version = match (wanted.parse(), default) {
            (Ok(wish), Some(default)) => self.catalogue.resolve(wish, default, self.now),
            _ => None,
        };
        if wanted.parse::<Wish>().is_err() {
            return Err(Refusal::no_version("orchestratorProfile.OrchestratorVersion"));
        }
        let version = version.ok_or_else(|| Refusal::unsupported(&place.name, wanted))?;
        let long_term = properties["supportPlan"] == "AKSLongTermSupport";
        self.judge_new_version(&place.name, version, long_term)?;
        let named = |profile: &Value| profile["name"].as_str().unwrap_or_default().to_owned();
        let pools: Vec<String> = properties["agentPoolProfiles"]
            .as_array()
            .map(|pools| pools.iter().map(named).collect())
            .unwrap_or_default();
        let Place { subscription, group, name } = place;
        let seed = ClusterSeed::plain(subscription, group, name, location, &version.to_string(), &pools);
        seed.draw(&self.catalogue, self.now).map_err(|why| Refusal::invalid("agentPoolProfiles", why))
    }

    pub(super) fn patch_cluster(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let body = call.body("TagsObject", &Value::Null)?;
        call.conditions(true, Some(text(&cluster.outer, "eTag")))?;
        self.cluster_is_idle(place)?;
        let cluster = self.hold(place)?;
        if let Some(tags) = body.get("tags") {
            cluster.outer.insert("tags".into(), tags.clone());
        }
        let (place, pools) = (cluster.place.clone(), cluster.pool_names());
        let work = vec![(Work::Settle, self.durations.settings)];
        let index = self.begin(Job {
            place: place.clone(),
            pool: None,
            state: "Updating",
            kind: Kind::Settings,
            work,
            pools,
            answers_resource: true,
        });
        let reply = Reply::json(200, self.look(&place)?.body());
        Ok(self.announce(call, reply, index, true))
    }

    pub(super) fn delete_cluster(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let Some(cluster) = self.find(place).and_then(|index| self.clusters.get(index)) else {
            return Ok(Reply::empty(204));
        };
        call.conditions(true, Some(text(&cluster.outer, "eTag")))?;
        let (place, pools) = (cluster.place.clone(), cluster.pool_names());
        self.preempt(&place);
        let work = vec![(Work::DeleteCluster, self.durations.delete)];
        let index = self.begin(Job {
            place,
            pool: None,
            state: "Deleting",
            kind: Kind::Settings,
            work,
            pools,
            answers_resource: false,
        });
        Ok(self.announce(call, Reply::empty(202), index, true))
    }

    pub(super) fn act_on_cluster(
        &mut self,
        call: &Call,
        place: &Place,
        action: &str,
    ) -> Result<Reply, Refusal> {
        match action {
            "abort" => self.abort(call, place, None),
            "start" => self.switch(call, place, true),
            "stop" => self.switch(call, place, false),
            "generateupgradeinsights" => self.generate_insight(call, place),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    fn switch(&mut self, call: &Call, place: &Place, on: bool) -> Result<Reply, Refusal> {
        self.cluster_is_idle(place)?;
        let cluster = self.look(place)?;
        match (on, cluster.stopped()) {
            (true, false) => return Err(Refusal::not_stopped(cluster.state(), "Running")),
            (false, true) => return Err(Refusal::stopped("stopping")),
            _ => {}
        }
        let (place, pools) = (cluster.place.clone(), cluster.pool_names());
        let state = if on { "Starting" } else { "Stopping" };
        let work = vec![(Work::Power { running: on }, self.durations.power)];
        let index = self.begin(Job {
            place,
            pool: None,
            state,
            kind: Kind::Settings,
            work,
            pools,
            answers_resource: false,
        });
        Ok(self.announce(call, Reply::empty(202), index, true))
    }
}

impl Cluster {
    /// Takes over what is sent of the cluster itself.
    pub(super) fn take_over(&mut self, body: &Object, sent: &Object) {
        overlay(&mut self.outer, body, &|key| !FIXED.contains(&key) && key != "properties");
        overlay(&mut self.properties, sent, &|key| !READ_ONLY.contains(&key));
    }

    /// Replaces what is sent and keeps what is not; unknown fields are kept too.
    fn merge(&mut self, body: &Object, sent: &Object) {
        self.take_over(body, sent);
        self.hold_nodes_channel();
        let profiles = sent.get("agentPoolProfiles").and_then(Value::as_array).into_iter().flatten();
        for profile in profiles.filter_map(Value::as_object) {
            if let Some(pool) = self.pool_mut(text(profile, "name")) {
                overlay(pool, profile, &|key| !POOL_READ_ONLY.contains(&key));
                leave_out_empty(pool);
            }
        }
        leave_out_empty(&mut self.properties);
        leave_out_empty(&mut self.outer);
    }

    /// Holds the nodes' channel on `NodeImage` under the channel `node-image` (docs: auto-upgrade-cluster).
    fn hold_nodes_channel(&mut self) {
        if self.channel("upgradeChannel") == Some("node-image") {
            self.properties["autoUpgradeProfile"]["nodeOSUpgradeChannel"] = json!("NodeImage");
        }
    }

    /// Shows a new cluster's version as it was written; the minor alone, when nothing was.
    fn show_as_written(&mut self, written: &str) {
        let version = self.version();
        let alias = format!("1.{}", version.minor);
        let shown = if written.is_empty() { &alias } else { written };
        self.show_version(version, shown);
        for name in self.pool_names() {
            self.show_pool_version(&name, version, shown);
        }
    }

    fn node_count(&self) -> u32 {
        self.pools.iter().map(nodes).sum()
    }

    /// Returns the cluster with the support plan of the request, by which its version is judged:
    /// switching the plan and upgrading in one PUT is allowed.
    fn with_plan(&self, sent: &Object) -> Self {
        let mut cluster = self.clone();
        overlay(&mut cluster.properties, sent, &|key| key == "supportPlan" || key == "autoUpgradeProfile");
        cluster
    }

    fn move_versions(&mut self, sent: &Object, change: &ClusterChange) {
        let written = text(sent, "kubernetesVersion").to_owned();
        match change.control_plane {
            Some(version) => {
                self.control_plane_behind = true;
                self.show_version(version, &written);
            }
            // An empty one leaves what was asked for (recorded since 2024-04; before, it was resolved).
            None if !written.is_empty() => {
                self.control_plane_behind &= self.is_shown();
                self.show_version(self.version(), &written);
            }
            None => {}
        }
        for (name, version) in &change.pools {
            self.show_pool_version(name, *version, "");
        }
        let moves = |name: &str| change.pools.iter().any(|(moving, _)| moving.eq_ignore_ascii_case(name));
        let stays = profiles(sent).filter(|profile| !moves(text(profile, "name")));
        for profile in stays.filter(|profile| !text(profile, "orchestratorVersion").is_empty()) {
            self.hold_pool(text(profile, "name"), text(profile, "orchestratorVersion"));
        }
    }

    fn behind_pools(&self) -> Vec<String> {
        self.pool_names()
            .into_iter()
            .filter(|name| self.behind.contains_key(&name.to_ascii_lowercase()))
            .collect()
    }
}

/// Returns the properties of a body.
fn properties(body: &Object) -> Object {
    body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Returns what was sent for a pool, with the whole cluster.
fn profile<'a>(sent: &'a Object, name: &str) -> Option<&'a Object> {
    profiles(sent).find(|profile| text(profile, "name").eq_ignore_ascii_case(name))
}

impl ClusterChange {
    fn moves(&self) -> bool {
        self.control_plane.is_some() || !self.pools.is_empty()
    }
}

/// Writes what is sent over what is there: null and "" mean "as it is", and so does a missing field,
/// in an object too; maps of the caller's own words are replaced as a whole.
pub(super) fn overlay(onto: &mut Object, sent: &Object, takes: &dyn Fn(&str) -> bool) {
    let says_nothing = |value: &Value| value.is_null() || value == "";
    let fields = sent.iter().filter(|(key, value)| takes(key) && !says_nothing(value));
    for (key, value) in fields.filter(|(key, _)| !SECRETS.contains(&key.as_str())) {
        match (onto.get_mut(key), value) {
            (Some(Value::Object(own)), Value::Object(sent)) if !MAPS.contains(&key.as_str()) => {
                overlay(own, sent, &|_| true);
            }
            (_, Value::Object(sent)) if !MAPS.contains(&key.as_str()) => {
                let mut own = Object::new();
                overlay(&mut own, sent, &|_| true);
                onto.insert(key.clone(), Value::Object(own));
            }
            _ => {
                onto.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Maps of the caller's own words.
const MAPS: [&str; 4] = ["tags", "nodeLabels", "config", "userAssignedIdentities"];

/// What Azure takes and never shows.
const SECRETS: [&str; 2] = ["secret", "adminPassword"];

/// Leaves out what Azure does not show when it holds nothing, and the price of nodes that are not spot.
pub(super) fn leave_out_empty(object: &mut Object) {
    let empty = |value: &Value| match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    let spot = text(object, "scaleSetPriority") == "Spot";
    let price = ["scaleSetPriority", "scaleSetEvictionPolicy", "spotMaxPrice"];
    let listed =
        ["nodeTaints", "nodeInitializationTaints", "addonProfiles", "identityProfile", "tags", "nodeLabels"];
    object.retain(|key, value| {
        !(listed.contains(&key.as_str()) && empty(value)) && (spot || !price.contains(&key.as_str()))
    });
}

fn pool_order(cluster: &Cluster, sent: &Object) -> Vec<String> {
    let profiles = sent.get("agentPoolProfiles").and_then(Value::as_array).into_iter().flatten();
    let mut order: Vec<String> =
        profiles.filter_map(|profile| profile["name"].as_str().map(str::to_owned)).collect();
    let rest = cluster
        .pool_names()
        .into_iter()
        .filter(|name| !order.iter().any(|sent| sent.eq_ignore_ascii_case(name)));
    order.extend(rest.collect::<Vec<_>>());
    order
}
