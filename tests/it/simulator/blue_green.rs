//! Blue-green upgrades, as recorded; and nodes that Karpenter keeps.

use serde_json::{Value, json};

use super::fixture::{Azure, PROD};

fn blue_green(pools: &str) -> Azure {
    let mut azure = Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n{pools}"
    ));
    azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.34.9" } })).expect(200);
    azure.wait(3600);
    azure
}

fn user(path: &str) -> String {
    format!("{PROD}/agentPools/user{path}")
}

/// Asks a preview of the API.
fn put(azure: &mut Azure, path: &str, body: &Value) -> super::fixture::Answer {
    let request =
        http::Request::put(format!("https://management.azure.com{path}?api-version=2026-08-02-preview"))
            .header("authorization", "Bearer secret")
            .body(bytes::Bytes::from(body.to_string()))
            .unwrap();
    azure.send(request)
}

fn upgrade(settings: Value) -> Value {
    json!({ "properties": { "orchestratorVersion": "1.34.9", "upgradeStrategy": "BlueGreen", "upgradeSettingsBlueGreen": settings } })
}

#[test]
fn a_blue_green_upgrade_makes_soaks_and_commits() {
    let mut azure = blue_green("[[cluster.pool]]\nname = \"user\"\ncount = 3\n");
    let settings =
        json!({ "drainBatchSize": "1", "batchSoakDurationInMinutes": 2, "finalSoakDurationInMinutes": 5 });
    let answer = put(&mut azure, &user(""), &upgrade(settings)).expect(200);
    assert_eq!(answer.body["properties"]["upgradeSettingsBlueGreen"]["drainTimeoutInMinutes"], 30);
    let address = answer.header("azure-asyncoperation").to_owned();
    let mut seen = vec![];
    for _ in 0..30 {
        let status = azure.follow(&address).body["status"].as_str().unwrap().to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        azure.wait(30);
    }
    assert_eq!(
        seen,
        [
            "BlueGreenCreatingGreenNodes",
            "BlueGreenSoakingBatch: 1/3 nodes completed",
            "BlueGreenSoakingBatch: 2/3 nodes completed",
            "BlueGreenSoakingFinal",
            "BlueGreenCommittingGreenNodes",
            "Succeeded"
        ]
    );
    assert_eq!(azure.picture()[2], "user: Succeeded 1.34.9 202611.16.0");
}

#[test]
fn soaks_last_as_long_as_azure_has_it_unless_they_are_ended() {
    let mut azure = blue_green("[[cluster.pool]]\nname = \"user\"\ncount = 3\n");
    put(&mut azure, &user(""), &upgrade(json!({}))).expect(200);
    // Nodes in 4 minutes, two batches of 15 before the last, an hour in the end.
    azure.wait(93 * 60);
    assert!(azure.picture()[2].starts_with("user: Upgrading"));
    assert_eq!(azure.post(&user("/completeUpgrade")).status, 202);
    azure.wait(10);
    assert!(azure.picture()[2].starts_with("user: Succeeded 1.34.9"));
    assert_eq!(azure.post(&user("/completeUpgrade")).status, 204);
}

#[test]
fn karpenter_replaces_its_nodes_one_by_one_after_the_control_plane() {
    let mut azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\nnap = 2");
    let pool = azure.get(&format!("{PROD}/agentPools/aksmanagedap")).expect(200).body;
    assert_eq!(pool["properties"]["mode"], "Machines");
    assert_eq!(pool["properties"].get("count"), None);
    let nodes = |azure: &mut Azure| -> Vec<String> {
        let machines = azure.preview(&format!("{PROD}/agentPools/aksmanagedap/machines")).body;
        let node = |machine: &Value| {
            let properties = &machine["properties"];
            let drift = properties["status"]["driftAction"].as_str().unwrap_or("-");
            format!("{} {drift}", properties["kubernetes"]["currentOrchestratorVersion"].as_str().unwrap())
        };
        machines["value"].as_array().unwrap().iter().map(node).collect()
    };
    assert_eq!(nodes(&mut azure), ["1.34.9 -"; 2]);
    // The whole cluster moves, this pool aside.
    let pools = ["system", "user"].map(|name| json!({ "name": name, "orchestratorVersion": "1.35.6" }));
    let profiles = json!([pools[0], pools[1], { "name": "aksmanagedap", "mode": "Machines" }]);
    azure
        .put(PROD, json!({ "properties": { "kubernetesVersion": "1.35.6", "agentPoolProfiles": profiles } }))
        .expect(200);
    azure.wait(5 * 60);
    assert_eq!(nodes(&mut azure), ["1.34.9 Recreate"; 2]);
    azure.wait(10 * 60);
    assert_eq!(nodes(&mut azure), ["1.35.6 -", "1.34.9 Recreate"]);
    azure.wait(10 * 60);
    assert_eq!(nodes(&mut azure), ["1.35.6 -"; 2]);
    azure.wait(3600);
    let refusal = azure.post(&format!("{PROD}/agentPools/aksmanagedap/upgradeNodeImageVersion")).refusal();
    assert!(refusal.starts_with("400 OperationNotAllowed: "), "{refusal}");
}
