//! The quiet RPCs of a resource: ValidateResourceConfig and ReadResource.

use std::sync::Arc;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::resource::ReadRequest;
use crate::terraform::service::catalogue::{Managed, find};
use crate::terraform::service::{Service, convert, identity};

impl Service {
    /// Returns the resource of a type name.
    pub async fn managed(&self, type_name: &str) -> Result<Arc<Managed>, Diagnostic> {
        find(self.resources().await?, "resource type", type_name)
    }
}

/// Answers ValidateResourceConfig.
pub async fn validate(
    service: &Service,
    request: wire::validate_resource_config::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let managed = service.managed(&request.type_name).await?;
    let config = managed.typed.object(request.config.as_ref(), "configuration")?;
    let resource = Arc::clone(&managed.resource);
    managed.typed.validate("ValidateResourceConfig", config, move |config| resource.validate(config)).await
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
    let state = managed.typed.object(request.current_state.as_ref(), "current state")?;
    let resource = Arc::clone(&managed.resource);
    let read = ReadRequest { state, private: request.private };
    let work = async move { resource.read(read).await };
    let answer = service.look("ReadResource", &request.type_name, work).await?;
    let identity = managed.identify(answer.state.as_ref())?;
    identity::unchanged(&managed, request.current_identity.as_ref(), identity.as_ref())?;
    Ok(wire::read_resource::Response {
        new_state: Some(managed.typed.encode(answer.state.as_ref())?),
        private: answer.private,
        diagnostics: managed.typed.diagnostics(answer.diagnostics),
        new_identity: identity,
        ..Default::default()
    })
}
