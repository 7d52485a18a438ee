//! Whether a drawn `[[cluster]]` and its pools can be in Azure.
//!
//! What no request can bring about is refused: a rehearsal on it says nothing of Azure. What can be left over, such as
//! a version without support, a failed state or a pool far behind, is taken.

use crate::simulator::catalogue::{Catalogue, image_name, runs};
use crate::simulator::rules::{is_cluster_name, is_pool_name, share};
use crate::simulator::scenario::place::{Wrong, each};
use crate::simulator::scenario::word::{self, value};
use crate::simulator::scenario::{ClusterSeed, PoolSeed, arm_id};
use crate::simulator::version::{Version, Wish};

/// The states of clusters and pools (facts: seen in recordings; the specification leaves them open).
const STATES: [&str; 14] = [
    "Succeeded",
    "Failed",
    "Canceled",
    "Creating",
    "Updating",
    "Upgrading",
    "UpgradingNodeImageVersion",
    "RollingBackNodePool",
    "Scaling",
    "Starting",
    "Stopping",
    "Deleting",
    "Canceling",
    "Migrating",
];

/// The greatest number of nodes of a pool.
const MOST_NODES: u32 = 1000;

const POOL: &str = "ManagedClusterAgentPoolProfile";

impl ClusterSeed {
    /// Checks the cluster.
    ///
    /// # Errors
    ///
    /// The first thing that cannot be, such as `tier = "Gold"`.
    pub(super) fn check(&self, catalogue: &Catalogue) -> Result<(), Wrong> {
        if let Some(from) = &self.from {
            let alone = ClusterSeed { from: Some(from.clone()), ..ClusterSeed::default() };
            return match *self == alone {
                true => Ok(()),
                false => Err(Wrong::at("from", "it stands alone: its clusters are what the file says.")),
            };
        }
        self.check_place(catalogue)?;
        let version = self.check_version(catalogue)?;
        value("tier", self.tier.as_ref(), "ManagedClusterSKU", "tier")?;
        value("support_plan", self.support_plan.as_ref(), "ManagedClusterProperties", "supportPlan")?;
        value("power", self.power.as_ref(), "PowerState", "code")?;
        self.check_channels()?;
        check_state(self.state.as_ref())?;
        if self.support_plan.as_deref() == Some("AKSLongTermSupport")
            && self.tier.as_deref() != Some("Premium")
        {
            return Err(Wrong::at("support_plan", "AKSLongTermSupport needs tier = \"Premium\"."));
        }
        word::once("pool", self.pool.iter().map(|pool| pool.name.as_str()))?;
        each("pool", &self.pool, |pool| pool.check(version, catalogue))
    }

    fn check_place(&self, catalogue: &Catalogue) -> Result<(), Wrong> {
        if self.name.is_empty() {
            return Err(Wrong::whole("`name` is missing; give one such as name = \"prod\", or `from`."));
        }
        if !is_cluster_name(&self.name) {
            return Err(Wrong::at(
                "name",
                format!(
                    "\"{}\" is no name of a cluster: 1 to 63 letters, digits, _ and -, a letter or digit at both ends.",
                    self.name
                ),
            ));
        }
        let segment = |key, given: &Option<String>| match given {
            Some(text) if !arm_id::is_segment(text) => {
                Err(Wrong::at(key, format!("\"{text}\" cannot stand in an ARM id.")))
            }
            _ => Ok(()),
        };
        segment("resource_group", &self.resource_group)?;
        segment("subscription", &self.subscription)?;
        check_region(self.location.as_ref(), catalogue)
    }

    fn check_version(&self, catalogue: &Catalogue) -> Result<Version, Wrong> {
        if self.version.is_empty() {
            return Err(Wrong::whole("`version` is missing; give one such as version = \"1.34.2\"."));
        }
        let version = check_patch(&self.version, catalogue)?;
        check_wish(self.specified.as_ref())?;
        Ok(version)
    }

    fn check_channels(&self) -> Result<(), Wrong> {
        let profile = "ManagedClusterAutoUpgradeProfile";
        value("upgrade_channel", self.upgrade_channel.as_ref(), profile, "upgradeChannel")?;
        value("node_os_channel", self.node_os_channel.as_ref(), profile, "nodeOSUpgradeChannel")?;
        let nodes = self.node_os_channel.as_deref().unwrap_or("NodeImage");
        if self.upgrade_channel.as_deref() == Some("node-image") && nodes != "NodeImage" {
            let why = "it is \"NodeImage\" while upgrade_channel is \"node-image\".";
            return Err(Wrong::at("node_os_channel", why));
        }
        Ok(())
    }
}

impl PoolSeed {
    /// Checks the pool of a cluster that runs `cluster`.
    fn check(&self, cluster: Version, catalogue: &Catalogue) -> Result<(), Wrong> {
        let os_sku = self.os_sku.as_deref().unwrap_or("Ubuntu");
        self.check_name(os_sku.starts_with("Windows"))?;
        value("mode", self.mode.as_ref(), POOL, "mode")?;
        value("os_sku", self.os_sku.as_ref(), POOL, "osSKU")?;
        value("priority", self.priority.as_ref(), POOL, "scaleSetPriority")?;
        value("power", self.power.as_ref(), "PowerState", "code")?;
        check_state(self.state.as_ref())?;
        let version = match &self.version {
            Some(version) => check_patch(version, catalogue)?,
            None => cluster,
        };
        if version > cluster {
            let why = format!("{version} is newer than the control plane, which runs {cluster}.");
            return Err(Wrong::at("version", why));
        }
        check_wish(self.specified.as_ref())?;
        if !runs(os_sku, version.minor) {
            let why = format!("nodes of {os_sku} cannot run Kubernetes 1.{}.", version.minor);
            return Err(Wrong::at("os_sku", why));
        }
        if let Some(image) = &self.image {
            image_name(image).map_err(|why| Wrong::at("image", why))?;
        }
        self.check_machines()?;
        if self.mode.as_deref() == Some("System") { self.check_system(os_sku) } else { Ok(()) }
    }

    fn check_name(&self, windows: bool) -> Result<(), Wrong> {
        if self.name.is_empty() {
            return Err(Wrong::whole("`name` is missing; give one such as name = \"user\"."));
        }
        if !is_pool_name(&self.name) {
            let why = format!(
                "\"{}\" is no name of a pool: up to 12 small letters and digits, a letter first.",
                self.name
            );
            return Err(Wrong::at("name", why));
        }
        if windows && self.name.len() > 6 {
            return Err(Wrong::at("name", "a Windows pool has at most 6 characters in its name."));
        }
        if self.name == "aksmanagedap" {
            return Err(Wrong::at("name", "aksmanagedap is reserved; the cluster's `nap` makes it."));
        }
        Ok(())
    }

    fn check_machines(&self) -> Result<(), Wrong> {
        if self.count.is_some_and(|count| count > MOST_NODES) {
            return Err(Wrong::at("count", format!("a pool has at most {MOST_NODES} nodes.")));
        }
        if let Some(surge) = self.surge.as_ref().filter(|surge| share(surge).is_none()) {
            let why = format!("\"{surge}\" is neither a number of nodes nor 1% to 100% of them.");
            return Err(Wrong::at("surge", why));
        }
        if self.surge.is_some() && self.priority.as_deref() == Some("Spot") {
            return Err(Wrong::at("surge", "Spot pools can't set max surge."));
        }
        let is_size = |size: &str| {
            let name = size.strip_prefix("Standard_").or_else(|| size.strip_prefix("Basic_"));
            name.is_some_and(|name| name.contains(|c: char| c.is_ascii_digit()))
        };
        if let Some(size) = self.size.as_ref().filter(|size| !is_size(size)) {
            return Err(Wrong::at("size", format!("\"{size}\" is no size such as \"Standard_D4s_v5\".")));
        }
        self.subnet.as_ref().map_or(Ok(()), |id| arm_id::subnet(id).map_err(|why| Wrong::at("subnet", why)))
    }

    fn check_system(&self, os_sku: &str) -> Result<(), Wrong> {
        if os_sku.starts_with("Windows") {
            return Err(Wrong::at("os_sku", "a System pool runs Linux."));
        }
        if self.priority.as_deref() == Some("Spot") {
            return Err(Wrong::at("priority", "a System pool can't be a Spot pool."));
        }
        if self.count == Some(0) && self.power.as_deref() != Some("Stopped") {
            return Err(Wrong::at("count", "a System pool has one node at least."));
        }
        Ok(())
    }
}

/// Refuses a region that does not exist.
pub(super) fn check_region(given: Option<&String>, catalogue: &Catalogue) -> Result<(), Wrong> {
    let Some(given) = given else { return Ok(()) };
    let regions = catalogue.regions().iter().map(String::as_str);
    word::named(given, regions).map_err(|why| Wrong::at("location", why))
}

fn check_state(given: Option<&String>) -> Result<(), Wrong> {
    given.map_or(Ok(()), |state| word::known(state, STATES)).map_err(|why| Wrong::at("state", why))
}

fn check_wish(given: Option<&String>) -> Result<(), Wrong> {
    let read = given.map(|specified| specified.parse::<Wish>()).transpose();
    read.map(|_| ()).map_err(|why| Wrong::at("specified", why))
}

/// Refuses a version of a minor that there is not, and a patch beyond all that are known of its minor.
fn check_patch(text: &str, catalogue: &Catalogue) -> Result<Version, Wrong> {
    let wrong = |why: String| Wrong::at("version", why);
    let version: Version = text.parse().map_err(wrong)?;
    let all: Vec<Version> = catalogue.versions().filter_map(|known| known.parse().ok()).collect();
    let newest = all.iter().filter(|known| known.minor == version.minor).max();
    match newest {
        Some(newest) if version > *newest => Err(wrong(format!(
            "{version} was never published, the newest patch of 1.{} is {newest}. A [[publish]] with an `at` before the start makes it known.",
            version.minor
        ))),
        None if !catalogue.has_minor(version.minor) => {
            Err(wrong(format!("there is no Kubernetes 1.{}.", version.minor)))
        }
        _ => Ok(version),
    }
}
