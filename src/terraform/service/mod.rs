//! The gRPC service: decode, call, encode; one function per RPC.
//!
//! Two rules hold for all of them. Whatever goes wrong is a diagnostic in an answer, never a gRPC
//! status: a status loses the state of an apply and tells the user only "Plugin error". And no RPC
//! depends on another having been called before in this process, for Terraform starts several and
//! fetches the schema from one.

mod apply;
mod convert;
mod describe;
mod identity;
mod import;
mod manage;
mod plan;
mod saved;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::diagnostic::Diagnostic;
use super::handler;
use super::proto::tfplugin6 as wire;
use super::proto::tfplugin6::provider_server::Provider as Rpc;
use super::provider::Provider;
use super::resource::Resource;
use super::rules;
use super::schema::{Attribute, Schema, Type};
use super::value::Value;

/// A provider as Terraform sees it.
pub struct Service {
    provider: Arc<dyn Provider>,
    /// Built at the first use: some processes are started for one RPC only.
    resources: OnceCell<Resources>,
    /// Cancelled by StopProvider, and then replaced: RPCs may follow.
    stop: Mutex<CancellationToken>,
}

/// The resources by their type names.
type Resources = BTreeMap<&'static str, Arc<Managed>>;

/// A resource with what follows from its schema.
struct Managed {
    resource: Arc<dyn Resource>,
    schema: Schema,
    kind: Type,
    /// The attributes of its identity; none when it has no identity.
    identity: Vec<Attribute>,
}

impl Managed {
    fn new(resource: Arc<dyn Resource>) -> Self {
        let schema = resource.schema();
        let kind = schema.value_type();
        let identity = identity::attributes(resource.as_ref(), &schema);
        Managed { resource, schema, kind, identity }
    }

    /// Reads a value that may be null: the prior state of a create, the plan of a destroy.
    fn optional(&self, wire: Option<&wire::DynamicValue>) -> Result<Option<Value>, Diagnostic> {
        let value = convert::decode(wire, &self.kind)?;
        Ok(if value.is_null() { None } else { Some(value) })
    }

    /// Reads a value that is an object.
    fn object(&self, wire: Option<&wire::DynamicValue>, what: &str) -> Result<Value, Diagnostic> {
        self.optional(wire)?.ok_or_else(|| {
            Diagnostic::error(
                "Value from Terraform is missing",
                format!("The {what} was null; it must be an object."),
            )
        })
    }

    /// Writes a value; where it lacks a list of blocks there are none.
    fn encode(&self, value: Option<&Value>) -> Result<wire::DynamicValue, Diagnostic> {
        let mut value = value.cloned().unwrap_or(Value::Null);
        self.schema.complete(&mut value);
        convert::encode(&value, &self.kind)
    }

    /// Writes diagnostics, each at the line that Terraform finds.
    fn diagnostics(&self, diagnostics: Vec<Diagnostic>) -> Vec<wire::Diagnostic> {
        convert::diagnostics_in(&self.schema.blocks, diagnostics)
    }
}

impl Service {
    /// Creates the service of a provider.
    #[must_use]
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Service { provider, resources: OnceCell::new(), stop: Mutex::default() }
    }

    /// Returns what the provider is asked for about itself, and a diagnostic when that panics.
    async fn ask<T: Send + 'static>(
        &self,
        question: &'static str,
        answer: impl FnOnce(&dyn Provider) -> T + Send + 'static,
    ) -> Result<T, Diagnostic> {
        let provider = Arc::clone(&self.provider);
        handler::run(question, "the provider", async move { answer(provider.as_ref()) }).await
    }

    async fn provider_schema(&self) -> Result<Schema, Diagnostic> {
        self.ask("The schema", Provider::schema).await
    }

    async fn resources(&self) -> Result<&Resources, Diagnostic> {
        let managed = |resource: Arc<dyn Resource>| (resource.type_name(), Arc::new(Managed::new(resource)));
        let list = move |provider: &dyn Provider| provider.resources().into_iter().map(managed).collect();
        self.resources.get_or_try_init(|| self.ask("The list of resources", list)).await
    }

    async fn managed(&self, type_name: &str) -> Result<Arc<Managed>, Diagnostic> {
        let resources = self.resources().await?;
        resources.get(type_name).cloned().ok_or_else(|| {
            let known = resources.keys().copied().collect::<Vec<_>>().join(", ");
            let detail = format!("This provider has no resource {type_name:?}. It has: {known}.");
            Diagnostic::error("Unknown resource type", detail)
        })
    }

    fn stop_token(&self) -> CancellationToken {
        self.stop.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn stop(&self) {
        let mut current = self.stop.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *current).cancel();
    }

    /// Runs a call that only looks: an interrupt ends it, however long Azure takes to answer.
    async fn look<T: Send + 'static>(
        &self,
        call: &'static str,
        subject: &str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Diagnostic> {
        let stop = self.stop_token();
        let work = async move {
            tokio::select! {
                biased;
                answer = work => Some(answer),
                () = stop.cancelled() => None,
            }
        };
        handler::run(call, subject, work).await?.ok_or_else(|| {
            let detail =
                format!("{call} of {subject} was interrupted before the answer came; nothing was changed.");
            Diagnostic::error("Interrupted", detail)
        })
    }

    async fn validate_provider(
        &self,
        config: Option<wire::DynamicValue>,
    ) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
        let schema = self.provider_schema().await?;
        let config = convert::decode(config.as_ref(), &schema.value_type())?;
        let mut found = rules::violations(&schema, &config);
        if found.is_empty() {
            let provider = Arc::clone(&self.provider);
            let work = async move { provider.validate(&config) };
            found = handler::run("ValidateProviderConfig", "the provider", work).await?;
        }
        Ok(convert::diagnostics_in(&schema.blocks, found))
    }

    async fn configure(
        &self,
        request: wire::configure_provider::Request,
    ) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
        let schema = self.provider_schema().await?;
        let config = convert::decode(request.config.as_ref(), &schema.value_type())?;
        let provider = Arc::clone(&self.provider);
        let work = async move { provider.configure(config, &request.terraform_version).await };
        let found = handler::run("ConfigureProvider", "the provider", work).await?;
        Ok(convert::diagnostics_in(&schema.blocks, found))
    }
}

/// Returns the diagnostics of a call that answers nothing else.
fn diagnostics(outcome: Result<Vec<wire::Diagnostic>, Diagnostic>) -> Vec<wire::Diagnostic> {
    outcome.unwrap_or_else(|error| convert::diagnostics(vec![error]))
}

type Reply<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Rpc for Service {
    async fn get_metadata(
        &self,
        _: Request<wire::get_metadata::Request>,
    ) -> Reply<wire::get_metadata::Response> {
        Ok(Response::new(describe::metadata(self).await))
    }

    async fn get_provider_schema(
        &self,
        _: Request<wire::get_provider_schema::Request>,
    ) -> Reply<wire::get_provider_schema::Response> {
        Ok(Response::new(describe::schemas(self).await))
    }

    /// Terraform 1.12 and newer ask this after every schema, and take an error for a broken schema.
    async fn get_resource_identity_schemas(
        &self,
        _: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Reply<wire::get_resource_identity_schemas::Response> {
        Ok(Response::new(identity::schemas(self).await))
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Reply<wire::upgrade_resource_identity::Response> {
        Ok(Response::new(identity::upgrade(self, request.into_inner()).await))
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Reply<wire::validate_provider_config::Response> {
        let diagnostics = diagnostics(self.validate_provider(request.into_inner().config).await);
        Ok(Response::new(wire::validate_provider_config::Response { diagnostics }))
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Reply<wire::configure_provider::Response> {
        let diagnostics = diagnostics(self.configure(request.into_inner()).await);
        Ok(Response::new(wire::configure_provider::Response { diagnostics }))
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Reply<wire::validate_resource_config::Response> {
        let diagnostics = diagnostics(manage::validate(self, request.into_inner()).await);
        Ok(Response::new(wire::validate_resource_config::Response { diagnostics }))
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Reply<wire::upgrade_resource_state::Response> {
        Ok(Response::new(saved::upgrade(self, request.into_inner()).await))
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Reply<wire::read_resource::Response> {
        Ok(Response::new(manage::read(self, request.into_inner()).await))
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Reply<wire::plan_resource_change::Response> {
        Ok(Response::new(plan::plan(self, request.into_inner()).await))
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Reply<wire::apply_resource_change::Response> {
        Ok(Response::new(apply::apply(self, request.into_inner()).await))
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Reply<wire::import_resource_state::Response> {
        Ok(Response::new(import::import(self, request.into_inner()).await))
    }

    /// OpenTofu calls this without asking whether we can, so it needs an answer and not a status.
    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Reply<wire::move_resource_state::Response> {
        Ok(Response::new(saved::move_state(self, request.into_inner()).await))
    }

    /// Returns at once: Terraform asks its providers one after the other, without a time limit.
    async fn stop_provider(
        &self,
        _: Request<wire::stop_provider::Request>,
    ) -> Reply<wire::stop_provider::Response> {
        self.stop();
        Ok(Response::new(wire::stop_provider::Response::default()))
    }
}
