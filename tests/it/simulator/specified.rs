//! What was asked for apart from what runs: left behind by channels, healed, taken up.

use serde_json::{Value, json};

use super::fixture::{Azure, PROD};

const USER: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod/agentPools/user";

/// A cluster on 1.34.4 for whose control plane and user pool an older version was asked for.
fn left_behind() -> Azure {
    Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\nspecified = \"1.33.8\"\n\
         [[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\nspecified = \"1.33.8\"\n",
    )
}

/// `asked for/runs` of the control plane and of every pool.
fn versions(azure: &mut Azure) -> Vec<String> {
    let properties = azure.get(PROD).body["properties"].take();
    let pair = |body: &Value, asked: &str, runs: &str| {
        format!("{}/{}", body[asked].as_str().unwrap(), body[runs].as_str().unwrap())
    };
    let pools = properties["agentPoolProfiles"].as_array().unwrap();
    let pools = pools.iter().map(|pool| pair(pool, "orchestratorVersion", "currentOrchestratorVersion"));
    let plane = pair(&properties, "kubernetesVersion", "currentKubernetesVersion");
    std::iter::once(plane).chain(pools).collect()
}

#[test]
fn a_channel_leaves_what_was_asked_for_behind() {
    let mut azure = Azure::new(
        "[service]\nchannels = true\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nupgrade_channel = \"patch\"",
    );
    azure.wait(2 * 24 * 3600);
    assert_eq!(versions(&mut azure), ["1.34.2/1.34.9", "1.34.2/1.34.9", "1.34.2/1.34.9"]);
}

#[test]
fn an_echo_of_what_was_left_behind_is_refused() {
    let mut azure = left_behind();
    let body = azure.get(PROD).body;
    assert_eq!(
        azure.put(PROD, body).refusal().split(" Available").next().unwrap(),
        "400 OperationNotAllowed: Upgrading Kubernetes version 1.34.4 to 1.33.8 is not allowed."
    );
    let mut body = azure.get(PROD).body;
    body["properties"]["kubernetesVersion"] = json!("1.34.4");
    assert!(
        azure
            .put(PROD, body)
            .refusal()
            .starts_with("400 NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged")
    );
    let body = azure.get(USER).body;
    assert_eq!(
        azure.put(USER, body).refusal(),
        "400 AgentPoolUpgradeVersionNotAllowed: Upgrading agent pool from version 1.34.4 to 1.33.8 is not allowed."
    );
}

#[test]
fn a_put_that_asks_for_what_runs_heals() {
    let mut azure = left_behind();
    azure.put(USER, json!({ "properties": { "orchestratorVersion": "1.34.4" } })).expect(200);
    azure.wait(60);
    assert_eq!(versions(&mut azure), ["1.33.8/1.34.4", "1.34.4/1.34.4", "1.34.4/1.34.4"]);

    let mut azure = left_behind();
    let pools = json!([{ "name": "system", "orchestratorVersion": "1.34.4" }, { "name": "user", "orchestratorVersion": "1.34.4" }]);
    azure
        .put(PROD, json!({ "properties": { "kubernetesVersion": "1.34.4", "agentPoolProfiles": pools } }))
        .expect(200);
    assert_eq!(versions(&mut azure), ["1.34.4/1.34.4", "1.34.4/1.34.4", "1.34.4/1.34.4"]);
}

#[test]
fn a_put_that_asks_for_nothing_leaves_it() {
    let mut azure = left_behind();
    azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.34.9" } })).expect(200);
    azure.wait(3600);
    assert_eq!(versions(&mut azure), ["1.34.9/1.34.9", "1.34.4/1.34.4", "1.33.8/1.34.4"]);
}

/// A user pool whose upgrade failed: 1.35.6 was asked for, 1.34.4 runs.
fn unfinished() -> Azure {
    Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n\
         [[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n\
         [[cluster.pool]]\nname = \"user\"\nversion = \"1.34.4\"\nspecified = \"1.35.6\"\nstate = \"Failed\"\n",
    )
}

#[track_caller]
fn takes_up(ask: impl Fn(&mut Azure) -> u16) {
    let mut azure = unfinished();
    let status = ask(&mut azure);
    assert!(matches!(status, 200 | 202), "{status}");
    azure.wait(3600);
    assert_eq!(versions(&mut azure), ["1.35.6/1.35.6", "1.35.6/1.35.6", "1.35.6/1.35.6"]);
    assert_eq!(azure.picture()[2], "user: Succeeded 1.35.6 202611.16.0");
}

#[test]
fn any_later_write_takes_up_an_upgrade_that_failed() {
    takes_up(|azure| azure.put(USER, json!({ "properties": { "count": 3 } })).status);
    takes_up(|azure| azure.put(USER, json!({ "properties": { "orchestratorVersion": "1.35.6" } })).status);
    takes_up(|azure| azure.put(PROD, json!({ "properties": { "enableRBAC": true } })).status);
    takes_up(|azure| azure.post(&format!("{USER}/upgradeNodeImageVersion")).status);
}

#[test]
fn a_put_that_asks_for_what_runs_gives_the_upgrade_up() {
    let mut azure = unfinished();
    azure.put(USER, json!({ "properties": { "orchestratorVersion": "1.34.4" } })).expect(200);
    azure.wait(60);
    assert_eq!(versions(&mut azure), ["1.35.6/1.35.6", "1.35.6/1.35.6", "1.34.4/1.34.4"]);
}
