//! What an apply reports: how far it came, and what stood in its way. No step is decided from
//! it, only how long is waited.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use crate::provider::apply::stop::Reached;
use crate::upgrade::action::Action;
use crate::upgrade::step::Step;

/// What is said of an apply when it ends.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The step whose write was sent last, until it is seen to be done or not to be there.
    running: Option<Step>,
    due: Option<Step>,
    /// The places of the steps that ended well: each counts once, whatever others do to its part afterwards.
    done: BTreeSet<usize>,
    other: Option<(String, Instant)>,
    trouble: Option<String>,
}

impl Account {
    /// Takes in that a step's write goes out.
    pub fn sending(&mut self, step: &Step) {
        self.running = Some(step.clone());
    }

    /// Takes in that it did not, or was refused.
    pub fn not_sent(&mut self) {
        self.running = None;
    }

    /// Takes in what the cluster showed; `ended` says which steps were seen to end.
    pub fn take_in(&mut self, action: &Action, steps: &[Step], ended: impl Fn(&Step) -> bool) {
        match action {
            Action::Poll(operation) => {
                let known = self.other.take().filter(|(known, _)| known == operation);
                self.other = Some(known.unwrap_or_else(|| (operation.clone(), Instant::now())));
            }
            Action::Stop(block) if block.came_of_a_step() => self.other = None,
            action => {
                self.other = None;
                self.settle(action, steps, ended);
            }
        }
    }

    /// Tells the step that ran from one that is next.
    fn settle(&mut self, action: &Action, steps: &[Step], ended: impl Fn(&Step) -> bool) {
        let Some(step) = self.running.take() else { return };
        let is_done = match action {
            Action::Finish => true,
            Action::Start(next) => *next != step,
            _ => ended(&step),
        };
        if is_done {
            self.count(&step, steps);
        } else {
            self.due = Some(step);
        }
    }

    /// Counts a step that is done.
    fn count(&mut self, step: &Step, steps: &[Step]) {
        let place = steps.iter().position(|promised| promised == step);
        if place.is_some_and(|place| self.done.insert(place)) {
            self.trouble = None;
        }
        let is_left = |place: &usize| !self.done.contains(place);
        self.due = (0..steps.len()).find(is_left).and_then(|place| steps.get(place)).cloned();
    }

    /// Counts a step that was found running and is done, unless it is one of this run whose answer was lost.
    pub fn count_found(&mut self, step: &Step, steps: &[Step]) {
        if self.running.as_ref() != Some(step) {
            self.count(step, steps);
        }
    }

    /// Counts the step that ended last, where no observation did.
    pub fn count_ended(&mut self, steps: &[Step], ended: impl Fn(&Step) -> bool) {
        if let Some(step) = self.running.take_if(|step| ended(step)) {
            self.count(&step, steps);
        }
    }

    /// Takes in Azure's last refusal, or why it could not be asked.
    pub fn trouble(&mut self, trouble: String) {
        self.trouble = Some(trouble);
    }

    /// Returns how many steps ended well.
    pub fn done(&self) -> usize {
        self.done.len()
    }

    /// Returns for how long what runs in Azure has been seen.
    pub fn waited(&self) -> Duration {
        self.other.as_ref().map(|(_, since)| since.elapsed()).unwrap_or_default()
    }

    /// Returns what the diagnostic says.
    pub fn reached(&self, touched: bool, of: usize) -> Reached {
        Reached {
            touched,
            running: self.running.clone().filter(|_| touched),
            done: self.done.len(),
            of,
            due: self.due.clone(),
            other: self.other.as_ref().map(|(operation, since)| (operation.clone(), since.elapsed())),
            trouble: self.trouble.clone(),
        }
    }
}
