//! Rules of a schema that Terraform itself does not enforce.

use super::diagnostic::{Diagnostic, Path};
use super::schema::{Attribute, Kind, Nesting, Presence};
use super::value::Value;

/// Returns what a configuration sets though only the provider may, and what it lacks.
///
/// Terraform accepts a read-only attribute in a configuration without a word, so this is the only
/// place that refuses it. Unknown values are passed over.
#[must_use]
pub fn violations(attributes: &[Attribute], config: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    check_object(attributes, config, &Path::default(), &mut found);
    found
}

fn check_object(attributes: &[Attribute], object: &Value, path: &Path, found: &mut Vec<Diagnostic>) {
    if object.as_map().is_none() {
        return;
    }
    for attribute in attributes {
        check_attribute(attribute, object.get(&attribute.name), path.attribute(&attribute.name), found);
    }
}

fn check_attribute(attribute: &Attribute, value: &Value, path: Path, found: &mut Vec<Diagnostic>) {
    match (attribute.presence, value) {
        (Presence::Required, Value::Null) => found.push(missing(path)),
        (Presence::Computed, Value::Null) => {}
        (Presence::Computed, _) => found.push(read_only(path)),
        _ => check_nested(attribute, value, &path, found),
    }
}

fn check_nested(attribute: &Attribute, value: &Value, path: &Path, found: &mut Vec<Diagnostic>) {
    let Kind::Nested(nesting, attributes) = &attribute.kind else { return };
    match (nesting, value) {
        (Nesting::Single, object) => check_object(attributes, object, path, found),
        (Nesting::List, Value::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                check_object(attributes, item, &path.index(index), found);
            }
        }
        (Nesting::Map, Value::Map(entries)) => {
            for (key, item) in entries {
                check_object(attributes, item, &path.key(key), found);
            }
        }
        (Nesting::Set, Value::List(items)) => check_set(attributes, items, path, found),
        _ => {}
    }
}

/// Checks the elements of a set and reports at the set: its elements have no path.
fn check_set(attributes: &[Attribute], items: &[Value], path: &Path, found: &mut Vec<Diagnostic>) {
    let mut inside = Vec::new();
    for item in items {
        check_object(attributes, item, path, &mut inside);
    }
    found.extend(inside.into_iter().map(|diagnostic| diagnostic.at(path.clone())));
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
/// objects the whole collection is named.
///
/// Both values must come from a decoder, which puts sets in order.
#[must_use]
pub fn replacements(attributes: &[Attribute], prior: &Value, planned: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    compare(attributes, prior, planned, &Path::default(), &mut paths);
    paths
}

fn compare(attributes: &[Attribute], prior: &Value, planned: &Value, path: &Path, paths: &mut Vec<Path>) {
    for attribute in attributes {
        let (before, after) = (prior.get(&attribute.name), planned.get(&attribute.name));
        let path = path.attribute(&attribute.name);
        match &attribute.kind {
            _ if before == after => {}
            _ if attribute.replaces => paths.push(path),
            Kind::Nested(Nesting::Single, nested) if !before.is_null() && !after.is_null() => {
                compare(nested, before, after, &path, paths);
            }
            Kind::Nested(_, nested) if nested.iter().any(replaces_somewhere) => paths.push(path),
            _ => {}
        }
    }
}

fn replaces_somewhere(attribute: &Attribute) -> bool {
    let nested = match &attribute.kind {
        Kind::Plain(_) => false,
        Kind::Nested(_, attributes) => attributes.iter().any(replaces_somewhere),
    };
    attribute.replaces || nested
}
