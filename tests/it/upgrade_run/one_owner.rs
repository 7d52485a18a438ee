//! A policy that keeps the node images, too: one loop, one set of windows, and no pool drained twice.

use std::collections::BTreeMap;

use serde_json::json;

use super::azure::{Azure, PROD};
use super::terraform::Terraform;

const AT: &str = "aks_upgrade_policy.prod";
const AKS_POLICY: &str = "aks_upgrade_policy";
const AKS_IMAGE: &str = "aks_node_image";

/// Control plane and system are behind; user has its version, and an old image.
const SCENARIO: &str = r#"
[[cluster]]
name = "prod"
version = "1.35.6"
[[cluster.pool]]
name = "system"
mode = "System"
version = "1.34.9"
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
[[cluster.pool]]
name = "user"
version = "1.35.6"
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
"#;

fn both() -> serde_json::Value {
    json!({ "kubernetes_version": "1.35", "node_image": {} })
}

/// Counts the writes that drain a pool, by pool.
fn drains(azure: &Azure) -> BTreeMap<String, usize> {
    let mut drains = BTreeMap::new();
    for write in azure.writes() {
        let pool = write.split(' ').nth(1).and_then(|path| path.split('/').nth(1)).unwrap_or_default();
        *drains.entry(pool.to_owned()).or_default() += 1;
    }
    drains
}

#[tokio::test(start_paused = true)]
async fn one_loop_does_versions_and_images_and_drains_each_pool_once() {
    let azure = Azure::new(SCENARIO);
    let terraform = Terraform::policy(&azure, both());
    terraform.run().await;
    let plan = terraform.plan().await;
    let planned = plan.only().planned();
    assert_eq!(planned["steps"]["01 pool system"], "1.34.9 to 1.35.6, done");
    assert!(planned["steps"]["02 image user"].as_str().unwrap().ends_with(", done"), "{}", planned["steps"]);
    terraform.apply(&plan).await.unwrap();
    let counted = drains(&azure);
    assert!(counted.values().all(|count| *count == 1), "{counted:?}: {:?}", azure.writes());
    assert_eq!(azure.writes().len(), 2, "{:?}", azure.writes());
    assert_eq!(terraform.shown()["status"], "up_to_date");
    assert!(terraform.plan().await.is_empty());
}

/// A policy reads the images whether or not its configuration names them, so adding the block is a promise at once.
#[tokio::test(start_paused = true)]
async fn a_block_that_is_new_carries_the_promise_of_the_images() {
    let azure = Azure::new(&SCENARIO.replace("1.34.9", "1.35.6"));
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    terraform.run().await;
    terraform.edit(AT, "node_image", json!({}));
    let plan = terraform.plan().await;
    assert_eq!(plan.warnings("Not observed yet"), [""; 0]);
    assert_eq!(plan.only().promised().len(), 2);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes().len(), 2);
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_import_carries_the_promise_of_the_images_too() {
    let azure = Azure::new(SCENARIO);
    let terraform = Terraform::policy(&azure, both());
    terraform.import(AT, PROD).await.unwrap();
    let plan = terraform.plan().await;
    assert_eq!(plan.warnings("Not observed yet"), [""; 0]);
    let planned = plan.only().planned();
    let lines = planned["steps"].as_object().unwrap();
    let done = lines.values().filter(|line| line.as_str().unwrap().ends_with(", done"));
    assert_eq!(done.count(), 2, "{lines:?}");
    terraform.apply(&plan).await.unwrap();
    assert!(terraform.plan().await.is_empty());
}

/// The image that a version step brought runs, and not the one that the plan of the images promised.
#[tokio::test(start_paused = true)]
async fn an_image_that_a_policy_moved_is_the_one_that_runs() {
    let published =
        "[[publish]]\nat = \"2026-11-22T10:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.23.0\"\n";
    let old = SCENARIO.replace("1.35.6", "1.34.9");
    let azure = Azure::new(&format!("[durations]\ncontrol_plane = \"2h\"\n{old}{published}"));
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    terraform.write("aks_node_image.prod", json!({}));
    terraform.run().await;
    let plan = terraform.plan().await;
    // What the plan of the images promised is not the latest any more, or there already: said, and never called for twice.
    let _ = terraform.apply(&plan).await;
    terraform.run().await;
    let runs = azure.cluster("prod");
    for pool in runs["properties"]["agentPoolProfiles"].as_array().unwrap() {
        let name = pool["name"].as_str().unwrap();
        let shown = terraform.state("aks_node_image.prod")["images"][name]["current"].clone();
        assert_eq!(shown, pool["nodeImageVersion"], "{name}");
        assert_eq!(terraform.state(AT)["node_pools"][name]["node_image_version"], pool["nodeImageVersion"]);
    }
    assert!(drains(&azure).values().all(|count| *count == 1), "{:?}", azure.writes());
}

#[tokio::test(start_paused = true)]
async fn whichever_of_two_owners_is_planned_later_says_so() {
    let azure = Azure::new(SCENARIO);
    let terraform = Terraform::policy(&azure, both());
    assert_eq!(terraform.plan().await.warnings("Two owners upgrade this cluster"), [""; 0]);
    let other = PROD.replace("managedClusters", "managedclusters");
    terraform.write("aks_node_image.prod", json!({ "cluster_id": other }));
    assert_eq!(
        terraform.plan().await.warnings("Two owners upgrade this cluster"),
        [
            "prod: this run plans an aks_upgrade_policy and an aks_node_image for it. A version step brings the latest image along, so a pool may be drained twice, by either. Keep the images with a block node_image in aks_upgrade_policy, and remove the aks_node_image."
        ]
    );
}

const SUMMARY: &str = "Two owners upgrade this cluster";

#[tokio::test(start_paused = true)]
async fn two_resources_of_one_type_are_two_owners_unless_they_keep_other_pools() {
    let told = async |kind: &str, first: serde_json::Value, second: serde_json::Value| {
        let azure = Azure::new(SCENARIO);
        let terraform = Terraform::new(&azure);
        terraform.write(&format!("{kind}.a"), first);
        terraform.write(&format!("{kind}.b"), second);
        let create: Vec<String> =
            terraform.plan().await.warnings(SUMMARY).into_iter().map(str::to_owned).collect();
        terraform.run().await;
        assert_eq!(terraform.plan().await.warnings(SUMMARY), create, "an update says what the create said");
        create
    };
    let policy = |version: &str| json!({ "kubernetes_version": version });
    let two = |kind: &str| {
        [format!(
            "prod: this run plans more than one {kind} for it. Each does its own steps, so a pool may be drained twice. Keep one of them; windows can be limited to kinds of work (applies_to) and to pools (node_pools)."
        )]
    };
    assert_eq!(told(AKS_POLICY, policy("1.34"), policy("1.35")).await, two(AKS_POLICY));
    assert_eq!(told(AKS_POLICY, policy("1.35"), policy("1.35")).await, [""; 0], "twins do each step once");
    let pools = |names: &[&str]| json!({ "node_pools": names });
    assert_eq!(told(AKS_IMAGE, pools(&["system", "user"]), pools(&["user"])).await, two(AKS_IMAGE));
    assert_eq!(told(AKS_IMAGE, json!({}), pools(&["user"])).await, two(AKS_IMAGE));
    assert_eq!(told(AKS_IMAGE, pools(&["system"]), pools(&["user"])).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_is_one_owner_though_it_is_planned_twice() {
    let azure = Azure::new(&format!("{SCENARIO}[[cluster]]\nname = \"other\"\nversion = \"1.35.6\"\n"));
    let terraform = Terraform::policy(&azure, both());
    terraform.run().await;
    terraform.edit(AT, "cluster_id", json!(PROD.replace("prod", "other")));
    let plan = terraform.plan().await;
    assert_eq!(plan.warnings(SUMMARY), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn aks_is_given_both_channels_and_both_windows() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"");
    let window = json!([{ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }]);
    let policy = json!({
        "channel": "stable", "executor": "aks", "maintenance_window": window, "node_image": { "channel": "NodeImage" },
    });
    let terraform = Terraform::policy(&azure, policy);
    let preview = terraform.plan().await.warnings("Upgrade preview").join("");
    for line in [
        "01 maintenance configuration aksManagedAutoUpgradeSchedule",
        "02 auto-upgrade channel",
        "03 maintenance configuration aksManagedNodeOSUpgradeSchedule",
    ] {
        assert!(preview.contains(&format!("\n  {line}: none to ")), "{preview}");
    }
    terraform.up().await;
    let profile = &azure.cluster("prod")["properties"]["autoUpgradeProfile"];
    assert_eq!(
        (&profile["upgradeChannel"], &profile["nodeOSUpgradeChannel"]),
        (&json!("stable"), &json!("NodeImage"))
    );
    assert!(terraform.plan().await.is_empty());
    let state = terraform.shown();
    let codes: Vec<&serde_json::Value> =
        state["blocked_by"].as_array().unwrap().iter().map(|block| &block["code"]).collect();
    assert_eq!(codes, ["left_to_aks"], "another owner it is not");
}

/// More clusters than Terraform has slots: who waits for a slot finds its work where its own resource has left it.
#[tokio::test(start_paused = true)]
async fn more_clusters_than_slots_drain_each_pool_once() {
    let names: Vec<String> = (0..13).map(|number| format!("c{number:02}")).collect();
    let old = "image = \"AKSUbuntu-2204gen2containerd-202610.05.0\"";
    let pools = format!(
        "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n{old}\n[[cluster.pool]]\nname = \"user\"\n{old}\n"
    );
    let cluster = |name: &String| format!("[[cluster]]\nname = \"{name}\"\nversion = \"1.34.9\"\n{pools}");
    let azure = Azure::new(&names.iter().map(cluster).collect::<String>());
    let terraform = Terraform::new(&azure);
    for name in &names {
        let block = json!({ "cluster_id": PROD.replace("prod", name), "kubernetes_version": "1.35", "node_image": {} });
        terraform.write(&format!("aks_upgrade_policy.{name}"), block);
    }
    terraform.applied_before();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    let writes = azure.writes();
    for name in &names {
        let own: Vec<&String> =
            writes.iter().filter(|write| write.split([' ', '/']).nth(1) == Some(name)).collect();
        let wanted = ["", "/system", "/user"].map(|part| format!("PUT {name}{part} 1.35.6"));
        assert_eq!(own, wanted.iter().collect::<Vec<_>>());
    }
    assert!(terraform.plan().await.is_empty());
}
