//! An action (Terraform 1.14 and newer): something that is done once, when it is asked for.

use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::progress::ProgressSink;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

/// An action: a schema, and what is done. It has no state, and nothing is saved.
#[async_trait]
pub trait Action: Send + Sync + 'static {
    /// Returns the full type name, e.g. `aks_abort_operation`.
    fn type_name(&self) -> &'static str;

    /// Returns the schema of its configuration. An action has no computed attributes.
    fn schema(&self) -> Schema;

    /// Checks the configuration without asking anyone. Unknown values are passed over.
    fn validate(&self, _config: &Value) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Says before the apply what stands in the way. The configuration may hold unknown values.
    async fn plan(&self, _config: Value) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Acts: does it, or says in an error why not.
    ///
    /// It is never cut from outside, not even when Terraform goes away. Ctrl-C cancels `stop`.
    async fn invoke(
        &self,
        config: Value,
        progress: Arc<dyn ProgressSink>,
        stop: CancellationToken,
    ) -> Vec<Diagnostic>;
}
