//! Values as they travel: msgpack, read and written along a type.
//!
//! The encoding says too little by itself: `0.1` is a string, a set is an array, an object is a
//! map. So the type leads, and whatever does not fit it is an error with a path, never a guess.
//!
//! Traps, each seen on the wire:
//! - almost every unknown value comes *refined*, as extension 12; an older or newer Terraform may
//!   use other codes. Every extension means unknown.
//! - an object carries every attribute, absent ones as nil. One too few is refused by Terraform.
//! - a `dynamic` value is `[type as JSON in a bin, value]`; null and wholly unknown ones are bare.

use std::collections::BTreeMap;

use rmpv::ValueRef;
use rmpv::decode::read_value_ref_with_max_depth;

use crate::terraform::diagnostic::PathStep;
use crate::terraform::json;
use crate::terraform::number::Number;
use crate::terraform::schema::Type;
use crate::terraform::value::{Refinement, Value, ValueError};

/// Deeper than any schema, shallow enough for a thread's stack.
const MAX_DEPTH: usize = 256;
/// The extension of an unknown value of which nothing is known.
const UNKNOWN: i8 = 0;
/// The extension of an unknown value of which something is known.
const REFINED: i8 = 12;
/// The keys inside a refined unknown value that we read and write.
const NULLNESS: u64 = 1;
const PREFIX: u64 = 2;
/// Terraform reads at most 1024 bytes of refinement.
const LONGEST_PREFIX: usize = 256;

type Result<T> = std::result::Result<T, ValueError>;

/// Reads a value of a type.
///
/// # Errors
///
/// Bytes that are not exactly one msgpack value, nesting deeper than 256, strings that are not
/// UTF-8, and values of another type: a string for a boolean, an object with an attribute too few.
pub fn decode(bytes: &[u8], kind: &Type) -> Result<Value> {
    let mut rest = bytes;
    let wire = read_value_ref_with_max_depth(&mut rest, MAX_DEPTH)
        .map_err(|error| ValueError::new(format!("this is not msgpack: {error}")))?;
    if !rest.is_empty() {
        return Err(ValueError::new(format!("{} bytes follow the value", rest.len())));
    }
    read(&wire, kind)
}

fn read(wire: &ValueRef<'_>, kind: &Type) -> Result<Value> {
    match (kind, wire) {
        (_, ValueRef::Nil) => Ok(Value::Null),
        (_, ValueRef::Ext(code, payload)) => Ok(Value::Unknown(read_refinement(*code, payload))),
        (Type::Bool, ValueRef::Boolean(flag)) => Ok(Value::Bool(*flag)),
        (Type::String, ValueRef::String(text)) => Ok(Value::String(utf8(text)?.to_owned())),
        (Type::Number, _) => read_number(wire).map(Value::Number),
        (Type::List(element), ValueRef::Array(items)) => read_items(items, element).map(Value::List),
        (Type::Set(element), ValueRef::Array(items)) => read_items(items, element).map(Value::set_of),
        (Type::Tuple(types), ValueRef::Array(items)) => read_tuple(items, types),
        (Type::Map(element), ValueRef::Map(entries)) => read_map(entries, element),
        (Type::Object(attributes), ValueRef::Map(entries)) => read_object(entries, attributes),
        (Type::Dynamic, ValueRef::Array(items)) => read_dynamic(items),
        _ => Err(ValueError::mismatch(kind, noun(wire))),
    }
}

fn utf8<'a>(text: &'a rmpv::Utf8StringRef<'_>) -> Result<&'a str> {
    text.as_str().ok_or_else(|| ValueError::new("the string is not UTF-8"))
}

fn read_number(wire: &ValueRef<'_>) -> Result<Number> {
    let float = |float: f64| {
        Number::from_f64(float).ok_or_else(|| ValueError::new(format!("{float} is not a finite number")))
    };
    match wire {
        ValueRef::Integer(integer) => match (integer.as_i64(), integer.as_u64()) {
            (Some(signed), _) => Ok(signed.into()),
            (None, Some(unsigned)) => Ok(Number::from_u64(unsigned)),
            (None, None) => Err(ValueError::new("the integer is out of range")),
        },
        ValueRef::F32(single) => float(f64::from(*single)),
        ValueRef::F64(double) => float(*double),
        ValueRef::String(text) => utf8(text)?.parse().map_err(|error| ValueError::new(format!("{error}"))),
        _ => Err(ValueError::mismatch(&Type::Number, noun(wire))),
    }
}

fn read_items(items: &[ValueRef<'_>], element: &Type) -> Result<Vec<Value>> {
    let indexed = (0_i64..).zip(items);
    indexed.map(|(index, item)| read(item, element).map_err(|e| e.within(PathStep::Index(index)))).collect()
}

fn read_tuple(items: &[ValueRef<'_>], types: &[Type]) -> Result<Value> {
    if items.len() != types.len() {
        let problem = format!("{} elements were expected, {} were given", types.len(), items.len());
        return Err(ValueError::new(problem));
    }
    let indexed = (0_i64..).zip(items.iter().zip(types));
    indexed
        .map(|(index, (item, kind))| read(item, kind).map_err(|e| e.within(PathStep::Index(index))))
        .collect::<Result<_>>()
        .map(Value::List)
}

type Entry<'a> = (ValueRef<'a>, ValueRef<'a>);

fn key<'a>(wire: &'a ValueRef<'_>) -> Result<&'a str> {
    match wire {
        ValueRef::String(text) => utf8(text),
        _ => Err(ValueError::new(format!("a key must be a string, {} was given", noun(wire)))),
    }
}

fn read_map(entries: &[Entry<'_>], element: &Type) -> Result<Value> {
    let entry = |(name, value): &Entry<'_>| {
        let name = key(name)?.to_owned();
        let value = read(value, element).map_err(|e| e.within(PathStep::Key(name.clone())))?;
        Ok((name, value))
    };
    entries.iter().map(entry).collect::<Result<_>>().map(Value::Map)
}

fn read_object(entries: &[Entry<'_>], attributes: &[(String, Type)]) -> Result<Value> {
    let given =
        entries.iter().map(|(name, value)| Ok((key(name)?, value))).collect::<Result<BTreeMap<_, _>>>()?;
    if let Some(name) = given.keys().find(|name| !attributes.iter().any(|(known, _)| known == *name)) {
        return Err(ValueError::new(format!("there is no attribute {name:?}")));
    }
    if entries.len() != given.len() {
        return Err(ValueError::new("an attribute is given twice"));
    }
    let attribute = |(name, kind): &(String, Type)| {
        let wire = given.get(name.as_str());
        let wire = wire.ok_or_else(|| ValueError::new(format!("the attribute {name:?} is missing")))?;
        let value = read(wire, kind).map_err(|e| e.within(PathStep::Attribute(name.clone())))?;
        Ok((name.clone(), value))
    };
    attributes.iter().map(attribute).collect::<Result<_>>().map(Value::Map)
}

fn read_dynamic(items: &[ValueRef<'_>]) -> Result<Value> {
    let [ValueRef::Binary(kind), value] = items else {
        return Err(ValueError::new("a dynamic value must be its type and the value"));
    };
    let kind = json::decode_type(kind)?;
    let value = read(value, &kind)?;
    Ok(Value::Dynamic(Box::new(kind), Box::new(value)))
}

/// Returns what is known of an unknown value; nothing when we do not understand it.
fn read_refinement(code: i8, payload: &[u8]) -> Refinement {
    let mut rest = payload;
    let known = if code == REFINED { read_value_ref_with_max_depth(&mut rest, 8).ok() } else { None };
    let mut refinement = Refinement::default();
    let Some(ValueRef::Map(entries)) = known else { return refinement };
    for (key, value) in &entries {
        match (key.as_u64(), value) {
            (Some(NULLNESS), ValueRef::Boolean(null)) => refinement.not_null = !null,
            (Some(PREFIX), ValueRef::String(prefix)) => {
                refinement.prefix = prefix.as_str().map(str::to_owned)
            }
            _ => {}
        }
    }
    refinement
}

/// Returns what something on the wire is called in a sentence.
fn noun(wire: &ValueRef<'_>) -> &'static str {
    match wire {
        ValueRef::Nil => "null",
        ValueRef::Boolean(_) => "a boolean",
        ValueRef::Integer(_) | ValueRef::F32(_) | ValueRef::F64(_) => "a number",
        ValueRef::String(_) => "a string",
        ValueRef::Binary(_) => "a byte string",
        ValueRef::Array(_) => "an array",
        ValueRef::Map(_) => "a map",
        ValueRef::Ext(..) => "an unknown value",
    }
}

/// Writes a value of a type.
///
/// Attributes that an object lacks are written as null.
///
/// # Errors
///
/// A value of another type, an attribute that the type does not have.
pub fn encode(value: &Value, kind: &Type) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &write(value, kind)?)
        .map_err(|error| ValueError::new(format!("the value cannot be written: {error}")))?;
    Ok(bytes)
}

fn write(value: &Value, kind: &Type) -> Result<rmpv::Value> {
    match (kind, value) {
        (_, Value::Null) => Ok(rmpv::Value::Nil),
        (_, Value::Unknown(refinement)) => write_unknown(refinement),
        (Type::Bool, Value::Bool(flag)) => Ok(rmpv::Value::Boolean(*flag)),
        (Type::String, Value::String(text)) => Ok(text.as_str().into()),
        (Type::Number, Value::Number(number)) => Ok(write_number(number)),
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            write_items(items.iter().map(|item| (item, &**element)))
        }
        (Type::Tuple(types), Value::List(items)) if types.len() == items.len() => {
            write_items(items.iter().zip(types))
        }
        (Type::Map(element), Value::Map(entries)) => write_map(entries, element),
        (Type::Object(attributes), Value::Map(entries)) => write_object(entries, attributes),
        (Type::Dynamic, Value::Dynamic(kind, value)) => {
            let kind_bytes = rmpv::Value::Binary(json::encode_type(kind));
            Ok(rmpv::Value::Array(vec![kind_bytes, write(value, kind)?]))
        }
        _ => Err(ValueError::mismatch(kind, value.noun())),
    }
}

fn write_number(number: &Number) -> rmpv::Value {
    let float = if number.is_integer() { None } else { number.as_exact_f64() };
    match (number.as_i64(), float) {
        (Some(integer), _) => integer.into(),
        (None, Some(float)) => float.into(),
        (None, None) => number.to_string().into(),
    }
}

fn write_items<'a>(items: impl Iterator<Item = (&'a Value, &'a Type)>) -> Result<rmpv::Value> {
    let indexed = (0_i64..).zip(items);
    indexed
        .map(|(index, (item, kind))| write(item, kind).map_err(|e| e.within(PathStep::Index(index))))
        .collect::<Result<_>>()
        .map(rmpv::Value::Array)
}

fn write_map(entries: &BTreeMap<String, Value>, element: &Type) -> Result<rmpv::Value> {
    let entry = |(name, value): (&String, &Value)| {
        let value = write(value, element).map_err(|e| e.within(PathStep::Key(name.clone())))?;
        Ok((name.as_str().into(), value))
    };
    entries.iter().map(entry).collect::<Result<_>>().map(rmpv::Value::Map)
}

fn write_object(entries: &BTreeMap<String, Value>, attributes: &[(String, Type)]) -> Result<rmpv::Value> {
    if let Some(name) = entries.keys().find(|name| !attributes.iter().any(|(known, _)| known == *name)) {
        return Err(ValueError::new(format!("there is no attribute {name:?}")));
    }
    let attribute = |(name, kind): &(String, Type)| {
        let value = entries.get(name).unwrap_or(&Value::Null);
        let value = write(value, kind).map_err(|e| e.within(PathStep::Attribute(name.clone())))?;
        Ok((name.as_str().into(), value))
    };
    attributes.iter().map(attribute).collect::<Result<_>>().map(rmpv::Value::Map)
}

fn write_unknown(refinement: &Refinement) -> Result<rmpv::Value> {
    let mut known = Vec::new();
    if refinement.not_null {
        known.push((NULLNESS.into(), false.into()));
    }
    if let Some(prefix) = &refinement.prefix {
        let short = (0..=LONGEST_PREFIX).rev().find_map(|length| prefix.get(..length));
        known.push((PREFIX.into(), short.unwrap_or_default().into()));
    }
    if known.is_empty() {
        return Ok(rmpv::Value::Ext(UNKNOWN, vec![0]));
    }
    let mut payload = Vec::new();
    rmpv::encode::write_value(&mut payload, &rmpv::Value::Map(known))
        .map_err(|error| ValueError::new(format!("the unknown value cannot be written: {error}")))?;
    Ok(rmpv::Value::Ext(REFINED, payload))
}
