//! Joins Terraform and Azure: the attributes practitioners write, and what they lead to.
//!
//! [`upgrading`] holds what the resources have in common. A refresh asks Azure ([`observe`]) and
//! keeps what it saw ([`observation`]); a plan computes from that alone ([`outlook`]); an apply is
//! one loop ([`apply`]).

mod apply;
mod arguments;
mod attributes;
mod computed;
mod configuration;
mod explain;
mod node_image;
mod observation;
mod observe;
mod outlook;
mod upgrade_policy;
mod upgrading;
mod warnings;

use std::sync::Arc;

use async_trait::async_trait;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::resource::{Provider, Resource};
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

use configuration::{Azure, Environment};
use node_image::NodeImage;
use upgrade_policy::UpgradePolicy;
use upgrading::UpgradingResource;

/// The provider `aks`.
pub struct Aks {
    azure: Arc<Azure>,
    environment: Environment,
}

impl Aks {
    /// Creates the provider with the way to read variables.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Aks { azure: Arc::default(), environment }
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
        configuration::configure(&self.azure, &config, self.environment, &user_agent)
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![
            Arc::new(UpgradingResource::<UpgradePolicy>::new(Arc::clone(&self.azure))),
            Arc::new(UpgradingResource::<NodeImage>::new(Arc::clone(&self.azure))),
        ]
    }
}
