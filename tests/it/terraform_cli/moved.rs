//! A `moved` block from one type to the other.

use serde_json::{Value, json};

use super::stage::{POLICY, Stage, THURSDAY};

fn moved(from: &str, to: &str) -> String {
    format!("moved {{\n  from = {from}.prod\n  to   = {to}.prod\n}}\n")
}

fn resource(kind: &str, arguments: &str) -> String {
    format!("resource \"{kind}\" \"prod\" {{\n{arguments}\n}}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_becomes_node_images_and_a_policy_again() {
    let stage = Stage::at(THURSDAY).await;
    let policy = resource("aks_upgrade_policy", POLICY);
    stage.main(&policy).apply().await.succeeds();

    let version = |line: &&str| line.trim_start().starts_with("kubernetes_version");
    let images: Vec<&str> = POLICY.lines().filter(|line| !version(line)).collect();
    let images = resource("aks_node_image", &images.join("\n"));
    stage.main(&(images + &moved("aks_upgrade_policy", "aks_node_image")));
    // A move is something to apply, though nothing changes.
    stage.plan().await.acts().says("0 to add, 0 to change, 0 to destroy");
    stage.apply().await.succeeds().says("0 added, 0 changed, 0 destroyed");
    assert_eq!(stage.state("aks_upgrade_policy.prod").await, Value::Null);
    assert_eq!(stage.state("aks_node_image.prod").await["outside_window"], Value::Null);
    assert_eq!(
        stage.state("aks_node_image.prod").await["maintenance_window"][0]["days"],
        json!(["saturday"])
    );

    stage.main(&(policy + &moved("aks_node_image", "aks_upgrade_policy")));
    // The goal was not carried: it is new to the state.
    stage
        .plan()
        .await
        .acts()
        .says("moved from aks_node_image.prod")
        .says("0 to add, 1 to change, 0 to destroy");
    stage.apply().await.succeeds();
    assert_eq!(stage.state("aks_upgrade_policy.prod").await["status"], "pending");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_providers_resource_is_not_taken_over() {
    let stage = Stage::at(THURSDAY).await;
    stage.main("resource \"terraform_data\" \"prod\" {}\n").apply().await.succeeds();
    stage.main(&(resource("aks_upgrade_policy", POLICY) + &moved("terraform_data", "aks_upgrade_policy")));
    stage
        .plan()
        .await
        .fails()
        .says("aks_upgrade_policy cannot take over the state of terraform_data of the provider")
        .says("Remove the `moved` block, and import the object instead.");
}
