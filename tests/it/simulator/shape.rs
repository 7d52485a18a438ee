//! What recordings and real clients have shown of the shape of answers.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};

fn new_cluster(version: &str) -> Value {
    json!({
        "location": "westus2",
        "identity": { "type": "SystemAssigned" },
        "properties": {
            "kubernetesVersion": version,
            "servicePrincipalProfile": { "clientId": "me", "secret": "hush" },
            "windowsProfile": { "adminUsername": "me", "adminPassword": "hush" },
            "addonProfiles": {},
            "agentPoolProfiles": [{
                "name": "np", "mode": "System", "count": 1, "vmSize": "", "nodeTaints": [], "nodeLabels": {},
                "scaleSetPriority": "Regular", "scaleSetEvictionPolicy": "Delete", "spotMaxPrice": -1
            }]
        }
    })
}

#[test]
fn secrets_and_empty_lists_are_not_shown() {
    let made = Azure::prod().put(&PROD.replace("/prod", "/new"), new_cluster("")).expect(201).body;
    assert!(!made.to_string().contains("hush"));
    assert_eq!(made["properties"].get("addonProfiles"), None);
    let pool = &made["properties"]["agentPoolProfiles"][0];
    for key in ["nodeTaints", "nodeLabels", "scaleSetPriority", "scaleSetEvictionPolicy", "spotMaxPrice"] {
        assert_eq!(pool.get(key), None, "{key}");
    }
    assert_eq!(pool["vmSize"], "Standard_D4ds_v5", "an empty text leaves the choice to Azure");
}

#[test]
fn a_new_cluster_shows_its_version_as_it_was_written() {
    for (written, shown) in [("1.35.5", "1.35.5"), ("1.35", "1.35"), ("", "1.36")] {
        let mut azure = Azure::prod();
        let path = PROD.replace("/prod", "/new");
        let made = azure.put(&path, new_cluster(written)).expect(201).body;
        assert_eq!(made["properties"]["kubernetesVersion"], shown);
        assert_eq!(made["properties"]["agentPoolProfiles"][0]["orchestratorVersion"], shown);
        azure.wait(3600);
        let pool = json!({ "properties": { "count": 1 } });
        let made = azure.put(&format!("{path}/agentPools/more"), pool).expect(201).body;
        assert_eq!(made["properties"]["orchestratorVersion"], shown);
    }
}

#[test]
fn a_part_of_an_object_leaves_the_rest() {
    let mut azure = Azure::prod();
    let body = json!({ "location": "westeurope", "identity": { "type": "SystemAssigned" }, "properties": { "storageProfile": { "diskCSIDriver": { "enabled": false } } } });
    let put = azure.put(PROD, body).expect(200).body;
    assert!(put["identity"]["principalId"].is_string());
    assert_eq!(put["properties"]["storageProfile"]["diskCSIDriver"], json!({ "enabled": false }));
    assert_eq!(put["properties"]["storageProfile"]["fileCSIDriver"], json!({ "enabled": true }));
    azure.wait(60);
    let pool = format!("{PROD}/agentPools/user");
    let settings = json!({ "properties": { "upgradeSettings": { "maxSurge": "50%" } } });
    let put = azure.put(&pool, settings).expect(200).body;
    assert_eq!(put["properties"]["upgradeSettings"], json!({ "maxSurge": "50%", "maxUnavailable": "0" }));
}

#[test]
fn maps_of_the_callers_words_are_replaced() {
    let mut azure = Azure::prod();
    let pool = format!("{PROD}/agentPools/user");
    let labels = |labels: Value| json!({ "properties": { "nodeLabels": labels } });
    azure.put(&pool, labels(json!({ "a": "1", "b": "2" }))).expect(200);
    azure.wait(60);
    let put = azure.put(&pool, labels(json!({ "a": "1" }))).expect(200).body;
    assert_eq!(put["properties"]["nodeLabels"], json!({ "a": "1" }));
}

#[track_caller]
fn state(sent: Value, shown: &str) {
    let mut azure = Azure::prod();
    let put = azure.put(&format!("{PROD}/agentPools/user"), json!({ "properties": sent })).expect(200).body;
    assert_eq!(put["properties"]["provisioningState"], shown);
}

#[test]
fn a_change_of_a_pool_is_called_by_its_kind() {
    state(json!({ "powerState": { "code": "Stopped" } }), "Stopping");
    state(json!({ "powerState": { "code": "Running" } }), "Updating");
    state(json!({ "count": 5 }), "Scaling");
    state(json!({ "osSKU": "AzureLinux" }), "Upgrading");
    state(json!({ "nodeLabels": { "a": "1" } }), "Updating");
}

#[test]
fn the_last_answer_of_a_result_names_its_address_too() {
    let mut azure = Azure::prod();
    let answer = azure.post(&format!("{PROD}/stop")).expect(202);
    azure.wait(3600);
    let result = azure.follow(answer.header("location")).expect(204);
    assert_eq!(result.header("location"), answer.header("location"));
}

#[test]
fn the_identity_of_the_nodes_is_there_when_the_cluster_is() {
    let mut azure = Azure::prod();
    let new = PROD.replace("/prod", "/new");
    let shown = |body: &Value| body["properties"].get("identityProfile").is_some();
    assert!(!shown(&azure.put(&new, new_cluster("")).expect(201).body));
    azure.wait(600);
    assert!(shown(&azure.get(&new).body));
}
