//! A resource that upgrades a cluster: what its four functions have in common.
//!
//! Read observes and writes down what it saw; Plan computes from that alone, so that Terraform's
//! two calls answer the same; Apply acts. The resource has no object of its own in Azure: it is a
//! promise about a cluster, and destroying it changes nothing.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::clock;
use crate::provider::apply::sink::Log;
use crate::provider::apply::{Broken, Run};
use crate::provider::arguments::{Arguments, conflicts, leading_attributes, shared_attributes};
use crate::provider::assessment::Assessment;
use crate::provider::azure::Azure;
use crate::provider::observation::Observation;
use crate::provider::observation::observe::{Freshness, Look, observe, with_maintenance};
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::{promised, spelling};
use crate::provider::words::{explain, warnings};
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::terraform::resource::{
    ApplyRequest, MoveStateRequest, PlanRequest, ReadRequest, Resource, ResourceResponse,
};
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;
use crate::upgrade::promise::Promise;

/// How long a preview may take. A plan does not need it, so it is not waited for.
const PREVIEW: Duration = Duration::from_secs(10);

/// The resource of a [`ClusterResource`] type.
pub struct Upgrader<U> {
    azure: Arc<Azure>,
    kind: PhantomData<U>,
}

impl<U: ClusterResource> Upgrader<U> {
    /// Creates the resource on a connection that may be configured later.
    #[must_use]
    pub fn new(azure: Arc<Azure>) -> Self {
        Upgrader { azure, kind: PhantomData }
    }

    fn arguments(state: &Value) -> Option<Arguments> {
        Arguments::read(state, U::goal).0
    }

    fn plan_update(prior: &Value, mut planned: Value, private: Vec<u8>) -> ResourceResponse {
        spelling::keep(prior, &mut planned, &["cluster_id"]);
        let (arguments, diagnostics) = Arguments::read(&planned, U::goal);
        let replaced = prior.get("cluster_id") != planned.get("cluster_id");
        let Some(arguments) = arguments.filter(|_| !replaced) else {
            promised::hide::<U>(&mut planned);
            return ResourceResponse { state: Some(planned), private, diagnostics };
        };
        let Some(observation) = Observation::recall(&arguments.cluster, &private) else {
            return ResourceResponse {
                state: Some(planned),
                private,
                diagnostics: vec![warnings::never_observed()],
            };
        };
        let assessment = Assessment::new(&arguments, &observation);
        if assessment.acts() {
            promised::commit::<U>(&mut planned, &assessment);
        } else if promised::keeps_arguments::<U>(prior, &planned) {
            planned = prior.clone();
        } else {
            promised::show::<U>(&mut planned, &assessment);
        }
        ResourceResponse {
            state: Some(planned),
            private,
            diagnostics: warnings::of_plan(&arguments, &assessment),
        }
    }

    /// Plans a create: nothing about Azure is known, so nothing is promised; what an apply would
    /// do is told as a warning, and not being able to tell never fails the plan.
    async fn plan_create(&self, mut planned: Value) -> ResourceResponse {
        promised::hide::<U>(&mut planned);
        let mut diagnostics = Vec::new();
        if let Some(arguments) = Self::arguments(&planned) {
            diagnostics.extend(warnings::of_arguments(&arguments));
            diagnostics.extend(self.preview(&arguments).await);
        }
        ResourceResponse { state: Some(planned), private: Vec::new(), diagnostics }
    }

    async fn observe(
        &self,
        client: &Client,
        id: &ClusterId,
        arguments: Option<&Arguments>,
        first_seen: BTreeMap<String, Timestamp>,
    ) -> Result<Observation, Error> {
        let (inventory, offers) = (&*self.azure.inventory(), U::OFFERS);
        let look = Look { inventory, client, id, offers, freshness: Freshness::Recent };
        let seen = observe(&look, first_seen).await?;
        match arguments.is_some_and(|arguments| arguments.policy.executor.is_aks()) {
            true => with_maintenance(client, id, seen).await,
            false => Ok(seen),
        }
    }

    async fn preview(&self, arguments: &Arguments) -> Vec<Diagnostic> {
        let Ok(client) = self.azure.client() else { return Vec::new() };
        let client = client.until(Instant::now() + PREVIEW);
        match self.observe(&client, &arguments.cluster, Some(arguments), Default::default()).await {
            Ok(observation) => {
                let assessment = Assessment::new(arguments, &observation);
                warnings::preview(arguments, &assessment)
            }
            Err(error) => vec![warnings::no_preview(&arguments.cluster, &error)],
        }
    }

    /// Adopts a cluster: the facts, the work as pending, and no step.
    async fn adopt(&self, planned: Value, stop: CancellationToken) -> ResourceResponse {
        let (arguments, diagnostics) = Arguments::read(&planned, U::goal);
        let Some(arguments) = arguments else {
            return ResourceResponse { diagnostics, ..ResourceResponse::default() };
        };
        let client = match self.azure.client() {
            Ok(client) => client.until(Instant::now() + arguments.timeouts.create),
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        let look = self.observe(&client, &arguments.cluster, Some(&arguments), BTreeMap::new());
        let seen = tokio::select! {
            seen = look => seen,
            () = stop.cancelled() => return ResourceResponse::failed(explain::not_adopted(&arguments.cluster)),
        };
        match seen {
            Ok(seen) => {
                let assessment = Assessment::new(&arguments, &seen);
                if let Some(settings) = assessment.quiet_settings() {
                    let timeout = arguments.timeouts.create;
                    let kept = self.run(&arguments, settings, timeout, stop, seen.first_seen()).await;
                    return match kept {
                        Ok(seen) => Self::answer(planned, &arguments, &seen),
                        Err(Broken { diagnostic, .. }) => ResourceResponse::failed(diagnostic),
                    };
                }
                let told = warnings::of_adoption(&assessment);
                let diagnostics = told.into_iter().chain(warnings::of_clock(self.azure.clock_skew(&client)));
                ResourceResponse {
                    diagnostics: diagnostics.collect(),
                    ..Self::answer(planned, &arguments, &seen)
                }
            }
            Err(error) => ResourceResponse::failed(explain::not_observed(&arguments.cluster, &error)),
        }
    }

    async fn update(
        &self,
        prior: &Value,
        planned: Value,
        private: Vec<u8>,
        stop: CancellationToken,
    ) -> ResourceResponse {
        let (arguments, diagnostics) = Arguments::read(&planned, U::goal);
        let Some(arguments) = arguments else {
            return ResourceResponse { diagnostics, ..ResourceResponse::default() };
        };
        // A plan that could not say its steps promised none: an argument was unknown, or nothing had been read.
        let told = !planned.get("steps").is_unknown();
        let Some(recalled) = Observation::recall(&arguments.cluster, &private).filter(|_| told) else {
            return self.adopt(planned, stop).await;
        };
        let assessment = Assessment::new(&arguments, &recalled);
        if !assessment.acts() {
            return ResourceResponse { state: Some(planned), private, diagnostics };
        }
        let (promise, timeout) = (assessment.promise.clone(), arguments.timeouts.update);
        let kept = self.run(&arguments, promise, timeout, stop, recalled.first_seen()).await;
        let known = |seen: Observation| seen.with_update_runs_of(&recalled);
        match kept {
            Ok(seen) => Self::answer(planned, &arguments, &known(seen)),
            Err(Broken { diagnostic, seen: None }) => ResourceResponse::failed(diagnostic),
            Err(Broken { diagnostic, seen: Some(seen) }) => {
                let (seen, mut state) = (known(seen), planned);
                let now = Assessment::new(&arguments, &seen);
                promised::show_progress::<U>(&mut state, prior, &assessment, &now);
                ResourceResponse { state: Some(state), private: seen.keep(), diagnostics: vec![diagnostic] }
            }
        }
    }

    async fn run(
        &self,
        arguments: &Arguments,
        promise: Promise,
        timeout: Duration,
        stop: CancellationToken,
        first_seen: BTreeMap<String, Timestamp>,
    ) -> Result<Observation, Broken> {
        let client = self.azure.client().map_err(|diagnostic| Broken { diagnostic, seen: None })?;
        let (azure, offers, client) = (&*self.azure, U::OFFERS, client.until(Instant::now() + timeout));
        let run = Run { azure, client, arguments, timeout, offers, stop, sink: &Log };
        run.keep(promise, first_seen).await
    }

    /// Answers with what was planned, and with what is true where nothing was planned; with the truth alone, and an
    /// error, where Azure shows another version than the plan promised.
    fn answer(planned: Value, arguments: &Arguments, seen: &Observation) -> ResourceResponse {
        let mut live = planned.clone();
        promised::show::<U>(&mut live, &Assessment::new(arguments, seen));
        let broken = promised::broken(&planned, &live, U::POOLS);
        if broken.is_empty() {
            let state = Some(planned.fill(&live));
            return ResourceResponse { state, private: seen.keep(), diagnostics: Vec::new() };
        }
        let diagnostics = vec![explain::other_version(&arguments.cluster, &broken)];
        ResourceResponse { state: Some(live), private: seen.keep(), diagnostics }
    }
}

#[async_trait]
impl<U: ClusterResource> Resource for Upgrader<U> {
    fn type_name(&self) -> &'static str {
        U::TYPE
    }

    fn schema(&self) -> Schema {
        U::schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let (arguments, mut diagnostics) = Arguments::read(config, U::goal);
        let now = clock::now();
        diagnostics.extend(arguments.iter().flat_map(|arguments| conflicts::of_windows(arguments, now)));
        diagnostics.extend(arguments.iter().flat_map(|arguments| conflicts::of(arguments, now)));
        diagnostics
    }

    async fn read(&self, request: ReadRequest) -> ResourceResponse {
        let ReadRequest { mut state, private } = request;
        let Some(id) = state.get("cluster_id").as_str().and_then(|id| id.parse::<ClusterId>().ok()) else {
            return ResourceResponse {
                state: Some(state),
                private,
                diagnostics: vec![explain::no_cluster_id()],
            };
        };
        let arguments = Self::arguments(&state);
        let client = match self.azure.client() {
            Ok(client) => {
                client.until(Instant::now() + arguments.as_ref().map(|a| a.timeouts).unwrap_or_default().read)
            }
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        let first_seen = Observation::recall(&id, &private).map(|seen| seen.first_seen()).unwrap_or_default();
        let seen = match self.observe(&client, &id, arguments.as_ref(), first_seen).await {
            Ok(seen) => seen,
            Err(Error::NotFound(_)) => return ResourceResponse::default(),
            Err(error) => return ResourceResponse::failed(explain::not_observed(&id, &error)),
        };
        match &arguments {
            Some(arguments) => promised::show::<U>(&mut state, &Assessment::new(arguments, &seen)),
            // As an import leaves it: there is no goal yet.
            None => promised::show::<U>(&mut state, &Assessment::of_facts(&seen)),
        }
        let diagnostics = warnings::of_clock(self.azure.clock_skew(&client)).into_iter().collect();
        ResourceResponse { state: Some(state), private: seen.keep(), diagnostics }
    }

    async fn plan(&self, request: PlanRequest) -> ResourceResponse {
        match (request.prior, request.proposed) {
            (Some(prior), None) if prior.get("executor").as_str() == Some("aks") => ResourceResponse {
                diagnostics: vec![warnings::destroy_handed_over(U::TYPE)],
                ..ResourceResponse::default()
            },
            (_, None) => ResourceResponse {
                diagnostics: vec![warnings::destroy(U::TYPE)],
                ..ResourceResponse::default()
            },
            (None, Some(proposed)) => self.plan_create(proposed).await,
            (Some(prior), Some(proposed)) => Self::plan_update(&prior, proposed, request.private),
        }
    }

    async fn apply(&self, request: ApplyRequest, stop: CancellationToken) -> ResourceResponse {
        match (request.prior, request.planned) {
            (_, None) => ResourceResponse::default(),
            (None, Some(planned)) => self.adopt(planned, stop).await,
            (Some(prior), Some(planned)) => self.update(&prior, planned, request.private, stop).await,
        }
    }

    fn import_state(&self, id: &str) -> ResourceResponse {
        match id.parse::<ClusterId>() {
            Ok(_) => {
                let mut state = U::schema().nulls();
                state.set("cluster_id", id.into());
                state.set("id", id.into());
                ResourceResponse { state: Some(state), ..ResourceResponse::default() }
            }
            Err(error) => ResourceResponse::failed(
                Diagnostic::error("Invalid import id", error.to_string()).at(Path::root("cluster_id")),
            ),
        }
    }

    fn identity(&self) -> &'static [&'static str] {
        &["cluster_id"]
    }

    /// Takes over the state of another upgrading resource.
    ///
    /// What both have in common is carried: the cluster, when and how it may be worked on. The goal is
    /// not: a version is no node image, and `channel` means something else in each. The next read
    /// fills what is computed. The observation is not carried either: each type keeps other offers.
    fn move_state(
        &self,
        MoveStateRequest { source_type, state }: MoveStateRequest,
    ) -> Option<ResourceResponse> {
        if source_type == U::TYPE {
            return Some(ResourceResponse { state: Some(state), ..ResourceResponse::default() });
        }
        U::MOVES_FROM.contains(&source_type.as_str()).then(|| {
            let mut taken = U::schema().nulls();
            for attribute in leading_attributes().iter().chain(&shared_attributes()) {
                taken.set(&attribute.name, state.get(&attribute.name).clone());
            }
            taken.set("id", state.get("cluster_id").clone());
            ResourceResponse { state: Some(taken), ..ResourceResponse::default() }
        })
    }
}
