//! Every way in which Terraform can be told to look at, leave alone or replace a resource.

use std::fmt::Write;

use serde_json::Value;

use super::stage::{CLUSTER, ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// A policy that was applied on Thursday, looked at on Saturday.
async fn due() -> Stage {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage
}

fn policy(more: &str) -> String {
    format!("resource \"aks_upgrade_policy\" \"prod\" {{\n{POLICY}\n{more}\n}}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_only_shows_and_writes_nothing() {
    let stage = due().await;
    stage.terraform(&["plan", "-refresh-only"]).await.succeeds();
    stage.terraform(&["apply", "-refresh-only", "-auto-approve"]).await.succeeds();
    assert_eq!(stage.codes(ADDRESS).await, ["os_changes"]);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_refresh_the_last_one_counts() {
    let stage = due().await;
    let plan = stage.terraform(&["plan", "-refresh=false", "-detailed-exitcode"]).await;
    plan.is_empty().says("Upgrade deferred");
    stage.terraform(&["apply", "-refresh-only", "-auto-approve"]).await.succeeds();
    stage.terraform(&["plan", "-refresh=false", "-detailed-exitcode"]).await.acts();
}

#[tokio::test(flavor = "multi_thread")]
async fn replacing_a_policy_upgrades_nothing() {
    let stage = due().await;
    let run = stage.terraform(&["apply", "-auto-approve", &format!("-replace={ADDRESS}")]).await;
    run.succeeds().keeps_quiet_about("Two owners");
    assert_eq!(stage.state(ADDRESS).await["status"], "pending");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_leaves_the_others_alone() {
    let stage = Stage::at(SATURDAY).await;
    let other = policy("").replace("\"prod\"", "\"other\"").replace("local.prod", "\"${local.prod}x\"");
    stage.main(&format!("{}{other}", policy("")));
    stage.terraform(&["apply", "-auto-approve", &format!("-target={ADDRESS}")]).await.succeeds();
    assert_eq!(stage.state("aks_upgrade_policy.other").await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn ignored_changes_stay_ignored_and_the_upgrade_goes_on() {
    let stage = Stage::at(THURSDAY).await;
    let ignoring = policy("lifecycle {\n  ignore_changes = [kubernetes_version]\n}");
    stage.main(&ignoring).apply().await.succeeds();
    stage.main(&ignoring.replace("1.35", "1.36"));
    stage.plan().await.is_empty();
    stage.clock(SATURDAY);
    stage.apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["current_version"], "1.35.6");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_block_keeps_what_was_observed() {
    let stage = due().await;
    let moved = format!("moved {{\n  from = {ADDRESS}\n  to   = aks_upgrade_policy.renamed\n}}\n");
    stage.main(&format!("{}{moved}", policy("").replace("\"prod\" {", "\"renamed\" {")));
    stage.plan().await.acts().says("moved from aks_upgrade_policy.prod").says("1 to change");
    stage.apply_saved().await.succeeds();
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_block_forgets_without_a_call() {
    let stage = due().await;
    stage.main(&format!("removed {{\n  from = {ADDRESS}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n"));
    stage.apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await, Value::Null);
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_replaces_without_harm() {
    let stage = Stage::at(THURSDAY).await;
    let trigger =
        |input: &str| format!("resource \"terraform_data\" \"change\" {{\n  input = \"{input}\"\n}}\n");
    let triggered = policy("lifecycle {\n  replace_triggered_by = [terraform_data.change]\n}");
    stage.main(&format!("{}{triggered}", trigger("a"))).apply().await.succeeds();
    stage.main(&format!("{}{triggered}", trigger("b"))).apply().await.succeeds();
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn create_before_destroy_and_prevent_destroy() {
    let stage = Stage::at(THURSDAY).await;
    stage.main(&policy("lifecycle {\n  create_before_destroy = true\n}")).apply().await.succeeds();
    stage.terraform(&["apply", "-auto-approve", &format!("-replace={ADDRESS}")]).await.succeeds();
    stage.main(&policy("lifecycle {\n  prevent_destroy = true\n}")).apply().await.succeeds();
    stage.terraform(&["destroy", "-auto-approve"]).await.fails().says("prevent_destroy");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn count_goes_up_and_down() {
    let stage = Stage::at(THURSDAY).await;
    for count in ["0", "1", "0"] {
        stage.main(&policy(&format!("count = {count}"))).apply().await.succeeds();
        stage.plan().await.is_empty();
    }
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clusters_at_once() {
    let mut scenario = "[clock]\nstart = \"2026-11-28T01:10:00Z\"\ntick = \"1s\"\n".to_owned();
    for number in 0..50 {
        write!(scenario, "[[cluster]]\nname = \"c{number}\"\nversion = \"1.34.4\"\n").unwrap();
        write!(scenario, "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\ncount = 1\n").unwrap();
    }
    let stage = Stage::of(&scenario).await;
    let each = "for_each = toset([for n in range(50) : \"c${n}\"])";
    let id = "\"${local.group}/providers/Microsoft.ContainerService/managedClusters/${each.value}\"";
    let all = policy(each).replace("local.prod", id);
    stage.main(&all).apply().await.succeeds().says("50 added");
    assert_eq!(stage.writes(), [""; 0]);
    stage.apply().await.succeeds().says("50 changed");
    stage.plan().await.is_empty();
    let mut writes = stage.writes();
    writes.sort_unstable();
    let all = writes.len();
    writes.dedup();
    assert_eq!((all, writes.len()), (100, 100), "each control plane and each pool, once");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_warnings_of_many_clusters_fold_into_one() {
    let scenario = CLUSTER.split("[[cluster]]").next().unwrap().to_owned();
    let clusters =
        ["a", "b", "c"].map(|name| format!("[[cluster]]\nname = \"{name}\"\nversion = \"1.34.4\"\n"));
    let stage = Stage::of(&(scenario + &clusters.concat())).await;
    let id = "\"${local.group}/providers/Microsoft.ContainerService/managedClusters/${each.value}\"";
    let all = policy("for_each = toset([\"a\", \"b\", \"c\"])").replace("local.prod", id);
    stage.main(&all).apply().await.succeeds();
    let plan = stage.plan().await;
    plan.is_empty().says("Warning: Upgrade deferred").says("(and 2 more similar warnings elsewhere)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_saved_plan_is_applied_once() {
    let stage = due().await;
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    stage.apply_saved().await.fails().says("Saved plan is stale");
    assert_eq!(stage.writes().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_upgraded_meanwhile_is_not_upgraded_again() {
    let stage = due().await;
    stage.plan().await.acts();
    let mut body = stage.body();
    body["properties"]["kubernetesVersion"] = "1.35.6".into();
    stage.somebody("PUT", "", &body);
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_opens_what_is_closed_and_expires() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let glass = |expires: &str| {
        let ignore = "ignore = [\"window\"]";
        format!(
            "{POLICY}\n  override {{\n    reason = \"CVE\"\n    expires = \"{expires}\"\n    {ignore}\n  }}"
        )
    };
    stage.policy(&glass("2026-11-26T11:00:00Z"));
    stage.plan().await.acts().says("Warning: Override expired");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), [""; 0]);
    stage.policy(&glass("2026-11-27T00:00:00Z")).apply().await.succeeds();
    assert_eq!(stage.writes().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blackout_beats_the_window() {
    let stage = due().await;
    let blackout = "blackout {\n  from = \"2026-11-27\"\n  to = \"2026-11-29\"\n  reason = \"black friday\"\n  time_zone = \"UTC\"\n}";
    stage.policy(&format!("{POLICY}\n  {blackout}")).apply().await.succeeds();
    stage.plan().await.is_empty().says("A blackout (black friday) forbids work on the control plane");
    assert_eq!(stage.codes(ADDRESS).await, ["os_changes"], "time alone is no reason");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_creates_anew_upgrades() {
    let two = format!("{CLUSTER}[[cluster]]\nname = \"prod2\"\nversion = \"1.34.4\"\n");
    let other = policy("").replace("local.prod", "\"${local.prod}2\"");
    let unknown = |id: &str| {
        let made = format!("resource \"terraform_data\" \"id\" {{\n  input = {id}\n}}\n");
        made + &policy("").replace("local.prod", "terraform_data.id.output")
    };
    let taint = ["taint", ADDRESS];
    for (before, then, after) in [
        (policy(""), taint.as_slice(), policy("")),
        (policy(""), &["validate"], other),
        (unknown("local.prod"), &["validate"], unknown("\"${local.prod}2\"")),
    ] {
        let stage = Stage::of(&two).await;
        stage.clock(THURSDAY);
        stage.main(&before).apply().await.succeeds();
        stage.clock(SATURDAY);
        stage.terraform(then).await.succeeds();
        stage.main(&after).plan().await.acts();
        stage.apply_saved().await.succeeds();
        assert_eq!(stage.writes(), [""; 0], "{after}");
        assert_eq!(stage.state(ADDRESS).await["status"], "pending");
        // What is then there is an update, whose plan shows every step.
        stage
            .plan()
            .await
            .acts()
            .says("\"01 control plane\" = \"1.34.4 to 1.35.6\" -> \"1.34.4 to 1.35.6, done\"");
    }
}

/// An autoscaler must not lock a root module.
#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_no_window_holds_fails_no_plan() {
    let stage = Stage::of(&CLUSTER.replace("count = 4", "count = 60")).await;
    stage.clock(THURSDAY);
    let short = POLICY.replace("\"4h\"", "\"30m\"");
    stage.policy(&short).plan().await.acts().says("Warning: The work fits into no window");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.codes(ADDRESS).await, ["os_changes", "fits_nowhere"]);
    stage.plan().await.is_empty().says("Warning: The work fits into no window");
    stage.terraform(&["plan", "-destroy"]).await.succeeds().says("1 to destroy");
    stage.terraform(&["destroy", "-auto-approve"]).await.succeeds();
    assert_eq!(stage.writes(), [""; 0]);
}

/// Half an hour of soak between three pools makes it two hours.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_of_azure_devops_is_told_that_it_ends_after_an_hour() {
    let stage = Stage::at(THURSDAY).await;
    let soaking = format!("{POLICY}  rollout {{ soak = \"30m\" }}\n");
    stage.policy(&soaking).apply().await.succeeds();
    stage.clock(SATURDAY);
    let plan = async |variables: &[(&str, &str)]| {
        let output = stage.start(&["plan"], variables).wait_with_output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout).replace(['│', '╷', '╵'], " ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let summary = "Warning: The job may be shorter than the work";
    assert!(!plan(&[]).await.contains(summary));
    let told = plan(&[("TF_BUILD", "True")]).await;
    assert!(told.contains(summary), "{told}");
    let detail = "prod: 4 steps, first the control plane 1.34.4 -> 1.35.6 are estimated to take 1h55m, and a job of Azure DevOps is ended after 60 minutes unless its timeoutInMinutes says more. Set timeoutInMinutes above timeouts.update (5h30m), or timeouts.update below the end of the job: then the apply ends by itself, and the next one goes on from there.";
    assert!(told.contains(detail), "{told}");
    stage.policy(&format!("{soaking}  timeouts {{ update = \"50m\" }}\n"));
    assert!(!plan(&[("TF_BUILD", "True")]).await.contains(summary), "the apply ends before the job");
}
