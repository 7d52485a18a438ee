//! The order of a plan, held against the cluster that it was made for.
//!
//! The control plane comes first by the law of versions; here are the pools: which of them a rollout leaves alone, and
//! which comes before which.

use serde_json::Value as Json;

use super::azure::Exchange;
use super::facts::published;
use super::laws::{Permit, is_unfinished, numbers, pools, running, wanted};

/// Returns what is wrong with the pools of a plan: one that is to be left alone, two in the wrong order.
pub fn ordered(write: &Exchange, before: &[Exchange], permit: &Permit) -> Vec<String> {
    let rollout = &permit.config["rollout"];
    let mut broken = Vec::new();
    if let Some(pool) = write.pool() {
        let excluded = rollout["exclude_pools"].as_array().into_iter().flatten().any(|name| name == pool);
        if excluded || rollout["control_plane_only"] == true {
            broken.push(format!("the rollout leaves {pool} alone"));
        }
    }
    let is_own = |one: &Exchange| one.at >= permit.from && one.is_write() && one.cluster() == write.cluster();
    if wanted(write) != running(write)
        && permit.config["exclude_versions"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|one| Some(one.as_str().unwrap()) == wanted(write))
    {
        broken.push("the policy excludes that version".to_owned());
    }
    if before.iter().any(is_own) {
        return broken;
    }
    for (place, step) in permit.promised.iter().enumerate() {
        for later in &permit.promised[place + 1..] {
            let ranks = (rank(step, permit), rank(later, permit));
            if let (true, (Some(one), Some(other))) = (is_alike(step, later), ranks)
                && other < one
            {
                broken.push(format!("the plan has {step} before {later}"));
            }
        }
    }
    broken
}

/// Tells whether two steps are of pools and of the same kind, to the same version.
fn is_alike(one: &Json, other: &Json) -> bool {
    let is_image = |step: &Json| step["component"].as_str().unwrap_or_default().starts_with("image_");
    let is_same = one["to"] == other["to"];
    is_image(one) == is_image(other) && (is_image(one) || is_same)
}

/// Returns the place of a pool among others: as `pool_order` says, of images the oldest first, system before user, by
/// name. `None` of what failed, which is repaired before anything else, and of an image where windows are for pools.
fn rank(step: &Json, permit: &Permit) -> Option<(usize, Option<String>, bool, String)> {
    let name = step["node_pool"].as_str()?;
    let pool = pools(&permit.planned_on["properties"]).find(|pool| pool["name"] == name)?;
    let is_image = step["component"].as_str().unwrap_or_default().starts_with("image_");
    let windows = permit.config["maintenance_window"].as_array().into_iter().flatten();
    let apart = windows.into_iter().any(|window| window["node_pools"].is_array());
    let repairs = numbers(step["from"].as_str()) == numbers(step["to"].as_str());
    if is_unfinished(pool) || repairs || is_image && apart {
        return None;
    }
    let user = pool["mode"] != "System";
    let order = permit.config["rollout"]["pool_order"].as_array().into_iter().flatten();
    let names = order.flat_map(|group| group.as_array().into_iter().flatten());
    let names: Vec<&Json> = names.collect();
    let word = if user { "user" } else { "system" };
    let place = |wanted: &str| names.iter().position(|named| **named == wanted);
    let place = place(name).or_else(|| place(word)).unwrap_or(usize::MAX);
    let date = is_image.then(|| published(&pool["nodeImageVersion"])).flatten();
    Some((place, date, user, name.to_owned()))
}
