//! AKS's token buckets (docs: quotas-skus-regions); a scenario turns them on.

use super::refusal::Refusal;
use super::route::Route;
use super::{Call, World};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is left in each bucket, and when it was last filled.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Buckets {
    left: BTreeMap<String, (f64, Timestamp)>,
}

/// A kind of request: the handler's name, the bucket's size, tokens per second.
type Limit = (&'static str, f64, f64);

impl World {
    /// Takes a token for a request, or refuses it with the seconds to wait.
    pub(super) fn throttle(&mut self, call: &Call) -> Result<(), Refusal> {
        if !self.service.throttle {
            return Ok(());
        }
        let ((handler, size, refill), key, subscription) = limit(call);
        let now = self.now;
        let entry =
            self.buckets.left.entry(format!("{handler} {}", key.to_ascii_lowercase())).or_insert((size, now));
        let gone = now.duration_since(entry.1).as_secs_f64();
        *entry = ((entry.0 + gone * refill).min(size), now);
        if entry.0 >= 1.0 {
            entry.0 -= 1.0;
            return Ok(());
        }
        let seconds = ((1.0 - entry.0) / refill).ceil() as u64;
        Err(Refusal::throttled(handler, subscription, seconds))
    }
}

fn limit(call: &Call) -> (Limit, &str, &str) {
    let path = call.path.as_str();
    let subscription = path.split('/').nth(2).unwrap_or_default();
    let minute = 1.0 / 60.0;
    match (call.method.as_str(), &call.route) {
        ("GET", Route::Clusters { group: None, .. }) => {
            (("ListManagedClustersHandler.GET", 500.0, 1.0), path, subscription)
        }
        ("GET", Route::Clusters { .. }) => {
            (("ListManagedClustersByResourceGroupHandler.GET", 60.0, 1.0), path, subscription)
        }
        ("PUT", Route::Pool(..)) => (("PutAgentPoolHandler.PUT", 20.0, minute), path, subscription),
        ("PUT", Route::Cluster(_)) => (("PutManagedClusterHandler.PUT", 20.0, minute), path, subscription),
        ("GET", Route::Cluster(_)) => (("GetManagedClusterHandler.GET", 60.0, 1.0), path, subscription),
        ("GET", Route::Status { .. }) => {
            (("GetOperationStatusHandler.GET", 200.0, 2.0), subscription, subscription)
        }
        _ => (("GenericHandler", 60.0, 1.0), subscription, subscription),
    }
}
