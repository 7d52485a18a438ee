//! Long-running operations: addresses, statuses, results, abort, eTags.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};

fn start(azure: &mut Azure) -> String {
    let body = json!({ "properties": { "kubernetesVersion": "1.35.6" } });
    azure.put(PROD, body).expect(200).header("azure-asyncoperation").to_owned()
}

#[test]
fn an_address_is_long_signed_and_on_the_callers_host() {
    let mut azure = Azure::prod();
    let address = start(&mut azure);
    assert!(address.starts_with("https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerService/locations/westeurope/operations/"));
    assert!((3_000..3_600).contains(&address.len()), "{} bytes", address.len());
    assert_eq!(azure.follow(&address).status, 200);
    let bare = address.split_once('&').unwrap().0;
    assert_eq!(azure.follow(bare).status, 403, "the address must come back verbatim");
}

#[test]
fn a_status_goes_through_open_strings_to_succeeded() {
    let mut azure =
        Azure::new("[service]\ntransient_errors = false\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"");
    let body = json!({ "properties": { "kubernetesVersion": "1.35.6", "agentPoolProfiles": [
        { "name": "system", "orchestratorVersion": "1.35.6" }, { "name": "user", "orchestratorVersion": "1.35.6" }] } });
    let address = azure.put(PROD, body).expect(200).header("azure-asyncoperation").to_owned();
    let mut seen = vec![];
    for _ in 0..=29 {
        let body = azure.follow(&address).body;
        let status = body["status"].as_str().unwrap().to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        azure.wait(60);
    }
    assert_eq!(
        seen,
        [
            "InProgress",
            "ProvisioningControlPlane",
            "ReconcilingAddons",
            "UpgradingAgentPools: 0/3 nodes completed",
            "UpgradingAgentPools: 1/3 nodes completed",
            "UpgradingAgentPools: 2/3 nodes completed",
            "UpgradingAgentPools: 0/3 nodes completed",
            "UpgradingAgentPools: 1/3 nodes completed",
            "UpgradingAgentPools: 2/3 nodes completed",
            "Succeeded",
        ]
    );
    let body = azure.follow(&address).body;
    assert_eq!(body["startTime"], "2026-11-22T09:00:00.0000000Z");
    assert_eq!(body["endTime"], "2026-11-22T09:29:00.0000000Z");
}

#[test]
fn a_status_now_and_then_carries_an_error_that_is_none() {
    let mut azure = Azure::prod();
    let address = start(&mut azure);
    let errors: Vec<bool> = (0..8).map(|_| azure.follow(&address).body.get("error").is_some()).collect();
    assert_eq!(errors, [false, false, true, false, false, false, false, true]);
}

#[test]
fn a_pause_is_asked_for_only_when_the_scenario_says_so() {
    let knob = "[service]\nretry_after = 7\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"";
    for (mut azure, pause) in [(Azure::prod(), ""), (Azure::new(knob), "7")] {
        let address = start(&mut azure);
        assert_eq!(azure.follow(&address).header("retry-after"), pause);
        azure.wait(3600);
        assert_eq!(azure.follow(&address).header("retry-after"), "", "of what is over");
    }
}

#[test]
fn an_abort_cancels_cluster_and_pools() {
    let mut azure = Azure::prod();
    let address = start(&mut azure);
    azure.wait(60);
    let before = azure.get(PROD).body;
    let answer =
        azure.post(&format!("{}/abort", PROD.replace("managedClusters", "managedclusters"))).expect(202);
    assert_eq!(answer.body, before, "the answer is the resource as it was");
    assert_eq!(azure.get(PROD).body["properties"]["provisioningState"], "Canceling");
    assert_eq!(azure.follow(&address).body["status"], "Canceling");
    assert_eq!(azure.follow(answer.header("location")).status, 202);
    azure.wait(6);
    let status = azure.follow(&address).body;
    assert_eq!(status["status"], "Canceled");
    assert_eq!(
        status["error"],
        json!({ "code": "Canceled", "message": "Operation is being canceled by user" })
    );
    assert_eq!(azure.follow(answer.header("azure-asyncoperation")).body["status"], "Succeeded");
    assert_eq!(azure.follow(answer.header("location")).status, 204);
    assert_eq!(azure.get(PROD).body["properties"]["provisioningState"], "Canceled");
    assert_eq!(azure.post(&format!("{PROD}/abort")).status, 409);
}

#[test]
fn an_aborted_pool_is_canceled_and_a_put_resumes_it() {
    let mut azure = Azure::prod();
    azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.35.6" } })).expect(200);
    azure.wait(300);
    let user = format!("{PROD}/agentPools/user");
    let body = json!({ "properties": { "orchestratorVersion": "1.35.6" } });
    azure.put(&user, body.clone()).expect(200);
    azure.wait(300);
    azure.post(&format!("{user}/abort")).expect(202);
    azure.wait(6);
    assert_eq!(
        azure.picture(),
        ["Succeeded 1.35.6", "system: Succeeded 1.34.2 202611.16.0", "user: Canceled 1.35.6 202611.16.0"]
    );
    assert_eq!(azure.put(&user, body).expect(200).body["properties"]["provisioningState"], "Upgrading");
    // One of three nodes had arrived.
    azure.wait(8 * 60 - 1);
    assert_eq!(azure.get(&user).body["properties"]["provisioningState"], "Upgrading");
    azure.wait(1);
    assert_eq!(azure.get(&user).body["properties"]["provisioningState"], "Succeeded");
}

/// Recorded: a PUT of a cluster answers with the eTags of before, a PUT of a pool with the new one.
#[test]
fn the_answer_to_a_put_of_a_cluster_has_the_etags_of_before() {
    let mut azure = Azure::prod();
    let etags = |body: &Value| {
        let pools = body["properties"]["agentPoolProfiles"].as_array().unwrap();
        pools.iter().chain([body]).map(|one| one["eTag"].clone()).collect::<Vec<_>>()
    };
    let before = etags(&azure.get(PROD).body);
    let answer = azure.put(PROD, json!({ "properties": {} })).expect(200).body;
    assert_eq!(etags(&answer), before);
    let begun = etags(&azure.get(PROD).body);
    assert!(begun.iter().zip(&before).all(|(one, other)| one != other), "{begun:?}");
    azure.wait(60);
    let user = format!("{PROD}/agentPools/user");
    let answer = azure.put(&user, json!({ "properties": {} })).expect(200).body;
    assert_eq!(answer["properties"]["eTag"], azure.get(&user).body["properties"]["eTag"]);
}

#[test]
fn etags_change_at_start_and_end_of_the_cluster_or_of_the_one_pool() {
    let mut azure = Azure::prod();
    let tags = |azure: &mut Azure| {
        let body = azure.get(PROD).body;
        let pool = |index: usize| {
            body["properties"]["agentPoolProfiles"][index]["eTag"].as_str().unwrap().to_owned()
        };
        [body["eTag"].as_str().unwrap().to_owned(), pool(0), pool(1)]
    };
    let changed =
        |before: &[String; 3], after: &[String; 3]| [0, 1, 2].map(|index| before[index] != after[index]);
    let still = tags(&mut azure);
    azure.put(&format!("{PROD}/agentPools/user"), json!({ "properties": {} })).expect(200);
    let started = tags(&mut azure);
    assert_eq!(changed(&still, &started), [false, false, true]);
    azure.wait(8);
    let ended = tags(&mut azure);
    assert_eq!(changed(&started, &ended), [false, false, true]);
    azure.put(PROD, json!({ "properties": {} })).expect(200);
    assert_eq!(changed(&ended, &tags(&mut azure)), [true, true, true]);
}

#[test]
fn a_put_replaces_what_is_sent_and_keeps_the_rest() {
    let mut azure = Azure::prod();
    let mut expected = azure.get(PROD).body;
    let sent = json!({ "tags": { "team": "a" }, "properties": {
        "dnsPrefix": null, "oidcIssuerProfile": { "enabled": true }, "provisioningState": "Failed",
        "agentPoolProfiles": [{ "name": "user", "orchestratorVersion": "1.34.2", "nodeTaints": ["a=b:NoSchedule"] },
                              { "name": "system", "orchestratorVersion": "1.34.2" }] } });
    let answer = azure.put(PROD, sent).expect(200);
    assert_eq!(answer.body["properties"]["provisioningState"], "Updating");
    azure.wait(8);
    let got = azure.get(PROD).body;
    expected["tags"] = json!({ "team": "a" });
    expected["properties"]["oidcIssuerProfile"] = json!({ "enabled": true });
    expected["properties"]["agentPoolProfiles"][1]["nodeTaints"] = json!(["a=b:NoSchedule"]);
    assert_eq!(without_etags(got), without_etags(expected));
}

#[test]
fn fields_of_versions_that_are_not_known_here_are_kept() {
    let mut azure = Azure::prod();
    let body =
        json!({ "location": "westeurope", "properties": { "fieldOfTomorrow": { "deep": [1, 2.50] } } });
    let request = http::Request::put(format!("https://management.azure.com{PROD}?api-version=2026-04-01"))
        .header("authorization", "Bearer secret")
        .body(bytes::Bytes::from(body.to_string()))
        .unwrap();
    let shown = azure.send(request).expect(200).body;
    assert_eq!(shown["properties"]["fieldOfTomorrow"], json!({ "deep": [1, 2.50] }));
    // And sent back in any version.
    azure.wait(8);
    let body = azure.get(PROD).body;
    azure.put(PROD, body).expect(200);
}

#[test]
fn aliases_and_empty_versions_move_nothing() {
    let mut azure = Azure::prod();
    for (sent, shown) in [("1.34", "1.34"), ("", "1.34"), ("1.34.2", "1.34.2")] {
        let answer = azure.put(PROD, json!({ "properties": { "kubernetesVersion": sent } })).expect(200);
        let properties = &answer.body["properties"];
        assert_eq!(properties["provisioningState"], "Updating", "{sent:?}");
        assert_eq!(properties["kubernetesVersion"], shown);
        assert_eq!(properties["currentKubernetesVersion"], "1.34.2");
        azure.wait(8);
    }
    let answer = azure.put(PROD, json!({ "properties": { "kubernetesVersion": "1.35" } })).expect(200);
    assert_eq!(answer.body["properties"]["kubernetesVersion"], "1.35");
    assert_eq!(answer.body["properties"]["currentKubernetesVersion"], "1.35.6");
}

#[test]
fn an_answer_carries_the_clock_and_identifiers() {
    let answer = Azure::prod().get(PROD);
    assert_eq!(answer.header("date"), "Sun, 22 Nov 2026 09:00:00 GMT");
    assert_eq!(answer.header("x-ms-ratelimit-remaining-subscription-global-reads"), "3749");
    assert_eq!(answer.header("x-ms-request-id").len(), 36);
    assert_eq!(answer.header("x-ms-correlation-request-id").len(), 36);
    assert_eq!(answer.header("retry-after"), "");
}

#[test]
fn the_log_holds_every_request_and_no_token() {
    let mut azure = Azure::prod();
    start(&mut azure);
    azure.get(PROD);
    let journal = serde_json::to_value(azure.world.request_log()).unwrap();
    assert_eq!(journal[0]["method"], "PUT");
    assert_eq!(journal[0]["write"], true);
    assert_eq!(journal[0]["body"]["properties"], json!({ "kubernetesVersion": "1.35.6" }));
    assert_eq!(journal[0]["at"], "2026-11-22T09:00:00Z");
    assert_eq!(
        journal[1],
        json!({ "number": 2, "at": "2026-11-22T09:00:00Z", "method": "GET", "path": PROD,
        "api_version": "2026-08-01", "status": 200, "write": false, "body": null, "if_match": null })
    );
    assert!(!journal.to_string().contains("secret"));
}

fn without_etags(mut body: Value) -> Value {
    body["eTag"] = Value::Null;
    for pool in body["properties"]["agentPoolProfiles"].as_array_mut().unwrap() {
        pool["eTag"] = Value::Null;
    }
    body
}
