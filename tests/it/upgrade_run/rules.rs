//! What Terraform itself demands of a provider, as Terraform 1.11 does (`objchange`, `plan_valid`).

use std::collections::BTreeMap;

use serde_json::Value as Json;
use terraform_provider_aks::terraform::schema::{Attribute, Kind, Nesting, Presence};
use terraform_provider_aks::terraform::value::Value;

/// Merges a configuration with the prior state: what the provider did not decide yet keeps its value.
pub fn proposed(attributes: &[Attribute], prior: Option<&Value>, config: &Value) -> Value {
    let merged = |attribute: &Attribute| {
        let name = attribute.name.as_str();
        let own = config.get(name);
        let kept = if is_computed(attribute) && own.is_null() {
            prior.map_or(Value::Null, |prior| prior.get(name).clone())
        } else {
            own.clone()
        };
        (name.to_owned(), kept)
    };
    Value::object(attributes.iter().map(merged))
}

/// Says what is wrong with a planned state ("Provider produced invalid plan").
pub fn invalid_plan(attributes: &[Attribute], prior: &Value, config: &Value, planned: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    check_object(attributes, prior, config, planned, "", &mut wrong);
    wrong
}

fn check_object(
    attributes: &[Attribute],
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &str,
    wrong: &mut Vec<String>,
) {
    for attribute in attributes {
        let name = attribute.name.as_str();
        let path = format!("{path}.{name}");
        check(attribute, prior.get(name), config.get(name), planned.get(name), &path, wrong);
    }
}

fn check(
    attribute: &Attribute,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &str,
    wrong: &mut Vec<String>,
) {
    if planned == config || (planned == prior && !prior.is_null() && !config.is_null()) {
        return;
    }
    if attribute.presence == Presence::Computed || (is_computed(attribute) && config.is_null()) {
        return;
    }
    match &attribute.kind {
        _ if config.is_null() => wrong.push(format!("{path}: planned value for a non-computed attribute")),
        Kind::Nested(_, _) if planned.is_unknown() => {
            wrong.push(format!("{path}: planned unknown for configured value"));
        }
        Kind::Nested(Nesting::Single, nested) => check_object(nested, prior, config, planned, path, wrong),
        Kind::Nested(Nesting::List, nested) if config.items().len() == planned.items().len() => {
            for (index, (config, planned)) in config.items().iter().zip(planned.items()).enumerate() {
                let prior = prior.items().get(index).unwrap_or(&Value::Null);
                check_object(nested, prior, config, planned, &format!("{path}[{index}]"), wrong);
            }
        }
        _ => wrong.push(format!("{path}: planned value does not match config value nor prior value")),
    }
}

fn is_computed(attribute: &Attribute) -> bool {
    matches!(attribute.presence, Presence::Computed | Presence::OptionalComputed)
}

/// Says where a later value breaks what an earlier one promised: every known leaf stays as it is.
pub fn broken_promises(planned: &Value, actual: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    compare(planned, actual, "", &mut wrong);
    wrong
}

fn compare(planned: &Value, actual: &Value, path: &str, wrong: &mut Vec<String>) {
    match (planned, actual) {
        (Value::Unknown(_), _) => {}
        (Value::Map(before), Value::Map(after)) => {
            for (name, value) in before {
                match after.get(name) {
                    Some(now) => compare(value, now, &format!("{path}.{name}"), wrong),
                    None => wrong.push(format!("{path}.{name}: element has vanished")),
                }
            }
            let new = after.keys().filter(|name| !before.contains_key(*name));
            wrong.extend(new.map(|name| format!("{path}.{name}: new element has appeared")));
        }
        (Value::List(before), Value::List(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(before, after, &format!("{path}[{index}]"), wrong);
            }
        }
        (before, after) if before == after => {}
        (before, after) => {
            wrong.push(format!("{path}: was {}, but now {}", json(before), json(after)));
        }
    }
}

/// Shows a value as JSON, for assertions; unknown is `"(known after apply)"`.
pub fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Unknown(_) => "(known after apply)".into(),
        Value::Bool(flag) => (*flag).into(),
        Value::Number(_) => value.as_i64().map_or(Json::Null, Into::into),
        Value::String(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(entries) => {
            let shown: BTreeMap<&str, Json> =
                entries.iter().map(|(name, value)| (name.as_str(), json(value))).collect();
            serde_json::to_value(shown).unwrap()
        }
        Value::Dynamic(_, value) => json(value),
    }
}
