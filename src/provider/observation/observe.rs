//! Azure → observation: for a refresh, and for each turn of an apply.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::response;
use crate::provider::observation::inventory::{Family, Inventory, latest_image};
use crate::provider::observation::{Bodies, Memory, Observation, understood};
use crate::upgrade::cluster::{Cluster, Pool};
use crate::upgrade::policy::Goal;
use crate::upgrade::version::Version;

/// The offers that a resource decides from. What it does not need is not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferKind {
    /// The cluster's upgrade profile and its region's versions.
    Versions,
    /// The latest node image of each pool.
    Images,
    /// All of it.
    Both,
}

impl OfferKind {
    /// Returns what a goal is decided from.
    #[must_use]
    pub fn of(goal: &Goal) -> Self {
        match (goal.has_versions(), goal.images()) {
            (true, Some(_)) => OfferKind::Both,
            (true, None) => OfferKind::Versions,
            (false, _) => OfferKind::Images,
        }
    }

    /// Tells whether versions are among it.
    #[must_use]
    pub fn has_versions(self) -> bool {
        self != OfferKind::Images
    }

    /// Tells whether the images of every pool are among it.
    #[must_use]
    pub fn has_images(self) -> bool {
        self != OfferKind::Versions
    }
}

/// How new the answers have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Asked now: what an apply acts on.
    Now,
    /// Asked for another resource of the same run a moment ago, where that saves a request
    /// ([`inventory`](crate::provider::observation::inventory)): what a plan shows.
    Recent,
}

/// A question to Azure about one cluster.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// What the resources of a run read together.
    pub inventory: &'a Inventory,
    /// The way to Azure, with the time that there is.
    pub client: &'a Client,
    /// The cluster.
    pub id: &'a ClusterId,
    /// What it is decided from.
    pub offers: OfferKind,
    /// How new the answers have to be.
    pub freshness: Freshness,
}

/// Asks Azure what is there and what is on offer.
///
/// # Errors
///
/// Whatever Azure or the way to it answers; [`Error::NotFound`] when there is no such cluster.
pub async fn observe(look: &Look<'_>, memory: Memory) -> Result<Observation, Error> {
    let Look { inventory, client, id, offers, freshness } = *look;
    let answer = match freshness {
        Freshness::Now => client.cluster(id).await?,
        Freshness::Recent => inventory.cluster(client, id).await?,
    };
    let cluster = understood(id, &answer.body)?;
    let mut bodies = Bodies { cluster: answer.body, memory, ..Bodies::default() };
    if offers.has_versions() {
        bodies.region = region(look, &cluster).await;
        let upgrades = known(upgrades(look, &cluster, &bodies.region).await)?;
        bodies.is_unread = upgrades.is_none();
        bodies.upgrades = upgrades.unwrap_or_default();
    }
    // A pool that failed, or refused a write, may be one that only a new image repairs.
    bodies.every_image = offers.has_images();
    let refused: BTreeSet<String> = bodies.memory.too_old.keys().cloned().collect();
    let is_ill = |pool: &Pool| pool.state.is_failed() || refused.contains(&pool.name);
    let wanted = |pool: &Pool| offers.has_images() || is_ill(pool);
    (bodies.images, bodies.unread_pools) = latest_images(look, &cluster, wanted).await?;
    // Offers may have waited for Azure's limits; windows are judged by the time after it.
    let at = client.now().unwrap_or(answer.at).max(answer.at);
    // Last, since a preview has little time and does without them.
    if freshness == Freshness::Recent {
        bodies.update_runs = inventory.update_runs(client, id).await;
    }
    Observation::new(id, at, bodies)
}

/// Asks Azure for the cluster's maintenance configurations, too.
///
/// # Errors
///
/// As [`observe`].
pub async fn with_maintenance(
    client: &Client,
    id: &ClusterId,
    seen: Observation,
) -> Result<Observation, Error> {
    Ok(seen.with_maintenance(client.maintenance_configurations(id).await?.body))
}

/// What is asked about the pools of a cluster.
#[derive(Clone, Debug, Default)]
pub struct PoolQuestions {
    /// The pools that wait for a version: what a pool is not offered is not promised.
    pub offers: BTreeSet<String>,
    /// Whether each of them is asked itself. Else one answers for all that are like it.
    pub own: bool,
    /// Whether it is asked when a pool was last upgraded: a soak counts from there where no apply is remembered that saw
    /// it.
    pub end: bool,
}

/// Asks for the upgrade profiles of pools, each at most once.
///
/// An offer that Azure refuses to show is unknown, and said to be; one that cannot be read for another reason is asked for
/// again before the step starts. An end that cannot be read is not waited for.
pub async fn with_pool_profiles(
    look: &Look<'_>,
    mut seen: Observation,
    questions: &PoolQuestions,
) -> Observation {
    let Look { inventory, client, id, .. } = *look;
    let mut memory = seen.memory();
    let cluster = seen.cluster.clone();
    for pool in &cluster.pools {
        let (waits, counts) = (questions.offers.contains(&pool.name), questions.end && !pool.machines);
        let profile = match (waits, counts) {
            (false, false) => continue,
            (true, false) if !questions.own => inventory.pool_upgrades(client, id, &cluster, pool).await,
            _ => client.pool_upgrade_profile(id, &pool.name).await.map(|answer| answer.body),
        };
        match known(profile) {
            Ok(Some(profile)) => {
                if waits {
                    seen = seen.with_pool_upgrades(&pool.name, &profile);
                }
                if counts {
                    memory.pool_ended = memory.pool_ended.max(response::last_moved(&profile));
                }
            }
            Ok(None) if waits => seen = seen.without_pool_upgrades(&pool.name),
            Ok(None) | Err(_) => {}
        }
    }
    seen.with_memory(memory)
}

/// Makes of an offer that Azure refuses to show an unknown one: a permission that one cluster lacks keeps no other from
/// being planned.
///
/// # Errors
///
/// Whatever else went wrong, such as silence or a pool that is gone.
pub fn known<T>(read: Result<T, Error>) -> Result<Option<T>, Error> {
    match read {
        Err(error @ (Error::Forbidden(_) | Error::Azure(_))) if !error.is_passing() => {
            tracing::warn!(%error, "What Azure offers could not be read; nothing is planned from it.");
            Ok(None)
        }
        read => read.map(Some),
    }
}

/// The region's versions only predict the hops after the next one, so a plan does without them
/// where a role may not list them, or where they take half of the time that there is.
async fn region(look: &Look<'_>, cluster: &Cluster) -> Value {
    let Look { inventory, client, id, .. } = *look;
    let patient = client.left().map_or_else(|| client.clone(), |left| client.within(left / 2));
    match inventory.region_versions(&patient, id.subscription(), &cluster.location).await {
        Ok(versions) => versions,
        Err(error) => {
            tracing::warn!(%error, "The region's versions could not be listed; only the next hop is known.");
            Value::Null
        }
    }
}

/// Asks for the versions on offer: for an apply always, for a plan only where the region shows that something
/// follows.
async fn upgrades(look: &Look<'_>, cluster: &Cluster, region: &Value) -> Result<Value, Error> {
    let Look { inventory, client, id, freshness, .. } = *look;
    match freshness {
        Freshness::Now => Ok(client.upgrade_profile(id).await?.body),
        Freshness::Recent if nothing_follows(&cluster.version, region) => Ok(Value::Null),
        Freshness::Recent => inventory.upgrades(client, id, cluster).await,
    }
}

/// Tells whether a region lists a version and nothing that follows it.
fn nothing_follows(running: &Version, region: &Value) -> bool {
    response::region(region).iter().any(|listed| listed.version == *running && listed.upgrades.is_empty())
}

/// Returns the latest images of the pools that are asked about, and the pools of which Azure refuses to tell.
///
/// Pools of one image family are offered the same image, so one of them is asked for all. Pools that are never
/// upgraded are not asked.
async fn latest_images(
    look: &Look<'_>,
    cluster: &Cluster,
    wanted: impl Fn(&Pool) -> bool,
) -> Result<(BTreeMap<String, String>, BTreeSet<String>), Error> {
    let Look { inventory, client, id, freshness, .. } = *look;
    let mut by_family: HashMap<Family, Option<String>> = HashMap::new();
    let mut refused: HashSet<Family> = HashSet::new();
    let asked: Vec<&Pool> = cluster.pools.iter().filter(|pool| wanted(pool) && !pool.machines).collect();
    for pool in &asked {
        let family = Family::of(id, cluster, pool);
        if by_family.contains_key(&family) || refused.contains(&family) {
            continue;
        }
        let latest = match freshness {
            Freshness::Now => latest_image(client, id, &pool.name).await,
            Freshness::Recent => inventory.latest_image(client, id, &pool.name, family.clone()).await,
        };
        match known(latest) {
            Ok(Some(latest)) => drop(by_family.insert(family, latest)),
            Ok(None) => drop(refused.insert(family)),
            // Removed since the cluster was read, by up to two minutes: it has no image to get.
            Err(Error::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let latest = |pool: &Pool| by_family.get(&Family::of(id, cluster, pool)).cloned().flatten();
    let is_unread = |pool: &&&Pool| refused.contains(&Family::of(id, cluster, pool));
    let unread = asked.iter().filter(is_unread).map(|pool| pool.name.clone()).collect();
    Ok((asked.into_iter().filter_map(|pool| Some((pool.name.clone(), latest(pool)?))).collect(), unread))
}
