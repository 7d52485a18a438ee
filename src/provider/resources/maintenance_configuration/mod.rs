//! `aks_maintenance_configuration`: one maintenance configuration of a cluster, as Azure has it.
//!
//! Unlike the upgrading resources it is an object of Azure: destroying it deletes it there. Azure fills in what is
//! left out and refuses a start date in the past, so a date is sent only while it lies ahead, and one that Azure
//! moved is no difference as long as the window opens at the same times.
//!
//! [`attributes`] leads from what was written to AKS's terms, [`shown`] and [`older`] back; [`write`](mod@write) looks, writes and
//! looks again.

mod attributes;
mod older;
mod shown;
mod write;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::{ClusterId, check_maintenance_configuration};
use crate::provider::azure::Azure;
use crate::provider::resources::maintenance_configuration::write::{Held, held, not_done};
use crate::provider::resources::spelling;
use crate::provider::words::{explain, preview};
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::resource::{ApplyRequest, PlanRequest, ReadRequest, Resource, ResourceResponse};
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

/// How long a call may take: Azure answers at once.
const TIMEOUT: Duration = Duration::from_secs(300);

/// How long the plan of a create may look at the cluster; it does not need it.
const LOOK: Duration = Duration::from_secs(10);

/// What is kept beside a state that an import has just read.
const IMPORTED: &[u8] = br#"{"imported":true}"#;

const BELOW: &str = "/maintenanceConfigurations/";

/// The resource.
pub struct Configuration {
    azure: Arc<Azure>,
}

impl Configuration {
    /// Creates the resource on a connection that may be configured later.
    #[must_use]
    pub fn new(azure: Arc<Azure>) -> Self {
        Configuration { azure }
    }

    /// Tells with the plan of a create what its apply would fail of: a sign-in that fails is an error, a cluster that
    /// Azure does not know (yet) a warning, once in a run of Terraform.
    async fn look(&self, planned: &Value) -> Vec<Diagnostic> {
        let Ok((cluster, name)) = identity(planned) else { return Vec::new() };
        // While the provider block is not known, so is everything else.
        let Ok(client) = self.azure.client() else { return Vec::new() };
        if !self.azure.notes.is_new_in_run(&[BELOW, &cluster.to_string(), &name].map(str::as_bytes)) {
            return Vec::new();
        }
        let found = match self.azure.sign_in(&client, TIMEOUT).await {
            Ok(()) => held(&client.until(Instant::now() + LOOK), &cluster, &name).await.map(drop),
            Err(error) => Err(error),
        };
        let is_unknown = |error: &Error| match explain::cause(error) {
            Error::Azure(refusal) => refusal.status == 404,
            error => matches!(error, Error::NotFound(_)),
        };
        let told = found.err().filter(|error| error.is_sign_in() || is_unknown(error));
        told.map(|error| preview::missing(&cluster, &error, true)).into_iter().collect()
    }

    fn client(&self) -> Result<Client, Diagnostic> {
        Ok(self.azure.client()?.until(Instant::now() + TIMEOUT))
    }
}

fn identity(state: &Value) -> Result<(ClusterId, String), Diagnostic> {
    let cluster = state.get("cluster_id").as_str().and_then(|id| id.parse().ok());
    let name = state.get("name").as_str().map(str::to_owned);
    cluster.zip(name).ok_or_else(explain::no_cluster_id)
}

/// Returns the id of the configuration; unknown as long as its cluster or name is.
fn id(state: &Value) -> Value {
    match identity(state) {
        Ok((cluster, name)) => format!("{cluster}{BELOW}{name}").into(),
        Err(_) => Value::unknown(),
    }
}

/// Plans an object that does not exist yet. Azure chooses the start date where none is written.
fn plan_create(mut planned: Value) -> Value {
    planned.set("id", id(&planned));
    shown::forget_legacy(&mut planned);
    if planned.get("utc_offset").is_null() {
        planned.set("utc_offset", "+00:00".into());
    }
    if planned.get("start_date").is_null() {
        planned.set("start_date", Value::unknown());
    }
    planned
}

/// Plans a change: a write lets Azure choose another start date, unless one is written.
///
/// The older form is replaced by what is written, but not in the run that imports it.
fn plan_update(prior: &Value, mut planned: Value, config: Option<&Value>, is_imported: bool) -> Value {
    spelling::keep(prior, &mut planned, &["cluster_id", "name"]);
    for name in ["weekly", "relative_monthly"] {
        let mut schedule = planned.get(name).clone();
        shown::keep_words(prior.get(name), &mut schedule);
        planned.set(name, schedule);
    }
    planned.set("id", id(&planned));
    if planned != *prior || shown::is_older(prior) && !is_imported {
        shown::forget_legacy(&mut planned);
        if config.is_none_or(|config| config.get("start_date").is_null()) {
            planned.set("start_date", Value::unknown());
        }
        if planned.get("utc_offset").is_null() {
            planned.set("utc_offset", "+00:00".into());
        }
    }
    planned
}

/// Warns where the older form of a schedule had more days than the window that replaces it, or days without work that
/// it has not.
fn replaced(prior: &Value, planned: &Value) -> Option<Diagnostic> {
    let legacy = shown::legacy_days(prior);
    let window = attributes::window(&Reader::new(planned, &Findings::default()))?;
    let kept: Vec<&String> = legacy.iter().filter(|day| window.schedule.opens_on_every(day)).collect();
    let spans = prior.get("not_allowed_time").items();
    let lost_spans = !spans.is_empty() && window.not_allowed.is_empty();
    let days = format!(
        "Azure holds hours on {} in the older form, and the window that replaces it opens on {} of them.",
        legacy.join(", "),
        if kept.is_empty() { "none".to_owned() } else { kept.len().to_string() },
    );
    let days = Some(days).filter(|_| kept.len() < legacy.len());
    let hours = shown::legacy_hours(prior);
    let hours = hours.filter(|hours| *hours < window.duration_hours).map(|hours| {
        format!(
            "It opens for {hours} hours of a day, and the window that replaces it for {}.",
            window.duration_hours
        )
    });
    let spans = lost_spans.then(|| {
        "It also holds spans in which nothing may start (not_allowed_time), which are dropped: write them as not_allowed_dates.".to_owned()
    });
    let name = planned.get("id").as_str().unwrap_or("the maintenance configuration");
    let told: Vec<String> = days.into_iter().chain(hours).chain(spans).collect();
    let summary = if kept.len() < legacy.len() || lost_spans {
        "A maintenance configuration gets fewer days than before"
    } else {
        "A maintenance configuration gets more hours than before"
    };
    let detail = format!("{name}: {}", told.join(" "));
    (prior != planned && !told.is_empty()).then(|| Diagnostic::warning(summary, detail))
}

fn deletes(prior: Option<&Value>) -> Diagnostic {
    let name = prior.and_then(|prior| prior.get("id").as_str()).unwrap_or("the maintenance configuration");
    let detail = format!(
        "Azure deletes {name}. A channel that is on is then restrained by nothing, and AKS upgrades at any time. To leave it in Azure, use a removed block with destroy = false."
    );
    Diagnostic::warning("A maintenance configuration will be deleted", detail)
}

#[async_trait]
impl Resource for Configuration {
    fn type_name(&self) -> &'static str {
        "aks_maintenance_configuration"
    }

    fn schema(&self) -> Schema {
        attributes::schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let findings = Findings::default();
        let reader = Reader::new(config, &findings);
        let _ = reader.parse("cluster_id", "Invalid cluster id", str::parse::<ClusterId>);
        let _ = attributes::window(&reader);
        findings.into_diagnostics()
    }

    async fn read(&self, request: ReadRequest) -> ResourceResponse {
        let ReadRequest { mut state, .. } = request;
        // An import knows what it is about and nothing else.
        let private = if state.get("start_time").is_null() { IMPORTED.to_vec() } else { Vec::new() };
        let (cluster, name) = match identity(&state) {
            Ok(identity) => identity,
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        let client = match self.client() {
            Ok(client) => client,
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        let found = match self.azure.sign_in(&client, TIMEOUT).await {
            Ok(()) => held(&client, &cluster, &name).await,
            Err(error) => Err(error),
        };
        match found {
            Ok(Held { configuration: Some(configuration), at }) => {
                shown::show(&mut state, &configuration, at);
                state.set("id", id(&state));
                ResourceResponse { state: Some(state), private, diagnostics: Vec::new() }
            }
            Ok(Held { configuration: None, .. }) | Err(Error::NotFound(_)) => ResourceResponse::default(),
            Err(error) => ResourceResponse::failed(not_done("read", &cluster, &name, &error)),
        }
    }

    async fn plan(&self, request: PlanRequest) -> ResourceResponse {
        let planned = match (&request.prior, request.proposed) {
            (prior, None) => {
                return ResourceResponse {
                    diagnostics: vec![deletes(prior.as_ref())],
                    ..ResourceResponse::default()
                };
            }
            (None, Some(proposed)) => plan_create(proposed),
            (Some(prior), Some(proposed)) => {
                plan_update(prior, proposed, request.config.as_ref(), request.private == IMPORTED)
            }
        };
        let diagnostics: Vec<Diagnostic> = match &request.prior {
            Some(prior) => replaced(prior, &planned).into_iter().collect(),
            None => self.look(&planned).await,
        };
        ResourceResponse { state: Some(planned), private: request.private, diagnostics }
    }

    async fn apply(&self, request: ApplyRequest, stop: CancellationToken) -> ResourceResponse {
        let Some(mut planned) = request.planned else {
            let deleted = match &request.prior {
                Some(prior) => self.delete(prior, &stop).await,
                None => Ok(()),
            };
            return deleted.map_or_else(ResourceResponse::failed, |()| ResourceResponse::default());
        };
        match self.write(&planned, request.prior.is_none(), &stop).await {
            Ok(held) => {
                shown::fill(&mut planned, held.configuration.and_then(|found| found.window));
                ResourceResponse { state: Some(planned), private: request.private, diagnostics: Vec::new() }
            }
            Err(diagnostic) => ResourceResponse::failed(diagnostic),
        }
    }

    fn import_state(&self, id: &str) -> ResourceResponse {
        match named(id) {
            Ok((cluster, name)) => {
                let mut state = attributes::schema().nulls();
                state.set("cluster_id", cluster.to_string().into());
                state.set("name", name.into());
                state.set("id", self::id(&state));
                ResourceResponse { state: Some(state), ..ResourceResponse::default() }
            }
            Err(detail) => {
                ResourceResponse::failed(Diagnostic::error("Invalid import id", detail).at(Path::root("id")))
            }
        }
    }
}

/// Reads an import id: that of the configuration, or the cluster's id, a comma and the name.
fn named(text: &str) -> Result<(ClusterId, String), String> {
    let below = text.to_ascii_lowercase().rfind(&BELOW.to_ascii_lowercase());
    let parts = match below {
        Some(at) => text.get(..at).zip(text.get(at + BELOW.len()..)),
        None => text.split_once(','),
    };
    let Some((cluster, name)) = parts else {
        return Err(format!(
            "{text:?} names no maintenance configuration. Write the cluster's id followed by \"{BELOW}aksManagedAutoUpgradeSchedule\", or by a comma and the name."
        ));
    };
    let cluster = cluster.parse::<ClusterId>().map_err(|error| error.to_string())?;
    check_maintenance_configuration(name).map_err(|error| error.to_string())?;
    Ok((cluster, name.to_owned()))
}
