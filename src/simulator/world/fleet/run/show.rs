//! A run's status as the API shows it (shapes: recorded).

use serde_json::{Value, json};

use crate::simulator::world::fleet::run::{Gate, Group, Member, Run, Stage, Wait};

impl Run {
    /// Returns the `status` of its properties; `fleet` is the id of its Fleet, in which its gates lie.
    pub(in crate::simulator::world) fn json(&self, fleet: &str) -> Value {
        let stages: Vec<Value> = self.stages.iter().map(|stage| stage.json(fleet)).collect();
        let images: Vec<Value> = self.images.iter().map(|image| json!({ "version": image })).collect();
        let mut selection = json!({});
        if !images.is_empty() {
            selection["selectedNodeImageVersions"] = json!(images);
        }
        json!({ "nodeImageSelection": selection, "stages": stages, "status": self.status.json() })
    }
}

impl Stage {
    fn json(&self, fleet: &str) -> Value {
        let groups: Vec<Value> =
            self.groups.iter().map(|group| group.json(self.most_of(group), fleet)).collect();
        let mut shown = json!({
            "groups": groups, "maxConcurrency": self.most(), "name": self.name, "status": self.status.json(),
        });
        show_gates(&mut shown, &self.before, &self.after, fleet);
        if let Some(Wait { seconds, status }) = &self.wait {
            shown["afterStageWaitStatus"] =
                json!({ "status": status.json(), "waitDurationInSeconds": seconds });
        }
        shown
    }
}

impl Group {
    fn json(&self, most: u64, fleet: &str) -> Value {
        let mut shown = json!({ "maxConcurrency": most, "name": self.name, "status": self.status.json() });
        show_gates(&mut shown, &self.before, &self.after, fleet);
        if !self.members.is_empty() {
            shown["members"] = self.members.iter().map(Member::json).collect();
        }
        shown
    }
}

impl Member {
    fn json(&self) -> Value {
        let mut shown =
            json!({ "clusterResourceId": self.cluster, "name": self.name, "status": self.status.json() });
        for (key, value) in [("message", &self.message), ("operationId", &self.operation)] {
            if let Some(value) = value {
                shown[key] = json!(value);
            }
        }
        shown
    }
}

fn show_gates(shown: &mut Value, before: &[Gate], after: &[Gate], fleet: &str) {
    for (key, gates) in [("beforeGates", before), ("afterGates", after)] {
        if !gates.is_empty() {
            shown[key] = gates.iter().map(|gate| gate.json(fleet)).collect();
        }
    }
}

impl Gate {
    fn json(&self, fleet: &str) -> Value {
        let mut shown = json!({ "status": self.status.json() });
        if let Some(name) = &self.display_name {
            shown["displayName"] = json!(name);
        }
        if let Some(name) = &self.name {
            shown["gateId"] = json!(format!("{fleet}/gates/{name}"));
        }
        shown
    }
}
