//! Upgrades: what is visible when, and what is left when they go wrong.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};

/// A cluster one image behind, with two pools of 3 nodes: 12 minutes each at one node at a time.
fn prod() -> Azure {
    Azure::new(
        r#"
        [[cluster]]
        name = "prod"
        version = "1.34.2"
        [[cluster.pool]]
        name = "system"
        mode = "System"
        image = "AKSUbuntu-2204gen2containerd-202610.05.0"
        [[cluster.pool]]
        name = "user"
        image = "AKSUbuntu-2204gen2containerd-202610.05.0"
        "#,
    )
}

/// The cluster's body with another version, pools left or moved along.
fn moved(azure: &mut Azure, version: &str, pools: bool) -> Value {
    let mut body = azure.get(PROD).expect(200).body;
    body["properties"]["kubernetesVersion"] = json!(version);
    if pools {
        for pool in body["properties"]["agentPoolProfiles"].as_array_mut().unwrap() {
            pool["orchestratorVersion"] = json!(version);
        }
    }
    body
}

#[test]
fn a_control_plane_upgrade_shows_its_version_at_once_and_its_state_until_the_end() {
    let mut azure = prod();
    let body = moved(&mut azure, "1.35.6", false);
    let answer = azure.put(PROD, body).expect(200);
    assert_eq!(answer.body["properties"]["provisioningState"], "Upgrading");
    assert_eq!(answer.header("location"), "");
    assert_eq!(
        azure.picture(),
        ["Upgrading 1.35.6", "system: Succeeded 1.34.2 202610.05.0", "user: Succeeded 1.34.2 202610.05.0"]
    );
    azure.wait(299);
    assert_eq!(azure.picture()[0], "Upgrading 1.35.6");
    azure.wait(1);
    assert_eq!(azure.picture()[0], "Succeeded 1.35.6");
}

#[test]
fn a_full_upgrade_moves_the_control_plane_then_pools_one_by_one_and_images_last() {
    let mut azure = prod();
    let body = moved(&mut azure, "1.35.6", true);
    azure.put(PROD, body).expect(200);
    assert_eq!(
        azure.picture(),
        ["Upgrading 1.35.6", "system: Upgrading 1.35.6 202610.05.0", "user: Upgrading 1.35.6 202610.05.0"]
    );
    azure.wait(5 * 60 + 12 * 60);
    assert_eq!(
        azure.picture(),
        ["Upgrading 1.35.6", "system: Succeeded 1.35.6 202611.16.0", "user: Upgrading 1.35.6 202610.05.0"]
    );
    azure.wait(12 * 60);
    assert_eq!(
        azure.picture(),
        ["Succeeded 1.35.6", "system: Succeeded 1.35.6 202611.16.0", "user: Succeeded 1.35.6 202611.16.0"]
    );
}

#[test]
fn a_node_image_upgrade_leaves_the_cluster_succeeded() {
    let mut azure = prod();
    let answer = azure.post(&format!("{PROD}/agentPools/user/upgradeNodeImageVersion")).expect(202);
    assert_eq!(answer.body["properties"]["provisioningState"], "UpgradingNodeImageVersion");
    assert_eq!(
        azure.picture(),
        [
            "Succeeded 1.34.2",
            "system: Succeeded 1.34.2 202610.05.0",
            "user: UpgradingNodeImageVersion 1.34.2 202610.05.0"
        ]
    );
    assert_eq!(azure.follow(answer.header("location")).status, 202);
    azure.wait(9 * 60);
    assert_eq!(azure.picture()[2], "user: Succeeded 1.34.2 202611.16.0");
    let result = azure.follow(answer.header("location")).expect(200);
    assert_eq!(result.body["properties"]["provisioningState"], "Succeeded");
}
