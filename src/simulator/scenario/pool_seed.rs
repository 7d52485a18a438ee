//! `[[cluster.pool]]`: an agent pool drawn from a name, in the shape Azure was recorded with.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::simulator::catalogue::{Catalogue, first_image};
use crate::simulator::scenario::template;
use crate::simulator::version::Version;

/// One `[[cluster.pool]]`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PoolSeed {
    /// The pool's name.
    pub(super) name: String,
    /// `System`, `User`, `Gateway`, …; `User`, unless given.
    pub(super) mode: Option<String>,
    /// How many nodes; three, unless given.
    pub(super) count: Option<u32>,
    /// `Ubuntu`, `AzureLinux`, `Windows2022`, …; `Ubuntu`, unless given.
    pub(super) os_sku: Option<String>,
    /// The version; the cluster's, unless given.
    pub(super) version: Option<String>,
    /// The node image; the latest, unless given.
    pub(super) image: Option<String>,
    /// `maxSurge`; `10%`, unless given.
    pub(super) surge: Option<String>,
    /// The size of the machines, such as `Standard_D4s_v5`.
    pub(super) size: Option<String>,
    /// The ARM id of the subnet of its nodes.
    pub(super) subnet: Option<String>,
    /// `Running` or `Stopped`.
    pub(super) power: Option<String>,
    /// The version that was asked for, where it is not the one that runs.
    pub(super) specified: Option<String>,
    /// `Regular` or `Spot`; `Regular`, unless given.
    pub(super) priority: Option<String>,
    /// `Succeeded`, `Failed`, `Canceled`, …; `Succeeded`, unless given.
    pub(super) state: Option<String>,
}

impl PoolSeed {
    /// Returns a seed with nothing but a name.
    pub(crate) fn plain(name: &str, os_sku: Option<&str>) -> Self {
        PoolSeed { name: name.into(), os_sku: os_sku.map(str::to_owned), ..PoolSeed::default() }
    }

    /// Sets the priority of its machines, `Spot` or not.
    pub(crate) fn priority(self, priority: &str) -> Self {
        PoolSeed { priority: Some(priority.into()), ..self }
    }

    /// Draws the pool; `cluster_version` is what it runs when it names no version.
    ///
    /// # Errors
    ///
    /// A sentence that names the key.
    pub(crate) fn draw(
        &self,
        cluster_version: &str,
        catalogue: &Catalogue,
        start: Timestamp,
    ) -> Result<Map<String, Value>, String> {
        let version = self.version.as_deref().unwrap_or(cluster_version);
        let wrong = |key: &str, why| format!("pool \"{}\", `{key}`: {why}", self.name);
        let minor = version.parse::<Version>().map_err(|why| wrong("version", why))?.minor;
        let os_sku = self.os_sku.as_deref().unwrap_or("Ubuntu");
        let first = first_image(self.size.as_deref().unwrap_or_default(), false);
        let image = self.image.clone().unwrap_or_else(|| catalogue.latest_image(os_sku, minor, first, start));
        let or = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.into());
        let mut pool = template::fill(
            include_str!("pool.json"),
            &[
                ("name", &self.name),
                ("version", version),
                ("specified", &or(&self.specified, version)),
                ("state", &or(&self.state, "Succeeded")),
                ("mode", &or(&self.mode, "User")),
                ("power", &or(&self.power, "Running")),
                ("os_type", if os_sku.starts_with("Windows") { "Windows" } else { "Linux" }),
                ("os_sku", os_sku),
                ("image", &image),
                ("surge", &or(&self.surge, "10%")),
            ],
        );
        pool["count"] = json!(self.count.unwrap_or(3));
        if os_sku.starts_with("Windows") {
            pool["maxPods"] = json!(30);
        }
        if self.priority.as_deref() == Some("Spot") {
            pool.extend(spot());
        }
        if let Some(size) = &self.size {
            pool["vmSize"] = json!(size);
        }
        if let Some(subnet) = &self.subnet {
            pool.insert("vnetSubnetID".into(), json!(subnet));
        }
        Ok(pool)
    }
}

/// Returns what a Spot pool shows beside the others, and instead (docs: spot-node-pool).
fn spot() -> Map<String, Value> {
    let own = json!({
        "scaleSetPriority": "Spot",
        "scaleSetEvictionPolicy": "Delete",
        "spotMaxPrice": -1,
        "nodeLabels": { "kubernetes.azure.com/scalesetpriority": "spot" },
        "nodeTaints": ["kubernetes.azure.com/scalesetpriority=spot:NoSchedule"],
        "upgradeSettings": {}
    });
    own.as_object().cloned().unwrap_or_default()
}
