//! A cluster as Azure keeps it: its body, and what the body does not show.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::simulator::scenario::InitialCluster;
use crate::simulator::version::Version;
use crate::simulator::world::operation::{PassedOver, later};
use crate::simulator::world::route::Place;

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
    /// How many nodes a stopped pool had, and has again when it is started.
    #[serde(default)]
    pub nodes_before: BTreeMap<String, u32>,
    /// The nodes that node auto-provisioning made, if it is on.
    #[serde(default)]
    pub provisioned: Option<Provisioned>,
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

/// Nodes of node auto-provisioning (Karpenter): it replaces them, one after the other, by nodes of the control
/// plane's version when that has moved; AKS's own upgrades leave them alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Provisioned {
    pub nodes: u32,
    /// Since when nodes are made of which version.
    pub versions: Vec<(Timestamp, String)>,
}

impl Provisioned {
    fn new(nodes: u32, version: Version) -> Self {
        Provisioned { nodes, versions: vec![(Timestamp::MIN, version.to_string())] }
    }

    /// Returns since when and of which version a node is, and whether it is to be replaced.
    pub(super) fn node(&self, index: u32, each: SignedDuration, now: Timestamp) -> (Timestamp, &str, bool) {
        let turn =
            each.checked_mul(i32::try_from(index + 1).unwrap_or(i32::MAX)).unwrap_or(SignedDuration::MAX);
        let replaced =
            |(since, _): &&(Timestamp, String)| *since == Timestamp::MIN || later(*since, turn) <= now;
        let found = self.versions.iter().rev().find(replaced).or(self.versions.first());
        let (since, version) = found.map_or((now, ""), |(since, version)| (*since, version.as_str()));
        (since, version, self.versions.last().is_some_and(|(_, last)| last != version))
    }
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
        let InitialCluster { subscription, group, name, body: mut outer, nodes_of_nap } = seed;
        let mut properties = object(outer.insert("properties".into(), Value::Null));
        let pools = match properties.insert("agentPoolProfiles".into(), Value::Null) {
            Some(Value::Array(pools)) => pools.into_iter().map(|pool| object(Some(pool))).collect(),
            _ => vec![],
        };
        let version = full(&properties, "currentKubernetesVersion", "kubernetesVersion");
        let mut cluster = Cluster {
            place: Place { subscription, group, name },
            outer,
            properties,
            pools,
            maintenance: vec![],
            behind: BTreeMap::new(),
            used: BTreeMap::new(),
            passed_over: BTreeMap::new(),
            nodes_before: BTreeMap::new(),
            provisioned: nodes_of_nap.map(|nodes| Provisioned::new(nodes, version)),
            written: BTreeMap::new(),
            channel_set: Timestamp::UNIX_EPOCH,
            control_plane_behind: false,
        };
        cluster.hide_stopped();
        cluster
    }

    /// Shows no nodes of the pools that are stopped, and keeps in mind how many they had (recorded: a pool that is being
    /// stopped still shows them).
    fn hide_stopped(&mut self) {
        let hides =
            |pool: &Object| stopped(pool) && nodes(pool) > 0 && text(pool, "provisioningState") != "Stopping";
        for pool in self.pools.iter_mut().filter(|pool| hides(pool)) {
            self.nodes_before.insert(text(pool, "name").to_ascii_lowercase(), nodes(pool));
            pool.insert("count".into(), json!(0));
        }
    }

    /// Returns the whole body; the identity of the nodes is there when the cluster is (recorded).
    pub(super) fn body(&self) -> Value {
        let mut properties = self.properties.clone();
        if self.state() == "Creating" {
            properties.shift_remove("identityProfile");
        }
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

    /// Tells whether an upgrade that begins now is forced: the setting counts until its instant only.
    pub(super) fn is_forced(&self, now: Timestamp) -> bool {
        let settings = self.properties.get("upgradeSettings").map(|settings| &settings["overrideSettings"]);
        let until = settings.and_then(|settings| settings["until"].as_str()?.parse::<Timestamp>().ok());
        settings.is_some_and(|settings| settings["forceUpgrade"] == true)
            && until.is_some_and(|until| until > now)
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

/// Returns the pools that were sent with the whole cluster.
pub(super) fn profiles(sent: &Object) -> impl Iterator<Item = &Object> {
    let profiles = sent.get("agentPoolProfiles").and_then(Value::as_array);
    profiles.into_iter().flatten().filter_map(Value::as_object)
}

/// Returns a text field, or nothing.
pub(super) fn text<'a>(object: &'a Object, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Returns the version that was asked for, when it was written in full.
pub(super) fn specified(object: &Object, key: &str) -> Option<Version> {
    text(object, key).parse().ok()
}

/// Tells whether node auto-provisioning, not AKS, keeps the nodes of a pool.
pub(super) fn is_of_machines(pool: &Object) -> bool {
    text(pool, "mode") == "Machines"
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
    let size = |wanted: &str| share_of(wanted, nodes(pool));
    let surge = setting("maxSurge").map_or(0, size);
    let batch = if surge > 0 { surge } else { setting("maxUnavailable").map_or(0, size) };
    batch.max(1)
}

/// Returns how many nodes `3` or `33%` of them are; a fraction rounds up.
pub(super) fn share_of(wanted: &str, nodes: u32) -> u32 {
    match wanted.strip_suffix('%') {
        Some(percent) => (nodes * percent.parse::<u32>().unwrap_or(0)).div_ceil(100),
        None => wanted.parse().unwrap_or(0),
    }
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
