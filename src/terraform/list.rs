//! A list (`terraform query`, Terraform 1.14 and newer): the objects of a resource type that there are.

use async_trait::async_trait;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

/// A list of the objects of one resource type, which must have an identity.
#[async_trait]
pub trait ListResource: Send + Sync + 'static {
    /// Returns the full type name of the resource whose objects are listed.
    fn type_name(&self) -> &'static str;

    /// Returns the schema of the `config` block: where to look, and filters.
    fn schema(&self) -> Schema;

    /// Checks the `config` block without asking anyone. Unknown values are passed over.
    fn validate(&self, _config: &Value) -> Vec<Diagnostic> {
        Vec::new()
    }

    /// Tells `listing` of each object, one by one, and returns what went wrong or should be known.
    ///
    /// An error ends the list. When enough were told, when Terraform goes away and at Ctrl-C it is cut at the next
    /// `await`: it only looks.
    async fn list(&self, request: ListRequest, listing: &dyn Listing) -> Vec<Diagnostic>;
}

/// What [`ListResource::list`] is given.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The `config` block; where it was left out, an object of nulls.
    pub config: Value,
    /// How many objects are wanted at most.
    pub limit: usize,
    /// Whether the objects are wanted whole. If not, the attributes of the identity are enough.
    pub include_resource: bool,
}

/// Where objects are told of.
#[async_trait]
pub trait Listing: Send + Sync {
    /// Tells of one object, and waits until Terraform has room for it.
    async fn tell(&self, object: Listed);
}

/// One object of a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// What a person calls it.
    pub display_name: String,
    /// Its state: at least the attributes of its identity, the rest where objects are wanted whole.
    pub state: Value,
}
