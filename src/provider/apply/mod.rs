//! The loop: observe, ask for the next action, do it.
//!
//! ```text
//!                 +----------> wait for the cluster's turn <-----------------------------+
//!                 |                        |                                             |
//!                 |                     observe ---- trouble: tolerate it, or stop ------+
//!                 |                        |                                             |
//!                 |              next(promise, seen, attempted)                          |
//!                 |                        |                                             |
//!     +-----------+----------+-------------+-----------+---------------------+           |
//!     |           |          |                         |                     |           |
//!  Finish       Stop       Start                     Poll                WaitUntil       |
//!     |           |          |                         |                     |           |
//!  the facts   an error    write it, once:          attach to the step    sleep a while,-+
//!                          |  refused: tolerate,    that runs, or wait    keep nobody    |
//!                          |  or stop               for what is not ours  waiting        |
//!                          |  lost: look again         |                                 |
//!                          |  accepted: poll to        +---------------------------------+
//!                          |  its end; it failed:                                        |
//!                          |  stop                                                       |
//!                          +-------------------------------------------------------------+
//! ```
//!
//! An apply keeps no memory but what it attempted. Whatever happened to an earlier one, or to the answer of a
//! write, the next observation says what is true, and [`next`] says what to do about it. An interrupt and the
//! timeout end every wait; nothing that runs in Azure is aborted.
//!
//! | module | |
//! |---|---|
//! | [`run_state`] | The memory: what was promised and tried, and what is decided from it. |
//! | [`account`] | What is reported of it; no step is decided from it. |
//! | [`act`] | One action: a step, an operation that runs, a wait, trouble. |
//! | [`write`](mod@write) | The one write of a step, and the time by which it has to be sent. |
//! | [`poll_to_end`] | An operation, to its end. |
//! | [`wait`] | Waiting: for the turn, for time to pass, for an answer. |
//! | [`progress_log`], [`sink`] | What is told meanwhile, and to whom. |
//! | [`stop`] | Why an apply ends early, as a sentence. |

mod account;
mod act;
mod poll_to_end;
mod progress_log;
mod run_state;
pub mod sink;
pub mod stop;
pub mod wait;
mod write;

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::provider::apply::run_state::RunState;
use crate::provider::apply::sink::Sink;
use crate::provider::apply::stop::Stopped;
use crate::provider::apply::wait::{Interrupt, LAST_LOOK, Waiter};
use crate::provider::arguments::Arguments;
use crate::provider::azure::Azure;
use crate::provider::observation::observe::{
    Freshness, Look, OfferKind, PoolQuestions, known, observe, with_maintenance, with_pool_profiles,
};
use crate::provider::observation::{Memory, Observation};
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::action::{Action, due, next, to_ask};
use crate::upgrade::policy::Executor;
use crate::upgrade::promise::Promise;
use crate::upgrade::step::Step;

/// How long an image run waits before its first step: Terraform starts what does not depend on one another at
/// about the same time, and a version run on the same cluster has to come first.
const GIVE_WAY: Duration = Duration::from_secs(1);

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
    /// Where it tells how it goes.
    pub sink: &'a dyn Sink,
}

/// A promise that was not kept.
#[derive(Debug)]
pub struct Broken {
    /// Why, and what to do.
    pub diagnostic: Diagnostic,
    /// What was read last, and so what is true now; `None` when nothing could be read.
    pub seen: Option<Observation>,
}

impl Run<'_> {
    /// Does the promised steps, and nothing else.
    ///
    /// # Errors
    ///
    /// [`Broken`] when the promise cannot be kept. Nothing that runs in Azure is ever aborted.
    pub async fn keep(&self, promise: Promise, memory: Memory) -> Result<Observation, Broken> {
        let mut state = RunState::new(promise, memory);
        let stopped = match self.drive(&mut state).await {
            Ok(seen) => return Ok(seen.with_memory(state.memory())),
            Err(stopped) => stopped,
        };
        if let Stopped::Refused(block) = &stopped {
            state.remember(block);
        }
        let (reached, memory) = (state.reached(), state.memory());
        // What nothing was written to is as it was read; what was learned of a refusal needs another look.
        let looks = reached.touched || stopped.asks_for_the_image();
        let seen = if looks { self.last_look(state).await } else { state.into_last() };
        let seen = seen.map(|seen| seen.with_memory(memory));
        let image_helps = seen.as_ref().is_none_or(|seen| seen.is_image_offered_to_the_ill());
        let diagnostic = stop::explain(&stopped, &reached, image_helps, self.arguments, self.timeout);
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
                    state.turn_lost();
                    self.tolerate(error, state).await?;
                    continue;
                }
            };
            state.keep(seen.clone());
            let seen = match self.until_stopped(self.with_pool_offers(seen, state)).await? {
                Ok(seen) => seen,
                Err(error) => {
                    state.turn_lost();
                    kept = self.goes_first().then_some(turn);
                    self.tolerate(error, state).await?;
                    continue;
                }
            };
            state.look(&seen);
            let outside = self.arguments.outside;
            let due = due(state.promise(), &seen).cloned();
            state.asked(due.as_ref().filter(|_| seen.cluster.operation().is_none()));
            self.tell_end(due.as_ref(), &seen, state);
            let action = next(state.promise(), &seen, &self.arguments.windows, outside, state.attempted());
            state.saw(&seen, &action);
            state.keep(seen.clone());
            match action {
                Action::Finish => return Ok(seen),
                Action::Stop(block) => return Err(Stopped::Refused(block)),
                Action::Start(_) if !self.goes_first() && state.gives_way() => {
                    drop(turn);
                    self.pause(GIVE_WAY.min(self.client.poll_interval())).await?;
                }
                Action::Start(step) => {
                    let taken = self.take(&step, &seen, state).await;
                    if matches!(taken, Err(Stopped::Failed(_) | Stopped::Canceled(_))) {
                        state.remember_failed(&step, &seen.cluster);
                    }
                    if taken.as_ref().is_err_and(Stopped::asks_for_the_image) {
                        state.remember_too_old(&step, &seen.cluster);
                    }
                    kept = self.goes_first().then_some(turn);
                    taken?;
                }
                Action::Poll(_) => {
                    kept = self.goes_first().then_some(turn);
                    self.attend(due, &seen, state).await?;
                }
                Action::WaitUntil(instant) => {
                    kept = Some(turn).filter(|_| self.goes_first() && state.works());
                    self.wait(instant, due.as_ref(), &seen, state).await?;
                }
            }
        }
    }

    /// Waits for the cluster's turn; what this run started last has ended by then.
    async fn turn(&self, state: &mut RunState) -> Result<OwnedMutexGuard<()>, Stopped> {
        self.waiter().turn().await.map_err(|interrupt| {
            state.turn_lost();
            match interrupt {
                Interrupt::Stopped => Stopped::Interrupted,
                Interrupt::Deadline => Stopped::Queued,
            }
        })
    }

    /// Tells whether this run keeps the cluster's turn until its promise is kept.
    ///
    /// A version step moves its pool's image too, so images wait until the versions are done: no pool is
    /// drained twice. Before its first step a run does not keep others waiting for its window.
    fn goes_first(&self) -> bool {
        self.offers.has_versions()
    }

    async fn look(&self, client: &Client, state: &RunState) -> Result<Observation, Error> {
        let (id, memory) = (&self.arguments.cluster, state.memory());
        let (inventory, offers) = (&*self.azure.inventory(), self.offers);
        let look = Look { inventory, client, id, offers, freshness: Freshness::Now };
        let leave = &self.arguments.policy.rollout.include_snapshot_pools;
        let seen = observe(&look, memory).await?.off_snapshots(leave);
        match &self.arguments.policy.executor {
            Executor::Terraform => Ok(seen),
            Executor::Aks(_) => with_maintenance(client, id, seen).await,
        }
    }

    /// Asks for the offers of the pools that the next step moves, or leads to: Azure offers a pool what its profile lists,
    /// and a control plane that has left does not come back.
    async fn with_pool_offers(&self, mut seen: Observation, state: &RunState) -> Result<Observation, Error> {
        if due(state.promise(), &seen).is_some_and(|step| state.has_asked(step)) {
            return Ok(seen);
        }
        for pool in to_ask(state.promise(), &seen) {
            match known(self.client.pool_upgrade_profile(&self.arguments.cluster, &pool).await) {
                Ok(Some(profile)) => seen = seen.with_pool_upgrades(&pool, &profile.body),
                Ok(None) => seen = seen.without_pool_upgrades(&pool),
                // The pool is gone: the cluster shows it at the next look.
                Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.with_last_end(seen, state).await)
    }

    /// Asks before the first step when a pool last moved: what ended between the plan and its apply nobody saw.
    async fn with_last_end(&self, seen: Observation, state: &RunState) -> Observation {
        let starts = due(state.promise(), &seen).is_some_and(Step::needs_opening);
        let rests = seen.cluster.operation().is_none();
        if !starts || !rests || state.attempted().has_begun() || state.promise().soak.is_zero() {
            return seen;
        }
        let (id, inventory) = (&self.arguments.cluster, &*self.azure.inventory());
        let (client, offers) = (&self.client, self.offers);
        let look = Look { inventory, client, id, offers, freshness: Freshness::Now };
        with_pool_profiles(&look, seen, &PoolQuestions { end: true, ..PoolQuestions::default() }).await
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
        seen.or(state.into_last())
    }
}
