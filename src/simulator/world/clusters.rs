//! Clusters: read, list, tag, delete, start, stop.

use serde_json::Value;

use crate::simulator::outcome::Kind;
use crate::simulator::world::cluster::{Cluster, text};
use crate::simulator::world::operation::Work;
use crate::simulator::world::operations::Job;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

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

    pub(super) fn patch_cluster(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let body = call.body("TagsObject", &Value::Null)?;
        call.conditions(true, Some(text(&cluster.outer, "eTag")))?;
        self.cluster_is_idle(place)?;
        // Docs: start-stop-cluster.
        if cluster.stopped() {
            return Err(Refusal::stopped("updating"));
        }
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
