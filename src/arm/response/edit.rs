//! Bodies to write: what was read, with only what a step names changed.
//!
//! A PUT that leaves out a field may reset it, so unknown fields go back as they came, in their order and
//! with their numbers exact. Two values are taken out, because Azure reads them as orders:
//!
//! - `nodeImageVersion` of a pool, in both bodies: since API 2026-04-01 "setting this value triggers an
//!   agentPool rollback" (OpenAPI description of the field). The Azure CLI leaves it out as well.
//! - what is inside `identity.userAssignedIdentities`, whose keys stay: sent back with the `clientId` and
//!   `principalId` that were read, ARM answers 400 `InvalidIdentityValues` "property keys should only be
//!   empty json objects" (Azure/azure-rest-api-specs#13631, #13501). azurerm empties them as well.
//!
//! # Specified and running
//!
//! Azure keeps the version that was asked for (`kubernetesVersion`, `orchestratorVersion`) beside the one that runs
//! (`currentKubernetesVersion`, `currentOrchestratorVersion`), and the two drift apart: AKS's own channels move what
//! runs alone (Azure/azure-cli#22928, Azure/AKS#3476), and an upgrade that failed leaves what was asked for ahead.
//! Sent back as it was read, the one is refused as a downgrade (`AgentPoolUpgradeVersionNotAllowed`,
//! `NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged`) and the other goes on with the upgrade. So every body
//! asks for what runs, wherever its step names no version. That is what Azure's own client sends since
//! Azure/azure-cli#31018; with all pools unspecified Azure takes the body too (Azure/ARO-HCP#662), but then it says
//! nothing of an upgrade that failed. An alias such as `"1.32"` of the running minor goes back as it came.

use serde_json::{Map, Value, json};

use crate::upgrade::version::{Minor, Version};

/// Returns the cluster's body with another control plane version; the pools stay at what they run.
#[must_use]
pub fn with_cluster_version(body: &Value, version: &Version) -> Value {
    let mut body = writable_cluster(body);
    set(properties(&mut body), "kubernetesVersion", json!(version.to_string()));
    body
}

/// Returns the cluster's body with another version for the control plane and every pool, and the upgrade settings of
/// each pool as its name gives them (see [`with_pool_version`]).
#[must_use]
pub fn with_full_version<'a>(
    body: &Value,
    version: &Version,
    settings: impl Fn(&str) -> (Option<&'a str>, Option<i64>),
) -> Value {
    let mut body = with_cluster_version(body, version);
    // A pool of machines has no version, and gets none.
    let has_version = |pool: &&mut Value| {
        ["orchestratorVersion", "currentOrchestratorVersion"].iter().any(|field| pool[field].is_string())
    };
    for pool in profiles(&mut body).filter(has_version) {
        let (max_surge, drain_timeout) = settings(pool["name"].as_str().unwrap_or_default());
        set(pool.as_object_mut(), "orchestratorVersion", json!(version.to_string()));
        if let Some(pool) = pool.as_object_mut() {
            set_upgrade_settings(pool, max_surge, drain_timeout);
        }
    }
    body
}

/// Returns a pool's body without the snapshot that the pool was made from: `creationData: null`, as the Azure CLI does.
#[must_use]
pub fn without_snapshot(mut body: Value) -> Value {
    set(properties(&mut body).filter(is_bound), "creationData", Value::Null);
    body
}

/// Returns a cluster's body in which pools that may leave it are without the snapshot that they were made from: it
/// would decide their version.
#[must_use]
pub fn without_snapshots(mut body: Value, leaves: impl Fn(&str) -> bool) -> Value {
    for pool in profiles(&mut body).filter(|pool| leaves(pool["name"].as_str().unwrap_or_default())) {
        set(pool.as_object_mut().filter(is_bound), "creationData", Value::Null);
    }
    body
}

/// Tells whether a pool was made from a snapshot, or from anything else.
fn is_bound(pool: &&mut Map<String, Value>) -> bool {
    pool.contains_key("creationData")
}

/// Returns the pool's body with another version and, where given, upgrade settings (`max_surge` as `"33%"` or
/// `"5"`, the drain timeout in minutes).
#[must_use]
pub fn with_pool_version(
    body: &Value,
    version: &Version,
    max_surge: Option<&str>,
    drain_timeout: Option<i64>,
) -> Value {
    let mut body = with_pool_settings(body, max_surge, drain_timeout);
    set(properties(&mut body), "orchestratorVersion", json!(version.to_string()));
    body
}

/// Returns the pool's body with other upgrade settings; those not given stay as they are.
#[must_use]
pub fn with_pool_settings(body: &Value, max_surge: Option<&str>, drain_timeout: Option<i64>) -> Value {
    let mut body = writable_pool(body);
    if let Some(pool) = properties(&mut body) {
        set_upgrade_settings(pool, max_surge, drain_timeout);
    }
    body
}

fn set_upgrade_settings(pool: &mut Map<String, Value>, max_surge: Option<&str>, drain_timeout: Option<i64>) {
    if max_surge.is_none() && drain_timeout.is_none() {
        return;
    }
    let settings = pool.entry("upgradeSettings").or_insert(Value::Null);
    if !settings.is_object() {
        *settings = json!({});
    }
    let mut write = |field, value| set(settings.as_object_mut(), field, value);
    if let Some(surge) = max_surge {
        write("maxSurge", json!(surge));
    }
    if let Some(minutes) = drain_timeout {
        write("drainTimeoutInMinutes", json!(minutes));
    }
}

/// Returns the cluster's body with another auto-upgrade channel: `patch`, `stable` or `rapid`.
#[must_use]
pub fn with_upgrade_channel(body: &Value, channel: &str) -> Value {
    with_channel(body, "upgradeChannel", channel)
}

/// Returns the cluster's body with another node OS channel: `NodeImage` or `SecurityPatch`.
#[must_use]
pub fn with_node_os_channel(body: &Value, channel: &str) -> Value {
    with_channel(body, "nodeOSUpgradeChannel", channel)
}

fn with_channel(body: &Value, field: &str, channel: &str) -> Value {
    let mut body = writable_cluster(body);
    if let Some(properties) = properties(&mut body) {
        let profile = properties.entry("autoUpgradeProfile").or_insert(Value::Null);
        if !profile.is_object() {
            *profile = json!({});
        }
        set(profile.as_object_mut(), field, json!(channel));
    }
    body
}

fn writable_cluster(body: &Value) -> Value {
    let mut body = body.clone();
    ask_for_what_runs(properties(&mut body), "kubernetesVersion", "currentKubernetesVersion");
    for pool in profiles(&mut body) {
        forget_image(pool.as_object_mut());
        ask_for_what_runs(pool.as_object_mut(), "orchestratorVersion", "currentOrchestratorVersion");
    }
    let identities = body.pointer_mut("/identity/userAssignedIdentities").and_then(Value::as_object_mut);
    for identity in identities.into_iter().flat_map(Map::values_mut) {
        *identity = json!({});
    }
    body
}

fn writable_pool(body: &Value) -> Value {
    let mut body = body.clone();
    forget_image(properties(&mut body));
    ask_for_what_runs(properties(&mut body), "orchestratorVersion", "currentOrchestratorVersion");
    body
}

/// Puts what runs in the place of another version that was asked for.
fn ask_for_what_runs(part: Option<&mut Map<String, Value>>, asked: &str, runs: &str) {
    let Some(part) = part else { return };
    let text = |field: &str| part.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (Some(wanted), Some(running)) = (text(asked), text(runs)) else { return };
    let is_alias = match (wanted.parse::<Minor>(), running.parse::<Version>()) {
        (Ok(minor), Ok(version)) => minor == version.minor(),
        _ => false,
    };
    if !is_alias && wanted != running {
        let running = json!(running);
        part.insert(asked.to_owned(), running);
    }
}

fn forget_image(pool: Option<&mut Map<String, Value>>) {
    // `shift_remove` keeps the other fields in Azure's order.
    pool.and_then(|pool| pool.shift_remove("nodeImageVersion"));
}

fn properties(body: &mut Value) -> Option<&mut Map<String, Value>> {
    body.get_mut("properties").and_then(Value::as_object_mut)
}

fn profiles(body: &mut Value) -> impl Iterator<Item = &mut Value> {
    body.pointer_mut("/properties/agentPoolProfiles").and_then(Value::as_array_mut).into_iter().flatten()
}

fn set(object: Option<&mut Map<String, Value>>, field: &str, value: Value) {
    if let Some(object) = object {
        object.insert(field.to_owned(), value);
    }
}
