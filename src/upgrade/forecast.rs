//! The steps laid over the openings to come.

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::block::Block;
use crate::upgrade::course::course;
use crate::upgrade::plan::Plan;
use crate::upgrade::slot::{Slot, lay, misfit};
use crate::upgrade::step::Step;
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::{Interval, later};

/// A plan with dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The steps that start before the horizon, in order.
    pub scheduled: Vec<Scheduled>,
    /// The steps that do not.
    pub left: Vec<Step>,
    /// Why the first step that is left is; `None` when none is left, or only the horizon ended.
    pub held: Option<Block>,
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

/// Lays the steps of a plan over the openings between `from` and `from + horizon`, each as early as possible.
#[must_use]
pub fn forecast(plan: &Plan, windows: &Windows, from: Timestamp, horizon: SignedDuration) -> Forecast {
    let stopped = plan.blocks.iter().find(|block| block.stops()).cloned();
    let end = if stopped.is_some() { from } else { later(from, horizon) };
    let mut forecast = Forecast { scheduled: Vec::new(), left: Vec::new(), held: stopped };
    let course = course(plan, windows, from);
    for (step, _, slot) in lay(&course, plan, windows, from) {
        match slot {
            Ok(slot) if slot.start < end => forecast.scheduled.push(scheduled(step, slot)),
            Ok(_) => break,
            Err(reason) => forecast.held = forecast.held.or_else(|| Some(misfit(step, windows, reason))),
        }
    }
    forecast.left = course.iter().skip(forecast.scheduled.len()).cloned().collect();
    forecast
}

fn scheduled(step: &Step, slot: Slot) -> Scheduled {
    let end = later(slot.start, step.estimate);
    Scheduled { step: step.clone(), start: slot.start, end, opening: slot.opening }
}
