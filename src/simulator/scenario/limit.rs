//! `[[quota]]`, `[[subnet]]`, `[[lock]]`, `[[budget]]`: what limits an upgrade.

use serde::{Deserialize, Serialize};

/// `[[quota]]`: how many vCPUs a subscription may use. Without any there is plenty.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// The family of sizes, such as `standardDSv5Family`, or `cores` for all together.
    pub family: String,
    /// The location.
    #[serde(default = "westeurope")]
    pub location: String,
    /// How many vCPUs there may be.
    pub limit: u64,
    /// How many others use, beside the clusters of this scenario.
    #[serde(default)]
    pub used: u64,
}

/// `[[subnet]]`: a subnet with its size. Pools name it in `subnet`; without any there is room for all.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// The ARM id of the subnet.
    pub id: String,
    /// The addresses, such as `10.240.0.0/24`; Azure keeps five of them.
    pub prefix: String,
    /// How many addresses others use, beside the nodes of this scenario.
    #[serde(default)]
    pub used: u64,
}

/// `[[lock]]`: a lock: what it forbids is refused, at its scope and below; one on the resource group of a cluster's
/// nodes stops its upgrades.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The ARM id of what is locked: a subscription, a resource group, a resource.
    pub scope: String,
    /// The lock's name.
    #[serde(default = "lock")]
    pub name: String,
    /// `CanNotDelete` or `ReadOnly`.
    pub level: Level,
    /// Why it is there.
    #[serde(default)]
    pub notes: Option<String>,
}

impl Lock {
    /// Leaves out the slash with which some portals end an id.
    pub(super) fn without_slash(self) -> Self {
        Lock { scope: self.scope.trim_end_matches('/').to_owned(), ..self }
    }
}

/// What a lock forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Level {
    /// To delete.
    CanNotDelete,
    /// To change or to delete.
    ReadOnly,
}

/// `[[budget]]`: a pod disruption budget that allows no disruption (`maxUnavailable: 0`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The cluster, by name.
    pub cluster: String,
    /// The pool on which its pods run; all, unless given.
    #[serde(default)]
    pub pool: Option<String>,
    /// Its namespace.
    #[serde(default = "namespace")]
    pub namespace: String,
    /// Its name.
    pub name: String,
}

fn westeurope() -> String {
    "westeurope".into()
}

fn lock() -> String {
    "lock".into()
}

fn namespace() -> String {
    "default".into()
}
