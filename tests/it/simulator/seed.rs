//! Clusters seeded from bodies.

use super::fixture::{Answer, Azure};
use serde_json::{Value, json};
use terraform_provider_aks::simulator::{scenario::Scenario, world::World};

const ID: &str = "/subscriptions/0a0a0a0a-0000-0000-0000-000000000001/resourcegroups/Team-A/providers/Microsoft.ContainerService/managedClusters/blue";

fn body() -> Value {
    json!({
        "id": ID, "name": "blue", "location": "westus2", "type": "Microsoft.ContainerService/ManagedClusters",
        "tags": { "cost": "42" }, "sku": { "name": "Base", "tier": "Standard" }, "eTag": "one",
        "properties": {
            "provisioningState": "Succeeded", "powerState": { "code": "Running" },
            "kubernetesVersion": "1.34", "currentKubernetesVersion": "1.34.5", "fieldOfTomorrow": serde_json::from_str::<Value>("1.10").unwrap(),
            "agentPoolProfiles": [{
                "name": "np1", "count": 2, "mode": "System", "osType": "Linux", "orchestratorVersion": "1.34",
                "currentOrchestratorVersion": "1.34.5", "provisioningState": "Succeeded", "eTag": "two",
                "nodeImageVersion": "AKSAzureLinux-V3gen2-202608.10.0", "upgradeSettings": { "maxSurge": "1" }
            }]
        }
    })
}

fn azure(body: Value) -> Azure {
    let scenario = Scenario::from_body(body).unwrap();
    let now = scenario.clock.start;
    Azure { world: World::new(scenario), now }
}

#[test]
fn a_body_is_served_back_whole() {
    let answer: Answer = azure(body()).get(ID).expect(200);
    assert_eq!(answer.body, body());
    assert!(answer.body.to_string().contains("1.10"), "numbers keep their digits");
}

#[test]
fn a_recorded_pair_and_the_flat_body_of_the_command_line_are_the_same_cluster() {
    let pair = json!({ "request": { "method": "GET" }, "response": { "status": 200, "body": body() } });
    assert_eq!(azure(pair).get(ID).body, body());

    let mut flat = body();
    let properties = flat.as_object_mut().unwrap().shift_remove("properties").unwrap();
    let outer = flat.as_object_mut().unwrap();
    outer.extend(properties.as_object().unwrap().clone());
    outer.insert("resourceGroup".into(), json!("Team-A"));
    outer.insert("identity".into(), Value::Null);
    assert_eq!(azure(flat).get(ID).body, body());
}

#[test]
fn a_seeded_cluster_can_be_upgraded() {
    let mut azure = azure(body());
    azure.put(ID, json!({ "properties": { "kubernetesVersion": "1.35" } })).expect(200);
    azure.wait(300);
    assert_eq!(azure.get(ID).body["properties"]["currentKubernetesVersion"], "1.35.6");
}

#[test]
fn work_in_progress_is_finished() {
    let mut busy = body();
    busy["properties"]["provisioningState"] = json!("Upgrading");
    let mut azure = azure(busy);
    assert_eq!(azure.get(ID).body["properties"]["provisioningState"], "Upgrading");
    assert!(azure.put(ID, json!({ "properties": {} })).refusal().contains("Another operation (Upgrading)"));
    azure.wait(8);
    assert_eq!(azure.get(ID).body["properties"]["provisioningState"], "Succeeded");
}

#[test]
fn what_is_no_cluster_is_refused_by_what_it_is() {
    #[track_caller]
    fn refused(body: Value, why: &str) {
        let said = Scenario::from_body(body).unwrap_err().to_string();
        assert!(said.starts_with(&format!("The scenario cannot be read: {why}")), "{said}");
    }
    refused(json!({}), "the body has no \"id\"; a managed cluster's is such as");
    refused(json!({ "id": "/a" }), "the body's \"id\" is \"/a\"; a managed cluster's is such as");
    refused(json!(null), "it holds null where a managed cluster is expected.");
    let error = json!({ "code": "ResourceNotFound", "message": "It is not there." });
    refused(
        json!({ "error": error }),
        "it is no cluster but what Azure refused: ResourceNotFound: It is not there.",
    );
}

#[test]
fn a_count_that_is_no_number_is_refused() {
    let mut wrong = body();
    wrong["properties"]["agentPoolProfiles"][0]["count"] = json!("three");
    let said = Scenario::from_body(wrong).unwrap_err().to_string();
    assert!(said.contains("pool \"np1\" has the count \"three\", which is no number of nodes."), "{said}");
}
