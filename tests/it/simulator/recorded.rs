//! The simulator's answers beside recorded ones: same status, same keys, same types.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};
use std::path::PathBuf;
use terraform_provider_aks::simulator::{scenario::Scenario, world::World};

fn examples() -> PathBuf {
    PathBuf::from(std::env::var("AZURE_EXAMPLES").unwrap()).join("recorded")
}

fn example(name: &str) -> (u16, Value) {
    let text = std::fs::read_to_string(examples().join(name)).unwrap();
    let pair: Value = serde_json::from_str(&text).unwrap();
    (pair["response"]["status"].as_u64().unwrap() as u16, pair["response"]["body"].clone())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Every key of ours is in the recording with the same type, and these of the recording are in ours.
#[track_caller]
fn alike(ours: &Value, recorded: &Value, needed: &[&str]) {
    for (key, value) in ours.as_object().unwrap() {
        let theirs = recorded.get(key).unwrap_or_else(|| panic!("Azure sends no {key:?}: {recorded}"));
        assert_eq!(kind(value), kind(theirs), "{key}");
    }
    for key in needed {
        assert!(ours.get(*key).is_some(), "{key} is missing in {ours}");
    }
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn reads_look_like_azures() {
    let mut azure = Azure::prod();
    let (status, cluster) = example("GET_managedClusters.X_200_Succeeded.json");
    let ours = azure.get(PROD).expect(status).body;
    alike(
        &ours,
        &cluster,
        &["id", "location", "name", "type", "kind", "properties", "identity", "sku", "eTag"],
    );
    let needed = [
        "provisioningState",
        "powerState",
        "kubernetesVersion",
        "currentKubernetesVersion",
        "agentPoolProfiles",
        "servicePrincipalProfile",
        "nodeResourceGroup",
        "supportPlan",
        "networkProfile",
        "maxAgentPools",
        "autoUpgradeProfile",
        "resourceUID",
    ];
    alike(&ours["properties"], &cluster["properties"], &needed);
    let (mine, theirs) =
        (&ours["properties"]["agentPoolProfiles"][0], &cluster["properties"]["agentPoolProfiles"][0]);
    alike(mine, theirs, &["name", "count", "mode", "nodeImageVersion", "upgradeSettings", "eTag"]);

    let (status, pool) = example("GET_managedClusters.X.agentPools.X_200_Succeeded.json");
    let ours = azure.get(&format!("{PROD}/agentPools/user")).expect(status).body;
    alike(&ours, &pool, &["id", "name", "type", "properties"]);

    let (status, profile) = example("GET_managedClusters.X.upgradeProfiles.X_200.json");
    let ours = azure.get(&format!("{PROD}/upgradeProfiles/default")).expect(status).body;
    alike(&ours, &profile, &["id", "name", "type", "properties"]);
    alike(&ours["properties"], &profile["properties"], &["controlPlaneProfile", "agentPoolProfiles"]);
    alike(
        &ours["properties"]["controlPlaneProfile"],
        &profile["properties"]["controlPlaneProfile"],
        &["kubernetesVersion", "osType", "upgrades"],
    );

    let (status, profile) = example("GET_managedClusters.X.agentPools.X.upgradeProfiles.X_200.json");
    let ours = azure.get(&format!("{PROD}/agentPools/user/upgradeProfiles/default")).expect(status).body;
    alike(
        &ours["properties"],
        &profile["properties"],
        &["kubernetesVersion", "osType", "latestNodeImageVersion"],
    );

    let (status, versions) = example("GET_locations.loc.kubernetesVersions_200.json");
    let ours = azure.get("/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerService/locations/westus2/kubernetesVersions").expect(status).body;
    alike(&ours, &versions, &["values"]);
    alike(
        &ours["values"][1],
        &versions["values"][1],
        &["version", "capabilities", "isDefault", "patchVersions"],
    );
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn region_paths_follow_the_rule_of_the_recording() {
    let (_, recorded) = example("GET_locations.loc.kubernetesVersions_200.json");
    // What the recording lists for community minors is: newer patches, then the next minor, newest first.
    let mut azure = Azure::prod();
    let ours = azure.get("/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerService/locations/westus2/kubernetesVersions").body;
    for list in [&recorded, &ours] {
        for minor in list["values"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|minor| minor["capabilities"]["supportPlan"].as_array().unwrap().len() == 2)
        {
            for (patch, entry) in minor["patchVersions"].as_object().unwrap() {
                let number = |version: &str| {
                    version.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u32>>()
                };
                let upgrades: Vec<Vec<u32>> = entry["upgrades"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|version| number(version.as_str().unwrap()))
                    .collect();
                let own = number(patch);
                assert!(upgrades.iter().all(|to| to > &own && to[1] <= own[1] + 1), "{patch}: {upgrades:?}");
                assert!(
                    upgrades.is_sorted_by_key(|to| (to[1], std::cmp::Reverse(to[2]))),
                    "{patch}: {upgrades:?}"
                );
            }
        }
    }
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn operations_and_errors_look_like_azures() {
    let mut azure = Azure::prod();
    let other = PROD.replace("/prod", "/other");
    for (file, path) in [
        ("GET_managedClusters.X_404_ResourceNotFound.json", other),
        (
            "GET_managedClusters.X.agentPools.X_404_NotFound_GetAgentPool_NotFound_HCPServerError.json",
            format!("{PROD}/agentPools/ap2"),
        ),
        (
            "GET_managedClusters.X.agentPools.X.machines.X_404_NotFound_GetMachine_NotFound_HCPServerError.json",
            format!("{PROD}/agentPools/user/machines/x"),
        ),
    ] {
        let (status, recorded) = example(file);
        let ours = azure.get(&path).expect(status).body;
        let inner = |body: &Value| body.get("error").unwrap_or(body).clone();
        assert_eq!(ours.get("error").is_some(), recorded.get("error").is_some(), "{file}");
        alike(&inner(&ours), &inner(&recorded), &["code", "message"]);
        for key in ["code", "subcode", "details"] {
            assert_eq!(inner(&ours).get(key), inner(&recorded).get(key), "{file}");
        }
    }
    let answer = azure.post(&format!("{PROD}/agentPools/user/upgradeNodeImageVersion"));
    let (status, recorded) = example(
        "POST_managedClusters.X.agentPools.X.upgradeNodeImageVersion_202_UpgradingNodeImageVersion.json",
    );
    assert_eq!(answer.status, status);
    alike(&answer.body, &recorded, &["id", "name", "type", "properties"]);
    let (status, running) = example("GET_locations.loc.operations.X_200_InProgress.json");
    let address = answer.header("azure-asyncoperation").to_owned();
    alike(&azure.follow(&address).expect(status).body, &running, &["name", "status", "startTime"]);
    azure.wait(3600);
    let (status, done) = example("GET_locations.loc.operations.X_200_Succeeded.json");
    alike(&azure.follow(&address).expect(status).body, &done, &["name", "status", "startTime", "endTime"]);
    let (status, none) = example("GET_managedClusters.X.maintenanceConfigurations_200.json");
    assert_eq!(azure.get(&format!("{PROD}/maintenanceConfigurations")).expect(status).body, none);
}

#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn every_recorded_cluster_can_be_seeded_and_is_served_back() {
    let mut seeded = 0;
    for entry in std::fs::read_dir(examples()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("GET_managedClusters.X_200_") {
            continue;
        }
        let pair: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let recorded = pair["response"]["body"].clone();
        let scenario = Scenario::from_body(pair).unwrap();
        let now = scenario.clock.start;
        let mut azure = Azure { world: World::new(scenario), now };
        let served = azure.get(recorded["id"].as_str().unwrap()).expect(200).body;
        assert_eq!(without_volatile(served), without_volatile(recorded), "{name}");
        seeded += 1;
    }
    assert!(seeded >= 4, "{seeded} recorded clusters");
}

fn without_volatile(mut body: Value) -> Value {
    body["eTag"] = json!("-");
    for pool in body["properties"]["agentPoolProfiles"].as_array_mut().unwrap() {
        pool["eTag"] = json!("-");
    }
    body
}
