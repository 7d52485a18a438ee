//! Where most scenarios begin: a cluster on 1.34.9, and who wants more of it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::{Azure, Terraform};

/// A control plane and two pools, `system` and `user`; by the provider's estimates a minor takes ten minutes and
/// twice fifteen.
pub const PROD_134: &str = "[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"";

/// The writes that lead it to 1.35.
pub const ALL: [&str; 3] = ["PUT prod 1.35.6", "PUT prod/system 1.35.6", "PUT prod/user 1.35.6"];

/// Returns a policy for 1.35 that was created before its window opened, which is now: the next plan is an update.
pub async fn wanting_135() -> (Arc<Azure>, Terraform) {
    let azure = Azure::new(PROD_134);
    let window = json!([{ "days": ["all"], "start": "10:00", "duration": "20h", "time_zone": "UTC" }]);
    let policy = json!({ "kubernetes_version": "1.35", "maintenance_window": window });
    let terraform = Terraform::policy(&azure, policy);
    terraform.up().await;
    assert_eq!(azure.tried(), [""; 0]);
    azure.wait(Duration::from_secs(3700)).await;
    (azure, terraform)
}

/// Returns a cluster that is behind in both, and both resources without `depends_on`.
pub fn versions_and_images() -> (Arc<Azure>, Terraform) {
    let old = "image = \"AKSUbuntu-2204gen2containerd-202601.01.0\"";
    let azure = Azure::new(&format!(
        "{PROD_134}\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n{old}\n[[cluster.pool]]\nname = \"user\"\n{old}",
    ));
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    terraform.write("aks_node_image.prod", json!({}));
    (azure, terraform)
}

/// Checks that every step was written once, and that nothing is left to do.
pub async fn upgraded(azure: &Azure, terraform: &Terraform) {
    assert_eq!(azure.writes(), ALL);
    assert!(terraform.plan().await.is_empty());
}
