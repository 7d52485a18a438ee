//! ApplyResourceChange: what is saved afterwards.
//!
//! | action | answer | Terraform saves |
//! |---|---|---|
//! | create | error and a state | the state, *tainted*: the next plan replaces the object |
//! | create | error and no state | nothing |
//! | update | error and a state | the state, and the private bytes that came with it |
//! | update | error and no state | the prior state with its private bytes |
//! | destroy | error and no state | the prior state with its private bytes |
//! | any | a gRPC status | the prior state *without* its private bytes, or nothing |
//!
//! So a failure without a state is the careful answer, and a status is never given.

use std::sync::Arc;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::resource::{ApplyRequest, ResourceResponse};
use crate::terraform::service::catalogue::Managed;
use crate::terraform::service::{Service, convert, identity};
use crate::terraform::value::Value;

/// Answers ApplyResourceChange.
pub async fn apply(
    service: &Service,
    request: wire::apply_resource_change::Request,
) -> wire::apply_resource_change::Response {
    let identity = request.planned_identity.clone();
    applied(service, request).await.unwrap_or_else(|error| failure(vec![error], identity))
}

/// `config` is not used: unlike the plan's it is not filtered by `ignore_changes`.
async fn applied(
    service: &Service,
    request: wire::apply_resource_change::Request,
) -> Result<wire::apply_resource_change::Response, Diagnostic> {
    let managed = service.managed(&request.type_name).await?;
    let apply = ApplyRequest {
        prior: managed.typed.optional(request.prior_state.as_ref())?,
        planned: managed.typed.optional(request.planned_state.as_ref())?,
        private: request.planned_private,
    };
    let act = Act::of(&apply, request.planned_identity);
    let (resource, stop) = (Arc::clone(&managed.resource), service.stop_token());
    let work = async move { resource.apply(apply, stop).await };
    let answer = handler::run("ApplyResourceChange", &request.type_name, work).await?;
    Ok(respond(&managed, answer, act))
}

/// What an apply was asked for.
struct Act {
    updates: bool,
    destroys: bool,
    /// Of the object that is there already.
    identity: Option<wire::ResourceIdentityData>,
}

impl Act {
    fn of(apply: &ApplyRequest, identity: Option<wire::ResourceIdentityData>) -> Self {
        let destroys = apply.planned.is_none();
        let identity = identity.filter(|_| apply.prior.is_some());
        Act { updates: apply.prior.is_some() && !destroys, destroys, identity }
    }
}

/// A success without an object, and an object that does not fit the schema, are failures: the
/// prior state stays.
fn respond(managed: &Managed, answer: ResourceResponse, act: Act) -> wire::apply_resource_change::Response {
    let mut diagnostics = answer.diagnostics;
    let failed = diagnostics.iter().any(Diagnostic::is_error);
    if answer.state.is_none() && !act.destroys && !failed {
        diagnostics.push(stateless(managed.resource.type_name()));
        return failure(diagnostics, act.identity);
    }
    match saved(managed, answer.state.as_ref(), &act) {
        Ok((state, new_identity)) => wire::apply_resource_change::Response {
            new_state: Some(state),
            private: answer.private,
            // A failed update without a state keeps the prior state, and its identity with it.
            new_identity: new_identity.or(if failed { act.identity } else { None }),
            diagnostics: managed.typed.diagnostics(diagnostics),
            ..Default::default()
        },
        Err(error) => {
            diagnostics.push(error);
            failure(diagnostics, act.identity)
        }
    }
}

type Saved = (wire::DynamicValue, Option<wire::ResourceIdentityData>);

fn saved(managed: &Managed, state: Option<&Value>, act: &Act) -> Result<Saved, Diagnostic> {
    let identity = managed.identify(state)?;
    if act.updates {
        identity::unchanged(managed, act.identity.as_ref(), identity.as_ref())?;
    }
    Ok((managed.typed.encode(state)?, identity))
}

fn stateless(type_name: &str) -> Diagnostic {
    let detail = format!(
        "The apply of {type_name} succeeded without a state, so nothing was saved. Please report this."
    );
    Diagnostic::error("The provider has a bug", detail)
}

fn failure(
    errors: Vec<Diagnostic>,
    new_identity: Option<wire::ResourceIdentityData>,
) -> wire::apply_resource_change::Response {
    let diagnostics = convert::diagnostics(errors);
    wire::apply_resource_change::Response { diagnostics, new_identity, ..Default::default() }
}
