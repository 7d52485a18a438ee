//! What one run has tried so far: the only memory that a decision is made from.

use jiff::Timestamp;

use crate::upgrade::cluster::{Cluster, State};
use crate::upgrade::progress::is_done;
use crate::upgrade::seen::Seen;
use crate::upgrade::step::{Step, Work};

/// The steps that a run sent, or possibly sent, and those that it found running; and when each was seen to end.
///
/// A run that begins has attempted nothing. Whoever stops it anywhere and begins again loses no more than the
/// soak that was under way: what is true is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempted(Vec<Attempt>);

/// One step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Attempt {
    step: Step,
    /// What became of its write; `None` when this run found it running.
    write: Option<Write>,
    /// When it was seen to end well.
    ended: Option<Timestamp>,
}

/// What is known of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    /// Azure took it.
    Taken,
    /// The answer was lost. A state that had failed before says nothing about it.
    Lost { had_failed: bool },
}

impl Attempted {
    /// Takes in that Azure took the write of a step.
    pub fn sent(&mut self, step: &Step) {
        self.change(step, |attempt| attempt.write = Some(Write::Taken));
    }

    /// Takes in that nobody knows whether Azure took the write of a step: its answer was lost.
    ///
    /// What the cluster showed before is what it is held against from now on.
    pub fn lost(&mut self, step: &Step, before: &Cluster) {
        let had_failed = state(step, before).is_some_and(State::is_failed);
        self.change(step, |attempt| attempt.write = Some(Write::Lost { had_failed }));
    }

    /// Takes in what the cluster shows: an operation that runs, or a failure that was not there, is the one whose
    /// answer was lost. A step whose operation has ended was attempted, and is not started again. One whose answer was lost
    /// and that is done by now has ended, whoever did it: a soak counts from here.
    pub fn see(&mut self, seen: &Seen) {
        let (cluster, at) = (&seen.cluster, seen.at);
        for attempt in self.0.iter_mut().filter(|attempt| attempt.ended.is_none()) {
            let (Some(write), Some(state)) = (attempt.write, state(&attempt.step, cluster)) else { continue };
            let runs = cluster.operation().is_some();
            match write {
                Write::Lost { had_failed } if runs || state.is_failed() && !had_failed => {
                    attempt.write = Some(Write::Taken);
                }
                Write::Lost { .. } if !is_done(&attempt.step, seen) => continue,
                Write::Lost { .. } | Write::Taken => {}
            }
            attempt.ended = (!runs).then_some(at);
        }
    }

    /// Takes in that the operation of a step was seen to end, or an end that was waited for.
    pub fn ended(&mut self, step: &Step, at: Timestamp) {
        self.change(step, |attempt| attempt.ended = Some(at));
    }

    fn change(&mut self, step: &Step, change: impl FnOnce(&mut Attempt)) {
        match self.0.iter_mut().find(|attempt| attempt.step == *step) {
            Some(known) => change(known),
            None => {
                let mut attempt = Attempt { step: step.clone(), write: None, ended: None };
                change(&mut attempt);
                self.0.push(attempt);
            }
        }
    }

    /// Tells whether this run has sent anything.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.iter().any(|attempt| attempt.write.is_some())
    }

    /// Returns the steps that Azure took of this run and whose operations were seen to end.
    pub fn done(&self) -> impl Iterator<Item = &Step> {
        let done = |attempt: &&Attempt| attempt.write == Some(Write::Taken) && attempt.ended.is_some();
        self.0.iter().filter(done).map(|attempt| &attempt.step)
    }

    /// Returns when a step was seen to end; `None` when this run did not see it.
    #[must_use]
    pub fn end_of(&self, step: &Step) -> Option<Timestamp> {
        self.0.iter().find(|attempt| attempt.step == *step)?.ended
    }

    /// Returns when a step on a pool was last seen to end; `None` when none was.
    #[must_use]
    pub fn last_end_of_a_pool(&self) -> Option<Timestamp> {
        let of_pools = self.0.iter().filter(|attempt| attempt.step.work.pool().is_some());
        of_pools.filter_map(|attempt| attempt.ended).max()
    }

    /// Returns when a step was last seen to end; `None` when none was.
    #[must_use]
    pub fn last_end(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|attempt| attempt.ended).max()
    }
}

/// Returns the state of what a step is done on; `None` when there is none.
fn state<'a>(step: &Step, cluster: &'a Cluster) -> Option<&'a State> {
    match (&step.work, step.work.pool()) {
        (Work::MaintenanceConfiguration { .. }, _) => None,
        (_, Some(pool)) => cluster.pool(pool).map(|pool| &pool.state),
        (_, None) => Some(&cluster.state),
    }
}
