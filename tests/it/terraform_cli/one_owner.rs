//! Twelve clusters whose policies keep the node images, too: no pool is drained twice, however many are worked on at once.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::stage::Stage;

/// Every third cluster has its version already, and old images all the same.
fn scenario() -> String {
    let mut scenario = "[clock]\nstart = \"2026-11-28T01:10:00Z\"\ntick = \"30s\"\n".to_owned();
    for number in 0..12 {
        let version = if number % 3 == 0 { "1.35.6" } else { "1.34.9" };
        write!(scenario, "[[cluster]]\nname = \"c{number}\"\nversion = \"{version}\"\n").unwrap();
        for (pool, mode) in [("system", "System"), ("user", "User")] {
            let image = "AKSUbuntu-2204gen2containerd-202610.19.0";
            write!(
                scenario,
                "[[cluster.pool]]\nname = \"{pool}\"\nmode = \"{mode}\"\ncount = 1\nimage = \"{image}\"\n"
            )
            .unwrap();
        }
    }
    scenario
}

const POLICIES: &str = r#"
resource "aks_upgrade_policy" "all" {
  for_each           = toset([for n in range(12) : "c${n}"])
  cluster_id         = "${local.group}/providers/Microsoft.ContainerService/managedClusters/${each.value}"
  kubernetes_version = "1.35"

  node_image {}

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "2d"
    time_zone = "Europe/Berlin"
  }
}
"#;

async fn each_pool_is_drained_once(parallelism: u32) {
    let stage = Stage::of(&scenario()).await;
    stage.main(POLICIES);
    let parallelism = format!("-parallelism={parallelism}");
    let apply = ["apply", "-auto-approve", &parallelism];
    stage.terraform(&apply).await.succeeds();
    assert_eq!(stage.writes(), [""; 0], "a create adopts");
    stage.terraform(&apply).await.succeeds();
    stage.plan().await.is_empty();
    let mut drained: BTreeMap<String, usize> = BTreeMap::new();
    for write in stage.writes() {
        let path = write.split(' ').nth(1).unwrap().to_owned();
        *drained.entry(path).or_default() += 1;
    }
    // Twelve clusters with two pools each; eight control planes.
    let (pools, planes): (Vec<_>, Vec<_>) = drained.iter().partition(|(path, _)| path.contains('/'));
    assert_eq!((pools.len(), planes.len()), (24, 8), "{drained:?}");
    assert!(drained.values().all(|count| *count == 1), "{drained:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_after_the_other() {
    each_pool_is_drained_once(1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_a_time() {
    each_pool_is_drained_once(2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_at_a_time() {
    each_pool_is_drained_once(10).await;
}
