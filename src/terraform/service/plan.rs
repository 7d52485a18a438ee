//! PlanResourceChange: what an apply would reach.
//!
//! Terraform plans twice, the second time during apply in a new process, and holds the provider
//! to every value that was known the first time. Only what the first answer put into the *state*
//! survives for certain; the private bytes of a plan reach the apply, but from the second plan.

use std::sync::Arc;

use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::resource::{PlanRequest, ResourceResponse};
use crate::terraform::rules;
use crate::terraform::service::catalogue::Managed;
use crate::terraform::service::{Service, convert, identity};
use crate::terraform::value::Value;

/// Answers PlanResourceChange.
pub async fn plan(
    service: &Service,
    request: wire::plan_resource_change::Request,
) -> wire::plan_resource_change::Response {
    match planned(service, request).await {
        Ok(response) => response,
        Err(error) => wire::plan_resource_change::Response {
            diagnostics: convert::diagnostics(vec![error]),
            ..Default::default()
        },
    }
}

async fn planned(
    service: &Service,
    request: wire::plan_resource_change::Request,
) -> Result<wire::plan_resource_change::Response, Diagnostic> {
    let managed = service.managed(&request.type_name).await?;
    let plan = PlanRequest {
        prior: managed.typed.optional(request.prior_state.as_ref())?,
        proposed: managed.typed.optional(request.proposed_new_state.as_ref())?,
        config: managed.typed.optional(request.config.as_ref())?,
        private: request.prior_private,
    };
    let (prior, private, destroys) = (plan.prior.clone(), plan.private.clone(), plan.proposed.is_none());
    let resource = Arc::clone(&managed.resource);
    let work = async move { resource.plan(plan).await };
    let answer = service.look("PlanResourceChange", &request.type_name, work).await?;
    let identity = request.prior_identity;
    if destroys {
        return destroy(&managed, private, identity, answer);
    }
    let response = change(&managed, prior.as_ref(), answer)?;
    if prior.is_some() && response.requires_replace.is_empty() {
        identity::unchanged(&managed, identity.as_ref(), response.planned_identity.as_ref())?;
    }
    Ok(response)
}

/// Answers the plan of a destroy: null, whatever the resource thinks of it, and private bytes and
/// identity as they were, for the apply of the destroy gets the ones from here.
fn destroy(
    managed: &Managed,
    private: Vec<u8>,
    identity: Option<wire::ResourceIdentityData>,
    answer: ResourceResponse,
) -> Result<wire::plan_resource_change::Response, Diagnostic> {
    Ok(wire::plan_resource_change::Response {
        planned_state: Some(managed.typed.encode(None)?),
        planned_private: private,
        planned_identity: identity,
        diagnostics: managed.typed.diagnostics(answer.diagnostics),
        ..Default::default()
    })
}

fn change(
    managed: &Managed,
    prior: Option<&Value>,
    answer: ResourceResponse,
) -> Result<wire::plan_resource_change::Response, Diagnostic> {
    let state = managed.typed.encode(answer.state.as_ref())?;
    // Read back, so that sets are in order on both sides of the comparison.
    let planned = convert::decode(Some(&state), &managed.typed.kind)?;
    let replaced = |prior| rules::replacements(&managed.typed.schema, prior, &planned);
    let replacements: Vec<Path> = prior.map(replaced).unwrap_or_default();
    Ok(wire::plan_resource_change::Response {
        planned_state: Some(state),
        requires_replace: replacements.into_iter().map(convert::path).collect(),
        planned_private: answer.private,
        planned_identity: managed.identify(answer.state.as_ref())?,
        diagnostics: managed.typed.diagnostics(answer.diagnostics),
        ..Default::default()
    })
}
