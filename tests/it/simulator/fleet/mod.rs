//! Fleet Manager: what the recordings do not show, from the documentation.

mod gates;
mod profiles;
mod refusals;
mod runs;
mod windows;

use serde_json::{Value, json};

use super::fixture::{Answer, Azure};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService";

/// Three clusters in two groups: `one` is a canary, `two` and `three` are not.
const CLUSTERS: &str = r#"
[[cluster]]
name = "one"
version = "1.34.2"
[[cluster]]
name = "two"
version = "1.34.2"
[[cluster]]
name = "three"
version = "1.34.2"
[[fleet]]
name = "all"
[[fleet.member]]
cluster = "one"
group = "canary"
[[fleet.member]]
cluster = "two"
group = "rest"
[[fleet.member]]
cluster = "three"
group = "rest"
"#;

/// A Fleet of three clusters.
struct Fleet(Azure);

impl Fleet {
    /// Sets the stage, with more of the Fleet's tables.
    #[track_caller]
    fn new(more: &str) -> Self {
        Self(Azure::new(&format!("{CLUSTERS}{more}")))
    }

    /// Sets the stage with more said of each cluster than its version.
    #[track_caller]
    fn of(cluster: &str, more: &str) -> Self {
        Self(Azure::new(&format!("{}{more}", CLUSTERS.replace("version = \"1.34.2\"\n", cluster))))
    }

    fn ask(&mut self, method: &str, path: &str, body: Value) -> Answer {
        let path = format!("{GROUP}/fleets/all{path}");
        self.0.ask(method, &path, body, &[])
    }

    /// Creates a run and starts it; `strategy` is its stages, null for one by one.
    #[track_caller]
    fn start(&mut self, upgrade: Value, stages: Value) {
        let mut properties = json!({ "managedClusterUpdate": { "upgrade": upgrade } });
        if !stages.is_null() {
            properties["strategy"] = json!({ "stages": stages });
        }
        self.ask("PUT", "/updateRuns/run", json!({ "properties": properties })).expect(201);
        self.act("start");
    }

    #[track_caller]
    fn act(&mut self, action: &str) -> Value {
        self.ask("POST", &format!("/updateRuns/run/{action}"), Value::Null).expect(200).body
    }

    fn minutes(&mut self, minutes: i64) {
        self.0.wait(minutes * 60);
    }

    /// `run Running; one Completed, two Running`: the state of the run, and those of its members.
    fn states(&mut self) -> String {
        let status = self.status();
        let members = members(&status)
            .map(|member| format!("{} {}", word(&member["name"]), word(&member["status"]["state"])));
        format!("{}; {}", word(&status["status"]["state"]), members.collect::<Vec<_>>().join(", "))
    }

    fn status(&mut self) -> Value {
        self.ask("GET", "/updateRuns/run", Value::Null).expect(200).body["properties"]["status"].clone()
    }

    fn message(&mut self, name: &str) -> String {
        let status = self.status();
        let mut found = members(&status).filter(|member| member["name"] == name);
        found.next().map_or("none".into(), |member| word(&member["message"]).to_owned())
    }

    /// Returns `state version` of a cluster and `version image` of its pools.
    fn cluster(&mut self, name: &str) -> String {
        let body = self.0.get(&format!("{GROUP}/managedClusters/{name}")).expect(200).body;
        let p = &body["properties"];
        let pools = p["agentPoolProfiles"].as_array().unwrap();
        let pools: Vec<&str> = pools.iter().map(|pool| word(&pool["currentOrchestratorVersion"])).collect();
        format!("{} {} {pools:?}", word(&p["provisioningState"]), word(&p["currentKubernetesVersion"]))
    }
}

fn members(status: &Value) -> impl Iterator<Item = &Value> {
    let stages = status["stages"].as_array().into_iter().flatten();
    let groups = stages.flat_map(|stage| stage["groups"].as_array().into_iter().flatten());
    groups.flat_map(|group| group["members"].as_array().into_iter().flatten())
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// An upgrade of everything to 1.35.6.
fn full() -> Value {
    json!({ "type": "Full", "kubernetesVersion": "1.35.6" })
}

/// Two stages: the canary, then the rest.
fn rings(first: Value, second: Value) -> Value {
    let stage = |name: &str, group: &str, more: Value| {
        let mut stage = json!({ "name": name, "groups": [{ "name": group }] });
        more.as_object().into_iter().flatten().for_each(|(key, value)| stage[key] = value.clone());
        stage
    };
    json!([stage("first", "canary", first), stage("second", "rest", second)])
}
