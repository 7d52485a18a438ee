//! How far a step has come, and what keeps it from starting, whatever the time.

use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Pool, Power, State};
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::{Offer, Offers};
use crate::upgrade::resume;
use crate::upgrade::seen::Seen;
use crate::upgrade::step::{Manner, Step, Work};
use crate::upgrade::task::Component;
use crate::upgrade::version::{Version, breaks_skew};

/// Tells whether a step is done: the target reached or passed, **and** the resource `Succeeded`.
///
/// Azure shows a version while the operation still runs, so the version alone says nothing. An image counts
/// also when it is Azure's latest, for a Kubernetes upgrade may have moved the pool to another family. A channel
/// is shown at once, too, and its operation ends later; a maintenance configuration has none.
pub(super) fn is_done(step: &Step, seen: &Seen) -> bool {
    is_reached(&step.work, seen)
        && states(&step.work, &seen.cluster).into_iter().all(|state| *state == State::Succeeded)
}

/// Says why a step that was started, or was found running, is not done although its operation has ended.
pub(super) fn came_to_nothing(step: &Step, cluster: &Cluster) -> Option<Block> {
    let Some(found) = found(&step.work, cluster) else { return gone(step) };
    failure_of(&step.work, cluster).or_else(|| Some(Block::NoEffect { work: step.work.clone(), found }))
}

/// Returns what runs or is held where the step leads; `None` when there is no such pool.
fn found(work: &Work, cluster: &Cluster) -> Option<String> {
    match work {
        Work::Image { pool, .. } => Some(cluster.pool(pool)?.image.to_string()),
        Work::MaintenanceConfiguration { name, .. } => Some(cluster.held_window(name).to_string()),
        Work::Channel { to, .. } => Some(to.held(cluster).unwrap_or("none").to_owned()),
        work => Some(version_of(work, cluster)?.to_string()),
    }
}

/// Says what keeps a step from starting on this cluster, windows aside.
pub(super) fn obstacle(step: &Step, seen: &Seen) -> Option<Block> {
    let cluster = &seen.cluster;
    if cluster.power == Power::Stopped && step.work.is_on_cluster() {
        return Some(Block::ClusterStopped);
    }
    let known = out_of_reach(step, seen).or_else(|| unplanned_failure(step, seen));
    let known = known.or_else(|| would_resume(step, cluster));
    known.or_else(|| rolled_back(step, cluster)).or_else(|| match &step.work {
        Work::Pool { pool, to, .. } => {
            above(pool, to, cluster).or_else(|| not_offered_to(pool, step, to, &seen.offers))
        }
        Work::ControlPlane { to, .. } => not_offered(step, to, &seen.offers).or_else(|| behind(to, cluster)),
        Work::Cluster { to, .. } => not_offered(step, to, &seen.offers),
        Work::Image { .. } | Work::MaintenanceConfiguration { .. } | Work::Channel { .. } => None,
    })
}

/// Says why a step cannot be done any more, whatever the steps before it bring: its pool is gone or cannot be
/// upgraded, or its image is no longer the latest.
pub(super) fn out_of_reach(step: &Step, seen: &Seen) -> Option<Block> {
    let pool = step.work.pool().and_then(|name| seen.cluster.pool(name));
    let Some(pool) = pool else { return gone(step) };
    Block::hindrance(pool).or_else(|| match &step.work {
        Work::Image { to, .. } => moved_on(pool, to, &seen.offers),
        _ => None,
    })
}

/// Tells whether what Azure shows is where a step leads, or beyond, whatever the state of it is.
#[must_use]
pub fn is_reached(work: &Work, seen: &Seen) -> bool {
    let cluster = &seen.cluster;
    match work {
        Work::ControlPlane { to, .. } => cluster.version >= *to,
        Work::Pool { pool, to, .. } => cluster.pool(pool).is_some_and(|pool| pool.version >= *to),
        Work::Cluster { to, .. } => cluster.version >= *to && moved(cluster).all(|pool| pool.version >= *to),
        Work::Image { pool, to, .. } => cluster.pool(pool).is_some_and(|pool| {
            let is_latest = seen.offers.images.get(&pool.name) == Some(&pool.image);
            is_latest || !pool.image.is_older_than(to)
        }),
        Work::MaintenanceConfiguration { name, to, .. } => cluster.held_window(name).agrees(to, seen.at),
        Work::Channel { to, .. } => to.held(cluster) == Some(to.setting()),
    }
}

/// Returns the pools that an upgrade of the whole cluster moves.
fn moved(cluster: &Cluster) -> impl Iterator<Item = &Pool> {
    cluster.pools.iter().filter(|pool| !pool.machines)
}

/// Returns the states that must be `Succeeded` for work to be done.
fn states<'a>(work: &Work, cluster: &'a Cluster) -> Vec<&'a State> {
    let one = |name| cluster.pool(name).into_iter().map(|pool| &pool.state).collect();
    match work {
        Work::Cluster { .. } => {
            std::iter::once(&cluster.state).chain(moved(cluster).map(|pool| &pool.state)).collect()
        }
        Work::ControlPlane { .. } | Work::Channel { .. } => vec![&cluster.state],
        Work::Pool { pool, .. } | Work::Image { pool, .. } => one(pool),
        Work::MaintenanceConfiguration { .. } => Vec::new(),
    }
}

fn gone(step: &Step) -> Option<Block> {
    step.work.pool().map(|pool| Block::PoolGone { pool: pool.to_owned() })
}

fn failure_of(work: &Work, cluster: &Cluster) -> Option<Block> {
    states(work, cluster).into_iter().find_map(|state| Block::failure(work.component(), state))
}

/// Says that a write to the cluster would go on with the failed upgrade of a pool that no plan counted in.
fn would_resume(step: &Step, cluster: &Cluster) -> Option<Block> {
    let counted = |pool: &Pool| step.resumes.iter().any(|task| task.component.pool() == Some(&pool.name));
    let failed = resume::pools(cluster).find(|pool| !counted(pool)).filter(|_| step.work.is_on_whole())?;
    Block::failure(Component::Pool(failed.name.clone()), &failed.state)
}

/// Returns a failure that the plan did not know of.
///
/// The plan knew of a failure when the step is its repair, or when it counted in what its write goes on with, and the
/// component failed before it got where this step leads. Nothing goes on from a failed control plane, except a node
/// image, which does not depend on it.
fn unplanned_failure(step: &Step, seen: &Seen) -> Option<Block> {
    let (alone, repairs) = (matches!(step.work, Work::ControlPlane { .. }), step.manner == Manner::Repair);
    let goes_on =
        seen.cluster.unfinished.as_ref().is_some_and(|unfinished| step.work.version() >= Some(unfinished));
    let is_planned = match step.work.version() {
        Some(to) if repairs => version_of(&step.work, &seen.cluster) == Some(to),
        _ if alone => goes_on && !is_reached(&step.work, seen),
        _ => repairs || !is_reached(&step.work, seen),
    };
    let is_planned = is_planned && counts_in(step, seen);
    let own = failure_of(&step.work, &seen.cluster).filter(|_| !is_planned);
    let leans = matches!(step.work, Work::Pool { .. }) && !repairs;
    let whole = || Block::failure(Component::ControlPlane, &seen.cluster.state);
    own.or_else(|| whole().filter(|_| leans))
}

/// Tells whether the plan counted in what failed where the step writes, and every kind of work that it may be: a pool by
/// itself, or the whole.
fn counts_in(step: &Step, seen: &Seen) -> bool {
    let now = match step.work.pool().map(|name| seen.cluster.pool(name)) {
        Some(pool) => pool.map(|pool| resume::by_pool(pool, &seen.offers)).unwrap_or_default(),
        None => resume::by_control_plane(&seen.cluster),
    };
    now.iter().all(|task| step.resumes.contains(task))
}

/// Says that what a repair was planned for runs an older version by now: the step would be another kind of work.
fn rolled_back(step: &Step, cluster: &Cluster) -> Option<Block> {
    let to = step.work.version()?;
    let older = version_of(&step.work, cluster).is_some_and(|version| version < to);
    if older && step.manner == Manner::Repair { came_to_nothing(step, cluster) } else { None }
}

/// Returns the version of what the work is done on; `None` when there is no such pool.
fn version_of<'a>(work: &Work, cluster: &'a Cluster) -> Option<&'a Version> {
    match work.pool() {
        Some(pool) => cluster.pool(pool).map(|pool| &pool.version),
        None => Some(&cluster.version),
    }
}

/// Says that Azure does not offer a version to the control plane now.
fn not_offered(step: &Step, to: &Version, offers: &Offers) -> Option<Block> {
    let unknown = Block::not_read(offers).filter(|_| step.manner != Manner::Repair);
    unknown.or_else(|| missing(step, to, &offers.upgrades, None))
}

/// Says that Azure does not offer a version to a pool now, or does not tell; nothing of a pool that was not asked for.
fn not_offered_to(pool: &str, step: &Step, to: &Version, offers: &Offers) -> Option<Block> {
    let listed = offers.pools.get(pool);
    let unknown =
        Block::not_read_of(pool, offers).filter(|_| step.manner != Manner::Repair && listed.is_none());
    unknown.or_else(|| missing(step, to, listed?, Some(pool)))
}

/// Says that a pool could not follow a control plane that is about to leave: what is known of it before, for a profile
/// lists versions up to that of the control plane.
pub(super) fn stranded<'a>(
    step: &Step,
    mut follow: impl Iterator<Item = &'a Step>,
    seen: &Seen,
) -> Option<Block> {
    let Work::ControlPlane { to: hop, .. } = &step.work else { return None };
    if step.manner != Manner::Upgrade {
        return None;
    }
    follow.find_map(|step| match &step.work {
        Work::Pool { pool, to, .. } if to <= hop => {
            Block::not_offered_to(pool, to, &seen.cluster.version, &seen.offers)
        }
        work => Block::not_read_of(work.pool()?, &seen.offers),
    })
}

fn missing(step: &Step, to: &Version, offers: &[Offer], pool: Option<&str>) -> Option<Block> {
    Block::not_listed(pool, to, offers).filter(|_| step.manner != Manner::Repair)
}

/// Says that a pool would be too far behind a control plane that moves alone.
fn behind(to: &Version, cluster: &Cluster) -> Option<Block> {
    let behind = cluster.pools.iter().find(|pool| breaks_skew(&pool.version, to))?;
    Some(Block::skew(&behind.name, &behind.version, to))
}

fn above(pool: &str, to: &Version, cluster: &Cluster) -> Option<Block> {
    (*to > cluster.version).then(|| Block::AboveControlPlane {
        pool: pool.to_owned(),
        version: to.clone(),
        control_plane: cluster.version.clone(),
    })
}

fn moved_on(pool: &Pool, planned: &NodeImage, offers: &Offers) -> Option<Block> {
    let latest = offers.images.get(&pool.name);
    let unknown = Block::not_read_of(&pool.name, offers).filter(|_| latest.is_none());
    let moved =
        || Block::ImageMovedOn { pool: pool.name.clone(), planned: planned.clone(), latest: latest.cloned() };
    // A repair stays at its own image, also where the latest is another one of the same age.
    let stays = |latest: &NodeImage| {
        let is_as_old = !pool.image.is_older_than(latest) && !latest.is_older_than(&pool.image);
        pool.image == *planned && is_as_old
    };
    unknown.or_else(|| (latest != Some(planned) && !latest.is_some_and(stays)).then(moved))
}
