//! `executor = "aks"`: what Azure does not hold yet, so that it upgrades by itself.
//!
//! Two things are kept in Azure as the configuration says, for versions, images or both: the maintenance
//! configuration, translated from the one window, and the channel. Each is written only when it differs, the window before
//! the channel that it restrains.

use std::borrow::Cow;

use jiff::SignedDuration;

use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, HeldWindow};
use crate::upgrade::plan::{Plan, estimate, owner};
use crate::upgrade::policy::AutoUpgrade;
use crate::upgrade::resume;
use crate::upgrade::seen::Seen;
use crate::upgrade::step::{Manner, Step, Work};
use crate::upgrade::window::Windows;
use crate::upgrade::window::translate::translate;

/// The estimate of a change of settings: 108 seconds were recorded.
const SETTING: SignedDuration = SignedDuration::from_mins(2);

/// Turns the plan of our own steps into that of a cluster which Azure upgrades: what is left to write.
///
/// The version that Azure heads for stays; that its channel is on is what was asked for. What Azure holds has to have
/// been read.
pub(super) fn plan(seen: &Seen, wanted: &AutoUpgrade, own: Plan) -> Plan {
    let unread =
        |channel: &AksChannel| seen.cluster.held_window(channel.configuration()) == HeldWindow::NotRead;
    if wanted.channels.iter().any(unread) {
        return Plan { steps: Vec::new(), blocks: vec![Block::NotObserved { argument: "executor" }], ..own };
    }
    let refused = wanted.channels.iter().find_map(|channel| lts(channel, &seen.cluster));
    let works = wanted.channels.iter().flat_map(|channel| {
        let window = window(channel.configuration(), &wanted.windows, seen);
        let switch = switch(channel, &seen.cluster).filter(|_| lts(channel, &seen.cluster).is_none());
        window.into_iter().chain(switch)
    });
    let left = Some(own.steps).filter(|steps| !steps.is_empty() && refused.is_none());
    let left = left.map(|steps| Block::LeftToAks { steps });
    let step = |work| {
        let step = Step { work, manner: Manner::Upgrade, estimate: SETTING, resumes: Vec::new() };
        judged(&step, seen).into_owned()
    };
    Plan {
        steps: works.map(step).collect(),
        meanwhile: Vec::new(),
        blocks: refused
            .into_iter()
            .chain(owner::of_cluster(&seen.cluster))
            .chain(left)
            .chain(own.blocks.into_iter().filter_map(for_aks))
            .collect(),
        ..own
    }
}

/// Returns what stands in the way of AKS as it stands in ours: the pools, their systems and what Azure offers. An order, a
/// soak and what a write of ours would go on with are no concern of AKS.
fn for_aks(block: Block) -> Option<Block> {
    match block {
        Block::VersionsNotListed { wanted, location, .. } => {
            Some(Block::VersionsNotListed { wanted, location, by_aks: true })
        }
        Block::OffersNotRead { pool, .. } => Some(Block::OffersNotRead { pool, by_aks: true }),
        Block::PoolStopped { .. }
        | Block::MachinesPool { .. }
        | Block::SnapshotBound { .. }
        | Block::VersionNotOffered { .. }
        | Block::LtsOnly { .. }
        | Block::Skew { .. }
        | Block::OsNotSupported { .. }
        | Block::OsChanges { .. }
        | Block::NodesFollow { .. }
        | Block::ImageNotOffered { .. } => Some(block),
        _ => None,
    }
}

/// Returns the window to write; `None` when Azure holds it, and when AKS cannot express it.
fn window(name: &'static str, windows: &Windows, seen: &Seen) -> Option<Work> {
    let to = translate(windows, seen.at).ok()?;
    let from = seen.cluster.held_window(name);
    (!from.agrees(&to, seen.at)).then(|| Work::MaintenanceConfiguration { name, from, to })
}

/// Says that AKS refuses the channel: with long-term support it takes `patch` alone (docs, long-term-support).
fn lts(channel: &AksChannel, cluster: &Cluster) -> Option<Block> {
    match channel {
        AksChannel::Versions(channel) if cluster.lts && *channel != "patch" => {
            Some(Block::LtsChannel { channel })
        }
        _ => None,
    }
}

fn switch(to: &AksChannel, cluster: &Cluster) -> Option<Work> {
    let held = to.held(cluster);
    (held != Some(to.setting())).then(|| Work::Channel {
        to: to.clone(),
        from: held.unwrap_or("none").to_owned(),
        disrupts: to.disrupts(cluster),
    })
}

/// Says that what has to be written is no longer what was planned.
///
/// A channel without the window that restrains it is not switched on, and a window that would now be another
/// one is not written. What else differs and was not promised is left to the next plan.
pub(in crate::upgrade) fn moved_on(
    step: &Step,
    promised: &[Step],
    windows: &Windows,
    seen: &Seen,
) -> Option<Block> {
    let (name, promise) = match &step.work {
        Work::MaintenanceConfiguration { name, to, .. } => (*name, Some(to.to_string())),
        Work::Channel { to, .. } => (to.configuration(), None),
        _ => return None,
    };
    let due = window(name, windows, seen);
    if due.as_ref().map(Work::to) == promise {
        return None;
    }
    let is_its = |work: &&Work| matches!(work, Work::Channel { to, .. } if to.configuration() == name);
    let channel = promised.iter().map(|step| &step.work).filter(is_its);
    Some(Block::SettingsMovedOn { due: due.into_iter().chain(channel.cloned()).collect() })
}

/// Returns a step as it has to be judged now: what a channel disrupts, and goes on with, changes with the cluster.
#[must_use]
pub fn judged<'a>(step: &'a Step, seen: &Seen) -> Cow<'a, Step> {
    match &step.work {
        Work::Channel { to, from, .. } => {
            let disrupts = to.disrupts(&seen.cluster);
            let work = Work::Channel { to: to.clone(), from: from.clone(), disrupts };
            let estimate = SETTING.saturating_add(estimate::resumed(&seen.cluster));
            let resumes = resume::by_cluster(&seen.cluster, &seen.offers);
            Cow::Owned(Step { work, estimate, resumes, ..step.clone() })
        }
        _ => Cow::Borrowed(step),
    }
}
