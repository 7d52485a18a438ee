//! The loop: observe, ask for the next action, do it.
//!
//! An apply keeps no memory. Whatever happened to an earlier one, or to the answer of a write, the
//! next observation says what is true, and [`next`] says what to do about it.

mod poll_to_end;
mod progress_log;
mod run_state;
pub mod stop;
pub mod wait;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::provider::apply::progress_log::ProgressLog;
use crate::provider::apply::run_state::RunState;
use crate::provider::apply::stop::{Stopped, span};
use crate::provider::apply::wait::{Interrupt, LAST_LOOK, Waiter};
use crate::provider::apply::write::Sent;
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::azure::Azure;
use crate::provider::observation::Observation;
use crate::provider::observation::observe::{Freshness, OfferKind, observe, with_maintenance};
use crate::provider::words::{errors, explain};
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::action::{Action, due, next};
use crate::upgrade::policy::Executor;
use crate::upgrade::promise::Promise;
use crate::upgrade::step::Step;

/// How long an image run waits before its first step: Terraform starts what does not depend on one another at
/// about the same time, and a version run on the same cluster has to come first.
const GIVE_WAY: Duration = Duration::from_secs(1);

/// The longest sleep before a window, in poll intervals: Azure's clock is asked again after each.
const NAP: u32 = 60;

/// One apply of one resource.
pub struct Run<'a> {
    /// Gives the turns: one operation per cluster.
    pub azure: &'a Azure,
    /// The way to Azure; its deadline is the resource's timeout.
    pub client: Client,
    /// What the user wrote.
    pub arguments: &'a Arguments,
    /// The timeout of the resource, for the diagnostic.
    pub timeout: Duration,
    /// The offers that the steps are checked against.
    pub offers: OfferKind,
    /// Cancelled by the first Ctrl-C.
    pub stop: CancellationToken,
}

/// A promise that was not kept.
#[derive(Debug)]
pub struct Broken {
    /// Why, and what to do.
    pub diagnostic: Diagnostic,
    /// What is true now; `None` when nothing was touched.
    pub seen: Option<Observation>,
}

impl Run<'_> {
    /// Does the promised steps; without a promise, those that the first observation promises.
    ///
    /// # Errors
    ///
    /// [`Broken`] when the promise cannot be kept. Nothing that runs in Azure is ever aborted.
    pub async fn keep(
        &self,
        promise: Option<Promise>,
        first_seen: BTreeMap<String, Timestamp>,
    ) -> Result<Observation, Broken> {
        let mut state = RunState::new(promise, first_seen);
        let stopped = match self.drive(&mut state).await {
            Ok(seen) => return Ok(seen),
            Err(stopped) => stopped,
        };
        let progress = state.progress();
        let diagnostic = stop::explain(&stopped, &progress, self.arguments, self.timeout);
        if !progress.touched {
            return Err(Broken { diagnostic, seen: None });
        }
        let seen = self.last_look(state).await;
        Err(Broken { diagnostic, seen })
    }

    async fn drive(&self, state: &mut RunState) -> Result<Observation, Stopped> {
        let mut kept = None;
        loop {
            let turn = match kept.take() {
                Some(turn) => turn,
                None => self.turn(state).await?,
            };
            let seen = match self.until_stopped(self.look(&self.client, state)).await? {
                Ok(seen) => seen,
                Err(error) => {
                    kept = self.goes_first().then_some(turn);
                    self.bear(error, state).await?;
                    continue;
                }
            };
            let outside = self.arguments.outside;
            let promise = state.promise.get_or_insert_with(|| Assessment::new(self.arguments, &seen).promise);
            let promise = promise.clone();
            let due = due(&promise, &seen).cloned();
            self.tell_end(due.as_ref(), &seen, state);
            let action = next(&promise, &seen, &self.arguments.windows, outside, &state.attempted);
            state.take_in(&action);
            state.first_seen = seen.first_seen();
            match action {
                Action::Finish => return Ok(seen),
                Action::Stop(block) => {
                    state.last = Some(seen);
                    return Err(Stopped::Refused(block));
                }
                Action::Start(_) if !self.goes_first() && !state.gave_way => {
                    drop(turn);
                    state.gave_way = true;
                    self.pause(GIVE_WAY.min(self.client.poll_interval())).await?;
                }
                Action::Start(step) => {
                    let taken = self.take(&step, &seen, state).await;
                    state.last = Some(seen);
                    kept = self.goes_first().then_some(turn);
                    taken?;
                }
                Action::Poll(_) => {
                    kept = self.goes_first().then_some(turn);
                    self.attend(due, &seen, state).await?;
                }
                Action::WaitUntil(instant) => {
                    kept = Some(turn).filter(|_| self.goes_first() && state.works());
                    self.wait(instant, state).await?;
                }
            }
        }
    }

    /// Waits for the cluster's turn; what this run started last has ended by then.
    async fn turn(&self, state: &mut RunState) -> Result<OwnedMutexGuard<()>, Stopped> {
        self.waiter().turn().await.map_err(|interrupt| {
            state.count_ended();
            match interrupt {
                Interrupt::Stopped => Stopped::Stopped,
                Interrupt::Deadline => Stopped::Queued,
            }
        })
    }

    /// Tells whether this run keeps the cluster's turn until its promise is kept.
    ///
    /// A version step moves its pool's image too, so images wait until the versions are done: no pool is
    /// drained twice. Before its first step a run does not keep others waiting for its window.
    fn goes_first(&self) -> bool {
        self.offers == OfferKind::Versions
    }

    async fn look(&self, client: &Client, state: &RunState) -> Result<Observation, Error> {
        let first_seen = state.first_seen.clone();
        let id = &self.arguments.cluster;
        let seen = observe(self.azure, client, id, self.offers, Freshness::Now, first_seen).await?;
        match &self.arguments.policy.executor {
            Executor::Terraform => Ok(seen),
            Executor::Aks(_) => with_maintenance(client, id, seen).await,
        }
    }

    /// Starts a step and stays with it until Azure says how it ended.
    async fn take(&self, step: &Step, seen: &Observation, state: &mut RunState) -> Result<(), Stopped> {
        let mut log = ProgressLog::of(self, step, seen, state);
        log.tell("starting");
        state.running = Some(step.clone());
        let started = self.start(step, seen).await;
        if started.is_err() {
            state.running = None;
        }
        match started? {
            Ok(Sent::PoolSettings(accepted)) => {
                state.touched = true;
                self.follow(accepted.operation, &mut log, state).await
            }
            Ok(Sent::Step(accepted)) => {
                state.touched = true;
                state.attempted.sent(step);
                self.follow(accepted.operation, &mut log, state).await?;
                state.attempted.ended(step, self.now(seen));
                log.end();
                Ok(())
            }
            Err(error) => {
                let sent = matches!(error, Error::Ambiguous { .. });
                state.touched |= sent;
                if sent {
                    state.attempted.sent(step);
                } else {
                    state.running = None;
                }
                self.bear(error, state).await
            }
        }
    }

    /// Waits after trouble that looking again may show to be over; ends the apply for any other.
    ///
    /// A refusal that Azure's own work explains (another operation, a change meanwhile, throttling) and an
    /// outcome that nobody knows are always looked at again. Silence and failures of the service
    /// are, once something was started; before that, the user is told at once.
    async fn bear(&self, error: Error, state: &mut RunState) -> Result<(), Stopped> {
        // The deadline of a write is the end of its window; that of the apply ends the apply.
        let late = matches!(error, Error::Deadline { .. }) && !self.is_over();
        if let Error::Deadline { last, .. } = &error {
            state.trouble = Some(errors::sentence(last));
        }
        if !(late || stop::is_borne(&error, state.works())) {
            return Err(match error {
                Error::Deadline { .. } => Stopped::Deadline,
                error => Stopped::Azure(error),
            });
        }
        state.strikes += 1;
        let pause = self.waiter().after_trouble(&error, state.strikes);
        tracing::info!(cluster = %self.arguments.cluster, wait = span(pause), "{error} Looking again");
        if !matches!(error, Error::Deadline { .. }) {
            state.trouble = Some(errors::sentence(&error));
        }
        self.pause(pause).await
    }

    /// Waits for an operation that runs in Azure, ours or somebody else's.
    async fn attend(
        &self,
        due: Option<Step>,
        seen: &Observation,
        state: &mut RunState,
    ) -> Result<(), Stopped> {
        let since = state.other().map(|(_, since)| since).unwrap_or_default();
        let Some(due) = due else { return self.pause(self.waiter().patience(since / 10)).await };
        let is_ours = progress_log::is_worked_on(&due, seen);
        let log = if is_ours {
            ProgressLog::of(self, &due, seen, state)
        } else {
            ProgressLog::before(self, &due, seen, state)
        };
        self.until_stopped(log.tell_found(seen, since)).await?;
        state.attached = is_ours.then_some(due);
        self.pause(self.waiter().patience(since / 10)).await
    }

    /// Says that a step which this run found running is done: a soak counts from here.
    fn tell_end(&self, due: Option<&Step>, seen: &Observation, state: &mut RunState) {
        let ended = state.attached.take_if(|step| due != Some(step));
        if let Some(step) = ended {
            state.attempted.ended(&step, self.now(seen));
            state.count_found(&step);
            let (place, what) = (state.place_of(&step), explain::step(&step));
            tracing::info!(cluster = self.arguments.cluster.name(), "{place}: {what}: done");
        }
    }

    /// Waits for an opening in naps: Azure's clock is asked again after each.
    async fn wait(&self, instant: Timestamp, state: &RunState) -> Result<(), Stopped> {
        let now = self.client.now().unwrap_or(instant);
        let remaining = Duration::try_from(instant.duration_since(now)).unwrap_or_default();
        let soaks = state.soaks_until() == Some(instant);
        if self.client.left().is_some_and(|left| left < remaining) {
            return Err(if soaks { Stopped::Soaks(instant) } else { Stopped::TooFar(instant) });
        }
        let what = if soaks { "the soak to end" } else { "the maintenance window" };
        tracing::info!(cluster = %self.arguments.cluster, until = %instant, "Waiting for {what}");
        // Azure's clock counts whole seconds: a moment more, and the window is open when it is asked.
        self.pause((remaining + Duration::from_millis(500)).min(self.client.poll_interval() * NAP)).await
    }

    fn waiter(&self) -> Waiter<'_> {
        let Run { azure, client, arguments, stop, .. } = self;
        Waiter { azure, client, cluster: &arguments.cluster, stop }
    }

    async fn pause(&self, pause: Duration) -> Result<(), Stopped> {
        Ok(self.waiter().pause(pause).await?)
    }

    async fn until_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Stopped> {
        Ok(self.waiter().until_stopped(work).await?)
    }

    /// Returns what Azure's clock shows.
    fn now(&self, seen: &Observation) -> Timestamp {
        self.client.now().unwrap_or(seen.at)
    }

    fn is_over(&self) -> bool {
        self.client.left().is_some_and(|left| left.is_zero())
    }

    async fn last_look(&self, state: RunState) -> Option<Observation> {
        let client = self.client.until(Instant::now() + LAST_LOOK);
        let look = tokio::time::timeout(LAST_LOOK, self.look(&client, &state));
        let seen = look.await.ok().and_then(Result::ok);
        seen.or(state.last)
    }
}
