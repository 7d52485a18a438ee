//! The memory of one apply: what it reports, hardly ever what it decides from.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::provider::apply::stop::Progress;
use crate::provider::observation::Observation;
use crate::upgrade::action::Action;
use crate::upgrade::attempted::Attempted;
use crate::upgrade::promise::Promise;
use crate::upgrade::step::Step;

/// What an apply remembers.
pub(super) struct RunState {
    /// What the plan promised, or the first observation.
    pub promise: Option<Promise>,
    /// When each version was first seen on offer.
    pub first_seen: BTreeMap<String, Timestamp>,
    /// The last observation before a step.
    pub last: Option<Observation>,
    /// Whether anything was written, or may have been.
    pub touched: bool,
    /// The step whose write was sent last, until it is seen to be done or not to be there.
    pub running: Option<Step>,
    /// What this run has tried: all that is decided from.
    pub attempted: Attempted,
    /// Azure's last refusal.
    pub trouble: Option<String>,
    /// How often there was trouble since the last step was done.
    pub strikes: u32,
    /// Whether the run has let others go before its first step.
    pub gave_way: bool,
    /// The promised step that was found running, and is waited for.
    pub attached: Option<Step>,
    due: Option<Step>,
    done: usize,
    other: Option<(String, Instant)>,
}

impl RunState {
    pub fn new(promise: Option<Promise>, first_seen: BTreeMap<String, Timestamp>) -> Self {
        RunState {
            promise,
            first_seen,
            last: None,
            touched: false,
            running: None,
            attempted: Attempted::default(),
            trouble: None,
            strikes: 0,
            gave_way: false,
            attached: None,
            due: None,
            done: 0,
            other: None,
        }
    }

    /// Takes in what the cluster showed.
    pub fn take_in(&mut self, action: &Action) {
        match action {
            Action::Poll(operation) => {
                let known = self.other.take().filter(|(known, _)| known == operation);
                self.other = Some(known.unwrap_or_else(|| (operation.clone(), Instant::now())));
            }
            Action::Stop(block) if block.came_of_a_step() => self.other = None,
            action => {
                self.other = None;
                self.settle(action);
            }
        }
    }

    /// Tells the step that ran from one that is next.
    fn settle(&mut self, action: &Action) {
        let Some(step) = self.running.take() else { return };
        let is_done = match action {
            Action::Finish => true,
            Action::Start(next) => *next != step,
            _ => self.has_ended(&step),
        };
        if is_done {
            self.count(&step);
        } else {
            self.due = Some(step);
        }
    }

    fn has_ended(&self, step: &Step) -> bool {
        self.attempted.end_of(step).is_some()
    }

    fn count(&mut self, step: &Step) {
        self.trouble = None;
        self.strikes = 0;
        self.done += 1;
        let place = self.steps().iter().position(|promised| promised == step);
        self.due = place.and_then(|place| self.steps().get(place + 1)).cloned();
    }

    /// Counts a step that was found running and is done, unless it is one of this run whose answer was lost.
    pub fn count_found(&mut self, step: &Step) {
        if self.running.as_ref() != Some(step) {
            self.count(step);
        }
    }

    /// Counts the step that ended last, where no observation did.
    pub fn count_ended(&mut self) {
        if let Some(step) = self.running.take_if(|step| self.attempted.end_of(step).is_some()) {
            self.count(&step);
        }
    }

    /// Tells whether work of the promise was started, or found running.
    pub fn works(&self) -> bool {
        self.touched || self.attached.is_some() || self.attempted.last_end().is_some()
    }

    fn steps(&self) -> &[Step] {
        self.promise.as_ref().map_or(&[], |promise| &promise.steps)
    }

    /// Says `step 2 of 6`.
    pub fn place_of(&self, step: &Step) -> String {
        let place = self.steps().iter().position(|promised| promised == step).map_or(0, |place| place + 1);
        format!("step {place} of {}", self.steps().len())
    }

    /// Returns when the soak after the last pool ends.
    pub fn soaks_until(&self) -> Option<Timestamp> {
        self.attempted.last_end()?.checked_add(self.promise.as_ref()?.soak).ok()
    }

    /// Returns what runs in Azure, and for how long it has been seen.
    pub fn other(&self) -> Option<(&str, Duration)> {
        self.other.as_ref().map(|(operation, since)| (operation.as_str(), since.elapsed()))
    }

    /// Returns what the diagnostic says.
    pub fn progress(&self) -> Progress {
        Progress {
            touched: self.touched,
            running: self.running.clone().filter(|_| self.touched),
            done: self.done,
            of: self.steps().len(),
            due: self.due.clone(),
            other: self.other().map(|(operation, seen)| (operation.to_owned(), seen)),
            trouble: self.trouble.clone(),
        }
    }
}
