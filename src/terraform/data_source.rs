//! A data source: what is only read.

use async_trait::async_trait;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

/// A data source: a schema, and a read that fills what the configuration left open.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// Returns the full type name, e.g. `aks_cluster`.
    fn type_name(&self) -> &'static str;

    /// Returns the schema.
    fn schema(&self) -> Schema;

    /// Checks the configuration without asking anyone. Unknown values are passed over.
    fn validate(&self, _config: &Value) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Reads: returns the configuration with the computed attributes filled in.
    ///
    /// Called during a plan when the whole configuration is known by then, otherwise during the apply. An
    /// interrupt ends it from outside.
    async fn read(&self, config: Value) -> DataSourceResponse;
}

/// What a data source answers.
#[derive(Clone, Debug, Default)]
pub struct DataSourceResponse {
    /// What was read, wholly known; `None` only with an error.
    pub state: Option<Value>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl DataSourceResponse {
    /// Creates a response with an error and nothing read.
    #[must_use]
    pub fn failed(error: Diagnostic) -> Self {
        DataSourceResponse { state: None, diagnostics: vec![error] }
    }
}
