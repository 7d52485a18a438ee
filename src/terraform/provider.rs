//! A provider: its configuration, and what it has of each kind.

use std::sync::Arc;

use async_trait::async_trait;

use super::diagnostic::Diagnostic;
use super::resource::Resource;
use super::schema::Schema;
use super::value::Value;

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

    /// Returns the managed resources.
    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        Vec::new()
    }
}
