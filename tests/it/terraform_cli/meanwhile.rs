//! A plan is kept, or refused before anything is touched: what happened between it and its apply.

use serde_json::{Value, json};

use super::stage::{CLUSTER, ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY, TOO_LATE};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// A policy with a plan for one minor, made inside the window and not applied yet.
async fn planned() -> Stage {
    planned_on(CLUSTER).await
}

async fn planned_on(scenario: &str) -> Stage {
    let stage = Stage::of(scenario).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage.plan().await.acts();
    stage
}

fn pool(version: &str) -> Value {
    json!({ "properties": { "count": 1, "vmSize": "Standard_D4s_v5", "mode": "User", "orchestratorVersion": version } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_was_added_waits_for_the_next_plan() {
    let stage = planned().await;
    stage.somebody("PUT", "/agentPools/extra", &pool("1.34.4"));
    stage.azure.advance(jiff::SignedDuration::from_mins(10));
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR, "no write that was not planned");
    stage.plan().await.acts().says("extra");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes()[4..], ["PUT prod/extra 1.35.6"]);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_was_removed_refuses_the_plan() {
    let stage = planned().await;
    stage.somebody("DELETE", "/agentPools/shop", &Value::Null);
    stage.azure.advance(jiff::SignedDuration::from_mins(10));
    let run = stage.apply_saved().await;
    run.fails().says("Error: The plan no longer holds").says("There is no pool shop in this cluster.");
    run.says("Nothing was changed on");
    assert_eq!(stage.writes(), [""; 0]);
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR[..3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_was_renamed_is_another_pool() {
    let stage = planned().await;
    stage.somebody("DELETE", "/agentPools/shop", &Value::Null);
    stage.azure.advance(jiff::SignedDuration::from_mins(10));
    stage.somebody("PUT", "/agentPools/store", &pool("1.34.4"));
    stage.azure.advance(jiff::SignedDuration::from_mins(10));
    stage.apply_saved().await.fails().says("There is no pool shop in this cluster.");
    assert_eq!(stage.writes(), [""; 0]);
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes()[2..], ["PUT prod/batch 1.35.6", "PUT prod/store 1.35.6"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_patch_is_not_adopted_by_an_older_plan() {
    let publish = "[[publish]]\nat = \"2026-11-28T01:30:00Z\"\nversion = \"1.35.7\"\n";
    let stage = planned_on(&format!("{CLUSTER}{publish}")).await;
    stage.clock("2026-11-28T01:40:00Z");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    stage.plan().await.acts().says("\"1.35.6\" -> \"1.35.7\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_azure_withdrew_refuses_the_plan() {
    let withdraw = "[[publish]]\nat = \"2026-11-28T01:30:00Z\"\nwithdraw = \"1.35.6\"\n";
    let stage = planned_on(&format!("{CLUSTER}{withdraw}")).await;
    stage.clock("2026-11-28T01:40:00Z");
    let run = stage.apply_saved().await;
    run.fails()
        .says("Error: The plan no longer holds")
        .says("Azure does not offer 1.35.6 to this cluster. It offers");
    assert_eq!(stage.writes(), [""; 0]);
    stage.plan().await.acts().says("\"1.34.4\" -> \"1.35.5\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_did_it_all_leaves_nothing_to_do() {
    let stage = planned().await;
    let mut body = stage.body();
    body["properties"]["kubernetesVersion"] = "1.35.6".into();
    for pool in body["properties"]["agentPoolProfiles"].as_array_mut().unwrap() {
        pool["orchestratorVersion"] = "1.35.6".into();
    }
    stage.somebody("PUT", "", &body);
    stage.clock("2026-11-28T04:00:00Z");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.state(ADDRESS).await["status"], "up_to_date");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_still_works_is_waited_for() {
    let stage = planned().await;
    stage.somebody("PATCH", "", &json!({ "tags": { "owner": "somebody" } }));
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_was_stopped_refuses_the_plan() {
    let stage = planned().await;
    stage.somebody("POST", "/stop", &Value::Null);
    stage.azure.advance(jiff::SignedDuration::from_mins(20));
    stage.apply_saved().await.fails().says("Error: Upgrade blocked").says("az aks start");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_closes_between_two_steps_keeps_what_was_done() {
    // Time moves fast, for requests are few: the provider keeps below Azure's limits.
    let slow = CLUSTER.replace("tick = \"30s\"", "tick = \"2m\"");
    let stage = planned_on(&format!("[durations]\ncontrol_plane = \"4h\"\n{slow}")).await;
    let run = stage.apply_saved().await;
    run.fails()
        .says("Error: The window closed with 3 of 4 steps left")
        .says("The window for pool system closed at Sat 2026-11-28 06:00 Europe/Berlin")
        .says("1 of 4 steps were done on")
        .says("the next one, pool system 1.34.4 -> 1.35.6, was not started. Plan again for what is left.");
    assert_eq!(stage.writes(), ONE_MINOR[..1], "a step that runs is finished, and no other is started");
    assert_eq!(stage.state(ADDRESS).await["current_version"], "1.35.6");
    stage.plan().await.is_empty().says("3 steps, first pool system 1.34.4 -> 1.35.6.");
}

#[tokio::test(flavor = "multi_thread")]
async fn wait_takes_a_late_plan_to_the_next_window() {
    let stage = Stage::of(&CLUSTER.replace("tick = \"30s\"", "tick = \"5m\"")).await;
    let nightly = POLICY.replace("saturday", "all");
    stage.policy(&nightly).apply().await.succeeds();
    stage.policy(&format!("{nightly}  outside_window = \"wait\"\n  timeouts {{ update = \"2d\" }}\n"));
    stage.clock(SATURDAY);
    stage.plan().await.acts();
    stage.clock(TOO_LATE);
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    let first = stage.azure.log().into_iter().find(|entry| entry.write).unwrap().at;
    assert!(first >= "2026-11-29T01:00:00Z".parse().unwrap(), "{first}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_that_expired_meanwhile_opens_nothing() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let glass =
        "override {\n  reason = \"CVE\"\n  expires = \"2026-11-26T18:00:00Z\"\n  ignore = [\"window\"]\n}";
    stage.policy(&format!("{POLICY}  {glass}\n"));
    stage.plan().await.acts();
    stage.clock("2026-11-26T18:00:01Z");
    stage
        .apply_saved()
        .await
        .fails()
        .says("Error: Outside the maintenance window")
        .says("Nothing was changed on");
    assert_eq!(stage.writes(), [""; 0]);
    // The arguments are in the state all the same: nothing of them is left to apply.
    stage.plan().await.is_empty().says("Warning: Override expired");
}
