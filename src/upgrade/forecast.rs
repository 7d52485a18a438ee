//! The steps laid over the openings to come.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::{Block, Effect};
use crate::upgrade::course::usual;
use crate::upgrade::foresight::{age_reached, next_change, seen_after, seen_at};
use crate::upgrade::plan::{Plan, plan};
use crate::upgrade::policy::Policy;
use crate::upgrade::progress::is_done;
use crate::upgrade::promise::{OutsideWindow, Promise, promise};
use crate::upgrade::seen::Seen;
use crate::upgrade::slot::{Laid, lay};
use crate::upgrade::step::Step;
use crate::upgrade::version::Version;
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::{Interval, later};

/// What is to come, with dates.
///
/// Every step that is pending today is in it, with a date or without one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// The steps that start before the horizon, in order.
    pub scheduled: Vec<Scheduled>,
    /// The steps that do not.
    pub left: Vec<Step>,
    /// Everything that holds the rest of the way; empty when nothing is left, or only the horizon ended.
    pub held: Vec<Held>,
}

/// What holds the rest of the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The reason.
    pub block: Block,
    /// From when on it is seen to hold: today, or when the last step before it is done or time alone brings it.
    pub since: Timestamp,
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

impl Forecast {
    /// Returns the Kubernetes version that is reached: by the steps with a date where the rest is held, else by all of
    /// them. `None` where no step leads to one.
    #[must_use]
    pub fn reaches(&self) -> Option<&Version> {
        let is_held = !self.held.is_empty() && !self.scheduled.is_empty();
        let left = self.left.iter().filter(|_| !is_held);
        self.scheduled.iter().map(|one| &one.step).chain(left).filter_map(|step| step.work.version()).max()
    }
}

/// Plays forward what one apply in each opening between now and the horizon does.
///
/// What it leaves is [seen](crate::upgrade::foresight) again and planned again, as the next refresh will do it: what
/// becomes old enough meanwhile is taken, and what leaves support is moved as Azure moves it then. A way that is held is
/// looked at again at each instant at which time alone changes something.
#[must_use]
pub fn forecast(seen: &Seen, policy: &Policy, windows: &Windows, horizon: SignedDuration) -> Forecast {
    let end = later(seen.at, horizon);
    let today = usual(&plan(seen, policy), windows);
    let mut play = Play { today, has_versions: policy.goal.has_versions(), forecast: Forecast::default() };
    let mut seen = seen.clone();
    loop {
        let (plan, promise, mut round) = round(&seen, policy, windows);
        if round.is_empty() {
            play.stall(&seen, &plan, &promise);
        }
        let start = round.first().map_or(end, |first| first.start).min(end);
        let change = next_change(&seen, &plan.blocks, windows).filter(|change| *change <= start);
        if let Some(change) = change {
            seen = seen_at(&seen, change);
            continue;
        }
        let rest = round.split_off(round.iter().take_while(|one| one.start < end).count());
        let closes = round.last().map(|last| (last.opening.end, last.end));
        if closes.is_some() {
            seen = seen_after(&seen, round.iter().map(|one| (&one.step, one.end)));
            play.go_on(round);
        }
        let Some((closes, ends)) = closes.filter(|_| rest.is_empty()) else {
            play.end(&seen, rest, promise.left);
            return play.forecast;
        };
        // What AKS does by itself has no dates of ours.
        if policy.executor.is_aks() {
            play.stall(&seen, &plan, &promise);
            return play.forecast;
        }
        // What an opening has no end to is looked at again when the work is done.
        let closes =
            Some(closes).filter(|closes| *closes < Timestamp::MAX).map_or(ends, |closes| closes.max(ends));
        let next = goes_on(&seen_at(&seen, ends), policy, windows, start).filter(|next| *next < closes);
        seen = seen_at(&seen, next.unwrap_or(closes));
    }
}

/// Returns what one apply would do: its plan, its promise, and the promised steps with their times.
fn round(seen: &Seen, policy: &Policy, windows: &Windows) -> (Plan, Promise, Vec<Scheduled>) {
    let plan = plan(seen, policy);
    let promise = promise(&plan, windows, OutsideWindow::Wait, seen.at);
    let round = laid(&promise, &plan, windows, seen.at);
    (plan, promise, round)
}

/// Returns when a pipeline finds work before the opening of its last apply closes: another opening has begun since that
/// apply, or something becomes old enough.
fn goes_on(seen: &Seen, policy: &Policy, windows: &Windows, applied: Timestamp) -> Option<Timestamp> {
    let (plan, _, round) = round(seen, policy, windows);
    let opens = round.first().filter(|first| first.opening.start > applied).map(|first| first.start);
    let age = |block: &Block| age_reached(block).filter(|reached| *reached > seen.at);
    opens.into_iter().chain(plan.blocks.iter().filter_map(age)).min()
}

/// A forecast that is being made.
struct Play {
    /// What is pending at its beginning.
    today: Vec<Step>,
    /// Whether a Kubernetes version is aimed at.
    has_versions: bool,
    forecast: Forecast,
}

impl Play {
    /// Adds steps with their dates: what held them does not hold any more.
    fn go_on(&mut self, round: Vec<Scheduled>) {
        self.forecast.scheduled.extend(round);
        (self.forecast.left, self.forecast.held) = (Vec::new(), Vec::new());
    }

    /// Leaves what does not start before the horizon.
    fn end(&mut self, seen: &Seen, rest: Vec<Scheduled>, left: Vec<Step>) {
        if !rest.is_empty() {
            let rest = rest.into_iter().map(|one| one.step).chain(left).collect();
            (self.forecast.left, self.forecast.held) = (self.with_pending(seen, rest), Vec::new());
        }
    }

    /// Keeps what is left where nothing can be started, and what holds it: as it was when that began, unless an age is
    /// among it, which time ends.
    fn stall(&mut self, seen: &Seen, plan: &Plan, promise: &Promise) {
        let held = &self.forecast.held;
        if !held.is_empty() && held.iter().all(|held| age_reached(&held.block).is_none()) {
            return;
        }
        if self.forecast.left.is_empty() {
            self.forecast.left = self.with_pending(seen, promise.left.clone());
        }
        let all = promise.held.iter().chain(&plan.blocks);
        let mut now: Vec<&Block> = Vec::new();
        for block in all.filter(|block| self.is_held_by(block, plan, seen)) {
            if !now.contains(&block) {
                now.push(block);
            }
        }
        let is_same = |held: &Held, block: &Block| held.block == *block || held.block.is_alike(block);
        let known = |block: &Block| self.forecast.held.iter().find(|held| is_same(held, block)).cloned();
        let met =
            |block: &Block| known(block).unwrap_or_else(|| Held { block: block.clone(), since: seen.at });
        self.forecast.held = now.into_iter().map(met).collect();
    }

    /// Adds the steps that are pending today to those that are left, as far as neither these nor the steps with a date
    /// do their work.
    fn with_pending(&self, seen: &Seen, left: Vec<Step>) -> Vec<Step> {
        let done = seen_after(seen, left.iter().map(|step| (step, seen.at)));
        let known = || self.forecast.scheduled.iter().map(|one| &one.step).chain(&left);
        let is_missing = |step: &&Step| !is_done(step, &done) && !known().any(|one| one.work == step.work);
        let missing: Vec<Step> = self.today.iter().filter(is_missing).cloned().collect();
        left.into_iter().chain(missing).collect()
    }

    /// Tells whether a reason holds something that is left, or the rest of the way.
    fn is_held_by(&self, block: &Block, plan: &Plan, seen: &Seen) -> bool {
        let left = &self.forecast.left;
        let is_behind = plan.target.as_ref().is_none_or(|target| seen.cluster.version < *target);
        let is_short = !left.is_empty() || (self.has_versions && is_behind);
        match block.effect() {
            Effect::Stops | Effect::FitsNowhere => is_short,
            Effect::LeavesOutRest => is_short || block.pool().is_some(),
            Effect::LeavesOutPool => left.iter().any(|step| step.work.pool() == block.pool()),
            Effect::Waits | Effect::Tells | Effect::StopsApply => false,
        }
    }
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
