//! The Fleets that a scenario begins with.

use serde_json::{Value, json};

use crate::simulator::scenario::{self, Approval, Begun, FleetRun, FleetStage, FleetStrategy};
use crate::simulator::world::World;
use crate::simulator::world::cluster::{Cluster, Object};
use crate::simulator::world::fleet::run::State;
use crate::simulator::world::fleet::{Fleet, Kind, Resource};
use crate::simulator::world::route::Place;

impl World {
    /// Sets up a Fleet; one without a place, because it has no members, lies nowhere.
    pub(in crate::simulator::world) fn set_fleet(&mut self, given: scenario::Fleet) {
        let named = |name: &str| self.clusters.iter().find(|cluster| cluster.place.name == *name);
        let first = given.member.first().and_then(|member| named(&member.cluster));
        let Some(place) = place(&given, first) else { return };
        let location = given.location.clone().or_else(|| first.map(|first| first.location().to_owned()));
        let members: Vec<(Option<Place>, String, Option<String>)> = given
            .member
            .iter()
            .map(|member| {
                let cluster = named(&member.cluster).map(|cluster| cluster.place.clone());
                let name = member.name.clone().unwrap_or_else(|| member.cluster.clone());
                (cluster, name, member.group.clone())
            })
            .collect();
        let stamp = self.stamp_now();
        let mut fleet = Fleet::new(place, stamp);
        fleet.resource.outer.insert("location".into(), json!(location));
        fleet.resource.show_state("Succeeded", stamp);
        for (cluster, name, group) in members {
            let mut properties = Object::new();
            properties
                .insert("clusterResourceId".into(), json!(cluster.map(|place| place.id("managedClusters"))));
            if let Some(group) = group {
                properties.insert("group".into(), json!(group));
            }
            properties.insert("provisioningState".into(), json!("Succeeded"));
            fleet.members.push(Resource::new(&name, properties, self.stamp_now()));
        }
        for strategy in &given.strategy {
            let mut properties = Object::new();
            properties.insert("provisioningState".into(), json!("Succeeded"));
            properties.insert("strategy".into(), stages(strategy));
            fleet.strategies.push(Resource::new(&strategy.name, properties, self.stamp_now()));
        }
        for run in &given.run {
            let stamp = self.stamp_now();
            // The scenario has been checked: it has members, and what it names is there.
            let Ok(mut laid) = fleet.lay_out(&run.name, update(&fleet, run), stamp) else { continue };
            match run.state {
                Begun::NotStarted => {}
                Begun::Running => laid.asked_to_start = true,
                Begun::Stopped => laid.end_all(State::Stopped, stamp.at),
                Begun::Failed => laid.end_all(State::Failed, stamp.at),
                Begun::Completed => laid.end_all(State::Completed, stamp.at),
            }
            fleet.runs.push(laid);
        }
        self.fleets.all.push(fleet);
    }
}

fn place(given: &scenario::Fleet, first: Option<&Cluster>) -> Option<Place> {
    let beside = first.map(|cluster| &cluster.place);
    let subscription =
        given.subscription.clone().or_else(|| beside.map(|place| place.subscription.clone()))?;
    let group = given.resource_group.clone().or_else(|| beside.map(|place| place.group.clone()))?;
    Some(Place { subscription, group, name: given.name.clone() })
}

fn stages(strategy: &FleetStrategy) -> Value {
    let stages: Vec<Value> = strategy.stage.iter().map(stage).collect();
    json!({ "stages": stages })
}

fn stage(stage: &FleetStage) -> Value {
    let group = |name: &String| {
        let mut group = json!({ "name": name });
        if let Some(most) = &stage.max_concurrency {
            group["maxConcurrency"] = json!(most);
        }
        group
    };
    let groups: Vec<Value> = stage.groups.iter().map(group).collect();
    let wait = stage.wait_after.map_or(0, |wait| wait.as_secs());
    let mut shown = json!({ "name": stage.name, "groups": groups, "afterStageWaitInSeconds": wait });
    let gate = json!([{ "displayName": format!("approval of {}", stage.name), "type": "Approval" }]);
    match stage.approval {
        Some(Approval::Before) => shown["beforeGates"] = gate,
        Some(Approval::After) => shown["afterGates"] = gate,
        None => {}
    }
    shown
}

fn update(fleet: &Fleet, run: &FleetRun) -> Object {
    let mut upgrade = json!({ "type": run.upgrade });
    if let Some(version) = &run.version {
        upgrade["kubernetesVersion"] = json!(version);
    }
    let mut sent = Object::new();
    let update = json!({ "upgrade": upgrade, "nodeImageSelection": { "type": run.images } });
    sent.insert("managedClusterUpdate".into(), update);
    if let Some(strategy) = &run.strategy {
        sent.insert("updateStrategyId".into(), json!(fleet.id_of(Kind::Strategy, strategy)));
    }
    sent
}
