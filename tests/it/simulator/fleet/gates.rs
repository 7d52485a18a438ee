//! Gates: approvals before and after stages and groups.

use serde_json::{Value, json};

use super::{Fleet, full, rings};

fn gate(name: &str) -> Value {
    json!([{ "displayName": name, "type": "Approval" }])
}

/// Returns the gates as `name timing state`.
fn gates(fleet: &mut Fleet) -> Vec<String> {
    let body = fleet.ask("GET", "/gates", Value::Null).expect(200).body;
    let shown = |gate: &Value| {
        let p = &gate["properties"];
        let timing = &p["target"]["updateRunProperties"]["timing"];
        [&p["displayName"], timing, &p["state"]].map(super::word).join(" ")
    };
    body["value"].as_array().unwrap().iter().map(shown).collect()
}

/// Approves the gate that is pending.
fn approve(fleet: &mut Fleet) {
    let body = fleet.ask("GET", "/gates", Value::Null).expect(200).body;
    let pending =
        body["value"].as_array().unwrap().iter().find(|gate| gate["properties"]["state"] == "Pending");
    let name = pending.unwrap()["name"].as_str().unwrap().to_owned();
    let done = json!({ "properties": { "state": "Completed" } });
    let answer = fleet.ask("PATCH", &format!("/gates/{name}"), done).expect(200);
    assert_eq!(answer.body["properties"]["state"], "Completed");
}

#[test]
fn a_run_waits_at_each_gate() {
    let mut fleet = Fleet::new("");
    let first =
        json!({ "beforeGates": gate("go"), "afterGates": gate("healthy"), "afterStageWaitInSeconds": 600 });
    fleet.start(full(), rings(first, Value::Null));
    fleet.minutes(60);
    assert_eq!(fleet.states(), "Pending; one NotStarted, two NotStarted, three NotStarted");
    assert_eq!(gates(&mut fleet), ["go Before Pending"]);
    approve(&mut fleet);
    fleet.minutes(30);
    assert_eq!(fleet.states(), "Pending; one Completed, two NotStarted, three NotStarted");
    assert_eq!(gates(&mut fleet), ["go Before Completed", "healthy After Pending"]);
    // The wait has begun beside the gate, and is over.
    fleet.minutes(30);
    assert_eq!(fleet.status()["stages"][0]["afterStageWaitStatus"]["status"]["state"], "Completed");
    approve(&mut fleet);
    fleet.0.wait(5);
    assert_eq!(fleet.states(), "Running; one Completed, two Running, three NotStarted");
}

#[test]
fn a_gate_of_a_group_holds_this_group_alone() {
    let mut fleet = Fleet::new("");
    let groups = json!([{ "name": "canary", "beforeGates": gate("canary") }, { "name": "rest" }]);
    fleet.start(full(), json!([{ "name": "all", "groups": groups }]));
    fleet.0.wait(5);
    assert_eq!(fleet.states(), "Running; one NotStarted, two Running, three NotStarted");
    let body = fleet.ask("GET", "/gates", Value::Null).body;
    assert_eq!(body["value"][0]["properties"]["target"]["updateRunProperties"]["group"], "canary");
}

#[test]
fn gates_go_with_what_is_skipped_and_with_their_run() {
    let mut fleet = Fleet::new("");
    fleet.start(full(), rings(json!({ "beforeGates": gate("go") }), Value::Null));
    fleet.0.wait(5);
    let targets = json!({ "targets": [{ "type": "Stage", "name": "first" }] });
    fleet.ask("POST", "/updateRuns/run/skip", targets).expect(200);
    fleet.0.wait(5);
    assert_eq!(gates(&mut fleet), ["go Before Skipped"]);
    assert_eq!(fleet.states(), "Running; one Skipped, two Running, three NotStarted");
    fleet.ask("DELETE", "/updateRuns/run", Value::Null).expect(200);
    assert_eq!(gates(&mut fleet), [""; 0]);
}

#[test]
fn an_approval_cannot_be_given_in_advance_or_taken_back() {
    let mut fleet = Fleet::new("");
    fleet.start(full(), rings(json!({ "beforeGates": gate("go") }), Value::Null));
    fleet.0.wait(5);
    let body = fleet.ask("GET", "/gates", Value::Null).body;
    let path = format!("/gates/{}", body["value"][0]["name"].as_str().unwrap());
    let answer = fleet.ask("PATCH", &path, json!({ "properties": { "state": "Pending" } }));
    assert_eq!(
        answer.refusal(),
        "400 InvalidParameter: The value of parameter state is invalid. Error details: a gate can only be set to Completed."
    );
    assert_eq!(fleet.ask("GET", "/gates/none", Value::Null).status, 404);
}
