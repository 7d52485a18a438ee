//! The law of facts: no state holds a value that Azure did not show. Read from the bodies, and not by the provider's code.

use serde_json::Value as Json;

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
        entry["current"] == pool["nodeImageVersion"] && entry["os_sku"] == pool["osSKU"]
    };
    whole(&state["node_pools"], &node_pool) && whole(&state["images"], &image)
}

/// Returns the bodies of a cluster in an answer: its own, or one of a list.
pub fn bodies<'a>(answer: &'a Json, id: &str) -> Vec<&'a Json> {
    let listed = answer["value"].as_array().into_iter().flatten();
    let is_it = |body: &&Json| body["id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id));
    listed.chain([answer]).filter(is_it).collect()
}
