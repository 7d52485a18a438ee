//! The way of one cluster, from the first plan to the last.

use serde_json::json;

use super::scene::{ALL, PROD_134};
use super::{Action, Azure, Terraform};

/// Open on Saturdays from 02:00 to 06:00 in Berlin, which is 01:00 to 05:00 UTC in November.
fn saturdays() -> serde_json::Value {
    json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "Europe/Berlin" }])
}

#[tokio::test(start_paused = true)]
async fn a_create_adopts_and_the_next_apply_upgrades() {
    let azure = Azure::new(PROD_134);
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));

    let plan = terraform.plan().await;
    assert_eq!(plan.only().action, Action::Create);
    assert_eq!(plan.only().planned()["current_version"], "(known after apply)");
    let told = terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.tried(), [""; 0], "a create starts nothing");
    assert_eq!(terraform.shown()["steps"]["01 control plane"], "1.34.9 to 1.35.6");
    assert_eq!(terraform.shown()["status"], "pending");
    assert_eq!(
        told.iter().map(|one| (one.summary.as_str(), one.detail.as_str())).collect::<Vec<_>>(),
        [(
            "Adopted, not upgraded yet",
            "prod: the cluster was adopted and nothing was started. It may be upgraded now. Plan and apply again to upgrade it: 3 steps, first the control plane 1.34.9 -> 1.35.6."
        )]
    );

    terraform.run().await;
    assert_eq!(azure.writes(), ALL);
    assert_eq!(terraform.shown()["current_version"], "1.35.6");
    assert_eq!(
        terraform.shown()["steps"],
        json!({
            "01 control plane": "1.34.9 to 1.35.6, done",
            "02 pool system": "1.34.9 to 1.35.6, done",
            "03 pool user": "1.34.9 to 1.35.6, done",
        })
    );
    assert_eq!(terraform.shown()["status"], "up_to_date");
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn on_sunday_nothing_happens_and_on_saturday_everything() {
    let azure = Azure::new(PROD_134);
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": saturdays() });
    let terraform = Terraform::policy(&azure, policy);
    terraform.up().await;
    assert_eq!(azure.writes(), [""; 0]);
    assert_eq!(
        terraform.shown()["steps"],
        json!({
            "01 control plane": "1.34.9 to 1.35.6",
            "02 pool system": "1.34.9 to 1.35.6",
            "03 pool user": "1.34.9 to 1.35.6",
        })
    );

    let sunday = terraform.plan().await;
    assert!(sunday.is_empty());
    let deferred = sunday.warnings("Upgrade deferred to the next maintenance window");
    assert_eq!(
        deferred,
        [
            "prod: 3 steps, first the control plane 1.34.9 -> 1.35.6. No window for the control plane is open; the next one opens at Sat 2026-11-28 02:00 Europe/Berlin. Pools system and user get Ubuntu 24.04 with 1.35.6, on which their workloads have to run. 1.34 leaves support after 2026-11-30; the step to 1.35 can come before. Windows: Saturdays 02:00-06:00 Europe/Berlin."
        ]
    );

    azure.wait_until("2026-11-28T01:30:00Z").await;
    let saturday = terraform.plan().await;
    assert_eq!(saturday.only().action, Action::Update);
    assert_eq!(saturday.only().promised(), ["control_plane 1.35.6", "system 1.35.6", "user 1.35.6"]);
    assert_eq!(saturday.only().planned()["current_version"], "1.35.6");
    assert_eq!(
        saturday.only().planned()["node_pools"]["user"],
        json!({
            "mode": "(known after apply)",
            "os_sku": "(known after apply)",
            "current_version": "1.35.6",
            "node_image_version": "(known after apply)",
        })
    );
    terraform.apply(&saturday).await.unwrap();
    assert_eq!(
        azure.picture("prod"),
        ["1.35.6 Succeeded", "system 1.35.6 Succeeded", "user 1.35.6 Succeeded"]
    );
    assert!(terraform.plan().await.is_empty());
}
