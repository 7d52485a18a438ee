//! What people who upgrade AKS reported in public, from the plan to the last write; the rest of it stands where its part
//! is tested: what a channel left behind, images that are too old, cancellations and image runs in `resume`, minors
//! beside a channel in `whole`, an image that a policy moved in `one_owner`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::{Azure, PROD, Terraform};

fn cluster(version: &str, pools: &str) -> Arc<Azure> {
    let system = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n";
    Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\n{system}{pools}"))
}

fn saturdays(duration: &str) -> Json {
    json!([{ "days": ["saturday"], "start": "02:00", "duration": duration, "time_zone": "UTC" }])
}

/// Changes a pool as its owner does.
fn owner_sets(azure: &Azure, pool: &str, field: &str, value: Json) {
    let body = azure.cluster("prod");
    let pools = body["properties"]["agentPoolProfiles"].as_array().unwrap();
    let mut properties = pools.iter().find(|known| known["name"] == pool).unwrap().clone();
    properties.as_object_mut().unwrap().shift_remove("name");
    properties[field] = value;
    let body = json!({ "properties": properties });
    let status = azure.somebody_else("PUT", &format!("{PROD}/agentPools/{pool}"), &body);
    assert!(status < 300, "{status}");
}

/// One surge for every pool of a cluster that has a Spot pool (hashicorp/terraform-provider-azurerm#19355, #31129).
#[tokio::test(start_paused = true)]
async fn one_surge_for_all_pools_passes_by_the_spot_pool() {
    let azure = cluster("1.34.9", "[[cluster.pool]]\nname = \"spot\"\npriority = \"Spot\"\n");
    let policy = json!({ "kubernetes_version": "1.35", "rollout": { "max_surge": "50%" } });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    assert_eq!(azure.writes(), ["PUT prod 1.35.6", "PUT prod/system 1.35.6", "PUT prod/spot 1.35.6"]);
    let surges: Vec<Json> = azure
        .exchanges()
        .iter()
        .filter(|one| one.is_write() && one.pool().is_some())
        .map(|one| one.sent["properties"]["upgradeSettings"]["maxSurge"].clone())
        .collect();
    assert_eq!(surges, [json!("50%"), Json::Null]);
    assert!(terraform.plan().await.is_empty());
}

/// Windows Server 2022 beside a version that has left it (Azure/AKS#4168).
#[tokio::test(start_paused = true)]
async fn no_control_plane_leaves_windows_pools_behind() {
    let azure = cluster("1.36.2", "[[cluster.pool]]\nname = \"win\"\nos_sku = \"Windows2022\"\n");
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.37" }));
    terraform.applied_before();
    let plan = terraform.plan().await;
    assert!(plan.is_empty());
    terraform.apply(&plan).await.unwrap();
    let state = plan.only().prior();
    assert_eq!(
        (&state["status"], &state["blocked_by"][0]["code"]),
        (&json!("blocked"), &json!("os_not_supported"))
    );
    assert_eq!(azure.tried(), [""; 0]);
}

/// A window for two of three pools, and a new image each week (MicrosoftDocs/azure-aks-docs#293).
#[tokio::test(start_paused = true)]
async fn week_after_week_no_pool_is_left_behind() {
    let weeks = ["2026-11-27", "2026-12-04", "2026-12-11", "2026-12-18"];
    let images: String = weeks
        .iter()
        .map(|day| {
            let date = format!("{}{}.{}", &day[..4], &day[5..7], &day[8..]);
            format!(
                "[[publish]]\nat = \"{day}T06:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-{date}.0\"\n"
            )
        })
        .collect();
    let old = "image = \"AKSUbuntu-2204gen2containerd-202610.19.0\"";
    let pool = |name: &str, rest: &str| format!("[[cluster.pool]]\nname = \"{name}\"\n{old}\n{rest}\n");
    let pools = [
        pool("system", "mode = \"System\"\ncount = 3\nsurge = \"1\""),
        pool("apps", "count = 20\nsurge = \"1\""),
        pool("batch", "count = 20\nsurge = \"1\""),
    ];
    let azure = Azure::new(&format!(
        "{images}[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\n{}",
        pools.concat()
    ));
    let terraform = Terraform::node_image(&azure, json!({ "maintenance_window": saturdays("3h") }));
    terraform.applied_before();
    for saturday in ["2026-11-28", "2026-12-05", "2026-12-12", "2026-12-19"] {
        azure.wait_until(&format!("{saturday}T02:00:30Z")).await;
        let plan = terraform.plan().await;
        terraform.apply(&plan).await.unwrap();
    }
    let calls = |pool: &str| {
        let call = format!("POST prod/{pool} image");
        azure.writes().iter().filter(|write| **write == call).count()
    };
    let (apps, batch) = (calls("apps"), calls("batch"));
    assert!(apps >= 2 && batch >= 2, "apps {apps}, batch {batch}: {:?}", azure.writes());
}

/// Constrained addresses: no surge, and so many nodes missing (hashicorp/terraform-provider-azurerm#30381).
#[tokio::test(start_paused = true)]
async fn nodes_that_may_be_missing_are_counted_as_that() {
    let azure = cluster("1.34.9", "[[cluster.pool]]\nname = \"user\"\ncount = 100\n");
    let settings = json!({ "maxSurge": "0", "maxUnavailable": "20%", "drainTimeoutInMinutes": 30 });
    owner_sets(&azure, "user", "upgradeSettings", settings.clone());
    azure.wait(Duration::from_secs(3600)).await;
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": saturdays("4h") });
    let terraform = Terraform::policy(&azure, policy);
    terraform.applied_before();
    azure.wait_until("2026-11-28T02:00:30Z").await;
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["control_plane 1.35.6", "system 1.35.6", "user 1.35.6"]);
    terraform.apply(&plan).await.unwrap();
    let pools = azure.cluster("prod")["properties"]["agentPoolProfiles"].clone();
    for (setting, value) in settings.as_object().unwrap() {
        assert_eq!(pools[1]["upgradeSettings"][setting], *value);
    }
}

/// A pool that was made from a snapshot (hashicorp/terraform-provider-azurerm#21442): it stays, and is behind, until it
/// may leave.
#[tokio::test(start_paused = true)]
async fn a_pool_that_its_snapshot_keeps_is_behind_until_it_may_leave() {
    let azure = cluster("1.34.9", "");
    let snapshot = PROD.replace("managedClusters/prod", "snapshots/before");
    let source = json!({ "sourceResourceId": format!("{PROD}/agentPools/system") });
    let body = json!({ "location": "westeurope", "properties": { "creationData": source, "snapshotType": "NodePool" } });
    azure.somebody_else("PUT", &snapshot, &body);
    let golden = json!({ "properties": { "count": 1, "creationData": { "sourceResourceId": snapshot } } });
    azure.somebody_else("PUT", &format!("{PROD}/agentPools/golden"), &golden);
    azure.wait(Duration::from_secs(3600)).await;
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    terraform.up().await;
    let state = terraform.shown();
    assert_eq!(azure.writes(), ["PUT prod 1.35.6", "PUT prod/system 1.35.6"]);
    assert_eq!(
        (&state["status"], &state["blocked_by"][0]["code"]),
        (&json!("blocked"), &json!("snapshot_bound"))
    );
    terraform.edit("aks_upgrade_policy.prod", "rollout", json!({ "include_snapshot_pools": ["golden"] }));
    terraform.up().await;
    terraform.up().await;
    assert_eq!(azure.writes().last().unwrap(), "PUT prod/golden 1.35.6");
    let pools = azure.cluster("prod")["properties"]["agentPoolProfiles"].clone();
    assert_eq!(pools[1]["creationData"], Json::Null);
    assert_eq!(terraform.shown()["status"], "up_to_date");
}
