//! The steps to the latest node images, pool by pool.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Pool};
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::Offers;
use crate::upgrade::plan::order::{hindrance, is_left_alone, oldest_first};
use crate::upgrade::plan::{Plan, estimate};
use crate::upgrade::policy::{ImageGoal, Policy, Rollout};
use crate::upgrade::resume;
use crate::upgrade::seen::Seen;
use crate::upgrade::step::{Manner, Step, Work};

/// Puts the steps to images beside those to a version, so that no pool is drained twice: a version step brings the latest
/// image along.
///
/// Images come after the versions; on a way of their own they come before, for while the versions wait.
pub(super) fn beside(images: Plan, versions: Plan) -> Plan {
    let Plan { steps, meanwhile, mut blocks, .. } = versions;
    let follow = |mut way: Vec<Step>| {
        let rest: Vec<Step> = images.steps.iter().filter(|step| !is_moved(step, &way)).cloned().collect();
        way.extend(rest);
        way
    };
    let is_image = |step: &Step| matches!(step.work, Work::Image { .. });
    let rest = steps.iter().filter(|step| !is_image(step) || !is_moved(step, &images.steps));
    let first = (!images.steps.is_empty() && !steps.is_empty())
        .then(|| images.steps.iter().chain(rest).cloned().collect::<Vec<Step>>());
    // Of images alone, one that repairs has no place of its own: it would keep the others behind a pool that fails again.
    let as_repair = |step: &Step| steps.iter().find(|other| other.work == step.work).unwrap_or(step).clone();
    let steps = match &first {
        Some(first) if steps.iter().all(is_image) => first.iter().map(as_repair).collect(),
        _ => steps,
    };
    let moved = |block: &Block| block.pool().is_some_and(|pool| steps.iter().any(|step| moves(step, pool)));
    let more: Vec<Block> =
        images.blocks.iter().filter(|block| !moved(block) && !blocks.contains(block)).cloned().collect();
    blocks.extend(more);
    let meanwhile = meanwhile.into_iter().map(follow).chain(first).collect();
    Plan { steps: follow(steps), meanwhile, blocks, ..versions }
}

/// Tells whether one of the steps moves the pool of an image, and so brings it the latest one.
#[must_use]
pub fn is_moved(image: &Step, steps: &[Step]) -> bool {
    image.work.pool().is_some_and(|pool| steps.iter().any(|step| moves(step, pool)))
}

fn moves(step: &Step, pool: &str) -> bool {
    matches!(step.work, Work::Cluster { .. }) || step.work.pool() == Some(pool)
}

/// Computes the steps to the latest image of each pool, and what blocks them.
pub(super) fn plan(seen: &Seen, policy: &Policy, wanted: &ImageGoal) -> Plan {
    let Seen { at, cluster, offers, .. } = seen;
    let pools = wanted.pools.as_ref();
    let min = wanted.min_age.filter(|_| !policy.ignores_age(*at));
    let ages = Ages { no_effect: &offers.no_effect, at: *at, min, max: wanted.max_age };
    let mut plan = Plan {
        target: None,
        steps: Vec::new(),
        meanwhile: Vec::new(),
        images_in_any_order: policy.rollout.pool_order.is_empty(),
        blocks: gone(cluster, pools),
        soak: policy.rollout.soak,
        soaked_at: None,
    };
    let wanted = |pool: &&Pool| {
        pools.is_none_or(|pools| pools.contains(&pool.name)) && !is_left_alone(pool, &policy.rollout)
    };
    for pool in oldest_first(cluster, &policy.rollout).into_iter().filter(wanted) {
        match due(pool, offers, &ages, &policy.rollout) {
            Due::Upgrade(to) => plan.steps.push(step(pool, to, &policy.rollout, offers)),
            Due::Nothing => {}
            Due::Blocked(block) => plan.blocks.push(block),
        }
    }
    plan
}

fn gone(cluster: &Cluster, pools: Option<&BTreeSet<String>>) -> Vec<Block> {
    let known: BTreeSet<&str> = cluster.pools.iter().map(|pool| pool.name.as_str()).collect();
    let named = pools.into_iter().flatten();
    named
        .filter(|name| !known.contains(name.as_str()))
        .map(|pool| Block::PoolGone { pool: pool.clone() })
        .collect()
}

/// Returns the step of one pool; one that failed is repaired by it, where it stays if its image is not older.
pub(super) fn step(pool: &Pool, latest: &NodeImage, rollout: &Rollout, offers: &Offers) -> Step {
    let is_behind = pool.image.is_older_than(latest);
    let to = if is_behind { latest } else { &pool.image };
    // What failed gets no settings before its image.
    let without = Rollout::default();
    let rollout = if pool.state.is_failed() || offers.needs_image(pool) { &without } else { rollout };
    Step {
        work: Work::Image { pool: pool.name.clone(), from: pool.image.clone(), to: to.clone() },
        manner: if is_behind { Manner::Upgrade } else { Manner::Repair },
        estimate: estimate::pool(pool, rollout),
        resumes: resume::by_pool(pool, offers),
    }
}

/// How old an image must be to be left, and to be adopted.
struct Ages<'a> {
    no_effect: &'a BTreeMap<String, NodeImage>,
    at: Timestamp,
    min: Option<SignedDuration>,
    max: Option<SignedDuration>,
}

/// What is to be done with one pool.
enum Due<'a> {
    Nothing,
    Upgrade(&'a NodeImage),
    Blocked(Block),
}

fn due<'a>(pool: &Pool, offers: &'a Offers, ages: &Ages, rollout: &Rollout) -> Due<'a> {
    let Some(latest) = offers.images.get(&pool.name) else {
        let unnamed = || Block::ImageNotOffered { pool: pool.name.clone() };
        let unknown = hindrance(pool, rollout).or_else(|| Block::not_read_of(&pool.name, offers));
        return Due::Blocked(unknown.unwrap_or_else(unnamed));
    };
    if ages.no_effect.get(&pool.name) == Some(latest) && pool.image != *latest {
        let work = Work::Image { pool: pool.name.clone(), from: pool.image.clone(), to: latest.clone() };
        return Due::Blocked(Block::NoEffect { work, found: pool.image.to_string() });
    }
    let is_behind = pool.image.is_older_than(latest);
    // A call brings Azure's latest, and nothing is brought to an older one: the block of the failed pool says the rest.
    let is_unfinished = pool.state.is_failed() && !latest.is_older_than(&pool.image);
    if !is_behind && !is_unfinished {
        return Due::Nothing;
    }
    match hindrance(pool, rollout)
        .or_else(|| unfinished(pool))
        .or_else(|| ages.refuse(pool, latest).filter(|_| is_behind))
    {
        Some(block) => Due::Blocked(block),
        None => Due::Upgrade(latest),
    }
}

/// Says that an image call would go on with an upgrade to another version, which no plan of images names.
pub(super) fn unfinished(pool: &Pool) -> Option<Block> {
    let (version, state) = (pool.unfinished.clone()?, pool.state.is_failed());
    let (pool, running) = (pool.name.clone(), pool.version.clone());
    state.then_some(Block::UnfinishedUpgrade { pool, running, version })
}

/// Says that the rules of a policy for images keep an image from a pool, since it is too young.
#[must_use]
pub fn too_young(policy: &Policy, at: Timestamp, pool: &Pool, latest: &NodeImage) -> Option<Block> {
    let min_age = policy.goal.images()?.min_age.filter(|_| !policy.ignores_age(at))?;
    mistrusted(pool, latest, min_age, at)
}

impl Ages<'_> {
    fn refuse(&self, pool: &Pool, latest: &NodeImage) -> Option<Block> {
        self.keeps(pool).or_else(|| mistrusted(pool, latest, self.min?, self.at))
    }

    /// Says that the running image is still young enough to stay; one without a date is of any age.
    fn keeps(&self, pool: &Pool) -> Option<Block> {
        let old_enough_at = older(&pool.image, self.max?)?;
        // "Older than": on the very instant it is not.
        let is_young = old_enough_at >= self.at;
        let (pool, image) = (pool.name.clone(), pool.image.clone());
        is_young.then_some(Block::NotOldEnough { pool, image, old_enough_at })
    }
}

/// Says that the latest image is too young to be adopted.
fn mistrusted(pool: &Pool, latest: &NodeImage, min_age: SignedDuration, at: Timestamp) -> Option<Block> {
    let old_enough_at = older(latest, min_age);
    let is_old = old_enough_at.is_some_and(|instant| instant <= at);
    let (pool, image) = (pool.name.clone(), latest.clone());
    (!is_old).then_some(Block::ImageTooYoung { pool, image, old_enough_at })
}

/// Returns the instant at which an image reaches an age, counted from midnight UTC of its publication.
fn older(image: &NodeImage, age: SignedDuration) -> Option<Timestamp> {
    let midnight = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    image.published().and_then(midnight)?.checked_add(age).ok()
}
