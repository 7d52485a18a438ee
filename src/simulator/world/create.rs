//! A PUT on a cluster that is not there.

use serde_json::{Value, json};

use crate::simulator::outcome::Kind;
use crate::simulator::scenario::{ClusterSeed, InitialCluster};
use crate::simulator::version::Wish;
use crate::simulator::world::cluster::{Cluster, Object, profiles, text};
use crate::simulator::world::operation::Work;
use crate::simulator::world::operations::Job;
use crate::simulator::world::pool_rules;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn create_cluster(
        &mut self,
        call: &Call,
        place: &Place,
        mut body: Object,
    ) -> Result<Reply, Refusal> {
        self.judge_new_cluster(call, place, &body)?;
        let location = text(&body, "location").to_owned();
        let properties = body.shift_remove("properties").unwrap_or_else(|| json!({}));
        let mut cluster = Cluster::new(self.draw(place, &location, &properties)?);
        let sent = properties.as_object().cloned().unwrap_or_default();
        cluster.pools.clear();
        cluster.merge(&body, &sent);
        cluster.show_as_written(text(&sent, "kubernetesVersion"));
        cluster.channel_set = self.now;
        pool_rules::judge_names(&sent)?;
        let pools = profiles(&sent).map(|profile| self.draw_pool(&cluster, text(profile, "name"), profile));
        let pools = pools.collect::<Result<Vec<_>, _>>()?;
        pool_rules::judge_system_pools(&[], &pools)?;
        self.judge_growth(&cluster, &pools)?;
        cluster.pools = pools;
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
        let Place { subscription, group, name } = place;
        let seed = ClusterSeed::plain(subscription, group, name, location, &version.to_string());
        seed.draw(&self.catalogue, self.now).map_err(|why| Refusal::invalid("agentPoolProfiles", why))
    }
}

impl Cluster {
    /// Shows a new cluster's version as it was written; the minor alone, when nothing was.
    fn show_as_written(&mut self, written: &str) {
        let version = self.version();
        let alias = format!("1.{}", version.minor);
        let shown = if written.is_empty() { &alias } else { written };
        self.show_version(version, shown);
    }
}
