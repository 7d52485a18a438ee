//! `[[cluster]]`: a cluster drawn from a name and a version, in the shape Azure was recorded with.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::initial::InitialCluster;
use super::pool_seed::PoolSeed;
use super::template;
use crate::simulator::catalogue::Catalogue;
use crate::simulator::version::Version;

/// One `[[cluster]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ClusterSeed {
    from: Option<String>,
    name: String,
    version: String,
    resource_group: Option<String>,
    subscription: Option<String>,
    location: Option<String>,
    tier: Option<String>,
    support_plan: Option<String>,
    upgrade_channel: Option<String>,
    node_os_channel: Option<String>,
    power: Option<String>,
    specified: Option<String>,
    state: Option<String>,
    nap: Option<u32>,
    tags: Map<String, Value>,
    pool: Vec<PoolSeed>,
}

impl ClusterSeed {
    /// Returns a seed with nothing but names and a version.
    pub(crate) fn plain(
        subscription: &str,
        group: &str,
        name: &str,
        location: &str,
        version: &str,
        pools: &[String],
    ) -> Self {
        ClusterSeed {
            name: name.into(),
            version: version.into(),
            resource_group: Some(group.into()),
            subscription: Some(subscription.into()),
            location: Some(location.into()),
            tier: Some("Free".into()),
            node_os_channel: Some("NodeImage".into()),
            pool: pools.iter().map(|pool| PoolSeed::plain(pool, None)).collect(),
            ..ClusterSeed::default()
        }
    }

    /// Draws the cluster; `dir` is where a `from` file lies.
    ///
    /// # Errors
    ///
    /// A sentence that names the key.
    pub(crate) fn seed(
        &self,
        catalogue: &Catalogue,
        start: Timestamp,
        dir: &Path,
    ) -> Result<InitialCluster, String> {
        match &self.from {
            Some(file) => read(&dir.join(file)),
            None => self.draw(catalogue, start),
        }
    }

    /// Draws the cluster from its own fields.
    ///
    /// # Errors
    ///
    /// A sentence that names the key.
    pub(crate) fn draw(&self, catalogue: &Catalogue, start: Timestamp) -> Result<InitialCluster, String> {
        if self.name.is_empty() {
            return Err("`name` is missing; give one such as name = \"prod\", or `from`.".into());
        }
        self.version.parse::<Version>().map_err(|why| format!("`version`: {why}"))?;
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

    fn pools(&self) -> Vec<PoolSeed> {
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
                ("node_os_channel", &or(&self.node_os_channel, "None")),
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

fn read(file: &Path) -> Result<InitialCluster, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("`from`: {} cannot be read: {error}.", file.display()))?;
    let body = serde_json::from_str(&text)
        .map_err(|error| format!("`from`: {} is no JSON: {error}.", file.display()))?;
    InitialCluster::from_body(body).map_err(|why| format!("`from`: in {}, {why}", file.display()))
}
