//! The quiet RPCs of a resource: validate and read.

use std::sync::Arc;

use super::super::diagnostic::Diagnostic;
use super::super::proto::tfplugin6 as wire;
use super::super::resource::ReadRequest;
use super::super::{handler, rules};
use super::{Service, convert, identity};

/// Answers ValidateResourceConfig.
pub async fn validate(
    service: &Service,
    request: wire::validate_resource_config::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let managed = service.managed(&request.type_name).await?;
    let config = managed.object(request.config.as_ref(), "configuration")?;
    let mut found = rules::violations(&managed.schema, &config);
    if found.is_empty() {
        let resource = Arc::clone(&managed.resource);
        let work = async move { resource.validate(&config) };
        found = handler::run("ValidateResourceConfig", &request.type_name, work).await?;
    }
    Ok(managed.diagnostics(found))
}

/// Answers ReadResource. No state means that the object is gone.
pub async fn read(service: &Service, request: wire::read_resource::Request) -> wire::read_resource::Response {
    // Terraform keeps the old state when there is an error.
    observed(service, request).await.unwrap_or_else(|error| wire::read_resource::Response {
        diagnostics: convert::diagnostics(vec![error]),
        ..Default::default()
    })
}

async fn observed(
    service: &Service,
    request: wire::read_resource::Request,
) -> Result<wire::read_resource::Response, Diagnostic> {
    let managed = service.managed(&request.type_name).await?;
    let state = managed.object(request.current_state.as_ref(), "current state")?;
    let resource = Arc::clone(&managed.resource);
    let read = ReadRequest { state, private: request.private };
    let work = async move { resource.read(read).await };
    let answer = service.look("ReadResource", &request.type_name, work).await?;
    let identity = managed.identify(answer.state.as_ref())?;
    identity::unchanged(&managed, request.current_identity.as_ref(), identity.as_ref())?;
    Ok(wire::read_resource::Response {
        new_state: Some(managed.encode(answer.state.as_ref())?),
        private: answer.private,
        diagnostics: managed.diagnostics(answer.diagnostics),
        new_identity: identity,
        ..Default::default()
    })
}
