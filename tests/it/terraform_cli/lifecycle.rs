//! Import, destroy, and the ways in which Terraform is called.

use serde_json::Value;

use super::stage::{POLICY, PROD, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

#[tokio::test(flavor = "multi_thread")]
async fn destroying_touches_nothing_and_says_so() {
    let stage = Stage::at(SATURDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let before = stage.writes();
    let run = stage.terraform(&["destroy", "-auto-approve"]).await;
    run.succeeds().says("Warning: Nothing changes in Azure").says("1 destroyed");
    assert_eq!(stage.writes(), before);
    assert_eq!(stage.state(ADDRESS).await, Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_policy_needs_one_apply_that_writes_nothing() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).terraform(&["import", ADDRESS, PROD]).await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["current_version"], "1.34.4");
    stage.apply().await.succeeds();
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_block_does_the_same() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY);
    stage.file("import.tf", &format!("import {{\n  to = {ADDRESS}\n  id = \"{PROD}\"\n}}\n"));
    stage.apply().await.succeeds().says("1 imported");
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_block_carries_the_promise_of_what_is_handed_to_aks() {
    let stage = Stage::at(THURSDAY).await;
    let aks = POLICY.replace("kubernetes_version = \"1.35\"", "channel = \"stable\"\n  executor = \"aks\"");
    stage.policy(&aks);
    stage.file("import.tf", &format!("import {{\n  to = {ADDRESS}\n  id = \"{PROD}\"\n}}\n"));
    let plan = stage.plan().await;
    plan.acts()
        .keeps_quiet_about("Not observed yet")
        .says("\"02 auto-upgrade channel\" = \"none to stable, done\"");
    stage.apply_saved().await.succeeds();
    stage.plan().await.is_empty();
    assert_eq!(
        stage.writes(),
        ["PUT prod/maintenanceConfigurations/aksManagedAutoUpgradeSchedule", "PUT prod 1.34.4"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_import_id_is_refused_before_anybody_is_asked() {
    let stage = Stage::at(THURSDAY).await;
    let run = stage.policy(POLICY).terraform(&["import", ADDRESS, &format!("{PROD}/agentPools/shop")]).await;
    run.fails().says("Error: Invalid import id").says("agent pool");
    assert_eq!(stage.azure.log(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_is_gone_takes_the_policy_with_it() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.somebody("DELETE", "", &Value::Null);
    stage.clock("2026-11-27T12:00:00Z");
    stage.plan().await.acts().says("1 to add");
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_change_without_a_write() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.policy(&POLICY.replace("saturday", "sunday"));
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["next_window"]["start"], "2026-11-29T01:00:00Z");
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_plugin_tls_it_works_alike() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY);
    let run = stage.start(&["apply", "-auto-approve"], &[("TF_DISABLE_PLUGIN_TLS", "1")]);
    assert!(run.wait_with_output().await.unwrap().status.success());
    assert_eq!(stage.state(ADDRESS).await["status"], "pending");
}

#[tokio::test(flavor = "multi_thread")]
async fn started_by_a_person_it_explains_itself() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .env_remove("TF_PLUGIN_MAGIC_COOKIE")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    assert!(String::from_utf8_lossy(&output.stderr).contains("This is a Terraform provider"));
}
