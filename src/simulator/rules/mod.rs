//! The shape of requests: the fields that Azure knows, their types, their values and their limits.
//!
//! `fields.tsv` holds the facts of Azure's specification in a form of our own, a field a line: the object, the
//! field, its kind, and whether it is required or known to previews only. A test holds it against the
//! specification itself.
//!
//! ```text
//! text 3..8 /^a/    number 0..2    int 1..7    bool    instant    date    any
//! one of A B +C     a value; those with a + are known to previews only; ~ stands for a space
//! list KIND         map KIND      NAME: another object of the table
//! ```
//!
//! [`text`] knows names and shares, whose rules are not in the specification.

mod field;
mod kind;
mod text;

use serde_json::{Map, Value};

use field::Fields;
use kind::Kind;
pub(crate) use text::{is_cluster_name, is_fleet_name, is_pool_name, share};

/// What is wrong with a body, at the first place where something is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Violation {
    /// A field that Azure does not know.
    Unknown { field: String },
    /// A value of another type.
    Type { at: String, found: &'static str, wanted: &'static str },
    /// A value that is not allowed, and which are.
    NotAllowed { at: String, value: String, allowed: Vec<String> },
    /// A number, a date or a text outside its limits.
    OutOfLimits { at: String, value: String, limits: String },
    /// A field that is not there.
    Missing { at: String },
}

/// How a body is judged.
pub(crate) struct Judge {
    /// Whether the version of the API is a preview.
    pub preview: bool,
    /// Whether the table holds every field of this version: then another one is refused. A value that it does not
    /// hold is refused in every version: values are added, and seldom taken away.
    pub complete: bool,
}

impl Judge {
    /// Judges the body of a request as an object of the table, such as `AgentPool`.
    ///
    /// `shown` is what Azure shows of the resource: a field that is there may be sent back.
    ///
    /// # Errors
    ///
    /// The first [`Violation`], such as of `{"properties": {"count": "three"}}`.
    pub(crate) fn body(
        &self,
        object: &str,
        body: &Map<String, Value>,
        shown: &Value,
    ) -> Result<(), Violation> {
        self.object(object, body, shown, if object == "AgentPool" { POOL } else { "" })
    }

    fn object(
        &self,
        name: &str,
        object: &Map<String, Value>,
        shown: &Value,
        at: &str,
    ) -> Result<(), Violation> {
        let Some(fields) = Fields::of(name) else { return Ok(()) };
        for (key, value) in object {
            let known = fields.get(key).filter(|field| self.preview || !field.preview);
            let at = join(at, key);
            match known {
                Some(field) => self.value(&field.kind, value, &shown[key], &at)?,
                None if self.complete && shown.get(key).is_none() && !BEYOND.contains(&key.as_str()) => {
                    return Err(Violation::Unknown { field: key.clone() });
                }
                None => {}
            }
        }
        let missing = fields.required().find(|key| object.get(*key).is_none_or(Value::is_null));
        let named = |key: &str| if join(at, key).is_empty() { key.to_owned() } else { join(at, key) };
        missing.map_or(Ok(()), |key| Err(Violation::Missing { at: named(key) }))
    }

    fn value(&self, kind: &Kind, value: &Value, shown: &Value, at: &str) -> Result<(), Violation> {
        match (kind, value) {
            (_, Value::Null) => Ok(()),
            (Kind::Object(name), Value::Object(object)) => self.object(name, object, shown, at),
            (Kind::List(kind), Value::Array(list)) => list
                .iter()
                .enumerate()
                .try_for_each(|(index, value)| self.value(kind, value, counterpart(value, shown, index), at)),
            (Kind::Map(kind), Value::Object(map)) => {
                map.iter().try_for_each(|(key, value)| self.value(kind, value, &shown[key], &join(at, key)))
            }
            (kind, value) if kind.takes(value) => self.plain(kind, value, shown, at),
            (kind, value) => {
                Err(Violation::Type { at: at.into(), found: type_of(value), wanted: kind.name() })
            }
        }
    }

    /// Judges a value of the right type.
    fn plain(&self, kind: &Kind, value: &Value, shown: &Value, at: &str) -> Result<(), Violation> {
        if value == shown || value == "" {
            return Ok(());
        }
        match kind {
            Kind::OneOf(values) => {
                // When a value came is known of the newest versions only.
                let all = self.preview || !self.complete;
                let allowed = values.iter().filter(|value| all || !value.preview);
                let allowed: Vec<String> = allowed.map(|value| value.name.clone()).collect();
                let sent = value.as_str().unwrap_or_default();
                // Azure reads them in any case (recorded: sku.tier "standard").
                let gone = GONE.iter().filter(|_| !self.complete).any(|gone| gone.eq_ignore_ascii_case(sent));
                let is_allowed = gone || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(sent));
                let wrong =
                    || Violation::NotAllowed { at: at.into(), value: sent.into(), allowed: allowed.clone() };
                if is_allowed { Ok(()) } else { Err(wrong()) }
            }
            kind => kind.limits(value).map_or(Ok(()), |limits| {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                Err(Violation::OutOfLimits { at: at.into(), value, limits })
            }),
        }
    }
}

/// Returns the values that a field takes, those of previews too; none where it takes any.
pub(crate) fn values(object: &str, field: &str) -> Vec<String> {
    match Fields::of(object).and_then(|fields| fields.get(field)).map(|field| &field.kind) {
        Some(Kind::OneOf(values)) => values.iter().map(|value| value.name.clone()).collect(),
        _ => vec![],
    }
}

/// What Azure shows in every version although its specification has it in previews only (recorded).
const BEYOND: [&str; 1] = ["upgradeStrategy"];

/// Values that earlier previews had and no version has now (recorded in 2025: OS SKUs).
const GONE: [&str; 2] = ["AzureLinuxOSGuard", "AzureLinux3OSGuard"];

/// Calls fields by their own names: Go's reader of JSON takes a name in any case, fills an object that stands twice
/// twice, and of another value takes what stands last, but refuses a wrong type wherever it stands.
pub(crate) fn spell(object: &str, body: &mut Map<String, Value>) {
    let Some(fields) = Fields::of(object) else { return };
    for (key, mut value) in std::mem::take(body) {
        match fields.entry(&key) {
            Some((own, field)) => {
                spell_value(&field.kind, &mut value);
                fill(&field.kind, body.entry(own).or_insert(Value::Null), value);
            }
            None => {
                body.insert(key, value);
            }
        }
    }
}

/// Writes a value over what another spelling of the same field has left.
fn fill(kind: &Kind, onto: &mut Value, value: Value) {
    match (kind, onto, value) {
        (Kind::Object(name), Value::Object(onto), Value::Object(value)) => {
            let fields = Fields::of(name);
            for (key, value) in value {
                let kind = fields.and_then(|fields| fields.get(&key)).map_or(&Kind::Any, |field| &field.kind);
                fill(kind, onto.entry(key).or_insert(Value::Null), value);
            }
        }
        (Kind::Map(kind), Value::Object(onto), Value::Object(value)) => {
            value
                .into_iter()
                .for_each(|(key, value)| fill(kind, onto.entry(key).or_insert(Value::Null), value));
        }
        (kind, onto, value) if onto.is_null() || kind.takes(onto) => *onto = value,
        // What is of a wrong type stays: it is refused.
        _ => {}
    }
}

fn spell_value(kind: &Kind, value: &mut Value) {
    match (kind, value) {
        (Kind::Object(name), Value::Object(object)) => spell(name, object),
        (Kind::List(kind), Value::Array(list)) => list.iter_mut().for_each(|value| spell_value(kind, value)),
        (Kind::Map(kind), Value::Object(map)) => map.values_mut().for_each(|value| spell_value(kind, value)),
        _ => {}
    }
}

/// Writes values as Azure writes them: a value of a list in its own case, an instant without needless zeros.
///
/// What is sent back as Azure shows it stays so.
pub(crate) fn normalise(object: &str, body: &mut Map<String, Value>, shown: &Value) {
    let Some(fields) = Fields::of(object) else { return };
    for (key, value) in body {
        if let Some(field) = fields.get(key) {
            normalise_value(&field.kind, value, &shown[key]);
        }
    }
}

fn normalise_value(kind: &Kind, value: &mut Value, shown: &Value) {
    match (kind, value) {
        (Kind::Object(name), Value::Object(object)) => normalise(name, object, shown),
        (Kind::List(kind), Value::Array(list)) => {
            for (index, value) in list.iter_mut().enumerate() {
                let shown = counterpart(value, shown, index);
                normalise_value(kind, value, shown);
            }
        }
        (Kind::Map(kind), Value::Object(map)) => {
            map.iter_mut().for_each(|(key, value)| normalise_value(kind, value, &shown[key]));
        }
        (kind, Value::String(text)) if shown.as_str() != Some(text.as_str()) => {
            if let Some(own) = kind.written(text) {
                *text = own;
            }
        }
        _ => {}
    }
}

/// Returns what Azure shows for an entry of a list: of the same name, or else at the same place.
fn counterpart<'a>(value: &Value, shown: &'a Value, index: usize) -> &'a Value {
    let name = value.get("name").and_then(Value::as_str);
    let named = |entry: &&Value| {
        let own = entry.get("name").and_then(Value::as_str);
        name.zip(own).is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
    };
    let found = shown.as_array().and_then(|list| list.iter().find(named));
    found.unwrap_or(&shown[index])
}

/// Returns `a.b`; `properties` is left out, and pools are called as AKS calls them.
fn join(at: &str, key: &str) -> String {
    match (at, key) {
        (at, "properties") => at.to_owned(),
        ("", "agentPoolProfiles") => POOL.to_owned(),
        ("", key) => key.to_owned(),
        (at, key) => format!("{at}.{key}"),
    }
}

/// How AKS calls a pool in its sentences.
const POOL: &str = "agentPoolProfile";

/// Returns the type of a value as Go's JSON reader calls it.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
