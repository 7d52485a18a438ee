//! The door: every RPC, and where it is answered.
//!
//! What is not here answers UNIMPLEMENTED, which Terraform never sees: it does not ask for a kind that
//! the schema does not have (ephemeral resources, state stores) or for what the capabilities do not
//! name (generated configuration).

use tonic::{Request, Response, Status};

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::proto::tfplugin6::provider_server::Provider as Rpc;
use crate::terraform::service::events::Events;
use crate::terraform::service::{
    Service, action, apply, configure, convert, data_source, describe, function, identity, import, list,
    plan, read, saved,
};

type Reply<T> = Result<Response<T>, Status>;

fn reply<T>(answer: T) -> Reply<T> {
    Ok(Response::new(answer))
}

/// Returns the diagnostics of a call that answers nothing else.
fn told(outcome: Result<Vec<wire::Diagnostic>, Diagnostic>) -> Vec<wire::Diagnostic> {
    outcome.unwrap_or_else(|error| convert::diagnostics(vec![error]))
}

#[tonic::async_trait]
impl Rpc for Service {
    async fn get_metadata(
        &self,
        _: Request<wire::get_metadata::Request>,
    ) -> Reply<wire::get_metadata::Response> {
        reply(describe::metadata(self).await)
    }

    async fn get_provider_schema(
        &self,
        _: Request<wire::get_provider_schema::Request>,
    ) -> Reply<wire::get_provider_schema::Response> {
        reply(describe::schemas(self).await)
    }

    /// Terraform 1.12 and newer ask this after every schema, and take an error for a broken schema.
    async fn get_resource_identity_schemas(
        &self,
        _: Request<wire::get_resource_identity_schemas::Request>,
    ) -> Reply<wire::get_resource_identity_schemas::Response> {
        reply(identity::schemas(self).await)
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<wire::upgrade_resource_identity::Request>,
    ) -> Reply<wire::upgrade_resource_identity::Response> {
        reply(identity::upgrade(self, request.into_inner()).await)
    }

    async fn validate_provider_config(
        &self,
        request: Request<wire::validate_provider_config::Request>,
    ) -> Reply<wire::validate_provider_config::Response> {
        let diagnostics = told(configure::validate(self, request.into_inner()).await);
        reply(wire::validate_provider_config::Response { diagnostics })
    }

    async fn configure_provider(
        &self,
        request: Request<wire::configure_provider::Request>,
    ) -> Reply<wire::configure_provider::Response> {
        let diagnostics = told(configure::configure(self, request.into_inner()).await);
        reply(wire::configure_provider::Response { diagnostics })
    }

    async fn validate_resource_config(
        &self,
        request: Request<wire::validate_resource_config::Request>,
    ) -> Reply<wire::validate_resource_config::Response> {
        let diagnostics = told(read::validate(self, request.into_inner()).await);
        reply(wire::validate_resource_config::Response { diagnostics })
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<wire::upgrade_resource_state::Request>,
    ) -> Reply<wire::upgrade_resource_state::Response> {
        reply(saved::upgrade(self, request.into_inner()).await)
    }

    async fn read_resource(
        &self,
        request: Request<wire::read_resource::Request>,
    ) -> Reply<wire::read_resource::Response> {
        let answer = read::read(self, request.into_inner());
        reply(self.to_the_end(answer, |answer| &mut answer.diagnostics).await)
    }

    async fn plan_resource_change(
        &self,
        request: Request<wire::plan_resource_change::Request>,
    ) -> Reply<wire::plan_resource_change::Response> {
        let answer = plan::plan(self, request.into_inner());
        reply(self.to_the_end(answer, |answer| &mut answer.diagnostics).await)
    }

    async fn apply_resource_change(
        &self,
        request: Request<wire::apply_resource_change::Request>,
    ) -> Reply<wire::apply_resource_change::Response> {
        let answer = apply::apply(self, request.into_inner());
        reply(self.to_the_end(answer, |answer| &mut answer.diagnostics).await)
    }

    async fn import_resource_state(
        &self,
        request: Request<wire::import_resource_state::Request>,
    ) -> Reply<wire::import_resource_state::Response> {
        reply(import::import(self, request.into_inner()).await)
    }

    /// OpenTofu calls this without asking whether we can, so it needs an answer and not a status.
    async fn move_resource_state(
        &self,
        request: Request<wire::move_resource_state::Request>,
    ) -> Reply<wire::move_resource_state::Response> {
        reply(saved::move_state(self, request.into_inner()).await)
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<wire::validate_data_resource_config::Request>,
    ) -> Reply<wire::validate_data_resource_config::Response> {
        let diagnostics = told(data_source::validate(self, request.into_inner()).await);
        reply(wire::validate_data_resource_config::Response { diagnostics })
    }

    async fn read_data_source(
        &self,
        request: Request<wire::read_data_source::Request>,
    ) -> Reply<wire::read_data_source::Response> {
        let answer = data_source::read(self, request.into_inner());
        reply(self.to_the_end(answer, |answer| &mut answer.diagnostics).await)
    }

    async fn get_functions(
        &self,
        _: Request<wire::get_functions::Request>,
    ) -> Reply<wire::get_functions::Response> {
        reply(function::functions(self).await)
    }

    async fn call_function(
        &self,
        request: Request<wire::call_function::Request>,
    ) -> Reply<wire::call_function::Response> {
        reply(function::call(self, request.into_inner()).await)
    }

    async fn validate_action_config(
        &self,
        request: Request<wire::validate_action_config::Request>,
    ) -> Reply<wire::validate_action_config::Response> {
        let diagnostics = told(action::validate(self, request.into_inner()).await);
        reply(wire::validate_action_config::Response { diagnostics })
    }

    async fn plan_action(
        &self,
        request: Request<wire::plan_action::Request>,
    ) -> Reply<wire::plan_action::Response> {
        let diagnostics = told(action::plan(self, request.into_inner()).await);
        reply(wire::plan_action::Response { diagnostics, deferred: None })
    }

    async fn invoke_action(
        &self,
        request: Request<wire::invoke_action::Request>,
    ) -> Reply<Events<wire::invoke_action::Event>> {
        reply(action::invoke(self, request.into_inner()).await)
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<wire::validate_list_resource_config::Request>,
    ) -> Reply<wire::validate_list_resource_config::Response> {
        let diagnostics = told(list::validate(self, request.into_inner()).await);
        reply(wire::validate_list_resource_config::Response { diagnostics })
    }

    async fn list_resource(
        &self,
        request: Request<wire::list_resource::Request>,
    ) -> Reply<Events<wire::list_resource::Event>> {
        reply(list::list(self, request.into_inner()).await)
    }

    /// Returns at once: Terraform asks its providers one after the other, without a time limit.
    async fn stop_provider(
        &self,
        _: Request<wire::stop_provider::Request>,
    ) -> Reply<wire::stop_provider::Response> {
        self.stop();
        reply(wire::stop_provider::Response::default())
    }
}
