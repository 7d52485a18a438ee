//! `[[cluster.pool]]`: an agent pool drawn from a name, in the shape Azure was recorded with.

use crate::simulator::catalogue::Catalogue;
use crate::simulator::version::Version;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One `[[cluster.pool]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::simulator) struct PoolBlueprint {
    pub(super) name: String,
    pub(super) mode: Option<String>,
    pub(super) count: Option<u32>,
    pub(super) os_sku: Option<String>,
    pub(super) version: Option<String>,
    pub(super) image: Option<String>,
    pub(super) surge: Option<String>,
    pub(super) power: Option<String>,
}

impl PoolBlueprint {
    /// Returns a blueprint with nothing but a name.
    pub(in crate::simulator) fn plain(name: &str, os_sku: Option<&str>) -> Self {
        Self { name: name.into(), os_sku: os_sku.map(str::to_owned), ..Self::default() }
    }

    /// Draws the pool; `cluster_version` is what it runs when it names no version.
    ///
    /// # Errors
    /// A sentence that names the key.
    pub(in crate::simulator) fn draw(
        &self,
        cluster_version: &str,
        catalogue: &Catalogue,
        start: Timestamp,
    ) -> Result<Map<String, Value>, String> {
        if self.name.is_empty() {
            return Err("a [[cluster.pool]] has no `name`; give one such as name = \"user\".".into());
        }
        let version = self.version.as_deref().unwrap_or(cluster_version);
        version.parse::<Version>().map_err(|why| format!("pool \"{}\", `version`: {why}", self.name))?;
        let os_sku = self.os_sku.as_deref().unwrap_or("Ubuntu");
        let image = self.image.clone().unwrap_or_else(|| catalogue.latest_image(first_image(os_sku), start));
        let pool = json!({
            "name": self.name,
            "count": self.count.unwrap_or(3),
            "vmSize": "Standard_D4ds_v5",
            "osDiskSizeGB": 150,
            "osDiskType": "Ephemeral",
            "kubeletDiskType": "OS",
            "workloadRuntime": "OCIContainer",
            "maxPods": 250,
            "type": "VirtualMachineScaleSets",
            "enableAutoScaling": false,
            "scaleDownMode": "Delete",
            "provisioningState": "Succeeded",
            "powerState": { "code": self.power.as_deref().unwrap_or("Running") },
            "orchestratorVersion": version,
            "currentOrchestratorVersion": version,
            "enableNodePublicIP": false,
            "mode": self.mode.as_deref().unwrap_or("User"),
            "enableEncryptionAtHost": false,
            "enableUltraSSD": false,
            "osType": if os_sku.starts_with("Windows") { "Windows" } else { "Linux" },
            "osSKU": os_sku,
            "nodeImageVersion": image,
            "upgradeStrategy": "Rolling",
            "upgradeSettings": { "maxSurge": self.surge.as_deref().unwrap_or("10%"), "maxUnavailable": "0" },
            "enableFIPS": false,
            "networkProfile": {},
            "securityProfile": { "sshAccess": "LocalUser", "enableVTPM": false, "enableSecureBoot": false }
        });
        Ok(pool.as_object().cloned().unwrap_or_default())
    }
}

fn first_image(os_sku: &str) -> &'static str {
    match os_sku {
        "AzureLinux" | "AzureLinux3" | "CBLMariner" => "AKSAzureLinux-V3gen2-202607.09.0",
        "Ubuntu2404" => "AKSUbuntu-2404gen2containerd-202607.09.0",
        "Windows2022" | "Windows2019" => "AKSWindows-2022-containerd-gen2-20348.5386.260715",
        "Windows2025" => "AKSWindows-2025-gen2-26100.33158.260715",
        _ => "AKSUbuntu-2204gen2containerd-202607.09.0",
    }
}
