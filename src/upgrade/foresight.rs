//! What will be seen later, as far as anybody can know it today.
//!
//! Ages go on, steps are done, and the support of minors ends by its calendar. What Azure will publish or withdraw
//! meanwhile nobody knows: what is on offer stays on offer.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, State};
use crate::upgrade::offer::{Offer, Offers, RegionVersion};
use crate::upgrade::plan::path::Graph;
use crate::upgrade::seen::Seen;
use crate::upgrade::step::{Step, Work};
use crate::upgrade::support;
use crate::upgrade::version::{Minor, Version};
use crate::upgrade::window::Windows;

/// Returns what will be seen at another instant. A cluster whose support has ended by then is offered what Azure offers
/// such clusters.
#[must_use]
pub fn seen_at(seen: &Seen, at: Timestamp) -> Seen {
    let mut later = Seen { at, ..seen.clone() };
    later.offers.region = seen.offers.region.as_deref().map(|region| listed_at(region, seen.at, at));
    if later.offers.region != seen.offers.region {
        later.offers.upgrades = predicted(&later.cluster, &later.offers);
    }
    later
}

/// Returns what will be seen when some steps are done, each at its instant, in order.
#[must_use]
pub fn seen_after<'a>(seen: &Seen, steps: impl IntoIterator<Item = (&'a Step, Timestamp)>) -> Seen {
    let (mut after, mut at) = (seen.clone(), seen.at);
    for (step, end) in steps {
        step.take(&mut after.cluster);
        bring_images(step, &mut after);
        after.pool_ended = step.work.pool().map(|_| end).or(after.pool_ended);
        at = end;
    }
    follow(&mut after.cluster);
    come_to_rest(&mut after.cluster);
    forget_offers(&seen.cluster, &after.cluster, &mut after.offers);
    if after.cluster.version != seen.cluster.version {
        after.offers.upgrades = predicted(&after.cluster, &after.offers);
    }
    seen_at(&after, at)
}

/// Returns the next instant at which time alone changes what is planned: an age is reached, an exemption ends, or the
/// support of a minor.
#[must_use]
pub fn next_change(seen: &Seen, blocks: &[Block], windows: &Windows) -> Option<Timestamp> {
    let ages = blocks.iter().filter_map(age_reached);
    let exemption = windows.exemption.map(|exemption| exemption.until);
    let listed = seen.offers.region.iter().flatten().map(|listed| listed.version.minor());
    let minors: BTreeSet<Minor> = listed.collect();
    let ends = minors.iter().flat_map(|minor| [false, true].map(|lts| support::ends(*minor, lts)));
    ages.chain(exemption).chain(ends.flatten()).filter(|change| *change > seen.at).min()
}

/// Returns from when on an age holds nothing up any more; `None` for every other reason, and where nobody knows.
pub(super) fn age_reached(block: &Block) -> Option<Timestamp> {
    match block {
        Block::TooYoung { old_enough_at, .. } | Block::ImageTooYoung { old_enough_at, .. } => *old_enough_at,
        // "Older than": on the very instant it is not.
        Block::NotOldEnough { old_enough_at, .. } => {
            old_enough_at.checked_add(SignedDuration::from_secs(1)).ok()
        }
        _ => None,
    }
}

/// Returns the region's list as it will be: from a minor that only long-term support covers from then on, Azure lists leaps.
fn listed_at(region: &[RegionVersion], from: Timestamp, to: Timestamp) -> Vec<RegionVersion> {
    let kept =
        |before| still_listed(before, from, to).map(|after| (before.official && !after.official, after));
    let kept: Vec<(bool, RegionVersion)> = region.iter().filter_map(kept).collect();
    let leaps = |from: &Version| {
        let versions = kept.iter().map(|(_, listed)| &listed.version);
        versions.filter(|to| *to > from && is_leap(from.minor(), to.minor())).cloned().collect()
    };
    let after = |(loses, listed): &(bool, RegionVersion)| match *loses && listed.lts {
        true => RegionVersion { upgrades: leaps(&listed.version), ..listed.clone() },
        false => listed.clone(),
    };
    kept.iter().map(after).collect()
}

/// Tells whether Azure lists one minor as an upgrade from another that only long-term support covers.
///
/// Source of the rule: the recorded lists of regions, in which 1.27, 1.28 and 1.29 led up to three minors further.
fn is_leap(from: Minor, to: Minor) -> bool {
    from.major == to.major && to.minor <= from.minor + 3
}

/// Returns a version of the region's list as it will be listed, without the support that ends meanwhile; `None` when
/// none is left.
fn still_listed(listed: &RegionVersion, from: Timestamp, to: Timestamp) -> Option<RegionVersion> {
    let ends = |lts| support::ends(listed.version.minor(), lts).is_some_and(|end| from < end && end <= to);
    let (official, lts) = (listed.official && !ends(false), listed.lts && !ends(true));
    (official || lts || listed.preview).then(|| RegionVersion { official, lts, ..listed.clone() })
}

/// Returns what Azure will offer a cluster: what the region lists as upgrades from its version. To one out of support, the
/// oldest minor that is supported.
///
/// Source of the rules: learn.microsoft.com, "Supported Kubernetes versions in AKS"; the recorded lists of regions.
fn predicted(cluster: &Cluster, offers: &Offers) -> Vec<Offer> {
    let running = &cluster.version;
    let Some(region) = &offers.region else {
        return offers.upgrades.iter().filter(|offer| offer.version > *running).cloned().collect();
    };
    let covers =
        |listed: &&RegionVersion| if cluster.lts { listed.lts } else { listed.official || listed.preview };
    let above = || region.iter().filter(covers).filter(|listed| listed.version > *running);
    let is_supported = Graph::new(running, cluster.lts, offers).is_supported();
    let oldest = above().filter(|listed| !listed.preview).map(|listed| listed.version.minor()).min();
    let from_here = region.iter().find(|listed| listed.version == *running);
    let is_long_term = !region.iter().any(|one| one.version.minor() == running.minor() && one.official);
    let follows = |listed: &&RegionVersion| match from_here {
        _ if !is_supported => Some(listed.version.minor()) == oldest,
        Some(here) => here.upgrades.contains(&listed.version),
        None if is_long_term => is_leap(running.minor(), listed.version.minor()),
        None => [running.minor(), running.minor().next()].contains(&listed.version.minor()),
    };
    let offer = |listed: &RegionVersion| Offer { version: listed.version.clone(), preview: listed.preview };
    above().filter(follows).map(offer).collect()
}

/// A version step brings the latest image along.
fn bring_images(step: &Step, seen: &mut Seen) {
    let moved = |pool: &str| match &step.work {
        Work::Cluster { .. } => true,
        Work::Pool { pool: name, .. } => name == pool,
        _ => false,
    };
    for pool in seen.cluster.pools.iter_mut().filter(|pool| !pool.machines && moved(&pool.name)) {
        if let Some(latest) =
            seen.offers.images.get(&pool.name).filter(|latest| pool.image.is_older_than(latest))
        {
            pool.image = latest.clone();
        }
    }
}

/// What a pool is offered depends on its version and on that of the control plane: after a move nobody knows it.
fn forget_offers(before: &Cluster, after: &Cluster, offers: &mut Offers) {
    let version = |cluster: &Cluster, pool: &str| cluster.pool(pool).map(|pool| pool.version.clone());
    let stays = |pool: &str| before.version == after.version && version(before, pool) == version(after, pool);
    offers.pools.retain(|pool, _| stays(pool));
}

/// Nodes of which Azure shows no version, such as Karpenter's, are read as being where the cluster is.
fn follow(cluster: &mut Cluster) {
    for pool in cluster.pools.iter_mut().filter(|pool| !pool.version_shown) {
        pool.version = cluster.version.clone();
    }
}

/// Nothing runs any more, and what was asked for is there.
fn come_to_rest(cluster: &mut Cluster) {
    let rest = |state: &mut State| {
        if state.operation().is_some() {
            *state = State::Succeeded;
        }
    };
    rest(&mut cluster.state);
    cluster.unfinished.take_if(|to| *to <= cluster.version);
    for pool in &mut cluster.pools {
        rest(&mut pool.state);
        pool.unfinished.take_if(|to| *to <= pool.version);
    }
}
