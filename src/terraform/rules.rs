//! Rules of a schema that Terraform itself does not enforce.

use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::terraform::schema::{Attribute, Block, Kind, Nesting, Presence, Schema};
use crate::terraform::value::Value;

/// Returns what a configuration sets though only the provider may, and what it lacks.
///
/// Terraform accepts a read-only attribute in a configuration without a word, so this is the only
/// place that refuses it. Unknown values are passed over.
#[must_use]
pub fn violations(schema: &Schema, config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    check_object(Inside::of(schema), config, &Path::default(), &mut found);
    found
}

/// What an object may have: attributes, and blocks where it is a block itself.
#[derive(Clone, Copy)]
struct Inside<'a> {
    attributes: &'a [Attribute],
    blocks: &'a [Block],
}

impl<'a> Inside<'a> {
    fn of(schema: &'a Schema) -> Self {
        Inside { attributes: &schema.attributes, blocks: &schema.blocks }
    }

    fn attribute(attributes: &'a [Attribute]) -> Self {
        Inside { attributes, blocks: &[] }
    }

    fn block(block: &'a Block) -> Self {
        Inside { attributes: &block.attributes, blocks: &block.blocks }
    }
}

fn check_object(inside: Inside<'_>, object: &Value, path: &Path, found: &mut Vec<Diagnostic>) {
    if object.as_map().is_none() {
        return;
    }
    for attribute in inside.attributes {
        check_attribute(attribute, object.get(&attribute.name), path.attribute(&attribute.name), found);
    }
    for block in inside.blocks {
        let path = path.attribute(&block.name);
        check_nested(block.nesting, Inside::block(block), object.get(&block.name), &path, found);
    }
}

fn check_attribute(attribute: &Attribute, value: &Value, path: Path, found: &mut Vec<Diagnostic>) {
    match (attribute.presence, value, &attribute.kind) {
        (Presence::Required, Value::Null, _) => found.push(missing(path)),
        (Presence::Computed, Value::Null, _) => {}
        (Presence::Computed, ..) => found.push(read_only(path)),
        (_, _, Kind::Plain(_)) => {}
        (_, _, Kind::Nested(nesting, attributes)) => {
            check_nested(*nesting, Inside::attribute(attributes), value, &path, found);
        }
    }
}

fn check_nested(
    nesting: Nesting,
    inside: Inside<'_>,
    value: &Value,
    path: &Path,
    found: &mut Vec<Diagnostic>,
) {
    match (nesting, value) {
        (Nesting::Single, object) => check_object(inside, object, path, found),
        (Nesting::List, Value::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                check_object(inside, item, &path.index(index), found);
            }
        }
        (Nesting::Map, Value::Map(entries)) => {
            for (key, item) in entries {
                check_object(inside, item, &path.key(key), found);
            }
        }
        (Nesting::Set, Value::List(items)) => check_set(inside, items, path, found),
        _ => {}
    }
}

/// Checks the elements of a set and reports at the set: its elements have no path.
fn check_set(inside: Inside<'_>, items: &[Value], path: &Path, found: &mut Vec<Diagnostic>) {
    let mut wrong = Vec::new();
    for item in items {
        check_object(inside, item, path, &mut wrong);
    }
    found.extend(wrong.into_iter().map(|diagnostic| diagnostic.at(path.clone())));
}

fn missing(path: Path) -> Diagnostic {
    let detail = format!("`{path}` is required and was left out or null. Give it a value.");
    Diagnostic::error("Missing required attribute", detail).at(path)
}

fn read_only(path: Path) -> Diagnostic {
    let detail = format!("`{path}` is set by the provider and cannot be configured. Remove it.");
    Diagnostic::error("Read-only attribute in configuration", detail).at(path)
}

/// Returns the attributes whose change means replacing the object.
///
/// An attribute that is unknown in the plan counts as changed: whether to replace must be said at
/// plan time, because Terraform refuses another action later. Inside lists, sets and maps of
/// objects or blocks the whole collection is named.
///
/// Both values must come from a decoder, which puts sets in order.
#[must_use]
pub fn replacements(schema: &Schema, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    compare(Inside::of(schema), prior, planned, &Path::default(), &mut paths);
    paths
}

fn compare(inside: Inside<'_>, prior: &Value, planned: &Value, path: &Path, paths: &mut Vec<Path>) {
    for attribute in inside.attributes {
        let (before, after) = (prior.get(&attribute.name), planned.get(&attribute.name));
        let path = path.attribute(&attribute.name);
        match &attribute.kind {
            _ if before == after => {}
            _ if attribute.replaces => paths.push(path),
            Kind::Nested(nesting, nested) => {
                compare_nested(*nesting, Inside::attribute(nested), (before, after), path, paths);
            }
            Kind::Plain(_) => {}
        }
    }
    for block in inside.blocks {
        let change = (prior.get(&block.name), planned.get(&block.name));
        compare_nested(block.nesting, Inside::block(block), change, path.attribute(&block.name), paths);
    }
}

fn compare_nested(
    nesting: Nesting,
    inside: Inside<'_>,
    (before, after): (&Value, &Value),
    path: Path,
    paths: &mut Vec<Path>,
) {
    let both = before.as_map().is_some() && after.as_map().is_some();
    match nesting {
        Nesting::Single if both => compare(inside, before, after, &path, paths),
        _ if before != after && replaces_somewhere(inside) => paths.push(path),
        _ => {}
    }
}

fn replaces_somewhere(inside: Inside<'_>) -> bool {
    let attribute = |attribute: &Attribute| match &attribute.kind {
        Kind::Plain(_) => attribute.replaces,
        Kind::Nested(_, nested) => attribute.replaces || replaces_somewhere(Inside::attribute(nested)),
    };
    let block = |block: &Block| replaces_somewhere(Inside::block(block));
    inside.attributes.iter().any(attribute) || inside.blocks.iter().any(block)
}
