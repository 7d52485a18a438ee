//! Which way a plan goes at an instant: straight to its target, or by what need not wait for it.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::plan::Plan;
use crate::upgrade::plan::images::is_moved;
use crate::upgrade::slot::{lay, slot};
use crate::upgrade::step::{Step, Work};
use crate::upgrade::task::Task;
use crate::upgrade::window::Windows;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::schedule::Window;

/// A pool that is patched, or gets an image, is drained again for the version: worth it only where that is farther away
/// than this.
const FAR: SignedDuration = SignedDuration::from_hours(24);

/// Returns every way to the target, the straight one first.
///
/// Images depend on nothing but their pool, so where no `pool_order` is given, a window for some pools does theirs first,
/// and nobody waits for the window of another pool.
#[must_use]
pub fn ways(plan: &Plan, windows: &Windows) -> Vec<Vec<Step>> {
    let mut ways: Vec<Vec<Step>> = std::iter::once(&plan.steps).chain(&plan.meanwhile).cloned().collect();
    let known = ways.clone();
    for way in known.iter().filter(|_| plan.images_in_any_order) {
        let apart = windows.windows.iter().filter_map(|window| apart(way, window));
        let new: Vec<Vec<Step>> = apart.filter(|one| !known.contains(one)).collect();
        ways.extend(new);
    }
    ways
}

/// Returns a way with the images in front that a window permits and the others behind; `None` where it permits all of
/// them, or none.
fn apart(way: &[Step], window: &Window) -> Option<Vec<Step>> {
    images_first(way, |step| permits(window, &step.tasks()))
}

/// Returns a way with the images in front that can start about when the first of them can, and the others behind: a
/// blackout on one pool, or a pool that no window holds, keeps no other from its image.
fn nearest_first(way: &[Step], windows: &Windows, at: Timestamp) -> Option<Vec<Step>> {
    let start = |step: &Step| slot(step, windows, at, at).ok().map(|slot| slot.start);
    let nearest = images(way).iter().filter_map(start).min()?;
    images_first(way, |step| start(step).is_some_and(|start| start.duration_since(nearest) <= FAR))
}

/// Returns the images that a way begins with.
fn images(way: &[Step]) -> &[Step] {
    let is_image = |step: &&Step| matches!(step.work, Work::Image { .. });
    way.get(..way.iter().take_while(is_image).count()).unwrap_or_default()
}

/// Returns a way with some of its leading images in front and the others behind; `None` where that changes nothing.
///
/// An image that comes with a version later on is left to that, but for one that goes on with what failed: a write on
/// the cluster would resume that pool, unless it is repaired before.
fn images_first(way: &[Step], is_first: impl Fn(&Step) -> bool) -> Option<Vec<Step>> {
    let images = images(way);
    let rest = way.get(images.len()..).unwrap_or_default();
    let (first, others): (Vec<&Step>, Vec<&Step>) = images.iter().partition(|step| is_first(step));
    let (repairs, others): (Vec<&Step>, Vec<&Step>) =
        others.into_iter().partition(|step| rest.is_empty() || !step.resumes.is_empty());
    let behind = others.into_iter().filter(|step| !is_moved(step, rest));
    let is_one = !first.is_empty() && first.len() < images.len();
    is_one.then(|| first.into_iter().chain(repairs).chain(rest).chain(behind).cloned().collect())
}

fn permits(window: &Window, tasks: &[Task]) -> bool {
    tasks.iter().all(|task| window.spec().scope.permits(task))
}

/// Returns the steps in the order to which the windows lead, whatever the time: what a state shows as pending.
///
/// Where a window permits, or a blackout leaves, the first step of another way and not that of the straight one, that way
/// is the usual one: it goes on every night on which the other waits. Time alone does not turn one into the other.
#[must_use]
pub fn usual(plan: &Plan, windows: &Windows) -> Vec<Step> {
    let first = |steps: &[Step]| steps.iter().find(|step| step.needs_opening()).map(Step::tasks);
    let goes_apart = |way: &[Task], than: &[Task]| {
        let denies =
            |blackout: &Blackout, tasks: &[Task]| tasks.iter().any(|task| blackout.spec().scope.denies(task));
        windows.windows.iter().any(|window| permits(window, way) && !permits(window, than))
            || windows.blackouts.iter().any(|blackout| denies(blackout, than) && !denies(blackout, way))
    };
    let sooner = |way: &[Step], than: &[Step]| match (first(way), first(than)) {
        (Some(way), Some(than)) => goes_apart(&way, &than),
        _ => false,
    };
    best(ways(plan, windows), sooner)
}

/// Returns the steps in the order in which an apply at that instant takes them, to the target.
///
/// A patch does not wait for a minor whose window is closed, and an image for neither: where the first step of another way
/// can start more than a day before that of the straight one, that way is taken.
pub(super) fn course(plan: &Plan, windows: &Windows, at: Timestamp) -> Vec<Step> {
    let start = |way: &[Step]| start(way, plan, windows, at);
    let sooner = |way: &[Step], than: &[Step]| match (start(way), start(than)) {
        (Some(Some(early)), Some(Some(late))) => late.duration_since(early) > FAR,
        (Some(Some(_)), Some(None)) => true,
        _ => false,
    };
    let best = best(ways(plan, windows), sooner);
    nearest_first(&best, windows, at).filter(|_| plan.images_in_any_order).unwrap_or(best)
}

/// Returns when the step that the windows lead to first could start, where it is passed over: what leads straight to the
/// target can start within a day of it, and no pool is drained twice for one upgrade.
#[must_use]
pub fn passed_over(plan: &Plan, windows: &Windows, at: Timestamp) -> Option<Timestamp> {
    let start = |way: &[Step]| start(way, plan, windows, at).flatten();
    let late = start(&course(plan, windows, at))?;
    start(&usual(plan, windows)).filter(|early| *early < late)
}

/// Returns when the first step of a way that needs an opening can start, which may be never; `None` where no step needs one.
fn start(way: &[Step], plan: &Plan, windows: &Windows, at: Timestamp) -> Option<Option<Timestamp>> {
    let first = lay(way, plan, windows, at).find(|(step, ..)| step.needs_opening());
    first.map(|(.., slot)| slot.ok().map(|slot| slot.start))
}

/// Returns the first way, or the last one that was sooner than the best before it.
fn best(ways: Vec<Vec<Step>>, sooner: impl Fn(&[Step], &[Step]) -> bool) -> Vec<Step> {
    ways.into_iter().reduce(|best, way| if sooner(&way, &best) { way } else { best }).unwrap_or_default()
}
