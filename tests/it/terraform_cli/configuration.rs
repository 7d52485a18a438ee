//! Bad input gets a clear error at the earliest stage, attached to its attribute.

use super::stage::{POLICY, Stage, THURSDAY};

/// Validates a policy with one argument replaced, and expects an error with these words.
async fn wrong(from: &str, to: &str, summary: &str, detail: &str) {
    let stage = Stage::at(THURSDAY).await;
    assert!(POLICY.contains(from), "{from}");
    let run = stage.policy(&POLICY.replace(from, to)).validate().await;
    run.fails().says(&format!("Error: {summary}")).says(detail);
    assert_eq!(stage.azure.log(), [], "a validation asks nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_zone() {
    wrong(
        "Europe/Berlin",
        "Europe/Berln",
        "Unknown time zone",
        r#""Europe/Berln" is not a known time zone; did you mean "Europe/Berlin"?"#,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_version() {
    wrong("\"1.35\"", "\"v1.35\"", "Invalid Kubernetes version", "kubernetes_version = \"v1.35\"").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_duration() {
    wrong("\"4h\"", "\"four hours\"", "Invalid duration", r#""four hours" is not a duration"#).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_time() {
    wrong("\"02:00\"", "\"2am\"", "Invalid time", r#""2am" is not a time of day"#).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_cluster_id() {
    wrong(
        "local.prod",
        "\"prod\"",
        "Invalid cluster id",
        "/providers/Microsoft.ContainerService/managedClusters/",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_pool_instead_of_a_cluster() {
    wrong("local.prod", "\"${local.prod}/agentPools/shop\"", "Invalid cluster id", "agent pool").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_targets() {
    let detail = "Both kubernetes_version and channel are set, and only one can be the target.";
    wrong(
        "kubernetes_version ",
        "channel = \"stable\"\n  kubernetes_version ",
        "One target is needed",
        detail,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_target() {
    let detail = "Neither kubernetes_version nor channel is set.";
    wrong("kubernetes_version = \"1.35\"", "", "One target is needed", detail).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_that_never_open() {
    let never = "days_of_month = [31]\n every = 12\n start_date = \"2026-02-01\"";
    wrong("days      = [\"saturday\"]", never, "The windows never open", "never be upgraded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list() {
    wrong(
        "[\"saturday\"]",
        "[]",
        "Empty list",
        "The list days is empty; leave days out, or name at least one.",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_computed_attribute() {
    let detail = "`status` is set by the provider and cannot be configured";
    wrong("cluster_id ", "status = \"fine\"\n  cluster_id ", "", detail).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_told_at_once() {
    let stage = Stage::at(THURSDAY).await;
    let run =
        stage.policy(&POLICY.replace("4h", "4x").replace("02:00", "2").replace("1.35", "x")).validate().await;
    run.fails().says("Invalid duration").says("Invalid time").says("Invalid Kubernetes version");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_are_not_known_yet_are_passed_over() {
    let stage = Stage::at(THURSDAY).await;
    stage.main(
        r#"
resource "terraform_data" "made" { input = { id = local.prod, zone = "Europe/Berlin", version = "1.35" } }
resource "aks_upgrade_policy" "prod" {
  cluster_id         = terraform_data.made.output.id
  kubernetes_version = terraform_data.made.output.version
  maintenance_window {
    days      = ["all"]
    start     = "02:00"
    duration  = "4h"
    time_zone = terraform_data.made.output.zone
  }
}"#,
    );
    stage.validate().await.succeeds();
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.state("aks_upgrade_policy.prod").await["status"], "pending");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_does_not_exist() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(&POLICY.replace("local.prod", "\"${local.prod}x\""));
    stage.plan().await.acts().says("Warning: Azure does not know this cluster");
    let run = stage.apply().await;
    run.fails().says("Error: Cluster not found").says("managedClusters/prodx").says("Check cluster_id");
    assert_eq!(stage.state("aks_upgrade_policy.prod").await, serde_json::Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_credentials() {
    let stage = Stage::at(THURSDAY).await;
    let block = stage.read("provider.tf");
    let endpoint = format!("\"{}\"", stage.azure.url());
    stage.file("provider.tf", &block.replace(&format!("endpoint      = {endpoint}"), "use_cli = false"));
    let run = stage.policy(POLICY).plan().await;
    run.fails().says("No way to sign in to Azure is configured").says("ARM_CLIENT_ID");
    let run = stage.apply().await;
    run.fails().says("No way to sign in to Azure is configured");
    assert_eq!(stage.azure.log().len(), 0, "nobody was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulator_that_is_not_there() {
    let stage = Stage::at(THURSDAY).await;
    let block = stage.read("provider.tf").replace(&stage.azure.url(), "http://127.0.0.1:9");
    stage.file("provider.tf", &block.replace("\"1ms\"", "\"1ms\"\n  max_retries = 1"));
    let run = stage.policy(POLICY).plan().await;
    run.fails()
        .says("Error: Azure cannot be reached")
        .says("got no answer from 127.0.0.1: Connection refused (os error 111).")
        .keeps_quiet_about("reqwest");
}

const WINDOW: &str = "resource \"aks_maintenance_configuration\" \"prod\" {\n  cluster_id     = local.prod\n  name           = \"aksManagedAutoUpgradeSchedule\"\n  duration_hours = 4\n  start_time     = \"02:00\"\n  weekly {\n    interval_weeks = 1\n    day_of_week    = \"saturday\"\n  }\n}\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_aks_on_a_cluster_that_does_not_exist_or_without_a_login() {
    let stage = Stage::at(THURSDAY).await;
    let nobodys = WINDOW.replace("local.prod", "\"${local.prod}x\"");
    stage.main(&nobodys).plan().await.acts().says("Warning: Azure does not know this cluster");
    stage.main(WINDOW).plan().await.acts().keeps_quiet_about("Azure does not know");
    let block = stage.read("provider.tf");
    let endpoint = format!("\"{}\"", stage.azure.url());
    stage.file("provider.tf", &block.replace(&format!("endpoint      = {endpoint}"), "use_cli = false"));
    stage.plan().await.fails().says("No way to sign in to Azure is configured");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_moves_to_a_cluster_that_does_not_exist() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let plan = stage.policy(&POLICY.replace("local.prod", "\"${local.prod}x\"")).plan().await;
    plan.acts().says("must be replaced").says("Warning: Azure does not know this cluster");
    assert_eq!(plan.text.matches("Azure does not know this cluster").count(), 1, "{}", plan.text);
    // Once per run of Terraform, though it plans twice and Azure's answers have different request ids.
    let apply = stage.apply().await;
    assert_eq!(apply.text.matches("Warning: Azure does not know this cluster").count(), 1, "{}", apply.text);
    apply.fails().keeps_quiet_about("more similar warning");
}
