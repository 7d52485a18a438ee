//! What is looked ahead for: a cluster and what is written about it.

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;

/// A cluster and what is written about it.
#[derive(Clone, Debug)]
pub struct Wish {
    /// What it is called in the report: the address of the resource, or the name of the cluster.
    pub name: String,
    /// The ARM id of the cluster, as far as it is known.
    pub cluster: String,
    /// The type of the resource.
    pub resource: &'static str,
    /// Its arguments, or why they cannot be used.
    pub config: Result<Value, Diagnostic>,
}

/// Returns an object of a resource that holds nothing but these arguments.
#[must_use]
pub fn object(schema: &Schema, arguments: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut object = schema.nulls();
    arguments.into_iter().for_each(|(name, value)| object.set(name, value));
    object
}
