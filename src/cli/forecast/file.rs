//! What a plan or a state of Terraform says: the output of `terraform show -json`.

use std::path::Path;

use anyhow::anyhow;

use crate::cli::forecast::wish::Wish;
use crate::cli::shown::{self, Shown, UPGRADING};
use crate::provider::Aks;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::json;
use crate::terraform::provider::Provider;
use crate::terraform::schema::{Presence, Schema};
use crate::terraform::value::Value;

/// Reads every resource that upgrades a cluster.
///
/// # Errors
///
/// A file that cannot be read, or is not what `terraform show -json` prints; one without such a resource.
pub fn wishes(file: &Path, provider: &Aks) -> anyhow::Result<Vec<Wish>> {
    let resources = provider.resources();
    let of = |shown: Shown| {
        let kind = UPGRADING.into_iter().find(|kind| shown.kind == *kind)?;
        let resource = resources.iter().find(|resource| resource.type_name() == kind)?;
        Some(wish(&shown, kind, &resource.schema()))
    };
    let found: Vec<Wish> = shown::resources(file, &UPGRADING)?.into_iter().filter_map(of).collect();
    if found.is_empty() {
        return Err(anyhow!("{} holds no {}.", shown::name(file), UPGRADING.join(" and no ")));
    }
    Ok(found)
}

fn wish(shown: &Shown, resource: &'static str, schema: &Schema) -> Wish {
    let config = arguments(shown, schema);
    let cluster = config.as_ref().ok().and_then(|config| config.get("cluster_id").as_str());
    Wish { name: shown.address.clone(), cluster: cluster.unwrap_or_default().to_owned(), resource, config }
}

/// Returns what is written; of arguments that a plan does not know yet, what was written before.
fn arguments(shown: &Shown, schema: &Schema) -> Result<Value, Diagnostic> {
    let address = &shown.address;
    let is_computed =
        |key: &str| schema.attributes.iter().any(|one| one.name == key && one.presence == Presence::Computed);
    let unknown: Vec<&str> =
        shown.unknown.iter().map(String::as_str).filter(|key| !is_computed(key)).collect();
    let known = if unknown.is_empty() { Some(&shown.values) } else { shown.before.as_ref() };
    let values = known.ok_or_else(|| {
        let detail = format!(
            "{address}: {} is known only after apply, so there is nothing to look at yet.",
            unknown.join(", ")
        );
        Diagnostic::error("Arguments not known yet", detail)
    })?;
    let mut value = json::read(values, &schema.value_type())
        .map_err(|error| Diagnostic::error("Arguments cannot be read", format!("{address}: {error}.")))?;
    schema.complete(&mut value);
    Ok(value)
}
