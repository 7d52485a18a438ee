//! The data sources: what is only read, for conditions, checks and reports.
//!
//! | module | |
//! |---|---|
//! | [`place`] | Where is asked: a subscription, a region. |
//! | [`shown`] | Clusters and pools as values. |
//! | [`upgrade_preview`] | `aks_upgrade_preview`: what a policy leads to, and when. |
//! | [`cluster`] | `aks_cluster`: one cluster, and what Azure offers it. |
//! | [`clusters`] | `aks_clusters`: those of a subscription or a resource group. |
//! | [`kubernetes_versions`] | `aks_kubernetes_versions`: the versions of a region. |

mod place;
mod shown;
mod upgrade_preview;
mod cluster;
pub mod clusters;
mod kubernetes_versions;

use std::sync::Arc;

use crate::provider::azure::Azure;
use crate::terraform::data_source::DataSource;

/// Returns every data source of the provider.
pub fn all(azure: &Arc<Azure>) -> Vec<Arc<dyn DataSource>> {
    vec![
        Arc::new(upgrade_preview::UpgradePreview::new(Arc::clone(azure))),
        Arc::new(cluster::OneCluster::new(Arc::clone(azure))),
        Arc::new(clusters::Clusters::new(Arc::clone(azure))),
        Arc::new(kubernetes_versions::KubernetesVersions::new(Arc::clone(azure))),
    ]
}
