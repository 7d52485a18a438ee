//! What Azure offers, and what is made of an offer that cannot be read.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::azure::{Azure, Fate, PROD};
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
            // Before the control plane leaves there is nothing in it.
            if let Some(offers) = body["properties"]["upgrades"].as_array_mut() {
                offers.retain(|offer| offer["kubernetesVersion"].as_str().unwrap().starts_with("1.34"));
            }
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

/// Lets Azure refuse whatever of a path is asked for, as it does to a role that lacks the permission.
fn refuse(azure: &Azure, path: &'static str, status: u16, code: &'static str) {
    azure.accidents(move |call| match call.path.contains(path) {
        true => Fate::Rewrite(Box::new(move |answer| {
            let body = json!({ "error": { "code": code, "message": "as the test says" } });
            let mut answer = answer.map(|_| Bytes::from(body.to_string()));
            *answer.status_mut() = http::StatusCode::from_u16(status).unwrap();
            answer
        })),
        false => Fate::Pass,
    });
}

const CLUSTERS_OFFERS: &str = "managedClusters/prod/upgradeProfiles";
const POOLS_OFFERS: &str = "/agentPools/user/upgradeProfiles";

const WHAT_IS_OFFERED: &str = "What Azure offers this cluster is not known: its upgrade profile could not be read. Grant Microsoft.ContainerService/managedClusters/upgradeProfiles/read on the cluster (the log has Azure's answer).";

const WHAT_USER_IS_OFFERED: &str = "What Azure offers pool user is not known: its upgrade profile could not be read. Grant Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles/read on the cluster (the log has Azure's answer).";

/// Another cluster, behind on its patch, in place of the first one.
const OLDER: &str = "OLDER";

/// A pool of a family of its own, so that its own profile is asked for its image.
const OTHER_FAMILY: &str = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nimage = \"AKSUbuntu-2204gen2containerd-202610.05.0\"\n[[cluster.pool]]\nname = \"user\"\nos_sku = \"AzureLinux\"\nimage = \"AKSAzureLinux-V3gen2-202610.05.0\"\n";

/// Every offer that cannot be read, by the route that it is read from: what is known is planned, and the rest is told.
#[tokio::test(start_paused = true)]
async fn an_offer_that_azure_refuses_to_show_is_unknown_and_not_nothing() {
    let policy = |version: &str| ("aks_upgrade_policy.prod", json!({ "kubernetes_version": version }));
    let mut with_images = policy("1.34.9");
    with_images.1["node_image"] = json!({});
    let by_aks = json!({
        "channel": "patch", "executor": "aks",
        "maintenance_window": [{ "days": ["all"], "start": "02:00", "duration": "8h", "time_zone": "Etc/UTC" }],
    });
    let by_aks = ("aks_upgrade_policy.prod", by_aks);
    let image = ("aks_node_image.prod", json!({}));
    let lags = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"user\"\nversion = \"1.34.2\"\n";
    let aks = |said: &str| said.replace("answer).", "answer); AKS itself upgrades all the same.");
    for (pools, (address, block), path, status, said, promised) in [
        // Below the target; at it, where the region lists a newer patch and where not; and beyond it.
        ("", policy("1.35"), CLUSTERS_OFFERS, "blocked", Some(WHAT_IS_OFFERED), vec![]),
        (OLDER, policy("1.34"), CLUSTERS_OFFERS, "blocked", Some(WHAT_IS_OFFERED), vec![]),
        ("", policy("1.34"), CLUSTERS_OFFERS, "up_to_date", None, vec![]),
        ("", policy("1.33"), CLUSTERS_OFFERS, "up_to_date", None, vec![]),
        // What lags behind the control plane needs no offer of the cluster.
        (lags, policy("1.35"), CLUSTERS_OFFERS, "pending", Some(WHAT_IS_OFFERED), vec!["user 1.34.9"]),
        // The control plane waits for a pool that may be left behind; the pool is left out where it is alone.
        (lags, policy("1.35"), POOLS_OFFERS, "blocked", Some(WHAT_USER_IS_OFFERED), vec![]),
        (lags, policy("1.34.9"), POOLS_OFFERS, "blocked", Some(WHAT_USER_IS_OFFERED), vec![]),
        // Images: of every pool, of one family of two, beside versions.
        (
            OTHER_FAMILY,
            image,
            POOLS_OFFERS,
            "pending",
            Some(WHAT_USER_IS_OFFERED),
            vec!["system 202611.16.0"],
        ),
        (
            OTHER_FAMILY,
            with_images,
            POOLS_OFFERS,
            "pending",
            Some(WHAT_USER_IS_OFFERED),
            vec!["system 202611.16.0"],
        ),
        (OLDER, by_aks, CLUSTERS_OFFERS, "pending", Some(&*aks(WHAT_IS_OFFERED)), vec![]),
    ] {
        for (answer, code) in [(403, "AuthorizationFailed"), (400, "BadRequest")] {
            let scenario = format!("{PROD_134}\n{pools}").replace("1.34.9\"\nOLDER", "1.34.4\"");
            let azure = Azure::new(&scenario);
            let terraform = Terraform::new(&azure);
            terraform.write(address, block.clone());
            terraform.applied_before();
            refuse(&azure, path, answer, code);
            // The first refresh of one that leaves it to AKS reads its window; the plan after it may switch it on.
            let plan = terraform.plan().await;
            let case = format!("{block} {path} {answer}");
            let prior = plan.only().prior();
            assert_eq!(prior["status"], status, "{case}: {prior:#}");
            let blocked = prior["blocked_by"].as_array().unwrap();
            let told = blocked.iter().find(|one| one["code"] == "offers_not_read");
            assert_eq!(told.map(|one| one["message"].as_str().unwrap()), said, "{case}");
            let mut steps = plan.only().promised();
            steps.retain(|step| !step.contains("channel") && !step.contains("maintenance_configuration"));
            assert_eq!(steps, promised, "{case}");
            terraform.apply(&plan).await.unwrap();
            let moves = azure
                .tried()
                .into_iter()
                .filter(|write| !write.contains("upgradeChannel") && !write.contains("aksManaged"));
            assert_eq!(moves.count(), promised.len(), "{case}");
            if said.is_some() {
                assert_ne!(terraform.state(address)["status"], "up_to_date", "{case}");
            }
            // What can be read again is planned again.
            azure.calm();
            let plan = terraform.plan().await;
            assert!(!plan.only().prior()["blocked_by"].to_string().contains("offers_not_read"), "{case}");
        }
    }
}

/// One cluster of many that lacks a permission, and one whose token is not accepted.
#[tokio::test(start_paused = true)]
async fn a_cluster_whose_offers_are_unknown_keeps_no_other_from_being_planned() {
    let clusters = ["prod", "blue", "green"];
    let scenario: String =
        clusters.map(|name| format!("[[cluster]]\nname = \"{name}\"\nversion = \"1.34.4\"\n")).concat();
    for (path, promises) in [("managedClusters/blue/upgradeProfiles", 0), ("blue/agentPools/", 0)] {
        let azure = Azure::new(&scenario);
        let terraform = Terraform::new(&azure);
        for name in clusters {
            let id = PROD.replace("prod", name);
            terraform.write(
                &format!("aks_upgrade_policy.{name}"),
                json!({ "cluster_id": id, "kubernetes_version": "1.35" }),
            );
        }
        terraform.applied_before();
        refuse(&azure, path, 403, "AuthorizationFailed");
        let plan = terraform.plan().await;
        let steps = clusters.map(|name| plan.of(&format!("aks_upgrade_policy.{name}")).promised().len());
        assert_eq!(steps, [3, promises, 3], "{path}");
        refuse(&azure, path, 401, "InvalidAuthenticationToken");
        assert!(terraform.try_plan().await.is_err(), "nobody is signed in");
    }
}

/// What was readable at the plan and is not at the apply: nothing is started from it.
#[tokio::test(start_paused = true)]
async fn an_offer_that_an_apply_cannot_read_starts_nothing() {
    for (kind, path, said) in [
        ("aks_upgrade_policy", CLUSTERS_OFFERS, WHAT_IS_OFFERED),
        ("aks_node_image", POOLS_OFFERS, WHAT_USER_IS_OFFERED),
    ] {
        let azure = Azure::new(&format!("{PROD_134}\n{OTHER_FAMILY}"));
        let terraform = Terraform::new(&azure);
        let version = (kind == "aks_upgrade_policy").then_some(json!("1.35"));
        let mut block = json!({});
        version.into_iter().for_each(|version| block["kubernetes_version"] = version);
        terraform.write(&format!("{kind}.prod"), block);
        terraform.applied_before();
        let plan = terraform.plan().await;
        refuse(&azure, path, 403, "AuthorizationFailed");
        let error = terraform.apply(&plan).await.unwrap_err();
        assert!(error.detail.starts_with(said), "{error:?}");
        assert_eq!(azure.tried(), [""; 0]);
    }
}

/// What is planned without a word from the pools, as an import is: they are asked before the control plane leaves, which
/// cannot come back, and each of them once.
#[tokio::test(start_paused = true)]
async fn pools_are_asked_before_the_control_plane_leaves() {
    for (answer, said) in [
        (403, "What Azure offers pool user is not known: its upgrade profile could not be read."),
        (200, "Azure does not offer 1.35.6 to pool user. It offers 1.34.10."),
        (0, ""),
    ] {
        let azure = Azure::new(PROD_134);
        let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.35" }));
        terraform.import("aks_upgrade_policy.prod", PROD).await.unwrap();
        let plan = terraform.plan().await;
        assert_eq!(plan.only().promised().len(), 3);
        match answer {
            403 => refuse(&azure, POOLS_OFFERS, 403, "AuthorizationFailed"),
            200 => azure.accidents(|call| match call.path.contains(POOLS_OFFERS) {
                true => Fate::Rewrite(Box::new(|answer| {
                    let mut body: Json = serde_json::from_slice(answer.body()).unwrap();
                    body["properties"]["upgrades"] = json!([{ "kubernetesVersion": "1.34.10" }]);
                    answer.map(|_| body.to_string().into())
                })),
                false => Fate::Pass,
            }),
            _ => {}
        }
        let asked = azure.calls();
        let applied = terraform.apply(&plan).await;
        if answer > 0 {
            let error = applied.unwrap_err();
            assert!(error.detail.starts_with(said), "{}", error.detail);
            assert_eq!(azure.tried(), [""; 0]);
            continue;
        }
        applied.unwrap();
        assert_eq!(azure.writes().len(), 3);
        let of_pools = azure.exchanges().split_off(asked);
        let of_pools = of_pools.iter().filter(|one| one.path.contains("/agentPools/") && one.method == "GET");
        let profiles = of_pools.filter(|one| one.path.ends_with("/upgradeProfiles/default"));
        assert_eq!(profiles.count(), 4, "each before the control plane leaves, and before it leaves itself");
    }
}

/// Every pool whose operating system ends is told at once, and not the next one when the first is cured.
#[tokio::test(start_paused = true)]
async fn every_pool_whose_system_ends_is_told() {
    let pool = |name: &str, sku: &str| format!("[[cluster.pool]]\nname = \"{name}\"\nos_sku = \"{sku}\"\n");
    let pools = [pool("win", "Windows2022"), pool("az", "AzureLinux3")].concat();
    let azure = Azure::new(&format!(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.36.2\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n{pools}"
    ));
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.37" }));
    terraform.applied_before();
    let prior = terraform.plan().await.only().prior();
    let blocks = prior["blocked_by"].as_array().unwrap();
    let pools: Vec<&Json> =
        blocks.iter().filter(|one| one["code"] == "os_not_supported").map(|one| &one["node_pool"]).collect();
    assert_eq!(pools, ["az", "win"], "{blocks:?}");
}

/// An operating system that ends on the way is told by the plan that goes half of the way, for no control plane comes
/// back.
#[tokio::test(start_paused = true)]
async fn a_system_that_ends_on_the_way_is_told_with_the_first_step() {
    let pools = "[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster.pool]]\nname = \"win\"\nos_sku = \"Windows2022\"\n";
    let azure = Azure::new(&format!("[[cluster]]\nname = \"prod\"\nversion = \"1.35.6\"\n{pools}"));
    let terraform = Terraform::policy(&azure, json!({ "kubernetes_version": "1.37" }));
    terraform.applied_before();
    let plan = terraform.plan().await;
    assert_eq!(plan.only().promised(), ["control_plane 1.36.2", "system 1.36.2", "win 1.36.2"]);
    assert_eq!(
        plan.warnings("Not all of the upgrade is possible"),
        [
            "prod: Pool win runs Windows2022, which AKS supports up to 1.36 only, so nothing goes to 1.37.1: the control plane could not come back. Add a pool with Windows2025, move the workloads, remove win, and plan again."
        ]
    );
}
