//! A timeout that is shorter than what is promised.

use serde_json::json;

use crate::upgrade_run::{Azure, Terraform};

const SUMMARY: &str = "The timeout is shorter than the work";

#[tokio::test(start_paused = true)]
async fn a_plan_names_both() {
    let azure = Azure::new(
        "[clock]\nstart = \"2026-11-22T10:00:00Z\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"",
    );
    let saturdays = json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": saturdays,
        "rollout": { "soak": "30m" }, "timeouts": { "create": "30m", "update": "1h" } });
    let terraform = Terraform::policy(&azure, policy);
    terraform.up().await;
    azure.wait_until("2026-11-28T02:00:00Z").await;
    let plan = terraform.plan().await;
    assert_eq!(
        plan.warnings(SUMMARY),
        [
            "prod: 3 steps, first the control plane 1.34.9 -> 1.35.6 are estimated to take 1h10m, and timeouts.update is 1h. Make it longer, for example timeouts.update = \"2h\"; otherwise the apply ends early with an error, and the next one goes on from there."
        ]
    );
    terraform.edit("aks_upgrade_policy.prod", "timeouts", json!({ "update": "2h" }));
    assert_eq!(terraform.plan().await.warnings(SUMMARY), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_the_window_counts() {
    let azure = Azure::new(
        "[clock]\nstart = \"2026-11-27T02:00:00Z\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"",
    );
    let saturdays = json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
    let policy =
        json!({ "kubernetes_version": "1.35", "maintenance_window": saturdays, "outside_window": "wait" });
    let terraform = Terraform::policy(&azure, policy);
    terraform.run().await;
    let plan = terraform.plan().await;
    let [told] = plan.warnings(SUMMARY).try_into().unwrap();
    assert!(
        told.contains(
            "estimated to take 1d40m, waiting for the window included, and timeouts.update is 5h30m"
        ),
        "{told}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_outside_the_window_does_not_wait() {
    let azure = Azure::new(
        "[clock]\nstart = \"2026-11-27T02:00:00Z\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"",
    );
    let saturdays = json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
    let policy =
        json!({ "kubernetes_version": "1.35", "maintenance_window": saturdays, "outside_window": "fail" });
    let plan = Terraform::policy(&azure, policy).plan().await;
    assert_eq!(plan.warnings(SUMMARY), [""; 0]);
}
