//! Where a run, a stage, a group, a member or a gate stands, and since when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A state by Azure's name (`UpdateState` of the OpenAPI description).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::simulator) enum State {
    NotStarted,
    Running,
    Pending,
    Stopping,
    Stopped,
    Skipped,
    Failed,
    Completed,
}

/// A state with its times, and the error of a failure or of what is waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Status {
    pub state: State,
    pub started: Option<Timestamp>,
    pub completed: Option<Timestamp>,
    pub error: Option<Error>,
}

/// Azure's code and message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Error {
    pub code: String,
    pub message: String,
}

impl Status {
    /// Returns the status of what has not begun.
    pub(in crate::simulator::world) fn new() -> Self {
        Status { state: State::NotStarted, started: None, completed: None, error: None }
    }

    /// Tells whether nothing is left to do.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Completed | State::Skipped)
    }

    /// Enters a state of work that goes on; the first instant stays.
    pub(in crate::simulator::world) fn go_on(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.completed = None;
        self.started.get_or_insert(now);
    }

    /// Enters a state in which nothing goes on any more.
    pub(in crate::simulator::world) fn end(&mut self, state: State, now: Timestamp) {
        *self = Status { state, started: self.started, completed: Some(now), error: None };
    }

    /// Fails, with the reason; the first one stays.
    pub(in crate::simulator::world) fn fail(&mut self, error: Error, now: Timestamp) {
        if self.state != State::Failed {
            self.end(State::Failed, now);
            self.error = Some(error);
        }
    }

    /// Goes back to the beginning, unless it is over: a run that is started again does what is left.
    pub(super) fn reset(&mut self) {
        if !self.is_over() {
            *self = Self::new();
        }
    }

    /// Returns it as the API shows it.
    pub(super) fn json(&self) -> Value {
        let mut shown = json!({ "state": self.state });
        for (key, at) in [("startTime", self.started), ("completedTime", self.completed)] {
            if let Some(at) = at {
                shown[key] = json!(at.to_string());
            }
        }
        if let Some(Error { code, message }) = &self.error {
            shown["error"] = json!({ "code": code, "message": message });
        }
        shown
    }
}
