//! What is written, when, and when nothing is.

use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::upgrade_run::scene::wanting_135;
use crate::upgrade_run::{Action, Azure, Fate, PROD, Terraform};

const WINTER: &str = "PUT prod aksManagedAutoUpgradeSchedule 02:00 +01:00";

/// No channel is on, and it is a Sunday in November.
fn prod() -> String {
    "[clock]\nstart = \"2026-11-22T10:00:00Z\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"".to_owned()
}

fn saturdays() -> Json {
    json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "Europe/Berlin" }])
}

fn stable() -> Json {
    json!({ "channel": "stable", "executor": "aks", "maintenance_window": saturdays() })
}

fn channel(azure: &Azure, name: &str) -> Json {
    azure.cluster("prod")["properties"]["autoUpgradeProfile"][name].clone()
}

/// Returns `part from -> to` of every step that is left in a state.
fn steps(state: &Json) -> Vec<String> {
    let steps = crate::upgrade_run::pending(&state["steps"]);
    steps.iter().map(|step| format!("{} {} -> {}", step.part(), step.from, step.to)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_create_writes_the_window_and_then_the_channel() {
    let azure = Azure::new(&prod());
    let terraform = Terraform::policy(&azure, stable());
    let plan = terraform.plan().await;
    assert_eq!(
        plan.warnings("Upgrade preview"),
        [
            "prod: 2 steps are pending. This create writes what disrupts nothing, which is all of it; AKS then upgrades by itself.\n  01 maintenance configuration aksManagedAutoUpgradeSchedule: none to every saturday 02:00 +01:00 for 4h, about 2m\n  02 auto-upgrade channel: none to stable, about 2m\nWindows: Saturdays 02:00-06:00 Europe/Berlin. The first window is from Sat 2026-11-28 02:00 Europe/Berlin to Sat 2026-11-28 06:00 Europe/Berlin.\nAKS has this to do, by itself and in its window: the control plane 1.35.6 -> 1.36.2, pool system 1.35.6 -> 1.36.2 and pool user 1.35.6 -> 1.36.2."
        ]
    );
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable"]);
    assert_eq!(channel(&azure, "upgradeChannel"), "stable");
    let state = terraform.shown();
    assert_eq!(steps(&state), [""; 0]);
    // What is pending, although no step of ours is.
    assert_eq!(state["status"], "pending");
    assert_eq!(state["blocked_by"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&state["blocked_by"][0]["code"], &state["blocked_by"][0]["message"]),
        (
            &json!("left_to_aks"),
            &json!(
                "AKS has this to do, by itself and in its window: the control plane 1.35.6 -> 1.36.2, pool system 1.35.6 -> 1.36.2 and pool user 1.35.6 -> 1.36.2."
            )
        )
    );
    assert_eq!(state["current_version"], "1.35.6");
    assert_eq!(state["next_window"]["start"], "2026-11-28T01:00:00Z");
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_azure_holds_already_is_not_written() {
    let azure = Azure::new(&prod());
    Terraform::policy(&azure, stable()).up().await;
    let calls = azure.writes().len();
    Terraform::policy(&azure, stable()).up().await;
    assert_eq!(azure.writes().len(), calls);
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_clocks_is_a_planned_update_of_the_window_alone() {
    let azure = Azure::new(&prod());
    let terraform = Terraform::policy(&azure, stable());
    terraform.up().await;
    // The clocks go forward on Sunday 28 March 2027; Saturday the 27th is still winter.
    azure.wait_until("2027-03-26T10:00:00Z").await;
    assert!(terraform.plan().await.is_empty());
    azure.wait_until("2027-03-27T10:00:00Z").await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().action, Action::Update);
    assert_eq!(
        plan.only().promised(),
        ["maintenance_configuration_aksmanagedautoupgradeschedule every saturday 02:00 +02:00 for 4h"]
    );
    terraform.apply(&plan).await.unwrap();
    let summer = "PUT prod aksManagedAutoUpgradeSchedule 02:00 +02:00";
    assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable", summer]);
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_somebody_changed_is_put_back() {
    let azure = Azure::new(&prod());
    let terraform = Terraform::policy(&azure, stable());
    terraform.up().await;
    let mut body = azure.cluster("prod");
    body["properties"]["autoUpgradeProfile"]["upgradeChannel"] = "none".into();
    assert_eq!(azure.somebody_else("PUT", PROD, &body), 200);
    azure.wait(std::time::Duration::from_secs(600)).await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["auto_upgrade_channel stable"]);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(channel(&azure, "upgradeChannel"), "stable");
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_window_that_somebody_deleted_after_the_plan_is_not_left_out() {
    let azure = Azure::new(&prod());
    let terraform = Terraform::policy(&azure, stable());
    terraform.up().await;
    terraform.edit("aks_upgrade_policy.prod", "channel", "rapid".into());
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["auto_upgrade_channel rapid"]);
    let path = format!("{PROD}/maintenanceConfigurations/aksManagedAutoUpgradeSchedule");
    assert_eq!(azure.somebody_else("DELETE", &path, &Json::Null), 200);
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The plan no longer holds");
    assert_eq!(
        error.detail,
        format!(
            "Since the plan was made, what has to be written became: maintenance_configuration aksManagedAutoUpgradeSchedule none -> every saturday 02:00 +01:00 for 4h, then auto_upgrade_channel stable -> rapid. Nothing was changed on {PROD}. Plan again."
        )
    );
    assert_eq!(channel(&azure, "upgradeChannel"), "stable");
    terraform.up().await;
    assert_eq!(channel(&azure, "upgradeChannel"), "rapid");
}

#[tokio::test(start_paused = true)]
async fn from_terraform_to_aks_and_a_destroy_that_leaves_both() {
    let azure = Azure::new(&prod());
    let terraform =
        Terraform::policy(&azure, json!({ "channel": "patch", "maintenance_window": saturdays() }));
    terraform.up().await;
    assert_eq!(azure.writes(), [""; 0]);
    terraform.edit("aks_upgrade_policy.prod", "executor", "aks".into());
    let plan = terraform.plan().await;
    assert_eq!(
        plan.warnings("Not observed yet"),
        [
            "prod: The last refresh did not read what executor names now, so this apply saves the arguments, reads it, and starts nothing. Plan again for the steps."
        ]
    );
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), [""; 0]);
    terraform.up().await;
    assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel patch"]);
    assert!(terraform.plan().await.is_empty());
    let told = terraform.destroy().await;
    assert_eq!(told[0].summary, "Nothing changes in Azure");
    assert!(told[0].detail.starts_with("Destroying this aks_upgrade_policy leaves AKS's channel"));
    assert_eq!(azure.writes().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn node_images_have_a_channel_and_a_window_of_their_own() {
    let azure = Azure::new(&prod());
    let block = json!({ "channel": "SecurityPatch", "executor": "aks", "maintenance_window": saturdays() });
    let terraform = Terraform::node_image(&azure, block);
    terraform.up().await;
    assert_eq!(
        azure.writes(),
        [
            "PUT prod aksManagedNodeOSUpgradeSchedule 02:00 +01:00",
            "PUT prod nodeOSUpgradeChannel SecurityPatch"
        ]
    );
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn leaving_unmanaged_waits_for_an_open_window() {
    let azure = Azure::new(&prod());
    let mut body = azure.cluster("prod");
    body["properties"]["autoUpgradeProfile"]["nodeOSUpgradeChannel"] = "Unmanaged".into();
    assert_eq!(azure.somebody_else("PUT", PROD, &body), 200);
    azure.wait(std::time::Duration::from_secs(600)).await;
    let block = json!({ "channel": "NodeImage", "executor": "aks", "maintenance_window": saturdays() });
    let terraform = Terraform::node_image(&azure, block);
    terraform.up().await;
    let window = "PUT prod aksManagedNodeOSUpgradeSchedule 02:00 +01:00";
    assert_eq!(azure.writes(), [window]);
    assert_eq!(steps(&terraform.shown()), ["node OS channel Unmanaged -> NodeImage"]);
    let sunday = terraform.plan().await;
    assert!(sunday.is_empty());
    assert_eq!(
        sunday.warnings("Upgrade deferred to the next maintenance window"),
        [
            "prod: 1 step, node_os_channel Unmanaged -> NodeImage. No window for the whole cluster is open; the next one opens at Sat 2026-11-28 02:00 Europe/Berlin. Windows: Saturdays 02:00-06:00 Europe/Berlin."
        ]
    );
    azure.wait_until("2026-11-28T01:30:00Z").await;
    let saturday = terraform.plan().await;
    azure.wait_until("2026-11-28T05:30:00Z").await;
    let late = terraform.apply(&saturday).await.unwrap_err();
    assert_eq!(late.summary, "Outside the maintenance window");
    azure.wait_until("2026-12-05T01:30:00Z").await;
    terraform.up().await;
    assert_eq!(azure.writes(), [window, "PUT prod nodeOSUpgradeChannel NodeImage"]);
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_stopped_cluster_gets_its_window_and_the_channel_later() {
    let azure = Azure::new(&prod());
    assert_eq!(azure.somebody_else("POST", &format!("{PROD}/stop"), &Json::Null), 202);
    azure.wait(std::time::Duration::from_secs(1800)).await;
    let terraform = Terraform::policy(&azure, stable());
    terraform.up().await;
    assert_eq!(azure.writes(), [WINTER]);
    assert_eq!(terraform.shown()["blocked_by"][0]["code"], "cluster_stopped");
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_operation_of_somebody_else_is_waited_for() {
    let azure = Azure::new(&prod());
    azure.somebody_upgrades("user", "1.35.6");
    let terraform = Terraform::policy(&azure, stable());
    terraform.up().await;
    assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable"]);
}

/// Every request of the create is lost once, before and after Azure heard it: the next run ends the same.
#[tokio::test(start_paused = true)]
async fn a_lost_request_changes_nothing_about_the_end() {
    for lost in 1..16 {
        for heard in [false, true] {
            let azure = Azure::new(&prod());
            let terraform = Terraform::policy(&azure, stable()).provider("max_retries", json!(0));
            azure.accidents(move |call| match (call.number == lost, heard) {
                (true, false) => crate::upgrade_run::Fate::CutBefore,
                (true, true) => crate::upgrade_run::Fate::LoseAnswer,
                _ => crate::upgrade_run::Fate::Pass,
            });
            if let Ok(plan) = terraform.try_plan().await {
                let _ = terraform.apply(&plan).await;
            }
            azure.calm();
            terraform.up().await;
            assert_eq!(channel(&azure, "upgradeChannel"), "stable");
            assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable"], "{lost} {heard}");
            assert!(terraform.plan().await.is_empty());
        }
    }
}

/// Cuts the connection on `requests` requests that follow the first PUT of the cluster.
fn outage(azure: &Azure, requests: usize) {
    let mut left = None;
    azure.accidents(move |call| match &mut left {
        None => {
            left = (call.method == "PUT" && call.path.ends_with("/prod")).then_some(requests);
            Fate::Pass
        }
        Some(0) => Fate::Pass,
        Some(left) => {
            *left -= 1;
            Fate::CutBefore
        }
    });
}

#[tokio::test(start_paused = true)]
async fn an_outage_after_a_write_is_borne() {
    let azure = Azure::new(&prod());
    let terraform = Terraform::policy(&azure, stable()).provider("max_retries", json!(0));
    let plan = terraform.plan().await;
    outage(&azure, 12);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable"]);
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_outlasts_the_timeout_is_told_and_the_next_run_goes_on() {
    let azure = Azure::new(&prod());
    let mut block = stable();
    block["timeouts"] = json!({ "create": "30m" });
    let terraform = Terraform::policy(&azure, block).provider("max_retries", json!(0));
    let plan = terraform.plan().await;
    outage(&azure, usize::MAX);
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade not finished in time");
    let said = "The timeout of this resource, 30m, ended (see timeouts). The last error from Azure was: GET ";
    assert!(error.detail.starts_with(said), "{}", error.detail);
    let said = format!(
        "got no answer from 127.0.0.1: connection reset by peer. It was step 2 of 2 on {PROD}: auto_upgrade_channel none -> stable. What runs in Azure goes on; no further step was started. Apply again: it attaches to what runs and goes on from there."
    );
    assert!(error.detail.ends_with(&said), "{}", error.detail);
    assert_eq!(terraform.shown(), Json::Null);
    azure.calm();
    terraform.up().await;
    assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable"]);
}

#[tokio::test(start_paused = true)]
async fn a_channel_whose_operation_ended_badly_is_told_once() {
    let azure = Azure::new(&prod());
    azure.outcome("kind = \"settings\"\nends = \"cancel\"");
    let terraform = Terraform::policy(&azure, stable());
    let error = terraform.apply(&terraform.plan().await).await.unwrap_err();
    assert_eq!(
        (error.summary.as_str(), error.detail),
        (
            "Upgrade step cancelled",
            format!(
                "Somebody cancelled the step in Azure. It was step 2 of 2 on {PROD}: auto_upgrade_channel none -> stable. No further step was started. Remove the cause; the next plan shows what is left, a repair included."
            )
        )
    );
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_in_an_outage_ends_it() {
    let azure = Azure::new(&prod());
    let terraform = Terraform::policy(&azure, stable());
    let plan = terraform.plan().await;
    outage(&azure, usize::MAX);
    let stop = CancellationToken::new();
    let later = async {
        azure.wait(Duration::from_secs(300)).await;
        stop.cancel();
        Instant::now()
    };
    let applying = async { (terraform.apply_until(&plan, stop.clone()).await, Instant::now()) };
    let ((result, returned), stopped) = tokio::join!(applying, later);
    assert!(returned - stopped < Duration::from_secs(5));
    assert_eq!(result.unwrap_err().summary, "Upgrade interrupted");
}

/// The status of its operation never ends, but the cluster is at rest.
#[tokio::test(start_paused = true)]
async fn a_channel_whose_operation_is_stuck_is_held_against_the_cluster() {
    let azure = Azure::new(&prod());
    azure.outcome("kind = \"settings\"\nends = \"stuck\"");
    let mut block = stable();
    block["timeouts"] = json!({ "create": "14m" });
    let terraform = Terraform::policy(&azure, block);
    terraform.up().await;
    assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable"]);
    assert!(terraform.plan().await.is_empty());
}

/// A failure that Azure gives no reason for is the same sentence whoever upgrades.
#[tokio::test(start_paused = true)]
async fn a_failure_without_a_word_is_told_as_one() {
    let mute = "path = \"operations\"\ndoes = \"answer\"\nstatus = 200\nbody = '{\"status\":\"Failed\"}'";
    let said = |place: &str, step: &str| {
        format!(
            "Azure ended the step as failed and gave no reason. It was step {place} on {PROD}: {step}. No further step was started. Remove the cause; the next plan shows what is left, a repair included."
        )
    };

    let azure = Azure::new(&prod());
    azure.fault(mute);
    let terraform = Terraform::policy(&azure, stable());
    let error = terraform.apply(&terraform.plan().await).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step failed");
    assert_eq!(error.detail, said("2 of 2", "auto_upgrade_channel none -> stable"));

    let (azure, terraform) = wanting_135().await;
    azure.fault(mute);
    let error = terraform.apply(&terraform.plan().await).await.unwrap_err();
    assert_eq!(error.summary, "Upgrade step failed");
    assert_eq!(error.detail, said("1 of 3", "the control plane 1.34.9 -> 1.35.6"));
}

/// Azure shows the channel as soon as it took the write; the step is done when the operation is.
#[tokio::test(start_paused = true)]
async fn a_channel_is_done_when_its_operation_has_ended() {
    for lost in [false, true] {
        let azure = Azure::new(&prod());
        let terraform = Terraform::policy(&azure, stable());
        let plan = terraform.plan().await;
        azure.accidents(move |call| match lost && call.method == "PUT" && call.path.ends_with("/prod") {
            true => Fate::LoseAnswer,
            false => Fate::Pass,
        });
        terraform.apply(&plan).await.unwrap();
        assert_eq!(azure.cluster("prod")["properties"]["provisioningState"], "Succeeded", "lost: {lost}");
        assert_eq!(azure.writes(), [WINTER, "PUT prod upgradeChannel stable"]);
    }
}
