//! Snapshots of pools, and pools made or moved from them.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};

const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService";
const OLD: &str = "AKSUbuntu-2204gen2containerd-202610.05.0";
const NEW: &str = "AKSUbuntu-2204gen2containerd-202611.16.0";

/// A cluster whose pool `user` is old, and a snapshot `before` of that pool.
fn prod() -> (Azure, String) {
    let mut azure = Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n[[cluster.pool]]\nname = \"user\"\nimage = \"{OLD}\"\n"
    ));
    let path = format!("{GROUP}/snapshots/before");
    azure.put(&path, of("user")).expect(200);
    (azure, path)
}

fn of(pool: &str) -> Value {
    let source = format!("{PROD}/agentPools/{pool}");
    json!({ "location": "westeurope", "properties": { "creationData": { "sourceResourceId": source }, "snapshotType": "NodePool" } })
}

fn from(snapshot: &str, more: Value) -> Value {
    let mut body = json!({ "properties": { "count": 1, "creationData": { "sourceResourceId": snapshot } } });
    body["properties"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn a_snapshot_has_the_recorded_shape() {
    let (mut azure, path) = prod();
    let body = azure.get(&path).expect(200).body;
    let at = "2026-11-22T09:00:00.0000000Z";
    let by = "22222222-2222-2222-2222-222222222222";
    assert_eq!(
        body,
        json!({
            "name": "before", "id": path, "type": "Microsoft.ContainerService/Snapshots",
            "location": "westeurope",
            "systemData": {
                "createdBy": by, "createdByType": "Application", "createdAt": at,
                "lastModifiedBy": by, "lastModifiedByType": "Application", "lastModifiedAt": at
            },
            "properties": {
                "creationData": { "sourceResourceId": format!("{PROD}/agentPools/user") },
                "snapshotType": "NodePool", "kubernetesVersion": "1.34.2", "nodeImageVersion": OLD,
                "osType": "Linux", "osSku": "Ubuntu", "vmSize": "Standard_D4ds_v5"
            }
        })
    );
}

#[test]
fn snapshots_are_listed_tagged_and_deleted() {
    let (mut azure, path) = prod();
    azure.put(&format!("{GROUP}/snapshots/again"), of("USER")).expect(200);
    let names = |azure: &mut Azure, path: &str| -> Vec<String> {
        let list = azure.get(path).expect(200).body;
        list["value"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().into()).collect()
    };
    let subscription = GROUP.replace("/resourceGroups/rg", "");
    assert_eq!(names(&mut azure, &format!("{GROUP}/snapshots")), ["before", "again"]);
    assert_eq!(names(&mut azure, &format!("{subscription}/snapshots")), ["before", "again"]);
    let tagged = azure.ask("PATCH", &path, json!({ "tags": { "team": "a" } }), &[]).expect(200);
    assert_eq!(tagged.body["tags"], json!({ "team": "a" }));
    azure.ask("DELETE", &path, Value::Null, &[]).expect(200);
    azure.ask("DELETE", &path, Value::Null, &[]).expect(204);
    assert_eq!(names(&mut azure, &format!("{GROUP}/snapshots")), ["again"]);
    assert_eq!(
        azure.get(&path).refusal(),
        "404 ResourceNotFound: The Resource 'Microsoft.ContainerService/snapshots/before' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
    );
    assert_eq!(azure.get(&format!("{}/snapshots", GROUP.replace("/rg/", "/none/"))).status, 404);
}

#[test]
fn a_source_has_to_exist() {
    let (mut azure, path) = prod();
    let nowhere = format!("{GROUP}/snapshots/none");
    let missing = |source: &str| {
        format!(
            "400 InvalidParameter: The value of parameter creationData.sourceResourceId is invalid. Error details: the resource '{source}' could not be found."
        )
    };
    let mut cluster = of("user");
    cluster["properties"]["creationData"]["sourceResourceId"] = json!(PROD);
    assert_eq!(azure.put(&path, cluster).refusal(), missing(PROD));
    assert!(azure.put(&path, of("none")).refusal().starts_with("404 NotFound: Could not find the agentpool"));
    let user = format!("{PROD}/agentPools/user");
    assert_eq!(azure.put(&user, from(&nowhere, json!({}))).refusal(), missing(&nowhere));
    assert_eq!(
        azure.put(&format!("{PROD}/agentPools/new"), from(&nowhere, json!({}))).refusal(),
        missing(&nowhere)
    );
}

#[test]
fn a_pool_and_a_cluster_are_made_from_a_snapshot() {
    let (mut azure, snapshot) = prod();
    let made = azure.put(&format!("{PROD}/agentPools/new"), from(&snapshot, json!({}))).expect(201).body;
    assert_eq!(made["properties"]["nodeImageVersion"], OLD);
    assert_eq!(made["properties"]["orchestratorVersion"], "1.34.2");
    assert_eq!(made["properties"]["creationData"]["sourceResourceId"], snapshot);
    let pool = json!({ "name": "np", "mode": "System", "count": 1, "creationData": { "sourceResourceId": snapshot } });
    let body = json!({ "location": "westeurope", "properties": { "kubernetesVersion": "1.34.2", "agentPoolProfiles": [pool] } });
    let made = azure.put(&format!("{GROUP}/managedClusters/other"), body).expect(201).body;
    assert_eq!(made["properties"]["agentPoolProfiles"][0]["nodeImageVersion"], OLD);
}

#[test]
fn an_upgrade_by_snapshot_takes_its_image_and_the_next_one_lets_it_go() {
    let (mut azure, snapshot) = prod();
    let user = format!("{PROD}/agentPools/user");
    let image = |azure: &mut Azure| {
        azure.wait(3600);
        azure.picture()[1].clone()
    };
    azure.post(&format!("{user}/upgradeNodeImageVersion")).expect(202);
    assert_eq!(image(&mut azure), "user: Succeeded 1.34.2 202611.16.0");
    let state = azure.put(&user, from(&snapshot, json!({ "orchestratorVersion": "1.34.2" }))).expect(200);
    assert_eq!(state.body["properties"]["provisioningState"], "UpgradingNodeImageVersion");
    assert_eq!(image(&mut azure), "user: Succeeded 1.34.2 202610.05.0");
    azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.35.6" } })).expect(200);
    azure.wait(3600);
    azure.put(&user, from(&snapshot, json!({ "orchestratorVersion": "1.35.5" }))).expect(200);
    assert_eq!(image(&mut azure), "user: Succeeded 1.35.5 202610.05.0");
    azure.put(&user, json!({ "properties": { "orchestratorVersion": "1.35.6" } })).expect(200);
    assert_eq!(image(&mut azure), "user: Succeeded 1.35.6 202611.16.0");
    let pool = azure.get(&user).body;
    assert_eq!(pool["properties"].get("creationData"), None);
    assert_eq!(pool["properties"]["nodeImageVersion"], NEW.replace("2204", "2404"), "Ubuntu from 1.35 on");
}
