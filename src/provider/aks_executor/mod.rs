//! `executor = "aks"`: Azure upgrades by itself, on a channel and inside a maintenance window of its own.
//!
//! The provider then plans no steps. It keeps two things in Azure as the configuration says: the maintenance
//! configuration, translated from our window ([`crate::upgrade::window::aks`]), and the channel. Each is
//! written only when it differs, the window before the channel that it restrains.

pub mod apply;
pub mod writes;

use serde_json::Value;

use crate::arm::response::{with_node_os_channel, with_upgrade_channel};
use crate::upgrade::cluster::Cluster;

/// Which of AKS's own upgrades is switched on, and to what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Handover {
    /// Kubernetes versions: `patch`, `stable` or `rapid`.
    Versions(&'static str),
    /// Node images: `NodeImage` or `SecurityPatch`.
    Images(&'static str),
}

impl Handover {
    /// Returns the name of the maintenance configuration that restrains the channel.
    #[must_use]
    pub fn configuration(&self) -> &'static str {
        match self {
            Handover::Versions(_) => "aksManagedAutoUpgradeSchedule",
            Handover::Images(_) => "aksManagedNodeOSUpgradeSchedule",
        }
    }

    /// Returns the channel in Azure's spelling.
    #[must_use]
    pub fn channel(&self) -> &'static str {
        match self {
            Handover::Versions(channel) | Handover::Images(channel) => channel,
        }
    }

    /// Returns what the channel is called in `pending_steps`.
    #[must_use]
    pub fn component(&self) -> &'static str {
        match self {
            Handover::Versions(_) => "auto_upgrade_channel",
            Handover::Images(_) => "node_os_channel",
        }
    }

    /// Returns the channel that the cluster is on; `None` when it is off.
    fn held<'a>(&self, cluster: &'a Cluster) -> Option<&'a str> {
        match self {
            Handover::Versions(_) => cluster.auto_upgrade_channel.as_deref(),
            Handover::Images(_) => cluster.node_os_channel.as_deref(),
        }
    }

    /// Returns the cluster's body with the channel.
    fn edit(&self, body: &Value) -> Value {
        match self {
            Handover::Versions(channel) => with_upgrade_channel(body, channel),
            Handover::Images(channel) => with_node_os_channel(body, channel),
        }
    }
}
