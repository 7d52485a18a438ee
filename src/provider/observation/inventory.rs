//! What the resources of a run read together.
//!
//! A refresh reads each cluster, and what Azure offers it. Much of that is the same for all, and Azure takes few
//! requests ([`limit`](crate::arm::limiter::limit)), so it is asked for once:
//!
//! | what | asked for once per | good for |
//! |---|---|---|
//! | the clusters | subscription, as one list, from the fourth cluster on | two minutes |
//! | the versions on offer to a cluster | subscription, location, running version and support plan | two minutes |
//! | the versions on offer to a pool | the same, the pool's version and its OS SKU | two minutes |
//! | the latest node image | subscription, location, image family, OS SKU and Kubernetes minor | two minutes |
//! | the versions of a region | subscription and location | the run |
//! | the update runs of Fleets | subscription | the run |
//!
//! The first three clusters of a subscription are read one by one, so a single one costs no list and waits for
//! none; Terraform reads ten at a time, and those that come while a list is under way wait for it. Azure's list
//! shows a cluster as a GET does (seven recorded lists hold every field of the GET beside them).
//!
//! Where the region lists a running version and nothing that follows it, offers are not asked for at all: a cluster
//! is offered no version that its region lacks.
//!
//! What is shared serves a refresh, the preview of a create and a create, which starts nothing; **never an apply with
//! work**, which asks Azure itself before every step. So what a plan shows can be two minutes older than its last
//! read. What differs by the time of the apply, the apply finds, and refuses. A new process shares nothing with an
//! older one.
//!
//! Where the list cannot be had (a role on single clusters only, a subscription so large that it takes a minute) or
//! lacks a cluster, clusters are read one by one, and the list is not tried again.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::arm::client::{Answer, Client};
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::response;
use crate::provider::observation::fleets::update_runs;
use crate::provider::observation::shared::Shared;
use crate::upgrade::cluster::{Cluster, Pool};
use crate::upgrade::version::{Minor, Version};

/// How many clusters of a subscription are read one by one before a list is worth its pages.
const FEW: usize = 3;

/// The age up to which a plan takes what was asked for another resource.
const RECENT: Duration = Duration::from_secs(120);

/// How long a list may take before clusters are read one by one.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the resources of a run read together.
#[derive(Default)]
pub struct Inventory {
    subscriptions: Table<String, Subscription>,
    regions: Table<(String, String), Shared<Value>>,
    upgrades: Table<Running, Shared<Value>>,
    pool_upgrades: Table<RunningPool, Shared<Value>>,
    images: Table<Family, Shared<Option<String>>>,
    update_runs: Table<String, Shared<Arc<Vec<Value>>>>,
}

type Table<K, V> = Mutex<HashMap<K, Arc<V>>>;

/// A subscription, as far as it was read.
#[derive(Default)]
struct Subscription {
    /// The clusters that somebody asked for.
    asked: Mutex<HashSet<String>>,
    /// Those that its list lacks.
    unlisted: Mutex<HashSet<String>>,
    /// Whether there is no list to be had.
    closed: AtomicBool,
    list: Shared<Option<Listing>>,
}

/// Clusters by id, pruned and as text: all of them are kept, and a parsed body takes ten times the space.
type Listing = Arc<HashMap<String, Box<str>>>;

/// What decides which versions Azure offers to a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Running {
    subscription: String,
    location: String,
    version: Version,
    lts: bool,
}

impl Running {
    fn of(id: &ClusterId, cluster: &Cluster) -> Self {
        Running {
            subscription: id.subscription().to_lowercase(),
            location: cluster.location.to_lowercase(),
            version: cluster.version.clone(),
            lts: cluster.lts,
        }
    }
}

/// What decides which versions Azure offers to a pool: nothing above its control plane, and nothing that its operating
/// system lacks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct RunningPool {
    cluster: Running,
    version: Version,
    os_sku: String,
}

/// What decides which node image Azure offers to a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Family {
    subscription: String,
    location: String,
    os_sku: String,
    family: String,
    minor: Minor,
}

impl Family {
    /// Returns the family of a pool; an image whose name does not tell one is its own.
    #[must_use]
    pub fn of(id: &ClusterId, cluster: &Cluster, pool: &Pool) -> Self {
        let own = || format!("{id}/{}", pool.name).to_lowercase();
        Family {
            subscription: id.subscription().to_lowercase(),
            location: cluster.location.to_lowercase(),
            os_sku: pool.os_sku.clone(),
            family: pool.image.family().map_or_else(own, str::to_owned),
            minor: pool.version.minor(),
        }
    }
}

impl Inventory {
    /// Returns a cluster's body as Azure showed it a moment ago.
    ///
    /// # Errors
    ///
    /// As [`Client::cluster`].
    pub async fn cluster(&self, client: &Client, id: &ClusterId) -> Result<Answer, Error> {
        let subscription = entry(&self.subscriptions, id.subscription().to_lowercase());
        match subscription.listed(client, id).await {
            Some(answer) => Ok(answer),
            None => client.cluster(id).await,
        }
    }

    /// Lists the versions of a region, once in the life of the process.
    ///
    /// # Errors
    ///
    /// As [`Client::region_versions`].
    pub async fn region_versions(
        &self,
        client: &Client,
        subscription: &str,
        location: &str,
    ) -> Result<Value, Error> {
        let region = entry(&self.regions, (subscription.to_lowercase(), location.to_lowercase()));
        let ask = async { Ok(client.region_versions(subscription, location).await?.body) };
        let call = format!("The list of the versions of {location}");
        region.get(client, &call, Duration::MAX, Instant::now(), ask).await
    }

    /// Returns the upgrade profile of a cluster, or of another one that runs the same version of the same region on
    /// the same support plan.
    ///
    /// # Errors
    ///
    /// As [`Client::upgrade_profile`].
    pub async fn upgrades(&self, client: &Client, id: &ClusterId, cluster: &Cluster) -> Result<Value, Error> {
        let call = format!("The upgrade profile of {id}");
        let ask = async { Ok(client.upgrade_profile(id).await?.body) };
        let upgrades = entry(&self.upgrades, Running::of(id, cluster));
        upgrades.get(client, &call, RECENT, Instant::now(), ask).await
    }

    /// Returns the upgrade profile of a pool, or of another one of the same version and OS SKU, in a cluster as
    /// [`Inventory::upgrades`] shares it.
    ///
    /// # Errors
    ///
    /// As [`Client::pool_upgrade_profile`].
    pub async fn pool_upgrades(
        &self,
        client: &Client,
        id: &ClusterId,
        cluster: &Cluster,
        pool: &Pool,
    ) -> Result<Value, Error> {
        let (version, os_sku) = (pool.version.clone(), pool.os_sku.clone());
        let running = RunningPool { cluster: Running::of(id, cluster), version, os_sku };
        let call = format!("The upgrade profile of node pool {} of {id}", pool.name);
        let ask = async { Ok(client.pool_upgrade_profile(id, &pool.name).await?.body) };
        entry(&self.pool_upgrades, running).get(client, &call, RECENT, Instant::now(), ask).await
    }

    /// Returns the latest image of a family, as one of its pools is offered it.
    ///
    /// # Errors
    ///
    /// As [`Client::pool_upgrade_profile`].
    pub async fn latest_image(
        &self,
        client: &Client,
        id: &ClusterId,
        pool: &str,
        family: Family,
    ) -> Result<Option<String>, Error> {
        let call = format!("The upgrade profile of node pool {pool} of {id}");
        let image = entry(&self.images, family);
        image.get(client, &call, RECENT, Instant::now(), latest_image(client, id, pool)).await
    }

    /// Returns the update runs of Fleets that have work to do on a cluster, listed once in the life of the process.
    ///
    /// None where Fleets cannot be read.
    pub async fn update_runs(&self, client: &Client, id: &ClusterId) -> Vec<Value> {
        let runs = entry(&self.update_runs, id.subscription().to_lowercase());
        let call = format!("The list of the Fleets of subscription {}", id.subscription());
        let ask = async { Ok(Arc::new(update_runs(client, id.subscription()).await?)) };
        let runs = runs.get(client, &call, Duration::MAX, Instant::now(), ask).await.unwrap_or_default();
        let id = id.to_string();
        let on_list = runs.iter().filter(|run| !response::update_runs(&id, [*run]).is_empty());
        on_list.map(|run| response::member_of_update_run(&id, run)).collect()
    }
}

/// Asks which image a pool is offered.
///
/// # Errors
///
/// As [`Client::pool_upgrade_profile`].
pub async fn latest_image(client: &Client, id: &ClusterId, pool: &str) -> Result<Option<String>, Error> {
    let profile = client.pool_upgrade_profile(id, pool).await?;
    Ok(response::latest_image(&profile.body).map(|image| image.to_string()))
}

impl Subscription {
    /// Finds a cluster in the subscription's list; `None` when it has to be read by itself.
    async fn listed(&self, client: &Client, id: &ClusterId) -> Option<Answer> {
        let (key, began) = (key(&id.to_string()), Instant::now());
        if !self.is_worth_a_list(&key) {
            return None;
        }
        let call = format!("The list of the clusters of subscription {}", id.subscription());
        let ask = self.list_once(client, id.subscription());
        let list = self.list.get(client, &call, RECENT, began, ask).await.ok()??;
        let body = list.get(&key).and_then(|text| serde_json::from_str(text).ok());
        match body.filter(|body| is_whole(id, body)) {
            // Azure's present instant: windows are judged by it, not by the moment of the list.
            Some(body) => Some(Answer { body, at: client.now()? }),
            None => {
                locked(&self.unlisted).insert(key);
                None
            }
        }
    }

    /// Lists the clusters; `None` for all who ask when that cannot be done.
    async fn list_once(&self, client: &Client, subscription: &str) -> Result<Option<Listing>, Error> {
        match listing(client, subscription).await {
            Ok(list) => Ok(Some(list)),
            // The time of this reader is up; others may have more.
            Err(late @ Error::Deadline { .. }) if client.left().is_some_and(|left| left.is_zero()) => {
                Err(late)
            }
            Err(error) => {
                tracing::info!(
                    "Clusters of {subscription} are read one by one, since there is no list: {error}"
                );
                self.closed.store(true, Ordering::Relaxed);
                Ok(None)
            }
        }
    }

    fn is_worth_a_list(&self, key: &str) -> bool {
        let mut asked = locked(&self.asked);
        asked.insert(key.to_owned());
        asked.len() > FEW && !self.closed.load(Ordering::Relaxed) && !locked(&self.unlisted).contains(key)
    }
}

/// Lists a subscription's clusters.
async fn listing(client: &Client, subscription: &str) -> Result<Listing, Error> {
    let mut list = HashMap::new();
    let keep = |body: Value| {
        if let Some(id) = body.get("id").and_then(Value::as_str) {
            list.insert(key(id), response::prune_cluster(&body).to_string().into());
        }
    };
    client.within(PATIENCE).each_cluster(subscription, keep).await?;
    Ok(Arc::new(list))
}

/// Tells whether an element of a list says what is read of a cluster.
fn is_whole(id: &ClusterId, body: &Value) -> bool {
    response::cluster(id, body).is_ok() && body.pointer("/properties/agentPoolProfiles").is_some()
}

/// Azure writes ids in another casing than it was asked with.
fn key(id: &str) -> String {
    id.to_lowercase()
}

fn entry<K: Eq + Hash, V: Default>(table: &Table<K, V>, key: K) -> Arc<V> {
    Arc::clone(locked(table).entry(key).or_default())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
