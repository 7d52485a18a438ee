//! The provider block: ValidateProviderConfig and ConfigureProvider.

use std::sync::Arc;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::provider::Provider;
use crate::terraform::service::typed::Typed;
use crate::terraform::service::{Service, convert};

const PROVIDER: &str = "the provider";

impl Service {
    /// Returns the schema of the provider block.
    pub async fn block(&self) -> Result<Typed, Diagnostic> {
        Ok(Typed::new(PROVIDER, self.ask("The schema", Provider::schema).await?))
    }
}

/// Answers ValidateProviderConfig.
pub async fn validate(
    service: &Service,
    request: wire::validate_provider_config::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let block = service.block().await?;
    let config = convert::decode(request.config.as_ref(), &block.kind)?;
    let provider = Arc::clone(&service.provider);
    block.validate("ValidateProviderConfig", config, move |config| provider.validate(config)).await
}

/// Answers ConfigureProvider. During a plan values may be unknown.
pub async fn configure(
    service: &Service,
    request: wire::configure_provider::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let block = service.block().await?;
    let config = convert::decode(request.config.as_ref(), &block.kind)?;
    let provider = Arc::clone(&service.provider);
    let work = async move { provider.configure(config, &request.terraform_version).await };
    Ok(block.diagnostics(handler::run("ConfigureProvider", PROVIDER, work).await?))
}
