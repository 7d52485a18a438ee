//! The loop: observe, ask for the next action, do it.
//!
//! An apply keeps no memory. Whatever happened to an earlier one, or to the answer of a write, the
//! next observation says what is true, and [`next`] says what to do about it.

mod follow;
mod headway;
mod journal;
mod write;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::action::{Action, due, next};
use crate::upgrade::plan::Step;
use crate::upgrade::promise::Promise;

use super::arguments::Arguments;
use super::configuration::Azure;
use super::explain;
use super::halt::{self, Halt, span};
use super::observation::Observation;
use super::observe::{Freshness, Wanted, observe};
use super::outlook::Outlook;
use super::pace::{Interrupt, LAST_LOOK, Pace};
use headway::Headway;
use journal::Journal;
use write::Write;

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
    pub wanted: Wanted,
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
        let mut journal = Journal::new(promise, first_seen);
        let halt = match self.drive(&mut journal).await {
            Ok(seen) => return Ok(seen),
            Err(halt) => halt,
        };
        let progress = journal.progress();
        let diagnostic = halt::explain(&halt, &progress, self.arguments, self.timeout);
        if !progress.touched {
            return Err(Broken { diagnostic, seen: None });
        }
        let seen = self.last_look(journal).await;
        Err(Broken { diagnostic, seen })
    }

    async fn drive(&self, journal: &mut Journal) -> Result<Observation, Halt> {
        let mut kept = None;
        loop {
            let turn = match kept.take() {
                Some(turn) => turn,
                None => self.turn(journal).await?,
            };
            let mut seen = match self.until_stopped(self.look(&self.client, journal)).await? {
                Ok(seen) => seen,
                Err(error) => {
                    kept = self.goes_first().then_some(turn);
                    self.bear(error, journal).await?;
                    continue;
                }
            };
            let outside = self.arguments.outside;
            let promise = journal.promise.get_or_insert_with(|| Outlook::new(self.arguments, &seen).promise);
            let promise = promise.clone();
            let due = due(&promise, &seen.cluster, &seen.offers).cloned();
            self.tell_end(due.as_ref(), journal);
            seen.cluster.idle_since = journal.ended_at;
            let started = journal.ended.as_ref();
            let action = next(
                &promise,
                &seen.cluster,
                &seen.offers,
                &self.arguments.windows,
                outside,
                started,
                seen.at,
            );
            journal.take_in(&action);
            journal.first_seen = seen.first_seen();
            match action {
                Action::Finish => return Ok(seen),
                Action::Stop(block) => {
                    journal.last = Some(seen);
                    return Err(Halt::Refused(block));
                }
                Action::Start(_) if !self.goes_first() && !journal.gave_way => {
                    drop(turn);
                    journal.gave_way = true;
                    self.pause(GIVE_WAY.min(self.client.poll_interval())).await?;
                }
                Action::Start(step) => {
                    let taken = self.take(&step, &seen, journal).await;
                    journal.last = Some(seen);
                    kept = self.goes_first().then_some(turn);
                    taken?;
                }
                Action::Poll(_) => {
                    kept = self.goes_first().then_some(turn);
                    self.attend(due, &seen, journal).await?;
                }
                Action::WaitUntil(instant) => {
                    kept = Some(turn).filter(|_| self.goes_first() && journal.works());
                    self.wait(instant, journal).await?;
                }
            }
        }
    }

    /// Waits for the cluster's turn; what this run started last has ended by then.
    async fn turn(&self, journal: &mut Journal) -> Result<OwnedMutexGuard<()>, Halt> {
        self.pace().turn().await.map_err(|interrupt| {
            journal.count_ended();
            match interrupt {
                Interrupt::Stopped => Halt::Stopped,
                Interrupt::Deadline => Halt::Queued,
            }
        })
    }

    /// Tells whether this run keeps the cluster's turn until its promise is kept.
    ///
    /// A version step moves its pool's image too, so images wait until the versions are done: no pool is
    /// drained twice. Before its first step a run does not keep others waiting for its window.
    fn goes_first(&self) -> bool {
        self.wanted == Wanted::Versions
    }

    async fn look(&self, client: &Client, journal: &Journal) -> Result<Observation, Error> {
        let first_seen = journal.first_seen.clone();
        observe(self.azure, client, &self.arguments.cluster, self.wanted, Freshness::Now, first_seen).await
    }

    /// Starts a step and stays with it until Azure says how it ended.
    async fn take(&self, step: &Step, seen: &Observation, journal: &mut Journal) -> Result<(), Halt> {
        let mut headway = Headway::of(self, step, seen, journal);
        headway.tell("starting");
        journal.running = Some(step.clone());
        let started = self.start(step, seen).await;
        if started.is_err() {
            journal.running = None;
        }
        match started? {
            Ok(Write::Settings(accepted)) => {
                journal.touched = true;
                self.follow(accepted.operation, &mut headway, journal).await
            }
            Ok(Write::Step(accepted)) => {
                journal.touched = true;
                self.follow(accepted.operation, &mut headway, journal).await?;
                journal.ended = Some(step.clone());
                journal.ended_at = self.client.now();
                headway.end();
                Ok(())
            }
            Err(error) => {
                let sent = matches!(error, Error::Ambiguous { .. });
                journal.touched |= sent;
                if !sent {
                    journal.running = None;
                }
                self.bear(error, journal).await
            }
        }
    }

    /// Waits after trouble that looking again may show to be over; ends the apply for any other.
    ///
    /// A refusal that Azure's own work explains (another operation, a change meanwhile, throttling) and an
    /// outcome that nobody knows are always looked at again. Silence and failures of the service
    /// are, once something was started; before that, the user is told at once.
    async fn bear(&self, error: Error, journal: &mut Journal) -> Result<(), Halt> {
        // The deadline of a write is the end of its window; that of the apply ends the apply.
        let late = matches!(error, Error::Deadline { .. }) && !self.is_over();
        if let Error::Deadline { last, .. } = &error {
            journal.trouble = Some(last.to_string());
        }
        if !(late || halt::is_borne(&error, journal.works())) {
            return Err(match error {
                Error::Deadline { .. } => Halt::Deadline,
                error => Halt::Azure(error),
            });
        }
        journal.strikes += 1;
        let pause = self.pace().after_trouble(&error, journal.strikes);
        tracing::info!(cluster = %self.arguments.cluster, wait = span(pause), "{error} Looking again");
        if !matches!(error, Error::Deadline { .. }) {
            journal.trouble = Some(error.to_string());
        }
        self.pause(pause).await
    }

    /// Waits for an operation that runs in Azure, ours or somebody else's.
    async fn attend(&self, due: Option<Step>, seen: &Observation, journal: &mut Journal) -> Result<(), Halt> {
        let since = journal.other().map(|(_, since)| since).unwrap_or_default();
        let Some(due) = due else { return self.pause(self.pace().patience(since / 10)).await };
        let is_ours = headway::is_worked_on(&due, seen);
        let headway = if is_ours {
            Headway::of(self, &due, seen, journal)
        } else {
            Headway::before(self, &due, seen, journal)
        };
        self.until_stopped(headway.tell_found(seen, since)).await?;
        journal.attached = is_ours.then_some(due);
        self.pause(self.pace().patience(since / 10)).await
    }

    /// Says that a step which this run found running is done: a soak counts from here.
    fn tell_end(&self, due: Option<&Step>, journal: &mut Journal) {
        let ended = journal.attached.take_if(|step| due != Some(step));
        if let Some(step) = ended {
            journal.ended_at = self.client.now();
            journal.count_found(&step);
            let (place, what) = (journal.place_of(&step), explain::step(&step));
            tracing::info!(cluster = self.arguments.cluster.name(), "{place}: {what}: done");
        }
    }

    /// Waits for an opening in naps: Azure's clock is asked again after each.
    async fn wait(&self, instant: Timestamp, journal: &Journal) -> Result<(), Halt> {
        let now = self.client.now().unwrap_or(instant);
        let remaining = Duration::try_from(instant.duration_since(now)).unwrap_or_default();
        let soaks = journal.soaks_until() == Some(instant);
        if self.client.left().is_some_and(|left| left < remaining) {
            return Err(if soaks { Halt::Soaks(instant) } else { Halt::TooFar(instant) });
        }
        let what = if soaks { "the soak to end" } else { "the maintenance window" };
        tracing::info!(cluster = %self.arguments.cluster, until = %instant, "Waiting for {what}");
        // Azure's clock counts whole seconds: a moment more, and the window is open when it is asked.
        self.pause((remaining + Duration::from_millis(500)).min(self.client.poll_interval() * NAP)).await
    }

    fn pace(&self) -> Pace<'_> {
        let Run { azure, client, arguments, stop, .. } = self;
        Pace { azure, client, cluster: &arguments.cluster, stop }
    }

    async fn pause(&self, pause: Duration) -> Result<(), Halt> {
        Ok(self.pace().pause(pause).await?)
    }

    async fn until_stopped<T>(&self, work: impl Future<Output = T>) -> Result<T, Halt> {
        Ok(self.pace().until_stopped(work).await?)
    }

    fn is_over(&self) -> bool {
        self.client.left().is_some_and(|left| left.is_zero())
    }

    async fn last_look(&self, journal: Journal) -> Option<Observation> {
        let client = self.client.until(Instant::now() + LAST_LOOK);
        let look = tokio::time::timeout(LAST_LOOK, self.look(&client, &journal));
        let seen = look.await.ok().and_then(Result::ok);
        seen.or(journal.last)
    }
}
