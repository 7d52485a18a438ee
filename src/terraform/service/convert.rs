//! Between our values and diagnostics and those on the wire.

use crate::terraform::diagnostic::{Diagnostic, Path, PathStep, Severity, folded, shortened};
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::proto::tfplugin6::attribute_path::step::Selector;
use crate::terraform::schema::{Block, Nesting, Type};
use crate::terraform::value::{Value, ValueError};
use crate::terraform::{json, msgpack};

/// Reads a value; absent or empty means null.
pub fn decode(value: Option<&wire::DynamicValue>, kind: &Type) -> Result<Value, Diagnostic> {
    let decoded = match value {
        Some(value) if !value.msgpack.is_empty() => msgpack::decode(&value.msgpack, kind),
        Some(value) if !value.json.is_empty() => json::decode(&value.json, kind),
        _ => Ok(Value::Null),
    };
    decoded.map_err(|error| unreadable(&error))
}

fn unreadable(error: &ValueError) -> Diagnostic {
    let detail = format!("Terraform sent a value that does not fit the schema: {error}.");
    Diagnostic::error("Value from Terraform cannot be read", detail).at(error.path.clone())
}

/// Writes a value, always as msgpack: Terraform does not read JSON everywhere.
pub fn encode(value: &Value, kind: &Type) -> Result<wire::DynamicValue, Diagnostic> {
    let msgpack = msgpack::encode(value, kind).map_err(|error| {
        let detail = format!(
            "The provider made a value that does not fit its schema: {error}. \
             This is a bug in the provider; please report it."
        );
        Diagnostic::error("The provider has a bug", detail)
    })?;
    Ok(wire::DynamicValue { msgpack, json: Vec::new() })
}

/// Writes diagnostics that are about no configuration.
pub fn diagnostics(diagnostics: Vec<Diagnostic>) -> Vec<wire::Diagnostic> {
    diagnostics_in(&[], diagnostics)
}

/// Writes diagnostics about a configuration with these blocks.
pub fn diagnostics_in(blocks: &[Block], diagnostics: Vec<Diagnostic>) -> Vec<wire::Diagnostic> {
    diagnostics.into_iter().map(|one| diagnostic(blocks, one)).collect()
}

/// Tells whether a written diagnostic is an error.
pub fn is_error(diagnostic: &wire::Diagnostic) -> bool {
    diagnostic.severity() == wire::diagnostic::Severity::Error
}

fn diagnostic(blocks: &[Block], diagnostic: Diagnostic) -> wire::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => wire::diagnostic::Severity::Error,
        Severity::Warning => wire::diagnostic::Severity::Warning,
    };
    let found = found(blocks, &diagnostic.path.0);
    let detail = if found < diagnostic.path.0.len() { &diagnostic.located() } else { &diagnostic.detail };
    wire::Diagnostic {
        severity: severity.into(),
        summary: shortened(&diagnostic.summary),
        detail: folded(&shortened(detail)),
        attribute: (found > 0).then(|| path(Path(diagnostic.path.0.into_iter().take(found).collect()))),
    }
}

/// Counts the steps of a path for which Terraform finds the line.
///
/// It finds an attribute of a block however deep, but not an attribute inside a nested one: given the
/// whole path it points at the head of the block (seen with 1.11.4). So it is given the outermost
/// attribute, and the reader the rest in words.
fn found(blocks: &[Block], path: &[PathStep]) -> usize {
    let [PathStep::Attribute(name), inside @ ..] = path else { return 0 };
    let Some(block) = blocks.iter().find(|block| block.name == *name) else { return 1 };
    match (block.nesting, inside) {
        (Nesting::Single, _) => 1 + found(&block.blocks, inside),
        (Nesting::List, [PathStep::Index(_), inside @ ..])
        | (Nesting::Map, [PathStep::Key(_), inside @ ..]) => 2 + found(&block.blocks, inside),
        _ => 1,
    }
}

/// Writes the way to an attribute.
pub fn path(path: Path) -> wire::AttributePath {
    let step = |step| wire::attribute_path::Step { selector: Some(selector(step)) };
    wire::AttributePath { steps: path.0.into_iter().map(step).collect() }
}

fn selector(step: PathStep) -> Selector {
    match step {
        PathStep::Attribute(name) => Selector::AttributeName(name),
        PathStep::Key(key) => Selector::ElementKeyString(key),
        PathStep::Index(index) => Selector::ElementKeyInt(index),
    }
}
