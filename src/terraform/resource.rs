//! A managed resource: a schema and four functions.
//!
//! Identity, older states and moves have defaults; a resource says something only where it differs.

use async_trait::async_trait;
use serde_json::Value as Json;
use tokio_util::sync::CancellationToken;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

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
    async fn read(&self, request: ReadRequest) -> ResourceResponse;

    /// Computes: returns the state that an apply would reach.
    async fn plan(&self, request: PlanRequest) -> ResourceResponse;

    /// Acts: makes the plan true, or says why not.
    async fn apply(&self, request: ApplyRequest, stop: CancellationToken) -> ResourceResponse;

    /// Turns an import id into a first state for [`Resource::read`].
    fn import_state(&self, id: &str) -> ResourceResponse;

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
    fn import_identity(&self, identity: &Value) -> ResourceResponse {
        let only = identity.as_map().filter(|all| all.len() == 1).and_then(|all| all.values().next());
        match only.and_then(Value::as_str) {
            Some(id) => self.import_state(id),
            None => {
                let detail = format!("Import {} by its id instead.", self.type_name());
                ResourceResponse::failed(Diagnostic::error("Import by identity is not possible", detail))
            }
        }
    }

    /// Rewrites a state that an older version of the schema saved to the present schema.
    ///
    /// Asked only when the versions differ. Afterwards attributes that the schema lacks are dropped,
    /// those that it has more are null, and there are no blocks where it has more. That is enough by
    /// default; whoever renames an attribute says so here, and raises [`Schema::version`].
    ///
    /// # Errors
    ///
    /// A state that cannot be rewritten, with what the user is to do.
    fn upgrade_state(&self, request: UpgradeStateRequest) -> Result<Json, Diagnostic> {
        Ok(request.state)
    }

    /// Takes over an object of another type of this provider, for a `moved` block.
    ///
    /// Null attributes are filled by the next read. By default no type is taken over.
    fn move_state(&self, _request: MoveStateRequest) -> Option<ResourceResponse> {
        None
    }
}

/// What [`Resource::read`] is given.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The state as last saved.
    pub state: Value,
    /// The bytes that the last answer kept beside the state.
    pub private: Vec<u8>,
}

/// What [`Resource::plan`] is given.
#[derive(Clone, Debug)]
pub struct PlanRequest {
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
pub struct ApplyRequest {
    /// The state as last read; `None` on create.
    pub prior: Option<Value>,
    /// The plan; `None` on destroy.
    pub planned: Option<Value>,
    /// The bytes that the plan carried.
    pub private: Vec<u8>,
}

/// What [`Resource::upgrade_state`] is given.
#[derive(Clone, Debug)]
pub struct UpgradeStateRequest {
    /// The version of the schema that saved the state; older than the present one.
    pub version: i64,
    /// The state as it was saved.
    pub state: Json,
}

/// What [`Resource::move_state`] is given.
#[derive(Clone, Debug)]
pub struct MoveStateRequest {
    /// The type of the object that is taken over.
    pub source_type: String,
    /// Its saved state, in the present schema of that type.
    pub state: Value,
}

/// What a resource answers to any of these: a state, bytes to keep beside it, and what to tell the user.
///
/// Of an `apply`: an error with `state: None` leaves the prior state as it is (on create:
/// nothing is saved); an error with a state saves that state, and taints it on create.
#[derive(Clone, Debug, Default)]
pub struct ResourceResponse {
    /// The state; `None` when there is no such object.
    pub state: Option<Value>,
    /// Bytes to keep beside the state. They replace what was kept.
    pub private: Vec<u8>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

impl ResourceResponse {
    /// Creates a response with an error and no state: the prior state is kept, and on create nothing is saved.
    #[must_use]
    pub fn failed(error: Diagnostic) -> Self {
        ResourceResponse { diagnostics: vec![error], ..ResourceResponse::default() }
    }
}
