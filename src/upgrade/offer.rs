//! What Azure offers this cluster and its pools, and when that was seen.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::upgrade::cluster::Pool;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::version::Version;

/// One version that Azure offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The full version.
    pub version: Version,
    /// Whether Azure marks it as a preview.
    pub preview: bool,
}

/// One version of the region's list, with what may follow it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionVersion {
    /// The full version.
    pub version: Version,
    /// Whether its minor is a preview.
    pub preview: bool,
    /// Whether its minor has community support (`KubernetesOfficial`).
    pub official: bool,
    /// Whether its minor has long-term support (`AKSLongTermSupport`).
    pub lts: bool,
    /// The versions that Azure lists as upgrades from it.
    pub upgrades: Vec<Version>,
}

/// Everything on offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// The cluster's own upgrade profile: the authority for the next hop.
    pub upgrades: Vec<Offer>,
    /// The region's graph: a prediction for the hops after the next. `None` when it could not be read: unknown, not
    /// nothing.
    pub region: Option<Vec<RegionVersion>>,
    /// The upgrade profiles of pools, by pool name: the authority for their next step. A pool that was not asked for
    /// is not in it.
    pub pools: BTreeMap<String, Vec<Offer>>,
    /// The latest node image offered to each pool, by pool name.
    pub images: BTreeMap<String, NodeImage>,
    /// The image that a call brought a pool to in vain, by pool name.
    pub no_effect: BTreeMap<String, NodeImage>,
    /// The image on which Azure refused every other write of a pool, by pool name: only a newer image helps.
    pub too_old: BTreeMap<String, NodeImage>,
    /// The version on which a call for an image failed that we made, by pool name: what failed there was an image.
    pub image_failed: BTreeMap<String, Version>,
    /// What could not be read of it.
    pub unread: Unread,
    /// The first refresh that saw each version offered. Versions carry no date, so age counts from here.
    pub first_seen: BTreeMap<Version, Timestamp>,
}

/// What Azure refused to tell of its offers: unknown, not nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    /// Whether the cluster's upgrade profile is among it.
    pub cluster: bool,
    /// The pools whose upgrade profiles are, by name.
    pub pools: BTreeSet<String>,
}

impl Offers {
    /// Tells whether Azure takes nothing of a pool but the call for an image, as far as is known.
    #[must_use]
    pub fn needs_image(&self, pool: &Pool) -> bool {
        self.too_old.get(&pool.name) == Some(&pool.image)
    }

    /// Tells whether what failed in a pool is known to be an image: our own call for one was the last thing, and
    /// nobody has asked for another version since.
    #[must_use]
    pub fn failed_on_image(&self, pool: &Pool) -> bool {
        pool.unfinished.is_none() && self.image_failed.get(&pool.name) == Some(&pool.version)
    }
}

/// Returns the versions of offers in their order.
#[must_use]
pub fn ascending(offers: &[Offer]) -> Vec<Version> {
    let mut versions: Vec<Version> = offers.iter().map(|offer| offer.version.clone()).collect();
    versions.sort_unstable();
    versions
}
