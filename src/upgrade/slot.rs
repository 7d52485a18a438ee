//! The first instant at which a step may start, and why it may not start earlier.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::plan::Plan;
use crate::upgrade::step::Step;
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::{Interval, later};

/// A place for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// When the step can start.
    pub start: Timestamp,
    /// The opening that it starts in; of a step that needs none, the time that it is estimated to take.
    pub opening: Interval,
}

/// Why there is no place for a step, ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The longest opening to come; `None` when none comes.
    longest: Option<SignedDuration>,
}

/// How much longer than a step an opening to come must be: whoever waits for it comes a moment late, and Azure
/// is asked again before the step starts. An explicit `cutoff` is exact.
pub const SLACK: SignedDuration = SignedDuration::from_mins(2);

/// Finds the first place for a step at or after an instant: whatever the windows say for one that runs already
/// or disrupts nothing.
///
/// An opening that is open already, at `now`, only has to hold what the step needs.
pub(super) fn slot(step: &Step, windows: &Windows, at: Timestamp, now: Timestamp) -> Result<Slot, Misfit> {
    if !step.needs_opening() {
        let opening = Interval { start: at, end: later(at, step.estimate) };
        return Ok(Slot { start: at, opening });
    }
    let tasks = step.tasks();
    let is_open = |opening: &Interval| opening.contains(at) && opening.start <= now;
    let open =
        windows.opening(&tasks, at).filter(is_open).filter(|open| open.left(at) >= needs(step, windows, at));
    match open.or_else(|| to_come(step, windows, at)) {
        Some(opening) => Ok(Slot { start: at.max(opening.start), opening }),
        None => {
            let longest = windows.longest_opening(&tasks, at).map(|longest| longest.left(at));
            Err(Misfit { longest })
        }
    }
}

/// Finds the first opening to come that holds a step; what a `cutoff` asks for may change when an exemption ends.
fn to_come(step: &Step, windows: &Windows, at: Timestamp) -> Option<Interval> {
    let from = |at| windows.opening_for(&step.tasks(), at, needs_to_come(step, windows, at));
    let changes = windows.exemption.map(|exemption| exemption.until).filter(|until| at < *until);
    from(at).filter(|opening| changes.is_none_or(|until| opening.start < until)).or_else(|| from(changes?))
}

/// Returns how much of an opening to come must be left when a step starts.
fn needs_to_come(step: &Step, windows: &Windows, at: Timestamp) -> SignedDuration {
    let slack = if windows.cutoff_at(at).is_some() { SignedDuration::ZERO } else { SLACK };
    needs(step, windows, at).saturating_add(slack)
}

/// Returns how much of an opening must be left when a step starts: `cutoff`, else its estimate.
#[must_use]
pub fn needs(step: &Step, windows: &Windows, at: Timestamp) -> SignedDuration {
    windows.cutoff_at(at).unwrap_or(step.estimate)
}

/// A step with the earliest instant the steps before it allow, and its place from there on.
pub(super) type Laid<'a> = (&'a Step, Timestamp, Result<Slot, Misfit>);

/// Lays steps one after the other, each as early as possible; ends after one that has no place.
pub(super) fn lay<'a>(
    steps: &'a [Step],
    plan: &Plan,
    windows: &Windows,
    from: Timestamp,
) -> impl Iterator<Item = Laid<'a>> {
    let mut pause = SignedDuration::ZERO;
    let (soak, soaked_at) = (plan.soak, plan.soaked_at);
    let mut free = Some(soaked_at.map_or(from, |soaked_at| from.max(soaked_at)));
    steps.iter().map_while(move |step| {
        let ready = later(free?, pause);
        let slot = slot(step, windows, ready, from);
        free = slot.ok().map(|slot| later(slot.start, step.estimate));
        pause = soak_after(step, soak);
        Some((step, ready, slot))
    })
}

/// Returns how long is waited after a step: a pool's workload shows its troubles only after a while.
fn soak_after(step: &Step, soak: SignedDuration) -> SignedDuration {
    if step.work.pool().is_some() { soak } else { SignedDuration::ZERO }
}

/// Says why a step has no place at all, also when an exemption has ended.
pub(super) fn misfit(step: &Step, windows: &Windows, misfit: Misfit) -> Block {
    let needs = needs_to_come(step, windows, Timestamp::MAX);
    Block::FitsNowhere {
        component: step.work.component(),
        others: Vec::new(),
        kinds: step.kinds(),
        needs,
        longest: misfit.longest,
    }
}

/// Says why a step cannot start at an instant, but only from its slot on.
pub(super) fn held(step: &Step, windows: &Windows, at: Timestamp, slot: Slot) -> Block {
    let (component, tasks, opens) = (step.work.component(), step.tasks(), slot.start);
    if let Some(opening) = windows.opening(&tasks, at).filter(|opening| opening.contains(at)) {
        return Block::Cutoff { component, closes: opening.end, needs: needs(step, windows, at), opens };
    }
    match windows.blackout_at(&tasks, at).filter(|_| windows.window_at(&tasks, at)) {
        Some(blackout) => Block::Blackout { component, reason: blackout.spec().reason.clone(), opens },
        None => Block::WindowClosed { component, closed: None, opens },
    }
}
