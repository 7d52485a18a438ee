//! Whether what a scenario names is there: a budget, a lock, an outcome of a cluster that is not would change nothing,
//! and the rehearsal would go well for a slip of the pen.

use serde_json::Value;

use crate::simulator::catalogue::Catalogue;
use crate::simulator::faults::Fault;
use crate::simulator::outcome::Outcome;
use crate::simulator::scenario::cluster_check::check_region;
use crate::simulator::scenario::place::{Wrong, each};
use crate::simulator::scenario::script::Script;
use crate::simulator::scenario::{Budget, Fleet, InitialCluster, Lock, Quota, Subnet, arm_id, word};
use crate::simulator::size::Size;

/// What there is to be named.
struct Named<'a> {
    clusters: &'a [InitialCluster],
    fleets: &'a [Fleet],
}

impl Script {
    /// Checks every name of a cluster, a pool, a subnet, a scope, a family.
    ///
    /// # Errors
    ///
    /// The first name of what is not there, such as `[[budget]] cluster = "prud"`.
    pub(super) fn check_references(
        &self,
        catalogue: &Catalogue,
        clusters: &[InitialCluster],
    ) -> Result<(), Wrong> {
        let named = Named { clusters, fleets: &self.fleet };
        each("quota", &self.quota, |quota| named.check_quota(quota, catalogue))?;
        each("subnet", &self.subnet, |subnet| named.check_subnet(subnet))?;
        each("lock", &self.lock, |lock| named.check_lock(lock))?;
        each("budget", &self.budget, |budget| named.check_budget(budget))?;
        let pools = named.pools_by_cluster();
        each("outcome", &self.outcome, |outcome| check_outcome(outcome, &pools))?;
        each("fault", &self.fault, check_fault)
    }
}

impl<'a> Named<'a> {
    /// Returns what the pools of a cluster, or of all, say under a key.
    fn pools(&self, cluster: Option<&str>, key: &str) -> Vec<&'a str> {
        let here = |own: &&InitialCluster| cluster.is_none_or(|name| name.eq_ignore_ascii_case(&own.name));
        let pools = self.clusters.iter().filter(here).flat_map(InitialCluster::pools);
        pools.filter_map(|pool| pool[key].as_str()).collect()
    }

    /// Returns every cluster with its pools, by name.
    fn pools_by_cluster(&self) -> Vec<(&'a str, Vec<&'a str>)> {
        let pools = |cluster: &'a InitialCluster| cluster.pools().filter_map(|pool| pool["name"].as_str());
        self.clusters.iter().map(|cluster| (cluster.name.as_str(), pools(cluster).collect())).collect()
    }

    fn check_budget(&self, budget: &Budget) -> Result<(), Wrong> {
        check_names(Some(&budget.cluster), budget.pool.as_ref(), &self.pools_by_cluster())
    }

    fn check_quota(&self, quota: &Quota, catalogue: &Catalogue) -> Result<(), Wrong> {
        check_region(Some(&quota.location), catalogue)?;
        let here = |cluster: &&InitialCluster| {
            let own = cluster.body.get("location").and_then(Value::as_str).unwrap_or_default();
            own.replace(' ', "").eq_ignore_ascii_case(&quota.location)
        };
        let pools = self.clusters.iter().filter(here).flat_map(InitialCluster::pools);
        let families = pools.filter_map(|pool| pool["vmSize"].as_str()).map(|size| Size::of(size).family);
        let families: Vec<String> = families.chain(["cores".to_owned()]).collect();
        word::named(&quota.family, families.iter().map(String::as_str))
            .map_err(|why| Wrong::at("family", format!("of the sizes of pools in {}, {why}", quota.location)))
    }

    fn check_subnet(&self, subnet: &Subnet) -> Result<(), Wrong> {
        arm_id::subnet(&subnet.id).map_err(|why| Wrong::at("id", why))?;
        // Without any pool in a subnet it is one for pools to come.
        let pools = self.pools(None, "vnetSubnetID");
        if !pools.is_empty() {
            let found = word::named(&subnet.id, pools);
            found.map_err(|why| Wrong::at("id", format!("of the subnets of pools, {why}")))?;
        }
        let parts = subnet.prefix.split_once('/');
        let is_prefix = parts.is_some_and(|(address, length)| {
            address.parse::<std::net::Ipv4Addr>().is_ok()
                && length.parse::<u8>().is_ok_and(|length| length <= 29)
        });
        let why = || format!("\"{}\" is no prefix of a subnet such as \"10.240.0.0/24\".", subnet.prefix);
        if is_prefix { Ok(()) } else { Err(Wrong::at("prefix", why())) }
    }

    fn check_lock(&self, lock: &Lock) -> Result<(), Wrong> {
        let wrong = |why| Wrong::at("scope", why);
        let words = arm_id::words(lock.scope.trim_end_matches('/')).map_err(wrong)?;
        let (subscription, group) = (words.get(1).copied(), words.get(3).copied());
        let groups = self.groups();
        let of_all = groups.iter().map(|(subscription, _)| subscription.as_str());
        subscription.map_or(Ok(()), |own| word::named(own, of_all)).map_err(wrong)?;
        let here =
            |own: &str| subscription.is_some_and(|subscription| subscription.eq_ignore_ascii_case(own));
        let of_it = groups.iter().filter(|(own, _)| here(own)).map(|(_, group)| group.as_str());
        group.map_or(Ok(()), |group| word::named(group, of_it)).map_err(wrong)?;
        self.check_resource(words.get(5..).unwrap_or_default(), subscription, group).map_err(wrong)
    }

    /// Checks the resource at which a lock is, where it is a cluster, a pool or a Fleet.
    fn check_resource(
        &self,
        words: &[&str],
        subscription: Option<&str>,
        group: Option<&str>,
    ) -> Result<(), String> {
        let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let same =
            |own: &str, other: Option<&str>| other.is_some_and(|other| other.eq_ignore_ascii_case(own));
        match (lower.as_slice(), words) {
            (["microsoft.containerservice", "managedclusters", ..], [_, _, name, rest @ ..]) => {
                let here =
                    |own: &&InitialCluster| same(&own.subscription, subscription) && same(&own.group, group);
                let here = self.clusters.iter().filter(here);
                word::named(name, here.map(|own| own.name.as_str()))?;
                match rest {
                    [kind, pool, ..] if kind.eq_ignore_ascii_case("agentPools") => {
                        word::named(pool, self.pools(Some(name), "name"))
                    }
                    _ => Ok(()),
                }
            }
            (["microsoft.containerservice", "fleets", ..], [_, _, name, ..]) => {
                word::named(name, self.fleets.iter().map(|fleet| fleet.name.as_str()))
            }
            _ => Ok(()),
        }
    }

    /// Returns every resource group that a scenario speaks of, with its subscription.
    fn groups(&self) -> Vec<(String, String)> {
        let mut groups = vec![];
        for cluster in self.clusters {
            let nodes = cluster
                .body
                .get("properties")
                .and_then(|properties| properties["nodeResourceGroup"].as_str());
            let own = [Some(cluster.group.as_str()), nodes].into_iter().flatten();
            groups.extend(own.map(|group| (cluster.subscription.clone(), group.to_owned())));
        }
        for fleet in self.fleets {
            let first = fleet.member.first().and_then(|member| {
                self.clusters.iter().find(|cluster| cluster.name.eq_ignore_ascii_case(&member.cluster))
            });
            let subscription =
                fleet.subscription.clone().or(first.map(|cluster| cluster.subscription.clone()));
            let group = fleet.resource_group.clone().or(first.map(|cluster| cluster.group.clone()));
            groups.extend(subscription.zip(group));
        }
        for subnet in self.pools(None, "vnetSubnetID") {
            if let Ok([_, subscription, _, group, ..]) = arm_id::words(subnet).as_deref() {
                groups.push(((*subscription).to_owned(), (*group).to_owned()));
            }
        }
        groups
    }
}

fn check_names(
    cluster: Option<&String>,
    pool: Option<&String>,
    all: &[(&str, Vec<&str>)],
) -> Result<(), Wrong> {
    let found = cluster.map_or(Ok(()), |cluster| word::named(cluster, all.iter().map(|(name, _)| *name)));
    found.map_err(|why| Wrong::at("cluster", why))?;
    let here = |name: &str| cluster.is_none_or(|cluster| cluster.eq_ignore_ascii_case(name));
    let pools = all.iter().filter(|(name, _)| here(name)).flat_map(|(_, pools)| pools.iter().copied());
    let found = pool.map_or(Ok(()), |pool| word::named(pool, pools));
    found.map_err(|why| Wrong::at("pool", why))
}

/// Checks that an outcome can happen among clusters with these pools.
pub(super) fn check_outcome(outcome: &Outcome, all: &[(&str, Vec<&str>)]) -> Result<(), Wrong> {
    check_names(outcome.cluster.as_ref(), outcome.pool.as_ref(), all)?;
    outcome.check().map_err(|(key, why)| Wrong::at(key, why))
}

/// Checks that a fault can happen.
pub(super) fn check_fault(fault: &Fault) -> Result<(), Wrong> {
    const METHODS: [&str; 6] = ["GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"];
    let known = fault.method.as_ref().map_or(Ok(()), |method| word::known(method, METHODS));
    known.map_err(|why| Wrong::at("method", why))?;
    fault.check().map_err(|(key, why)| Wrong::at(key, why))
}
