//! ImportResourceState: an id or an identity becomes an object.

use std::sync::Arc;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::resource::ResourceResponse;
use crate::terraform::service::catalogue::Managed;
use crate::terraform::service::{Service, convert, identity};

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
    let managed = service.managed(&request.type_name).await?;
    let answer = found(&managed, &request).await?;
    let Some(state) = answer.state.filter(|_| !answer.diagnostics.iter().any(Diagnostic::is_error)) else {
        return Ok((None, answer.diagnostics));
    };
    let object = wire::import_resource_state::ImportedResource {
        type_name: request.type_name,
        state: Some(managed.typed.encode(Some(&state))?),
        private: answer.private,
        identity: managed.identify(Some(&state))?,
    };
    Ok((Some(object), answer.diagnostics))
}

/// An import block names an id or an identity, never both.
async fn found(
    managed: &Managed,
    request: &wire::import_resource_state::Request,
) -> Result<ResourceResponse, Diagnostic> {
    let (resource, id) = (Arc::clone(&managed.resource), request.id.clone());
    let identity = identity::given(managed, request.identity.as_ref())?;
    let work = async move {
        match identity.filter(|_| id.is_empty()) {
            Some(identity) => resource.import_identity(&identity),
            None => resource.import_state(&id),
        }
    };
    handler::run("ImportResourceState", &request.type_name, work).await
}
