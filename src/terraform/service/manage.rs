//! The quiet RPCs of a resource: validate, upgrade, read, import.

use std::sync::Arc;

use super::super::diagnostic::Diagnostic;
use super::super::proto::tfplugin6 as wire;
use super::super::resource::{Answer, Read};
use super::super::{handler, json, rules};
use super::{Managed, Service, convert};

/// Answers ValidateResourceConfig.
pub async fn validate(
    service: &Service,
    request: wire::validate_resource_config::Request,
) -> Result<Vec<Diagnostic>, Diagnostic> {
    let managed = service.managed(&request.type_name)?;
    let config = managed.object(request.config.as_ref(), "configuration")?;
    let violations = rules::violations(&managed.schema.attributes, &config);
    if !violations.is_empty() {
        return Ok(violations);
    }
    let work = async move { managed.resource.validate(&config) };
    handler::run("ValidateResourceConfig", &request.type_name, work).await
}

/// Answers UpgradeResourceState.
///
/// Terraform asks for every object in the state file, also when nothing changed. It has dropped
/// the attributes we no longer have, but those we gained are ours to fill in.
pub fn upgrade(
    service: &Service,
    request: &wire::upgrade_resource_state::Request,
) -> wire::upgrade_resource_state::Response {
    match upgraded(service, request) {
        Ok(state) => {
            wire::upgrade_resource_state::Response { upgraded_state: Some(state), diagnostics: Vec::new() }
        }
        Err(error) => wire::upgrade_resource_state::Response {
            upgraded_state: None,
            diagnostics: convert::diagnostics(vec![error]),
        },
    }
}

fn upgraded(
    service: &Service,
    request: &wire::upgrade_resource_state::Request,
) -> Result<wire::DynamicValue, Diagnostic> {
    let managed = service.managed(&request.type_name)?;
    let raw = request.raw_state.as_ref().map(|raw| raw.json.as_slice()).unwrap_or_default();
    if raw.is_empty() {
        return Err(Diagnostic::error(
            "Saved state cannot be read",
            "The state is in the format of Terraform 0.11 or older, which this provider never wrote. \
             Remove the object with `terraform state rm` and import it again.",
        ));
    }
    let state = json::decode(raw, &managed.kind).map_err(|error| {
        let detail = format!("The saved state of {} does not fit the schema: {error}.", request.type_name);
        Diagnostic::error("Saved state cannot be read", detail)
    })?;
    managed.encode(Some(&state))
}

/// Answers ReadResource. No state means that the object is gone.
pub async fn read(service: &Service, request: wire::read_resource::Request) -> wire::read_resource::Response {
    match observed(service, request).await {
        Ok((managed, answer)) => read_response(&managed, answer),
        Err(error) => failed_read(vec![error]),
    }
}

async fn observed(
    service: &Service,
    request: wire::read_resource::Request,
) -> Result<(Arc<Managed>, Answer), Diagnostic> {
    let managed = service.managed(&request.type_name)?;
    let state = managed.object(request.current_state.as_ref(), "current state")?;
    let resource = Arc::clone(&managed.resource);
    let read = Read { state, private: request.private };
    let answer =
        handler::run("ReadResource", &request.type_name, async move { resource.read(read).await }).await?;
    Ok((managed, answer))
}

fn read_response(managed: &Managed, answer: Answer) -> wire::read_resource::Response {
    match managed.encode(answer.state.as_ref()) {
        Ok(state) => wire::read_resource::Response {
            new_state: Some(state),
            private: answer.private,
            diagnostics: convert::diagnostics(answer.diagnostics),
            ..Default::default()
        },
        Err(error) => failed_read(vec![error]),
    }
}

/// Terraform keeps the old state when there is an error.
fn failed_read(errors: Vec<Diagnostic>) -> wire::read_resource::Response {
    wire::read_resource::Response { diagnostics: convert::diagnostics(errors), ..Default::default() }
}

/// Answers ImportResourceState with exactly one object; Terraform reads it right after.
pub async fn import(
    service: &Service,
    request: wire::import_resource_state::Request,
) -> wire::import_resource_state::Response {
    let (imported_resources, diagnostics) = match imported(service, request).await {
        Ok((object, diagnostics)) => (object.into_iter().collect(), diagnostics),
        Err(error) => (Vec::new(), vec![error]),
    };
    let diagnostics = convert::diagnostics(diagnostics);
    wire::import_resource_state::Response { imported_resources, diagnostics, ..Default::default() }
}

type Imported = (Option<wire::import_resource_state::ImportedResource>, Vec<Diagnostic>);

async fn imported(
    service: &Service,
    request: wire::import_resource_state::Request,
) -> Result<Imported, Diagnostic> {
    let managed = service.managed(&request.type_name)?;
    let resource = Arc::clone(&managed.resource);
    let id = request.id;
    let answer =
        handler::run("ImportResourceState", &request.type_name, async move { resource.import(&id) }).await?;
    let Some(state) = answer.state.filter(|_| !answer.diagnostics.iter().any(Diagnostic::is_error)) else {
        return Ok((None, answer.diagnostics));
    };
    let object = wire::import_resource_state::ImportedResource {
        type_name: request.type_name,
        state: Some(managed.encode(Some(&state))?),
        private: answer.private,
        identity: None,
    };
    Ok((Some(object), answer.diagnostics))
}

/// Answers MoveResourceState: no.
pub fn refuse_move(request: &wire::move_resource_state::Request) -> wire::move_resource_state::Response {
    let detail = format!(
        "{} cannot take over the state of {}. Remove the `moved` block, and import the object instead.",
        request.target_type_name, request.source_type_name
    );
    wire::move_resource_state::Response {
        diagnostics: convert::diagnostics(vec![Diagnostic::error(
            "State cannot be moved between types",
            detail,
        )]),
        ..Default::default()
    }
}
