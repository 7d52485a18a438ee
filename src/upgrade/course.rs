//! Which way a plan goes at an instant: straight to its target, or by the patches of the running minor first.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::plan::Plan;
use crate::upgrade::slot::lay;
use crate::upgrade::step::Step;
use crate::upgrade::window::Windows;

/// A pool that is patched is drained again for the minor: worth it only where the minor is farther away than this.
const FAR: SignedDuration = SignedDuration::from_hours(24);

/// Returns the steps in the order in which an apply at that instant takes them, to the target.
///
/// A patch does not wait for a minor whose window is closed: where the first patch can start more than a day before
/// the first step of the straight way, the patches come first.
pub(super) fn course<'a>(plan: &'a Plan, windows: &Windows, at: Timestamp) -> &'a [Step] {
    let start = |steps: &[Step]| {
        let first = lay(steps, plan, windows, at).find(|(step, ..)| step.needs_opening());
        first.map(|(.., slot)| slot.ok().map(|slot| slot.start))
    };
    let patches_first = match (start(&plan.meanwhile), start(&plan.steps)) {
        (Some(Some(patch)), Some(Some(minor))) => minor.duration_since(patch) > FAR,
        (Some(Some(_)), Some(None)) => true,
        _ => false,
    };
    if patches_first { &plan.meanwhile } else { &plan.steps }
}
