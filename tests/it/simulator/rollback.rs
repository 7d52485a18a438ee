//! The way back of a pool: `recentlyUsedVersions`, and the PUT that takes it.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};

const OLD: &str = "AKSUbuntu-2204gen2containerd-202610.05.0";
/// From 1.35 on, `Ubuntu` means 24.04.
const NEW: &str = "AKSUbuntu-2404gen2containerd-202611.16.0";
const USER: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod/agentPools/user";

fn stage(more: &str, outcome: &str) -> Azure {
    Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n{more}\n[[cluster.pool]]\nname = \"user\"\nimage = \"{OLD}\"\n{outcome}"
    ))
}

/// The pool upgraded with its cluster to 1.35.6, from 1.34.2 and an old image.
fn upgraded(more: &str) -> Azure {
    let mut azure = stage(more, "");
    upgrade(&mut azure);
    assert_eq!(azure.picture(), ["Succeeded 1.35.6", "user: Succeeded 1.35.6 202611.16.0"]);
    azure
}

fn upgrade(azure: &mut Azure) {
    let pool = json!({ "name": "user", "orchestratorVersion": "1.35.6" });
    let body = json!({ "properties": { "kubernetesVersion": "1.35.6", "agentPoolProfiles": [pool] } });
    azure.put(PROD, body).expect(200);
    azure.wait(5 * 60 + 12 * 60);
}

fn used(azure: &mut Azure) -> Value {
    azure.get(&format!("{USER}/upgradeProfiles/default")).expect(200).body["properties"]["recentlyUsedVersions"].clone()
}

/// Sends the pool back as it was read, but for version and image.
fn back(azure: &mut Azure, version: &str, image: &str) -> super::fixture::Answer {
    let mut body = azure.get(USER).expect(200).body;
    body["properties"]["orchestratorVersion"] = json!(version);
    body["properties"]["nodeImageVersion"] = json!(image);
    azure.put(USER, body)
}

#[test]
fn a_pool_goes_back_once_to_what_it_ran() {
    let mut azure = upgraded("");
    let before = json!([{ "orchestratorVersion": "1.34.2", "nodeImageVersion": OLD, "timestamp": "2026-11-22T09:17:00.0000000Z" }]);
    assert_eq!(used(&mut azure), before);
    let answer = back(&mut azure, "1.34.2", OLD).expect(200);
    assert_eq!(answer.body["properties"]["provisioningState"], "Upgrading");
    azure.wait(5 * 60);
    let machines = azure.preview(&format!("{USER}/machines")).body;
    let images: Vec<&Value> = machines["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|machine| &machine["properties"]["nodeImageVersion"])
        .collect();
    assert_eq!(images, [OLD, NEW, NEW]);
    azure.wait(7 * 60);
    assert_eq!(azure.picture(), ["Succeeded 1.35.6", "user: Succeeded 1.34.2 202610.05.0"]);
    assert_eq!(used(&mut azure), Value::Null, "not twice in a row");
    assert!(back(&mut azure, "1.35.6", NEW).refusal().starts_with("400 NodeImageVersion: "));
}

#[test]
fn an_image_alone_goes_back() {
    let mut azure = stage("", "");
    azure.post(&format!("{USER}/upgradeNodeImageVersion")).expect(202);
    azure.wait(3600);
    assert_eq!(used(&mut azure)[0]["orchestratorVersion"], "1.34.2");
    let answer = back(&mut azure, "1.34.2", OLD).expect(200);
    assert_eq!(answer.body["properties"]["provisioningState"], "UpgradingNodeImageVersion");
    azure.wait(3600);
    assert_eq!(azure.picture()[1], "user: Succeeded 1.34.2 202610.05.0");
}

#[test]
fn a_failed_upgrade_goes_back() {
    let mut azure = stage("", "[[outcome]]\npool = \"user\"\nends = \"fail\"");
    upgrade(&mut azure);
    assert_eq!(azure.picture(), ["Failed 1.35.6", "user: Failed 1.35.6 202610.05.0"]);
    back(&mut azure, "1.34.2", OLD).expect(200);
    azure.wait(3600);
    assert_eq!(azure.picture()[1], "user: Succeeded 1.34.2 202610.05.0");
}

#[test]
fn nothing_was_upgraded_or_it_is_seven_days_ago() {
    assert_eq!(used(&mut stage("", "")), Value::Null);
    let mut azure = upgraded("");
    azure.wait(7 * 24 * 3600);
    assert_ne!(used(&mut azure), Value::Null);
    azure.wait(1);
    assert_eq!(used(&mut azure), Value::Null);
    assert_eq!(
        back(&mut azure, "1.34.2", OLD).refusal(),
        format!(
            "400 NodeImageVersion: NodeImageVersion '{OLD}' is not accepted. NodeImageVersion can only be current version '{NEW}' or 'latest'"
        )
    );
}

#[test]
fn only_the_pair_that_was_used() {
    let mut azure = upgraded("");
    for (version, image) in [("1.34.9", OLD), ("1.34.2", "AKSUbuntu-2204gen2containerd-202610.19.0")] {
        assert!(back(&mut azure, version, image).refusal().starts_with("400 NodeImageVersion: "));
    }
    assert!(back(&mut azure, "1.34.2", NEW).refusal().starts_with("400 AgentPoolUpgradeVersionNotAllowed: "));
    // Sent back as it was read, it is a change of settings.
    let settings = back(&mut azure, "1.35.6", NEW).expect(200);
    assert_eq!(settings.body["properties"]["provisioningState"], "Updating");
}

#[test]
fn a_channel_forbids_it_and_the_nodes_channel_keeps_its_image() {
    let mut azure = upgraded("upgrade_channel = \"patch\"");
    assert_eq!(
        back(&mut azure, "1.34.2", OLD).refusal(),
        "400 OperationNotAllowed: Rolling back agent pool user is not allowed while auto-upgrade is enabled. Please set upgradeChannel to none and try again."
    );
    let mut azure = upgraded("node_os_channel = \"NodeImage\"");
    back(&mut azure, "1.34.2", OLD).expect(200);
    azure.wait(3600);
    assert_eq!(azure.picture()[1], "user: Succeeded 1.34.2 202611.16.0");
}

#[test]
fn a_version_out_of_support_is_no_way_back() {
    let mut azure = upgraded("");
    // 1.34 ends on 2026-12-01; the pool was upgraded on the day before.
    let mut late = Azure::new(&format!(
        "[clock]\nstart = \"2026-11-30T00:00:00Z\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n[[cluster.pool]]\nname = \"user\"\nimage = \"{OLD}\""
    ));
    upgrade(&mut late);
    late.wait(2 * 24 * 3600);
    assert!(
        back(&mut late, "1.34.2", OLD)
            .refusal()
            .starts_with("400 AgentPoolK8sVersionNotSupported: Version 1.34.2")
    );
    back(&mut azure, "1.34.2", OLD).expect(200);
}
