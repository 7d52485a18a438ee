//! What Azure asks of a pool, its version apart: name, mode, nodes, upgrade settings, what never changes.

use serde_json::Value;

use crate::simulator::world::World;
use crate::simulator::world::cluster::{Cluster, Object, is_spot, nodes, stopped, text};
use crate::simulator::world::refusal::Refusal;

/// The greatest number of nodes of a pool.
const MOST_NODES: u32 = 1000;

/// Refuses the name of a new pool.
pub(super) fn judge_name(name: &str, os_type: &str) -> Result<(), Refusal> {
    let rest = name.strip_prefix(|first: char| first.is_ascii_lowercase());
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    // Azure/AKS#3300.
    if name.len() > 12 || !rest.is_some_and(|rest| rest.chars().all(plain)) {
        let message = "The value of parameter agentPoolProfile.name is invalid. Please see https://aka.ms/aks-naming-rules for more details.";
        return Err(Refusal::invalid("agentPoolProfile.name", message));
    }
    if os_type.eq_ignore_ascii_case("Windows") && name.len() > 6 {
        return Err(Refusal::windows_name_too_long(name));
    }
    // AKS changelog of 2025-04-27.
    if name == "aksmanagedap" {
        return Err(Refusal::value("agentPoolProfile.name", "aksmanagedap is reserved."));
    }
    Ok(())
}

/// Judges a pool as it would be after a PUT; `before` is none for a new one, `sent` what the PUT holds.
pub(super) fn judge(before: Option<&Object>, after: &Object, sent: &Object) -> Result<(), Refusal> {
    judge_nodes(after, sent)?;
    if sent.get("upgradeSettings").is_some_and(Value::is_object) {
        judge_upgrade_settings(after, sent)?;
    }
    before.map_or(Ok(()), |before| judge_changes(before, sent))
}

/// The sentence on the count was reported (kubernetes-sigs/cluster-api-provider-azure#5947).
fn judge_nodes(after: &Object, sent: &Object) -> Result<(), Refusal> {
    let system = text(after, "mode") == "System";
    let least = u32::from(system && !stopped(after));
    let count = sent.get("count").and_then(Value::as_i64);
    let in_limits = |count: i64| (i64::from(least)..=i64::from(MOST_NODES)).contains(&count);
    if let Some(count) = count.filter(|count| !in_limits(*count)) {
        let message = format!(
            "agentPoolProfile.count was {count}. It must be greater or equal to minCount:{least} and less than or equal to maxCount:{MOST_NODES}. If allowedMinCount was expected to be 0 but is 1: 1) The nodepool is a VMAS pool. 2) api Version is less than 2020-03-01. 3) The node is a system pool."
        );
        return Err(Refusal::invalid("agentPoolProfile.count", message));
    }
    if system && text(after, "osType") == "Windows" {
        // Docs: use-system-pools, limitations.
        return Err(Refusal::value("agentPoolProfile.mode", "System pools must have osType Linux."));
    }
    Ok(())
}

/// Judges surge, unavailability, drain and soak; the sentences are ours, but for the one on Spot pools.
fn judge_upgrade_settings(after: &Object, sent: &Object) -> Result<(), Refusal> {
    let invalid =
        |key: &str, details: &str| Err(Refusal::value(&format!("agentPoolProfile.upgrade.{key}"), details));
    let settings = |object: &Object, key: &str| {
        let value = object.get("upgradeSettings").and_then(|settings| settings.get(key));
        value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    for (key, spot) in [("maxSurge", "max surge"), ("maxUnavailable", "max unavailable")] {
        let Some(value) = settings(sent, key) else { continue };
        if is_spot(after) {
            return invalid(key, &format!("Spot pools can't set {spot}."));
        }
        if share(&value).is_none() {
            return invalid(key, &format!("{value} must be a number of nodes, or 1% to 100% of them."));
        }
    }
    let zero = |key: &str, otherwise: bool| {
        settings(after, key).and_then(|value| share(&value)).map_or(otherwise, |share| share == 0)
    };
    // Docs: upgrade-aks-node-pools-rolling.
    if text(after, "mode") == "System" && !zero("maxUnavailable", true) {
        return invalid("maxUnavailable", "System pools can't set max unavailable.");
    }
    if !is_spot(after) && zero("maxSurge", false) && zero("maxUnavailable", true) {
        return invalid("maxSurge", "maxSurge and maxUnavailable can't both be 0.");
    }
    // The schema says 1; the service has asked for 5 since its release of 2024-08-05.
    let drain = sent["upgradeSettings"].get("drainTimeoutInMinutes").and_then(Value::as_i64);
    if drain.is_some_and(|minutes| minutes < 5) {
        return invalid("drainTimeoutInMinutes", "it must be between 5 and 1440.");
    }
    Ok(())
}

/// Reads `3` or `33%`.
fn share(text: &str) -> Option<u32> {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse().ok().filter(|percent| (1..=100).contains(percent)),
        None => text.parse().ok().filter(|_| !text.starts_with('+')),
    }
}

/// What a PUT cannot change (docs: spot-node-pool, resize-node-pool).
const FIXED: [&str; 4] = ["osType", "scaleSetPriority", "scaleSetEvictionPolicy", "type"];

/// What Azure does not show although it holds.
const DEFAULTS: [&str; 2] = ["Regular", "Delete"];

fn judge_changes(before: &Object, sent: &Object) -> Result<(), Refusal> {
    let differs = |key: &&&str| {
        let (own, wanted) = (text(before, key), text(sent, key));
        let same = wanted.eq_ignore_ascii_case(own) || own.is_empty() && DEFAULTS.contains(&wanted);
        !wanted.is_empty() && !same
    };
    let changed = FIXED.iter().find(differs);
    changed.map_or(Ok(()), |key| Err(Refusal::fixed(&format!("agentPoolProfile.{key}"))))
}

impl World {
    /// Refuses what would leave a cluster without a System pool, or without a running one.
    ///
    /// Docs: use-system-pools. That a System pool cannot be stopped: start-stop-nodepools, limitations.
    pub(super) fn judge_system_pools(
        &self,
        cluster: &Cluster,
        name: &str,
        after: Option<&Object>,
    ) -> Result<(), Refusal> {
        let system = |pool: &Object| text(pool, "mode").eq_ignore_ascii_case("System");
        let is_own = |pool: &&Object| text(pool, "name").eq_ignore_ascii_case(name);
        let was = cluster.pools.iter().find(is_own).is_some_and(system);
        let others = cluster.pools.iter().any(|pool| !is_own(&pool) && system(pool));
        if was && !others && !after.is_some_and(system) {
            return Err(Refusal::no_system_pool());
        }
        let stops = after.is_some_and(|pool| system(pool) && stopped(pool) && nodes(pool) > 0);
        if stops && !cluster.pools.iter().find(is_own).is_some_and(stopped) {
            return Err(Refusal::value("agentPoolProfile.powerState", "System pools can't be stopped."));
        }
        Ok(())
    }
}
