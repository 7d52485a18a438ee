//! Refusals, in the two shapes of Azure and with the texts that were recorded or documented.
//!
//! The gateway wraps (`{"error":{"code","message"}}`); the AKS resource provider answers flat.
//! "Ours" marks a text for which no recording or page was found. Here is what AKS refuses of values; the [`gateway`]
//! refuses before, [`state`] is about what is there and goes on, [`version`] about versions and images.

mod gateway;
mod state;
mod version;

use serde_json::{Value, json};

/// A request that was refused.
#[derive(Debug)]
pub(in crate::simulator::world) struct Refusal {
    pub status: u16,
    pub body: Value,
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// Refuses as the gateway does.
    pub(in crate::simulator::world) fn gateway(status: u16, code: &str, message: impl Into<String>) -> Self {
        let body = json!({ "error": { "code": code, "message": message.into() } });
        Refusal { status, body, headers: vec![("x-ms-failure-cause", "gateway".into())] }
    }

    /// Refuses as the AKS resource provider does.
    pub(in crate::simulator::world) fn provider(
        status: u16,
        code: &str,
        subcode: &str,
        message: impl Into<String>,
    ) -> Self {
        let body = json!({ "code": code, "details": null, "message": message.into(), "subcode": subcode });
        Refusal { status, body, headers: vec![] }
    }

    fn detail(mut self, message: &str) -> Self {
        self.body["details"] = json!([{ "code": "Unspecified", "message": message }]);
        self
    }

    /// AKS's own reader of JSON (Azure/azure-rest-api-specs#40740).
    pub(in crate::simulator::world) fn unmarshal(what: &str) -> Self {
        Self::provider(400, "UnmarshalError", "", format!("UnmarshalEntity encountered error: {what}."))
    }

    /// Azure/AKS#1568, #1602.
    pub(in crate::simulator::world) fn no_system_pool() -> Self {
        Self::provider(400, "MustDefineAtLeastOneSystemPool", "", "Must define at least one system pool.")
    }

    /// Recorded.
    pub(in crate::simulator::world) fn restricted_taint() -> Self {
        let message = "Placing custom taints on system pool is not supported(except 'CriticalAddonsOnly' taint or taint effect is 'PreferNoSchedule'). Please refer to https://aka.ms/aks/system-taints for detail";
        let mut refusal = Self::provider(400, "SystemPoolHasRestrictedTaint", "", message);
        refusal.body["target"] = json!("agentPoolProfile.nodeTaints");
        refusal
    }

    /// The code is Azure's, the text is ours.
    pub(in crate::simulator::world) fn windows_name_too_long(name: &str) -> Self {
        let message =
            format!("Windows agent pool name '{name}' is too long: at most 6 characters are allowed.");
        let mut refusal = Self::provider(400, "WindowsAgentPoolNameTooLong", "", message);
        refusal.body["target"] = json!("agentPoolProfile.name");
        refusal
    }

    /// The form of the text is that of AKS for other properties.
    pub(in crate::simulator::world) fn fixed(target: &str) -> Self {
        let message = format!("Changing property '{target}' is not allowed.");
        let mut refusal = Self::provider(400, "PropertyChangeNotAllowed", "", message);
        refusal.body["target"] = json!(target);
        refusal
    }

    /// Reported with the versions of the API before that one.
    pub(in crate::simulator::world) fn fixed_before(target: &str, version: &str) -> Self {
        let message =
            format!("Changing property \"{target}\" is not allowed in an api-version before \"{version}\".");
        let mut refusal = Self::provider(400, "PropertyChangeNotAllowed", "", message);
        refusal.body["target"] = json!(target);
        refusal
    }

    /// Refuses the value of a parameter, in the words of AKS.
    pub(in crate::simulator::world) fn value(target: &str, details: &str) -> Self {
        let message = format!(
            "The value of parameter {target} is invalid. Error details: {details} Please see https://aka.ms/aks-naming-rules for more details."
        );
        Self::invalid(target, message)
    }

    /// Ours.
    pub(in crate::simulator::world) fn no_source(source: &str) -> Self {
        let message = format!(
            "The value of parameter creationData.sourceResourceId is invalid. Error details: the resource '{source}' could not be found."
        );
        Refusal::invalid("creationData.sourceResourceId", message)
    }

    pub(in crate::simulator::world) fn invalid(target: &str, message: impl Into<String>) -> Self {
        let mut refusal = Refusal::provider(400, "InvalidParameter", "", message);
        refusal.body["target"] = json!(target);
        refusal
    }

    fn after(mut self, seconds: u64) -> Self {
        self.headers.push(("retry-after", seconds.to_string()));
        self
    }
}
