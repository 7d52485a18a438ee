//! Upper and lower case in ids and names: Azure does not tell them apart, and neither does a plan.

use crate::terraform::value::Value;

/// Keeps the prior spelling of attributes that say the same but for case.
///
/// Terraform takes a planned value that is not the written one only when it is the prior one, so whoever
/// writes `resourcegroups` for `resourceGroups` later on replaces nothing and has nothing to apply.
pub fn keep(prior: &Value, planned: &mut Value, names: &[&str]) {
    for name in names {
        if same(prior.get(name), planned.get(name)) {
            planned.set(name, prior.get(name).clone());
        }
    }
}

fn same(prior: &Value, planned: &Value) -> bool {
    let texts = prior.as_str().zip(planned.as_str());
    texts.is_some_and(|(a, b)| a.to_lowercase() == b.to_lowercase())
}
