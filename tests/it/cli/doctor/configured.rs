//! `doctor --from`: who upgrades a cluster by the configuration, and who else does.

use serde_json::{Value, json};

use super::{HEALTHY, ID, findings};

fn resource(address: &str, values: &Value) -> Value {
    let kind = address.rsplit('.').nth(1).unwrap();
    json!({ "mode": "managed", "type": kind, "address": address, "values": values })
}

fn root(resources: &[(&str, Value)]) -> Value {
    let resources: Vec<Value> = resources.iter().map(|(address, values)| resource(address, values)).collect();
    json!({ "root_module": { "resources": resources } })
}

fn state(resources: &[(&str, Value)]) -> Value {
    json!({ "format_version": "1.0", "values": root(resources) })
}

/// A plan of resources: what they were, what they become, and what their blocks write.
fn plan(resources: &[(&str, Value, Value, Value)]) -> Value {
    let each = |which: fn(&(&str, Value, Value, Value)) -> Value| {
        let each = resources.iter().map(|one| (one.0, which(one)));
        root(&each.collect::<Vec<_>>())
    };
    let blocks = resources.iter().map(|one| json!({ "address": one.0, "expressions": one.3 }));
    json!({
        "format_version": "1.2",
        "prior_state": { "values": each(|one| one.1.clone()) },
        "planned_values": each(|one| one.2.clone()),
        "configuration": { "root_module": { "resources": blocks.collect::<Vec<_>>() } },
    })
}

/// Returns the exit code, and what is said of whoever upgrades: address or cluster, grade, message.
async fn owners(scenario: &str, shown: &Value) -> (Option<i32>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shown.json");
    std::fs::write(&file, shown.to_string()).unwrap();
    let (code, found) = findings(scenario, &[ID, "--from", file.to_str().unwrap()]).await;
    let owners = found.into_iter().filter(|one| one.0 == "owner");
    (code, owners.map(|(_, subject, grade, message)| format!("{subject} {grade}: {message}")).collect())
}

const STATE: &str =
    " note: a state does not tell whether azurerm writes a version, which would take an upgrade back";
const SENT_AGAIN: &str =
    "unless ignore_changes has it, which no plan shows, the first apply after an upgrade sends it again";

/// Both spellings: azurerm 3 called its channels otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn the_channels_of_a_state_are_found_and_that_it_does_not_tell_versions() {
    let state = state(&[
        (
            "azurerm_kubernetes_cluster.four",
            json!({ "automatic_upgrade_channel": "stable", "node_os_upgrade_channel": "NodeImage" }),
        ),
        (
            "azurerm_kubernetes_cluster.three",
            json!({ "automatic_channel_upgrade": "node-image", "node_os_channel_upgrade": "SecurityPatch" }),
        ),
        (
            "azurerm_kubernetes_cluster.off",
            json!({ "automatic_upgrade_channel": null, "node_os_upgrade_channel": "None" }),
        ),
    ]);
    let (code, found) = owners(HEALTHY, &state).await;
    assert_eq!(code, Some(0), "{found:#?}");
    let undecided = "right where its policy has executor = \"aks\", in the way where it has \"terraform\"";
    let four = "azurerm_kubernetes_cluster.four note: AKS";
    let three = "azurerm_kubernetes_cluster.three note: AKS replaces";
    assert_eq!(
        found[..6],
        [
            format!("{four} upgrades it by itself, on automatic_upgrade_channel = \"stable\": {undecided}"),
            format!(
                "{four} replaces or patches its node images by itself, on node_os_upgrade_channel = \"NodeImage\""
            ),
            format!(
                "{three} its node images by itself, on automatic_channel_upgrade = \"node-image\"; it moves no version"
            ),
            format!(
                "{three} or patches its node images by itself, on node_os_channel_upgrade = \"SecurityPatch\""
            ),
            "azurerm_kubernetes_cluster.off ok: azurerm leaves channels alone".to_owned(),
            STATE.to_owned(),
        ]
    );
}

/// A change of a version stands in the way; one that is written only does so after the first upgrade.
#[tokio::test(flavor = "multi_thread")]
async fn the_versions_of_a_plan_are_found_where_they_change_and_where_they_are_written() {
    let version = |key: &str, version: &str| json!({ key: version });
    let constant = |key: &str, version: &str| json!({ key: { "constant_value": version } });
    let (cluster, pool) = ("kubernetes_version", "orchestrator_version");
    let plan = plan(&[
        (
            "azurerm_kubernetes_cluster_node_pool.moved",
            version(pool, "1.35.6"),
            version(pool, "1.36.1"),
            constant(pool, "1.36.1"),
        ),
        (
            "azurerm_kubernetes_cluster.written",
            version(cluster, "1.35.6"),
            version(cluster, "1.35.6"),
            constant(cluster, "1.35.6"),
        ),
        (
            "azurerm_kubernetes_cluster.ignored",
            version(cluster, "1.35.6"),
            version(cluster, "1.35.6"),
            constant(cluster, "1.34.2"),
        ),
        (
            "azurerm_kubernetes_cluster.first_pool",
            json!({}),
            json!({}),
            json!({ "default_node_pool": [{ pool: { "references": ["var.version"] } }] }),
        ),
        (
            "azurerm_kubernetes_cluster.left_out",
            version(cluster, "1.35.6"),
            version(cluster, "1.35.6"),
            json!({}),
        ),
    ]);
    let (code, found) = owners(HEALTHY, &plan).await;
    assert_eq!(code, Some(3), "{found:#?}");
    assert_eq!(
        found[..5],
        [
            "azurerm_kubernetes_cluster_node_pool.moved bad: this plan changes orchestrator_version from 1.35.6 to 1.36.1, which is the policy's to do".to_owned(),
            format!("azurerm_kubernetes_cluster.written note: the configuration writes kubernetes_version = \"1.35.6\": {SENT_AGAIN}"),
            "azurerm_kubernetes_cluster.ignored ok: azurerm leaves versions and channels alone".to_owned(),
            format!("azurerm_kubernetes_cluster.first_pool note: the configuration writes default_node_pool[0].orchestrator_version = var.version: {SENT_AGAIN}"),
            "azurerm_kubernetes_cluster.left_out ok: azurerm leaves versions and channels alone".to_owned(),
        ]
    );
}

/// One block makes every instance, whatever its key.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_module_writes_is_found_for_each_of_its_instances() {
    let address = r#"module.fleet["a].b\"["].azurerm_kubernetes_cluster.this[0]"#;
    let own = json!({ "mode": "managed", "type": "azurerm_kubernetes_cluster", "address": address,
        "values": { "kubernetes_version": "1.35.6" } });
    let block = json!({ "address": "azurerm_kubernetes_cluster.this",
        "expressions": { "kubernetes_version": { "references": ["var.version"] } } });
    let plan = json!({
        "format_version": "1.2",
        "planned_values": { "root_module": { "child_modules": [{ "resources": [own] }] } },
        "configuration": { "root_module": { "module_calls": { "fleet": { "module": { "resources": [block] } } } } },
    });
    let (_, found) = owners(HEALTHY, &plan).await;
    let said =
        format!("{address} note: the configuration writes kubernetes_version = var.version: {SENT_AGAIN}");
    assert_eq!(found[0], said);
}

/// azapi sends what its body holds, so a state tells as much as a plan.
#[tokio::test(flavor = "multi_thread")]
async fn the_bodies_of_azapi_are_read() {
    let kind = |kind: &str| format!("Microsoft.ContainerService/{kind}@2026-08-01");
    let properties = json!({ "kubernetesVersion": "1.35.6", "autoUpgradeProfile": { "upgradeChannel": "none" },
        "agentPoolProfiles": [{ "name": "a" }, { "name": "b", "orchestratorVersion": "1.35.6" }] });
    let text = json!({ "properties": { "orchestratorVersion": "1.35.6" } }).to_string();
    let state = state(&[
        (
            "azapi_resource.cluster",
            json!({ "type": kind("managedClusters"), "body": { "properties": properties } }),
        ),
        ("azapi_resource.pool", json!({ "type": kind("managedClusters/agentPools"), "body": text })),
        ("azapi_update_resource.bare", json!({ "type": kind("managedClusters"), "body": {} })),
        (
            "azapi_resource.other",
            json!({ "type": "Microsoft.Network/virtualNetworks@2024-01-01", "body": {} }),
        ),
    ]);
    let (code, found) = owners(HEALTHY, &state).await;
    assert_eq!(code, Some(0), "{found:#?}");
    let writes = |address: &str, what: &str| {
        format!("{address} note: the configuration writes body.properties.{what} = \"1.35.6\": {SENT_AGAIN}")
    };
    assert_eq!(
        found[..4],
        [
            writes("azapi_resource.cluster", "kubernetesVersion"),
            writes("azapi_resource.cluster", "agentPoolProfiles[1].orchestratorVersion"),
            writes("azapi_resource.pool", "orchestratorVersion"),
            "azapi_update_resource.bare ok: azapi's body leaves versions and channels alone".to_owned(),
        ]
    );
    assert!(!found.iter().any(|one| one.contains("other") || one == STATE), "{found:#?}");
}

/// Examines a cluster with an upgrade channel of AKS beside its policy, and returns the exit code and what is said first of the channel.
async fn beside(channel: &str, policy: Value) -> (Option<i32>, String) {
    let scenario = format!("{HEALTHY}upgrade_channel = \"{channel}\"\n");
    let mut values = policy;
    values["cluster_id"] = ID.to_uppercase().into();
    let (code, found) = owners(&scenario, &state(&[("aks_upgrade_policy.prod", values)])).await;
    (code, found.into_iter().find(|one| one.starts_with("prod ")).unwrap())
}

/// What is right of a channel depends on who shall upgrade.
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_is_held_against_the_policy_of_the_cluster() {
    let on = |channel: &str| format!("AKS upgrades it by itself, on its channel {channel}");
    let table = [
        (
            "patch",
            json!({ "executor": "aks" }),
            0,
            format!("ok: {}, as executor = \"aks\" asks", on("patch")),
        ),
        (
            "stable",
            json!({ "executor": "terraform" }),
            3,
            format!("bad: {}, and its policy waits with the control plane until that is off", on("stable")),
        ),
        (
            "patch",
            json!({ "executor": "terraform", "rollout": { "whole_cluster": true } }),
            0,
            format!("note: {}, and rollout.whole_cluster does it, too", on("patch")),
        ),
        (
            "node-image",
            json!({ "executor": "terraform" }),
            0,
            "note: AKS replaces its node images by itself, on its channel node-image; it moves no version"
                .to_owned(),
        ),
    ];
    for (channel, policy, code, said) in table {
        assert_eq!(beside(channel, policy).await, (Some(code), format!("prod {said}")));
    }
}

/// The node OS channel belongs to whoever keeps the images.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_os_channel_is_as_its_policy_asks() {
    let scenario = format!("{HEALTHY}node_os_channel = \"SecurityPatch\"\n");
    for address in ["aks_upgrade_policy.prod", "aks_node_image.prod"] {
        let values =
            json!({ "cluster_id": ID, "executor": "aks", "node_image": { "channel": "SecurityPatch" } });
        let (code, found) = owners(&scenario, &state(&[(address, values)])).await;
        let said = "prod ok: AKS replaces or patches its node images by itself, on its node OS channel SecurityPatch, as executor = \"aks\" asks";
        assert_eq!(code, Some(0));
        assert!(found.iter().any(|one| one == said), "{found:#?}");
    }
}
