//! Something with a schema, and what follows from it: reading and writing its values.

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::rules;
use crate::terraform::schema::{Schema, Type};
use crate::terraform::service::convert;
use crate::terraform::value::Value;

/// The schema of one thing, and the type of its values.
pub struct Typed {
    /// What it is called: a type name, or "the provider".
    pub name: &'static str,
    /// Its schema.
    pub schema: Schema,
    /// The type of the values.
    pub kind: Type,
    /// Whether Terraform shows the line of an attribute, or only the head of the block.
    shows_lines: bool,
}

impl Typed {
    /// Creates it from a schema.
    pub fn new(name: &'static str, schema: Schema) -> Self {
        Typed { name, kind: schema.value_type(), schema, shows_lines: true }
    }

    /// Creates it from the schema of a list: Terraform points at the head of the list whatever the path (seen with
    /// 1.15.5), so the place is said in words.
    pub fn without_lines(name: &'static str, schema: Schema) -> Self {
        Typed { shows_lines: false, ..Typed::new(name, schema) }
    }

    /// Reads a value that may be null: the prior state of a create, the plan of a destroy.
    pub fn optional(&self, wire: Option<&wire::DynamicValue>) -> Result<Option<Value>, Diagnostic> {
        let value = convert::decode(wire, &self.kind)?;
        Ok(if value.is_null() { None } else { Some(value) })
    }

    /// Reads a value that is an object.
    pub fn object(&self, wire: Option<&wire::DynamicValue>, what: &str) -> Result<Value, Diagnostic> {
        self.optional(wire)?.ok_or_else(|| {
            Diagnostic::error(
                "Value from Terraform is missing",
                format!("The {what} was null; it must be an object."),
            )
        })
    }

    /// Writes a value; where it lacks a list of blocks there are none.
    pub fn encode(&self, value: Option<&Value>) -> Result<wire::DynamicValue, Diagnostic> {
        let mut value = value.cloned().unwrap_or(Value::Null);
        self.schema.complete(&mut value);
        convert::encode(&value, &self.kind)
    }

    /// Writes diagnostics, each at the line that Terraform finds.
    pub fn diagnostics(&self, diagnostics: Vec<Diagnostic>) -> Vec<wire::Diagnostic> {
        let in_words = |diagnostic: Diagnostic| Diagnostic { detail: diagnostic.located(), ..diagnostic };
        let said = match self.shows_lines {
            true => diagnostics,
            false => diagnostics.into_iter().map(in_words).collect(),
        };
        convert::diagnostics_in(&self.schema.blocks, said)
    }

    /// Checks a configuration: by the schema, and when that finds nothing, by the thing itself.
    pub async fn validate(
        &self,
        call: &'static str,
        config: Value,
        check: impl FnOnce(&Value) -> Vec<Diagnostic> + Send + 'static,
    ) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
        let mut found = rules::violations(&self.schema, &config);
        if found.is_empty() {
            found = handler::run(call, self.name, async move { check(&config) }).await?;
        }
        Ok(self.diagnostics(found))
    }
}
