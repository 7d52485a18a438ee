//! Fleet Manager: what we ask of it, and every answer of the simulator.

use bytes::Bytes;
use serde_json::{Value, json};
use terraform_provider_aks::arm::id::FleetId;

use super::specification::Specification;
use super::stand::Stand;
use super::{SUBSCRIPTION, judge};

const FILE: &str = "fleets.2026-06-01.derived.json";
/// The description that we have leaves out the bodies of a Fleet's PUT and of two PATCHes; what is done at once has no
/// operation (recorded).
const BEYOND: [&str; 3] =
    ["a body where none is taken", "header Azure-AsyncOperation: missing", "header Location: missing"];
const FLEET: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/fleets/all";
const STAGE: &str = "[service]\ntransient_errors = false\n[[cluster]]\nname = \"one\"\nversion = \"1.34.2\"\n\
    [[cluster]]\nname = \"two\"\nversion = \"1.34.2\"\n\
    [[fleet]]\nname = \"all\"\nmember = [{ cluster = \"one\", group = \"canary\" }]\n\
    run = [{ name = \"monthly\", upgrade = \"Full\", version = \"1.35.6\" }]\n";

#[tokio::test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
async fn requests_of_our_client_and_their_answers() {
    let stand = Stand::new(STAGE);
    let client = stand.client();
    client.fleets(SUBSCRIPTION).await.unwrap();
    client.update_runs(&FleetId::parse(FLEET).unwrap()).await.unwrap();
    assert_eq!(judge(&Specification::read(FILE), &stand.exchanges(), &BEYOND), 2);
}

#[track_caller]
fn row(stand: &Stand, status: u16, method: &str, path: &str, body: Value) {
    let base = if path.starts_with("/sub") { "" } else { FLEET };
    let request = http::Request::builder()
        .method(method)
        .uri(format!("https://management.azure.com{base}{path}?api-version=2026-06-01"))
        .header("authorization", "Bearer secret");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = stand.send(request.body(Bytes::from(body)).unwrap());
    assert_eq!(answer.status(), status, "{method} {path}: {:?}", answer.body());
}

#[test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
fn every_answer_of_the_simulator() {
    let stand = Stand::new(STAGE);
    let row = |status, method, path: &str, body| row(&stand, status, method, path, body);
    let none = || Value::Null;
    let clusters = FLEET.replace("fleets/all", "managedClusters");
    row(
        201,
        "PUT",
        &FLEET.replace("all", "hub"),
        json!({ "location": "westeurope", "properties": { "hubProfile": { "dnsPrefix": "hub" } } }),
    );
    row(200, "PATCH", "", json!({ "tags": { "team": "a" } }));
    let two = json!({ "properties": { "clusterResourceId": format!("{clusters}/two"), "group": "rest" } });
    row(201, "PUT", "/members/two", two);
    stand.wait(600);
    row(200, "PATCH", "/members/two", json!({ "properties": { "group": "others" } }));
    let gate = json!([{ "displayName": "by a person", "type": "Approval" }]);
    let stages = json!([
        { "name": "first", "groups": [{ "name": "canary", "maxConcurrency": "50%" }], "afterStageWaitInSeconds": 600 },
        { "name": "second", "groups": [{ "name": "others" }], "beforeGates": gate, "maxConcurrency": "1" },
    ]);
    row(201, "PUT", "/updateStrategies/rings", json!({ "properties": { "strategy": { "stages": stages } } }));
    let update =
        json!({ "upgrade": { "type": "NodeImageOnly" }, "nodeImageSelection": { "type": "Consistent" } });
    let run = json!({ "properties": { "updateStrategyId": format!("{FLEET}/updateStrategies/rings"), "managedClusterUpdate": update } });
    row(201, "PUT", "/updateRuns/images", run);
    for action in ["start", "stop", "start"] {
        row(200, "POST", &format!("/updateRuns/images/{action}"), none());
        stand.wait(60);
        row(200, "GET", "/updateRuns/images", none());
    }
    row(200, "POST", "/updateRuns/images/skip", json!({ "targets": [{ "type": "Member", "name": "two" }] }));
    let profile =
        json!({ "properties": { "channel": "Stable", "nodeImageSelection": { "type": "Latest" } } });
    row(201, "PUT", "/autoUpgradeProfiles/stable", profile);
    row(200, "POST", "/autoUpgradeProfiles/stable/generateUpdateRun", none());
    stand.wait(3600);
    for kind in ["members", "updateStrategies", "updateRuns", "autoUpgradeProfiles", "gates"] {
        row(200, "GET", &format!("/{kind}"), none());
    }
    for path in
        ["", "/members/two", "/updateStrategies/rings", "/updateRuns/monthly", "/autoUpgradeProfiles/stable"]
    {
        row(200, "GET", path, none());
    }
    row(404, "GET", "/updateRuns/none", none());
    row(404, "GET", "/gates/none", none());
    row(409, "POST", "/updateRuns/monthly/stop", none());
    row(
        400,
        "PUT",
        "/updateRuns/wrong",
        json!({ "properties": { "managedClusterUpdate": { "upgrade": { "type": "Full" } } } }),
    );
    for list in ["fleets", "resourceGroups/rg/providers/Microsoft.ContainerService/fleets"] {
        let provider = if list == "fleets" { "providers/Microsoft.ContainerService/" } else { "" };
        row(200, "GET", &format!("/subscriptions/{SUBSCRIPTION}/{provider}{list}"), none());
    }
    row(204, "DELETE", "/autoUpgradeProfiles/stable", none());
    row(200, "DELETE", "/updateRuns/images", none());
    row(200, "DELETE", "/updateStrategies/rings", none());
    row(202, "DELETE", "/members/two", none());
    stand.wait(600);
    row(202, "DELETE", "", none());
    let judged = judge(&Specification::read(FILE), &stand.exchanges(), &BEYOND);
    assert!(judged >= 36, "{judged} exchanges");
}
