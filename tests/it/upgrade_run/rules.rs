//! What Terraform itself demands of a provider, as Terraform 1.11 does (`objchange`, `plan_valid`).

use std::collections::BTreeMap;

use serde_json::Value as Json;
use terraform_provider_aks::terraform::schema::{Attribute, Block, Kind, Nesting, Presence, Schema};
use terraform_provider_aks::terraform::value::Value;

/// Merges a configuration with the prior state: what the provider did not decide yet keeps its value.
pub fn proposed(schema: &Schema, prior: Option<&Value>, config: &Value) -> Value {
    merge(&schema.attributes, &schema.blocks, prior.unwrap_or(&Value::Null), config)
}

/// Blocks are taken from the configuration; inside them only what is computed keeps its value.
fn merge(attributes: &[Attribute], blocks: &[Block], prior: &Value, config: &Value) -> Value {
    if config.as_map().is_none() {
        return config.clone();
    }
    let attributes = attributes.iter().map(|attribute| {
        let (kept, own) = (prior.get(&attribute.name), config.get(&attribute.name));
        let undecided = is_computed(attribute) && own.is_null();
        (attribute.name.as_str(), if undecided { kept } else { own }.clone())
    });
    let blocks = blocks.iter().map(|block| {
        let (prior, config) = (prior.get(&block.name), config.get(&block.name));
        let inside = |prior: &Value, config: &Value| merge(&block.attributes, &block.blocks, prior, config);
        let merged = match config {
            Value::List(items) => Value::list(
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| inside(prior.items().get(index).unwrap_or(&Value::Null), item)),
            ),
            single => inside(prior, single),
        };
        (block.name.as_str(), merged)
    });
    Value::object(attributes.chain(blocks))
}

/// Says what is wrong with a planned state ("Provider produced invalid plan").
pub fn invalid_plan(schema: &Schema, prior: &Value, config: &Value, planned: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    check_object(&schema.attributes, prior, config, planned, "", &mut wrong);
    schema.blocks.iter().for_each(|block| check_block(block, prior, config, planned, "", &mut wrong));
    wrong
}

/// A provider can neither add a block nor leave one out.
fn check_block(
    block: &Block,
    prior: &Value,
    config: &Value,
    planned: &Value,
    path: &str,
    wrong: &mut Vec<String>,
) {
    let of = |object: &Value| object.get(&block.name).clone();
    let (prior, config, planned) = (of(prior), of(config), of(planned));
    let path = format!("{path}.{}", block.name);
    let inside = |prior: &Value, config: &Value, planned: &Value, path: &str, wrong: &mut Vec<String>| {
        check_object(&block.attributes, prior, config, planned, path, wrong);
        block.blocks.iter().for_each(|block| check_block(block, prior, config, planned, path, wrong));
    };
    match (&config, &planned) {
        (Value::List(_), Value::Null) => {
            wrong.push(format!("{path}: must be empty to indicate no blocks, not null"));
        }
        (Value::List(written), Value::List(items)) if written.len() == items.len() => {
            for (index, (config, planned)) in written.iter().zip(items).enumerate() {
                let prior = prior.items().get(index).unwrap_or(&Value::Null);
                inside(prior, config, planned, &format!("{path}[{index}]"), wrong);
            }
        }
        (Value::Map(_), Value::Map(_)) => inside(&prior, &config, &planned, &path, wrong),
        (Value::Unknown(_), Value::Unknown(_)) | (Value::Null, Value::Null) => {}
        _ => wrong.push(format!("{path}: block count in plan disagrees with count in config")),
    }
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
