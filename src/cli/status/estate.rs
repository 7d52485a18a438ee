//! One look at many clusters.

use anyhow::anyhow;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::Value;

use crate::arm::client::{Answer, Client};
use crate::arm::id::ClusterId;
use crate::cli::status::glimpse::Glimpse;
use crate::provider::words::errors::sentence;

/// How many clusters are looked at at a time; the client's own limits hold beside it.
const AT_ONCE: usize = 16;

/// Which clusters to look at.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// These, at least one.
    Clusters(Vec<ClusterId>),
    /// Those of a resource group.
    Group {
        /// The subscription's GUID.
        subscription: String,
        /// The group's name.
        group: String,
    },
    /// Those of a subscription, by its GUID.
    Subscription(String),
}

/// Clusters at one instant.
#[derive(Clone, Debug)]
pub struct Estate {
    /// When, by Azure's clock; of several answers the first.
    pub at: Timestamp,
    /// The clusters, in the order of the arguments or of Azure.
    pub clusters: Vec<Glimpse>,
    /// Those of several that could not be read, and why.
    pub unread: Vec<(ClusterId, String)>,
}

impl Estate {
    /// Looks at the clusters that are wanted.
    ///
    /// # Errors
    ///
    /// The only cluster, or none of several, or the list of a group or subscription cannot be read.
    pub async fn of(client: &Client, wanted: &Wanted) -> anyhow::Result<Self> {
        let listed = match wanted {
            Wanted::Clusters(ids) => return Self::each(client, ids).await,
            Wanted::Group { subscription, group } => client.clusters_of_group(subscription, group).await,
            Wanted::Subscription(subscription) => client.clusters(subscription).await,
        };
        Self::listed(client, &listed.map_err(|error| anyhow!("{}", sentence(&error)))?).await
    }

    /// Tells whether an operation runs on one of the clusters.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.clusters.iter().any(Glimpse::is_busy)
    }

    /// Tells whether every cluster could be read and is as it should be.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.unread.is_empty() && self.clusters.iter().all(Glimpse::is_well)
    }

    async fn each(client: &Client, ids: &[ClusterId]) -> anyhow::Result<Self> {
        let look = |id: ClusterId| async move { (Glimpse::of(client, &id).await, id) };
        let looks: Vec<_> = stream::iter(ids.to_vec()).map(look).buffered(AT_ONCE).collect().await;
        let (mut clusters, mut unread) = (Vec::new(), Vec::new());
        for (glimpse, id) in looks {
            match glimpse {
                Ok(glimpse) => clusters.push(glimpse),
                Err(error) if ids.len() == 1 => return Err(error),
                Err(error) => unread.push((id, format!("{error:#}"))),
            }
        }
        match (clusters.first(), unread.first()) {
            (Some(first), _) => Ok(Estate { at: first.at, clusters, unread }),
            (None, Some((_, why))) => Err(anyhow!("none of the clusters can be read: {why}")),
            (None, None) => Err(anyhow!("no cluster is named")),
        }
    }

    async fn listed(client: &Client, answer: &Answer) -> anyhow::Result<Self> {
        let at = answer.at;
        let bodies = answer.body["value"].as_array().into_iter().flatten().cloned();
        let look = |body: Value| async move {
            let id: ClusterId = body["id"].as_str().unwrap_or_default().parse()?;
            Glimpse::of_body(client, &id, &body, at).await
        };
        let clusters = stream::iter(bodies).map(look).buffered(AT_ONCE).try_collect().await?;
        Ok(Estate { at, clusters, unread: Vec::new() })
    }
}
