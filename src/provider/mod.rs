//! Joins Terraform and Azure: the attributes practitioners write, and what they lead to.
//!
//! [`upgrading`] holds what the resources have in common. A refresh asks Azure ([`observe`]) and
//! keeps what it saw ([`observation`]), and shares what the resources of a run can ([`inventory`]); a
//! plan computes from what was kept alone ([`outlook`]); an apply is one loop ([`apply`]).

mod apply;
mod arguments;
mod attributes;
mod computed;
mod configuration;
mod contradictions;
mod explain;
mod halt;
mod handover;
mod inventory;
mod maintenance_configuration;
mod moved;
mod node_image;
mod observation;
mod observe;
mod outlook;
mod pace;
mod spelling;
mod upgrade_policy;
mod upgrading;
mod warnings;

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::HttpClient;

use crate::arm::client::{Client, transport};
use crate::arm::error::Error;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::resource::{Provider, Resource};
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

use configuration::{Azure, Environment, Transport};
use node_image::NodeImage;
use upgrade_policy::UpgradePolicy;
use upgrading::UpgradingResource;

/// The provider `aks`.
pub struct Aks {
    azure: Arc<Azure>,
    environment: Environment,
    transport: Transport,
}

impl Aks {
    /// Creates the provider with the way to read variables.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self::over(transport, environment)
    }

    /// Creates the provider with another way to send requests, such as into a simulator of the same process.
    #[must_use]
    pub fn over(
        transport: impl Fn() -> Result<Arc<dyn HttpClient>, Error> + Send + Sync + 'static,
        environment: Environment,
    ) -> Self {
        Aks { azure: Arc::default(), environment, transport: Box::new(transport) }
    }

    /// Returns the way to Azure that the provider was configured with.
    ///
    /// # Errors
    ///
    /// A diagnostic that says why there is none: it was not configured, or no credential works.
    pub fn client(&self) -> Result<Client, Diagnostic> {
        self.azure.client()
    }
}

#[async_trait]
impl Provider for Aks {
    fn schema(&self) -> Schema {
        configuration::schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        configuration::validate(config)
    }

    async fn configure(&self, config: Value, terraform_version: &str) -> Vec<Diagnostic> {
        let user_agent =
            format!("terraform-provider-aks/{} terraform/{terraform_version}", env!("CARGO_PKG_VERSION"));
        configuration::configure(&self.azure, &config, self.environment, &self.transport, &user_agent).await
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![
            Arc::new(UpgradingResource::<UpgradePolicy>::new(Arc::clone(&self.azure))),
            Arc::new(UpgradingResource::<NodeImage>::new(Arc::clone(&self.azure))),
            Arc::new(maintenance_configuration::Configuration::new(Arc::clone(&self.azure))),
        ]
    }
}
