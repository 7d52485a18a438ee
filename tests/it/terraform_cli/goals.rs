//! Which version, which image, in which order.

use super::stage::{CLUSTER, ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// Applies a changed policy on Saturday, and expects these writes.
async fn does(from: &str, to: &str, writes: &[&str]) {
    let stage = Stage::at(SATURDAY).await;
    assert!(POLICY.contains(from), "{from}");
    stage.policy(&POLICY.replace(from, to)).up().await.succeeds();
    assert_eq!(stage.writes(), writes);
    stage.plan().await.is_empty();
}

const VERSION: &str = "kubernetes_version = \"1.35\"";

/// The writes of a patch.
const PATCH: [&str; 4] =
    ["PUT prod 1.34.9", "PUT prod/system 1.34.9", "PUT prod/batch 1.34.9", "PUT prod/shop 1.34.9"];

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_on_its_minor_takes_newer_patches() {
    does(VERSION, "kubernetes_version = \"1.34\"", &PATCH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_channel_patch_stays_on_the_minor() {
    does(VERSION, "channel = \"patch\"", &PATCH).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_excluded_version_is_neither_target_nor_hop() {
    let stage = Stage::at(SATURDAY).await;
    let without = format!("{VERSION}\n  exclude_versions = [\"1.35.6\"]");
    stage.policy(&POLICY.replace(VERSION, &without)).up().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["current_version"], "1.35.5");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_is_taken_only_where_it_is_allowed() {
    let preview = "[[publish]]\nat = \"2026-11-26T00:00:00Z\"\nversion = \"1.38.0\"\npreview = true\n";
    let stage = Stage::of(&format!("{}{preview}", CLUSTER.replace("1.34.4", "1.37.1"))).await;
    stage.clock(SATURDAY);
    let newest = POLICY.replace("1.35", "1.38");
    stage.policy(&newest).apply().await.succeeds();
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.state(ADDRESS).await["blocked_by"][0]["code"], "preview_version");
    stage.policy(&format!("{newest}\n  allow_preview = true")).apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["current_version"], "1.38.0");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_young_version_waits_until_it_is_old_enough() {
    let stage = Stage::at(THURSDAY).await;
    let patient = POLICY.replace(VERSION, &format!("{VERSION}\n  min_age = \"1d\""));
    stage.policy(&patient).apply().await.succeeds();
    assert_eq!(stage.state(ADDRESS).await["blocked_by"][0]["code"], "too_young");
    stage.clock(SATURDAY);
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_go_in_the_order_that_is_written() {
    let order = format!(
        "{VERSION}\n  rollout {{\n    pool_order = [[\"shop\"], [\"system\"]]\n    exclude_pools = [\"batch\"]\n  }}"
    );
    does(VERSION, &order, &[ONE_MINOR[0], ONE_MINOR[3], ONE_MINOR[1]]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_alone() {
    does(VERSION, &format!("{VERSION}\n  rollout {{ control_plane_only = true }}"), &ONE_MINOR[..1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fewest_hops_drain_each_pool_once() {
    let two = "kubernetes_version = \"1.36\"\n  rollout { pool_hops = \"fewest\" }";
    let writes = [
        "PUT prod 1.35.6",
        "PUT prod 1.36.2",
        "PUT prod/system 1.36.2",
        "PUT prod/batch 1.36.2",
        "PUT prod/shop 1.36.2",
    ];
    does(VERSION, two, &writes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_soak_is_waited_between_pools() {
    let stage = Stage::of(&CLUSTER.replace("tick = \"30s\"", "tick = \"60s\"")).await;
    stage.clock(SATURDAY);
    let soaking =
        format!("{VERSION}\n  rollout {{\n    soak = \"30m\"\n    exclude_pools = [\"batch\"]\n  }}");
    stage.policy(&POLICY.replace(VERSION, &soaking)).up().await.succeeds();
    assert_eq!(stage.writes(), [ONE_MINOR[0], ONE_MINOR[1], ONE_MINOR[3]]);
    let times: Vec<_> = stage.azure.log().iter().filter(|entry| entry.write).map(|entry| entry.at).collect();
    assert!(times[2] > times[1] + jiff::SignedDuration::from_mins(30), "{times:?}");
}

const IMAGES: &str = r#"
  cluster_id         = local.prod
  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn images_are_left_alone_until_they_are_old() {
    let young = CLUSTER.replacen("202610.19.0", "202611.16.0", 1);
    let stage = Stage::of(&format!("{young}[[publish]]\nat = \"2026-11-27T00:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.23.0\"\n")).await;
    stage.clock(SATURDAY);
    stage.images(&format!("{IMAGES}  max_age = \"30d\"\n")).up().await.succeeds();
    assert_eq!(stage.writes(), ["POST prod/batch image", "POST prod/shop image"]);
    let state = stage.state("aks_node_image.prod").await;
    assert_eq!(state["blocked_by"][0]["code"], "not_old_enough");
    assert_eq!(state["status"], "up_to_date");
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_yesterday_is_too_young() {
    let stage = Stage::of(&format!("{CLUSTER}[[publish]]\nat = \"2026-11-27T00:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.27.0\"\n")).await;
    stage.clock(SATURDAY);
    stage.images(&format!("{IMAGES}  min_age = \"7d\"\n")).apply().await.succeeds();
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.state("aks_node_image.prod").await["blocked_by"][0]["code"], "image_too_young");
}

#[tokio::test(flavor = "multi_thread")]
async fn security_patches_are_handed_to_aks() {
    let stage = Stage::at(THURSDAY).await;
    stage
        .images(&format!("{IMAGES}  executor = \"aks\"\n  channel = \"SecurityPatch\"\n"))
        .apply()
        .await
        .succeeds();
    let properties = &stage.body()["properties"];
    assert_eq!(properties["autoUpgradeProfile"]["nodeOSUpgradeChannel"], "SecurityPatch");
    assert_eq!(
        stage.writes(),
        ["PUT prod/maintenanceConfigurations/aksManagedNodeOSUpgradeSchedule", "PUT prod 1.34.4"],
        "the window before the channel that it restrains"
    );
    stage.plan().await.is_empty();
}
