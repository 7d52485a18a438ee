//! What stands around the clusters: lists, subscriptions, groups; creating and deleting.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};

const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000000";
const CLUSTERS: &str = "providers/Microsoft.ContainerService/managedClusters";

#[track_caller]
fn names(azure: &mut Azure, path: &str, expected: &[&str]) {
    let list = azure.get(path).expect(200).body;
    let names: Vec<&str> =
        list["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, expected, "{path}");
}

#[test]
fn lists_show_what_is_there() {
    let mut azure = Azure::new(
        "[[cluster]]\nname = \"blue\"\nversion = \"1.34.2\"\nresource_group = \"one\"\n[[cluster]]\nname = \"green\"\nversion = \"1.35.1\"\nresource_group = \"two\"",
    );
    names(&mut azure, &format!("{SUBSCRIPTION}/{CLUSTERS}"), &["blue", "green"]);
    names(&mut azure, &format!("{SUBSCRIPTION}/resourceGroups/TWO/{CLUSTERS}"), &["green"]);
    names(&mut azure, &format!("{SUBSCRIPTION}/resourceGroups"), &["one", "two"]);
    assert_eq!(azure.get(&format!("{SUBSCRIPTION}/resourceGroups/three/{CLUSTERS}")).status, 404);
    assert_eq!(azure.get("/subscriptions").body["value"][0]["state"], "Enabled");
    assert_eq!(azure.get(&format!("{SUBSCRIPTION}/locations")).body["value"].as_array().unwrap().len(), 65);
}

#[test]
fn a_cluster_and_a_pool_are_created_and_deleted() {
    let mut azure = Azure::prod();
    let new = PROD.replace("/prod", "/new");
    let body = json!({ "location": "westus2", "properties": { "kubernetesVersion": "1.35", "agentPoolProfiles": [{ "name": "np", "mode": "System", "count": 1 }] } });
    let made = azure.put(&new, body).expect(201).body;
    assert_eq!(made["properties"]["provisioningState"], "Creating");
    assert_eq!(made["properties"]["currentKubernetesVersion"], "1.35.6");
    assert_eq!(made["properties"]["agentPoolProfiles"][0]["count"], 1);
    azure.wait(300);
    assert_eq!(azure.get(&new).body["properties"]["provisioningState"], "Succeeded");
    let pool = format!("{new}/agentPools/more");
    let made =
        azure.put(&pool, json!({ "properties": { "count": 2, "osSKU": "AzureLinux" } })).expect(201).body;
    assert_eq!(made["properties"]["nodeImageVersion"], "AKSAzureLinux-V3gen2-202611.16.0");
    azure.wait(300);
    azure.ask("DELETE", &pool, Value::Null, &[]).expect(202);
    azure.wait(180);
    names(&mut azure, &format!("{new}/agentPools"), &["np"]);
}

#[test]
fn tags_are_patched_in_an_operation() {
    let mut azure = Azure::prod();
    let answer = azure.ask("PATCH", PROD, json!({ "tags": { "team": "a" } }), &[]).expect(200);
    assert_eq!(
        (&answer.body["tags"]["team"], &answer.body["properties"]["provisioningState"]),
        (&json!("a"), &json!("Updating"))
    );
    azure.wait(8);
    assert_eq!(azure.follow(answer.header("azure-asyncoperation")).body["status"], "Succeeded");
}
