//! Gates: the approvals for which runs wait. They lie in the runs, and go with them.

use serde_json::{Value, json};

use crate::simulator::identifier::guid;
use crate::simulator::world::fleet::resource::{etag, system_data};
use crate::simulator::world::fleet::run::{Gate, Run, Stage, State};
use crate::simulator::world::fleet::{Fleet, Kind, Part};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn ask_gates(&mut self, call: &Call, place: &Place, part: &Part) -> Result<Reply, Refusal> {
        match (call.method.as_str(), part) {
            ("GET", Part::List(_)) => {
                let fleet = self.hold_fleet(place)?.clone();
                let asked = call.filter_of("state");
                let fits =
                    |gate: &Value| asked.as_ref().is_none_or(|state| gate["properties"]["state"] == **state);
                let gates: Vec<Value> = fleet.gates().into_iter().filter(fits).collect();
                Ok(self.list(call, &gates, Value::clone))
            }
            ("GET", Part::One(_, name)) => self.gate(place, name).map(|gate| Reply::json(200, gate)),
            ("PATCH", Part::One(_, name)) => self.approve(call, place, name),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    fn gate(&mut self, place: &Place, name: &str) -> Result<Value, Refusal> {
        let serial = self.next_serial();
        let fleet = self.hold_fleet(place)?;
        let id = fleet.id_of(Kind::Gate, name);
        let named = |gate: &Value| gate["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let found = fleet.gates().into_iter().find(named);
        found.ok_or_else(|| Refusal::no_fleet_resource(&id, serial))
    }

    /// Completes a gate: an approval is given once, and only where it is waited for.
    fn approve(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let shown = self.gate(place, name)?;
        let body = call.fleet_body("GatePatch")?;
        let wanted = body.get("properties").map(|sent| sent["state"].clone()).unwrap_or_default();
        call.conditions(true, shown["eTag"].as_str().map(|etag| etag.trim_matches('"')))?;
        if wanted != "Completed" {
            return Err(Refusal::fleet_invalid("state", "a gate can only be set to Completed."));
        }
        let stamp = self.stamp_now();
        let fleet = self.hold_fleet(place)?;
        if let Some(gate) = fleet.runs.iter_mut().find_map(|run| run.gate_mut(name)) {
            match gate.status.state {
                State::Pending => gate.status.end(State::Completed, stamp.at),
                State::Completed => {}
                _ => return Err(Refusal::fleet_conflict(format!("The gate '{name}' is not pending."))),
            }
            gate.approved = Some(stamp.at);
            gate.etag = etag(stamp);
        }
        self.gate(place, name).map(|gate| Reply::json(200, gate))
    }

    /// Makes resources of the gates that a run has reached.
    pub(super) fn name_gates(&mut self, run: &mut Run) {
        let reached = |gate: &&mut Gate| gate.name.is_none() && gate.status.state == State::Pending;
        for gate in run.stages.iter_mut().flat_map(Stage::gates_mut).filter(reached) {
            let stamp = self.stamp_now();
            gate.name = Some(guid(stamp.serial));
            gate.etag = etag(stamp);
        }
    }
}

impl Fleet {
    /// Returns the gates that runs have reached, as resources.
    fn gates(&self) -> Vec<Value> {
        let mut shown = vec![];
        for run in &self.runs {
            for stage in &run.stages {
                let reached = stage.gates().filter_map(|(group, timing, gate)| {
                    Some(self.gate_body(run, (&stage.name, group, timing), gate, gate.name.as_deref()?))
                });
                shown.extend(reached);
            }
        }
        shown
    }

    fn gate_body(&self, run: &Run, at: (&str, Option<&str>, &str), gate: &Gate, name: &str) -> Value {
        let (stage, group, timing) = at;
        let run = &run.resource.name;
        let mut target = json!({ "name": run, "stage": stage, "timing": timing });
        if let Some(group) = group {
            target["group"] = json!(group);
        }
        let mut body = json!({
            "eTag": gate.etag,
            "id": self.id_of(Kind::Gate, name),
            "name": name,
            "properties": {
                "gateType": gate.kind,
                "provisioningState": "Succeeded",
                "state": gate.status.state,
                "target": { "id": self.id_of(Kind::Run, run), "updateRunProperties": target },
            },
            "type": "Microsoft.ContainerService/fleets/gates",
        });
        if let Some(shown) = &gate.display_name {
            body["properties"]["displayName"] = json!(shown);
        }
        // Nobody has written it until somebody approves.
        if let Some(at) = gate.approved {
            body["systemData"] = system_data(at, at);
        }
        body
    }
}

impl Call {
    /// Returns the value that `$filter` asks of a field, as in `state eq 'Pending'`.
    fn filter_of(&self, field: &str) -> Option<String> {
        let filter = self.parameter("$filter").or_else(|| self.parameter("%24filter"))?;
        let filter = filter.replace("%20", " ").replace('+', " ").replace("%27", "'");
        let (_, value) = filter.split_once(&format!("{field} eq "))?;
        Some(value.split('\'').nth(1)?.to_owned())
    }
}
