//! Which version the policy means for this cluster, and why it is not a newer one.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::offer::{Offers, ascending};
use crate::upgrade::plan::path::Graph;
use crate::upgrade::policy::{Channel, Target};
use crate::upgrade::version::{Minor, Version};

/// What a policy forbids, whatever Azure offers.
pub(super) struct VersionRules<'a> {
    /// Ages count up to here.
    pub at: Timestamp,
    pub target: &'a Target,
    pub exclude: &'a BTreeSet<Version>,
    pub allow_preview: bool,
    /// `None` also while an override ignores it.
    pub min_age: Option<SignedDuration>,
    pub offers: &'a Offers,
    /// The region, as Azure spells it.
    pub location: &'a str,
    pub graph: &'a Graph<'a>,
}

/// What a target comes to on one cluster.
pub(super) struct Resolved {
    /// The version the cluster is driven to, or already satisfies the target with; `None` when blocked.
    pub target: Option<Version>,
    /// The control plane's hops. May end before the target when that is blocked.
    pub path: Vec<Version>,
    /// What pools are driven to; may lie below a control plane that is already ahead of the target.
    pub goal: Version,
    /// Pools from here on are left alone.
    pub floor: Version,
    pub blocks: Vec<Block>,
}

/// A target whose channel is resolved.
enum Fixed<'a> {
    Minor(Minor),
    Exact(&'a Version),
}

impl VersionRules<'_> {
    /// Resolves the target for a control plane of that version.
    pub fn resolve(&self, current: &Version) -> Resolved {
        let Some(wanted) = self.wanted(current) else { return self.unknown(current) };
        if wanted.is_exceeded_by(current) {
            return self.satisfied(&wanted, current);
        }
        let candidates = self.candidates(&wanted, current);
        // A cluster is offered no version that its region lacks.
        let is_newest = self.graph.has_region() && candidates.is_empty() && wanted.is_met_by(current);
        if let Some(block) = Block::not_read(self.offers).filter(|_| !is_newest) {
            return Self::unseen(block, current);
        }
        let path = candidates.iter().find_map(|to| self.graph.route(to, |version| self.allows(version)));
        match path {
            Some(path) => self.reached(path, &candidates, current),
            None if wanted.is_met_by(current) => self.reached(Vec::new(), &candidates, current),
            None => self.unreached(&wanted, &candidates, current),
        }
    }

    /// Says why a version may not be used; `None` when it may.
    pub fn refuse(&self, version: &Version) -> Option<Block> {
        let (wanted, refused) = (self.target.clone(), version.clone());
        if self.exclude.contains(version) {
            Some(self.excluded(version))
        } else if !self.graph.is_covered(version) {
            Some(self.not_covered(version))
        } else if self.graph.is_preview(version) && !self.allow_preview {
            Some(Block::PreviewVersion { wanted, version: refused })
        } else {
            self.too_young(version)
        }
    }

    /// Says that a version is excluded, with all others of its minor that are and would have done as well.
    pub fn excluded(&self, version: &Version) -> Block {
        let exact = matches!(self.target, Target::Exact(exact) if exact == version);
        let same = |other: &&Version| if exact { *other == version } else { self.exclude.contains(other) };
        let current = self.graph.current();
        let mut versions: Vec<Version> = self
            .graph
            .of_minor(version.minor())
            .filter(same)
            .filter(|other| *other > current)
            .cloned()
            .collect();
        if versions.is_empty() {
            versions.push(version.clone());
        }
        versions.reverse();
        Block::ExcludedVersion { wanted: self.target.clone(), versions }
    }

    /// Says that the cluster's support plan does not cover a version.
    fn not_covered(&self, version: &Version) -> Block {
        let wanted = self.target.clone();
        if self.graph.is_lts() {
            Block::VersionNotOffered { pool: None, wanted, offered: self.offered() }
        } else {
            Block::LtsOnly { wanted, version: version.clone() }
        }
    }

    pub fn allows(&self, version: &Version) -> bool {
        self.refuse(version).is_none()
    }

    /// Returns what Azure offers this cluster, ascending.
    pub fn offered(&self) -> Vec<Version> {
        ascending(&self.offers.upgrades)
    }

    fn too_young(&self, version: &Version) -> Option<Block> {
        let min_age = self.min_age?;
        let first_seen = self.offers.first_seen.get(version).copied();
        let old_enough_at = first_seen.and_then(|seen| seen.checked_add(min_age).ok());
        let is_old = old_enough_at.is_some_and(|instant| instant <= self.at);
        (!is_old).then(|| Block::TooYoung { version: version.clone(), first_seen, old_enough_at })
    }

    /// Returns what a target means; `None` for a channel while nobody knows the newest minor.
    fn wanted(&self, current: &Version) -> Option<Fixed<'_>> {
        let newest = self.graph.newest_minor();
        Some(match self.target {
            Target::Minor(minor) => Fixed::Minor(*minor),
            Target::Exact(version) => Fixed::Exact(version),
            Target::Channel(Channel::Patch) => Fixed::Minor(current.minor()),
            Target::Channel(Channel::Stable) => Fixed::Minor(newest?.previous().or(newest)?),
            Target::Channel(Channel::Rapid) => Fixed::Minor(newest?),
        })
    }

    /// Handles a channel without a target: another version than it means is never taken instead.
    fn unknown(&self, current: &Version) -> Resolved {
        let (wanted, location) = (self.target.clone(), self.location.to_owned());
        Resolved {
            target: None,
            path: Vec::new(),
            goal: current.clone(),
            floor: Version::first_of(Minor { major: 0, minor: 0 }),
            blocks: std::iter::once(Block::VersionsNotListed { wanted, location, by_aks: false })
                .chain(Block::not_read(self.offers))
                .collect(),
        }
    }

    /// Handles a cluster whose offers could not be read: there may be newer ones, and nobody knows which.
    fn unseen(block: Block, current: &Version) -> Resolved {
        let (goal, floor) = (current.clone(), current.clone());
        Resolved { target: None, path: Vec::new(), goal, floor, blocks: vec![block] }
    }

    /// Returns the listed versions above the current one that would do, newest first.
    fn candidates(&self, wanted: &Fixed, current: &Version) -> Vec<&Version> {
        let above = self.graph.of_minor(wanted.minor()).filter(|version| *version > current);
        match wanted {
            Fixed::Minor(_) => above.collect(),
            Fixed::Exact(exact) => above.filter(|version| version == exact).collect(),
        }
    }

    fn reached(&self, path: Vec<Version>, candidates: &[&Version], current: &Version) -> Resolved {
        let goal = path.last().unwrap_or(current).clone();
        let newer = candidates.iter().take_while(|candidate| **candidate > &goal);
        let blocks = newer.filter(|version| self.only_age_hinders(version)).filter_map(|v| self.too_young(v));
        Resolved {
            target: Some(goal.clone()),
            blocks: blocks.take(1).collect(),
            path,
            floor: goal.clone(),
            goal,
        }
    }

    /// Tells whether a version would be used if only it were older.
    fn only_age_hinders(&self, version: &Version) -> bool {
        let hinders =
            |version: &Version| !matches!(self.refuse(version), None | Some(Block::TooYoung { .. }));
        !hinders(version) && self.graph.route(version, |hop| !hinders(hop)).is_some()
    }

    /// Handles a control plane that is ahead of the target: pools still have to reach the target itself.
    ///
    /// Where the target is not on offer any more they go to the lowest minor that does, so that none of the
    /// versions on their way would have done already.
    fn satisfied(&self, wanted: &Fixed, current: &Version) -> Resolved {
        let goal = self.goal_of_pools(wanted, current).unwrap_or(current).clone();
        let floor = match wanted {
            Fixed::Exact(exact) => (*exact).clone(),
            Fixed::Minor(minor) if goal.minor() == *minor => goal.clone(),
            Fixed::Minor(minor) => Version::first_of(*minor),
        };
        Resolved { target: Some(current.clone()), path: Vec::new(), goal, floor, blocks: Vec::new() }
    }

    /// Returns the version that the target asks for itself, else the newest of the lowest minor that does.
    fn goal_of_pools(&self, wanted: &Fixed, current: &Version) -> Option<&Version> {
        let usable = self
            .graph
            .versions()
            .filter(|version| *version <= current && wanted.is_met_by(version) && self.allows(version));
        let usable: Vec<&Version> = usable.collect();
        let lowest = usable.iter().map(|version| version.minor()).min()?;
        let mut patches = usable.into_iter().filter(|version| version.minor() == lowest);
        let newest = patches.next()?;
        match wanted {
            Fixed::Exact(exact) if newest != *exact => {
                patches.find(|version| version == exact).or(Some(newest))
            }
            _ => Some(newest),
        }
    }

    /// Handles a target that cannot be reached: says why, and goes as far as makes it visible.
    fn unreached(&self, wanted: &Fixed, candidates: &[&Version], current: &Version) -> Resolved {
        let path = self.towards(wanted, candidates, current);
        let goal = path.last().unwrap_or(current).clone();
        let block = self.hindrance(wanted, candidates, current);
        Resolved { target: None, path, floor: goal.clone(), goal, blocks: vec![block] }
    }

    /// Returns the first version that hinders the way that Azure alone would allow.
    ///
    /// To a cluster on community support Azure offers no version under long-term support alone, so no way leads
    /// there.
    fn hindrance(&self, wanted: &Fixed, candidates: &[&Version], current: &Version) -> Block {
        let open = candidates.iter().find_map(|to| self.graph.route(to, |_| true));
        let hindrance = open.and_then(|path| path.iter().find_map(|version| self.refuse(version)));
        // A patch that is not listed any more is as good as the newer ones of its minor.
        let would_do = |version: &&Version| *version > current && wanted.is_met_by(version);
        let uncovered = || {
            let mut listed = self.graph.of_minor(wanted.minor()).filter(would_do);
            let newest =
                listed.next().filter(|newest| self.graph.has_region() && !self.graph.is_covered(newest))?;
            listed.all(|version| !self.graph.is_covered(version)).then(|| self.not_covered(newest))
        };
        hindrance.or_else(uncovered).unwrap_or_else(|| Block::VersionNotOffered {
            pool: None,
            wanted: self.target.clone(),
            offered: self.offered(),
        })
    }

    /// Returns the hops towards a minor that nobody lists yet.
    ///
    /// Only while the region's graph is unknown: Azure shows the next minor alone, and the one after it when
    /// that is reached. A minor that a known region does not list is more likely a slip of the pen, and a
    /// cluster that went up for it cannot come back.
    fn towards(&self, wanted: &Fixed, candidates: &[&Version], current: &Version) -> Vec<Version> {
        if self.graph.has_region() || !candidates.is_empty() {
            return Vec::new();
        }
        let below = |version: &&Version| *version > current && version.minor() < wanted.minor();
        let allowed = self.graph.versions().filter(below).filter(|version| self.allows(version));
        allowed.into_iter().find_map(|to| self.graph.route(to, |hop| self.allows(hop))).unwrap_or_default()
    }
}

impl Fixed<'_> {
    fn minor(&self) -> Minor {
        match self {
            Fixed::Minor(minor) => *minor,
            Fixed::Exact(exact) => exact.minor(),
        }
    }

    /// Tells whether a version does, even if a newer patch might be on offer.
    fn is_met_by(&self, version: &Version) -> bool {
        match self {
            Fixed::Minor(minor) => version.minor() >= *minor,
            Fixed::Exact(exact) => version >= exact,
        }
    }

    /// Tells whether a version does, and no offer is of interest any more.
    fn is_exceeded_by(&self, version: &Version) -> bool {
        match self {
            Fixed::Minor(minor) => version.minor() > *minor,
            Fixed::Exact(exact) => version >= exact,
        }
    }
}
