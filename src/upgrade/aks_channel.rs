//! AKS's own upgrade channels: what Azure installs by itself, and the window that restrains it.

use crate::upgrade::cluster::Cluster;

/// One of the two channels, and what it is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AksChannel {
    /// Kubernetes versions: `patch`, `stable` or `rapid`.
    Versions(&'static str),
    /// Node images: `NodeImage` or `SecurityPatch`.
    Images(&'static str),
}

impl AksChannel {
    /// Every maintenance configuration that restrains a channel.
    pub const CONFIGURATIONS: [&'static str; 2] =
        ["aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"];

    /// Returns the name of the maintenance configuration that restrains the channel.
    #[must_use]
    pub fn configuration(&self) -> &'static str {
        let [versions, images] = Self::CONFIGURATIONS;
        match self {
            AksChannel::Versions(_) => versions,
            AksChannel::Images(_) => images,
        }
    }

    /// Returns what it is set to, in Azure's spelling.
    #[must_use]
    pub fn setting(&self) -> &'static str {
        match self {
            AksChannel::Versions(setting) | AksChannel::Images(setting) => setting,
        }
    }

    /// Returns what the channel is called in a plan.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            AksChannel::Versions(_) => "auto_upgrade_channel",
            AksChannel::Images(_) => "node_os_channel",
        }
    }

    /// Returns what the map `steps` calls the channel.
    #[must_use]
    pub fn part(&self) -> &'static str {
        match self {
            AksChannel::Versions(_) => "auto-upgrade channel",
            AksChannel::Images(_) => "node OS channel",
        }
    }

    /// Returns what the cluster has it set to; `None` when it is off.
    #[must_use]
    pub fn held<'a>(&self, cluster: &'a Cluster) -> Option<&'a str> {
        match self {
            AksChannel::Versions(_) => cluster.auto_upgrade_channel.as_deref(),
            AksChannel::Images(_) => cluster.node_os_channel.as_deref(),
        }
    }

    /// Tells whether setting it replaces nodes, or resumes what failed.
    ///
    /// Leaving `Unmanaged` replaces the nodes, and any write to a cluster that failed resumes what failed.
    #[must_use]
    pub fn disrupts(&self, cluster: &Cluster) -> bool {
        let failed = cluster.state.is_failed() || cluster.pools.iter().any(|pool| pool.state.is_failed());
        failed || self.held(cluster) == Some("Unmanaged")
    }
}
