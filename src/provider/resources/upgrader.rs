//! A resource that upgrades a cluster: what its four functions have in common.
//!
//! Read observes and writes down what it saw; Plan computes from that alone, so that Terraform's
//! two calls answer the same; Apply acts. The resource has no object of its own in Azure: it is a
//! promise about a cluster, and destroying it changes nothing.

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value as Json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::response::maintenance_configuration;
use crate::clock;
use crate::provider::arguments::{Arguments, conflicts, generated, leading_attributes, shared_attributes};
use crate::provider::assessment::Assessment;
use crate::provider::azure::Azure;
use crate::provider::observation::observe::{
    Freshness, Look, OfferKind, PoolQuestions, observe, with_maintenance, with_pool_profiles,
};
use crate::provider::observation::{Memory, Observation};
use crate::provider::owners::Owner;
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::{older_state, promised};
use crate::provider::words::{explain, warnings};
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::resource::{
    ApplyRequest, MoveStateRequest, PlanRequest, ReadRequest, Resource, ResourceResponse, UpgradeStateRequest,
};
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;
use crate::upgrade::plan::plan;
use crate::upgrade::step::{Manner, Step, Work};

/// The resource of a [`ClusterResource`] type.
pub struct Upgrader<U> {
    pub(in crate::provider) azure: Arc<Azure>,
    kind: PhantomData<U>,
}

impl<U: ClusterResource> Upgrader<U> {
    /// Creates the resource on a connection that may be configured later.
    #[must_use]
    pub fn new(azure: Arc<Azure>) -> Self {
        Upgrader { azure, kind: PhantomData }
    }

    pub(super) fn arguments(state: &Value) -> Option<Arguments> {
        Arguments::read(state, U::goal).0
    }

    /// Tells whether a state has a cluster and no other argument, as an import makes it.
    fn is_imported(state: &Value) -> bool {
        let mut imported = U::schema().nulls();
        imported.set("cluster_id", state.get("cluster_id").clone());
        promised::keeps_arguments::<U>(&imported, state)
    }

    /// Puts arguments into an imported state, for Terraform to generate a configuration from.
    fn write_down(state: &mut Value, held: Option<&Json>, seen: &Observation) {
        let window = |name: &&str| maintenance_configuration(held?, name)?.window;
        let window = U::OWN_WINDOWS.iter().find_map(window);
        let windows = generated::window_blocks(window.as_ref(), seen.at);
        for (name, value) in U::generated(&seen.cluster).into_iter().chain(windows) {
            state.set(name, value);
        }
    }

    /// Warns where this process has planned another upgrading resource for the cluster, too.
    fn second_owner(&self, planned: &Value, config: Option<&Value>) -> Option<Diagnostic> {
        let cluster = planned.get("cluster_id").as_str()?.parse::<ClusterId>().ok()?;
        let pools = U::goal(&Reader::new(planned, &Findings::default()))
            .filter(|goal| !goal.has_versions())
            .and_then(|goal| goal.images()?.pools.clone());
        let config = config.unwrap_or(planned).clone();
        let owner = Owner { resource: U::TYPE, config, pools };
        let other = self.azure.owners.others(&cluster, owner)?;
        Some(warnings::second_owner(&cluster, U::TYPE, other))
    }

    /// Asks Azure what a plan is made from; `acts` where that plan may start something.
    ///
    /// Of a step that may start now, a pool itself is asked whether it is offered its version, and when it was upgraded
    /// last. Before, one pool answers for all that are like it: until its window opens, a fleet with work pending costs no
    /// more than one at rest.
    pub(in crate::provider) async fn observe(
        &self,
        client: &Client,
        id: &ClusterId,
        arguments: Option<&Arguments>,
        offers: OfferKind,
        memory: Memory,
        acts: bool,
    ) -> Result<Observation, Error> {
        let inventory = &*self.azure.inventory();
        // Azure's clock is not known before its first answer; here it only decides who waits behind whom.
        let now = client.now().unwrap_or_else(clock::now);
        let client = &client.urgent(arguments.is_some_and(|arguments| arguments.is_in_window(now)));
        let look = Look { inventory, client, id, offers, freshness: Freshness::Recent };
        let seen = observe(&look, memory).await?;
        let Some(policy) = arguments.map(|arguments| &arguments.policy) else { return Ok(seen) };
        if policy.executor.is_aks() {
            return with_maintenance(client, id, seen).await;
        }
        let steps = plan(&seen, policy).steps;
        let to_version =
            |step: &&Step| matches!(step.work, Work::Pool { .. }) && step.manner == Manner::Upgrade;
        let pool = |step: &Step| step.work.pool().map(str::to_owned);
        let own = acts && arguments.is_some_and(|arguments| arguments.windows.is_open_to_any(seen.at));
        // An end that is remembered may be of long ago: whoever ended last since then, Azure knows.
        let soak = policy.rollout.soak;
        let is_over = |ended: Timestamp| ended.checked_add(soak).is_ok_and(|soaked_at| soaked_at <= seen.at);
        let soaks = !soak.is_zero() && seen.pool_ended.is_none_or(is_over);
        let questions = PoolQuestions {
            offers: steps.iter().filter(to_version).filter_map(pool).collect(),
            own,
            end: own && soaks && steps.iter().any(|step| step.work.pool().is_some()),
        };
        Ok(with_pool_profiles(&look, seen, &questions).await)
    }

    /// Reads arguments and what is wrong with them, alone and together.
    pub(in crate::provider) fn checked(config: &Value) -> (Option<Arguments>, Vec<Diagnostic>) {
        let (arguments, mut diagnostics) = Arguments::read(config, U::goal);
        let now = clock::now();
        diagnostics.extend(arguments.iter().flat_map(|arguments| conflicts::of_windows(arguments, now)));
        diagnostics.extend(arguments.iter().flat_map(|arguments| conflicts::of(arguments, now)));
        (arguments, diagnostics)
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
        Self::checked(config).1
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
        let is_imported = Self::is_imported(&state);
        let mut arguments = Self::arguments(&state);
        let timeout = arguments.as_ref().map(|arguments| arguments.timeouts).unwrap_or_default().read;
        let client = match self.azure.client() {
            Ok(client) => client.until(Instant::now() + timeout),
            Err(diagnostic) => return ResourceResponse::failed(diagnostic),
        };
        if let Err(error) = self.azure.sign_in(&client, timeout).await {
            return ResourceResponse::failed(explain::not_observed(&id, &error));
        }
        let recalled = Observation::recall(&id, &private);
        let memory = recalled.as_ref().map(Observation::memory).unwrap_or_default();
        // The configuration may ask for images from this run on, so a policy reads them, too.
        let offers = if U::OFFERS.has_versions() { OfferKind::Both } else { U::OFFERS };
        let mut seen = match self.observe(&client, &id, arguments.as_ref(), offers, memory, true).await {
            Ok(seen) => seen,
            Err(Error::NotFound(_)) => return ResourceResponse::default(),
            Err(error) => return ResourceResponse::failed(explain::not_observed(&id, &error)),
        };
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        if is_imported {
            let held = client.maintenance_configurations(&id).await.map(|list| list.body);
            seen = held.iter().fold(seen, |seen, list| seen.with_maintenance(list.clone()));
            Self::write_down(&mut state, held.as_ref().ok(), &seen);
            diagnostics.extend(held.err().map(|error| warnings::own_window_not_read(&id, &error)));
            arguments = Self::arguments(&state);
        }
        match &arguments {
            Some(arguments) => promised::show::<U>(&mut state, &Assessment::new(arguments, &seen)),
            // As a move leaves it: there is no goal yet.
            None => promised::show::<U>(&mut state, &Assessment::of_facts(&seen)),
        }
        diagnostics.extend(warnings::of_clock(self.azure.clock_skew(&client)));
        ResourceResponse { state: Some(state), private: seen.keep(), diagnostics }
    }

    async fn plan(&self, request: PlanRequest) -> ResourceResponse {
        let named = request.proposed.as_ref().or(request.prior.as_ref());
        let about = named.and_then(|one| one.get("cluster_id").as_str()).unwrap_or_default().to_owned();
        let mut answer = match (request.prior, request.proposed) {
            (Some(prior), None) if prior.get("executor").as_str() == Some("aks") => ResourceResponse {
                diagnostics: vec![warnings::destroy_handed_over(U::TYPE)],
                ..ResourceResponse::default()
            },
            (_, None) => ResourceResponse {
                diagnostics: vec![warnings::destroy(U::TYPE)],
                ..ResourceResponse::default()
            },
            (None, Some(proposed)) => {
                let told = self.second_owner(&proposed, request.config.as_ref());
                let mut planned = self.plan_create(proposed).await;
                planned.diagnostics.extend(told);
                planned
            }
            (Some(prior), Some(proposed)) => {
                let mut told: Vec<Diagnostic> =
                    self.second_owner(&proposed, request.config.as_ref()).into_iter().collect();
                if !promised::is_same_cluster(&prior, &proposed) {
                    // Of a replacement Terraform shows what is told here, and not what is told of its create.
                    let arguments = Self::arguments(&proposed);
                    told.extend(match &arguments {
                        Some(arguments) => self.preview(arguments).await,
                        None => Vec::new(),
                    });
                }
                let mut planned = self.plan_update(&prior, proposed, request.private);
                planned.diagnostics.extend(told);
                planned
            }
        };
        answer.diagnostics.retain(|told| self.is_new(told, &about));
        answer
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

    fn upgrade_state(&self, request: UpgradeStateRequest) -> Result<Json, Diagnostic> {
        Ok(older_state::upgraded(request.state))
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
            for block in U::schema().blocks {
                taken.set(&block.name, block.fitted(state.get(&block.name)));
            }
            taken.set("id", state.get("cluster_id").clone());
            ResourceResponse { state: Some(taken), ..ResourceResponse::default() }
        })
    }
}
