//! Update runs as resources: created, started, stopped, skipped in, deleted.

use serde_json::{Value, json};

use crate::simulator::version::Wish;
use crate::simulator::world::cluster::{Object, text};
use crate::simulator::world::fleet::resource::Stamp;
use crate::simulator::world::fleet::run::{Run, Stage, State};
use crate::simulator::world::fleet::strategies::judge;
use crate::simulator::world::fleet::{Fleet, Kind, Part, Resource, judge_name};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn ask_runs(&mut self, call: &Call, place: &Place, part: &Part) -> Result<Reply, Refusal> {
        match (call.method.as_str(), part) {
            ("GET", Part::List(_)) => {
                let fleet = self.hold_fleet(place)?.clone();
                Ok(self.list(call, &fleet.runs, |run| fleet.run_body(run)))
            }
            ("GET", Part::One(_, name)) => self.with_run(place, name, |_, _| Ok(())),
            ("PUT", Part::One(_, name)) => self.put_run(call, place, name),
            ("DELETE", Part::One(_, name)) => {
                let kept = &mut self.hold_fleet(place)?.runs;
                let found = kept.iter().find(|run| run.resource.is(name));
                call.conditions(found.is_some(), found.map(|run| run.resource.etag.trim_matches('"')))?;
                let before = kept.len();
                kept.retain(|run| !run.resource.is(name));
                Ok(Reply::empty(if kept.len() < before { 200 } else { 204 }))
            }
            ("POST", Part::Act(_, name, action)) => self.act_on_run(call, place, name, action),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    fn put_run(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let body = call.fleet_body("UpdateRun")?;
        let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let stamp = self.stamp_now();
        let fleet = self.hold_fleet(place)?;
        let old = fleet.runs.iter().position(|run| run.resource.is(name));
        let found = old.and_then(|old| fleet.runs.get(old));
        call.conditions(found.is_some(), found.map(|run| run.resource.etag.trim_matches('"')))?;
        if found.is_some_and(|run| run.status.state != State::NotStarted || run.asked_to_start) {
            return Err(Refusal::fleet_conflict(format!(
                "The update run '{name}' has been started and cannot be changed any more."
            )));
        }
        judge_name("updateRunName", name, 50)?;
        let mut run = fleet.lay_out(name, sent, stamp)?;
        match old.and_then(|old| fleet.runs.get_mut(old)) {
            Some(old) => {
                run.resource.created = old.resource.created;
                *old = run;
            }
            None => fleet.runs.push(run),
        }
        let reply = self.with_run(place, name, |_, _| Ok(()))?;
        Ok(Reply { status: if old.is_some() { 200 } else { 201 }, ..reply })
    }

    fn act_on_run(&mut self, call: &Call, place: &Place, name: &str, action: &str) -> Result<Reply, Refusal> {
        let etag = |run: &Run| run.resource.etag.trim_matches('"').to_owned();
        match action {
            // The answer shows the run as it was; Fleet starts it a moment later (recorded).
            "start" => self.with_run(place, name, |run, _| {
                call.conditions(true, Some(&etag(run)))?;
                if !matches!(run.status.state, State::NotStarted | State::Stopped | State::Failed) {
                    return Err(wrong_state("started", run));
                }
                run.asked_to_start = true;
                Ok(())
            }),
            "stop" => self.with_run(place, name, |run, stamp| {
                call.conditions(true, Some(&etag(run)))?;
                if !matches!(run.status.state, State::Running | State::Pending | State::Skipped) {
                    return Err(wrong_state("stopped", run));
                }
                run.status.go_on(State::Stopping, stamp.at);
                run.resource.etag = crate::simulator::world::fleet::resource::etag(stamp);
                Ok(())
            }),
            "skip" => {
                let body = call.fleet_body("SkipProperties")?;
                let targets = body.get("targets").and_then(Value::as_array).cloned().unwrap_or_default();
                self.with_run(place, name, |run, stamp| {
                    call.conditions(true, Some(&etag(run)))?;
                    skip(run, &targets, stamp)
                })
            }
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    /// Does something to a run, and answers with its body.
    fn with_run(
        &mut self,
        place: &Place,
        name: &str,
        act: impl FnOnce(&mut Run, Stamp) -> Result<(), Refusal>,
    ) -> Result<Reply, Refusal> {
        let stamp = self.stamp_now();
        let fleet = self.hold_fleet(place)?;
        let id = fleet.id_of(Kind::Run, name);
        let run = fleet.runs.iter_mut().find(|run| run.resource.is(name));
        let run = run.ok_or_else(|| Refusal::no_fleet_resource(&id, stamp.serial))?;
        // What is refused changes nothing.
        let mut changed = run.clone();
        act(&mut changed, stamp)?;
        *run = changed;
        let run = run.clone();
        Ok(Reply::json(200, fleet.run_body(&run)))
    }
}

impl Fleet {
    pub(super) fn run_body(&self, run: &Run) -> Value {
        let mut shown = run.resource.clone();
        shown.properties.insert("status".into(), run.json(&self.place.id("fleets")));
        self.body_of(Kind::Run, &shown)
    }

    /// Lays a run out over the members that there are now.
    pub(super) fn lay_out(&self, name: &str, mut sent: Object, stamp: Stamp) -> Result<Run, Refusal> {
        judge_update(sent.get("managedClusterUpdate").unwrap_or(&Value::Null))?;
        if self.members.is_empty() {
            return Err(Refusal::empty_fleet(&self.id_of(Kind::Run, name), stamp.serial));
        }
        let reference = Some(text(&sent, "updateStrategyId").to_owned()).filter(|id| !id.is_empty());
        match (sent.get_mut("strategy").filter(|given| !given.is_null()), reference) {
            (Some(_), Some(_)) => {
                let why = "it cannot be given together with strategy.";
                return Err(Refusal::fleet_invalid("updateStrategyId", why));
            }
            (None, Some(id)) => {
                let found = self
                    .strategies
                    .iter()
                    .find(|strategy| self.id_of(Kind::Strategy, &strategy.name).eq_ignore_ascii_case(&id));
                let found = found.ok_or_else(|| Refusal::no_fleet_resource(&id, stamp.serial))?;
                let strategy = found.properties.get("strategy").cloned().unwrap_or_default();
                sent.insert("strategy".into(), strategy);
            }
            (Some(strategy), None) => judge(strategy)?,
            (None, None) => {}
        }
        let members = self.laid_out();
        let stages = match sent.get("strategy").filter(|given| !given.is_null()) {
            Some(strategy) => Stage::of_strategy(strategy, &members),
            None => Stage::one_by_one(&members),
        };
        sent.retain(|key, value| WRITTEN.contains(&key.as_str()) && !value.is_null());
        sent.insert("provisioningState".into(), json!("Succeeded"));
        Ok(Run::new(Resource::new(name, sent, stamp), stages))
    }
}

/// What of a run somebody writes, or an auto-upgrade profile.
const WRITTEN: [&str; 4] = ["updateStrategyId", "strategy", "managedClusterUpdate", "autoUpgradeProfileId"];

/// Judges what a run is to do; the texts are ours.
fn judge_update(update: &Value) -> Result<(), Refusal> {
    let wrong =
        |field: &str, why: &str| Err(Refusal::fleet_invalid(&format!("managedClusterUpdate.{field}"), why));
    let version = update["upgrade"]["kubernetesVersion"].as_str().unwrap_or_default();
    match update["upgrade"]["type"].as_str() {
        Some("Full" | "ControlPlaneOnly") if version.is_empty() => {
            return wrong("upgrade.kubernetesVersion", "it is required for this type of upgrade.");
        }
        // The minor alone is taken (docs: azurerm_kubernetes_fleet_update_run).
        Some("Full" | "ControlPlaneOnly") if version.parse::<Wish>().is_err() => {
            return wrong("upgrade.kubernetesVersion", &format!("{version} is no version such as 1.35.6."));
        }
        Some("NodeImageOnly") if !version.is_empty() => {
            return wrong("upgrade.kubernetesVersion", "an upgrade of node images takes none.");
        }
        Some("Full" | "ControlPlaneOnly" | "NodeImageOnly") => {}
        _ => return wrong("upgrade.type", "it is one of Full, ControlPlaneOnly and NodeImageOnly."),
    }
    let custom = update["nodeImageSelection"]["customNodeImageVersions"].as_array().map_or(0, Vec::len);
    match update["nodeImageSelection"]["type"].as_str() {
        Some("Custom") if custom == 0 => {
            wrong("nodeImageSelection.customNodeImageVersions", "it is required with type Custom.")
        }
        Some("Latest" | "Consistent") if custom > 0 => {
            wrong("nodeImageSelection.customNodeImageVersions", "it is for type Custom only.")
        }
        None | Some("Latest" | "Consistent" | "Custom") => Ok(()),
        Some(_) => wrong("nodeImageSelection.type", "it is one of Latest, Consistent and Custom."),
    }
}

/// Ours.
fn wrong_state(done: &str, run: &Run) -> Refusal {
    Refusal::fleet_conflict(format!(
        "The update run '{}' is in state {:?} and cannot be {done}.",
        run.resource.name, run.status.state
    ))
}

fn skip(run: &mut Run, targets: &[Value], stamp: Stamp) -> Result<(), Refusal> {
    if targets.is_empty() {
        return Err(Refusal::fleet_invalid("targets", "there must be at least one target."));
    }
    for target in targets {
        let word = |key: &str| target[key].as_str().unwrap_or_default();
        let (kind, name) = (word("type"), word("name"));
        if !["Member", "Group", "Stage", "AfterStageWait"].contains(&kind) {
            return Err(Refusal::fleet_invalid(
                "targets.type",
                "it is one of Member, Group, Stage and AfterStageWait.",
            ));
        }
        if !run.skip(kind, name, stamp.at) {
            return Err(Refusal::fleet_invalid(
                "targets.name",
                &format!("the update run has no {kind} '{name}'."),
            ));
        }
    }
    run.resource.etag = crate::simulator::world::fleet::resource::etag(stamp);
    Ok(())
}
