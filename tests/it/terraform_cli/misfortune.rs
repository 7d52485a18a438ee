//! Operations that fail, clusters that are stopped, runs that are interrupted.

use std::time::Duration;

use serde_json::Value;

use super::stage::{CLUSTER, ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// The usual cluster with a drain that fails once.
fn failing() -> String {
    format!(
        "{CLUSTER}\n[[outcome]]\npool = \"batch\"\nends = \"fail\"\ntimes = 1\ncode = \"PodDrainFailure\"\n\
         message = \"Drain node aks-batch-vmss000000 failed.\"\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_step_is_told_kept_and_repaired() {
    let stage = Stage::of(&failing()).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    let run = stage.apply().await;
    run.fails()
        .says("Error: Upgrade step failed")
        .says("PodDrainFailure")
        .says("Drain node aks-batch-vmss000000");
    run.says("It was step 3 of 4").says("pool batch 1.34.4 -> 1.35.6");
    let state = stage.state(ADDRESS).await;
    assert_eq!(state["current_version"], "1.35.6");
    assert_eq!(state["status"], "failed");
    stage.plan().await.acts().keeps_quiet_about("tainted");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["status"], "up_to_date");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_create_leaves_no_tainted_object() {
    let lost = "[[fault]]\nmethod = \"GET\"\npath = \"managedClusters/prod\"\nnth = 5\ntimes = 50\ndoes = \"answer\"\nstatus = 403\n";
    let stage = Stage::of(&format!("{CLUSTER}{lost}")).await;
    stage.clock(SATURDAY);
    stage.policy(POLICY).plan().await.acts();
    stage.apply_saved().await.fails();
    assert_eq!(stage.state(ADDRESS).await, Value::Null);
    stage.plan().await.acts().says("1 to add").keeps_quiet_about("replace");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_cluster_is_told_and_left_alone() {
    let stage =
        Stage::of(&CLUSTER.replace("version = \"1.34.4\"", "version = \"1.34.4\"\npower = \"Stopped\""))
            .await;
    stage.clock(SATURDAY);
    stage.policy(POLICY).apply().await.succeeds();
    stage.plan().await.is_empty().says("Warning: Upgrade blocked").says("az aks start");
    assert_eq!(stage.state(ADDRESS).await["status"], "blocked");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_channel_of_aks_is_told_and_stops_the_plan() {
    let on = CLUSTER.replace("version = \"1.34.4\"", "version = \"1.34.4\"\nupgrade_channel = \"patch\"");
    let stage = Stage::of(&on).await;
    stage.clock(SATURDAY);
    stage.policy(POLICY).apply().await.succeeds();
    stage
        .plan()
        .await
        .is_empty()
        .says("Warning: Two owners upgrade this cluster")
        .says("its auto-upgrade channel is \"patch\"");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_offered() {
    let stage = Stage::at(SATURDAY).await;
    stage.policy(&POLICY.replace("1.35", "1.43")).apply().await.succeeds();
    let plan = stage.plan().await;
    plan.is_empty()
        .says("Warning: Upgrade blocked")
        .says("Azure does not offer 1.43 to this cluster. It offers");
    assert_eq!(stage.state(ADDRESS).await["blocked_by"][0]["code"], "version_not_offered");
}

/// An apply that has sent its first write, and looks at it twice a second: a step takes seconds.
async fn running() -> (Stage, tokio::process::Child) {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.clock(SATURDAY);
    let slow = stage.read("provider.tf").replace("\"1ms\"", "\"500ms\"");
    stage.file("provider.tf", &slow);
    let child = stage.start(&["apply", "-auto-approve"], &[]);
    while stage.writes().is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    (stage, child)
}

fn signal(child: &tokio::process::Child, name: &str) {
    let id = child.id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
}

/// After whatever happened, one more apply ends where an uninterrupted one does, without a second write of a step.
async fn goes_on(stage: &Stage) {
    stage.file("provider.tf", &stage.read("provider.tf").replace("\"500ms\"", "\"1ms\""));
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    stage.plan().await.is_empty();
}

/// Does what a person does after a kill. Terraform writes its state in place, so a kill can leave half a file.
fn clear(stage: &Stage) {
    std::fs::remove_file(stage.path(".terraform.tfstate.lock.info")).ok();
    if serde_json::from_str::<serde_json::Value>(&stage.read("terraform.tfstate")).is_err() {
        std::fs::copy(stage.path("terraform.tfstate.backup"), stage.path("terraform.tfstate")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_interrupt_saves_what_is_true() {
    let (stage, child) = running().await;
    signal(&child, "-INT");
    let output = child.wait_with_output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("Upgrade interrupted"), "{text}");
    assert_eq!(stage.state(ADDRESS).await["status"], "upgrading");
    goes_on(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_terraform_takes_the_provider_along_and_nothing_is_lost() {
    let (stage, mut child) = running().await;
    signal(&child, "-KILL");
    child.wait().await.unwrap();
    clear(&stage);
    goes_on(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_terraform_saves_what_is_true() {
    let (stage, child) = running().await;
    signal(&child, "-TERM");
    let output = child.wait_with_output().await.unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("Upgrade interrupted"));
    goes_on(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_interrupt_loses_nothing_in_azure() {
    let (stage, child) = running().await;
    signal(&child, "-INT");
    signal(&child, "-INT");
    child.wait_with_output().await.unwrap();
    clear(&stage);
    goes_on(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told_to_anybody() {
    let stage = Stage::at(THURSDAY).await;
    let block = stage.read("provider.tf");
    let secret = "c4n4ry-s3cret";
    stage.file(
        "provider.tf",
        &block.replace("poll_interval", &format!("client_secret = \"{secret}\"\n  poll_interval")),
    );
    let log = stage.path("trace.log");
    let variables = [("TF_LOG", "TRACE"), ("TF_LOG_PATH", log.to_str().unwrap())];
    let output =
        stage.policy(POLICY).start(&["apply", "-auto-approve"], &variables).wait_with_output().await.unwrap();
    assert!(output.status.success());
    for text in [stage.read("trace.log"), stage.read("terraform.tfstate")] {
        assert!(!text.is_empty() && !text.contains(secret));
    }
}
