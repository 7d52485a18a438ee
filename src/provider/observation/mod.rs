//! What a refresh saw, and how it is kept beside the state.
//!
//! A plan may ask nobody, so everything it decides from is here. It is kept as Azure's own bodies,
//! pruned to the fields that are read, so that a plan and an apply understand Azure through the
//! same parser, [`packed`] since every state file carries it.
//!
//! | module | |
//! |---|---|
//! | [`shared`] | One answer for many who ask. |
//! | [`fleets`] | The update runs of a subscription's Fleets. |
//! | [`inventory`] | What the resources of a run read together. |
//! | [`observe`](mod@observe) | The questions to Azure that make an observation. |

mod shared;
mod fleets;
pub mod inventory;
pub mod observe;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arm::error::{Error, NoVersion};
use crate::arm::id::ClusterId;
use crate::arm::response;
use crate::provider::packed;
use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::cluster::{Cluster, HeldWindow, Pool};
use crate::upgrade::foresight::seen_at;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::{Offer, Offers, Unread};
use crate::upgrade::seen::Seen;
use crate::upgrade::version::Version;

/// The layout of the kept bytes. Bytes of another layout are not read: the next refresh writes new ones.
const VERSION: u32 = 1;

/// A cluster and what Azure offers it, at one instant: what was [seen](Seen), and the bodies it was read from.
#[derive(Clone, Debug)]
pub struct Observation {
    seen: Seen,
    bodies: Bodies,
}

/// Azure's answers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bodies {
    /// The cluster.
    pub cluster: Value,
    /// Its upgrade profile; null when it was not asked for.
    pub upgrades: Value,
    /// The versions of its region; null when they were not asked for.
    pub region: Value,
    /// The latest node image of each pool, by pool name.
    pub images: BTreeMap<String, String>,
    /// The versions that a pool's own profile lists, by pool name, where it was asked for.
    #[serde(default)]
    pub pool_upgrades: BTreeMap<String, Vec<String>>,
    /// Whether Azure refused to show the cluster's upgrade profile.
    #[serde(default)]
    pub is_unread: bool,
    /// The pools whose upgrade profile it refused to show.
    #[serde(default)]
    pub unread_pools: BTreeSet<String>,
    /// Whether the images of all pools were asked for.
    #[serde(default)]
    pub every_image: bool,
    /// The list of its maintenance configurations; null when they were not asked for.
    #[serde(default)]
    pub maintenance: Value,
    /// The update runs of Fleets that have work to do on it.
    #[serde(default)]
    pub update_runs: Vec<Value>,
    /// What is kept from one observation to the next.
    #[serde(flatten)]
    pub memory: Memory,
}

/// What Azure does not show, and is kept from one observation to the next: ages and outcomes, never a decision.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// The first refresh that saw each version offered.
    pub first_seen: BTreeMap<String, Timestamp>,
    /// When the last step on a pool was seen to end: a soak counts from there, also in the next apply.
    #[serde(default)]
    pub pool_ended: Option<Timestamp>,
    /// The image that a call brought a pool to in vain, by pool name: not called for again until another is offered.
    #[serde(default)]
    pub no_effect: BTreeMap<String, String>,
    /// The image on which Azure refused a write of a pool and named a newer image as the cure, by pool name.
    #[serde(default)]
    pub too_old: BTreeMap<String, String>,
    /// The version on which our call for an image failed, by pool name: until something else runs, an image is what
    /// failed.
    #[serde(default)]
    pub image_failed: BTreeMap<String, String>,
}

impl Bodies {
    /// Keeps what is read, from the minor of the pool that lags most.
    ///
    /// What a refresh decides from is what it keeps for the plan: decided from more, the two would differ.
    fn pruned(self, cluster: &Cluster) -> Self {
        let versions = cluster.pools.iter().map(|pool| &pool.version).chain([&cluster.version]);
        let lowest = versions.min().map_or(cluster.version.minor(), Version::minor);
        Bodies {
            cluster: response::prune_cluster(&self.cluster),
            upgrades: response::prune_upgrades(&self.upgrades),
            region: response::prune_region(&self.region, lowest),
            ..self
        }
    }
}

impl Deref for Observation {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.seen
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    v: u32,
    at: Timestamp,
    #[serde(flatten)]
    bodies: Bodies,
}

/// Understands a cluster's body.
///
/// # Errors
///
/// [`Error::Malformed`] when there is no Kubernetes version in it.
pub fn understood(id: &ClusterId, body: &Value) -> Result<Cluster, Error> {
    let malformed = |cause: NoVersion| Error::Malformed { call: format!("GET {id}"), flaw: cause.into() };
    response::cluster(id, body).map_err(malformed)
}

/// Returns the windows of AKS's own upgrades in a list of maintenance configurations; none when it was not asked for.
fn held_windows(list: &Value) -> BTreeMap<&'static str, HeldWindow> {
    if list.is_null() {
        return BTreeMap::new();
    }
    let held = |name: &'static str| match response::maintenance_configuration(list, name) {
        None => HeldWindow::Missing,
        Some(configuration) => configuration.window.map_or(HeldWindow::Other, HeldWindow::Window),
    };
    AksChannel::CONFIGURATIONS.into_iter().map(|name| (name, held(name))).collect()
}

fn by_pool(images: &BTreeMap<String, String>) -> BTreeMap<String, NodeImage> {
    images.iter().map(|(pool, image)| (pool.clone(), NodeImage::new(image))).collect()
}

fn offers(listed: &[String]) -> Vec<Offer> {
    let offer = |text: &String| Some(Offer { version: text.parse().ok()?, preview: false });
    listed.iter().filter_map(offer).collect()
}

fn versions(texts: &BTreeMap<String, String>) -> BTreeMap<String, Version> {
    texts.iter().filter_map(|(pool, text)| Some((pool.clone(), text.parse().ok()?))).collect()
}

impl Observation {
    /// Understands Azure's answers.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] when the cluster's body has no Kubernetes version in it.
    pub fn new(id: &ClusterId, at: Timestamp, bodies: Bodies) -> Result<Self, Error> {
        let mut cluster = understood(id, &bodies.cluster)?;
        cluster.update_runs = response::update_runs(&cluster.id, &bodies.update_runs);
        cluster.maintenance = held_windows(&bodies.maintenance);
        let mut bodies = bodies.pruned(&cluster);
        let upgrades = response::upgrades(&bodies.upgrades);
        // A region that lists nothing was not read.
        let region = Some(response::region(&bodies.region)).filter(|versions| !versions.is_empty());
        for version in upgrades.iter().map(|o| &o.version).chain(region.iter().flatten().map(|r| &r.version))
        {
            if *version > cluster.version {
                bodies.memory.first_seen.entry(version.to_string()).or_insert(at);
            }
        }
        let images = by_pool(&bodies.images);
        let first_seen =
            bodies.memory.first_seen.iter().filter_map(|(text, seen)| Some((text.parse().ok()?, *seen)));
        let first_seen = first_seen.collect();
        let no_effect = by_pool(&bodies.memory.no_effect);
        let too_old = by_pool(&bodies.memory.too_old);
        let image_failed = versions(&bodies.memory.image_failed);
        let pools = bodies.pool_upgrades.iter().map(|(pool, listed)| (pool.clone(), offers(listed)));
        let pools = pools.collect();
        let unread = Unread { cluster: bodies.is_unread, pools: bodies.unread_pools.clone() };
        let offers =
            Offers { upgrades, region, pools, images, no_effect, too_old, image_failed, unread, first_seen };
        let pool_ended = bodies.memory.pool_ended;
        Ok(Observation { seen: Seen { at, cluster, offers, pool_ended }, bodies })
    }

    /// Returns the same with a pool's own upgrade profile.
    #[must_use]
    pub fn with_pool_upgrades(mut self, pool: &str, profile: &Value) -> Self {
        let listed = response::pool_upgrades(profile);
        let texts = listed.iter().map(|offer| offer.version.to_string()).collect();
        self.bodies.pool_upgrades.insert(pool.to_owned(), texts);
        self.seen.offers.pools.insert(pool.to_owned(), listed);
        self
    }

    /// Returns the same where Azure refused to show a pool's own upgrade profile.
    #[must_use]
    pub fn without_pool_upgrades(mut self, pool: &str) -> Self {
        self.bodies.unread_pools.insert(pool.to_owned());
        self.seen.offers.unread.pools.insert(pool.to_owned());
        self
    }

    /// Returns what will be seen at another instant, as far as anybody can know.
    #[must_use]
    pub fn seen_at(mut self, at: Timestamp) -> Self {
        self.seen = seen_at(&self.seen, at);
        self
    }

    /// Tells whether the latest image of every pool was asked for.
    #[must_use]
    pub fn has_every_image(&self) -> bool {
        self.bodies.every_image
    }

    /// Tells whether Azure offers a newer image to a pool on which it refused every other write for its image.
    #[must_use]
    pub fn is_image_offered_to_the_ill(&self) -> bool {
        let latest = |pool: &Pool| self.offers.images.get(&pool.name);
        let ill = self.cluster.pools.iter().filter(|pool| self.offers.needs_image(pool));
        ill.into_iter().any(|pool| latest(pool).is_none_or(|latest| pool.image.is_older_than(latest)))
    }

    /// Returns what is kept, for the next observation to go on from.
    #[must_use]
    pub fn memory(&self) -> Memory {
        self.bodies.memory.clone()
    }

    /// Returns the same with what a run has learned.
    #[must_use]
    pub fn with_memory(mut self, memory: Memory) -> Self {
        self.seen.offers.no_effect = by_pool(&memory.no_effect);
        self.seen.offers.too_old = by_pool(&memory.too_old);
        self.seen.offers.image_failed = versions(&memory.image_failed);
        self.seen.pool_ended = memory.pool_ended;
        self.bodies.memory = memory;
        self
    }

    /// Returns the version that a pool's nodes are to have, which is only intent.
    #[must_use]
    pub fn intended_version(&self, pool: &str) -> Option<String> {
        response::intended_version(&self.bodies.cluster, pool)
    }

    /// Returns the same with the update runs that an earlier observation saw: an apply does not ask for them.
    #[must_use]
    pub fn with_update_runs_of(mut self, earlier: &Observation) -> Self {
        self.bodies.update_runs.clone_from(&earlier.bodies.update_runs);
        self.seen.cluster.update_runs.clone_from(&earlier.seen.cluster.update_runs);
        self
    }

    /// Returns the same in which pools are not bound to the snapshot that they may leave.
    #[must_use]
    pub fn off_snapshots(mut self, pools: &BTreeSet<String>) -> Self {
        let leaves = self.seen.cluster.pools.iter_mut().filter(|pool| pools.contains(&pool.name));
        leaves.for_each(|pool| pool.snapshot = false);
        self
    }

    /// Returns the same with the list of the cluster's maintenance configurations.
    #[must_use]
    pub fn with_maintenance(mut self, list: Value) -> Self {
        self.seen.cluster.maintenance = held_windows(&list);
        self.bodies.maintenance = list;
        self
    }

    /// Writes the bytes to keep beside the state.
    #[must_use]
    pub fn keep(&self) -> Vec<u8> {
        let kept = Kept { v: VERSION, at: self.at, bodies: self.bodies.clone() };
        // A map with string keys always serialises.
        packed::pack(&serde_json::to_vec(&kept).unwrap_or_default())
    }

    /// Reads the bytes kept beside a state; `None` when they are missing, foreign or of another layout.
    #[must_use]
    pub fn recall(id: &ClusterId, kept: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(&packed::unpack(kept)?).ok()?;
        if kept.v != VERSION {
            return None;
        }
        Observation::new(id, kept.at, kept.bodies).ok()
    }
}
