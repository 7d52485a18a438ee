//! What a caller can write into the body of a cluster or pool, and what Azure leaves out of it.

use serde_json::{Value, json};

use crate::simulator::world::cluster::{Cluster, Object, profiles, text};

/// What a caller cannot set beside `properties`.
const FIXED: [&str; 6] = ["id", "name", "type", "eTag", "systemData", "location"];

/// What a caller cannot set among the properties.
const READ_ONLY: [&str; 11] = [
    "provisioningState",
    "powerState",
    "currentKubernetesVersion",
    "kubernetesVersion",
    "fqdn",
    "privateFQDN",
    "azurePortalFQDN",
    "maxAgentPools",
    "resourceUID",
    "status",
    "agentPoolProfiles",
];

/// What a caller cannot set in a pool, or what only an operation moves.
pub(super) const POOL_READ_ONLY: [&str; 7] = [
    "provisioningState",
    "currentOrchestratorVersion",
    "orchestratorVersion",
    "nodeImageVersion",
    "eTag",
    "status",
    "name",
];

impl Cluster {
    /// Takes over what is sent of the cluster itself.
    pub(super) fn take_over(&mut self, body: &Object, sent: &Object) {
        overlay(&mut self.outer, body, &|key| !FIXED.contains(&key) && key != "properties");
        overlay(&mut self.properties, sent, &|key| !READ_ONLY.contains(&key));
    }

    /// Replaces what is sent and keeps what is not; unknown fields are kept too.
    pub(super) fn merge(&mut self, body: &Object, sent: &Object) {
        self.take_over(body, sent);
        self.hold_nodes_channel();
        let profiles = sent.get("agentPoolProfiles").and_then(Value::as_array).into_iter().flatten();
        for profile in profiles.filter_map(Value::as_object) {
            if let Some(pool) = self.pool_mut(text(profile, "name")) {
                overlay(pool, profile, &|key| !POOL_READ_ONLY.contains(&key));
                leave_out_empty(pool);
            }
        }
        leave_out_empty(&mut self.properties);
        leave_out_empty(&mut self.outer);
    }

    /// Holds the nodes' channel on `NodeImage` under the channel `node-image` (docs: auto-upgrade-cluster).
    fn hold_nodes_channel(&mut self) {
        if self.channel("upgradeChannel") == Some("node-image") {
            self.properties["autoUpgradeProfile"]["nodeOSUpgradeChannel"] = json!("NodeImage");
        }
    }
}

/// Writes what is sent over what is there: null and "" mean "as it is", and so does a missing field,
/// in an object too; maps of the caller's own words are replaced as a whole.
pub(super) fn overlay(onto: &mut Object, sent: &Object, takes: &dyn Fn(&str) -> bool) {
    let says_nothing = |value: &Value| value.is_null() || value == "";
    let fields = sent.iter().filter(|(key, value)| takes(key) && !says_nothing(value));
    for (key, value) in fields.filter(|(key, _)| !SECRETS.contains(&key.as_str())) {
        match (onto.get_mut(key), value) {
            (Some(Value::Object(own)), Value::Object(sent)) if !MAPS.contains(&key.as_str()) => {
                overlay(own, sent, &|_| true);
            }
            (_, Value::Object(sent)) if !MAPS.contains(&key.as_str()) => {
                let mut own = Object::new();
                overlay(&mut own, sent, &|_| true);
                onto.insert(key.clone(), Value::Object(own));
            }
            _ => {
                onto.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Maps of the caller's own words.
const MAPS: [&str; 4] = ["tags", "nodeLabels", "config", "userAssignedIdentities"];

/// What Azure takes and never shows.
const SECRETS: [&str; 2] = ["secret", "adminPassword"];

/// Leaves out what Azure does not show when it holds nothing, and the price of nodes that are not spot.
pub(super) fn leave_out_empty(object: &mut Object) {
    let empty = |value: &Value| match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    let spot = text(object, "scaleSetPriority") == "Spot";
    let price = ["scaleSetPriority", "scaleSetEvictionPolicy", "spotMaxPrice"];
    let listed =
        ["nodeTaints", "nodeInitializationTaints", "addonProfiles", "identityProfile", "tags", "nodeLabels"];
    object.retain(|key, value| {
        !(listed.contains(&key.as_str()) && empty(value)) && (spot || !price.contains(&key.as_str()))
    });
}

/// Returns the properties of a body.
pub(super) fn properties(body: &Object) -> Object {
    body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Returns what was sent for a pool, with the whole cluster.
pub(super) fn profile<'a>(sent: &'a Object, name: &str) -> Option<&'a Object> {
    profiles(sent).find(|profile| text(profile, "name").eq_ignore_ascii_case(name))
}
