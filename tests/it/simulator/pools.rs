//! What a pool is decides what it takes: Spot machines, operating systems, old images.

use serde_json::{Value, json};

use super::fixture::{Azure, PROD};

fn pool(name: &str) -> String {
    format!("{PROD}/agentPools/{name}")
}

fn with_pools(version: &str, pools: &str) -> Azure {
    Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n{pools}"
    ))
}

fn whole(version: &str, pools: &[&str]) -> Value {
    let profile = |name: &&str| json!({ "name": name, "orchestratorVersion": version });
    let pools: Vec<Value> = pools.iter().map(profile).collect();
    json!({ "properties": { "kubernetesVersion": version, "agentPoolProfiles": pools } })
}

const SPOT: &str = "[[cluster.pool]]\nname = \"spot\"\npriority = \"Spot\"\n";

#[test]
fn a_spot_pool_has_no_surge() {
    let mut azure = with_pools("1.34.2", SPOT);
    let shown = azure.get(&pool("spot")).body;
    assert_eq!(shown["properties"]["upgradeSettings"], json!({}));
    azure.put(&pool("spot"), shown).expect(200);
    azure.wait(60);
    let surge = |surge: &str| json!({ "properties": { "upgradeSettings": { "maxSurge": surge } } });
    let refused = azure.put(&pool("spot"), surge("50%"));
    assert_eq!(
        refused.refusal(),
        "400 InvalidParameter: The value of parameter agentPoolProfile.upgrade.maxSurge is invalid. Error details: Spot pools can't set max surge. Please see https://aka.ms/aks-naming-rules for more details."
    );
    assert_eq!(refused.body["target"], "agentPoolProfile.upgrade.maxSurge");
    let unavailable = json!({ "properties": { "upgradeSettings": { "maxUnavailable": "1" } } });
    assert_eq!(azure.put(&pool("spot"), unavailable).status, 400);
    let with_cluster = json!({ "properties": { "agentPoolProfiles": [{ "name": "spot", "upgradeSettings": { "maxSurge": "1" } }] } });
    assert_eq!(azure.put(PROD, with_cluster).status, 400);
    let new = json!({ "properties": { "count": 1, "scaleSetPriority": "Spot", "upgradeSettings": { "maxSurge": "1" } } });
    assert_eq!(azure.put(&pool("more"), new).status, 400);
}

#[test]
fn a_spot_pool_and_its_control_plane_do_not_move_together() {
    let mut azure = with_pools("1.34.2", SPOT);
    assert_eq!(
        azure.put(PROD, whole("1.35.6", &["system", "spot"])).refusal(),
        "400 SpotPoolUpgradeNotAllowedDuringClusterUpgradeAll: Spot agent pool spot cannot be upgraded together with the control plane. Please upgrade the control plane and the node pools separately."
    );
    azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.35.6" } })).expect(200);
    azure.wait(3600);
    azure.put(&pool("spot"), json!({ "properties": { "orchestratorVersion": "1.35.6" } })).expect(200);
    // One node at a time.
    azure.wait(11 * 60);
    assert!(azure.picture()[2].starts_with("spot: Upgrading"));
    azure.wait(60);
    assert!(azure.picture()[2].starts_with("spot: Succeeded 1.35.6"));
}

#[test]
fn an_upgrade_moves_ubuntu_to_the_next_system_and_the_offers_follow() {
    let mut azure = with_pools("1.34.9", "");
    let latest = |azure: &mut Azure| {
        azure.get(&format!("{}/upgradeProfiles/default", pool("system"))).body["properties"]["latestNodeImageVersion"].clone()
    };
    assert_eq!(latest(&mut azure), "AKSUbuntu-2204gen2containerd-202611.16.0");
    azure.put(PROD, whole("1.35.6", &["system"])).expect(200);
    azure.wait(3600);
    assert_eq!(latest(&mut azure), "AKSUbuntu-2404gen2containerd-202611.16.0");
    let shown = azure.get(&pool("system")).body;
    assert_eq!(shown["properties"]["nodeImageVersion"], "AKSUbuntu-2404gen2containerd-202611.16.0");
}

#[test]
fn another_os_sku_shows_its_image_at_once() {
    let mut azure = with_pools("1.34.9", "");
    let put = azure.put(&pool("system"), json!({ "properties": { "osSKU": "AzureLinux" } })).expect(200).body;
    assert_eq!(put["properties"]["nodeImageVersion"], "AKSAzureLinux-V3gen2-202611.16.0");
    assert_eq!(put["properties"]["provisioningState"], "Upgrading");
    // Its nodes are replaced: three, one at a time.
    azure.wait(8 * 60);
    assert!(azure.picture()[1].starts_with("system: Upgrading"));
    azure.wait(60);
    assert!(azure.picture()[1].starts_with("system: Succeeded"));
}

#[test]
fn a_new_windows_pool_is_of_its_times_windows() {
    for (version, os_sku) in [("1.36.2", "Windows2022"), ("1.37.1", "Windows2025")] {
        let mut azure = with_pools(version, "");
        let made = azure.put(&pool("win"), json!({ "properties": { "count": 1, "osType": "Windows" } }));
        let made = made.expect(201).body["properties"].take();
        assert_eq!((&made["osSKU"], &made["maxPods"]), (&json!(os_sku), &json!(30)));
        assert!(
            made["nodeImageVersion"].as_str().unwrap().starts_with(&os_sku.replace("Windows", "AKSWindows-"))
        );
    }
}

#[track_caller]
fn ends(os_sku: &str, from: &str, to: &str) {
    let pools = format!("[[cluster.pool]]\nname = \"old\"\nos_sku = \"{os_sku}\"\n");
    let mut azure = with_pools(from, &pools);
    let refusal = azure.put(PROD, whole(to, &["system", "old"])).refusal();
    let expected = format!(
        "400 AgentPoolK8sVersionNotSupported: Agent pool old cannot run Kubernetes version {to}: OS SKU {os_sku} is not supported on it."
    );
    assert!(refusal.starts_with(&expected), "{refusal}");
}

#[test]
fn a_pool_does_not_outlive_its_operating_system() {
    ends("Windows2022", "1.36.2", "1.37.1");
    ends("Ubuntu2204", "1.36.2", "1.37.1");
    // The control plane waits for Windows pools, not for others.
    let alone = json!({ "properties": { "kubernetesVersion": "1.37.1" } });
    let old = |os_sku: &str| {
        with_pools("1.36.2", &format!("[[cluster.pool]]\nname = \"old\"\nos_sku = \"{os_sku}\"\n"))
    };
    assert_eq!(old("Windows2022").put(PROD, alone.clone()).status, 400);
    assert_eq!(old("Ubuntu2204").put(PROD, alone).status, 200);
}

const OLD: &str = "[[cluster.pool]]\nname = \"old\"\nstate = \"Failed\"\nimage = \"AKSUbuntu-2204gen2containerd-202604.12.0\"\n";

#[test]
fn a_failed_pool_on_an_old_image_takes_an_image_call_and_no_put() {
    let mut azure = with_pools("1.34.2", OLD);
    let refusal = "400 BadRequest: ConfigurationVersion 'v0.20260412.0' is not supported for AgentBaker. Please upgrade agent pool to the latest NodeImageVersion.";
    assert_eq!(azure.put(&pool("old"), json!({ "properties": { "count": 3 } })).refusal(), refusal);
    assert_eq!(
        azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.34.9" } })).refusal(),
        refusal
    );
    azure.put(&pool("system"), json!({ "properties": { "count": 3 } })).expect(200);
    azure.wait(60);
    azure.post(&format!("{}/upgradeNodeImageVersion", pool("old"))).expect(202);
    azure.wait(3600);
    azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.34.9" } })).expect(200);

    // One that works, or whose image is not that old, takes a PUT.
    for (from, to) in [("Failed", "Succeeded"), ("202604.12", "202606.12")] {
        let mut azure = with_pools("1.34.2", &OLD.replace(from, to));
        azure.put(&pool("old"), json!({ "properties": { "count": 3 } })).expect(200);
    }
}

/// A scenario may say how many nodes a stopped pool has: Azure shows none until it is started.
#[test]
fn a_pool_that_a_scenario_stops_shows_no_nodes() {
    let mut azure = Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\npool = [{ name = \"system\", mode = \"System\" }, { name = \"user\", count = 5, power = \"Stopped\" }]",
    );
    let pool = format!("{PROD}/agentPools/user");
    assert_eq!(azure.get(&pool).body["properties"]["count"], 0);
    azure.put(&pool, json!({ "properties": { "powerState": { "code": "Running" } } })).expect(200);
    assert_eq!(azure.get(&pool).body["properties"]["count"], 5);
}
