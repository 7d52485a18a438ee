//! The apply of `executor = "aks"`: observe, write the first thing that differs, observe again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::operation::{Operation, Progress};
use crate::arm::response::maintenance_body;
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::aks_schedule::AksWindow;

use super::super::apply::Broken;
use super::super::arguments::Arguments;
use super::super::configuration::Azure;
use super::super::explain;
use super::super::observation::Observation;
use super::super::observe::{Freshness, Wanted, observe_with_maintenance};
use super::super::outlook::Outlook;
use super::super::pace::{Interrupt, Pace};
use super::Handover;
use super::writes::{Part, Write, sentence};

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
    pub wanted: Wanted,
    /// Cancelled by the first Ctrl-C.
    pub stop: CancellationToken,
}

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
        let mut done = Vec::new();
        let mut last = None;
        match self.drive(promise, first_seen, &mut done, &mut last).await {
            Ok(seen) => Ok(seen),
            Err(halt) => {
                let diagnostic = self.explain(halt, &done);
                Err(Broken { diagnostic, seen: last.filter(|_| !done.is_empty()) })
            }
        }
    }

    async fn drive(
        &self,
        mut promise: Option<Vec<Write>>,
        mut first_seen: BTreeMap<String, Timestamp>,
        done: &mut Vec<Write>,
        last: &mut Option<Observation>,
    ) -> Result<Observation, Halt> {
        loop {
            let turn = self.pace().turn().await?;
            let id = &self.arguments.cluster;
            let (wanted, now) = (self.wanted, Freshness::Now);
            let looked = observe_with_maintenance(self.azure, &self.client, id, wanted, now, first_seen);
            let seen = self.pace().until_stopped(looked).await?.map_err(refused)?;
            first_seen = seen.first_seen();
            *last = Some(seen.clone());
            let outlook = Outlook::new(self.arguments, &seen);
            let promised =
                promise.get_or_insert_with(|| outlook.promised_writes().cloned().collect()).as_slice();
            let Some(write) = due(promised, &outlook.writes)? else { return Ok(seen) };
            if let Some(block) = &write.held {
                return Err(Halt(
                    "Outside the maintenance window",
                    explain::block(block, &self.arguments.windows),
                ));
            }
            match &write.part {
                Part::Window(name, window) => self.put_window(name, window, seen.at).await?,
                Part::Channel(_) if outlook.is_busy() => {
                    drop(turn);
                    tracing::info!(cluster = %id, "Waiting for an operation that runs in Azure");
                    self.pace().pause(self.client.poll_interval()).await?;
                    continue;
                }
                Part::Channel(_) => self.put_channel().await?,
            }
            tracing::info!(cluster = %id, "{}", sentence(std::slice::from_ref(write)));
            done.push(write.clone());
        }
    }

    async fn put_window(&self, name: &str, window: &AksWindow, at: Timestamp) -> Result<(), Halt> {
        let sent = AksWindow { start_date: window.start_date_to_send(at), ..window.clone() };
        let body = maintenance_body(&sent);
        let (client, out) = self.client.watched();
        let put = client.put_maintenance_configuration(&self.arguments.cluster, name, &body);
        self.settled(self.pace().write(&out, put).await?.map(|_| None)).await
    }

    async fn put_channel(&self) -> Result<(), Halt> {
        let id = &self.arguments.cluster;
        let (client, out) = self.client.watched();
        let put = async {
            let read = client.cluster(id).await?;
            client.put_cluster(id, &self.handover.edit(&read.body)).await
        };
        self.settled(self.pace().write(&out, put).await?.map(|accepted| accepted.operation)).await
    }

    /// Stays with a write to its end. A conflict and a lost answer are answered by looking again.
    async fn settled(&self, put: Result<Option<Operation>, Error>) -> Result<(), Halt> {
        match put {
            Ok(None) => Ok(()),
            Ok(Some(operation)) => self.follow(operation).await,
            Err(error @ (Error::Ambiguous { .. } | Error::Conflict(_) | Error::Precondition(_))) => {
                tracing::info!("{error} Looking again");
                Ok(self.pace().pause(self.client.poll_interval()).await?)
            }
            Err(error) => Err(refused(error)),
        }
    }

    async fn follow(&self, mut operation: Operation) -> Result<(), Halt> {
        let mut delay = self.client.poll_interval();
        loop {
            self.pace().pause(delay).await?;
            match self.pace().until_stopped(self.client.poll(&mut operation)).await?.map_err(refused)? {
                Progress::Running { retry_after, .. } => delay = retry_after,
                Progress::Succeeded | Progress::StatusUnreadable(_) => return Ok(()),
                Progress::Failed { code, message } => {
                    let message = format!("Azure did not set the channel: {code}: {message}.");
                    return Err(Halt("Channel not set", message));
                }
                Progress::Canceled => {
                    return Err(Halt(
                        "Channel not set",
                        "Somebody cancelled the operation that sets the channel.".to_owned(),
                    ));
                }
            }
        }
    }

    fn pace(&self) -> Pace<'_> {
        let Writing { azure, client, arguments, stop, .. } = self;
        Pace { azure, client, cluster: &arguments.cluster, stop }
    }

    fn explain(&self, Halt(summary, what): Halt, done: &[Write]) -> Diagnostic {
        let cluster = &self.arguments.cluster;
        let place = if done.is_empty() {
            format!("Nothing was changed on {cluster}.")
        } else {
            format!("Written on {cluster}: {}.", sentence(done))
        };
        Diagnostic::error(summary, format!("{what} {place} Plan and apply again to go on."))
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
