//! A PUT on a cluster that is not there.

use serde_json::{Value, json};

use crate::simulator::catalogue::default_sku;
use crate::simulator::outcome::Kind;
use crate::simulator::scenario::{ClusterSeed, InitialCluster};
use crate::simulator::version::Wish;
use crate::simulator::world::body::profile;
use crate::simulator::world::cluster::{Cluster, Object, pool_version, text};
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
            if text(pool, "osType") == "Windows" && !text(pool, "osSKU").starts_with("Windows") {
                pool.insert("osSKU".into(), json!(default_sku("Windows", pool_version(pool).minor)));
            }
            pool.insert("nodeImageVersion".into(), json!(self.new_image(pool)?));
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
}

impl Cluster {
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
}
