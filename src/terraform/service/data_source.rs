//! Data sources: ValidateDataResourceConfig and ReadDataSource.
//!
//! What Terraform does not forgive: an answer that is null ("Provider produced null object"), and one
//! with something unknown in it ("Provider produced invalid object"). Both are told here, as our bugs.

use std::sync::Arc;

use crate::terraform::data_source::{DataSource, DataSourceResponse};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::service::catalogue::{Entry, find};
use crate::terraform::service::{Service, convert};

impl Service {
    async fn data_source(&self, type_name: &str) -> Result<Arc<Entry<dyn DataSource>>, Diagnostic> {
        find(self.data_sources().await?, "data source", type_name)
    }
}

/// Answers ValidateDataResourceConfig.
pub async fn validate(
    service: &Service,
    request: wire::validate_data_resource_config::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let source = service.data_source(&request.type_name).await?;
    let config = source.typed.object(request.config.as_ref(), "configuration")?;
    let item = Arc::clone(&source.item);
    source.typed.validate("ValidateDataResourceConfig", config, move |config| item.validate(config)).await
}

/// Answers ReadDataSource.
pub async fn read(
    service: &Service,
    request: wire::read_data_source::Request,
) -> wire::read_data_source::Response {
    looked(service, request).await.unwrap_or_else(|error| wire::read_data_source::Response {
        diagnostics: convert::diagnostics(vec![error]),
        ..Default::default()
    })
}

async fn looked(
    service: &Service,
    request: wire::read_data_source::Request,
) -> Result<wire::read_data_source::Response, Diagnostic> {
    let source = service.data_source(&request.type_name).await?;
    let config = source.typed.object(request.config.as_ref(), "configuration")?;
    let item = Arc::clone(&source.item);
    let work = async move { item.read(config).await };
    let mut answer = service.look("ReadDataSource", &request.type_name, work).await?;
    if !answer.diagnostics.iter().any(Diagnostic::is_error) {
        answer.diagnostics.extend(unfinished(source.typed.name, &answer));
    }
    let failed = answer.diagnostics.iter().any(Diagnostic::is_error);
    let state = answer.state.filter(|_| !failed);
    Ok(wire::read_data_source::Response {
        state: state.map(|state| source.typed.encode(Some(&state))).transpose()?,
        diagnostics: source.typed.diagnostics(answer.diagnostics),
        ..Default::default()
    })
}

fn unfinished(type_name: &str, answer: &DataSourceResponse) -> Option<Diagnostic> {
    let lacks = match &answer.state {
        None => "without an object",
        Some(state) if !state.is_wholly_known() => "with something that is not known yet",
        Some(_) => return None,
    };
    let detail =
        format!("The read of {type_name} succeeded {lacks}, so nothing was read. Please report this.");
    Some(Diagnostic::error("The provider has a bug", detail))
}
