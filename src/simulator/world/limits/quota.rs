//! Quota: the usages of Microsoft.Compute, and the sizes of virtual machines.

use serde_json::{Value, json};

use crate::simulator::scenario::Quota;
use crate::simulator::world::cluster::{Object, nodes, stopped, text};
use crate::simulator::world::limits::size::Size;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::{Call, World};

/// What is left of a quota.
pub(super) struct Left {
    pub family: String,
    pub cpus: u64,
}

impl World {
    pub(super) fn list_usages(&self, subscription: &str, location: &str) -> Reply {
        let here = |quota: &&Quota| quota.location.eq_ignore_ascii_case(location);
        let shown = |quota: &Quota| usage(quota, self.cpus_in_use(quota, subscription));
        let mut usages: Vec<Value> = self.limits.quotas.iter().filter(here).map(shown).collect();
        for (family, used) in self.families_in_use(subscription, location) {
            let known = |quota: &Quota| quota.family.eq_ignore_ascii_case(&family);
            if !self.limits.quotas.iter().filter(here).any(known) {
                let plenty = Quota { family, location: location.into(), limit: used + PLENTY, used: 0 };
                usages.push(usage(&plenty, used));
            }
        }
        Reply::json(200, json!({ "value": usages }))
    }

    /// Lists the sizes that the pools of this world have.
    pub(super) fn list_sizes(&self, call: &Call, subscription: &str) -> Reply {
        let here = self.clusters.iter().filter(|cluster| cluster.place.is_in(subscription, None));
        let mut sizes: Vec<(String, String)> = here
            .flat_map(|cluster| {
                cluster
                    .pools
                    .iter()
                    .map(|pool| (text(pool, "vmSize").to_owned(), cluster.location().to_owned()))
            })
            .collect();
        sizes.sort_unstable();
        sizes.dedup();
        self.list(call, &sizes, |(name, location)| sku(name, location))
    }

    /// Returns what is left for pools of a size; none where no quota is set.
    pub(super) fn quota_left(&self, subscription: &str, location: &str, size: &Size) -> Option<Left> {
        let fits = |quota: &&Quota| {
            let own =
                quota.family.eq_ignore_ascii_case(&size.family) || quota.family.eq_ignore_ascii_case("cores");
            own && quota.location.eq_ignore_ascii_case(location)
        };
        let left = |quota: &Quota| Left {
            family: quota.family.clone(),
            cpus: quota.limit.saturating_sub(self.cpus_in_use(quota, subscription)),
        };
        self.limits.quotas.iter().filter(fits).map(left).min_by_key(|left| left.cpus)
    }

    /// Returns the vCPUs in use: those of this world's nodes, and what the scenario adds.
    fn cpus_in_use(&self, quota: &Quota, subscription: &str) -> u64 {
        let families = self.families_in_use(subscription, &quota.location);
        let all = quota.family.eq_ignore_ascii_case("cores");
        let own = families.iter().filter(|(family, _)| all || family.eq_ignore_ascii_case(&quota.family));
        quota.used + own.map(|(_, cpus)| cpus).sum::<u64>()
    }

    fn families_in_use(&self, subscription: &str, location: &str) -> Vec<(String, u64)> {
        let mut families: Vec<(String, u64)> = vec![];
        let here = self.clusters.iter().filter(|cluster| cluster.place.is_in(subscription, None));
        let here =
            here.filter(|cluster| cluster.location().eq_ignore_ascii_case(location) && !cluster.stopped());
        for pool in here.flat_map(|cluster| &cluster.pools).filter(|pool| !stopped(pool)) {
            let (size, cpus) = cpus(pool);
            match families.iter_mut().find(|(family, _)| *family == size.family) {
                Some((_, sum)) => *sum += cpus,
                None => families.push((size.family, cpus)),
            }
        }
        families
    }
}

/// What a subscription has beyond what it uses, where a scenario says nothing.
const PLENTY: u64 = 1000;

fn cpus(pool: &Object) -> (Size, u64) {
    let size = Size::of(text(pool, "vmSize"));
    let cpus = size.cpus * u64::from(nodes(pool));
    (size, cpus)
}

fn usage(quota: &Quota, used: u64) -> Value {
    let shown = match quota.family.as_str() {
        "cores" => "Total Regional vCPUs".to_owned(),
        family => format!("{family} vCPUs"),
    };
    json!({
        "limit": quota.limit, "unit": "Count", "currentValue": used,
        "name": { "value": quota.family, "localizedValue": shown },
    })
}

fn sku(name: &str, location: &str) -> Value {
    let Size { family, cpus } = Size::of(name);
    json!({
        "resourceType": "virtualMachines", "name": name, "tier": "Standard", "family": family,
        "locations": [location], "locationInfo": [{ "location": location, "zones": ["1", "2", "3"], "zoneDetails": [] }],
        "capabilities": [{ "name": "vCPUs", "value": cpus.to_string() }], "restrictions": [],
    })
}
