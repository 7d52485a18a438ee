//! Polling an operation to its end.

use std::time::Duration;

use tokio::time::Instant;

use crate::arm::error::Error;
use crate::arm::operation::{Operation, Progress, Source};
use crate::provider::apply::Run;
use crate::provider::apply::progress_log::ProgressLog;
use crate::provider::apply::run_state::RunState;
use crate::provider::apply::stop::{Stopped, span};
use crate::provider::words::errors;

/// How often a running operation is held against the resource that it works on.
const CROSS_CHECK: Duration = Duration::from_secs(300);

/// How often in a row the resource has to be at rest before its operation is held for over.
const AT_REST: u32 = 2;

impl Run<'_> {
    /// Polls an operation to its end. Where its status cannot be read, the next observation decides.
    ///
    /// A status can say `InProgress` for ever although the resource is done (Azure/AKS#1968), so the
    /// resource is asked now and then; when it is at rest twice in a row, the operation is over.
    pub(super) async fn follow(
        &self,
        operation: Option<Operation>,
        log: &mut ProgressLog<'_>,
        state: &mut RunState,
    ) -> Result<(), Stopped> {
        let Some(mut operation) = operation else { return Ok(()) };
        let mut delay = self.client.poll_interval();
        let (mut resting, mut checked) = (0, Instant::now());
        loop {
            self.pause(delay).await?;
            match self.until_stopped(self.client.poll(&mut operation)).await? {
                Ok(Progress::Running { status, nodes, retry_after }) => {
                    self.until_stopped(log.hear(status, nodes)).await?;
                    delay = retry_after;
                }
                Ok(Progress::Succeeded | Progress::StatusUnreadable(_)) => return Ok(()),
                Ok(Progress::Failed { code, message }) => {
                    let words = self.words(&operation, code, message).await;
                    return Err(Stopped::Failed(words));
                }
                Ok(Progress::Canceled { code, message }) => {
                    let words = self.words(&operation, code, message).await;
                    return Err(Stopped::Canceled(words));
                }
                Err(error) if error.is_passing() && !self.is_over() => {
                    log.tell(&format!("its status cannot be read at the moment: {error}"));
                    delay = error.retry_after().unwrap_or_default().max(self.client.poll_interval());
                    state.trouble(errors::sentence(&error));
                }
                Err(error) => return Err(ended_by(error, state)),
            }
            if checked.elapsed() >= CROSS_CHECK {
                checked = Instant::now();
                resting = if self.is_at_rest(&operation).await { resting + 1 } else { 0 };
                if resting == AT_REST {
                    log.warn(&format!(
                        "its status does not end, but the resource has been at rest for {}; going on from there",
                        span(CROSS_CHECK)
                    ));
                    return Ok(());
                }
            }
        }
    }

    /// Tells whether the resource shows no work in progress although the status of its operation does.
    async fn is_at_rest(&self, operation: &Operation) -> bool {
        if *operation.source() == Source::Resource {
            return false;
        }
        let shown = self.shown_by_resource(operation).await;
        matches!(shown, Some(Progress::Succeeded | Progress::Failed { .. } | Progress::Canceled { .. }))
    }

    /// Asks the resource instead of the operation; `None` when it cannot be asked now.
    async fn shown_by_resource(&self, operation: &Operation) -> Option<Progress> {
        let mut resource = operation.clone();
        resource.look_at_resource();
        self.until_stopped(self.client.poll(&mut resource)).await.ok()?.ok()
    }

    /// Finds Azure's words for a failure: the status gives them, else the resource keeps them.
    async fn words(&self, operation: &Operation, code: String, message: String) -> String {
        if !message.is_empty() {
            return format!("{code}: {message}").trim_start_matches(": ").to_owned();
        }
        match self.shown_by_resource(operation).await {
            Some(Progress::Failed { code, message } | Progress::Canceled { code, message }) => {
                format!("{code}: {message}").trim_matches([':', ' ']).to_owned()
            }
            _ => code,
        }
    }
}

fn ended_by(error: Error, state: &mut RunState) -> Stopped {
    match error {
        Error::Deadline { last, .. } => {
            state.trouble(errors::sentence(&last));
            Stopped::Deadline
        }
        error => Stopped::Azure(error),
    }
}
