//! The apply of `executor = "aks"`: observe, write the first thing that differs, observe again.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::operation::{Operation, Progress};
use crate::arm::response::maintenance_body;
use crate::provider::aks_executor::Handover;
use crate::provider::aks_executor::writes::{Part, Write, closes, sentence};
use crate::provider::apply::wait::{Interrupt, LAST_LOOK, Waiter};
use crate::provider::apply::{Broken, stop};
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::azure::Azure;
use crate::provider::observation::Observation;
use crate::provider::observation::observe::{Freshness, OfferKind, observe, with_maintenance};
use crate::provider::words::explain;
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::cluster::Cluster;
use crate::upgrade::window::aks::AksWindow;

/// One apply.
pub struct Writing<'a> {
    /// Gives the turns: one operation per cluster.
    pub azure: &'a Azure,
    /// The way to Azure; its deadline is the resource's timeout.
    pub client: Client,
    /// What the user wrote.
    pub arguments: &'a Arguments,
    /// What is handed over.
    pub handover: &'a Handover,
    /// The offers that are shown.
    pub offers: OfferKind,
    /// Cancelled by the first Ctrl-C.
    pub stop: CancellationToken,
}

/// The memory of one apply: what it reports.
#[derive(Default)]
struct Memory {
    /// Whether anything was written, or may have been.
    touched: bool,
    /// What Azure accepted.
    done: Vec<Write>,
    /// What was sent and not seen to end.
    running: Option<Write>,
    /// Azure's last trouble, until a write went well.
    trouble: Option<String>,
    /// How often there was trouble since then.
    strikes: u32,
    /// The last observation.
    last: Option<Observation>,
}

/// What to follow, if anything; or why a write was not accepted.
type Sent = Result<Option<Operation>, Error>;

/// Why an apply ends early: a summary and a sentence.
struct Halt(&'static str, String);

impl Writing<'_> {
    /// Writes what was promised; without a promise, what the first observation finds to differ.
    ///
    /// # Errors
    ///
    /// [`Broken`] when Azure refuses, when time is up, and when a promised write would now be another one.
    pub async fn keep(
        &self,
        promise: Option<Vec<Write>>,
        first_seen: BTreeMap<String, Timestamp>,
    ) -> Result<Observation, Broken> {
        let mut memory = Memory::default();
        let halt = match self.drive(promise, first_seen.clone(), &mut memory).await {
            Ok(seen) => return Ok(seen),
            Err(halt) => halt,
        };
        let diagnostic = self.explain(halt, &memory);
        if !memory.touched {
            return Err(Broken { diagnostic, seen: None });
        }
        let seen = self.last_look(first_seen).await.or(memory.last);
        Err(Broken { diagnostic, seen })
    }

    async fn drive(
        &self,
        mut promise: Option<Vec<Write>>,
        mut first_seen: BTreeMap<String, Timestamp>,
        memory: &mut Memory,
    ) -> Result<Observation, Halt> {
        loop {
            let turn = self.waiter().turn().await?;
            let id = &self.arguments.cluster;
            let looked = self.look(&self.client, first_seen.clone());
            let seen = match self.waiter().until_stopped(looked).await? {
                Ok(seen) => seen,
                Err(error) => {
                    drop(turn);
                    self.bear(error, memory).await?;
                    continue;
                }
            };
            first_seen = seen.first_seen();
            memory.last = Some(seen.clone());
            let assessment = Assessment::new(self.arguments, &seen);
            let promised =
                promise.get_or_insert_with(|| assessment.promised_writes().cloned().collect()).as_slice();
            let Some(write) = due(promised, &assessment.writes)? else { return Ok(seen) };
            if let Some(block) = &write.held {
                return Err(Halt(explain::summary(block), explain::block(block, &self.arguments.windows)));
            }
            if matches!(write.part, Part::Channel(_)) && assessment.is_busy() {
                drop(turn);
                tracing::info!(cluster = id.name(), "Waiting for an operation that runs in Azure");
                self.waiter().pause(self.client.poll_interval()).await?;
                continue;
            }
            if memory.done.iter().any(|done| done.is(write)) {
                let message = format!(
                    "Azure accepted it and shows something else: {}.",
                    sentence(std::slice::from_ref(write))
                );
                return Err(Halt("Write without effect", message));
            }
            let place = format!("step {} of {}", memory.done.len() + 1, promised.len());
            let what = sentence(std::slice::from_ref(write));
            tracing::info!(cluster = id.name(), "{place}: {what}: starting");
            let put = match &write.part {
                Part::Window(name, window) => self.put_window(name, window, seen.at).await?,
                Part::Channel(_) => self.put_channel(&assessment.cluster, seen.at).await?,
            };
            match put {
                Ok(operation) => {
                    memory.touched = true;
                    memory.running = Some(write.clone());
                    self.follow(operation, memory).await?;
                    memory.running = None;
                    tracing::info!(cluster = id.name(), "{place}: {what}: done");
                    memory.done.push(write.clone());
                    (memory.trouble, memory.strikes) = (None, 0);
                }
                Err(error) => {
                    let sent = matches!(error, Error::Ambiguous { .. });
                    memory.touched |= sent;
                    memory.running = sent.then(|| write.clone());
                    drop(turn);
                    self.bear(error, memory).await?;
                }
            }
        }
    }

    async fn look(
        &self,
        client: &Client,
        first_seen: BTreeMap<String, Timestamp>,
    ) -> Result<Observation, Error> {
        let id = &self.arguments.cluster;
        let seen = observe(self.azure, client, id, self.offers, Freshness::Now, first_seen).await?;
        with_maintenance(client, id, seen).await
    }

    async fn last_look(&self, first_seen: BTreeMap<String, Timestamp>) -> Option<Observation> {
        let client = self.client.until(Instant::now() + LAST_LOOK);
        tokio::time::timeout(LAST_LOOK, self.look(&client, first_seen)).await.ok()?.ok()
    }

    async fn put_window(&self, name: &str, window: &AksWindow, at: Timestamp) -> Result<Sent, Halt> {
        let sent = AksWindow { start_date: window.start_date_to_send(at), ..window.clone() };
        let body = maintenance_body(&sent);
        let (client, out) = self.client.watched();
        let put = client.put_maintenance_configuration(&self.arguments.cluster, name, &body);
        Ok(self.waiter().write(&out, put).await?.map(|_| None))
    }

    /// Sends the channel, as long as its window is open: no throttling carries it past the end.
    async fn put_channel(&self, cluster: &Cluster, at: Timestamp) -> Result<Sent, Halt> {
        let id = &self.arguments.cluster;
        let (mut client, out) = self.client.watched();
        if let Some(end) = closes(self.handover, self.arguments, cluster, at) {
            let now = client.now().unwrap_or(at);
            let left = Duration::try_from(end.duration_since(now)).unwrap_or_default();
            client = client.within(left);
        }
        let put = async {
            let read = client.cluster(id).await?;
            client.put_cluster(id, &self.handover.edit(&read.body)).await
        };
        Ok(self.waiter().write(&out, put).await?.map(|accepted| accepted.operation))
    }

    /// Waits after trouble that looking again may show to be over; ends the apply for any other.
    async fn bear(&self, error: Error, memory: &mut Memory) -> Result<(), Halt> {
        if !stop::is_borne(&error, memory.touched) {
            return Err(refused(error));
        }
        memory.strikes += 1;
        let pause = self.waiter().after_trouble(&error, memory.strikes);
        tracing::info!(
            cluster = self.arguments.cluster.name(),
            wait = stop::span(pause),
            "{error} Looking again"
        );
        memory.trouble = Some(error.to_string());
        Ok(self.waiter().pause(pause).await?)
    }

    /// Polls an operation to its end. While its status cannot be read, it goes on all the same.
    async fn follow(&self, operation: Option<Operation>, memory: &mut Memory) -> Result<(), Halt> {
        let Some(mut operation) = operation else { return Ok(()) };
        let mut delay = self.client.poll_interval();
        loop {
            self.waiter().pause(delay).await?;
            match self.waiter().until_stopped(self.client.poll(&mut operation)).await? {
                Ok(Progress::Running { retry_after, .. }) => delay = retry_after,
                Ok(Progress::Succeeded | Progress::StatusUnreadable(_)) => return Ok(()),
                Ok(Progress::Failed { code, message }) => {
                    memory.running = None;
                    let message = format!("Azure did not set the channel: {code}: {message}.");
                    return Err(Halt("Channel not set", message));
                }
                Ok(Progress::Canceled) => {
                    memory.running = None;
                    return Err(Halt(
                        "Channel not set",
                        "Somebody cancelled the operation that sets the channel.".to_owned(),
                    ));
                }
                Err(error) if stop::is_borne(&error, true) => {
                    tracing::info!(cluster = self.arguments.cluster.name(), "{error} Looking again");
                    delay = error.retry_after().unwrap_or_default().max(self.client.poll_interval());
                    memory.trouble = Some(error.to_string());
                }
                Err(error) => return Err(refused(error)),
            }
        }
    }

    fn waiter(&self) -> Waiter<'_> {
        let Writing { azure, client, arguments, stop, .. } = self;
        Waiter { azure, client, cluster: &arguments.cluster, stop }
    }

    fn explain(&self, Halt(summary, what): Halt, memory: &Memory) -> Diagnostic {
        let cluster = &self.arguments.cluster;
        let trouble = memory.trouble.as_ref().filter(|trouble| !what.contains(trouble.as_str()));
        let trouble =
            trouble.map(|trouble| format!(" Azure's last trouble was: {trouble}")).unwrap_or_default();
        let mut place = match memory.done.as_slice() {
            [] if !memory.touched => format!("Nothing was changed on {cluster}."),
            [] => String::new(),
            done => format!("Written on {cluster}: {}.", sentence(done)),
        };
        if let Some(write) = &memory.running {
            let what = sentence(std::slice::from_ref(write));
            place = format!("{place} Sent to {cluster}, and its end was not seen: {what}.");
        }
        let place = place.trim_start();
        Diagnostic::error(summary, format!("{what}{trouble} {place} Plan and apply again to go on."))
    }
}

/// Returns the first promised thing that Azure does not hold yet.
///
/// What differs and was not promised is left to the next plan, except a window: a channel without the window that
/// restrains it is not switched on, and a window that would now be another one is not written.
fn due<'a>(promised: &[Write], open: &'a [Write]) -> Result<Option<&'a Write>, Halt> {
    let Some(write) = open.first() else { return Ok(None) };
    if promised.iter().any(|one| one.is(write)) {
        return Ok(Some(write));
    }
    let planned = |part: &Write| promised.iter().any(|one| one.component() == part.component());
    let channel = open.iter().any(|write| matches!(write.part, Part::Channel(_)) && planned(write));
    if planned(write) || channel {
        let message = format!("Since the plan was made, what has to be written became: {}.", sentence(open));
        return Err(Halt("The plan no longer holds", message));
    }
    Ok(None)
}

fn refused(error: Error) -> Halt {
    let summary = match error {
        Error::Forbidden { .. } => "Not permitted",
        Error::NotFound(_) => "Cluster not found",
        Error::Credential(_) => "No credential works",
        Error::Deadline { .. } => "Not finished in time",
        _ => "Azure refused",
    };
    Halt(summary, error.to_string())
}

impl From<Interrupt> for Halt {
    fn from(interrupt: Interrupt) -> Self {
        let (summary, what) = match interrupt {
            Interrupt::Stopped => ("Interrupted", "The apply was interrupted."),
            Interrupt::Deadline => {
                ("Not finished in time", "The timeout of this resource ended (see timeouts).")
            }
        };
        Halt(summary, format!("{what} What runs in Azure goes on."))
    }
}
