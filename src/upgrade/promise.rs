//! What an apply now would do.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::course::{course, usual};
use crate::upgrade::plan::Plan;
use crate::upgrade::slot::{Slot, held, lay, misfit, slot};
use crate::upgrade::step::Step;
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::Interval;

/// The steps that an apply at one instant commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Those estimated to fit into the opening, in order. Empty: an apply now does nothing.
    ///
    /// A prefix of the plan's steps; while its first step waits for its window, of a way of the plan's `meanwhile`.
    pub steps: Vec<Step>,
    /// What is left to the target when they are done.
    pub left: Vec<Step>,
    /// The opening they are laid into; `None` when none of them needs one.
    pub opening: Option<Interval>,
    /// Why the first step that is not promised is not; `None` when every step is.
    pub held: Option<Block>,
    /// Waited after each pool's step (`rollout.soak`).
    pub soak: SignedDuration,
    /// When the soak after the last pool of an earlier apply is over.
    pub soaked_at: Option<Timestamp>,
}

impl Promise {
    /// Returns from when on a step would have to wait, and for what; `None` when it can be promised.
    ///
    /// The first step that needs an opening may wait for one, unless the work is to be deferred: then the opening has
    /// to be open already, since what runs before it may end at any moment. Every other step follows on in that
    /// opening.
    fn wait_for(
        &self,
        slot: Slot,
        ready: Timestamp,
        outside: OutsideWindow,
        at: Timestamp,
    ) -> Option<(Timestamp, Slot)> {
        let is_first = self.opening.is_none();
        let may_wait = is_first && outside != OutsideWindow::Defer;
        let is_closed = is_first && !may_wait && slot.opening.start > at;
        let follows_on = slot.start == ready;
        if is_closed {
            Some((at, Slot { start: slot.opening.start, ..slot }))
        } else if follows_on || may_wait {
            None
        } else {
            Some((ready, slot))
        }
    }

    /// Tells whether an apply waits for an upgrade that runs already.
    #[must_use]
    pub fn attaches(&self) -> bool {
        self.steps.iter().any(Step::is_running)
    }
}

/// What to do when the window is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutsideWindow {
    /// Nothing; the next plan tries again.
    #[default]
    Defer,
    /// Plan the work; refuse to apply.
    Fail,
    /// Plan the work; wait for the opening.
    Wait,
}

/// Computes what an apply at that instant would do.
///
/// Steps are promised as long as each can start when the one before it has ended by its estimate and the soak
/// is over, without waiting for another opening. With [`OutsideWindow::Fail`] and [`OutsideWindow::Wait`] the
/// first step may wait for the next opening that can hold it. What runs already needs no opening, and
/// neither does what disrupts nothing. Patches of the running minor do not wait for a minor whose window is closed.
#[must_use]
pub fn promise(plan: &Plan, windows: &Windows, outside: OutsideWindow, at: Timestamp) -> Promise {
    let mut promise = Promise {
        steps: Vec::new(),
        left: Vec::new(),
        opening: None,
        held: None,
        soak: plan.soak,
        soaked_at: plan.soaked_at,
    };
    let stop = plan.blocks.iter().find(|block| block.stops());
    promise.held = stop.filter(|_| plan.steps.is_empty()).cloned();
    let course = course(plan, windows, at);
    for (step, ready, slot) in lay(&course, plan, windows, at) {
        if let Some(block) = stop.filter(|_| step.work.is_on_cluster()) {
            promise.held = Some(block.clone());
            break;
        }
        match slot {
            Ok(_) if !step.needs_opening() => promise.steps.push(step.clone()),
            Ok(slot) => match promise.wait_for(slot, ready, outside, at) {
                None => {
                    promise.opening.get_or_insert(slot.opening);
                    promise.steps.push(step.clone());
                }
                Some((from, slot)) => {
                    promise.held = Some(held(step, windows, from, slot));
                    break;
                }
            },
            Err(reason) => promise.held = Some(misfit(step, windows, reason)),
        }
    }
    // Whatever runs outside a window is shown, and is no work of an apply that would start nothing after it.
    let waits = outside == OutsideWindow::Defer && promise.attaches();
    let is_open = |step: &Step| windows.is_open(&step.tasks(), at);
    if waits && promise.steps.iter().all(Step::is_running) && !promise.steps.iter().any(is_open) {
        promise.steps.clear();
    }
    // Time alone does not turn a plan that does nothing into another one.
    let way = if promise.steps.is_empty() { usual(plan, windows) } else { course };
    promise.left = way.into_iter().skip(promise.steps.len()).collect();
    promise
}

/// Finds what no opening from that instant on can ever hold: [`Block::FitsNowhere`], one for each kind of work.
///
/// It is told whatever `outside_window` says, and never fails a plan. Parts of a cluster for which no window ever opens
/// are told together; of those for which windows are too short, the largest.
#[must_use]
pub fn impossible(plan: &Plan, windows: &Windows, at: Timestamp) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    for step in plan.steps.iter().filter(|step| step.needs_opening()) {
        let Err(reason) = slot(step, windows, at, at) else { continue };
        let block = misfit(step, windows, reason);
        match found.iter_mut().find(|known| known.is_alike(&block)) {
            Some(known) => known.join(block),
            None => found.push(block),
        }
    }
    found
}
