//! Which resources this process has planned for each cluster: the memory that tells two owners of one cluster.
//!
//! Best effort, and never in a planned value: Terraform does not say which resource it asks about.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use crate::arm::id::ClusterId;
use crate::terraform::value::Value;

/// A resource that upgrades a cluster, as it is planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    /// The resource type.
    pub resource: &'static str,
    /// The block as it is written: that by which two of a type are told apart. A replacement is planned twice with the
    /// same, and twins do the same steps, each once.
    pub config: Value,
    /// The pools that it is limited to; `None` where it keeps all of them.
    pub pools: Option<BTreeSet<String>>,
}

/// What was planned for each cluster.
#[derive(Debug, Default)]
pub struct Owners {
    planned: Mutex<HashMap<String, Vec<Owner>>>,
}

impl Owners {
    /// Notes that a resource was planned for a cluster, and returns the type of another one that was before it and
    /// upgrades the same pools.
    #[must_use]
    pub fn others(&self, cluster: &ClusterId, owner: Owner) -> Option<&'static str> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = planned.entry(cluster.to_string().to_lowercase()).or_default();
        let is_known = |one: &Owner| (one.resource, &one.config) == (owner.resource, &owner.config);
        let other = planned.iter().find(|one| !is_known(one) && one.meets(&owner)).map(|one| one.resource);
        if !planned.iter().any(is_known) {
            planned.push(owner);
        }
        other
    }
}

impl Owner {
    fn meets(&self, other: &Owner) -> bool {
        match (&self.pools, &other.pools) {
            (Some(pools), Some(others)) => !pools.is_disjoint(others),
            _ => true,
        }
    }
}
