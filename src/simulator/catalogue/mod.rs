//! What this Azure offers at an instant: Kubernetes versions, node images and regions.
//!
//! Dates are those of the AKS release calendar (docs: supported-kubernetes-versions) and of the AKS
//! changelog, but where a recording says otherwise; nothing was published after 2026-08-21 when this was written, so 1.37 and the images
//! of the autumn follow the announced cadence.
//!
//! [`minors`] holds versions by minor, [`images`] node images by family, [`os`] the system that an OS SKU means;
//! [`publish`] changes what is offered.

mod images;
mod minors;
mod os;
mod publish;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::simulator::version::{Version, Wish};

pub(crate) use images::image_name;
pub use images::{family, is_newer};
pub(crate) use os::{default_sku, first_image, runs};

/// What Azure offers, as a function of time.
///
/// ```
/// use terraform_provider_aks::simulator::catalogue::Catalogue;
/// let offered = Catalogue::default();
/// let day = "2026-11-22T00:00:00Z".parse().unwrap();
/// let next = offered.upgrades("1.34.9".parse().unwrap(), false, day);
/// assert!(next.iter().all(|offer| offer.version.minor == 35));
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Catalogue {
    minors: Vec<Minor>,
    images: Vec<Image>,
    regions: Vec<String>,
}

/// One minor and the dates of its life.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Minor {
    minor: u32,
    /// General availability; patches published earlier are previews.
    ga: Timestamp,
    /// End of community support.
    eol: Timestamp,
    /// End of long-term support.
    lts_eol: Timestamp,
    patches: Vec<Patch>,
}

/// One patch and when it can be had.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Patch {
    version: String,
    from: Timestamp,
    #[serde(default)]
    until: Option<Timestamp>,
    #[serde(default)]
    preview: bool,
}

/// One node image and when it is the latest of its family.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Image {
    family: String,
    version: String,
    from: Timestamp,
}

/// A version that a cluster or pool may be upgraded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The version.
    pub version: Version,
    /// Whether it is a preview.
    pub preview: bool,
}

/// How far a minor is supported at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Everybody's.
    Community,
    /// Clusters with tier Premium and plan `AKSLongTermSupport` only.
    LongTerm,
    /// Nobody's.
    None,
}

impl Catalogue {
    /// Returns the regions that exist.
    #[must_use]
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// Returns the minors that the region list shows at `now`, newest first.
    #[must_use]
    pub fn minors(&self, now: Timestamp) -> Vec<u32> {
        let mut minors: Vec<u32> = self
            .minors
            .iter()
            .map(|minor| minor.minor)
            .filter(|minor| self.support(*minor, now) != Support::None)
            .filter(|minor| !self.patches(*minor, now).is_empty())
            .collect();
        minors.sort_unstable_by(|a, b| b.cmp(a));
        minors
    }

    /// Returns how far `minor` is supported at `now`.
    #[must_use]
    pub fn support(&self, minor: u32, now: Timestamp) -> Support {
        match self.minors.iter().find(|entry| entry.minor == minor) {
            Some(entry) if now < entry.eol => Support::Community,
            Some(entry) if now < entry.lts_eol => Support::LongTerm,
            _ => Support::None,
        }
    }

    /// Returns the patches of `minor` that can be had at `now`, newest first.
    ///
    /// A minor in long-term support only keeps its two newest patches.
    #[must_use]
    pub fn patches(&self, minor: u32, now: Timestamp) -> Vec<Offer> {
        let Some(entry) = self.minors.iter().find(|entry| entry.minor == minor) else { return vec![] };
        let mut offers: Vec<Offer> =
            entry.patches.iter().filter_map(|patch| patch.offer(entry, now)).collect();
        offers.sort_unstable_by_key(|offer| std::cmp::Reverse(offer.version));
        match self.support(minor, now) {
            Support::Community => {}
            Support::LongTerm => offers.truncate(2),
            Support::None => offers.clear(),
        }
        offers
    }

    /// Tells whether `minor` has only preview patches at `now`.
    #[must_use]
    pub fn is_preview(&self, minor: u32, now: Timestamp) -> bool {
        self.patches(minor, now).iter().all(|offer| offer.preview)
    }

    /// Returns the newest general availability minor less one, or the only one: the default of new clusters.
    #[must_use]
    pub fn default_minor(&self, now: Timestamp) -> Option<u32> {
        let mut minors = self.minors(now).into_iter().filter(|minor| !self.is_preview(*minor, now));
        let newest = minors.next();
        minors.next().or(newest)
    }

    /// Returns what a cluster on `from` may be upgraded to, newest first.
    ///
    /// Community minors: newer patches of the same minor and the next minor. Minors in long-term
    /// support, for a cluster that has it: up to three minors further. For a cluster without it:
    /// the oldest community minor (docs: supported-kubernetes-versions, recorded region list).
    #[must_use]
    pub fn upgrades(&self, from: Version, long_term: bool, now: Timestamp) -> Vec<Offer> {
        let mut offers: Vec<Offer> = self
            .next_minors(from.minor, long_term, now)
            .into_iter()
            .flat_map(|minor| self.patches(minor, now))
            .filter(|offer| offer.version > from)
            .collect();
        offers.sort_unstable_by_key(|offer| std::cmp::Reverse(offer.version));
        offers
    }

    fn next_minors(&self, minor: u32, long_term: bool, now: Timestamp) -> Vec<u32> {
        match self.support(minor, now) {
            Support::Community => vec![minor, minor + 1],
            Support::LongTerm if long_term => (minor..=minor + 3).collect(),
            _ => self.oldest_community_above(minor, now).into_iter().collect(),
        }
    }

    fn oldest_community_above(&self, minor: u32, now: Timestamp) -> Option<u32> {
        let community = |candidate: &u32| self.support(*candidate, now) == Support::Community;
        self.minors(now).into_iter().filter(|candidate| *candidate > minor).filter(community).min()
    }

    /// Tells whether `version` can be had at `now` by anybody.
    #[must_use]
    pub fn has(&self, version: Version, now: Timestamp) -> bool {
        self.patches(version.minor, now).iter().any(|offer| offer.version == version)
    }

    /// Returns the newest patch of `minor` that is no preview.
    #[must_use]
    pub fn newest_patch(&self, minor: u32, now: Timestamp) -> Option<Version> {
        self.patches(minor, now).into_iter().find(|offer| !offer.preview).map(|offer| offer.version)
    }

    /// Returns the latest node image for a pool: of the operating system that its OS SKU means on a minor,
    /// and of the kind of the image that it runs. Where no such image is known here, it is that image.
    ///
    /// ```
    /// use terraform_provider_aks::simulator::catalogue::Catalogue;
    /// let day = "2026-11-22T00:00:00Z".parse().unwrap();
    /// let runs = "AKSUbuntu-2204gen2containerd-202610.05.0";
    /// assert_eq!(Catalogue::default().latest_image("Ubuntu", 34, runs, day), "AKSUbuntu-2204gen2containerd-202611.16.0");
    /// assert_eq!(Catalogue::default().latest_image("Ubuntu", 35, runs, day), "AKSUbuntu-2404gen2containerd-202611.16.0");
    /// ```
    #[must_use]
    pub fn latest_image(&self, os_sku: &str, minor: u32, image: &str, now: Timestamp) -> String {
        let own = family(image);
        let latest = os::family(os_sku, minor, own).and_then(|family| self.latest_of(&family, now));
        latest.or_else(|| self.latest_of(own, now)).unwrap_or_else(|| image.to_owned())
    }

    /// Returns the latest node image of each family, in the order of their names.
    #[must_use]
    pub fn latest_images(&self, now: Timestamp) -> Vec<String> {
        let families: BTreeSet<&str> = self.images.iter().map(|image| image.family.as_str()).collect();
        families.into_iter().filter_map(|family| self.latest_of(family, now)).collect()
    }

    /// Returns the latest node image of a family.
    fn latest_of(&self, family: &str, now: Timestamp) -> Option<String> {
        let published = |entry: &&Image| entry.family == family && entry.from <= now;
        let latest = self.images.iter().filter(published).max_by_key(|entry| entry.from)?;
        Some(format!("{}-{}", latest.family, latest.version))
    }

    /// Tells whether a node image can be had at `now`: it has been published, and so was everything that is
    /// not known here.
    #[must_use]
    pub fn has_image(&self, image: &str, now: Timestamp) -> bool {
        let known = |entry: &&Image| image == format!("{}-{}", entry.family, entry.version);
        self.images.iter().find(known).is_none_or(|entry| entry.from <= now)
    }

    /// Resolves what a caller wrote into a full version, given the version that runs.
    #[must_use]
    pub fn resolve(&self, wish: Wish, current: Version, now: Timestamp) -> Option<Version> {
        match wish {
            Wish::Current => Some(current),
            // "Updating the cluster with the same <major.minor> will not trigger an upgrade."
            Wish::Alias(minor) if minor == current.minor => Some(current),
            Wish::Alias(minor) => self.newest_patch(minor, now),
            Wish::Full(version) => Some(version),
        }
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Catalogue { minors: minors::recorded(), images: images::recorded(), regions: regions() }
    }
}

impl Patch {
    fn offer(&self, minor: &Minor, now: Timestamp) -> Option<Offer> {
        let offered = self.from <= now && self.until.is_none_or(|until| now < until);
        let version = self.version.parse().ok().filter(|_| offered)?;
        Some(Offer { version, preview: self.preview || now < minor.ga })
    }
}

impl Minor {
    fn open_ended(minor: u32, from: Timestamp, patch: Patch) -> Self {
        let ga = if patch.preview { Timestamp::MAX } else { from };
        Minor { minor, ga, eol: Timestamp::MAX, lts_eol: Timestamp::MAX, patches: vec![patch] }
    }
}

/// The regions with a place on earth that Azure lists for a subscription (recorded in 2025), and the two of early
/// access in which AKS was recorded.
fn regions() -> Vec<String> {
    const NAMES: &str = "australiacentral australiacentral2 australiaeast australiasoutheast austriaeast \
        belgiumcentral brazilsouth brazilsoutheast canadacentral canadaeast centralindia centralus centraluseuap \
        chilecentral denmarkeast eastasia eastus eastus2 eastus2euap francecentral francesouth germanynorth \
        germanywestcentral indonesiacentral israelcentral israelnorthwest italynorth japaneast japanwest \
        jioindiacentral jioindiawest koreacentral koreasouth malaysiasouth malaysiawest mexicocentral newzealandnorth \
        northcentralus northeurope norwayeast norwaywest polandcentral qatarcentral southafricanorth southafricawest \
        southcentralus southeastasia southindia spaincentral swedencentral swedensouth switzerlandnorth \
        switzerlandwest taiwannorth taiwannorthwest uaecentral uaenorth uksouth ukwest westcentralus westeurope \
        westindia westus westus2 westus3";
    NAMES.split_whitespace().map(str::to_owned).collect()
}
