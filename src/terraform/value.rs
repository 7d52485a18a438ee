//! A value as Terraform means it: null, unknown and known kept apart.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::terraform::diagnostic::{Path, PathStep};
use crate::terraform::number::Number;
use crate::terraform::schema::types::Type;

/// A value of Terraform's type system.
///
/// Values that were decoded can be compared with `==`: numbers are exact and sets are in order.
/// The order of values means nothing but that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Absent. Never the same as empty.
    Null,
    /// To be known later, perhaps with something known about it already.
    Unknown(Refinement),
    /// A boolean.
    Bool(bool),
    /// An exact number.
    Number(Number),
    /// A string.
    String(String),
    /// A list, a set or a tuple.
    List(Vec<Value>),
    /// A map or an object. An object has every attribute, absent ones as [`Value::Null`].
    Map(BTreeMap<String, Value>),
    /// A value of the `dynamic` pseudo-type, with the type it has.
    Dynamic(Box<Type>, Box<Value>),
}

/// What is known of an unknown value; the default is nothing.
///
/// Terraform also narrows numbers and lengths. Those are let go: an unknown value that promises
/// less is always allowed, one that promises more is an error at apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Refinement {
    /// Whether it is known not to be null.
    pub not_null: bool,
    /// How the string will begin.
    pub prefix: Option<String>,
}

impl Value {
    /// Creates an unknown value of which nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Value::Unknown(Refinement::default())
    }

    /// Creates an object or map.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Self {
        Value::Map(entries.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// Creates a list, set or tuple.
    pub fn list<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }

    /// Creates a set in order and without repetition.
    ///
    /// Unknown elements are all kept: they may turn out different.
    #[must_use]
    pub fn set_of(mut items: Vec<Value>) -> Self {
        items.sort();
        items.dedup_by(|a, b| a == b && a.is_wholly_known());
        Value::List(items)
    }

    /// Returns the attribute or map element; `Null` when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        match self {
            Value::Map(entries) => entries.get(name).unwrap_or(&Value::Null),
            _ => &Value::Null,
        }
    }

    /// Replaces the attribute or map element. Does nothing on anything but an object or map.
    pub fn set(&mut self, name: &str, value: Value) {
        if let Value::Map(entries) = self {
            entries.insert(name.to_owned(), value);
        }
    }

    /// Replaces what is unknown in it by what `live` has at the same place. What is known stays.
    ///
    /// So an apply answers with what was planned, and with what is true where nothing was planned.
    #[must_use]
    pub fn fill(self, live: &Value) -> Value {
        match self {
            Value::Unknown(_) => live.clone(),
            Value::Map(entries) => Value::Map(
                entries
                    .into_iter()
                    .map(|(name, value)| (name.clone(), value.fill(live.get(&name))))
                    .collect(),
            ),
            Value::List(items) if items.len() == live.items().len() => {
                Value::List(items.into_iter().zip(live.items()).map(|(item, live)| item.fill(live)).collect())
            }
            known => known,
        }
    }

    /// Returns the value without the type that it brought along.
    #[must_use]
    pub fn inner(&self) -> &Value {
        match self {
            Value::Dynamic(_, value) => value.inner(),
            plain => plain,
        }
    }

    /// Tells whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Tells whether it is unknown itself (a known list may still hold unknown elements).
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown(_))
    }

    /// Tells whether nothing in it is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Value::Unknown(_) => false,
            Value::List(items) => items.iter().all(Value::is_wholly_known),
            Value::Map(entries) => entries.values().all(Value::is_wholly_known),
            Value::Dynamic(_, value) => value.is_wholly_known(),
            _ => true,
        }
    }

    /// Returns what it is called in a sentence.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Unknown(_) => "an unknown value",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
            Value::Dynamic(..) => "a value with its type",
        }
    }

    /// Returns the string, when it is a known one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the boolean, when it is a known one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Returns the integer, when it is a known one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// Returns the elements; none for null and unknown.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        match self {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// Returns the entries, when it is a known map or object.
    #[must_use]
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Bool(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Value::Number(number.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Value::Number(number)
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Value::List(items)
    }
}

/// A value that does not have its type, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{problem}", location(path))]
pub struct ValueError {
    /// The way from the root to the value.
    pub path: Path,
    /// What is wrong with it.
    pub problem: String,
}

fn location(path: &Path) -> String {
    if path.0.is_empty() { String::new() } else { format!("{path}: ") }
}

impl ValueError {
    /// Creates an error about the value itself.
    pub fn new(problem: impl Into<String>) -> Self {
        ValueError { path: Path::default(), problem: problem.into() }
    }

    /// Tells what was wanted and what was there.
    #[must_use]
    pub fn mismatch(wanted: &Type, given: &str) -> Self {
        ValueError::new(format!("{} was expected, {given} was given", wanted.noun()))
    }

    /// Moves it one step down: the value was inside another one.
    #[must_use]
    pub fn within(mut self, step: PathStep) -> Self {
        self.path.0.insert(0, step);
        self
    }
}
