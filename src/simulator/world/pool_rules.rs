//! What Azure asks of a pool, its version apart: name, mode, nodes, upgrade settings, what never changes.

use serde_json::Value;

use crate::simulator::rules::{is_pool_name, share};
use crate::simulator::world::cluster::{Cluster, Object, is_spot, nodes, profiles, stopped, text};
use crate::simulator::world::fixed;
use crate::simulator::world::limits::surge::at_once;
use crate::simulator::world::refusal::Refusal;

/// The greatest number of nodes of a pool.
const MOST_NODES: u32 = 1000;

/// Refuses the name of a new pool.
pub(super) fn judge_name(name: &str, os_type: &str) -> Result<(), Refusal> {
    if !is_pool_name(name) {
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
    judge_os_sku(before, after, sent)?;
    judge_nodes(after, sent)?;
    judge_scaling(before, after, sent)?;
    judge_spot(after, sent)?;
    judge_blue_green(sent)?;
    judge_taint_texts(sent)?;
    judge_taints(before, after)?;
    judge_pods(before, sent)?;
    if sent.get("upgradeSettings").is_some_and(Value::is_object) {
        judge_upgrade_settings(after, sent)?;
    }
    before.map_or(Ok(()), |before| fixed::judge(before, sent, &fixed::POOL, "agentPoolProfile."))
}

/// Refuses taints of one's own on a System pool (recorded); those that it had before may stay.
fn judge_taints(before: Option<&Object>, after: &Object) -> Result<(), Refusal> {
    let own =
        |taint: &&str| !taint.starts_with("CriticalAddonsOnly") && !taint.ends_with(":PreferNoSchedule");
    let tainted = |pool: &Object| {
        let lists = ["nodeTaints", "nodeInitializationTaints"].into_iter().filter_map(|key| pool.get(key));
        let mut taints = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        text(pool, "mode") == "System" && taints.any(|taint| own(&taint))
    };
    if tainted(after) && !before.is_some_and(tainted) { Err(Refusal::restricted_taint()) } else { Ok(()) }
}

/// A taint is `key=value:Effect` or `key:Effect` (docs: use-node-taints). The sentence is ours.
fn judge_taint_texts(sent: &Object) -> Result<(), Refusal> {
    let fits = |taint: &str| {
        let plain = !taint.contains(char::is_whitespace) && !taint.starts_with(['=', ':']);
        let effect = taint.rsplit_once(':').map_or("", |(_, effect)| effect);
        plain && ["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect)
    };
    for key in ["nodeTaints", "nodeInitializationTaints"] {
        let taints = sent.get(key).and_then(Value::as_array).into_iter().flatten();
        if let Some(taint) = taints.filter_map(Value::as_str).find(|taint| !fits(taint)) {
            let why = format!("{taint} must be a taint such as key=value:NoSchedule.");
            return Err(Refusal::value(&format!("agentPoolProfile.{key}"), &why));
        }
    }
    Ok(())
}

/// A node takes from 10 to 250 pods (docs: azure-cni-overview). The sentence is ours.
fn judge_pods(before: Option<&Object>, sent: &Object) -> Result<(), Refusal> {
    let pods = sent.get("maxPods").and_then(Value::as_i64).filter(|_| before.is_none());
    match pods.filter(|pods| !(10..=250).contains(pods)) {
        Some(pods) => {
            let why = format!("{pods} is invalid, it must be between 10 and 250.");
            Err(Refusal::value("agentPoolProfile.maxPods", &why))
        }
        None => Ok(()),
    }
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

/// Refuses to move nodes that are with those of the surge more than a scale set holds: before it starts (docs:
/// upgrade-aks-node-pools-rolling). The sentence is ours.
pub(super) fn judge_surge(pool: &Object) -> Result<(), Refusal> {
    let all = at_once(pool);
    if all <= MOST_NODES {
        return Ok(());
    }
    let (own, surge) = (nodes(pool), all - nodes(pool));
    let why = format!("{own} nodes and {surge} surge nodes are more than {MOST_NODES}.");
    Err(Refusal::value("agentPoolProfile.upgrade.maxSurge", &why))
}

/// An OS SKU belongs to one OS type, which is Linux unless it is said (OpenAPI description). The sentence is ours.
fn judge_os_sku(before: Option<&Object>, after: &Object, sent: &Object) -> Result<(), Refusal> {
    let own = before.map_or(text(sent, "osType"), |before| text(before, "osType"));
    let os_type = if own.is_empty() { "Linux" } else { own };
    let os_sku = text(after, "osSKU");
    let fits = os_sku.is_empty() || os_sku.starts_with("Windows") == (os_type == "Windows");
    if fits || sent.get("osSKU").is_none() {
        return Ok(());
    }
    Err(Refusal::value("agentPoolProfile.osSKU", &format!("{os_sku} is not for osType {os_type}.")))
}

/// Limits of the autoscaler belong together, and to a range (docs: cluster-autoscaler). The sentences are ours.
fn judge_scaling(before: Option<&Object>, after: &Object, sent: &Object) -> Result<(), Refusal> {
    let number = |object: &Object, key: &str| object.get(key).and_then(Value::as_i64);
    let touched =
        ["enableAutoScaling", "minCount", "maxCount", "count"].into_iter().any(|key| sent.contains_key(key));
    if after.get("enableAutoScaling").is_none_or(|on| on != true) {
        let limit = ["minCount", "maxCount"].into_iter().find(|key| number(sent, key).is_some());
        let alone =
            |key| Refusal::value(&format!("agentPoolProfile.{key}"), "it needs enableAutoScaling true.");
        return limit.map_or(Ok(()), |key| Err(alone(key)));
    }
    if !touched {
        return Ok(());
    }
    let limit = |key: &str| {
        let missing = format!("{key} is required while enableAutoScaling is true.");
        let number = after.get(key).and_then(Value::as_i64);
        number.ok_or_else(|| Refusal::value(&format!("agentPoolProfile.{key}"), &missing))
    };
    let (least, most) = (limit("minCount")?, limit("maxCount")?);
    let lowest = i64::from(text(after, "mode") == "System");
    if least < lowest || least > most {
        let why = format!("it must be between {lowest} and maxCount {most}.");
        return Err(Refusal::value("agentPoolProfile.minCount", &why));
    }
    // A count that is sent back as it is shown is no wish.
    let count = number(sent, "count")
        .filter(|count| before.and_then(|before| number(before, "count")) != Some(*count));
    if let Some(count) = count.filter(|count| !stopped(after) && !(least..=most).contains(count)) {
        let message = format!(
            "agentPoolProfile.count was {count}. It must be greater or equal to minCount:{least} and less than or equal to maxCount:{most}."
        );
        return Err(Refusal::invalid("agentPoolProfile.count", message));
    }
    if most > i64::from(MOST_NODES) {
        return Err(Refusal::value(
            "agentPoolProfile.maxCount",
            &format!("it must be at most {MOST_NODES}."),
        ));
    }
    Ok(())
}

/// Docs: spot-node-pool, use-system-pools; the price: OpenAPI description. The sentences are ours.
fn judge_spot(after: &Object, sent: &Object) -> Result<(), Refusal> {
    if is_spot(after) && text(after, "mode") == "System" {
        return Err(Refusal::value("agentPoolProfile.scaleSetPriority", "System pools can't be Spot pools."));
    }
    let price = sent.get("spotMaxPrice").and_then(Value::as_f64);
    if price.is_some_and(|price| price <= 0.0 && (price + 1.0).abs() > f64::EPSILON) {
        return Err(Refusal::value("agentPoolProfile.spotMaxPrice", "it must be greater than 0, or -1."));
    }
    Ok(())
}

/// OpenAPI description of 2026-08-02-preview. The sentence is ours.
fn judge_blue_green(sent: &Object) -> Result<(), Refusal> {
    let settings = sent.get("upgradeSettingsBlueGreen");
    let Some(batch) = settings.and_then(|settings| settings["drainBatchSize"].as_str()) else {
        return Ok(());
    };
    if share(batch).is_some_and(|share| share > 0) {
        return Ok(());
    }
    let target = "agentPoolProfile.upgradeSettingsBlueGreen.drainBatchSize";
    Err(Refusal::value(target, &format!("{batch} must be a number of nodes above 0, or 1% to 100% of them.")))
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

/// Refuses pools of which none is a System pool although one was, or one is stopped.
///
/// Docs: use-system-pools. That a System pool cannot be stopped: start-stop-nodepools, limitations.
pub(super) fn judge_system_pools(before: &[Object], after: &[Object]) -> Result<(), Refusal> {
    let system = |pool: &&Object| text(pool, "mode").eq_ignore_ascii_case("System");
    if before.iter().any(|pool| system(&pool)) && !after.iter().any(|pool| system(&pool)) {
        return Err(Refusal::no_system_pool());
    }
    let was_stopped = |pool: &Object| {
        before.iter().any(|own| text(own, "name").eq_ignore_ascii_case(text(pool, "name")) && stopped(own))
    };
    let stops = |pool: &&Object| stopped(pool) && nodes(pool) > 0 && !was_stopped(pool);
    if after.iter().filter(system).any(|pool| stops(&pool)) {
        return Err(Refusal::value("agentPoolProfile.powerState", "System pools can't be stopped."));
    }
    Ok(())
}

/// Recorded.
pub(super) fn judge_managed(cluster: &Cluster, new: &Object) -> Result<(), Refusal> {
    let managed = |pool: &Object| text(pool, "mode") == "ManagedSystem";
    if managed(new) && cluster.pools.iter().any(managed) {
        let message = "'ManagedSystem' pool is limited to one per cluster";
        return Err(Refusal::invalid("agentPoolProfile.mode", message));
    }
    Ok(())
}

/// Refuses two pools of one name in one request; names are compared in any case. The sentence is ours.
pub(super) fn judge_names(sent: &Object) -> Result<(), Refusal> {
    let mut names: Vec<String> = profiles(sent).map(|pool| text(pool, "name").to_ascii_lowercase()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()) {
        Some(name) => {
            Err(Refusal::value("agentPoolProfile.name", &format!("{name} is the name of two pools.")))
        }
        None => Ok(()),
    }
}
