//! Plan and apply of a create: it adopts. Whatever the window says, it starts no step, so that nothing runs that no
//! plan showed; the next plan is an update and a promise.

use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::provider::apply::Broken;
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::observation::observe::OfferKind;
use crate::provider::observation::{Memory, Observation};
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::promised;
use crate::provider::resources::upgrader::Upgrader;
use crate::provider::words::{explain, preview, warnings};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::resource::ResourceResponse;
use crate::terraform::value::Value;

/// How long a preview may take. A plan does not need it, so it is not waited for.
const PREVIEW: Duration = Duration::from_secs(10);

impl<U: ClusterResource> Upgrader<U> {
    /// Plans a create: nothing about Azure is known, so nothing is promised; what is there to do is told as a
    /// warning, and a cluster that cannot be read never fails the plan.
    pub(super) async fn plan_create(&self, mut planned: Value) -> ResourceResponse {
        promised::hide::<U>(&mut planned);
        let mut diagnostics = Vec::new();
        if let Some(arguments) = Self::arguments(&planned) {
            diagnostics.extend(self.preview(&arguments).await);
        }
        ResourceResponse { state: Some(planned), private: Vec::new(), diagnostics }
    }

    pub(super) async fn preview(&self, arguments: &Arguments) -> Vec<Diagnostic> {
        let cluster = &arguments.cluster;
        let client = match self.azure.client() {
            Ok(client) => client,
            // The provider block is not known yet: all else is an error of its own.
            Err(reason) => return vec![preview::not_configured(cluster, &reason)],
        };
        if let Err(error) = self.azure.sign_in(&client, arguments.timeouts.read).await {
            return vec![preview::missing(cluster, &error, true)];
        }
        let client = client.until(Instant::now() + PREVIEW);
        let offers = OfferKind::of(&arguments.policy.goal);
        let seen = self.observe(&client, cluster, Some(arguments), offers, Memory::default(), false).await;
        let mut told = match seen {
            Ok(seen) => preview::of_create(arguments, &Assessment::new(arguments, &seen)),
            Err(error) => vec![preview::missing(cluster, &error, client.now().is_none())],
        };
        told.extend(warnings::of_clock(self.azure.clock_skew(&client)));
        told
    }

    /// Tells whether this run of Terraform has not been told of this situation: it plans once more before it applies,
    /// and Azure's answer to that has another request id.
    pub(super) fn is_new(&self, told: &Diagnostic, cluster: &str) -> bool {
        let about = [U::TYPE, &told.summary, cluster].map(str::as_bytes);
        told.is_error() || self.azure.notes.is_new_in_run(&about)
    }

    /// Adopts a cluster: the facts, the work as pending, and no step.
    pub(super) async fn adopt(&self, planned: Value, stop: CancellationToken) -> ResourceResponse {
        let (arguments, diagnostics) = Arguments::read(&planned, U::goal);
        let Some(arguments) = arguments else {
            return ResourceResponse { diagnostics, ..ResourceResponse::default() };
        };
        let client = match self.azure.client() {
            Ok(client) => client.until(Instant::now() + arguments.timeouts.create),
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        let adopted = match self.look(&client, &arguments, Memory::default(), &stop).await {
            Ok(seen) => self.with_settings(&arguments, seen, stop).await,
            Err(diagnostic) => Err(diagnostic),
        };
        let seen = match adopted {
            Ok(seen) => seen,
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        let answer = Self::answer(planned, &arguments, &seen);
        let told = warnings::of_adoption(&Assessment::new(&arguments, &seen));
        self.telling(answer, told, &client)
    }

    /// Looks at a cluster for an apply that starts nothing.
    pub(super) async fn look(
        &self,
        client: &Client,
        arguments: &Arguments,
        memory: Memory,
        stop: &CancellationToken,
    ) -> Result<Observation, Diagnostic> {
        let (cluster, offers) = (&arguments.cluster, OfferKind::of(&arguments.policy.goal));
        tokio::select! {
            seen = self.observe(client, cluster, Some(arguments), offers, memory, false) => {
                seen.map_err(|error| explain::not_observed(cluster, &error))
            }
            () = stop.cancelled() => Err(explain::not_adopted(cluster)),
        }
    }

    /// Returns an answer with a warning of its own, and with that of a clock that is off.
    pub(super) fn telling(
        &self,
        answer: ResourceResponse,
        told: Option<Diagnostic>,
        client: &Client,
    ) -> ResourceResponse {
        let clock = warnings::of_clock(self.azure.clock_skew(client));
        let diagnostics = answer.diagnostics.into_iter().chain(told).chain(clock).collect();
        ResourceResponse { diagnostics, ..answer }
    }

    /// Writes the settings with which AKS upgrades by itself, as far as that disrupts nothing.
    async fn with_settings(
        &self,
        arguments: &Arguments,
        seen: Observation,
        stop: CancellationToken,
    ) -> Result<Observation, Diagnostic> {
        let Some(settings) = Assessment::new(arguments, &seen).quiet_settings() else { return Ok(seen) };
        let kept = self.run(arguments, settings, arguments.timeouts.create, stop, seen.memory()).await;
        kept.map_err(|Broken { diagnostic, .. }| diagnostic)
    }
}
