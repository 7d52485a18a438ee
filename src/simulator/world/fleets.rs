//! Fleets and their update runs, to be read only.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::reply::Reply;
use super::route::Place;
use super::{Call, World};
use crate::simulator::scenario::Fleet;

impl World {
    pub(super) fn list_fleets(&self, call: &Call, subscription: &str) -> Reply {
        let here = |(_, place): &(&Fleet, Place)| place.is_in(subscription, None);
        let fleets: Vec<_> = self.placed_fleets().filter(here).collect();
        self.list(call, &fleets, |(_, place)| fleet(place))
    }

    pub(super) fn list_update_runs(&self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let found = self.placed_fleets().find(|(_, other)| other.is(place));
        let (fleet, place) = found.ok_or_else(|| Refusal::no_resource("fleets", place))?;
        Ok(self.list(call, &[fleet], |fleet| self.update_run(fleet, &place)))
    }

    /// Returns the Fleets with their places, which are those of their first clusters.
    fn placed_fleets(&self) -> impl Iterator<Item = (&Fleet, Place)> {
        self.fleets.iter().filter_map(|fleet| {
            let first = self.clusters.iter().find(|cluster| fleet.clusters.contains(&cluster.place.name))?;
            Some((fleet, Place { name: fleet.name.clone(), ..first.place.clone() }))
        })
    }

    fn update_run(&self, fleet: &Fleet, place: &Place) -> Value {
        let status = json!({ "state": fleet.state });
        let on_list = self.clusters.iter().filter(|cluster| fleet.clusters.contains(&cluster.place.name));
        let members: Vec<Value> = on_list
            .map(|cluster| {
                json!({ "name": cluster.place.name, "clusterResourceId": cluster.place.id("managedClusters"), "status": status })
            })
            .collect();
        let group = json!({ "name": "default", "status": status, "members": members });
        json!({
            "id": format!("{}/updateRuns/{}", place.id("fleets"), fleet.run),
            "name": fleet.run,
            "type": "Microsoft.ContainerService/fleets/updateRuns",
            "eTag": "\"0\"",
            "properties": {
                "provisioningState": "Succeeded",
                "managedClusterUpdate": { "upgrade": { "type": "NodeImageOnly" } },
                "status": {
                    "status": status,
                    "stages": [{ "name": "default", "status": status, "groups": [group] }],
                },
            },
        })
    }
}

fn fleet(place: &Place) -> Value {
    json!({
        "id": place.id("fleets"),
        "name": place.name,
        "type": "Microsoft.ContainerService/fleets",
        "location": "westeurope",
        "eTag": "\"0\"",
        "properties": { "provisioningState": "Succeeded" },
    })
}
