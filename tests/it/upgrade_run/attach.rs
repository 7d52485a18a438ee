//! Version upgrades that run already when a plan is made: waited for, and never started.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::azure::{Azure, PROD};
use super::lines::pending;
use super::scene::{PROD_134, versions_and_images};
use super::terraform::{Terraform, step};

/// What a run that was killed in its last step has left, outside the window: Azure shows the target already.
async fn left_in_the_last_step(azure: &Arc<Azure>) -> Terraform {
    let window = json!([{ "days": ["all"], "start": "10:00", "duration": "5h", "time_zone": "UTC" }]);
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": window });
    let terraform = Terraform::policy(azure, policy);
    terraform.up().await;
    terraform.edit("aks_upgrade_policy.prod", "outside_window", "fail".into());
    azure.somebody_upgrades("user", "1.35.6");
    terraform
}

const LAST_STEP: &str = "[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\nversion = \"1.34.9\"";

#[tokio::test(start_paused = true)]
async fn a_last_step_that_still_runs_is_stayed_with() {
    let azure = Azure::new(LAST_STEP);
    let terraform = left_in_the_last_step(&azure).await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["user 1.35.6"]);
    assert_eq!(plan.only().prior()["steps"]["01 pool user"], "1.34.9 to 1.35.6");
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.tried(), [""; 0]);
    assert_eq!(
        azure.picture("prod"),
        ["1.35.6 Succeeded", "system 1.35.6 Succeeded", "user 1.35.6 Succeeded"]
    );
    assert!(terraform.plan().await.is_empty());
}

/// Where nothing of ours follows it, it is shown, and no plan waits for it.
#[tokio::test(start_paused = true)]
async fn outside_the_window_what_runs_is_shown_and_is_no_work() {
    let azure = Azure::new(LAST_STEP);
    let terraform = left_in_the_last_step(&azure).await;
    terraform.edit("aks_upgrade_policy.prod", "outside_window", "defer".into());
    terraform.up().await;
    let plan = terraform.plan().await;
    assert!(plan.is_empty());
    assert_eq!(terraform.shown()["status"], "upgrading");
    assert_eq!(azure.tried(), [""; 0]);
}

/// The turn is kept through the soak after a step that was found running: no image goes in between.
#[tokio::test(start_paused = true)]
async fn a_soak_after_a_step_that_was_found_running_lets_no_image_in_between() {
    let (azure, terraform) = versions_and_images();
    let policy = json!({ "kubernetes_version": "1.35", "rollout": { "soak": "30m" } });
    terraform.write("aks_upgrade_policy.prod", policy);
    let mut body = azure.cluster("prod");
    body["properties"]["kubernetesVersion"] = "1.35.6".into();
    azure.somebody_else("PUT", PROD, &body);
    azure.wait(Duration::from_secs(3600)).await;
    azure.somebody_upgrades("system", "1.35.6");
    terraform.up().await;
    assert_eq!(azure.writes(), ["PUT prod/user 1.35.6"]);
    assert!(terraform.plan().await.is_empty());
}

/// An upgrade of the whole cluster by somebody else does more than what a plan outside the window promises.
#[tokio::test(start_paused = true)]
async fn an_upgrade_of_the_whole_cluster_that_runs_is_stayed_with_to_its_end() {
    let both = ["system 1.35.6", "user 1.35.6"].map(str::to_owned);
    let mut found = Vec::new();
    for minutes in [1, 4, 7, 12, 17] {
        let azure = Azure::new(PROD_134);
        let window =
            json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
        let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": window });
        let terraform = Terraform::policy(&azure, policy);
        terraform.up().await;
        terraform.edit("aks_upgrade_policy.prod", "outside_window", "fail".into());
        let mut body = azure.cluster("prod");
        body["properties"]["kubernetesVersion"] = "1.35.6".into();
        for pool in body["properties"]["agentPoolProfiles"].as_array_mut().unwrap() {
            pool["orchestratorVersion"] = "1.35.6".into();
        }
        assert!(azure.somebody_else("PUT", PROD, &body) < 300);
        azure.wait(Duration::from_secs(60 * minutes)).await;
        let plan = terraform.plan().await;
        let steps = pending(&plan.only().prior()["steps"]);
        found.push(steps.iter().map(|line| step(&line.json())).collect::<Vec<_>>());
        terraform.apply(&plan).await.unwrap();
        assert!(terraform.plan().await.is_empty(), "after {minutes} minutes");
        assert_eq!(azure.tried(), [""; 0]);
        let shown = terraform.shown();
        assert_eq!(pending(&shown["steps"]), [], "after {minutes} minutes");
        assert_eq!(shown["node_pools"]["user"]["current_version"], "1.35.6", "after {minutes} minutes");
    }
    assert_eq!((found[0].as_slice(), found[4].as_slice()), (&both[..], &both[1..]));
}

#[tokio::test(start_paused = true)]
async fn a_last_step_that_somebody_cancels_meanwhile_is_told_and_not_started_again() {
    let azure = Azure::new(LAST_STEP);
    azure.outcome("pool = \"user\"\nends = \"cancel\"");
    let terraform = left_in_the_last_step(&azure).await;
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step failed");
    assert_eq!(
        error.detail,
        format!(
            "An earlier operation on pool user ended as Canceled. Nothing was changed on {PROD}. Plan again."
        )
    );
    assert_eq!(azure.tried(), [""; 0]);
    // The next window repairs it.
    azure.wait(Duration::from_secs(3700)).await;
    terraform.up().await;
    assert_eq!(azure.writes(), ["PUT prod/user 1.35.6"]);
}

/// Nobody of ours saw it end, and the end that is remembered is of a pool of long ago: Azure tells when this one moved.
#[tokio::test(start_paused = true)]
async fn a_soak_counts_from_a_pool_that_ended_unseen() {
    // The pool runs while it is planned and ends before the apply; or it ends before the plan.
    for before_plan in [Duration::ZERO, Duration::from_secs(3600)] {
        let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"");
        let policy = |version: &str| json!({ "kubernetes_version": version, "rollout": { "soak": "3h" } });
        let terraform = Terraform::policy(&azure, policy("1.34.9"));
        terraform.up().await;
        azure.wait(Duration::from_secs(24 * 3600)).await;
        let mut body = azure.cluster("prod");
        body["properties"]["kubernetesVersion"] = "1.35.6".into();
        azure.somebody_else("PUT", PROD, &body);
        azure.wait(Duration::from_secs(3600)).await;
        let began = azure.now();
        azure.somebody_upgrades("system", "1.35.6");
        azure.wait(before_plan).await;
        terraform.write("aks_upgrade_policy.prod", policy("1.35"));
        let plan = terraform.plan().await;
        azure.wait(Duration::from_secs(3600)).await;
        terraform.apply(&plan).await.unwrap();
        let last = azure.exchanges().into_iter().rfind(|one| one.is_write()).unwrap();
        assert_eq!(last.write(), "PUT prod/user 1.35.6");
        let apart = last.at.duration_since(began);
        assert!(apart >= jiff::SignedDuration::from_hours(3), "{apart}");
    }
}
