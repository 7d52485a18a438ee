//! Which version may follow which; the hops from here to there, or why there are none.
//!
//! The next hop is what the cluster's own upgrade profile lists: Azure's authority. The hops after it are
//! predicted from the region's graph and, where that is silent, from the rule for community versions: any
//! newer patch, one minor at a time. A version that nobody lists is never named.
//!
//! Source of the rules: learn.microsoft.com, "Upgrade the control plane" and "Supported Kubernetes versions".

use std::collections::{BTreeMap, BTreeSet};

use crate::upgrade::offer::Offers;
use crate::upgrade::version::{Minor, Version};

/// The versions that Azure lists, seen from one running version.
#[derive(Clone, Debug)]
pub struct Graph<'a> {
    current: &'a Version,
    lts: bool,
    nodes: BTreeMap<&'a Version, Node<'a>>,
    has_region: bool,
    next: Vec<&'a Version>,
}

/// What is known of one version.
#[derive(Clone, Debug, Default)]
struct Node<'a> {
    preview: bool,
    /// Whether the cluster's support plan covers it.
    covered: bool,
    /// What follows it by the region's list; `None` when the region does not list it.
    upgrades: Option<&'a [Version]>,
}

impl<'a> Graph<'a> {
    /// Joins the cluster's upgrade profile and the region's graph.
    ///
    /// `lts` tells whether the cluster is on the long-term support plan: it decides which minors count.
    #[must_use]
    pub fn new(current: &'a Version, lts: bool, offers: &'a Offers) -> Self {
        let mut nodes: BTreeMap<&Version, Node> = BTreeMap::new();
        for offer in &offers.upgrades {
            nodes.insert(&offer.version, Node { preview: offer.preview, covered: true, upgrades: None });
        }
        for listed in offers.region.iter().flatten() {
            let node = nodes.entry(&listed.version).or_default();
            node.preview |= listed.preview;
            node.covered = if lts { listed.lts } else { listed.official || listed.preview };
            node.upgrades = Some(&listed.upgrades);
        }
        let next =
            offers.upgrades.iter().map(|offer| &offer.version).filter(|next| *next > current).collect();
        Graph { current, lts, nodes, has_region: offers.region.is_some(), next }
    }

    /// Returns the running version.
    #[must_use]
    pub fn current(&self) -> &'a Version {
        self.current
    }

    /// Tells whether the cluster is on the long-term support plan.
    #[must_use]
    pub fn is_lts(&self) -> bool {
        self.lts
    }

    /// Returns the listed versions of one minor, newest first.
    pub fn of_minor(&self, minor: Minor) -> impl Iterator<Item = &'a Version> {
        self.nodes.keys().rev().copied().filter(move |version| version.minor() == minor)
    }

    /// Returns every listed version, newest first.
    pub fn versions(&self) -> impl Iterator<Item = &'a Version> {
        self.nodes.keys().rev().copied()
    }

    /// Tells whether the region's graph could be read, so that a version it does not list does not exist.
    #[must_use]
    pub fn has_region(&self) -> bool {
        self.has_region
    }

    /// Tells whether Azure marks the version as a preview.
    #[must_use]
    pub fn is_preview(&self, version: &Version) -> bool {
        version.is_prerelease() || self.nodes.get(version).is_some_and(|node| node.preview)
    }

    /// Tells whether the cluster's support plan covers a listed version.
    #[must_use]
    pub fn is_covered(&self, version: &Version) -> bool {
        self.nodes.get(version).is_some_and(|node| node.covered)
    }

    /// Tells whether the running minor is still supported: by the region's list, as far as that is known.
    #[must_use]
    pub fn is_supported(&self) -> bool {
        !self.has_region || self.of_minor(self.current.minor()).any(|version| self.is_covered(version))
    }

    /// Returns the newest minor that is generally available, the running one when nothing else is listed; `None`
    /// without the region's list, for the cluster's own offers end with the next minor.
    #[must_use]
    pub fn newest_minor(&self) -> Option<Minor> {
        let available = |version: &&Version| self.is_covered(version) && !self.is_preview(version);
        let newest = self.versions().find(available).map(Version::minor);
        self.has_region.then(|| newest.unwrap_or_else(|| self.current.minor()))
    }

    /// Returns what may follow a version, ascending.
    fn following(&self, from: &Version) -> Vec<&'a Version> {
        let mut following: Vec<&Version> = if from == self.current {
            self.next.clone()
        } else if let Some(upgrades) = self.nodes.get(from).and_then(|node| node.upgrades) {
            upgrades.iter().filter(|to| *to > from && self.nodes.contains_key(to)).collect()
        } else {
            let near = [from.minor(), from.minor().next()];
            self.versions().filter(|to| *to > from && near.contains(&to.minor())).collect()
        };
        following.sort_unstable();
        following
    }

    /// Returns the hops to a version, itself included, over allowed versions only; `None` when no way leads there.
    ///
    /// A cluster on community support takes the lowest listed minor at each hop, in its newest patch; one on
    /// long-term support jumps as far as Azure lists. A patch inside the running minor is a hop of its own
    /// only where Azure lists no other way.
    pub fn route(&self, to: &Version, allowed: impl Fn(&Version) -> bool) -> Option<Vec<Version>> {
        let leading = self.leading(to, allowed);
        let mut hops = Vec::new();
        let mut at = self.current;
        while at != to {
            let options: Vec<&Version> =
                self.following(at).into_iter().filter(|next| leading.contains(next)).collect();
            at = self.choose(at, &options)?;
            hops.push(at.clone());
        }
        Some(hops)
    }

    /// Returns the versions from which allowed hops lead to `to`.
    fn leading(&self, to: &Version, allowed: impl Fn(&Version) -> bool) -> BTreeSet<&'a Version> {
        let mut leading = BTreeSet::new();
        for version in self.versions().filter(|version| *version <= to && *version > self.current) {
            let arrives = version == to || self.following(version).iter().any(|next| leading.contains(next));
            if arrives && allowed(version) {
                leading.insert(version);
            }
        }
        leading
    }

    /// Chooses the next hop among ascending options.
    fn choose(&self, at: &Version, options: &[&'a Version]) -> Option<&'a Version> {
        let newest = options.last().copied();
        if self.lts {
            return newest;
        }
        let next_minor = options.iter().map(|option| option.minor()).find(|minor| *minor > at.minor());
        match next_minor {
            Some(minor) => options.iter().rev().find(|option| option.minor() == minor).copied(),
            None => newest,
        }
    }
}
