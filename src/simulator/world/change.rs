//! A PUT on a cluster that is there: judged, written, and begun.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::simulator::outcome::Kind;
use crate::simulator::world::body::{POOL_READ_ONLY, overlay, profile, properties};
use crate::simulator::world::cluster::{Cluster, Object, nodes, profiles, text};
use crate::simulator::world::operation::Work;
use crate::simulator::world::operations::Job;
use crate::simulator::world::pool_rules;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::upgrade::ClusterChange;
use crate::simulator::world::{Call, World};

/// What a PUT on a cluster comes to.
enum Effect {
    /// A version moves, or an upgrade that was not finished goes on.
    Upgrades,
    /// A pool has more or fewer nodes.
    Scales,
    /// Neither.
    Settles,
}

/// Puts the eTags of before into the answer to a PUT of a cluster (recorded; a PUT of a pool answers with the new one).
fn with_etags_of(before: &Cluster, mut body: Value) -> Value {
    body["eTag"] = json!(text(&before.outer, "eTag"));
    for pool in body["properties"]["agentPoolProfiles"].as_array_mut().into_iter().flatten() {
        if let Some(own) = before.pool(pool["name"].as_str().unwrap_or_default()) {
            pool["eTag"] = json!(text(own, "eTag"));
        }
    }
    body
}

impl World {
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
        self.judge_profiles(cluster, &sent, &change)?;
        cluster.pools.iter().try_for_each(|pool| self.judge_image(pool))?;
        if !change.pools.is_empty() {
            self.allow_disruption(call, &merged, None)?;
        }
        if cluster.stopped() {
            return Err(Refusal::stopped(if change.moves() { "upgrading" } else { "updating" }));
        }
        let before = cluster.clone();
        let effect = self.change_cluster(&place, &body, &change)?;
        self.add_profiles(&place, &sent)?;
        let index = self.begin(self.cluster_job(&place, &sent, effect)?);
        let reply = Reply::json(200, with_etags_of(&before, self.look(&place)?.body()));
        Ok(self.announce(call, reply, index, false))
    }

    /// Judges the pools that were sent with the whole cluster; those that it has not are made (general knowledge).
    fn judge_profiles(
        &self,
        cluster: &Cluster,
        sent: &Object,
        change: &ClusterChange,
    ) -> Result<(), Refusal> {
        pool_rules::judge_names(sent)?;
        let mut all = cluster.pools.clone();
        for profile in profiles(sent) {
            let name = text(profile, "name");
            match (
                cluster.pool(name),
                all.iter_mut().find(|pool| text(pool, "name").eq_ignore_ascii_case(name)),
            ) {
                (Some(before), Some(after)) => {
                    overlay(after, profile, &|key| !POOL_READ_ONLY.contains(&key));
                    pool_rules::judge(Some(before), after, profile)?;
                }
                _ => all.push(self.draw_pool(cluster, name, profile)?),
            }
        }
        pool_rules::judge_system_pools(&cluster.pools, &all)?;
        let moves = |pool: &&Object| {
            change.pools.iter().any(|(name, _)| name.eq_ignore_ascii_case(text(pool, "name")))
        };
        all.iter().filter(moves).try_for_each(pool_rules::judge_surge)?;
        self.judge_growth(cluster, &all)
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
}

impl Cluster {
    fn node_count(&self) -> u32 {
        self.pools.iter().map(nodes).sum()
    }

    /// Returns the cluster with what of the request its upgrade is judged by: switching the plan and upgrading
    /// in one PUT is allowed.
    fn with_plan(&self, sent: &Object) -> Self {
        let mut cluster = self.clone();
        overlay(&mut cluster.properties, sent, &|key| AT_ONCE.contains(&key));
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

/// What of a request counts for the upgrade that it asks for.
const AT_ONCE: [&str; 3] = ["supportPlan", "autoUpgradeProfile", "upgradeSettings"];

impl ClusterChange {
    fn moves(&self) -> bool {
        self.control_plane.is_some() || !self.pools.is_empty()
    }
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
