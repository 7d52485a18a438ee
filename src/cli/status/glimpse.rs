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
        let cluster = response::cluster(id, &answer.body)?;
        let mut nodes = BTreeMap::new();
        for pool in cluster.pools.iter().filter(|pool| upgrades(&pool.state)) {
            // Progress is a courtesy: a role may lack the permission, a pool may go away meanwhile.
            match nodes_of(client, id, &answer.body, pool).await {
                Ok(count) => drop(nodes.insert(pool.name.clone(), count)),
                Err(error) => tracing::debug!(%error, pool = pool.name, "machines cannot be counted"),
            }
        }
        Ok(Glimpse { at: answer.at, cluster, nodes })
    }

    /// Tells whether an operation runs on the cluster or one of its pools.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        let states = self.cluster.pools.iter().map(|pool| &pool.state);
        states.chain([&self.cluster.state]).any(|state| matches!(state, State::Busy(_)))
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
