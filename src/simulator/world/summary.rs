//! What a person wants to know of the clusters to begin with.

use crate::simulator::world::World;
use crate::simulator::world::cluster::Cluster;

/// A cluster in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterSummary {
    /// Its ARM id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The version of its control plane.
    pub version: String,
    /// The newest minor that it can be upgraded to, or else its own, such as `1.35`.
    pub next_minor: String,
}

impl World {
    /// Returns what a person wants to know of each cluster to begin with.
    #[must_use]
    pub fn cluster_summaries(&self) -> Vec<ClusterSummary> {
        let summary = |cluster: &Cluster| {
            let version = cluster.version();
            let next = self.cluster_offers(cluster).iter().map(|offer| offer.version.minor).max();
            ClusterSummary {
                id: cluster.place.id("managedClusters"),
                name: cluster.place.name.clone(),
                version: version.to_string(),
                next_minor: format!("1.{}", next.unwrap_or(version.minor)),
            }
        };
        self.clusters.iter().map(summary).collect()
    }
}
