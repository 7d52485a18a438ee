//! Saved state of another time or type: UpgradeResourceState and MoveResourceState.

use std::sync::Arc;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::resource::{MoveStateRequest, ResourceResponse, UpgradeStateRequest};
use crate::terraform::service::catalogue::Managed;
use crate::terraform::service::{Service, convert};
use crate::terraform::value::Value;
use crate::terraform::{handler, json};

/// Answers UpgradeResourceState.
///
/// Terraform asks for every object in the state file, also when nothing changed. It has dropped
/// the attributes we no longer have, but those we gained are ours to fill in.
pub async fn upgrade(
    service: &Service,
    request: wire::upgrade_resource_state::Request,
) -> wire::upgrade_resource_state::Response {
    let (upgraded_state, errors) = match upgraded(service, request).await {
        Ok(state) => (Some(state), Vec::new()),
        Err(error) => (None, vec![error]),
    };
    let diagnostics = convert::diagnostics(errors);
    wire::upgrade_resource_state::Response { upgraded_state, diagnostics }
}

async fn upgraded(
    service: &Service,
    request: wire::upgrade_resource_state::Request,
) -> Result<wire::DynamicValue, Diagnostic> {
    let managed = service.managed(&request.type_name).await?;
    let state = present(&managed, request.version, request.raw_state.as_ref()).await?;
    managed.typed.encode(Some(&state))
}

/// Reads a saved state of any version in the present schema.
async fn present(managed: &Managed, version: i64, raw: Option<&wire::RawState>) -> Result<Value, Diagnostic> {
    let type_name = managed.resource.type_name();
    if version > managed.typed.schema.version {
        return Err(newer(type_name, version, managed.typed.schema.version));
    }
    let raw = raw.map(|raw| raw.json.as_slice()).unwrap_or_default();
    if raw.is_empty() {
        return Err(ancient());
    }
    let mut saved = serde_json::from_slice(raw).map_err(|error| misfit(type_name, &error))?;
    if version < managed.typed.schema.version {
        let resource = Arc::clone(&managed.resource);
        let work = async move { resource.upgrade_state(UpgradeStateRequest { version, state: saved }) };
        saved = handler::run("UpgradeResourceState", type_name, work).await??;
    }
    let mut state = json::read(&saved, &managed.typed.kind).map_err(|error| misfit(type_name, &error))?;
    managed.typed.schema.complete(&mut state);
    Ok(state)
}

fn newer(type_name: &str, version: i64, known: i64) -> Diagnostic {
    let detail = format!(
        "The state of {type_name} was saved by a newer version of the provider: it has schema version \
         {version}, and this one knows versions up to {known}. Nothing was changed. Use the version of the \
         provider that wrote it, or a newer one."
    );
    Diagnostic::error("Saved state is of a newer provider", detail)
}

fn ancient() -> Diagnostic {
    Diagnostic::error(
        "Saved state cannot be read",
        "The state is in the format of Terraform 0.11 or older, which this provider never wrote. \
         Remove the object with `terraform state rm` and import it again.",
    )
}

fn misfit(type_name: &str, error: &dyn std::fmt::Display) -> Diagnostic {
    let detail = format!("The saved state of {type_name} does not fit the schema: {error}.");
    Diagnostic::error("Saved state cannot be read", detail)
}

/// Answers MoveResourceState. OpenTofu asks without having seen that we can.
pub async fn move_state(
    service: &Service,
    request: wire::move_resource_state::Request,
) -> wire::move_resource_state::Response {
    moved(service, &request).await.unwrap_or_else(|error| wire::move_resource_state::Response {
        diagnostics: convert::diagnostics(vec![error]),
        ..Default::default()
    })
}

async fn moved(
    service: &Service,
    request: &wire::move_resource_state::Request,
) -> Result<wire::move_resource_state::Response, Diagnostic> {
    let target = service.managed(&request.target_type_name).await?;
    let source = service.resources().await?.get(request.source_type_name.as_str());
    let source = source.filter(|_| is_ours(request)).ok_or_else(|| refused(request))?;
    let state = present(source, request.source_schema_version, request.source_state.as_ref()).await?;
    let resource = Arc::clone(&target.resource);
    let move_state = MoveStateRequest { source_type: request.source_type_name.clone(), state };
    let work = async move { resource.move_state(move_state) };
    let answer = handler::run("MoveResourceState", &request.target_type_name, work).await?;
    move_response(&target, answer.ok_or_else(|| refused(request))?)
}

fn move_response(
    target: &Managed,
    answer: ResourceResponse,
) -> Result<wire::move_resource_state::Response, Diagnostic> {
    Ok(wire::move_resource_state::Response {
        target_state: Some(target.typed.encode(answer.state.as_ref())?),
        target_private: answer.private,
        target_identity: target.identify(answer.state.as_ref())?,
        diagnostics: target.typed.diagnostics(answer.diagnostics),
    })
}

/// Tells whether the source is a type of ours and not of another provider with such a type.
///
/// The host and the namespace may differ: a mirror, a fork, OpenTofu's registry.
fn is_ours(request: &wire::move_resource_state::Request) -> bool {
    let prefix = request.target_type_name.split('_').next();
    request.source_provider_address.rsplit('/').next() == prefix
}

fn refused(request: &wire::move_resource_state::Request) -> Diagnostic {
    let detail = format!(
        "{} cannot take over the state of {} of the provider {}. Remove the `moved` block, and import the \
         object instead.",
        request.target_type_name, request.source_type_name, request.source_provider_address
    );
    Diagnostic::error("State cannot be moved between types", detail)
}
