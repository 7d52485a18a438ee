//! Writing and deleting a maintenance configuration: look, write, look again.
//!
//! Not the loop of [`apply`](crate::provider::apply), which chooses among the steps of a plan by what it sees and by
//! the windows: here is one write that disrupts nothing, needs no window, and that Azure answers when it is done. How
//! it is sent, waited for and abandoned is the loop's ([`Waiter`]). With `executor = "aks"` the configuration is a
//! step.

use std::fmt::Display;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::response::{MaintenanceConfiguration, maintenance_body, maintenance_configuration};
use crate::provider::apply::wait::Waiter;
use crate::provider::resources::maintenance_configuration::{BELOW, Configuration, attributes, identity};
use crate::provider::words::explain;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::value::Value;
use crate::upgrade::window::aks::AksWindow;

/// Why nothing was asked of Azure.
const INTERRUPTED: &str = "the apply was interrupted before. Apply again when you want to go on.";

/// Which configuration, and what it should be.
struct Written {
    cluster: ClusterId,
    name: String,
    window: AksWindow,
}

/// What a cluster has under a name, and when it was asked.
pub(super) struct Held {
    pub configuration: Option<MaintenanceConfiguration>,
    pub at: Timestamp,
}

impl Configuration {
    pub(super) async fn write(
        &self,
        planned: &Value,
        creates: bool,
        stop: &CancellationToken,
    ) -> Result<Held, Diagnostic> {
        let wanted = wanted(planned)?;
        let client = self.client()?;
        let waiter = Waiter { azure: &self.azure, client: &client, cluster: &wanted.cluster, stop };
        let look = || held(&client, &wanted.cluster, &wanted.name);
        let interrupted = |_| wanted.failed(INTERRUPTED);
        let before =
            waiter.until_stopped(look()).await.map_err(interrupted)?.map_err(|e| wanted.failed(e))?;
        if wanted.is_kept_by(&before) {
            return Ok(before);
        }
        if creates && before.configuration.is_some() {
            return Err(wanted.exists());
        }
        let start_date = wanted.window.start_date_to_send(before.at);
        let body = maintenance_body(&AksWindow { start_date, ..wanted.window.clone() });
        let (writer, out) = client.watched();
        let put = writer.put_maintenance_configuration(&wanted.cluster, &wanted.name, &body);
        match waiter.write(&out, put).await.map_err(interrupted)? {
            Ok(_) | Err(Error::Ambiguous { .. }) => {}
            Err(error) => return Err(wanted.failed(error)),
        }
        let after =
            waiter.last_look(look()).await.map_err(|_| wanted.unseen("the apply was interrupted."))?;
        let after = after.map_err(|e| wanted.unseen(e))?;
        if wanted.is_kept_by(&after) { Ok(after) } else { Err(wanted.not_kept()) }
    }

    pub(super) async fn delete(&self, prior: &Value, stop: &CancellationToken) -> Result<(), Diagnostic> {
        let (cluster, name) = identity(prior)?;
        let client = self.client()?;
        let waiter = Waiter { azure: &self.azure, client: &client, cluster: &cluster, stop };
        let failed = |why: &dyn Display| not_done("deleted", &cluster, &name, why);
        let (writer, out) = client.watched();
        let delete = writer.delete_maintenance_configuration(&cluster, &name);
        match waiter.write(&out, delete).await.map_err(|_| failed(&INTERRUPTED))? {
            Ok(_) | Err(Error::NotFound(_)) => Ok(()),
            Err(lost @ Error::Ambiguous { .. }) => {
                match waiter.last_look(held(&client, &cluster, &name)).await {
                    Ok(Ok(Held { configuration: None, .. }) | Err(Error::NotFound(_))) => Ok(()),
                    _ => Err(failed(&lost)),
                }
            }
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Written {
    fn is_kept_by(&self, held: &Held) -> bool {
        let window = held.configuration.as_ref().and_then(|configuration| configuration.window.as_ref());
        window.is_some_and(|window| {
            let same =
                AksWindow { start_date: self.window.start_date.or(window.start_date), ..self.window.clone() };
            same.not_allowed == window.not_allowed && same.agrees(window, held.at)
        })
    }

    fn failed(&self, why: impl Display) -> Diagnostic {
        not_done("written", &self.cluster, &self.name, &why)
    }

    fn unseen(&self, why: impl Display) -> Diagnostic {
        let detail = format!(
            "{} was sent to the cluster {}, and could not be read back: {why} Apply again: what Azure holds already is not written twice.",
            self.name, self.cluster
        );
        Diagnostic::error("Maintenance configuration not read back", detail)
    }

    fn exists(&self) -> Diagnostic {
        let id = format!("{}{BELOW}{}", self.cluster, self.name);
        let detail = format!(
            "{id} exists already and opens at other times, so nothing was written. Import it with terraform import and this id, or delete it first."
        );
        Diagnostic::error("Maintenance configuration exists", detail)
    }

    fn not_kept(&self) -> Diagnostic {
        let detail = format!(
            "{} was written to the cluster {}, and Azure holds something else. Somebody else writes it too, or the request was lost; apply again.",
            self.name, self.cluster
        );
        Diagnostic::error("Maintenance configuration not kept", detail)
    }
}

pub(super) async fn held(client: &Client, cluster: &ClusterId, name: &str) -> Result<Held, Error> {
    let answer = client.maintenance_configurations(cluster).await?;
    Ok(Held { configuration: maintenance_configuration(&answer.body, name), at: answer.at })
}

/// Reads what a plan wants; a start date that is known only after apply is Azure's to choose.
fn wanted(planned: &Value) -> Result<Written, Diagnostic> {
    let mut planned = planned.clone();
    if planned.get("start_date").is_unknown() {
        planned.set("start_date", Value::Null);
    }
    let findings = Findings::default();
    let window = attributes::window(&Reader::new(&planned, &findings));
    let (cluster, name) = identity(&planned)?;
    match window.filter(|_| !findings.has_errors()) {
        Some(window) => Ok(Written { cluster, name, window }),
        None => Err(findings.into_diagnostics().into_iter().next().unwrap_or_else(explain::no_cluster_id)),
    }
}

pub(super) fn not_done(what: &str, cluster: &ClusterId, name: &str, why: &dyn Display) -> Diagnostic {
    let detail = format!("The maintenance configuration {name} of {cluster} was not {what}: {why}");
    Diagnostic::error(format!("Maintenance configuration not {what}"), detail)
}
