//! Which region serves a request: AKS counts each by itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

/// The regions of the clusters that were read, by their ids in lower case.
#[derive(Default)]
pub struct Regions(Mutex<HashMap<String, String>>);

impl Regions {
    /// Learns from a cluster's body where it is.
    pub fn learn(&self, body: &Value) {
        let text = |field| body.get(field).and_then(Value::as_str).map(str::to_lowercase);
        if let (Some(id), Some(location)) = (text("id"), text("location")) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, location);
        }
    }

    /// Returns the region that the path of a URL names, or in which its cluster is.
    ///
    /// ```
    /// use serde_json::json;
    /// use terraform_provider_aks::arm::limiter::region::Regions;
    ///
    /// let regions = Regions::default();
    /// let cluster = "/subscriptions/S/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";
    /// assert_eq!(regions.of(&format!("{cluster}/agentPools/system")), None);
    /// regions.learn(&json!({ "id": cluster, "location": "westeurope" }));
    /// assert_eq!(regions.of(&format!("{cluster}/agentPools/system")).as_deref(), Some("westeurope"));
    /// ```
    #[must_use]
    pub fn of(&self, path: &str) -> Option<String> {
        let path = path.to_lowercase();
        let parts: Vec<&str> = path.split('/').collect();
        let after = |word: &str| parts.iter().position(|part| *part == word).map(|at| at + 1);
        if let Some(region) = after("locations").and_then(|at| parts.get(at)) {
            return Some((*region).to_owned());
        }
        let begins = after("subscriptions")? - 2;
        let cluster = parts.get(begins..=after("managedclusters")?)?.join("/");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&cluster).cloned()
    }
}
