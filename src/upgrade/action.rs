//! The next thing to do: start a step, poll, wait until, finish, stop.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::upgrade::attempted::Attempted;
use crate::upgrade::block::Block;
use crate::upgrade::cluster::Cluster;
use crate::upgrade::plan::aks::{judged, moved_on};
use crate::upgrade::progress::{came_to_nothing, is_done, obstacle, out_of_reach, stranded};
use crate::upgrade::promise::{OutsideWindow, Promise};
use crate::upgrade::seen::Seen;
use crate::upgrade::slot::{held, misfit, slot};
use crate::upgrade::step::{Manner, Step, Work};
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::later;

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the write that starts this step.
    Start(Step),
    /// Something runs in Azure (ours or somebody else's); look again later. Carries Azure's word for it.
    Poll(String),
    /// Nothing may start before this instant.
    WaitUntil(Timestamp),
    /// Every promised step is done.
    Finish,
    /// The promise cannot be kept.
    Stop(Block),
}

/// Decides the next thing to do, from observation alone.
///
/// Call it again after whatever it said: [`Action::Start`] once the operation has ended, [`Action::Poll`] after
/// a while, [`Action::WaitUntil`] at that instant, each time with what was observed anew. It may be
/// abandoned at any point and begun again with a new plan.
///
/// `attempted` is what *this* run has tried; nothing at its beginning. It is what keeps a run from starting a step
/// twice: when a step whose operation has ended is not done, it failed or had no effect, and the run stops. A later
/// run may try again, and plans a repair for it. The same holds for a step that the plan found running
/// ([`Manner::Attach`]): it is waited for and never started. The soak counts
/// from the end that this run saw, or that is known of an earlier one; without any, it is over.
///
/// What is asked first wins: a step that came to nothing, before what keeps the next one from starting, before what
/// makes a promise not worth beginning, before the soak, before the windows.
///
/// A promise of which any step is out of reach (its pool is gone, its image moved on) is not begun: half an
/// upgrade is not what was planned.
#[must_use]
pub fn next(
    promise: &Promise,
    seen: &Seen,
    windows: &Windows,
    outside: OutsideWindow,
    attempted: &Attempted,
) -> Action {
    let is_due = |step: &&Step| !is_done(step, seen);
    let Some(step) = promise.steps.iter().find(is_due) else { return at_the_end(promise, &seen.cluster) };
    if let Some(operation) = seen.cluster.operation().filter(|_| step.work.is_on_cluster()) {
        return Action::Poll(operation.to_owned());
    }
    let attached = promise.steps.iter().filter(|step| step.is_running());
    let failed = attempted.done().chain(attached).filter(is_due);
    let failed = failed.into_iter().find_map(|step| came_to_nothing(step, &seen.cluster));
    let broken = || {
        let mut due = promise.steps.iter().filter(|_| !attempted.has_begun()).filter(is_due);
        due.find_map(|step| out_of_reach(step, seen))
    };
    let moved_on = || moved_on(step, &promise.steps, windows, seen);
    let stranded = || stranded(step, follow(promise, seen), seen);
    if let Some(block) =
        failed.or_else(|| obstacle(step, seen)).or_else(moved_on).or_else(broken).or_else(stranded)
    {
        return Action::Stop(block);
    }
    // Of whichever pool ended last: somebody else may have done the step in between, or before this run.
    let soaked_at = attempted.last_end_of_a_pool().map(|end| later(end, promise.soak));
    let before = seen.pool_ended.filter(|_| !promise.soak.is_zero()).map(|end| later(end, promise.soak));
    match soaked_at.max(before.max(promise.soaked_at).filter(|_| step.needs_opening())) {
        Some(ready) if seen.at < ready => Action::WaitUntil(ready),
        _ => when_open(step, promise, windows, outside, seen),
    }
}

/// Stays with an operation that was found running to its end: it may work on more than what was promised.
fn at_the_end(promise: &Promise, cluster: &Cluster) -> Action {
    match cluster.state.operation().filter(|_| promise.attaches() && cluster.state.is_upgrading()) {
        Some(operation) => Action::Poll(operation.to_owned()),
        None => Action::Finish,
    }
}

/// Returns the first promised step that is not done: the one that [`next`] decides about.
#[must_use]
pub fn due<'a>(promise: &'a Promise, seen: &Seen) -> Option<&'a Step> {
    promise.steps.iter().find(|step| !is_done(step, seen))
}

/// Returns the steps that are left to bring pools to another version, those of a later apply included.
fn follow<'a>(promise: &'a Promise, seen: &Seen) -> impl Iterator<Item = &'a Step> {
    let moves = |step: &&Step| step.manner == Manner::Upgrade && matches!(step.work, Work::Pool { .. });
    promise.steps.iter().chain(&promise.left).filter(moves).filter(|step| !is_done(step, seen))
}

/// Returns the pools whose own offers decide whether the step that is due may start: the pool that it moves, or every
/// pool that follows a control plane, which cannot come back.
#[must_use]
pub fn to_ask(promise: &Promise, seen: &Seen) -> BTreeSet<String> {
    let starts = |step: &&Step| step.manner == Manner::Upgrade && seen.cluster.operation().is_none();
    let name = |step: &Step| step.work.pool().map(str::to_owned);
    match due(promise, seen).filter(starts) {
        Some(step @ Step { work: Work::Pool { .. }, .. }) => name(step).into_iter().collect(),
        Some(Step { work: Work::ControlPlane { .. }, .. }) => {
            follow(promise, seen).filter_map(name).collect()
        }
        _ => BTreeSet::new(),
    }
}

/// Starts a step if a window is open for long enough.
fn when_open(
    step: &Step,
    promise: &Promise,
    windows: &Windows,
    outside: OutsideWindow,
    seen: &Seen,
) -> Action {
    let (step_now, now) = (judged(step, seen), seen.at);
    match slot(&step_now, windows, now, now) {
        Ok(slot) if slot.start == now => Action::Start(step.clone()),
        Ok(slot) if outside == OutsideWindow::Wait => Action::WaitUntil(slot.start),
        Ok(slot) => Action::Stop(closed(held(&step_now, windows, now, slot), promise, now)),
        Err(reason) => Action::Stop(misfit(&step_now, windows, reason)),
    }
}

/// Adds when the opening that was promised ended, if it did.
fn closed(block: Block, promise: &Promise, now: Timestamp) -> Block {
    match block {
        Block::WindowClosed { component, opens, .. } => {
            let ended = promise.opening.map(|opening| opening.end).filter(|end| *end <= now);
            Block::WindowClosed { component, closed: ended, opens }
        }
        other => other,
    }
}
