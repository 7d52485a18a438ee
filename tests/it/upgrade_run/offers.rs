//! What Azure offers, and what is made of an offer that cannot be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::azure::{Azure, Fate};
use super::scene::PROD_134;
use super::terraform::Terraform;

/// Refuses to list the versions of a region, as Azure does to a role on single clusters.
fn no_list(azure: &Azure) {
    azure.accidents(|call| match call.path.to_lowercase().contains("/kubernetesversions") {
        true => Fate::Rewrite(Box::new(|answer| {
            let body = br#"{"error":{"code":"AuthorizationFailed","message":"The client 'c' does not have authorization to perform action 'Microsoft.ContainerService/locations/kubernetesVersions/read' over scope '/subscriptions/s'."}}"#;
            let mut answer = answer.map(|_| Bytes::from_static(body));
            *answer.status_mut() = http::StatusCode::FORBIDDEN;
            answer
        })),
        false => Fate::Pass,
    });
}

/// Found with such a role: `stable` became the newest offer, or nothing to do, without a word.
#[tokio::test(start_paused = true)]
async fn a_channel_means_no_other_version_when_the_region_cannot_be_listed() {
    for channel in ["stable", "rapid"] {
        let azure = Azure::new(PROD_134);
        let terraform = Terraform::policy(&azure, json!({ "channel": channel }));
        terraform.applied_before();
        no_list(&azure);
        let plan = terraform.plan().await;
        assert!(plan.is_empty(), "{:?}", plan.only().promised());
        let prior = plan.only().prior();
        assert_eq!((&prior["status"], &prior["target_version"]), (&json!("blocked"), &Json::Null));
        let blocked = &prior["blocked_by"][0];
        assert_eq!(blocked["code"], "versions_not_listed");
        let said = format!(
            "Which version the {channel} channel means is not known: the versions of westeurope could not be listed. Grant Microsoft.ContainerService/locations/kubernetesVersions/read on the subscription (the log has Azure's answer), or name a kubernetes_version."
        );
        assert_eq!(blocked["message"], said.as_str());
        assert_eq!(plan.warnings("Upgrade blocked"), [format!("prod: {said}")]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_by_name_needs_no_list_of_the_region() {
    let azure = Azure::new(PROD_134);
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    terraform.applied_before();
    no_list(&azure);
    assert_eq!(terraform.plan().await.only().promised().len(), 3);
}

/// A pool is offered what its own profile lists, whatever its control plane runs.
#[tokio::test(start_paused = true)]
async fn a_pool_step_is_not_started_where_the_pool_is_not_offered_its_version() {
    let azure = Azure::new(PROD_134);
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
    terraform.applied_before();
    let plan = terraform.plan().await;
    azure.accidents(|call| match call.path.ends_with("/agentPools/user/upgradeProfiles/default") {
        true => Fate::Rewrite(Box::new(|answer| {
            let mut body: Json = serde_json::from_slice(answer.body()).unwrap();
            let offers = body["properties"]["upgrades"].as_array_mut().unwrap();
            offers.retain(|offer| offer["kubernetesVersion"].as_str().unwrap().starts_with("1.34"));
            answer.map(|_| body.to_string().into())
        })),
        false => Fate::Pass,
    });
    let error = terraform.apply(&plan).await.unwrap_err();
    assert!(error.detail.starts_with("Azure does not offer 1.35.6 to pool user. It offers"), "{error:?}");
    let writes = azure.writes();
    assert_eq!(writes.len(), 2, "{writes:?}");
    assert!(!writes.iter().any(|write| write.contains("user")), "{writes:?}");
}

/// A pool that was removed after the cluster was read has no image to get, and is no reason to fail a refresh.
#[tokio::test(start_paused = true)]
async fn a_pool_that_vanishes_during_a_refresh_fails_nothing() {
    // Of a family of its own, so that its own profile is asked.
    let other = "os_sku = \"AzureLinux\"\nimage = \"AKSAzureLinux-V3gen2-202610.05.0\"";
    let azure = Azure::new(&format!(
        "{PROD_134}\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\n{other}\n"
    ));
    let terraform = Terraform::node_image(&azure, json!({}));
    terraform.applied_before();
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    azure.accidents(move |call| match call.path.contains("/agentPools/user/upgradeProfiles") {
        true => {
            noted.store(true, Ordering::Relaxed);
            Fate::Rewrite(Box::new(|answer| {
                let body = br#"{"code":"NotFound","details":null,"message":"Could not find the agentpool: user","subcode":"GetAgentPool_NotFound_HCPServerError"}"#;
                let mut answer = answer.map(|_| Bytes::from_static(body));
                *answer.status_mut() = http::StatusCode::NOT_FOUND;
                answer
            }))
        }
        false => Fate::Pass,
    });
    assert!(terraform.try_plan().await.is_ok());
    assert!(asked.load(Ordering::Relaxed));
}

/// What a pool's profile lacks is known before its step is promised: once the control plane is there, and earlier where
/// the profile reaches above it.
#[tokio::test(start_paused = true)]
async fn a_version_that_a_pool_is_not_offered_is_a_block_of_the_plan() {
    let profile = |azure: &Azure, versions: &'static [&'static str]| {
        azure.accidents(move |call| match call.path.ends_with("/agentPools/user/upgradeProfiles/default") {
            true => Fate::Rewrite(Box::new(move |answer| {
                let mut body: Json = serde_json::from_slice(answer.body()).unwrap();
                let offers = versions.iter().map(|version| json!({ "kubernetesVersion": version }));
                body["properties"]["upgrades"] = offers.collect();
                answer.map(|_| body.to_string().into())
            })),
            false => Fate::Pass,
        });
    };
    let pools = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\n";
    for (version, user, offered, promised) in [
        // The control plane is there; the other pool goes on.
        ("1.35.6", "version = \"1.34.4\"", &["1.35.1"][..], vec![]),
        // The profile reaches above the control plane, and not to the target.
        ("1.34.4", "", &["1.34.5"][..], vec![]),
        // It ends with the control plane: of what comes later nothing is known.
        ("1.34.4", "", &[][..], vec!["control_plane 1.35.6", "system 1.35.6", "user 1.35.6"]),
    ] {
        let azure =
            Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\n{pools}{user}"));
        let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
        terraform.applied_before();
        profile(&azure, offered);
        let plan = terraform.plan().await;
        assert_eq!(plan.only().promised(), promised, "{version} {user}");
        let blocks = plan.only().prior()["blocked_by"].clone();
        let told = blocks
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["code"] == "version_not_offered" && one["node_pool"] == "user");
        assert_eq!(told, promised.is_empty(), "{blocks}");
    }
}
