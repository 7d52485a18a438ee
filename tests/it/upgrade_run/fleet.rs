//! Fleets that upgrade the cluster, too: told, and nothing else.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_aks::arm::response::{member_of_update_run, update_runs};
use tokio::time::Instant;

use super::scene::ALL;
use super::{Azure, Fate, Terraform};

/// A cluster, and a Fleet that has another one on its list first.
fn stage(run: &str) -> String {
    format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\n[[cluster]]\nname = \"test\"\nversion = \"1.34.9\"\n\
         [[fleet]]\nname = \"all\"\nrun = \"monthly\"\n{run}\n"
    )
}

/// Creates a policy that waits for its window, and refreshes it.
async fn refreshed(azure: &std::sync::Arc<Azure>) -> Terraform {
    let window = json!([{ "start": "10:00", "duration": "20h" }]);
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_windows": window });
    let terraform = Terraform::policy(azure, policy);
    terraform.up().await;
    terraform.up().await;
    terraform
}

/// Returns the sentences about Fleets in a state.
fn told(state: &Json) -> Vec<String> {
    let blocks = state["blocked_by"].as_array().unwrap();
    let fleets = blocks.iter().filter(|block| block["code"] == "fleet_update_run");
    fleets.map(|block| block["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_update_run_is_told_and_hinders_nothing() {
    let azure = Azure::new(&stage("clusters = [\"test\", \"prod\"]"));
    let terraform = refreshed(&azure).await;
    let plan = terraform.plan().await;
    let sentence = "The update run monthly of the Fleet all has this cluster on its list (Running) and upgrades it by itself; an apply waits for what it starts. Stop the run, or let it do this work.";
    assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()), [sentence]);
    azure.wait(Duration::from_secs(3700)).await;
    terraform.up().await;
    assert_eq!(azure.writes(), ALL);
    let plan = terraform.plan().await;
    assert!(plan.is_empty());
    let state = plan.of("aks_upgrade_policy.prod").prior();
    assert_eq!((told(&state).len(), state["status"].as_str()), (1, Some("up_to_date")));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_ended_or_is_about_others_is_not_told() {
    for run in [
        "clusters = [\"test\"]",
        "clusters = [\"prod\"]\nstate = \"Completed\"",
        "clusters = [\"prod\"]\nstate = \"Stopped\"",
    ] {
        let azure = Azure::new(&stage(run));
        let plan = refreshed(&azure).await.plan().await;
        assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()), [""; 0], "{run}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_not_read_fleets_is_enough() {
    let allow = "[entra]\nallow = [\"Microsoft.ContainerService/managedClusters*\", \"Microsoft.ContainerService/locations*\"]\n";
    let azure = Azure::new(&format!("{allow}{}", stage("clusters = [\"prod\"]")));
    let plan = refreshed(&azure).await.plan().await;
    assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()), [""; 0]);
    let asked = azure.exchanges().iter().filter(|one| one.path.ends_with("/fleets")).count();
    assert!(asked > 0, "nothing was asked");
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_cannot_be_read_hides_no_other() {
    let first = "[[fleet]]\nname = \"gone\"\nrun = \"old\"\nclusters = [\"prod\"]\n";
    let azure =
        Azure::new(&stage("clusters = [\"prod\"]").replace("[[fleet]]", &format!("{first}[[fleet]]")));
    azure.accidents(|call| match call.path.contains("/fleets/gone/") {
        true => Fate::Rewrite(Box::new(|mut answer| {
            *answer.status_mut() = http::StatusCode::NOT_FOUND;
            answer
        })),
        false => Fate::Pass,
    });
    let plan = refreshed(&azure).await.plan().await;
    let told = told(&plan.of("aks_upgrade_policy.prod").prior());
    assert!(told.len() == 1 && told[0].contains("the Fleet all "), "{told:?}");
}

#[test]
fn a_state_keeps_its_own_part_of_a_run() {
    let member = |id: &str| json!({ "clusterResourceId": id, "status": { "state": "Running" } });
    let groups =
        json!([{ "members": [member("/a/one"), member("/a/two")] }, { "members": [member("/a/three")] }]);
    let run = json!({ "id": "/f/all/updateRuns/r", "properties": { "status": { "stages": [{ "groups": groups }] } } });
    let kept = member_of_update_run("/A/TWO", &run);
    assert_eq!(update_runs("/a/two", [&kept]), update_runs("/a/two", [&run]));
    assert_eq!(update_runs("/a/one", [&kept]), []);
    assert!(!kept.to_string().contains("/a/three"));
}

#[tokio::test(start_paused = true)]
async fn whoever_hands_over_to_aks_is_told_too() {
    let azure = Azure::new(&stage("clusters = [\"prod\"]"));
    let window = json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h" }]);
    let policy = json!({ "channel": "stable", "executor": "aks", "maintenance_windows": window });
    let terraform = Terraform::policy(&azure, policy);
    terraform.up().await;
    let plan = terraform.plan().await;
    assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn fleets_that_do_not_answer_leave_a_preview_whole() {
    let azure = Azure::new(&stage("clusters = [\"prod\"]"));
    azure.accidents(|call| if call.path.ends_with("/fleets") { Fate::Hang } else { Fate::Pass });
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    let plan = terraform.plan().await;
    assert_eq!(plan.warnings("Upgrade preview").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn fleets_that_do_not_answer_delay_a_plan_by_ten_seconds() {
    let azure = Azure::new(&stage("clusters = [\"prod\"]"));
    let terraform = refreshed(&azure).await;
    azure.accidents(|call| if call.path.ends_with("/fleets") { Fate::Hang } else { Fate::Pass });
    let began = Instant::now();
    let plan = terraform.plan().await;
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()), [""; 0]);
}
