//! Which change of version a PUT asks for, and whether Azure allows it.

use serde_json::Value;

use crate::simulator::catalogue::{self, Support};
use crate::simulator::version::{Version, Wish};
use crate::simulator::world::World;
use crate::simulator::world::cluster::{Cluster, Object, is_of_machines, is_spot, pool_version, text};
use crate::simulator::world::offers::names;
use crate::simulator::world::refusal::Refusal;

/// What a PUT on a cluster does to versions.
pub(super) struct ClusterChange {
    /// The version to which the control plane moves.
    pub control_plane: Option<Version>,
    /// The pools that move, in the order of the request, and their version.
    pub pools: Vec<(String, Version)>,
}

impl World {
    /// Judges the versions in the body of a PUT on a cluster.
    pub(super) fn judge_cluster(&self, cluster: &Cluster, sent: &Object) -> Result<ClusterChange, Refusal> {
        let current = cluster.version();
        if text(sent, "kubernetesVersion").parse::<Wish>().is_err() {
            return Err(Refusal::no_version("orchestratorProfile.OrchestratorVersion"));
        }
        let target = self
            .wanted(sent, "kubernetesVersion", current)
            .ok_or_else(|| self.unknown_version(cluster, sent))?;
        if target != current {
            self.judge_offer(cluster, target)?;
        }
        let pools = self.judge_pools(cluster, sent, target)?;
        if target != current {
            self.allow_control_plane(cluster, target, &pools)?;
        } else {
            self.allow_stay(cluster)?;
        }
        for pool in pools.iter().filter_map(|(name, _)| cluster.pool(name)) {
            self.judge_os(pool, target)?;
        }
        Ok(ClusterChange { control_plane: (target != current).then_some(target), pools })
    }

    /// Judges the version in the body of a PUT on a pool that does not go back; returns the one to
    /// which it moves.
    pub(super) fn judge_pool(
        &self,
        cluster: &Cluster,
        pool: &Object,
        sent: &Object,
    ) -> Result<Option<Version>, Refusal> {
        let current = pool_version(pool);
        let wanted = text(sent, "orchestratorVersion");
        if wanted.parse::<Wish>().is_err() {
            return Err(Refusal::no_version("agentpool.Properties.OrchestratorVersion"));
        }
        let target = self
            .wanted(sent, "orchestratorVersion", current)
            .ok_or_else(|| Refusal::pool_unsupported(wanted))?;
        if target == current {
            return Ok(None);
        }
        if target < current {
            return Err(Refusal::pool_downgrade(&current.to_string(), &target.to_string()));
        }
        let control_plane = cluster.version();
        if target > control_plane {
            return Err(Refusal::pool_too_new(&target.to_string(), &control_plane.to_string()));
        }
        if !self.catalogue.has(target, self.now) && target != control_plane {
            return Err(Refusal::pool_unsupported(&target.to_string()));
        }
        near_enough(target, control_plane)?;
        self.judge_os(pool, target)?;
        Ok(Some(target))
    }

    fn judge_pools(
        &self,
        cluster: &Cluster,
        sent: &Object,
        target: Version,
    ) -> Result<Vec<(String, Version)>, Refusal> {
        let Some(Value::Array(profiles)) = sent.get("agentPoolProfiles") else { return Ok(vec![]) };
        let known = profiles.iter().filter_map(Value::as_object);
        let known = known.filter_map(|profile| Some((profile, cluster.pool(text(profile, "name"))?)));
        let known: Vec<(&Object, &Object)> = known.filter(|(_, pool)| !is_of_machines(pool)).collect();
        let specified =
            known.iter().filter(|(profile, _)| profile.contains_key("orchestratorVersion")).count();
        if specified != 0 && specified != known.len() {
            return Err(Refusal::mixed_pools());
        }
        let mut moving = vec![];
        for (profile, pool) in known {
            let current = pool_version(pool);
            let wanted = self.wanted_by_pool(profile, current, target).ok_or_else(Refusal::mixed_pools)?;
            if wanted == current {
                continue;
            }
            if wanted != target || wanted < current {
                return Err(Refusal::mixed_pools());
            }
            moving.push((text(pool, "name").to_owned(), wanted));
        }
        Ok(moving)
    }

    /// Judges the version of a new pool; returns it.
    pub(super) fn judge_new_pool(&self, cluster: &Cluster, wanted: &str) -> Result<Version, Refusal> {
        let current = cluster.version();
        let wish = wanted.parse::<Wish>();
        let wish = wish.map_err(|_| Refusal::no_version("agentpool.Properties.OrchestratorVersion"))?;
        let version = self.catalogue.resolve(wish, current, self.now);
        let version = version.ok_or_else(|| Refusal::pool_unsupported(wanted))?;
        let long_term = self.catalogue.support(version.minor, self.now) == Support::LongTerm;
        let only = long_term && !cluster.long_term() && self.service.refuse_unsupported;
        if version != current && (only || !self.catalogue.has(version, self.now)) {
            return Err(Refusal::pool_unsupported(&version.to_string()));
        }
        if version > current {
            return Err(Refusal::pool_too_new(&version.to_string(), &current.to_string()));
        }
        near_enough(version, current)?;
        Ok(version)
    }

    /// Refuses the version of a new cluster that is not offered, or to long-term support only.
    pub(super) fn judge_new_version(
        &self,
        name: &str,
        version: Version,
        long_term: bool,
    ) -> Result<(), Refusal> {
        let only = self.catalogue.support(version.minor, self.now) == Support::LongTerm;
        if !self.catalogue.has(version, self.now) {
            return Err(Refusal::unsupported(name, &version.to_string()));
        }
        if only && !long_term && self.service.refuse_unsupported {
            return Err(Refusal::long_term_only(name, &version.to_string()));
        }
        Ok(())
    }

    /// Refuses a version to which the control plane is not offered to move.
    fn judge_offer(&self, cluster: &Cluster, target: Version) -> Result<(), Refusal> {
        let current = cluster.version();
        let offers = self.cluster_offers(cluster);
        if target > current && !self.catalogue.has(target, self.now) {
            return Err(Refusal::unsupported(&cluster.place.name, &target.to_string()));
        }
        if !offers.iter().any(|offer| offer.version == target) {
            return Err(Refusal::not_offered(&current.to_string(), &target.to_string(), &names(&offers)));
        }
        Ok(())
    }

    /// Refuses a version on which the nodes of a pool cannot run.
    pub(super) fn judge_os(&self, pool: &Object, version: Version) -> Result<(), Refusal> {
        let os_sku = text(pool, "osSKU");
        if catalogue::runs(os_sku, version.minor) {
            return Ok(());
        }
        Err(Refusal::os_ended(text(pool, "name"), os_sku, &version.to_string()))
    }

    fn allow_control_plane(
        &self,
        cluster: &Cluster,
        target: Version,
        pools: &[(String, Version)],
    ) -> Result<(), Refusal> {
        // Control planes wait for their Windows pools (Azure/AKS#4168); Linux pools may stay behind.
        for pool in cluster.pools.iter().filter(|pool| text(pool, "osType") == "Windows") {
            self.judge_os(pool, target)?;
        }
        // Docs: spot-node-pool, limitations. Pools alone, or the control plane alone, may move.
        let spot = |(name, _): &&(String, Version)| cluster.pool(name).is_some_and(is_spot);
        if let Some((name, _)) = pools.iter().find(spot) {
            return Err(Refusal::spot_with_control_plane(name));
        }
        for pool in cluster.pools.iter().filter(|pool| !is_of_machines(pool)) {
            let moves = pools.iter().any(|(name, _)| name.eq_ignore_ascii_case(text(pool, "name")));
            near_enough(if moves { target } else { pool_version(pool) }, target)?;
        }
        // Upgrades of LTS clusters wait for pools on versions without support (AKS changelog of 2024-08-05).
        let unsupported = |pool: &&Object| {
            self.catalogue.support(pool_version(pool).minor, self.now) == Support::None
                && !is_of_machines(pool)
                && !pools.iter().any(|(name, _)| name.eq_ignore_ascii_case(text(pool, "name")))
        };
        let lagging = cluster.pools.iter().find(unsupported).filter(|_| cluster.long_term());
        if let Some(pool) = lagging.filter(|_| target.minor > cluster.version().minor) {
            return Err(Refusal::long_term_pool(text(pool, "name"), &pool_version(pool).to_string()));
        }
        let whole = pools.len() == cluster.pools.iter().filter(|pool| !is_of_machines(pool)).count();
        // "Full cluster upgrade only": from outside of support, and while a channel moves both together.
        if !whole && (self.is_outside_support(cluster) || follows_channel(cluster)) {
            return Err(Refusal::mixed_pools());
        }
        Ok(())
    }

    /// Refuses a PUT that would keep a cluster on a version that only long-term support has.
    fn allow_stay(&self, cluster: &Cluster) -> Result<(), Refusal> {
        let current = cluster.version();
        let long_term = self.catalogue.support(current.minor, self.now) == Support::LongTerm;
        if long_term && !cluster.long_term() && self.service.refuse_unsupported {
            return Err(Refusal::long_term_only(&cluster.place.name, &current.to_string()));
        }
        Ok(())
    }

    fn is_outside_support(&self, cluster: &Cluster) -> bool {
        match self.catalogue.support(cluster.version().minor, self.now) {
            Support::Community => false,
            Support::LongTerm => !cluster.long_term(),
            Support::None => true,
        }
    }

    fn wanted(&self, sent: &Object, key: &str, current: Version) -> Option<Version> {
        let wish = text(sent, key).parse::<Wish>().ok()?;
        self.catalogue.resolve(wish, current, self.now)
    }

    fn wanted_by_pool(&self, profile: &Object, current: Version, target: Version) -> Option<Version> {
        match text(profile, "orchestratorVersion").parse::<Wish>().ok()? {
            // An alias of the control plane's minor means the control plane's patch.
            Wish::Alias(minor) if minor == target.minor && minor != current.minor => Some(target),
            wish => self.catalogue.resolve(wish, current, self.now),
        }
    }

    fn unknown_version(&self, cluster: &Cluster, sent: &Object) -> Refusal {
        Refusal::unsupported(&cluster.place.name, text(sent, "kubernetesVersion"))
    }
}

/// Pools are at most three minors behind their control plane (since 1.28; before, two).
fn near_enough(pool: Version, control_plane: Version) -> Result<(), Refusal> {
    if pool.minor + 3 >= control_plane.minor {
        return Ok(());
    }
    let (old, new) = (pool.to_string(), control_plane.to_string());
    Err(Refusal::pool_too_old((pool.minor, &old), (control_plane.minor, &new)))
}

fn follows_channel(cluster: &Cluster) -> bool {
    cluster.channel("upgradeChannel").is_some_and(|channel| matches!(channel, "patch" | "stable" | "rapid"))
}
