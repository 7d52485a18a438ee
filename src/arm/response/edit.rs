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

use serde_json::{Map, Value, json};

use crate::upgrade::version::Version;

/// Returns the cluster's body with another control plane version; the pools stay as they are.
///
/// Azure wants every pool's `orchestratorVersion` either at its old value or equal to the control
/// plane's, so the pools' values go back untouched, aliases such as `"1.32"` included.
#[must_use]
pub fn with_cluster_version(body: &Value, version: &Version) -> Value {
    let mut body = writable_cluster(body);
    set(properties(&mut body), "kubernetesVersion", json!(version.to_string()));
    body
}

/// Returns the cluster's body with another version for the control plane and every pool.
#[must_use]
pub fn with_full_version(body: &Value, version: &Version) -> Value {
    let mut body = with_cluster_version(body, version);
    for pool in profiles(&mut body) {
        set(pool.as_object_mut(), "orchestratorVersion", json!(version.to_string()));
    }
    body
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
    if max_surge.is_none() && drain_timeout.is_none() {
        return body;
    }
    if let Some(properties) = properties(&mut body) {
        let settings = properties.entry("upgradeSettings").or_insert(Value::Null);
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
    body
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
    for pool in profiles(&mut body) {
        forget_image(pool.as_object_mut());
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
    body
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
