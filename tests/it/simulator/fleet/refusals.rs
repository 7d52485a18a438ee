//! What Fleet Manager refuses.

use serde_json::{Value, json};

use super::{Fleet, GROUP, full};
use crate::simulator::fixture::Azure;

#[track_caller]
fn refused(fleet: &mut Fleet, method: &str, path: &str, body: Value, expected: &str) {
    let refusal = fleet.ask(method, path, body).refusal();
    assert!(refusal.starts_with(expected), "{method} {path}: {refusal}");
}

#[test]
fn an_empty_fleet_has_no_runs() {
    let mut azure = Azure::new("[[cluster]]\nname = \"one\"\nversion = \"1.34.2\"");
    let fleet = format!("{GROUP}/fleets/all");
    azure.put(&fleet, json!({ "location": "westeurope" })).expect(201);
    let run = json!({ "properties": { "managedClusterUpdate": { "upgrade": full() } } });
    let refusal = azure.put(&format!("{fleet}/updateRuns/run"), run).expect(409).refusal();
    let expected = format!(
        "409 UpdateRunTargetingEmptyFleet: The target fleet of this update run is empty. Resource ID: \"{fleet}/updateRuns/run\". Correlation ID: \""
    );
    assert!(refusal.starts_with(&expected), "{refusal}");
}

#[test]
fn below_a_fleet_that_is_not_there_nothing_is() {
    let mut azure = Azure::new("[[cluster]]\nname = \"one\"\nversion = \"1.34.2\"");
    for (method, verb) in [("GET", "read"), ("PUT", "write"), ("DELETE", "delete")] {
        let answer =
            azure.ask(method, &format!("{GROUP}/fleets/none/members/one"), json!({}), &[]).expect(404);
        assert_eq!(
            answer.refusal(),
            format!(
                "404 ParentResourceNotFound: Failed to perform '{verb}' on resource(s) of type 'fleets/members', because the parent resource '{GROUP}/fleets/none' could not be found."
            )
        );
    }
    assert_eq!(
        azure.get(&format!("{GROUP}/fleets/none")).expect(404).body["error"]["code"],
        "ResourceNotFound"
    );
}

#[test]
fn a_run_that_makes_no_sense() {
    let mut fleet = Fleet::new("");
    let put = |update: Value, strategy: Value| json!({ "properties": { "managedClusterUpdate": update, "strategy": strategy } });
    let full = || json!({ "upgrade": full() });
    let stages = |stages: Value| json!({ "stages": stages });
    let table = [
        (
            put(json!({ "upgrade": { "type": "Full" } }), Value::Null),
            "managedClusterUpdate.upgrade.kubernetesVersion",
        ),
        (put(json!({ "upgrade": { "type": "Nothing" } }), Value::Null), "managedClusterUpdate.upgrade.type"),
        (
            put(
                json!({ "upgrade": { "type": "NodeImageOnly" }, "nodeImageSelection": { "type": "Custom" } }),
                Value::Null,
            ),
            "managedClusterUpdate.nodeImageSelection.customNodeImageVersions",
        ),
        (put(full(), stages(json!([]))), "strategy.stages"),
        (put(full(), stages(json!([{ "name": "A" }]))), "strategy.stages.name"),
        (put(full(), stages(json!([{ "name": "a" }, { "name": "a" }]))), "strategy.stages"),
        (
            put(
                full(),
                stages(
                    json!([{ "name": "a", "groups": [{ "name": "g" }] }, { "name": "b", "groups": [{ "name": "g" }] }]),
                ),
            ),
            "strategy.stages.groups",
        ),
        (
            put(json!({ "upgrade": { "type": "Full", "kubernetesVersion": "banana" } }), Value::Null),
            "managedClusterUpdate.upgrade.kubernetesVersion",
        ),
        (
            put(full(), stages(json!([{ "name": "a", "afterStageWaitInSeconds": -5 }]))),
            "strategy.stages.afterStageWaitInSeconds",
        ),
        (
            put(
                full(),
                stages(
                    json!([{ "name": "a", "groups": [{ "name": "g", "afterGates": [{ "displayName": "", "type": "Approval" }] }] }]),
                ),
            ),
            "strategy.stages.gates.displayName",
        ),
        (put(full(), stages(json!([{ "name": "a", "groups": [] }]))), "strategy.stages.groups"),
        (
            put(full(), stages(json!([{ "name": "a", "maxConcurrency": "0" }]))),
            "strategy.stages.maxConcurrency",
        ),
    ];
    for (body, field) in table {
        let expected = format!("400 InvalidParameter: The value of parameter {field} is invalid.");
        refused(&mut fleet, "PUT", "/updateRuns/run", body, &expected);
    }
}

#[test]
fn a_run_is_started_stopped_and_changed_in_its_states_only() {
    let mut fleet = Fleet::new("");
    fleet.start(full(), Value::Null);
    fleet.0.wait(5);
    refused(
        &mut fleet,
        "POST",
        "/updateRuns/run/start",
        Value::Null,
        "409 OperationNotAllowed: The update run 'run' is in state Running and cannot be started.",
    );
    let run = json!({ "properties": { "managedClusterUpdate": { "upgrade": full() } } });
    refused(
        &mut fleet,
        "PUT",
        "/updateRuns/run",
        run,
        "409 OperationNotAllowed: The update run 'run' has been started",
    );
    fleet.act("stop");
    fleet.0.wait(5);
    refused(
        &mut fleet,
        "POST",
        "/updateRuns/run/stop",
        Value::Null,
        "409 OperationNotAllowed: The update run 'run' is in state Stopped and cannot be stopped.",
    );
    let nothing = json!({ "targets": [{ "type": "Group", "name": "none" }] });
    refused(
        &mut fleet,
        "POST",
        "/updateRuns/run/skip",
        nothing,
        "400 InvalidParameter: The value of parameter targets.name is invalid. Error details: the update run has no Group 'none'.",
    );
}

#[test]
fn a_skip_that_is_refused_changes_nothing() {
    let mut fleet = Fleet::new("");
    let run = json!({ "properties": { "managedClusterUpdate": { "upgrade": full() } } });
    fleet.ask("PUT", "/updateRuns/run", run).expect(201);
    let targets =
        json!({ "targets": [{ "type": "Member", "name": "one" }, { "type": "Stage", "name": "none" }] });
    fleet.ask("POST", "/updateRuns/run/skip", targets).expect(400);
    assert_eq!(fleet.states(), "NotStarted; one NotStarted, two NotStarted, three NotStarted");
}

#[test]
fn a_fleet_lies_in_a_group_and_a_region_that_there_are() {
    let mut azure = Azure::new("[[cluster]]\nname = \"one\"\nversion = \"1.34.2\"");
    let elsewhere = GROUP.replace("/rg/", "/nowhere/");
    let here = json!({ "location": "westeurope" });
    assert_eq!(
        azure.put(&format!("{elsewhere}/fleets/all"), here).refusal(),
        "404 ResourceGroupNotFound: Resource group 'nowhere' could not be found."
    );
    let mars = azure.put(&format!("{GROUP}/fleets/all"), json!({ "location": "mars" })).refusal();
    let expected = "400 LocationNotAvailableForResourceType: The provided location 'mars' is not available for resource type 'Microsoft.ContainerService/fleets'.";
    assert!(mars.starts_with(expected), "{mars}");
}

#[test]
fn what_is_required_is_named() {
    let mut fleet = Fleet::new("");
    refused(
        &mut fleet,
        "PATCH",
        "/gates/any",
        json!({}),
        "404 ResourceNotFound: Could not find the given resource.",
    );
    refused(
        &mut fleet,
        "PUT",
        "/updateStrategies/rings",
        json!({ "properties": {} }),
        "400 InvalidParameter: The value of parameter strategy is invalid. Error details: it is required.",
    );
    refused(
        &mut fleet,
        "PATCH",
        "/members/one",
        json!({ "properties": { "group": "No" } }),
        "400 InvalidParameter: The value of parameter group is invalid.",
    );
}

#[test]
fn a_cluster_is_a_member_of_one_fleet() {
    let mut fleet = Fleet::new(
        "[[fleet]]\nname = \"other\"\nresource_group = \"rg\"\nsubscription = \"00000000-0000-0000-0000-000000000000\"\n",
    );
    let member = json!({ "properties": { "clusterResourceId": format!("{GROUP}/managedClusters/one") } });
    let answer = fleet.0.put(&format!("{GROUP}/fleets/other/members/one"), member).expect(409);
    assert!(answer.refusal().contains("is already a member of the fleet"));
    let none = json!({ "properties": { "clusterResourceId": format!("{GROUP}/managedClusters/none") } });
    fleet.0.put(&format!("{GROUP}/fleets/other/members/none"), none).expect(404);
}

#[test]
fn an_etag_that_is_out_of_date_is_refused() {
    let mut fleet = Fleet::new("");
    fleet.start(full(), Value::Null);
    let path = format!("{GROUP}/fleets/all/updateRuns/run");
    for (method, path) in [("DELETE", path.clone()), ("POST", format!("{path}/stop"))] {
        let answer = fleet.0.ask(method, &path, Value::Null, &[("if-match", "\"old\"")]);
        assert_eq!(answer.status, 412, "{method} {path}");
    }
}
