//! Arguments of any type, held to what a block may hold.
//!
//! Terraform checks the keys and the types of what is written in a block. A function's parameter of any type is
//! checked by nobody, and a mistyped `timezone` would give another answer instead of an error. So a value is held
//! to the block here: an unknown key is an error that suggests the right one, and a known key with null counts as left
//! out, so that `aks_upgrade_policy.x.maintenance_window` can be passed as it is. Texts, numbers and booleans become
//! each other as in HCL.

use std::collections::BTreeMap;

use crate::terraform::diagnostic::{Diagnostic, PathStep};
use crate::terraform::rules;
use crate::terraform::schema::{Attribute, Block, Kind, Nesting, Schema, Type};
use crate::terraform::value::{Value, ValueError};

type Result<T> = std::result::Result<T, ValueError>;

/// How much alike a key and the one that is suggested must be, 1 being the same.
const ALIKE: f64 = 0.7;

/// No key is longer, and comparing takes time: a longer one resembles none of them.
const LONGEST_KEY: usize = 64;

/// Returns a value as Terraform would hand over blocks of this kind.
///
/// The paths of what is wrong begin with the block's name.
///
/// # Errors
///
/// A key that the block does not have, `start = ["02:00"]` where a text belongs, a required attribute left out, one
/// object where there may be several.
pub fn blocks(block: &Block, given: &Value) -> std::result::Result<Value, Vec<Diagnostic>> {
    let inside = |given: &Value| object(&block.attributes, &block.blocks, given);
    let value = nested(block.nesting, &inside, given).map_err(|error| {
        let ValueError { path, problem } = error.within(PathStep::Attribute(block.name.clone()));
        vec![Diagnostic::error("Invalid argument", format!("{path}: {problem}.")).at(path)]
    })?;
    let schema = Schema::new(0, "", Vec::new()).with_blocks(vec![block.clone()]);
    let mut whole = Value::object([(block.name.as_str(), value)]);
    schema.complete(&mut whole);
    let missing = rules::violations(&schema, &whole);
    if missing.is_empty() { Ok(whole.get(&block.name).clone()) } else { Err(missing) }
}

fn nested(nesting: Nesting, inside: &dyn Fn(&Value) -> Result<Value>, given: &Value) -> Result<Value> {
    match (nesting, given.inner()) {
        (_, Value::Null) => Ok(Value::Null),
        (Nesting::Single, given) => inside(given),
        (Nesting::List, Value::List(items)) => each(items, inside).map(Value::List),
        (Nesting::Set, Value::List(items)) => each(items, inside).map(Value::set_of),
        (Nesting::Map, Value::Map(entries)) => entry(entries, inside),
        (Nesting::Map, other) => Err(ValueError::mismatch(&Type::Map(Type::Dynamic.into()), other.noun())),
        (_, other) => Err(ValueError::mismatch(&Type::List(Type::Dynamic.into()), other.noun())),
    }
}

fn each(items: &[Value], read: &dyn Fn(&Value) -> Result<Value>) -> Result<Vec<Value>> {
    let indexed = (0_i64..).zip(items);
    indexed.map(|(index, item)| read(item).map_err(|e| e.within(PathStep::Index(index)))).collect()
}

fn entry(entries: &BTreeMap<String, Value>, read: &dyn Fn(&Value) -> Result<Value>) -> Result<Value> {
    let one = |(key, value): (&String, &Value)| {
        let value = read(value).map_err(|e| e.within(PathStep::Key(key.clone())))?;
        Ok((key.clone(), value))
    };
    entries.iter().map(one).collect::<Result<_>>().map(Value::Map)
}

fn object(attributes: &[Attribute], blocks: &[Block], given: &Value) -> Result<Value> {
    let Value::Map(entries) = given.inner() else {
        return Err(ValueError::mismatch(&Type::Object(Vec::new()), given.inner().noun()));
    };
    let known: Vec<&str> =
        attributes.iter().map(|a| a.name.as_str()).chain(blocks.iter().map(|b| b.name.as_str())).collect();
    if let Some(key) = entries.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(no_such_key(key, &known));
    }
    let mut read: BTreeMap<String, Value> =
        known.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    for (key, value) in entries.iter().filter(|(_, value)| !value.inner().is_null()) {
        let value = match (attributes.iter().find(|a| a.name == *key), blocks.iter().find(|b| b.name == *key))
        {
            (Some(attribute), _) => self::attribute(attribute, value),
            (None, Some(block)) => {
                nested(block.nesting, &|given| object(&block.attributes, &block.blocks, given), value)
            }
            (None, None) => continue,
        };
        let value = value.map_err(|e| e.within(PathStep::Attribute(key.clone())))?;
        read.insert(key.clone(), value);
    }
    Ok(Value::Map(read))
}

fn no_such_key(key: &str, known: &[&str]) -> ValueError {
    let alike = |name: &&str| strsim::normalized_damerau_levenshtein(key, name);
    let best = known
        .iter()
        .copied()
        .filter(|_| key.len() <= LONGEST_KEY)
        .max_by(|a, b| alike(a).total_cmp(&alike(b)));
    match best.filter(|best| alike(best) >= ALIKE) {
        Some(best) => ValueError::new(format!("there is no {key:?} here (did you mean {best:?}?)")),
        None => ValueError::new(format!("there is no {key:?} here; there are {}", known.join(", "))),
    }
}

fn attribute(attribute: &Attribute, given: &Value) -> Result<Value> {
    match &attribute.kind {
        Kind::Plain(kind) => plain(kind, given),
        Kind::Nested(nesting, attributes) => nested(*nesting, &|given| object(attributes, &[], given), given),
    }
}

/// Reads a value of a plain type as HCL would: words and numbers become each other, a tuple a list.
fn plain(kind: &Type, given: &Value) -> Result<Value> {
    match (kind, given.inner()) {
        (Type::Dynamic, _) => Ok(given.clone()),
        (_, Value::Null) => Ok(Value::Null),
        (_, unknown @ Value::Unknown(_)) => Ok(unknown.clone()),
        (Type::String, Value::Number(number)) => Ok(number.to_string().into()),
        (Type::String, Value::Bool(flag)) => Ok(flag.to_string().into()),
        (Type::Number, Value::String(text)) => {
            text.parse().map(Value::Number).map_err(|error| ValueError::new(format!("{error}")))
        }
        (Type::Bool, Value::String(text)) if text == "true" || text == "false" => Ok((text == "true").into()),
        (Type::String, same @ Value::String(_))
        | (Type::Number, same @ Value::Number(_))
        | (Type::Bool, same @ Value::Bool(_)) => Ok(same.clone()),
        (Type::List(element), Value::List(items)) => {
            each(items, &|item| plain(element, item)).map(Value::List)
        }
        (Type::Set(element), Value::List(items)) => {
            each(items, &|item| plain(element, item)).map(Value::set_of)
        }
        (Type::Map(element), Value::Map(entries)) => entry(entries, &|item| plain(element, item)),
        (kind, other) => Err(ValueError::mismatch(kind, other.noun())),
    }
}
