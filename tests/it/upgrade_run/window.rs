//! When work may start: defer, fail, wait, override, and windows that close at the wrong moment.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::scene::{ALL, PROD_134};
use super::{Action, Azure, Fate, Terraform};

/// A policy for 1.35, open on Saturdays from 02:00 UTC for `duration`.
fn saturdays(duration: &str) -> Json {
    json!({
        "kubernetes_version": "1.35",
        "maintenance_window": [{ "days": ["saturday"], "start": "02:00", "duration": duration, "time_zone": "UTC" }],
    })
}

fn with(mut policy: Json, argument: &str, value: Json) -> Json {
    policy[argument] = value;
    policy
}

/// A policy that has been created, so that the next plan is an update.
async fn created(azure: &std::sync::Arc<Azure>, policy: Json) -> Terraform {
    let mut deferring = policy.clone();
    deferring.as_object_mut().unwrap().remove("outside_window");
    let terraform = Terraform::policy(azure, deferring);
    terraform.up().await;
    assert_eq!(azure.tried(), [""; 0]);
    terraform.write("aks_upgrade_policy.prod", policy);
    terraform
}

#[tokio::test(start_paused = true)]
async fn fail_plans_on_monday_and_refuses_before_saturday() {
    let azure = Azure::new(PROD_134);
    let policy = with(saturdays("4h"), "outside_window", "fail".into());
    let terraform = created(&azure, policy).await;

    let monday = terraform.plan().await;
    assert_eq!(monday.only().promised(), ["control_plane 1.35.6", "system 1.35.6", "user 1.35.6"]);
    let error = terraform.apply(&monday).await.unwrap_err();
    assert_eq!(error.summary, "Outside the maintenance window");
    assert_eq!(
        error.detail,
        "No window for the control plane is open; the next one opens at Sat 2026-11-28 02:00 UTC. Nothing was changed on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod. A saved plan is used up by an apply, this one too: plan again, let it be approved again, and apply inside the window."
    );
    assert_eq!(azure.tried(), [""; 0]);

    azure.wait_until("2026-11-28T02:10:00Z").await;
    terraform.apply(&monday).await.unwrap();
    assert_eq!(azure.writes(), ALL);
}

#[tokio::test(start_paused = true)]
async fn wait_waits_for_saturday() {
    let azure = Azure::new(PROD_134);
    let policy = with(saturdays("4h"), "outside_window", "wait".into());
    let policy = with(policy, "timeouts", json!({ "update": "7d" }));
    let terraform = created(&azure, policy).await;

    terraform.up().await;

    assert_eq!(azure.writes(), ALL);
    let first = azure.exchanges().into_iter().find(|one| one.is_write()).unwrap().at;
    let opens: Timestamp = "2026-11-28T02:00:00Z".parse().unwrap();
    assert!(first >= opens && first.duration_since(opens).as_secs() < 5, "{first}");
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn wait_says_at_once_that_the_window_is_too_far_away() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, with(saturdays("4h"), "outside_window", "wait".into())).await;
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The window opens too late for this apply");
    assert_eq!(
        error.detail,
        "The next window opens at Sat 2026-11-28 02:00 UTC, after the timeout of this resource, 5h30m (see timeouts). Nothing was changed on /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod. Raise timeouts, apply closer to the window, or set outside_window = \"defer\"."
    );
}

#[tokio::test(start_paused = true)]
async fn only_what_fits_into_the_window_is_promised() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, saturdays("35m")).await;
    azure.wait_until("2026-11-28T02:01:00Z").await;

    let first = terraform.plan().await;
    assert_eq!(first.only().promised(), ["control_plane 1.35.6", "system 1.35.6"]);
    assert_eq!(
        first.only().planned()["steps"],
        json!({
            "01 control plane": "1.34.9 to 1.35.6, done",
            "02 pool system": "1.34.9 to 1.35.6, done",
            "03 pool user": "1.34.9 to 1.35.6",
        })
    );
    assert_eq!(
        first.warnings("A part of the upgrade is done now"),
        [
            "prod: 2 of 3 steps are done now: the control plane 1.34.9 -> 1.35.6 (10m) and pool system 1.34.9 -> 1.35.6 (15m). Left for later: pool user 1.34.9 -> 1.35.6 (15m). The window closes at Sat 2026-11-28 02:35 UTC, and pool user needs 15m of it; the next window opens at Sat 2026-12-05 02:00 UTC."
        ]
    );
    terraform.apply(&first).await.unwrap();
    assert_eq!(azure.writes(), ALL[..2]);

    azure.wait_until("2026-12-05T02:01:00Z").await;
    terraform.up().await;
    assert_eq!(azure.writes(), ALL);
}

#[tokio::test(start_paused = true)]
async fn a_plan_made_inside_the_window_and_applied_after_it_changes_nothing() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, saturdays("4h")).await;
    azure.wait_until("2026-11-28T02:01:00Z").await;
    let plan = terraform.plan().await;

    azure.wait_until("2026-11-28T09:00:00Z").await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Outside the maintenance window");
    assert!(
        error.detail.starts_with("The window for the control plane closed at Sat 2026-11-28 06:00 UTC; the next one opens at Sat 2026-12-05 02:00 UTC. Nothing was changed on "),
        "{}",
        error.detail
    );
    assert_eq!(azure.tried(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_window_that_closes_between_two_steps_ends_the_apply_after_the_first() {
    // The control plane takes two hours instead of ten minutes.
    let slow = format!("[durations]\ncontrol_plane = \"2h\"\n{PROD_134}");
    let azure = Azure::new(&slow);
    let terraform = created(&azure, saturdays("1h")).await;
    azure.wait_until("2026-11-28T02:01:00Z").await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised().len(), 3);

    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The window closed with 2 of 3 steps left");
    assert!(
        error.detail.contains("The window for pool system closed at Sat 2026-11-28 03:00 UTC"),
        "{}",
        error.detail
    );
    assert_eq!(azure.writes(), ALL[..1]);
    assert_eq!(terraform.shown()["current_version"], "1.35.6", "what was done is in the state");

    azure.wait_until("2026-12-05T02:01:00Z").await;
    terraform.up().await;
    assert_eq!(azure.writes(), ALL);
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_write_is_not_sent_after_the_window_closed() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, saturdays("4h")).await;
    azure.wait_until("2026-11-28T05:00:00Z").await;
    azure.fault("method = \"PUT\"\ndoes = \"answer\"\nstatus = 429\nretry_after = 3600");
    let plan = terraform.plan().await;

    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Outside the maintenance window");
    assert_eq!(azure.writes(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_made_does_not_carry_a_write_past_the_window() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, with(saturdays("4h"), "cutoff", "1s".into())).await;
    azure.wait_until("2026-11-28T05:59:50Z").await;
    let plan = terraform.plan().await;
    azure.accidents(|call| if call.method == "PUT" { Fate::NotSent } else { Fate::Pass });
    terraform.apply(&plan).await.unwrap_err();
    assert_eq!(azure.tried(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_override_opens_the_window_once_and_is_inert_afterwards() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, saturdays("4h")).await;
    let glass = json!({ "reason": "CVE-2026-31431, CHG0042", "expires": "2026-11-24T06:00:00Z", "ignore": ["window"] });
    terraform.edit("aks_upgrade_policy.prod", "override", glass);

    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised().len(), 3);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ALL);

    azure.wait(Duration::from_secs(3 * 24 * 3600)).await;
    let later = terraform.plan().await;
    assert_eq!(later.only().action, Action::NoOp);
    assert_eq!(later.warnings("Override expired").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_override_promises_no_more_than_fits_before_it_expires() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, saturdays("4h")).await;
    azure.wait_until("2026-11-24T05:21:00Z").await;
    let glass = json!({ "reason": "CHG0042", "expires": "2026-11-24T06:00:00Z", "ignore": ["window"] });
    terraform.edit("aks_upgrade_policy.prod", "override", glass);

    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["control_plane 1.35.6", "system 1.35.6"]);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ALL[..2]);
    assert_eq!(terraform.shown()["next_window"], json!({ "start": null, "end": "2026-11-24T06:00:00Z" }));

    azure.wait_until("2026-11-28T02:01:00Z").await;
    terraform.up().await;
    assert_eq!(azure.writes(), ALL);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_no_window_can_hold_is_told_and_fails_no_plan() {
    let pool = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\ncount = 30";
    let azure = Azure::new(&format!("{PROD_134}\n{pool}"));
    let one_by_one = with(saturdays("1h"), "rollout", json!({ "max_surge": "1" }));
    let terraform = Terraform::policy(&azure, one_by_one);
    let created = terraform.plan().await;
    terraform.apply(&created).await.unwrap();
    let nowhere = |blocked: &serde_json::Value| blocked["code"] == "fits_nowhere";
    assert!(terraform.shown()["blocked_by"].as_array().unwrap().iter().any(nowhere));
    let update = terraform.plan().await;
    let never = "prod: The longest window to come for minor is 1h, and pool system needs 2h5m. Make a window longer, set cutoff, or let Azure replace more of the pool's nodes at a time.";
    let pending = "Pending: 2 steps, first the control plane 1.34.9 -> 1.35.6. No window for the control plane is open; the next one opens at Sat 2026-11-28 02:00 UTC. Pool system gets Ubuntu 24.04 with 1.35.6, on which its workloads have to run. 1.34 leaves support after 2026-11-30; the step to 1.35 can come before. Windows: Saturdays 02:00-03:00 UTC.";
    assert_eq!(created.warnings("The work fits into no window"), [never]);
    assert_eq!(update.warnings("The work fits into no window"), [format!("{never} {pending}")]);
    assert!(terraform.destroy().await.iter().all(|told| !told.is_error()));
}

#[tokio::test(start_paused = true)]
async fn an_override_that_expires_before_the_apply_opens_nothing() {
    let azure = Azure::new(PROD_134);
    let terraform = created(&azure, saturdays("4h")).await;
    let glass = json!({ "reason": "CHG0042", "expires": "2026-11-24T06:00:00Z", "ignore": ["window"] });
    terraform.edit("aks_upgrade_policy.prod", "override", glass);
    let plan = terraform.plan().await;

    azure.wait_until("2026-11-24T06:00:01Z").await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Outside the maintenance window");
    assert_eq!(azure.tried(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_blackout_beats_the_window_and_gives_its_reason() {
    let azure = Azure::new(PROD_134);
    let blackout =
        json!([{ "from": "2026-11-27T00:00:00Z", "to": "2026-11-30T00:00:00Z", "reason": "black friday" }]);
    let terraform = created(&azure, with(saturdays("4h"), "blackout", blackout)).await;
    azure.wait_until("2026-11-28T02:10:00Z").await;

    let plan = terraform.plan().await;
    assert!(plan.is_empty());
    let told = plan.warnings("Upgrade deferred to the next maintenance window");
    assert_eq!(
        told,
        [
            "prod: 3 steps, first the control plane 1.34.9 -> 1.35.6. A blackout (black friday) forbids work on the control plane; the next window opens at Sat 2026-12-05 02:00 UTC. Pools system and user get Ubuntu 24.04 with 1.35.6, on which their workloads have to run. Windows: Saturdays 02:00-06:00 UTC; not 2026-11-27T00:00:00Z to 2026-11-30T00:00:00Z (black friday)."
        ]
    );
}

/// "Minor quarterly, patches nightly": the patch of the running minor is planned, shown and done on its own.
#[tokio::test(start_paused = true)]
async fn a_patch_does_not_wait_for_a_minor_whose_window_is_closed() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"");
    let night = |days: Json, kinds: Json| json!({ "days": days, "start": "02:00", "duration": "4h", "time_zone": "UTC", "applies_to": kinds });
    let windows = json!([
        night(json!(["saturday"]), json!(["minor"])),
        night(json!(["tuesday", "wednesday"]), json!(["patch"]))
    ]);
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": windows });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    // Monday noon: nothing now, and the way to the target, whose first part comes on a night before the minor.
    azure.wait_until("2026-11-23T12:00:00Z").await;
    let noon = terraform.plan().await;
    assert!(noon.is_empty());
    let keys = |steps: &Json| -> Vec<String> { steps.as_object().unwrap().keys().cloned().collect() };
    let shown = noon.only().prior()["steps"].clone();
    assert_eq!(shown["01 control plane"], "1.34.4 to 1.34.9");
    assert_eq!(shown["04 control plane"], "1.34.9 to 1.35.6");
    azure.wait_until("2026-11-24T02:01:00Z").await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["control_plane 1.34.9", "system 1.34.9", "user 1.34.9"]);
    // Its lines are done, and the others stay, keys and all.
    assert_eq!(keys(&plan.only().planned()["steps"]), keys(&shown));
    assert_eq!(plan.only().planned()["steps"]["01 control plane"], "1.34.4 to 1.34.9, done");
    terraform.apply(&plan).await.unwrap();
    let steps = terraform.shown()["steps"].clone();
    azure.wait_until("2026-11-24T12:00:00Z").await;
    assert!(terraform.plan().await.is_empty());
    assert_eq!(terraform.shown()["steps"], steps, "a refresh after an apply changes nothing");
    assert_eq!(terraform.shown()["current_version"], "1.34.9");
}

/// An apply that begins late in the opening that its plan was laid into: the window was there, and too short.
#[tokio::test(start_paused = true)]
async fn a_window_that_is_too_short_by_now_is_told_as_that() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"");
    let window = json!([{ "days": ["saturday"], "start": "02:00", "duration": "30m", "time_zone": "UTC" }]);
    let policy =
        json!({ "kubernetes_version": "1.35", "maintenance_window": window, "outside_window": "wait" });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    azure.wait_until("2026-11-27T02:00:00Z").await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["control_plane 1.35.6", "system 1.35.6"]);
    azure.wait_until("2026-11-28T02:25:00Z").await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "The window opens too late for this apply");
    assert!(
        error.detail.starts_with(
            "The window that is open until Sat 2026-11-28 02:30 UTC is too short for the control plane by 5m. The next window opens at Sat 2026-12-05 02:00 UTC, after the timeout of this resource, 5h30m (see timeouts)."
        ),
        "{}",
        error.detail
    );
    assert_eq!(azure.tried(), [""; 0]);
}
