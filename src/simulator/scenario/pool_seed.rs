//! `[[cluster.pool]]`: an agent pool drawn from a name, in the shape Azure was recorded with.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::template;
use crate::simulator::catalogue::Catalogue;
use crate::simulator::version::Version;

/// One `[[cluster.pool]]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PoolSeed {
    pub(super) name: String,
    pub(super) mode: Option<String>,
    pub(super) count: Option<u32>,
    pub(super) os_sku: Option<String>,
    pub(super) version: Option<String>,
    pub(super) image: Option<String>,
    pub(super) surge: Option<String>,
    pub(super) power: Option<String>,
}

impl PoolSeed {
    /// Returns a seed with nothing but a name.
    pub(crate) fn plain(name: &str, os_sku: Option<&str>) -> Self {
        PoolSeed { name: name.into(), os_sku: os_sku.map(str::to_owned), ..PoolSeed::default() }
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
        if self.name.is_empty() {
            return Err("a [[cluster.pool]] has no `name`; give one such as name = \"user\".".into());
        }
        let version = self.version.as_deref().unwrap_or(cluster_version);
        version.parse::<Version>().map_err(|why| format!("pool \"{}\", `version`: {why}", self.name))?;
        let os_sku = self.os_sku.as_deref().unwrap_or("Ubuntu");
        let image = self.image.clone().unwrap_or_else(|| catalogue.latest_image(first_image(os_sku), start));
        let or = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.into());
        let mut pool = template::fill(
            include_str!("pool.json"),
            &[
                ("name", &self.name),
                ("version", version),
                ("mode", &or(&self.mode, "User")),
                ("power", &or(&self.power, "Running")),
                ("os_type", if os_sku.starts_with("Windows") { "Windows" } else { "Linux" }),
                ("os_sku", os_sku),
                ("image", &image),
                ("surge", &or(&self.surge, "10%")),
            ],
        );
        pool["count"] = json!(self.count.unwrap_or(3));
        Ok(pool)
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
