//! What a provider author writes: a provider, and resources with a schema and four functions.
//!
//! Identity, older states and moves have defaults; a resource says something only where it differs.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use super::diagnostic::Diagnostic;
use super::schema::Schema;
use super::value::Value;

/// A provider: its configuration and its resources.
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

    /// Returns the resources by their full type name.
    fn resources(&self) -> Vec<Arc<dyn Resource>>;
}

/// A resource type: a schema and four functions.
///
/// Errors travel as diagnostics. An error in the answer means the request failed; what the state
/// then is, each function says.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// Returns the full type name, e.g. `aks_node_image`.
    fn type_name(&self) -> &'static str;

    /// Returns the schema of the resource.
    fn schema(&self) -> Schema;

    /// Checks the configuration without asking anyone. Unknown values are passed over.
    fn validate(&self, config: &Value) -> Vec<Diagnostic>;

    /// Observes: returns what is there now.
    async fn read(&self, request: Read) -> Answer;

    /// Computes: returns the state that an apply would reach.
    async fn plan(&self, request: Plan) -> Answer;

    /// Acts: makes the plan true, or says why not.
    async fn apply(&self, request: Apply, stop: CancellationToken) -> Answer;

    /// Turns an import id into a first state for [`Resource::read`].
    fn import(&self, id: &str) -> Answer;

    /// Names the attributes that say which object it is, and never change: its identity.
    ///
    /// None by default. The schema of an identity has version 0 and the attributes' own types and
    /// descriptions; its values are taken from the state, so every answer carries them.
    fn identity(&self) -> &'static [&'static str] {
        &[]
    }

    /// Turns an identity into a first state for [`Resource::read`].
    ///
    /// By default an identity of one string is an import id, and any other cannot be imported.
    fn import_identity(&self, identity: &Value) -> Answer {
        let only = identity.as_map().filter(|all| all.len() == 1).and_then(|all| all.values().next());
        match only.and_then(Value::as_str) {
            Some(id) => self.import(id),
            None => {
                let detail = format!("Import {} by its id instead.", self.type_name());
                Answer::failed(Diagnostic::error("Import by identity is not possible", detail))
            }
        }
    }

    /// Rewrites a state that a schema of an older version saved, as JSON, to the present schema.
    ///
    /// Afterwards attributes that the schema lacks are dropped, and those that it has more are
    /// null. That is enough by default; whoever renames an attribute says so here.
    ///
    /// # Errors
    ///
    /// A state that cannot be rewritten, with what the user is to do.
    fn upgrade(&self, _version: i64, state: Json) -> Result<Json, Diagnostic> {
        Ok(state)
    }

    /// Takes over an object of another type of this provider, for a `moved` block.
    ///
    /// `state` is the saved state in the present schema of `source`. Null attributes are filled by
    /// the next read. By default no type is taken over.
    fn take_over(&self, _source: &str, _state: &Value) -> Option<Answer> {
        None
    }
}

/// What [`Resource::read`] is given.
#[derive(Clone, Debug)]
pub struct Read {
    /// The state as last saved.
    pub state: Value,
    /// The bytes that the last answer kept beside the state.
    pub private: Vec<u8>,
}

/// What [`Resource::plan`] is given.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The state as last read; `None` on create.
    pub prior: Option<Value>,
    /// The configuration merged with the prior state; `None` on destroy.
    pub proposed: Option<Value>,
    /// The configuration; `None` on destroy.
    pub config: Option<Value>,
    /// The bytes kept beside the prior state.
    pub private: Vec<u8>,
}

/// What [`Resource::apply`] is given.
#[derive(Clone, Debug)]
pub struct Apply {
    /// The state as last read; `None` on create.
    pub prior: Option<Value>,
    /// The plan; `None` on destroy.
    pub planned: Option<Value>,
    /// The bytes that the plan carried.
    pub private: Vec<u8>,
}

/// What a resource answers: a state, bytes to keep beside it, and what to tell the user.
///
/// Of an `apply`: an error with `state: None` leaves the prior state as it is (on create:
/// nothing is saved); an error with a state saves that state, and taints it on create.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The state; `None` when there is no such object.
    pub state: Option<Value>,
    /// Bytes to keep beside the state. They replace what was kept.
    pub private: Vec<u8>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl Answer {
    /// Answers with an error and no state: the prior state is kept, and on create nothing is saved.
    #[must_use]
    pub fn failed(error: Diagnostic) -> Self {
        Answer { diagnostics: vec![error], ..Answer::default() }
    }
}
