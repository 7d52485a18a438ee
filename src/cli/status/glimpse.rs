//! One look at a cluster: versions, states, and how many nodes are done.

use std::collections::BTreeMap;

use anyhow::anyhow;
use jiff::Timestamp;
use serde_json::Value;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::operation::Nodes;
use crate::arm::response::{self, NodeTarget, UPGRADING_IMAGE};
use crate::provider::words::errors::sentence;
use crate::upgrade::cluster::{Cluster, Pool, State};

/// A cluster at one instant.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// When, by Azure's clock.
    pub at: Timestamp,
    /// Which cluster.
    pub id: ClusterId,
    /// What was there.
    pub cluster: Cluster,
    /// How many nodes of the busy pools are done; a pool whose machines cannot be listed is missing.
    pub nodes: BTreeMap<String, Nodes>,
}

impl Glimpse {
    /// Looks at a cluster, and at the machines of the pools that are worked on.
    ///
    /// # Errors
    ///
    /// The cluster cannot be read.
    pub async fn of(client: &Client, id: &ClusterId) -> anyhow::Result<Self> {
        let answer = client.cluster(id).await.map_err(|error| anyhow!("{}", sentence(&error)))?;
        Glimpse::of_body(client, id, &answer.body, answer.at).await
    }

    /// Looks at a cluster that Azure has shown already.
    ///
    /// # Errors
    ///
    /// A body that names no version.
    pub async fn of_body(
        client: &Client,
        id: &ClusterId,
        body: &Value,
        at: Timestamp,
    ) -> anyhow::Result<Self> {
        let cluster = response::cluster(id, body)?;
        let mut nodes = BTreeMap::new();
        for pool in cluster.pools.iter().filter(|pool| upgrades(&pool.state)) {
            // Progress is a courtesy: a role may lack the permission, a pool may go away meanwhile.
            match nodes_of(client, id, body, pool).await {
                Ok(count) => drop(nodes.insert(pool.name.clone(), count)),
                Err(error) => tracing::debug!(%error, pool = pool.name, "machines cannot be counted"),
            }
        }
        Ok(Glimpse { at, id: id.clone(), cluster, nodes })
    }

    /// Tells whether an operation runs on the cluster or one of its pools.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.states().any(|state| matches!(state, State::Busy(_)))
    }

    /// Tells whether nothing failed, was cancelled or was left behind.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let broken = self.states().any(|state| matches!(state, State::Failed(_) | State::Canceled(_)));
        !broken && (self.is_busy() || !self.cluster.pools.iter().any(|pool| self.is_behind(pool)))
    }

    /// Tells whether a pool runs another version than the control plane, which is then a newer one.
    #[must_use]
    pub fn is_behind(&self, pool: &Pool) -> bool {
        pool.version < self.cluster.version
    }

    fn states(&self) -> impl Iterator<Item = &State> {
        self.cluster.pools.iter().map(|pool| &pool.state).chain([&self.cluster.state])
    }
}

fn upgrades(state: &State) -> bool {
    matches!(state, State::Busy(word) if word.starts_with("Upgrading"))
}

async fn nodes_of(client: &Client, id: &ClusterId, body: &Value, pool: &Pool) -> Result<Nodes, Error> {
    let image = if matches!(&pool.state, State::Busy(word) if word == UPGRADING_IMAGE) {
        let profile = client.pool_upgrade_profile(id, &pool.name).await?;
        response::latest_image(&profile.body).map(|image| image.to_string())
    } else {
        None
    };
    let wanted = NodeTarget { version: response::intended_version(body, &pool.name), image };
    let machines = client.machines(id, &pool.name).await?;
    Ok(response::nodes_done(&machines.body, &wanted))
}
