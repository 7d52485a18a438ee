//! Doing the next action: a step, an operation that runs, a wait, trouble.

use std::time::Duration;

use jiff::Timestamp;

use crate::arm::error::Error;
use crate::provider::apply::Run;
use crate::provider::apply::progress_log::{self, ProgressLog};
use crate::provider::apply::run_state::RunState;
use crate::provider::apply::sink::News;
use crate::provider::apply::stop::{self, Stopped, span};
use crate::provider::apply::write::{Sent, Unsent};
use crate::provider::observation::Observation;
use crate::provider::words::{errors, explain};
use crate::upgrade::step::Step;

/// The longest sleep before a window, in poll intervals: Azure's clock is asked again after each.
const NAP: u32 = 60;

impl Run<'_> {
    /// Starts a step and stays with it until Azure says how it ended.
    pub(super) async fn take(
        &self,
        step: &Step,
        seen: &Observation,
        state: &mut RunState,
    ) -> Result<(), Stopped> {
        let mut log = ProgressLog::of(self, step, seen, state);
        log.tell("starting");
        state.sending(step);
        let started = self.start(step, seen, state).await;
        if started.is_err() {
            state.not_sent();
        }
        match started? {
            Ok(Sent::PoolSettings(accepted)) => {
                state.settings_sent(step.work.pool().unwrap_or_default());
                self.follow(accepted.operation, &mut log, state).await
            }
            Ok(Sent::Step(accepted)) => {
                state.sent(step);
                self.follow(accepted.operation, &mut log, state).await?;
                state.ended(step, self.now(seen));
                log.end();
                Ok(())
            }
            Err(Unsent::Step(error)) => {
                match error {
                    Error::Ambiguous { .. } => state.lost(step, seen),
                    _ => state.not_sent(),
                }
                self.tolerate(error, state).await
            }
            // Whether settings arrived shows when the pool is read again.
            Err(Unsent::PoolSettings(error)) => {
                state.not_sent();
                self.tolerate(error, state).await
            }
            Err(Unsent::NotKept { wanted, shown }) => {
                state.not_sent();
                Err(Stopped::NotKept { step: step.clone(), wanted, shown })
            }
        }
    }

    /// Waits after trouble that looking again may show to be over; ends the apply for any other.
    ///
    /// A refusal that Azure's own work explains (another operation, a change meanwhile, throttling) and an
    /// outcome that nobody knows are always looked at again. Silence and failures of the service
    /// are, once something was started; before that, the user is told at once.
    pub(super) async fn tolerate(&self, error: Error, state: &mut RunState) -> Result<(), Stopped> {
        // The deadline of a write is the end of its window; that of the apply ends the apply.
        let late = matches!(error, Error::Deadline { .. }) && !self.is_over();
        if let Error::Deadline { last, .. } = &error {
            state.trouble(errors::sentence(last));
        }
        if !(late || stop::is_tolerated(&error, state.works())) {
            return Err(match error {
                Error::Deadline { .. } => Stopped::Deadline,
                error => Stopped::Azure(error),
            });
        }
        let pause = self.waiter().after_trouble(&error, state.failed_again());
        let (text, wait) = (format!("{error} Looking again"), Some(span(pause)));
        let cluster = self.arguments.cluster.to_string();
        self.sink.tell(&News { text, cluster, wait, ..News::default() });
        if !matches!(error, Error::Deadline { .. }) {
            state.trouble(errors::sentence(&error));
        }
        self.pause(pause).await
    }

    /// Waits for an operation that runs in Azure, ours or somebody else's.
    pub(super) async fn attend(
        &self,
        due: Option<Step>,
        seen: &Observation,
        state: &mut RunState,
    ) -> Result<(), Stopped> {
        let since = state.waited();
        let Some(due) = due else { return self.pause(self.waiter().patience(since / 10)).await };
        let is_ours = progress_log::is_worked_on(&due, seen);
        let log = if is_ours {
            ProgressLog::of(self, &due, seen, state)
        } else {
            ProgressLog::before(self, &due, seen, state)
        };
        self.until_stopped(log.tell_found(seen, since)).await?;
        state.attach(is_ours.then_some(due));
        self.pause(self.waiter().patience(since / 10)).await
    }

    /// Says that a step which this run found running is done: a soak counts from here.
    pub(super) fn tell_end(&self, due: Option<&Step>, seen: &Observation, state: &mut RunState) {
        let Some(step) = state.detach(due, self.now(seen)) else { return };
        let text = format!("{}: {}: done", state.place_of(&step), explain::step(&step));
        let cluster = self.arguments.cluster.name().to_owned();
        self.sink.tell(&News { text, cluster, ..News::default() });
    }

    /// Waits for an opening in naps: Azure's clock is asked again after each.
    pub(super) async fn wait(
        &self,
        instant: Timestamp,
        due: Option<&Step>,
        seen: &Observation,
        state: &RunState,
    ) -> Result<(), Stopped> {
        let now = self.client.now().unwrap_or(instant);
        let remaining = Duration::try_from(instant.duration_since(now)).unwrap_or_default();
        let soaks = state.soaks_until() == Some(instant);
        if self.client.left().is_some_and(|left| left < remaining) {
            let short = due.and_then(|step| self.too_short(step, seen));
            return Err(if soaks {
                Stopped::Soaks(instant)
            } else {
                Stopped::TooFar { opens: instant, short }
            });
        }
        let what = if soaks { "the soak to end" } else { "the maintenance window" };
        let (text, cluster) = (format!("Waiting for {what}"), self.arguments.cluster.to_string());
        self.sink.tell(&News { text, cluster, until: Some(instant), ..News::default() });
        // Azure's clock counts whole seconds: a moment more, and the window is open when it is asked.
        self.pause((remaining + Duration::from_millis(500)).min(self.client.poll_interval() * NAP)).await
    }
}
