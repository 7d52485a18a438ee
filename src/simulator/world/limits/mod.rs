//! What stands around a cluster and limits an upgrade: quota, subnets, locks, disruption budgets.
//!
//! ```text
//! quota     Microsoft.Compute usages and sizes           subnet    Microsoft.Network: addresses
//! lock      Microsoft.Authorization locks                budget    disruption budgets that allow none
//! surge     how many nodes an upgrade may add, and what stops it
//! insight   the preview's upgrade insights, which say the same before an upgrade
//! path      what a path asks of them
//! ```
//!
//! Shapes of the other providers: their REST references of 2025 (`compute/usage/list`, `compute/resource-skus/list`,
//! `virtualnetwork/subnets/get`, `virtualnetwork/virtual-networks/list-usage`, `authorization/management-locks`).

mod budget;
mod insight;
mod lock;
pub(super) mod path;
mod quota;
mod subnet;
pub(super) mod surge;

use serde::{Deserialize, Serialize};

use crate::simulator::scenario::{Budget, Lock, Quota, Subnet};

use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::{Call, World};
use insight::Insight;
use path::LimitPath;

/// Everything around the clusters.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Limits {
    quotas: Vec<Quota>,
    subnets: Vec<Subnet>,
    locks: Vec<Lock>,
    budgets: Vec<Budget>,
    insights: Vec<Insight>,
}

impl Limits {
    /// Takes what a scenario says.
    pub(super) fn new(
        quotas: Vec<Quota>,
        subnets: Vec<Subnet>,
        locks: Vec<Lock>,
        budgets: Vec<Budget>,
    ) -> Self {
        Limits { quotas, subnets, locks, budgets, insights: vec![] }
    }
}

impl World {
    /// Answers what is asked of Compute, Network or Authorization.
    pub(super) fn ask_limits(&mut self, call: &Call, asked: &LimitPath) -> Result<Reply, Refusal> {
        use LimitPath as P;
        match (call.method.as_str(), asked) {
            ("GET", P::Usages { subscription, location }) => self.list_usages(subscription, location),
            ("GET", P::Sizes { subscription }) => Ok(self.list_sizes(call, subscription)),
            ("GET", P::Subnets { network }) => self.list_subnets(call, network),
            ("GET", P::Subnet { network, name }) => self.get_subnet(network, name),
            ("GET", P::AddressUsages { network }) => self.list_addresses(call, network),
            ("GET", P::Locks { scope }) => Ok(self.list_locks(call, scope)),
            ("GET", P::Lock { scope, name }) => self.get_lock(scope, name),
            ("PUT", P::Lock { scope, name }) => self.put_lock(call, scope, name),
            ("DELETE", P::Lock { scope, name }) => Ok(self.delete_lock(scope, name)),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }
}
