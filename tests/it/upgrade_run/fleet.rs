//! Fleets that upgrade the cluster, too: told, and nothing else.

use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_aks::arm::response::{member_of_update_run, update_runs};
use tokio::time::Instant;

use super::scene::ALL;
use super::{Azure, Fate, Terraform};

/// Two clusters, and a Fleet with some of them on the list of a run.
fn stage(members: &[&str], state: &str) -> String {
    format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\n[[cluster]]\nname = \"test\"\nversion = \"1.34.9\"\n{}",
        fleet("all", "monthly", members, state)
    )
}

/// A Fleet whose run waits for an approval, or has not been started, or is over.
fn fleet(name: &str, run: &str, members: &[&str], state: &str) -> String {
    let member = |name: &&str| format!("[[fleet.member]]\ncluster = \"{name}\"\ngroup = \"all\"\n");
    let members: String = members.iter().map(member).collect();
    format!(
        "[[fleet]]\nname = \"{name}\"\n{members}[[fleet.strategy]]\nname = \"asked\"\n[[fleet.strategy.stage]]\nname = \"all\"\n\
         groups = [\"all\"]\napproval = \"before\"\n[[fleet.run]]\nname = \"{run}\"\nstrategy = \"asked\"\nstate = \"{state}\"\n"
    )
}

/// Creates a policy that waits for its window, and refreshes it.
async fn refreshed(azure: &std::sync::Arc<Azure>) -> Terraform {
    let window = json!([{ "days": ["all"], "start": "10:00", "duration": "20h", "time_zone": "UTC" }]);
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": window });
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
    let azure = Azure::new(&stage(&["test", "prod"], "Running"));
    let terraform = refreshed(&azure).await;
    let plan = terraform.plan().await;
    let sentence = "The update run monthly of the Fleet all has this cluster on its list (Pending) and upgrades it by itself; an apply waits for what it starts. Stop the run, or let it do this work.";
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
    for (member, state) in [("test", "Running"), ("prod", "Completed"), ("prod", "Stopped")] {
        let azure = Azure::new(&stage(&[member], state));
        let plan = refreshed(&azure).await.plan().await;
        assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()), [""; 0], "{member} {state}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_not_read_fleets_is_enough() {
    let allow = "[entra]\nallow = [\"Microsoft.ContainerService/managedClusters*\", \"Microsoft.ContainerService/locations*\"]\n";
    let azure = Azure::new(&format!("{allow}{}", stage(&["prod"], "Running")));
    let plan = refreshed(&azure).await.plan().await;
    assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()), [""; 0]);
    let asked = azure.exchanges().iter().filter(|one| one.path.ends_with("/fleets")).count();
    assert!(asked > 0, "nothing was asked");
}

#[tokio::test(start_paused = true)]
async fn a_fleet_that_cannot_be_read_hides_no_other() {
    let first = fleet("gone", "old", &["prod"], "Running");
    let azure = Azure::new(&stage(&["prod"], "Running").replace("[[fleet]]", &format!("{first}[[fleet]]")));
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
    let azure = Azure::new(&stage(&["prod"], "Running"));
    let window = json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
    let policy = json!({ "channel": "stable", "executor": "aks", "maintenance_window": window });
    let terraform = Terraform::policy(&azure, policy);
    terraform.up().await;
    let plan = terraform.plan().await;
    assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn fleets_that_do_not_answer_leave_a_preview_whole() {
    let azure = Azure::new(&stage(&["prod"], "Running"));
    azure.accidents(|call| if call.path.ends_with("/fleets") { Fate::Hang } else { Fate::Pass });
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    let plan = terraform.plan().await;
    assert_eq!(plan.warnings("Upgrade preview").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn fleets_that_do_not_answer_delay_a_plan_by_ten_seconds() {
    let azure = Azure::new(&stage(&["prod"], "Running"));
    let terraform = refreshed(&azure).await;
    azure.accidents(|call| if call.path.ends_with("/fleets") { Fate::Hang } else { Fate::Pass });
    let began = Instant::now();
    let plan = terraform.plan().await;
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(told(&plan.of("aks_upgrade_policy.prod").prior()), [""; 0]);
}
