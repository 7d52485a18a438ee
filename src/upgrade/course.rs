//! Which way a plan goes at an instant: straight to its target, or by what need not wait for it.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::plan::Plan;
use crate::upgrade::slot::lay;
use crate::upgrade::step::Step;
use crate::upgrade::task::Task;
use crate::upgrade::window::Windows;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::schedule::Window;

/// A pool that is patched, or gets an image, is drained again for the version: worth it only where that is farther away
/// than this.
const FAR: SignedDuration = SignedDuration::from_hours(24);

/// Returns the steps in the order to which the windows lead, whatever the time: what a state shows as pending.
///
/// Where a window permits, or a blackout leaves, the first step of another way and not that of the straight one, that way
/// is the usual one: it goes on every night on which the other waits. Time alone does not turn one into the other.
#[must_use]
pub fn usual<'a>(plan: &'a Plan, windows: &Windows) -> &'a [Step] {
    let first = |steps: &[Step]| steps.iter().find(|step| step.needs_opening()).map(Step::tasks);
    let goes_apart = |way: &[Task], than: &[Task]| {
        let permits =
            |window: &Window, tasks: &[Task]| tasks.iter().all(|task| window.spec().scope.permits(task));
        let denies =
            |blackout: &Blackout, tasks: &[Task]| tasks.iter().any(|task| blackout.spec().scope.denies(task));
        windows.windows.iter().any(|window| permits(window, way) && !permits(window, than))
            || windows.blackouts.iter().any(|blackout| denies(blackout, than) && !denies(blackout, way))
    };
    let sooner = |way: &[Step], than: &[Step]| match (first(way), first(than)) {
        (Some(way), Some(than)) => goes_apart(&way, &than),
        _ => false,
    };
    plan.meanwhile.iter().fold(&plan.steps, |best, way| if sooner(way, best) { way } else { best })
}

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
