//! Update strategies: kept, and judged as far as they can be without members.

use serde_json::{Value, json};

use crate::simulator::world::cluster::Object;
use crate::simulator::world::fleet::run::Limit;
use crate::simulator::world::fleet::{Kind, Part, Resource, judge_name};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn ask_strategies(
        &mut self,
        call: &Call,
        place: &Place,
        part: &Part,
    ) -> Result<Reply, Refusal> {
        let stamp = self.stamp_now();
        match (call.method.as_str(), part) {
            ("GET", Part::List(_)) => {
                let fleet = self.hold_fleet(place)?.clone();
                Ok(self.list(call, &fleet.strategies, |strategy| fleet.body_of(Kind::Strategy, strategy)))
            }
            ("GET", Part::One(kind, name)) => {
                let fleet = self.hold_fleet(place)?;
                let found = fleet.strategies.iter().find(|strategy| strategy.is(name));
                let missing = || Refusal::no_fleet_resource(&fleet.id_of(*kind, name), stamp.serial);
                Ok(Reply::json(200, fleet.body_of(*kind, found.ok_or_else(missing)?)))
            }
            ("PUT", Part::One(kind, name)) => {
                let mut strategy = call
                    .fleet_body("FleetUpdateStrategy")?
                    .get("properties")
                    .map(|sent| sent["strategy"].clone());
                let strategy = strategy.get_or_insert(Value::Null);
                judge_name("updateStrategyName", name, 50)?;
                judge(strategy)?;
                let fleet = self.hold_fleet(place)?;
                let properties = Object::from_iter([
                    ("provisioningState".to_owned(), json!("Succeeded")),
                    ("strategy".to_owned(), strategy.clone()),
                ]);
                let status = put(call, &mut fleet.strategies, Resource::new(name, properties, stamp))?;
                let found = fleet.strategies.iter().find(|strategy| strategy.is(name));
                Ok(Reply::json(status, found.map(|found| fleet.body_of(*kind, found)).unwrap_or_default()))
            }
            ("DELETE", Part::One(_, name)) => {
                let kept = &mut self.hold_fleet(place)?.strategies;
                let found = kept.iter().find(|strategy| strategy.is(name));
                call.conditions(found.is_some(), found.map(|strategy| strategy.etag.trim_matches('"')))?;
                let before = kept.len();
                kept.retain(|strategy| !strategy.is(name));
                Ok(Reply::empty(if kept.len() < before { 200 } else { 204 }))
            }
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }
}

/// Puts a resource in the place of the one of its name; 201 when there was none.
pub(super) fn put(call: &Call, kept: &mut Vec<Resource>, new: Resource) -> Result<u16, Refusal> {
    let old = kept.iter_mut().find(|old| old.is(&new.name));
    call.conditions(old.is_some(), old.as_ref().map(|old| old.etag.trim_matches('"')))?;
    match old {
        Some(old) => {
            let created = old.created;
            *old = Resource { created, ..new };
            Ok(200)
        }
        None => {
            kept.push(new);
            Ok(201)
        }
    }
}

/// Judges a strategy and fills in what Azure fills in. Limits: OpenAPI description, docs
/// concepts-update-orchestration; the texts are ours.
pub(super) fn judge(strategy: &mut Value) -> Result<(), Refusal> {
    let stages = strategy["stages"].as_array_mut().filter(|stages| !stages.is_empty());
    let stages = stages.ok_or_else(|| wrong("strategy.stages", "there must be at least one stage."))?;
    let mut empty = false;
    let mut names = vec![];
    let mut groups = vec![];
    for stage in stages {
        let name = name_of("strategy.stages.name", stage)?;
        if names.contains(&name) {
            return Err(wrong("strategy.stages", &format!("there are two stages '{name}'.")));
        }
        names.push(name);
        judge_limit(stage)?;
        judge_gates(stage)?;
        if stage["afterStageWaitInSeconds"].as_i64().is_some_and(|seconds| seconds < 0) {
            return Err(wrong("strategy.stages.afterStageWaitInSeconds", "it cannot be below zero."));
        }
        let inside = stage["groups"].as_array().map(Vec::as_slice).unwrap_or_default();
        empty |= inside.is_empty();
        if inside.len() > MOST_GROUPS {
            return Err(wrong("strategy.stages.groups", "a stage has at most 50 groups."));
        }
        for group in inside {
            let name = name_of("strategy.stages.groups.name", group)?;
            if groups.contains(&name) {
                return Err(wrong("strategy.stages.groups", &format!("the group '{name}' appears twice.")));
            }
            groups.push(name);
            judge_limit(group)?;
            judge_gates(group)?;
        }
        if let Some(stage) = stage.as_object_mut() {
            stage.entry("afterStageWaitInSeconds").or_insert(json!(0));
        }
    }
    if empty {
        return Err(wrong("strategy.stages.groups", "a stage has at least one group."));
    }
    Ok(())
}

fn judge_limit(owner: &Value) -> Result<(), Refusal> {
    match owner.get("maxConcurrency") {
        Some(limit) if limit.as_str().and_then(Limit::parse).is_none() => Err(wrong(
            "strategy.stages.maxConcurrency",
            "it is a number from 1 on or a share from 1% to 100%.",
        )),
        _ => Ok(()),
    }
}

/// Refuses a gate whose name is empty: the schema asks for a character.
fn judge_gates(owner: &Value) -> Result<(), Refusal> {
    let gates = ["beforeGates", "afterGates"].into_iter().filter_map(|list| owner[list].as_array());
    match gates.flatten().any(|gate| gate["displayName"] == "") {
        true => Err(wrong("strategy.stages.gates.displayName", "it must have between 1 and 100 characters.")),
        false => Ok(()),
    }
}

fn name_of(field: &str, owner: &Value) -> Result<String, Refusal> {
    let name = owner["name"].as_str().unwrap_or_default();
    judge_name(field, name, 50).map(|()| name.to_owned())
}

fn wrong(field: &str, why: &str) -> Refusal {
    Refusal::fleet_invalid(field, why)
}

const MOST_GROUPS: usize = 50;
