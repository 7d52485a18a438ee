//! What `terraform show -json` prints of a plan or a state: its resources, by address.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::simulator::scenario;

/// One managed resource.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Such as `module.prod.aks_upgrade_policy.this["a"]`.
    pub address: String,
    /// Such as `aks_upgrade_policy`.
    pub kind: String,
    /// Its attributes and blocks: planned, or as they are.
    pub values: Value,
    /// What it was before, where there is a plan.
    pub before: Option<Value>,
    /// The keys of which something is known only after the apply.
    pub unknown: Vec<String>,
    /// What its block in the configuration writes, as expressions; a state does not say it.
    pub written: Option<Value>,
}

/// The resources that upgrade a cluster.
pub const UPGRADING: [&str; 2] = ["aks_upgrade_policy", "aks_node_image"];

/// Reads the resources of some types; `-` is the standard input. In a plan those that it keeps or creates count.
///
/// # Errors
///
/// A file that cannot be read, or that Terraform did not print: a plan file itself, a state file.
pub fn resources(file: &Path, kinds: &[&str]) -> anyhow::Result<Vec<Shown>> {
    let text = read(file).with_context(|| format!("{} cannot be read", name(file)))?;
    let shown = scenario::json(&text, &name(file));
    let shown = shown.map_err(anyhow::Error::msg).with_context(|| not_shown(file))?;
    if !shown["format_version"].is_string() {
        bail!("{}", not_shown(file));
    }
    let before: BTreeMap<String, Value> = managed(&shown["prior_state"]["values"]["root_module"])
        .map(|(address, _, values)| (address, values))
        .collect();
    let written: BTreeMap<String, Value> =
        blocks(&shown["configuration"]["root_module"], String::new()).collect();
    let root = if shown["planned_values"].is_object() { &shown["planned_values"] } else { &shown["values"] };
    let resources = managed(&root["root_module"]).filter(|(_, kind, _)| kinds.contains(&kind.as_str()));
    let resources = resources.map(|(address, kind, values)| Shown {
        before: before.get(&address).cloned(),
        unknown: unknown(&shown, &address),
        written: written.get(&without_keys(&address)).cloned(),
        address,
        kind,
        values,
    });
    Ok(resources.collect())
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut text)?;
        return Ok(text);
    }
    std::fs::read(file)
}

fn not_shown(file: &Path) -> String {
    format!(
        "{} is not what `terraform show -json` prints: write `terraform show -json upgrades.tfplan >plan.json`, or \
         `terraform show -json >state.json`",
        name(file)
    )
}

/// Returns what a file is called in a sentence.
#[must_use]
pub fn name(file: &Path) -> String {
    if file == Path::new("-") { "Standard input".to_owned() } else { file.display().to_string() }
}

/// Returns address, type and values of the managed resources of a module and of those inside it.
fn managed(module: &Value) -> Box<dyn Iterator<Item = (String, String, Value)> + '_> {
    let each = |name: &str| module[name].as_array().into_iter().flatten();
    let own = each("resources").filter(|resource| resource["mode"] == "managed").map(|resource| {
        let text = |name: &str| resource[name].as_str().unwrap_or_default().to_owned();
        (text("address"), text("type"), resource["values"].clone())
    });
    Box::new(own.chain(each("child_modules").flat_map(managed)))
}

/// Returns address and expressions of the blocks of a module's configuration and of those inside it.
fn blocks(module: &Value, path: String) -> Box<dyn Iterator<Item = (String, Value)> + '_> {
    let own = module["resources"].as_array().into_iter().flatten();
    let calls = module["module_calls"].as_object().into_iter().flatten();
    let inside = calls.flat_map({
        let path = path.clone();
        move |(name, call)| blocks(&call["module"], format!("{path}module.{name}."))
    });
    let own = own.map(move |block| {
        let address = block["address"].as_str().unwrap_or_default();
        (format!("{path}{address}"), block["expressions"].clone())
    });
    Box::new(own.chain(inside))
}

/// Takes the keys of `count` and `for_each` out of an address: one block makes all of them.
fn without_keys(address: &str) -> String {
    let (mut inside, mut quoted, mut escaped) = (false, false, false);
    let is_outside = |letter: &char| {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if inside => quoted = !quoted,
            '[' if !quoted => inside = true,
            ']' if !quoted => {
                inside = false;
                return false;
            }
            _ => {}
        }
        !inside
    };
    address.chars().filter(is_outside).collect()
}

fn unknown(plan: &Value, address: &str) -> Vec<String> {
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    let change = changes.into_iter().find(|change| change["address"] == address);
    let unknown = change.and_then(|change| change["change"]["after_unknown"].as_object());
    let keys = unknown.into_iter().flatten().filter(|(_, marks)| is_marked(marks));
    keys.map(|(key, _)| key.clone()).collect()
}

/// Tells whether anything is marked as known only later.
fn is_marked(marks: &Value) -> bool {
    match marks {
        Value::Bool(mark) => *mark,
        Value::Array(items) => items.iter().any(is_marked),
        Value::Object(entries) => entries.values().any(is_marked),
        _ => false,
    }
}
