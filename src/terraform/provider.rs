//! A provider: its configuration, and what it has of each kind.

use std::sync::Arc;

use async_trait::async_trait;

use crate::terraform::action::Action;
use crate::terraform::data_source::DataSource;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::function::Function;
use crate::terraform::list::ListResource;
use crate::terraform::resource::Resource;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

/// A provider: its configuration, and what it has of each kind.
///
/// Every kind is optional: a provider that has none of it writes nothing.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// Returns the schema of the provider block.
    fn schema(&self) -> Schema;

    /// Checks the provider block without asking anyone. Unknown values are passed over.
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;

    /// Takes the configuration over. During a plan it may hold unknown values.
    ///
    /// Called more than once in one process when a debugger or a test reattaches.
    async fn configure(&self, config: Value, terraform_version: &str) -> Vec<Diagnostic>;

    /// Returns what is to be told at the end. Terraform says of no call that it is the last one, so this is asked after
    /// each read, plan and apply that leaves no other under way; what was told is not to be told again.
    fn at_rest(&self) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Returns the managed resources: `resource "aks_node_image" …`.
    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        Vec::new()
    }

    /// Returns the data sources: `data "aks_cluster" …`.
    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        Vec::new()
    }

    /// Returns the functions: `provider::aks::in_window(…)`.
    fn functions(&self) -> Vec<Arc<dyn Function>> {
        Vec::new()
    }

    /// Returns the actions: `action "aks_abort_operation" …`.
    fn actions(&self) -> Vec<Arc<dyn Action>> {
        Vec::new()
    }

    /// Returns what can be listed: `list "aks_upgrade_policy" …`, each for a resource with an identity.
    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        Vec::new()
    }
}
