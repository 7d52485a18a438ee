//! What one run has tried so far: the only memory that a decision is made from.

use jiff::Timestamp;

use crate::upgrade::step::Step;

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
    /// Whether this run sent it, or possibly did.
    sent: bool,
    /// When it was seen to end well.
    ended: Option<Timestamp>,
}

impl Attempted {
    /// Takes in that a step was sent, or that nobody knows whether it was.
    pub fn sent(&mut self, step: &Step) {
        self.change(step, |attempt| attempt.sent = true);
    }

    /// Takes in that the operation of a step was seen to end, or an end that was waited for.
    pub fn ended(&mut self, step: &Step, at: Timestamp) {
        self.change(step, |attempt| attempt.ended = Some(at));
    }

    fn change(&mut self, step: &Step, change: impl FnOnce(&mut Attempt)) {
        match self.0.iter_mut().find(|attempt| attempt.step == *step) {
            Some(known) => change(known),
            None => {
                let mut attempt = Attempt { step: step.clone(), sent: false, ended: None };
                change(&mut attempt);
                self.0.push(attempt);
            }
        }
    }

    /// Tells whether this run has sent anything.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.iter().any(|attempt| attempt.sent)
    }

    /// Returns the steps that this run sent and whose operations were seen to end.
    pub fn done(&self) -> impl Iterator<Item = &Step> {
        self.0.iter().filter(|attempt| attempt.sent && attempt.ended.is_some()).map(|attempt| &attempt.step)
    }

    /// Returns when a step was seen to end; `None` when this run did not see it.
    #[must_use]
    pub fn end_of(&self, step: &Step) -> Option<Timestamp> {
        self.0.iter().find(|attempt| attempt.step == *step)?.ended
    }

    /// Returns when a step was last seen to end; `None` when none was.
    #[must_use]
    pub fn last_end(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|attempt| attempt.ended).max()
    }
}
