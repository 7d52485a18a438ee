//! The loop: observe, ask for the next action, do it.
//!
//! An apply keeps no memory. Whatever happened to an earlier one, or to the answer of a write, the
//! next observation says what is true, and [`next`] says what to do about it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::{Accepted, Client};
use crate::arm::error::Error;
use crate::arm::operation::{Operation, Progress};
use crate::arm::response;
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::action::{Action, next};
use crate::upgrade::block::Block;
use crate::upgrade::duration;
use crate::upgrade::plan::{Change, Component, Step};
use crate::upgrade::promise::Promise;

use super::arguments::Arguments;
use super::configuration::Azure;
use super::explain;
use super::observation::Observation;
use super::observe::{Wanted, observe};
use super::outlook::Outlook;

/// How long an interrupted apply may take to look at the cluster once more.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// One apply of one resource.
pub struct Run<'a> {
    /// Gives the turns: one operation per cluster.
    pub azure: &'a Azure,
    /// The way to Azure; its deadline is the resource's timeout.
    pub client: Client,
    /// What the user wrote.
    pub arguments: &'a Arguments,
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

/// Why an apply ends before its promise is kept.
#[derive(Debug)]
pub enum Halt {
    /// The first Ctrl-C.
    Stopped,
    /// The timeout of the resource, with what Azure answered last, when it was no success.
    Deadline(Option<Error>),
    /// A rule.
    Refused(Block),
    /// Azure's answer, or the lack of one.
    Azure(Error),
    /// Azure ran the step, and it failed.
    Failed(String),
}

/// The memory of one apply: what it reports, never what it decides from.
#[derive(Default)]
struct Journal {
    touched: bool,
    running: Option<Step>,
    ended: Option<Step>,
    ended_at: Option<Timestamp>,
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
        let mut journal = Journal::default();
        let mut last = None;
        let (halt, promise) = match self.drive(promise, first_seen, &mut journal, &mut last).await {
            Ok(seen) => return Ok(seen),
            Err(broken) => broken,
        };
        let left = promise.as_ref().map_or(&[][..], |promise| &promise.steps);
        let diagnostic = explain::halt(&halt, self.arguments, journal.running.as_ref(), left);
        if !journal.touched {
            return Err(Broken { diagnostic, seen: None });
        }
        let seen = self.last_look(last).await;
        Err(Broken { diagnostic, seen })
    }

    async fn drive(
        &self,
        promise: Option<Promise>,
        first_seen: BTreeMap<String, Timestamp>,
        journal: &mut Journal,
        last: &mut Option<Observation>,
    ) -> Result<Observation, (Halt, Option<Promise>)> {
        let mut promise = promise;
        loop {
            let turn = self.turn().await.map_err(|halt| (halt, promise.clone()))?;
            let first_seen = last.as_ref().map_or_else(|| first_seen.clone(), Observation::first_seen);
            let looked =
                observe(self.azure, &self.client, &self.arguments.cluster, self.wanted, first_seen).await;
            let mut seen = looked.map_err(|error| (self.halt(error), promise.clone()))?;
            seen.cluster.idle_since = journal.ended_at;
            let kept = promise.get_or_insert_with(|| Outlook::new(self.arguments, &seen).promise);
            let action = self.action(kept, &seen, journal.ended.as_ref());
            let done = match action {
                Action::Finish => return Ok(seen),
                Action::Stop(block) => Err(Halt::Refused(block)),
                Action::Start(step) => {
                    let result = self.take(&step, kept, &seen, journal).await;
                    drop(turn);
                    result
                }
                Action::Poll(what) => {
                    drop(turn);
                    tracing::info!(cluster = %self.arguments.cluster, status = what, "Waiting for an operation that runs in Azure");
                    self.pause(self.client.poll_interval()).await
                }
                Action::WaitUntil(instant) => {
                    drop(turn);
                    self.wait(instant).await
                }
            };
            *last = Some(seen);
            done.map_err(|halt| (halt, promise.clone()))?;
        }
    }

    fn action(&self, promise: &Promise, seen: &Observation, ended: Option<&Step>) -> Action {
        let windows = self.arguments.windows_at(seen.at);
        next(promise, &seen.cluster, &seen.offers, &windows, self.arguments.outside, ended, seen.at)
    }

    /// Starts a step and stays with it until Azure says how it ended.
    ///
    /// A conflict, a lost answer and a body that changed meanwhile are all answered by looking again.
    async fn take(
        &self,
        step: &Step,
        promise: &Promise,
        seen: &Observation,
        journal: &mut Journal,
    ) -> Result<(), Halt> {
        let left = self.arguments.windows_at(seen.at).opening(step.work(), seen.at);
        let left = left.map(|opening| duration::display(opening.end.duration_since(seen.at)));
        let number = promise.steps.iter().position(|promised| promised == step).map_or(0, |index| index + 1);
        let progress = format!("step {number} of {}", promise.steps.len());
        let what = explain::step(step);
        tracing::info!(cluster = seen.cluster.name, window_left = left, "{progress}: {what}: starting");
        journal.running = Some(step.clone());
        match self.start(step).await {
            Ok(Write::Settings(accepted)) => {
                journal.touched = true;
                self.follow(accepted.operation, &progress, &what).await
            }
            Ok(Write::Step(accepted)) => {
                journal.touched = true;
                self.follow(accepted.operation, &progress, &what).await?;
                journal.ended = Some(step.clone());
                journal.ended_at = self.client.now();
                tracing::info!(cluster = seen.cluster.name, "{progress}: {what}: done");
                Ok(())
            }
            Err(error @ (Error::Ambiguous { .. } | Error::Conflict(_) | Error::Precondition(_))) => {
                journal.touched |= matches!(error, Error::Ambiguous { .. });
                tracing::info!(cluster = seen.cluster.name, "{progress}: {what}: {error} Looking again");
                self.pause(self.client.poll_interval()).await
            }
            Err(error) => Err(self.halt(error)),
        }
    }

    async fn start(&self, step: &Step) -> Result<Write, Error> {
        let (client, id, rollout) = (&self.client, &self.arguments.cluster, &self.arguments.policy.rollout);
        let drain = rollout.drain_timeout.map(|timeout| timeout.as_mins());
        let surge = rollout.max_surge.as_deref();
        match (&step.component, &step.change) {
            (Component::Pool(pool), Change::Kubernetes { to, .. }) => {
                let body = response::with_pool_version(&client.pool(id, pool).await?.body, to, surge, drain);
                client.put_pool(id, pool, &body).await.map(Write::Step)
            }
            (Component::Pool(pool), Change::NodeImage { .. }) => {
                if surge.is_some() || drain.is_some() {
                    let body = client.pool(id, pool).await?.body;
                    let changed = response::with_pool_settings(&body, surge, drain);
                    if changed != response::with_pool_settings(&body, None, None) {
                        return client.put_pool(id, pool, &changed).await.map(Write::Settings);
                    }
                }
                client.upgrade_node_image(id, pool).await.map(Write::Step)
            }
            (Component::ControlPlane, Change::Kubernetes { to, .. }) => {
                let body = response::with_cluster_version(&client.cluster(id).await?.body, to);
                client.put_cluster(id, &body).await.map(Write::Step)
            }
            (Component::Cluster, Change::Kubernetes { to, .. }) => {
                let body = response::with_full_version(&client.cluster(id).await?.body, to);
                client.put_cluster(id, &body).await.map(Write::Step)
            }
            (Component::Cluster | Component::ControlPlane, Change::NodeImage { .. }) => {
                unreachable!("node images belong to pools: plan() makes no such step")
            }
        }
    }

    /// Polls an operation to its end. Where its status cannot be read, the next observation decides.
    async fn follow(&self, operation: Option<Operation>, progress: &str, what: &str) -> Result<(), Halt> {
        let Some(mut operation) = operation else { return Ok(()) };
        let mut delay = self.client.poll_interval();
        let mut told = String::new();
        loop {
            self.pause(delay).await?;
            match self.client.poll(&mut operation).await {
                Ok(Progress::Running { status, retry_after, .. }) => {
                    if status != told {
                        tracing::info!("{progress}: {what}: {status}");
                        told = status;
                    }
                    delay = retry_after;
                }
                Ok(Progress::Succeeded | Progress::StatusUnreadable(_)) => return Ok(()),
                Ok(Progress::Failed { code, message }) => {
                    return Err(Halt::Failed(
                        format!("{code}: {message}").trim_start_matches(": ").to_owned(),
                    ));
                }
                Ok(Progress::Canceled) => {
                    return Err(Halt::Failed("somebody cancelled it".to_owned()));
                }
                Err(error) => return Err(self.halt(error)),
            }
        }
    }

    async fn turn(&self) -> Result<tokio::sync::OwnedMutexGuard<()>, Halt> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Halt::Stopped),
            turn = self.azure.turn(&self.arguments.cluster) => Ok(turn),
        }
    }

    /// Waits for an opening in slices: Azure's clock is asked again after each.
    async fn wait(&self, instant: Timestamp) -> Result<(), Halt> {
        let now = self.client.now().unwrap_or(instant);
        let remaining = Duration::try_from(instant.duration_since(now)).unwrap_or_default();
        if self.client.left().is_some_and(|left| left < remaining) {
            return Err(Halt::Deadline(None));
        }
        tracing::info!(cluster = %self.arguments.cluster, until = %instant, "Waiting for the maintenance window");
        self.pause(remaining.min(self.client.poll_interval() * 6)).await
    }

    async fn pause(&self, pause: Duration) -> Result<(), Halt> {
        let overrun = self.client.left().is_some_and(|left| left <= pause);
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Halt::Stopped),
            () = tokio::time::sleep(pause), if !overrun => Ok(()),
            else => Err(Halt::Deadline(None)),
        }
    }

    async fn last_look(&self, last: Option<Observation>) -> Option<Observation> {
        let client = self.client.until(Instant::now() + LAST_LOOK);
        let first_seen = last.as_ref().map(Observation::first_seen).unwrap_or_default();
        observe(self.azure, &client, &self.arguments.cluster, self.wanted, first_seen).await.ok().or(last)
    }

    fn halt(&self, error: Error) -> Halt {
        match error {
            Error::Deadline { last, .. } => Halt::Deadline(Some(*last)),
            error => Halt::Azure(error),
        }
    }
}

/// A write that Azure accepted.
enum Write {
    /// The step itself.
    Step(Accepted),
    /// A pool's settings, which have to be there before its step.
    Settings(Accepted),
}
