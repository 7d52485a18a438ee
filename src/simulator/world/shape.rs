//! The body of a request: JSON, of fields that Azure knows, with values that it takes.

use serde_json::Value;

use crate::simulator::rules::{self, Judge, Violation};
use crate::simulator::world::Call;
use crate::simulator::world::cluster::Object;
use crate::simulator::world::refusal::Refusal;

/// The first version of the API whose fields are all in the table, as are those of every later one: a test holds
/// the table against its specification.
const AKS: &str = "2026-05-01";

/// As above, of Fleet Manager.
const FLEETS: &str = "2025-03-01";

impl Call {
    /// Reads the body as an object of the table of fields; `shown` is what Azure shows of the resource.
    pub(super) fn body(&self, object: &str, shown: &Value) -> Result<Object, Refusal> {
        let mut body = self.json()?;
        rules::spell(object, &mut body);
        self.judge(AKS).body(object, &body, shown).map_err(refuse)?;
        rules::normalise(object, &mut body, shown);
        Ok(body)
    }

    /// Reads the body as an object of Fleet Manager's.
    pub(super) fn fleet_body(&self, object: &str) -> Result<Object, Refusal> {
        let mut body = self.json()?;
        rules::spell(object, &mut body);
        self.judge(FLEETS).body(object, &body, &Value::Null).map_err(refuse_fleet)?;
        rules::normalise(object, &mut body, &Value::Null);
        Ok(body)
    }

    fn judge(&self, since: &str) -> Judge {
        let version = self.parameter("api-version").unwrap_or_default();
        Judge { preview: version.ends_with("-preview"), complete: version.as_str() >= since }
    }
}

/// Says what is wrong in Fleet Manager's shape; the words are ours.
fn refuse_fleet(violation: Violation) -> Refusal {
    match violation {
        Violation::Unknown { field } => Refusal::fleet_invalid(&field, "it is not known."),
        Violation::Type { at, found, wanted } => {
            Refusal::fleet_invalid(&at, &format!("it is of type {found} and not {wanted}."))
        }
        Violation::NotAllowed { at, value, allowed } => {
            let why = format!("value {value} is not allowed. Only {} are allowed.", listed(&allowed));
            Refusal::fleet_invalid(&at, &why)
        }
        Violation::OutOfLimits { at, value, limits } => {
            Refusal::fleet_invalid(&at, &format!("{value} is invalid, it {limits}."))
        }
        Violation::Missing { at } if at == "location" => Refusal::no_location(),
        Violation::Missing { at } => Refusal::fleet_invalid(&at, "it is required."),
    }
}

/// Says what is wrong in AKS's words.
///
/// The sentence on an unknown field was reported (Azure/azure-rest-api-specs#40740), that on a value that is
/// not allowed was recorded (localDNSProfile.mode). That on a type is Go's, those on limits and on what is
/// missing are ours.
fn refuse(violation: Violation) -> Refusal {
    match violation {
        Violation::Unknown { field } => Refusal::unmarshal(&format!(
            "json: unknown field \"{field}\" Check that the field is in the right location, is spelled correctly, and is supported in the API version. Visit aka.ms/aks/apiversions for more API version information."
        )),
        Violation::Type { at, found, wanted } => Refusal::unmarshal(&format!(
            "json: cannot unmarshal {found} into Go struct field {at} of type {wanted}"
        )),
        Violation::NotAllowed { at, value, allowed } => {
            let target = target(&at);
            let message = format!(
                "The value of parameter {target} is invalid. Error details: value {value} is not allowed. Only {} are allowed.",
                listed(&allowed)
            );
            Refusal::invalid(&target, message)
        }
        // Azure/AKS#3300.
        Violation::OutOfLimits { at, .. } if at == "agentPoolProfile.name" => Refusal::invalid(
            &at,
            format!(
                "The value of parameter {at} is invalid. Please see https://aka.ms/aks-naming-rules for more details."
            ),
        ),
        Violation::OutOfLimits { at, value, limits } => {
            Refusal::value(&target(&at), &format!("{value} is invalid, it {limits}."))
        }
        Violation::Missing { at } if at == "location" => Refusal::no_location(),
        Violation::Missing { at } => {
            let target = target(&at);
            Refusal::invalid(&target, format!("Required parameter {target} is missing (null)."))
        }
    }
}

/// Returns how AKS calls a field: `agentPoolProfile.mode`, `agentPoolProfile.upgrade.maxSurge`, and what lies
/// deeper in a pool by itself, such as `localDNSProfile.mode` (recorded).
fn target(at: &str) -> String {
    match at.strip_prefix("agentPoolProfile.") {
        Some(field) => match field.split_once('.') {
            Some(("upgradeSettings", field)) => format!("agentPoolProfile.upgrade.{field}"),
            Some(_) => field.to_owned(),
            None => at.to_owned(),
        },
        None => at.to_owned(),
    }
}

/// Returns `Preferred, Required and Disabled`.
fn listed(values: &[String]) -> String {
    match values.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
