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
    stage.terraform(&["apply", "-auto-approve", &format!("-replace={ADDRESS}")]).await.succeeds();
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
