//! `[[cluster]]`: a cluster drawn from a name and a version, in the shape Azure was recorded with.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::simulator::catalogue::Catalogue;
use crate::simulator::scenario::initial::InitialCluster;
use crate::simulator::scenario::pool_seed::PoolSeed;
use crate::simulator::scenario::template;

/// One `[[cluster]]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ClusterSeed {
    /// A file or folder of real bodies, beside the scenario's file, in the place of all that follows: what
    /// `az aks show`, `az aks list` or `az rest` printed.
    pub(super) from: Option<String>,
    /// The cluster's name.
    pub(super) name: String,
    /// The version that control plane and pools run.
    pub(super) version: String,
    /// The resource group; `rg`, unless given.
    pub(super) resource_group: Option<String>,
    /// The subscription; `00000000-0000-0000-0000-000000000000`, unless given.
    pub(super) subscription: Option<String>,
    /// The region; `westeurope`, unless given.
    pub(super) location: Option<String>,
    /// `Free`, `Standard` or `Premium`; `Standard`, unless given.
    pub(super) tier: Option<String>,
    /// `KubernetesOfficial` or `AKSLongTermSupport`; the first, unless given.
    pub(super) support_plan: Option<String>,
    /// The auto-upgrade channel: `none`, `patch`, `stable`, `rapid` or `node-image`; none, unless given.
    pub(super) upgrade_channel: Option<String>,
    /// The channel of node images: `None`, `Unmanaged`, `SecurityPatch` or `NodeImage`; `None`, unless given, and
    /// `NodeImage` under the channel `node-image`.
    pub(super) node_os_channel: Option<String>,
    /// `Running` or `Stopped`.
    pub(super) power: Option<String>,
    /// The version that was asked for of the control plane, where it is not the one that runs.
    pub(super) specified: Option<String>,
    /// `Succeeded`, `Failed`, `Canceled`, …; `Succeeded`, unless given.
    pub(super) state: Option<String>,
    /// How many nodes node auto-provisioning has made; it is off, unless given. They drift when the Kubernetes version
    /// moves, never by a new image alone.
    pub(super) nap: Option<u32>,
    /// Its tags.
    pub(super) tags: Map<String, Value>,
    /// Its pools; a System pool `system` and a User pool `user` of three nodes, unless given.
    pub(super) pool: Vec<PoolSeed>,
}

impl ClusterSeed {
    /// Returns a seed with nothing but names and a version.
    pub(crate) fn plain(subscription: &str, group: &str, name: &str, location: &str, version: &str) -> Self {
        ClusterSeed {
            name: name.into(),
            version: version.into(),
            resource_group: Some(group.into()),
            subscription: Some(subscription.into()),
            location: Some(location.into()),
            tier: Some("Free".into()),
            node_os_channel: Some("NodeImage".into()),
            ..ClusterSeed::default()
        }
    }

    /// Draws the cluster from its own fields.
    ///
    /// # Errors
    ///
    /// A sentence that names the key.
    pub(crate) fn draw(&self, catalogue: &Catalogue, start: Timestamp) -> Result<InitialCluster, String> {
        let subscription = self.subscription.clone().unwrap_or_else(|| SUBSCRIPTION.into());
        let group = self.resource_group.clone().unwrap_or_else(|| "rg".into());
        let pools = self
            .pools()
            .iter()
            .map(|pool| pool.draw(&self.version, catalogue, start))
            .collect::<Result<Vec<_>, _>>()?;
        let body = self.body(&subscription, &group, pools);
        Ok(InitialCluster { subscription, group, name: self.name.clone(), body, nodes_of_nap: self.nap })
    }

    /// Returns its pools, or those of a cluster that names none.
    pub(super) fn pools(&self) -> Vec<PoolSeed> {
        let pool = |name: &str, mode: &str, count| PoolSeed {
            name: name.into(),
            mode: Some(mode.into()),
            count: Some(count),
            ..PoolSeed::default()
        };
        if self.pool.is_empty() {
            vec![pool("system", "System", 3), pool("user", "User", 3)]
        } else {
            self.pool.clone()
        }
    }

    fn body(&self, subscription: &str, group: &str, pools: Vec<Map<String, Value>>) -> Map<String, Value> {
        let or = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.into());
        let nodes = if self.upgrade_channel.as_deref() == Some("node-image") { "NodeImage" } else { "None" };
        let mut body = template::fill(
            include_str!("cluster.json"),
            &[
                ("subscription", subscription),
                ("group", group),
                ("name", &self.name),
                ("location", &or(&self.location, "westeurope")),
                ("version", &self.version),
                ("specified", &or(&self.specified, &self.version)),
                ("state", &or(&self.state, "Succeeded")),
                ("power", &or(&self.power, "Running")),
                ("support_plan", &or(&self.support_plan, "KubernetesOfficial")),
                ("node_os_channel", &or(&self.node_os_channel, nodes)),
                ("tier", &or(&self.tier, "Standard")),
            ],
        );
        if let Some(channel) = &self.upgrade_channel {
            body["properties"]["autoUpgradeProfile"]["upgradeChannel"] = json!(channel);
        }
        if !self.tags.is_empty() {
            body.insert("tags".into(), json!(self.tags));
        }
        body["properties"]["agentPoolProfiles"] = json!(pools);
        if self.nap.is_some() {
            body["properties"]["nodeProvisioningProfile"]["mode"] = json!("Auto");
            let pools = body["properties"]["agentPoolProfiles"].as_array_mut();
            pools.into_iter().for_each(|pools| pools.push(pool_of_nap()));
        }
        body
    }
}

/// Returns the pool under which the nodes of node auto-provisioning are listed (recorded of its like).
fn pool_of_nap() -> Value {
    json!({
        "name": "aksmanagedap", "type": "VirtualMachines", "provisioningState": "Succeeded",
        "powerState": { "code": "Running" }, "mode": "Machines", "upgradeSettings": {}
    })
}

/// The subscription of a cluster that names none.
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
