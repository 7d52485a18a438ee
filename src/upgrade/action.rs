//! The next thing to do: start a step, poll, wait until, finish, stop.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::cluster::Cluster;
use crate::upgrade::offer::Offers;
use crate::upgrade::plan::{Step, StepKind};
use crate::upgrade::progress::{came_to_nothing, is_done, obstacle, out_of_reach};
use crate::upgrade::promise::{OutsideWindow, Promise};
use crate::upgrade::slot::{held, misfit, slot, soak_after};
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
/// a while, [`Action::WaitUntil`] at that instant, each time with what was observed anew. It can be left at
/// any point and begun again with a new plan.
///
/// `started` is the step that *this* run started last and whose operation has ended since; `None` at the
/// beginning of a run. It is what keeps a run from starting a step twice: when the step is not done now, it
/// failed or had no effect, and the run stops. A later run may try again, and plans a repair for it. The same
/// holds for a step that the plan found running ([`StepKind::Attach`]): it is waited for and never started.
///
/// A promise of which any step is out of reach (its pool is gone, its image moved on) is not begun: half an
/// upgrade is not what was planned.
///
/// The soak counts from [`Cluster::idle_since`]; without it, it is over.
#[must_use]
pub fn next(
    promise: &Promise,
    cluster: &Cluster,
    offers: &Offers,
    windows: &Windows,
    outside: OutsideWindow,
    started: Option<&Step>,
    now: Timestamp,
) -> Action {
    let is_due = |step: &Step| !is_done(step, cluster, offers);
    let Some(place) = promise.steps.iter().position(is_due) else { return at_the_end(promise, cluster) };
    let Some(step) = promise.steps.get(place) else { return Action::Finish };
    if let Some(operation) = cluster.operation() {
        return Action::Poll(operation.to_owned());
    }
    let attached = promise.steps.iter().filter(|step| step.kind == StepKind::Attach);
    let mut ended = started.into_iter().chain(attached).filter(|step| is_due(step));
    let failed = ended.find_map(|step| came_to_nothing(step, cluster));
    let broken = || {
        let mut due = promise.steps.iter().filter(|step| started.is_none() && is_due(step));
        due.find_map(|step| out_of_reach(step, cluster, offers))
    };
    if let Some(block) = failed.or_else(|| obstacle(step, cluster, offers)).or_else(broken) {
        return Action::Stop(block);
    }
    let before = place.checked_sub(1).and_then(|place| promise.steps.get(place));
    match soaked_at(before, promise.soak, cluster) {
        Some(ready) if now < ready => Action::WaitUntil(ready),
        _ => when_open(step, promise, windows, outside, now),
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
pub fn due<'a>(promise: &'a Promise, cluster: &Cluster, offers: &Offers) -> Option<&'a Step> {
    promise.steps.iter().find(|step| !is_done(step, cluster, offers))
}

/// Starts a step if a window is open for long enough.
fn when_open(
    step: &Step,
    promise: &Promise,
    windows: &Windows,
    outside: OutsideWindow,
    now: Timestamp,
) -> Action {
    match slot(step, windows, now, now) {
        Ok(slot) if slot.start == now => Action::Start(step.clone()),
        Ok(slot) if outside == OutsideWindow::Wait => Action::WaitUntil(slot.start),
        Ok(slot) => Action::Stop(closed(held(step, windows, now, slot), promise, now)),
        Err(reason) => Action::Stop(misfit(step, windows, reason)),
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

fn soaked_at(before: Option<&Step>, soak: SignedDuration, cluster: &Cluster) -> Option<Timestamp> {
    Some(later(cluster.idle_since?, soak_after(before?, soak)))
}
