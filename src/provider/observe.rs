//! Azure → observation: for a refresh, and for each turn of an apply.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::response;
use crate::upgrade::cluster::Cluster;

use super::configuration::Azure;
use super::observation::{Bodies, Observation, understood};

/// The offers that a resource decides from. What it does not need is not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The cluster's upgrade profile and its region's versions.
    Versions,
    /// The latest node image of each pool.
    Images,
}

/// Asks Azure what is there and what is on offer.
///
/// # Errors
///
/// Whatever Azure or the way to it answers; [`Error::NotFound`] when there is no such cluster.
pub async fn observe(
    azure: &Azure,
    client: &Client,
    id: &ClusterId,
    wanted: Wanted,
    first_seen: BTreeMap<String, Timestamp>,
) -> Result<Observation, Error> {
    let answer = client.cluster(id).await?;
    let cluster = understood(id, &answer.body)?;
    let mut bodies = Bodies { cluster: answer.body, first_seen, ..Bodies::default() };
    let mut at = answer.at;
    match wanted {
        Wanted::Versions => {
            let profile = client.upgrade_profile(id).await?;
            at = profile.at;
            bodies.upgrades = profile.body;
            bodies.region = region(azure, client, id, &cluster).await;
        }
        Wanted::Images => bodies.images = latest_images(client, id, &cluster).await?,
    }
    Observation::new(id, at.max(answer.at), bodies)
}

/// Asks Azure for the same, and for the cluster's maintenance configurations.
///
/// # Errors
///
/// As [`observe`].
pub async fn observe_with_maintenance(
    azure: &Azure,
    client: &Client,
    id: &ClusterId,
    wanted: Wanted,
    first_seen: BTreeMap<String, Timestamp>,
) -> Result<Observation, Error> {
    let seen = observe(azure, client, id, wanted, first_seen).await?;
    Ok(seen.with_maintenance(client.maintenance_configurations(id).await?.body))
}

/// The region's versions only predict the hops after the next one, so a plan does without them
/// where a role may not list them.
async fn region(azure: &Azure, client: &Client, id: &ClusterId, cluster: &Cluster) -> Value {
    match azure.region_versions(client, id.subscription(), &cluster.location).await {
        Ok(versions) => versions,
        Err(error) => {
            tracing::warn!(%error, "The region's versions could not be listed; only the next hop is known.");
            Value::Null
        }
    }
}

/// Pools of one image family are offered the same image, so one of them is asked for all.
async fn latest_images(
    client: &Client,
    id: &ClusterId,
    cluster: &Cluster,
) -> Result<BTreeMap<String, String>, Error> {
    let mut by_family: BTreeMap<(&str, &str), Option<String>> = BTreeMap::new();
    let mut images = BTreeMap::new();
    for pool in &cluster.pools {
        let family = (pool.os_sku.as_str(), pool.image.family().unwrap_or(&pool.name));
        let latest = match by_family.get(&family) {
            Some(latest) => latest.clone(),
            None => {
                let profile = client.pool_upgrade_profile(id, &pool.name).await?;
                let latest = response::latest_image(&profile.body).map(|image| image.to_string());
                by_family.insert(family, latest.clone());
                latest
            }
        };
        images.extend(latest.map(|latest| (pool.name.clone(), latest)));
    }
    Ok(images)
}
