//! Quota: the usages of Microsoft.Compute, and the sizes of virtual machines.

use serde_json::{Value, json};

use crate::simulator::scenario::Quota;
use crate::simulator::size::Size;
use crate::simulator::world::cluster::{Cluster, Object, nodes, stopped, text};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::{Call, World};

/// What is left of a quota.
pub(super) struct Left {
    family: String,
    limit: u64,
    pub cpus: u64,
}

impl Left {
    /// Says that more is wanted: of a region's cores in Compute's words, of a family's in AKS's.
    pub(super) fn too_few(&self, wanted: u64, location: &str) -> String {
        let Left { family, limit, cpus } = self;
        if family.eq_ignore_ascii_case("cores") {
            let used = limit.saturating_sub(*cpus);
            return format!(
                "Operation results in exceeding quota limits of Core. Maximum allowed: {limit}, Current in use: {used}, Additional requested: {wanted}."
            );
        }
        format!(
            "Insufficient vcpu quota requested {wanted}, remaining {cpus} for family {family} for region {location}."
        )
    }
}

impl World {
    pub(super) fn list_usages(&self, subscription: &str, location: &str) -> Result<Reply, Refusal> {
        let regions = self.catalogue.regions();
        if !regions.iter().any(|region| region.eq_ignore_ascii_case(location)) {
            return Err(Refusal::no_region(location, "Microsoft.Compute/locations/usages", regions));
        }
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
        Ok(Reply::json(200, json!({ "value": usages })))
    }

    /// Refuses more nodes than there is quota for, or addresses, given the pools as they would be: AKS looks before it
    /// begins (docs: upgrade-options).
    pub(in crate::simulator::world) fn judge_growth(
        &self,
        cluster: &Cluster,
        after: &[Object],
    ) -> Result<(), Refusal> {
        let location = cluster.location();
        let growth = |pool: &Object| {
            let size = Size::of(text(pool, "vmSize"));
            let cpus = size.cpus * new_nodes(cluster, pool);
            (size, cpus)
        };
        self.judge_addresses(cluster, after)?;
        let growth: Vec<(Size, u64)> = after.iter().map(growth).collect();
        for quota in &self.limits.quotas {
            let wanted =
                growth.iter().filter(|(size, _)| counts(quota, size, location)).map(|(_, cpus)| cpus).sum();
            let left = self.left_of(quota, &cluster.place.subscription);
            if wanted > left.cpus {
                return Err(Refusal::provider(400, "QuotaExceeded", "", left.too_few(wanted, location)));
            }
        }
        Ok(())
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
        let fits = self.limits.quotas.iter().filter(|quota| counts(quota, size, location));
        fits.map(|quota| self.left_of(quota, subscription)).min_by_key(|left| left.cpus)
    }

    fn left_of(&self, quota: &Quota, subscription: &str) -> Left {
        let Quota { family, limit, .. } = quota.clone();
        Left { family, limit, cpus: limit.saturating_sub(self.cpus_in_use(quota, subscription)) }
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
        let pools = here.flat_map(|cluster| cluster.pools.iter().map(move |pool| (cluster, pool)));
        for (cluster, pool) in pools.filter(|(_, pool)| !stopped(pool)) {
            let size = Size::of(text(pool, "vmSize"));
            let cpus = size.cpus * u64::from(self.nodes_there(cluster, pool));
            match families.iter_mut().find(|(family, _)| *family == size.family) {
                Some((_, sum)) => *sum += cpus,
                None => families.push((size.family, cpus)),
            }
        }
        families
    }
}

/// Returns how many nodes a pool has more than before.
pub(super) fn new_nodes(cluster: &Cluster, after: &Object) -> u64 {
    let running = |pool: &Object| if stopped(pool) { 0 } else { nodes(pool) };
    let before = cluster.pool(text(after, "name")).map_or(0, running);
    u64::from(running(after).saturating_sub(before))
}

/// What a subscription has beyond what it uses, where a scenario says nothing.
const PLENTY: u64 = 1000;

/// Tells whether a quota counts the machines of a size.
fn counts(quota: &Quota, size: &Size, location: &str) -> bool {
    let own = quota.family.eq_ignore_ascii_case(&size.family) || quota.family.eq_ignore_ascii_case("cores");
    own && quota.location.eq_ignore_ascii_case(location)
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
