//! The policies of a plan or state: when each may start work.

use std::path::Path;

use anyhow::bail;

use crate::cli::shown::{self, Shown, UPGRADING};
use crate::provider::Aks;
use crate::provider::arguments::calendar::Calendar;
use crate::terraform::json;
use crate::terraform::provider::Provider;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::schema::Type;

/// What of them says when.
const WHEN: [&str; 5] = ["maintenance_window", "always_open", "blackout", "override", "cutoff"];

/// Windows and whose they are.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The address of the resource; `None` for windows of the command line.
    pub address: Option<String>,
    /// When it may start work.
    pub calendar: Calendar,
}

/// Reads every policy of what `terraform show -json` printed, in its order.
///
/// Of windows that a plan does not know yet the state's count. Where there is no state either, the policy is left
/// out, with a warning.
///
/// # Errors
///
/// The file cannot be read, or holds no policy with windows; a window that the provider would refuse.
pub fn policies(file: &Path) -> anyhow::Result<Vec<Policy>> {
    let mut policies = Vec::new();
    for shown in shown::resources(file, &UPGRADING)? {
        match policy(&shown)? {
            Some(policy) => policies.push(policy),
            None => anstream::eprintln!(
                "Warning: {} is left out: its windows are known only after the apply, and there are none in the state.",
                shown.address
            ),
        }
    }
    if policies.is_empty() {
        bail!("{} holds no {} whose windows are known", shown::name(file), UPGRADING.join(" and no "));
    }
    Ok(policies)
}

fn policy(shown: &Shown) -> anyhow::Result<Option<Policy>> {
    let is_unknown = shown.unknown.iter().any(|key| WHEN.contains(&key.as_str()));
    let known = if is_unknown { shown.before.as_ref() } else { Some(&shown.values) };
    let Some(values) = known else { return Ok(None) };
    let address = &shown.address;
    let value =
        json::read(values, &when(&shown.kind)).map_err(|error| anyhow::anyhow!("{address}: {error}"))?;
    let findings = Findings::default();
    let calendar = Calendar::read(&Reader::new(&value, &findings));
    if let Some(error) = findings.into_diagnostics().iter().find(|diagnostic| diagnostic.is_error()) {
        bail!("{address}: {}", error.located());
    }
    Ok(Some(Policy { address: Some(address.clone()), calendar }))
}

/// Returns the type of what says when.
fn when(kind: &str) -> Type {
    let resource = Aks::new(|_| None).resources().into_iter().find(|resource| resource.type_name() == kind);
    let Some(Type::Object(mut keys)) = resource.map(|resource| resource.schema().value_type()) else {
        return Type::Object(Vec::new());
    };
    keys.retain(|(name, _)| WHEN.contains(&name.as_str()));
    Type::Object(keys)
}
