//! Which way a plan goes at an instant: straight to its target, or by what need not wait for it.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::plan::Plan;
use crate::upgrade::slot::lay;
use crate::upgrade::step::Step;
use crate::upgrade::window::Windows;

/// A pool that is patched, or gets an image, is drained again for the version: worth it only where that is farther away
/// than this.
const FAR: SignedDuration = SignedDuration::from_hours(24);

/// Returns the steps in the order in which an apply at that instant takes them, to the target.
///
/// A patch does not wait for a minor whose window is closed, and an image for neither: where the first step of another way
/// can start more than a day before that of the straight one, that way is taken.
pub(super) fn course<'a>(plan: &'a Plan, windows: &Windows, at: Timestamp) -> &'a [Step] {
    let start = |steps: &[Step]| {
        let first = lay(steps, plan, windows, at).find(|(step, ..)| step.needs_opening());
        first.map(|(.., slot)| slot.ok().map(|slot| slot.start))
    };
    let sooner = |way: &[Step], than: &[Step]| match (start(way), start(than)) {
        (Some(Some(early)), Some(Some(late))) => late.duration_since(early) > FAR,
        (Some(Some(_)), Some(None)) => true,
        _ => false,
    };
    plan.meanwhile.iter().fold(&plan.steps, |best, way| if sooner(way, best) { way } else { best })
}
