//! The steps laid over the openings to come.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::{Block, Effect};
use crate::upgrade::course::usual;
use crate::upgrade::foresight::{age_reached, next_change, seen_after, seen_at};
use crate::upgrade::plan::{Plan, plan};
use crate::upgrade::policy::Policy;
use crate::upgrade::promise::{OutsideWindow, Promise, promise};
use crate::upgrade::seen::Seen;
use crate::upgrade::slot::{Laid, lay};
use crate::upgrade::step::Step;
use crate::upgrade::version::Version;
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::{Interval, later};

/// What is to come, with dates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// The steps that start before the horizon, in order.
    pub scheduled: Vec<Scheduled>,
    /// The steps that do not.
    pub left: Vec<Step>,
    /// Why the rest is left, or missing; `None` when only the horizon ended.
    pub held: Option<Block>,
    /// The version that the policy resolves to when the scheduled steps are done; `None` when there is none.
    pub target: Option<Version>,
}

/// One step with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// The step.
    pub step: Step,
    /// When it can start.
    pub start: Timestamp,
    /// When it will have ended, by its estimate. May lie after the opening: a running step is finished.
    pub end: Timestamp,
    /// The opening that it starts in.
    pub opening: Interval,
}

/// Plays forward what one apply in each opening between now and the horizon does.
///
/// What it leaves is [seen](crate::upgrade::foresight) again and planned again, as the next refresh will do it: what
/// becomes old enough meanwhile is taken, and what leaves support is moved as Azure moves it then.
#[must_use]
pub fn forecast(seen: &Seen, policy: &Policy, windows: &Windows, horizon: SignedDuration) -> Forecast {
    let (today, end) = (plan(seen, policy), later(seen.at, horizon));
    let (mut forecast, mut seen) = (Forecast::default(), seen.clone());
    loop {
        let plan = plan(&seen, policy);
        forecast.target.clone_from(&plan.target);
        let promise = promise(&plan, windows, OutsideWindow::Wait, seen.at);
        let mut round = laid(&promise, &plan, windows, seen.at);
        let start = round.first().map_or(end, |first| first.start).min(end);
        let change = next_change(&seen, &plan.blocks, windows).filter(|change| *change <= start);
        if let Some(change) = change.filter(|_| !round.is_empty() || waits_for_time(&promise, &plan)) {
            seen = seen_at(&seen, change);
            continue;
        }
        let rest = round.split_off(round.iter().take_while(|one| one.start < end).count());
        let Some(last) = round.last().filter(|_| rest.is_empty()) else {
            forecast.held = promise.held.or_else(|| hindrance(&plan, &today)).filter(|_| rest.is_empty());
            forecast.left = rest.into_iter().map(|one| one.step).chain(promise.left).collect();
            forecast.scheduled.extend(round);
            break;
        };
        // What an opening has no end to is looked at again when the work is done.
        let closes = Some(last.opening.end).filter(|closes| *closes < Timestamp::MAX);
        let next = closes.map_or(last.end, |closes| closes.max(last.end));
        let done = round.iter().map(|one| (&one.step, one.end));
        seen = seen_at(&seen_after(&seen, done), next);
        forecast.scheduled.extend(round);
        // What AKS does by itself has no dates of ours.
        if policy.executor.is_aks() {
            break;
        }
    }
    if forecast.scheduled.is_empty() && forecast.left.is_empty() {
        // What is pending today is shown, whatever becomes of it; what hinders nothing that is pending is not.
        forecast.left = usual(&today, windows);
        forecast.held = forecast.held.filter(|held| held.stops() || !forecast.left.is_empty());
    }
    forecast
}

/// Tells whether nothing but time stands in the way of what is not promised.
fn waits_for_time(promise: &Promise, plan: &Plan) -> bool {
    promise.held.is_none() && !plan.blocks.iter().any(hinders_for_ever)
}

/// Tells whether the rest of the way is left out, and no age ends that.
fn hinders_for_ever(block: &Block) -> bool {
    block.effect() == Effect::LeavesOutRest && age_reached(block).is_none()
}

/// Returns the promised steps with their times; what runs already ends before anything is planned again.
fn laid(promise: &Promise, plan: &Plan, windows: &Windows, at: Timestamp) -> Vec<Scheduled> {
    let laid = lay(&promise.steps, plan, windows, at);
    let scheduled = |(step, _, slot): Laid<'_>| {
        let slot = slot.ok()?;
        let end = later(slot.start, step.estimate);
        Some(Scheduled { step: step.clone(), start: slot.start, end, opening: slot.opening })
    };
    let scheduled: Vec<Scheduled> = laid.filter_map(scheduled).collect();
    let running = scheduled.iter().take_while(|one| one.step.is_running()).count();
    if running > 0 { scheduled.into_iter().take(running).collect() } else { scheduled }
}

/// Returns why the way ends where it did not end today.
fn hindrance(plan: &Plan, today: &Plan) -> Option<Block> {
    let is_new = |block: &&Block| !today.blocks.contains(block);
    plan.blocks.iter().filter(is_new).find(|block| hinders_for_ever(block)).cloned()
}
