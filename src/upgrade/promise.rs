//! What an apply now would do.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::kind::Kind;
use crate::upgrade::plan::Plan;
use crate::upgrade::slot::{Slot, held, lay, misfit, slot};
use crate::upgrade::step::Step;
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::Interval;

/// The steps that an apply at one instant commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// A prefix of the plan's steps: those estimated to fit into the opening. Empty: an apply now does nothing.
    pub steps: Vec<Step>,
    /// The opening they are laid into; `None` when none of them needs one.
    pub opening: Option<Interval>,
    /// Why the first step that is not promised is not; `None` when every step is.
    pub held: Option<Block>,
    /// Waited after each pool's step (`rollout.soak`).
    pub soak: SignedDuration,
}

impl Promise {
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
/// neither does what disrupts nothing.
#[must_use]
pub fn promise(plan: &Plan, windows: &Windows, outside: OutsideWindow, at: Timestamp) -> Promise {
    let mut promise = Promise { steps: Vec::new(), opening: None, held: None, soak: plan.soak };
    let stop = plan.blocks.iter().find(|block| block.stops());
    promise.held = stop.filter(|_| plan.steps.is_empty()).cloned();
    for (step, ready, slot) in lay(plan, windows, at) {
        if let Some(block) = stop.filter(|_| step.work.is_on_cluster()) {
            promise.held = Some(block.clone());
            break;
        }
        let is_first = promise.opening.is_none();
        match slot {
            Ok(_) if !step.needs_opening() => promise.steps.push(step.clone()),
            // What runs may end at any moment, so the window has to be open already.
            Ok(slot) if is_first && outside == OutsideWindow::Defer && slot.opening.start > at => {
                let slot = Slot { start: slot.opening.start, ..slot };
                promise.held = Some(held(step, windows, at, slot));
                break;
            }
            Ok(slot) if slot.start == ready || is_first && outside != OutsideWindow::Defer => {
                promise.opening.get_or_insert(slot.opening);
                promise.steps.push(step.clone());
            }
            Ok(slot) => {
                promise.held = Some(held(step, windows, ready, slot));
                break;
            }
            Err(reason) => promise.held = Some(misfit(step, windows, reason)),
        }
    }
    promise
}

/// Finds a step that no opening from that instant on can ever hold: [`Block::NeverOpens`] or [`Block::TooShort`].
///
/// Either is a plan-time error, whatever `outside_window` says. Of each kind of work the largest step is tried.
#[must_use]
pub fn impossible(plan: &Plan, windows: &Windows, at: Timestamp) -> Option<Block> {
    let mut largest: BTreeMap<Kind, &Step> = BTreeMap::new();
    for step in plan.steps.iter().filter(|step| step.needs_opening()) {
        let known = largest.entry(step.kind()).or_insert(step);
        if known.estimate < step.estimate {
            *known = step;
        }
    }
    let misfits = largest.into_values().filter_map(|step| Some((step, slot(step, windows, at, at).err()?)));
    misfits.map(|(step, reason)| misfit(step, windows, reason)).next()
}
