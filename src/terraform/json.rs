//! Types, and values as the state file keeps them: JSON.
//!
//! Values are read leniently, because state was written by other versions of us: what is missing
//! is null, what we no longer know is dropped, and a number may be a string. They are never
//! written: our answers are [`msgpack`](crate::terraform::msgpack).

use serde_json::Value as Json;

use crate::terraform::diagnostic::PathStep;
use crate::terraform::number::Number;
use crate::terraform::schema::Type;
use crate::terraform::value::{Value, ValueError};

type Result<T> = std::result::Result<T, ValueError>;

/// Writes a type: `"string"`, `["list","number"]`, `["object",{"a":"bool"}]`.
#[must_use]
pub fn encode_type(kind: &Type) -> Vec<u8> {
    type_json(kind).to_string().into_bytes()
}

fn type_json(kind: &Type) -> Json {
    match kind {
        Type::String => "string".into(),
        Type::Number => "number".into(),
        Type::Bool => "bool".into(),
        Type::Dynamic => "dynamic".into(),
        Type::List(element) => Json::Array(vec!["list".into(), type_json(element)]),
        Type::Set(element) => Json::Array(vec!["set".into(), type_json(element)]),
        Type::Map(element) => Json::Array(vec!["map".into(), type_json(element)]),
        Type::Tuple(types) => {
            Json::Array(vec!["tuple".into(), Json::Array(types.iter().map(type_json).collect())])
        }
        Type::Object(attributes) => {
            let typed = attributes.iter().map(|(name, kind)| (name.clone(), type_json(kind)));
            Json::Array(vec!["object".into(), Json::Object(typed.collect())])
        }
    }
}

/// Reads a type.
///
/// # Errors
///
/// `"text"`, `["list"]`, `["object",[]]`, and anything that is not JSON.
pub fn decode_type(bytes: &[u8]) -> Result<Type> {
    read_type(&parse(bytes)?)
}

fn parse(bytes: &[u8]) -> Result<Json> {
    serde_json::from_slice(bytes).map_err(|error| ValueError::new(format!("this is not JSON: {error}")))
}

fn read_type(json: &Json) -> Result<Type> {
    let unknown = || ValueError::new(format!("{} is not a type", shortened(json)));
    if let Json::String(name) = json {
        return read_type_name(name).ok_or_else(unknown);
    }
    let parts = json.as_array().ok_or_else(unknown)?;
    match (parts.first().and_then(Json::as_str), parts.get(1)) {
        (Some("list"), Some(element)) => Ok(Type::List(Box::new(read_type(element)?))),
        (Some("set"), Some(element)) => Ok(Type::Set(Box::new(read_type(element)?))),
        (Some("map"), Some(element)) => Ok(Type::Map(Box::new(read_type(element)?))),
        (Some("tuple"), Some(Json::Array(types))) => {
            types.iter().map(read_type).collect::<Result<_>>().map(Type::Tuple)
        }
        // A third element may name optional attributes; it does not concern values.
        (Some("object"), Some(Json::Object(attributes))) => {
            let typed = attributes.iter().map(|(name, kind)| Ok((name.clone(), read_type(kind)?)));
            typed.collect::<Result<_>>().map(Type::Object)
        }
        _ => Err(unknown()),
    }
}

fn read_type_name(name: &str) -> Option<Type> {
    match name {
        "string" => Some(Type::String),
        "number" => Some(Type::Number),
        "bool" => Some(Type::Bool),
        "dynamic" => Some(Type::Dynamic),
        _ => None,
    }
}

fn shortened(json: &Json) -> String {
    json.to_string().chars().take(60).collect()
}

/// Reads a value of a type.
///
/// # Errors
///
/// Bytes that are not JSON, and values that cannot be read as the type: `"many"` for a number,
/// `[]` for an object.
pub fn decode(bytes: &[u8], kind: &Type) -> Result<Value> {
    read(&parse(bytes)?, kind)
}

/// Reads JSON that was parsed already.
///
/// # Errors
///
/// As [`decode`].
pub fn read(json: &Json, kind: &Type) -> Result<Value> {
    match (kind, json) {
        (_, Json::Null) => Ok(Value::Null),
        (Type::String, Json::String(text)) => Ok(text.as_str().into()),
        (Type::String, Json::Number(number)) => Ok(number.to_string().into()),
        (Type::String, Json::Bool(flag)) => Ok(flag.to_string().into()),
        (Type::Bool, Json::Bool(flag)) => Ok((*flag).into()),
        (Type::Bool, Json::String(text)) => read_bool(text),
        (Type::Number, Json::Number(number)) => read_number(&number.to_string()),
        (Type::Number, Json::String(text)) => read_number(text),
        (Type::List(element), Json::Array(items)) => read_items(items, element).map(Value::List),
        (Type::Set(element), Json::Array(items)) => read_items(items, element).map(Value::set_of),
        (Type::Tuple(types), Json::Array(items)) if types.len() == items.len() => {
            let read_one = |(item, kind)| read(item, kind);
            items.iter().zip(types).map(read_one).collect::<Result<_>>().map(Value::List)
        }
        (Type::Map(element), Json::Object(entries)) => {
            let read_one = |(name, value): (&String, &Json)| {
                let value = read(value, element).map_err(|e| e.within(PathStep::Key(name.clone())))?;
                Ok((name.clone(), value))
            };
            entries.iter().map(read_one).collect::<Result<_>>().map(Value::Map)
        }
        (Type::Object(attributes), Json::Object(entries)) => read_object(entries, attributes),
        (Type::Dynamic, Json::Object(entries)) => read_dynamic(entries),
        _ => Err(ValueError::mismatch(kind, noun(json))),
    }
}

fn read_bool(text: &str) -> Result<Value> {
    match text {
        "true" | "1" => Ok(true.into()),
        "false" | "0" => Ok(false.into()),
        _ => Err(ValueError::mismatch(&Type::Bool, "a string")),
    }
}

fn read_number(text: &str) -> Result<Value> {
    text.parse::<Number>().map(Value::Number).map_err(|error| ValueError::new(error.to_string()))
}

fn read_items(items: &[Json], element: &Type) -> Result<Vec<Value>> {
    let indexed = (0_i64..).zip(items);
    indexed.map(|(index, item)| read(item, element).map_err(|e| e.within(PathStep::Index(index)))).collect()
}

fn read_object(entries: &serde_json::Map<String, Json>, attributes: &[(String, Type)]) -> Result<Value> {
    let attribute = |(name, kind): &(String, Type)| {
        let json = entries.get(name).unwrap_or(&Json::Null);
        let value = read(json, kind).map_err(|e| e.within(PathStep::Attribute(name.clone())))?;
        Ok((name.clone(), value))
    };
    attributes.iter().map(attribute).collect::<Result<_>>().map(Value::Map)
}

fn read_dynamic(entries: &serde_json::Map<String, Json>) -> Result<Value> {
    let (Some(kind), Some(value)) = (entries.get("type"), entries.get("value")) else {
        return Err(ValueError::new(r#"a dynamic value must be {"value": …, "type": …}"#));
    };
    let kind = read_type(kind)?;
    let value = read(value, &kind)?;
    Ok(Value::Dynamic(Box::new(kind), Box::new(value)))
}

fn noun(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}
