//! Where Azure moves control plane and pools at once.

use serde_json::{Value as Json, json};

use super::{Azure, Terraform};

fn policy(version: &str, rollout: Json) -> Json {
    json!({ "kubernetes_version": version, "always_open": true, "rollout": rollout })
}

/// Patches by AKS, minors by us: only an upgrade of the control plane alone is refused while a channel is on.
#[tokio::test(start_paused = true)]
async fn a_minor_goes_beside_a_channel_that_stays_on() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"\nupgrade_channel = \"patch\"");
    let terraform = Terraform::policy(&azure, policy("1.35", json!({ "soak": "1h" })));
    terraform.up().await;
    assert_eq!(azure.tried(), [""; 0]);
    assert_eq!(terraform.shown()["blocked_by"][0]["code"], "auto_upgrade_channel_on");
    let rollout = json!({ "soak": "1h", "whole_cluster": true, "max_surge": "50%", "drain_timeout": "45m" });
    terraform.write("aks_upgrade_policy.prod", policy("1.35", rollout));
    terraform.up().await;
    assert_eq!(azure.writes(), ["PUT prod 1.35.6"]);
    assert!(terraform.plan().await.is_empty());
    let cluster = azure.cluster("prod");
    assert_eq!(cluster["properties"]["autoUpgradeProfile"]["upgradeChannel"], "patch");
    for pool in cluster["properties"]["agentPoolProfiles"].as_array().unwrap() {
        assert_eq!(pool["currentOrchestratorVersion"], "1.35.6");
        assert_eq!(pool["upgradeSettings"]["maxSurge"], "50%");
        assert_eq!(pool["upgradeSettings"]["drainTimeoutInMinutes"], 45);
    }
}

/// Out of support there is no other way: what cannot be kept is accepted, or nothing moves.
#[tokio::test(start_paused = true)]
async fn out_of_support_a_soak_is_given_up_by_name() {
    let azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.33.5\"");
    let terraform = Terraform::policy(&azure, policy("1.34", json!({ "soak": "1h" })));
    terraform.up().await;
    assert_eq!(azure.tried(), [""; 0]);
    assert_eq!(terraform.shown()["blocked_by"][0]["code"], "whole_cluster_only");
    terraform
        .write("aks_upgrade_policy.prod", policy("1.34", json!({ "soak": "1h", "whole_cluster": true })));
    terraform.up().await;
    assert_eq!(azure.writes().len(), 1, "{:?}", azure.writes());
    assert_eq!(terraform.shown()["status"], "up_to_date");
}
