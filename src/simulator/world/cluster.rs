//! A cluster as Azure keeps it: its body, and what the body does not show.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::operation::PassedOver;
use super::route::Place;
use crate::simulator::scenario::InitialCluster;
use crate::simulator::version::Version;

/// A JSON object.
pub(super) type Object = Map<String, Value>;

/// A cluster: every field of its body is kept and served back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cluster {
    pub place: Place,
    /// The body; `properties` holds its place only.
    pub outer: Object,
    /// The properties; `agentPoolProfiles` holds its place only.
    pub properties: Object,
    pub pools: Vec<Object>,
    pub maintenance: Vec<Value>,
    /// Pools whose nodes are not all where the pool's body says.
    pub behind: BTreeMap<String, Behind>,
    /// What pools ran before, oldest first.
    #[serde(default)]
    pub used: BTreeMap<String, Vec<Used>>,
    /// Nodes that the last upgrade of a pool passed over.
    #[serde(default)]
    pub passed_over: BTreeMap<String, LeftNodes>,
    /// When each maintenance configuration was written, by its name in lower case.
    #[serde(default)]
    pub written: BTreeMap<String, Timestamp>,
    /// When the channels were set.
    #[serde(default)]
    pub channel_set: Timestamp,
    /// Whether an upgrade of the control plane was begun and not finished.
    pub control_plane_behind: bool,
}

/// Nodes that were left behind by an upgrade that runs, failed or was aborted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Behind {
    /// The Kubernetes version from which the pool comes.
    pub version: String,
    /// The image from which the pool comes.
    pub image: String,
    /// The OS SKU from which the pool comes.
    #[serde(default)]
    pub os_sku: String,
    /// How many nodes have arrived.
    pub arrived: u32,
    /// Whether the Kubernetes version moves, not the image only.
    pub upgrade: bool,
    /// The older image to which a rollback goes.
    #[serde(default)]
    pub back: Option<String>,
}

/// Nodes that an upgrade passed over: what they run, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LeftNodes {
    pub count: u32,
    pub version: String,
    pub image: String,
    pub why: PassedOver,
}

/// A version and an image that a pool ran until an upgrade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Used {
    pub version: String,
    pub image: String,
    pub os_sku: String,
    pub until: Timestamp,
}

impl Used {
    /// Returns version and image.
    pub(super) fn what(&self) -> (String, String) {
        (self.version.clone(), self.image.clone())
    }
}

impl Cluster {
    /// Takes a cluster from its seed.
    pub(super) fn new(seed: InitialCluster) -> Self {
        let InitialCluster { subscription, group, name, body: mut outer } = seed;
        let mut properties = object(outer.insert("properties".into(), Value::Null));
        let pools = match properties.insert("agentPoolProfiles".into(), Value::Null) {
            Some(Value::Array(pools)) => pools.into_iter().map(|pool| object(Some(pool))).collect(),
            _ => vec![],
        };
        Cluster {
            place: Place { subscription, group, name },
            outer,
            properties,
            pools,
            maintenance: vec![],
            behind: BTreeMap::new(),
            used: BTreeMap::new(),
            passed_over: BTreeMap::new(),
            written: BTreeMap::new(),
            channel_set: Timestamp::UNIX_EPOCH,
            control_plane_behind: false,
        }
    }

    /// Returns the whole body.
    pub(super) fn body(&self) -> Value {
        let mut properties = self.properties.clone();
        properties.insert("agentPoolProfiles".into(), json!(self.pools));
        let mut body = self.outer.clone();
        body.insert("properties".into(), Value::Object(properties));
        Value::Object(body)
    }

    /// Returns the body of one pool: its profile without the name, under a resource of its own.
    pub(super) fn pool_body(&self, pool: &Object) -> Value {
        let mut properties = pool.clone();
        properties.shift_remove("name");
        let name = text(pool, "name");
        json!({
            "id": format!("{}/agentPools/{name}", self.id("resourcegroups")),
            "name": name,
            "type": "Microsoft.ContainerService/managedClusters/agentPools",
            "properties": properties,
        })
    }

    /// Returns the cluster's id; Azure writes `resourcegroups` in some places, `resourceGroups` in others.
    pub(super) fn id(&self, groups: &str) -> String {
        let Place { subscription, group, name } = &self.place;
        format!(
            "/subscriptions/{subscription}/{groups}/{group}/providers/Microsoft.ContainerService/managedClusters/{name}"
        )
    }

    /// Returns where the cluster runs.
    pub(super) fn location(&self) -> &str {
        text(&self.outer, "location")
    }

    /// Returns a pool by its name.
    pub(super) fn pool(&self, name: &str) -> Option<&Object> {
        self.pools.iter().find(|pool| text(pool, "name").eq_ignore_ascii_case(name))
    }

    /// Returns a pool by its name, to change it.
    pub(super) fn pool_mut(&mut self, name: &str) -> Option<&mut Object> {
        self.pools.iter_mut().find(|pool| text(pool, "name").eq_ignore_ascii_case(name))
    }

    /// Returns the names of all pools.
    pub(super) fn pool_names(&self) -> Vec<String> {
        self.pools.iter().map(|pool| text(pool, "name").to_owned()).collect()
    }

    /// Returns the version that the control plane runs.
    pub(super) fn version(&self) -> Version {
        full(&self.properties, "currentKubernetesVersion", "kubernetesVersion")
    }

    /// Tells whether the cluster has long-term support.
    pub(super) fn long_term(&self) -> bool {
        text(&self.properties, "supportPlan") == "AKSLongTermSupport"
    }

    /// Tells whether the cluster was stopped.
    pub(super) fn stopped(&self) -> bool {
        stopped(&self.properties)
    }

    /// Notes the work that a body shows to be unfinished: a version that was asked for and does not run.
    pub(super) fn note_unfinished(&mut self) {
        let unfinished = |object: &Object, wanted: Option<Version>, running: Version| {
            let state = text(object, "provisioningState");
            matches!(state, "Failed" | "Canceled") && wanted.is_some_and(|wanted| wanted > running)
        };
        let wanted = specified(&self.properties, "kubernetesVersion");
        self.control_plane_behind |= unfinished(&self.properties, wanted, self.version());
        let pools = self
            .pools
            .iter()
            .filter(|pool| unfinished(pool, specified(pool, "orchestratorVersion"), pool_version(pool)));
        for name in pools.map(|pool| text(pool, "name").to_owned()).collect::<Vec<_>>() {
            self.note_behind(&name, true);
        }
    }

    /// Returns the provisioning state.
    pub(super) fn state(&self) -> &str {
        text(&self.properties, "provisioningState")
    }
}

/// Returns a text field, or nothing.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the version that was asked for, when it was written in full.
pub(super) fn specified(object: &Object, key: &str) -> Option<Version> {
    text(object, key).parse().ok()
}

/// Tells whether a pool's machines are Spot machines.
pub(super) fn is_spot(pool: &Object) -> bool {
    text(pool, "scaleSetPriority") == "Spot"
}

/// Returns the version that a pool runs.
pub(super) fn pool_version(pool: &Object) -> Version {
    full(pool, "currentOrchestratorVersion", "orchestratorVersion")
}

/// Tells whether a cluster or pool was stopped.
pub(super) fn stopped(object: &Object) -> bool {
    object.get("powerState").and_then(|power| power.get("code")).is_some_and(|code| code == "Stopped")
}

/// Returns how many nodes a pool has.
pub(super) fn nodes(pool: &Object) -> u32 {
    pool.get("count").and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok()).unwrap_or(0)
}

/// Returns how many nodes of a pool are upgraded at a time: `maxSurge`, or else `maxUnavailable`.
///
/// A fraction rounds up and the least is one (docs: upgrade-options).
pub(super) fn batch(pool: &Object) -> u32 {
    let setting = |key: &str| {
        pool.get("upgradeSettings").and_then(|settings| settings.get(key)).and_then(Value::as_str)
    };
    let size = |wanted: &str| match wanted.strip_suffix('%') {
        Some(percent) => (nodes(pool) * percent.parse::<u32>().unwrap_or(0)).div_ceil(100),
        None => wanted.parse().unwrap_or(0),
    };
    let surge = setting("maxSurge").map_or(0, size);
    let batch = if surge > 0 { surge } else { setting("maxUnavailable").map_or(0, size) };
    batch.max(1)
}

fn full(object: &Object, current: &str, wanted: &str) -> Version {
    let read = |key| text(object, key).parse::<Version>().ok();
    read(current).or_else(|| read(wanted)).unwrap_or(Version { minor: 0, patch: 0 })
}

fn object(value: Option<Value>) -> Object {
    match value {
        Some(Value::Object(object)) => object,
        _ => Object::new(),
    }
}
