//! The law of facts: no state holds a value that Azure did not show. Read from the bodies, and not by the provider's code.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::opening::{is_open, is_open_to};

/// Tells whether all facts of a state are those of one body of its cluster.
pub fn are_of(state: &Json, cluster: &Json) -> bool {
    let properties = &cluster["properties"];
    let runs = |body: &Json, current: &str, wanted: &str| match body[current].as_str() {
        Some(version) => version.to_owned(),
        None => body[wanted].as_str().unwrap_or_default().to_owned(),
    };
    let version = &state["current_version"];
    if version.is_string() && *version != runs(properties, "currentKubernetesVersion", "kubernetesVersion") {
        return false;
    }
    let pools = properties["agentPoolProfiles"].as_array().cloned().unwrap_or_default();
    let of = |name: &str| pools.iter().find(|pool| pool["name"] == name);
    let whole = |map: &Json, is_fact: &dyn Fn(&Json, &Json) -> bool| match map.as_object() {
        None => true,
        // A pool that was added meanwhile waits for the next refresh.
        Some(map) => map.iter().all(|(name, entry)| of(name).is_some_and(|pool| is_fact(entry, pool))),
    };
    let node_pool = |entry: &Json, pool: &Json| {
        entry["current_version"].as_str().unwrap_or_default()
            == runs(pool, "currentOrchestratorVersion", "orchestratorVersion")
            && entry["node_image_version"] == pool["nodeImageVersion"]
            && entry["os_sku"] == pool["osSKU"]
            && (entry["mode"] == "System") == (pool["mode"] == "System")
    };
    let image = |entry: &Json, pool: &Json| {
        entry["current"] == pool["nodeImageVersion"]
            && entry["os_sku"] == pool["osSKU"]
            && entry["published"].as_str().map(str::to_owned) == published(&pool["nodeImageVersion"])
    };
    whole(&state["node_pools"], &node_pool) && whole(&state["images"], &image)
}

/// Returns the day that is in an image's version: `202610.19.0` of Linux, `20348.2700.261013` of Windows.
pub fn published(image: &Json) -> Option<String> {
    let version = image.as_str()?.rsplit('-').next()?;
    let parts: Vec<&str> = version.split('.').collect();
    let (first, last) = (*parts.first()?, *parts.last()?);
    match (first.len(), last.len()) {
        (6, _) => Some(format!("{}-{}-{:0>2}", &first[..4], &first[4..], parts.get(1)?)),
        (_, 6) => Some(format!("20{}-{}-{}", &last[..2], &last[2..4], &last[4..])),
        _ => None,
    }
}

/// Tells whether Azure has offered every latest image of a state.
pub fn were_offered(state: &Json, offered: &[String]) -> bool {
    let images = state["images"].as_object().into_iter().flatten();
    let mut latest = images.filter_map(|(_, entry)| entry["latest"].as_str());
    latest.all(|latest| offered.iter().any(|image| image == latest))
}

/// Tells whether the next window of a state is an opening that has not closed: both ends are edges of one, for some kind of
/// work on some part of the cluster.
///
/// While an override counts, it began with the state.
pub fn is_an_opening(state: &Json, now: Timestamp) -> bool {
    let edge =
        |name: &str| state["next_window"][name].as_str().map(|text| text.parse::<Timestamp>().unwrap());
    let (Some(start), Some(end)) = (edge("start"), edge("end")) else { return true };
    let pools = ["node_pools", "images"].into_iter().filter_map(|map| state[map].as_object());
    let pools: Vec<Option<&str>> =
        pools.flat_map(|map| map.keys().map(|name| Some(name.as_str()))).chain([None]).collect();
    let second = SignedDuration::from_secs(1);
    let is_edge = |shut: Timestamp, open: Timestamp| {
        let of = |kind: &&str, pool: Option<&str>| {
            is_open_to(state, kind, pool, open) && !is_open_to(state, kind, pool, shut)
        };
        // The whole cluster is shut where any pool is, also one that is gone.
        let of_whole = |kind: &&str| is_open(state, kind, open) && !is_open(state, kind, shut);
        let kinds = ["minor", "patch", "node_image"];
        kinds.iter().any(|kind| of_whole(kind) || pools.iter().any(|pool| of(kind, *pool)))
    };
    let is_overridden = state["override"].is_object() && start <= now;
    end > now && (is_overridden || is_edge(start - second, start)) && is_edge(end, end - second)
}

/// Returns the bodies of a cluster in an answer: its own, or one of a list.
pub fn bodies<'a>(answer: &'a Json, id: &str) -> Vec<&'a Json> {
    let listed = answer["value"].as_array().into_iter().flatten();
    let is_it = |body: &&Json| body["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id));
    listed.chain([answer]).filter(is_it).collect()
}
