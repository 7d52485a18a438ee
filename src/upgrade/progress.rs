//! How far a step has come, and what keeps it from starting, whatever the time.

use std::cmp::Ordering;

use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Pool, Power, State};
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::Offers;
use crate::upgrade::plan::order::hindrance;
use crate::upgrade::plan::owner::{failure, skew};
use crate::upgrade::plan::path::breaks_skew;
use crate::upgrade::plan::{Change, Component, Step, StepKind};
use crate::upgrade::policy::Target;
use crate::upgrade::version::Version;

/// Tells whether a step is done: the target reached or passed, **and** the resource `Succeeded`.
///
/// Azure shows a version while the operation still runs, so the version alone says nothing. An image counts
/// also when it is Azure's latest, for a Kubernetes upgrade may have moved the pool to another family.
pub(super) fn is_done(step: &Step, cluster: &Cluster, offers: &Offers) -> bool {
    is_reached(step, cluster, offers)
        && states(&step.component, cluster).all(|state| *state == State::Succeeded)
}

/// Says why a step that was started, or was found running, is not done although its operation has ended.
pub(super) fn came_to_nothing(step: &Step, cluster: &Cluster) -> Option<Block> {
    let component = step.component.clone();
    let found = match &step.change {
        Change::Kubernetes { .. } => version_of(step, cluster).map(ToString::to_string),
        Change::NodeImage { .. } => pool_of(step, cluster).map(|pool| pool.image.to_string()),
    };
    let wanted = match &step.change {
        Change::Kubernetes { to, .. } => to.to_string(),
        Change::NodeImage { to, .. } => to.to_string(),
    };
    match found {
        None => gone(step),
        Some(found) => {
            failure_of(&step.component, cluster).or(Some(Block::NoEffect { component, wanted, found }))
        }
    }
}

/// Says what keeps a step from starting on this cluster, windows aside.
pub(super) fn obstacle(step: &Step, cluster: &Cluster, offers: &Offers) -> Option<Block> {
    if cluster.power == Power::Stopped {
        return Some(Block::ClusterStopped);
    }
    let known = out_of_reach(step, cluster, offers).or_else(|| unplanned_failure(step, cluster, offers));
    known.or_else(|| rolled_back(step, cluster)).or_else(|| match &step.change {
        Change::Kubernetes { to, .. } => match pool_of(step, cluster) {
            Some(pool) => above(pool, to, cluster),
            None => refused(step, to, cluster, offers),
        },
        Change::NodeImage { .. } => None,
    })
}

/// Says why a step cannot be done any more, whatever the steps before it bring: its pool is gone or cannot be
/// upgraded, or its image is no longer the latest.
pub(super) fn out_of_reach(step: &Step, cluster: &Cluster, offers: &Offers) -> Option<Block> {
    let Some(pool) = pool_of(step, cluster) else { return gone(step) };
    hindrance(pool).or_else(|| match &step.change {
        Change::Kubernetes { .. } => None,
        Change::NodeImage { to, .. } => moved_on(pool, to, offers),
    })
}

fn is_reached(step: &Step, cluster: &Cluster, offers: &Offers) -> bool {
    let pool = pool_of(step, cluster);
    match &step.change {
        Change::Kubernetes { to, .. } => match &step.component {
            Component::ControlPlane => cluster.version >= *to,
            Component::Pool(_) => pool.is_some_and(|pool| pool.version >= *to),
            Component::Cluster => cluster.version >= *to && moved(cluster).all(|pool| pool.version >= *to),
        },
        Change::NodeImage { to, .. } => pool.is_some_and(|pool| {
            let is_latest = offers.images.get(&pool.name) == Some(&pool.image);
            is_latest || matches!(pool.image.compare(to), Some(Ordering::Equal | Ordering::Greater))
        }),
    }
}

/// Returns the pools that an upgrade of the whole cluster moves.
fn moved(cluster: &Cluster) -> impl Iterator<Item = &Pool> {
    cluster.pools.iter().filter(|pool| !pool.machines)
}

/// Returns the states that must be `Succeeded` for a component to be done.
fn states<'a>(component: &'a Component, cluster: &'a Cluster) -> impl Iterator<Item = &'a State> {
    let whole = !matches!(component, Component::Pool(_));
    let pools = cluster.pools.iter().filter(move |pool| match component {
        Component::ControlPlane => false,
        Component::Pool(name) => pool.name == *name,
        Component::Cluster => !pool.machines,
    });
    whole.then_some(&cluster.state).into_iter().chain(pools.map(|pool| &pool.state))
}

fn pool_of<'a>(step: &Step, cluster: &'a Cluster) -> Option<&'a Pool> {
    match &step.component {
        Component::Pool(name) => cluster.pool(name),
        Component::ControlPlane | Component::Cluster => None,
    }
}

fn gone(step: &Step) -> Option<Block> {
    match &step.component {
        Component::Pool(pool) => Some(Block::PoolGone { pool: pool.clone() }),
        Component::ControlPlane | Component::Cluster => None,
    }
}

fn failure_of(component: &Component, cluster: &Cluster) -> Option<Block> {
    states(component, cluster).find_map(|state| failure(component.clone(), state))
}

/// Returns a failure that the plan did not know of.
///
/// The plan knew of a failure when the step is its repair, or when the component failed before it got
/// where this step leads: then the step's write resumes it. Nothing goes on from a failed control plane,
/// except a node image, which does not depend on it.
fn unplanned_failure(step: &Step, cluster: &Cluster, offers: &Offers) -> Option<Block> {
    let is_planned = match &step.change {
        Change::Kubernetes { to, .. } if step.kind == StepKind::Repair => {
            version_of(step, cluster) == Some(to)
        }
        _ => {
            let repairs = step.kind == StepKind::Repair;
            step.component != Component::ControlPlane && (repairs || !is_reached(step, cluster, offers))
        }
    };
    let own = failure_of(&step.component, cluster).filter(|_| !is_planned);
    let leans = matches!((&step.component, &step.change), (Component::Pool(_), Change::Kubernetes { .. }));
    own.or_else(|| failure_of(&Component::ControlPlane, cluster).filter(|_| leans))
}

/// Says that what a repair was planned for runs an older version by now: the step would be another kind of work.
fn rolled_back(step: &Step, cluster: &Cluster) -> Option<Block> {
    let Change::Kubernetes { to, .. } = &step.change else { return None };
    let older = version_of(step, cluster).is_some_and(|version| version < to);
    if older && step.kind == StepKind::Repair { came_to_nothing(step, cluster) } else { None }
}

fn version_of<'a>(step: &Step, cluster: &'a Cluster) -> Option<&'a Version> {
    match step.component {
        Component::Pool(_) => pool_of(step, cluster).map(|pool| &pool.version),
        Component::ControlPlane | Component::Cluster => Some(&cluster.version),
    }
}

/// Says that Azure does not offer a version to the control plane now, or that a pool is too far behind for it.
fn refused(step: &Step, to: &Version, cluster: &Cluster, offers: &Offers) -> Option<Block> {
    if step.kind != StepKind::Repair && !offers.upgrades.iter().any(|offer| offer.version == *to) {
        let mut offered: Vec<Version> = offers.upgrades.iter().map(|offer| offer.version.clone()).collect();
        offered.sort_unstable();
        return Some(Block::VersionNotOffered { wanted: Target::Exact(to.clone()), offered });
    }
    let alone = step.component == Component::ControlPlane;
    let behind = cluster.pools.iter().find(|pool| alone && breaks_skew(&pool.version, to))?;
    Some(skew(&behind.name, &behind.version, to))
}

fn above(pool: &Pool, to: &Version, cluster: &Cluster) -> Option<Block> {
    (*to > cluster.version).then(|| Block::AboveControlPlane {
        pool: pool.name.clone(),
        version: to.clone(),
        control_plane: cluster.version.clone(),
    })
}

fn moved_on(pool: &Pool, planned: &NodeImage, offers: &Offers) -> Option<Block> {
    let latest = offers.images.get(&pool.name);
    (latest != Some(planned)).then(|| Block::ImageMovedOn {
        pool: pool.name.clone(),
        planned: planned.clone(),
        latest: latest.cloned(),
    })
}
