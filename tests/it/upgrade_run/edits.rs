//! The law of a body that is written back: every field as it was read, and nothing changed but what the step names.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Value as Json;

use super::azure::Exchange;
use super::laws::{is_whole, running, wanted};

/// A PUT sends back every field that was read, and changes only what its step names.
pub fn edited(write: &Exchange, before: &[Exchange], block: &Json) -> Vec<String> {
    let read = before.iter().rev().find(|one| one.path == write.path && one.method == "GET");
    let Some(read) = read.map(Exchange::answer) else { return vec!["it was never read".into()] };
    let mut changed = BTreeMap::new();
    differ(&read, &write.sent, "", &mut changed);
    let wrong = changed.into_iter().filter(|(path, _)| !is_named(path, write, &read, block));
    wrong.map(|(path, how)| format!("{path} was {how}, which no step names")).collect()
}

/// Tells whether the step of a write changes a field, and to this value.
fn is_named(path: &str, write: &Exchange, read: &Json, block: &Json) -> bool {
    let sent = write.sent.pointer(path);
    if path.starts_with("/identity/userAssignedIdentities/") || path.ends_with("/nodeImageVersion") {
        return sent.is_none();
    }
    let Some(sent) = sent else { return false };
    if let Some((channel, to)) = write.channel()
        && path.starts_with("/properties/autoUpgradeProfile")
    {
        let profile = &write.sent["properties"]["autoUpgradeProfile"];
        let alone = path.ends_with(channel) || profile.as_object().is_some_and(|profile| profile.len() == 1);
        return alone && profile[channel] == to;
    }
    let (part, field) = of_pool(path, write);
    let pool = part.and_then(|part| read.pointer(part)).unwrap_or(&Json::Null);
    let moves = write.pool().is_some() || is_whole(write);
    match field {
        "kubernetesVersion" => write.channel().is_none() || sent.as_str() == running(write),
        "orchestratorVersion" if moves => sent.as_str() == wanted(write),
        "orchestratorVersion" => *sent == pool["currentOrchestratorVersion"],
        "creationData" => moves && sent.is_null() && may_leave(pool, write, block),
        "upgradeSettings" => {
            moves
                && sent
                    .as_object()
                    .is_some_and(|all| all.iter().all(|(name, to)| is_set(name, to, pool, block)))
        }
        other => {
            let setting = other.strip_prefix("upgradeSettings/").filter(|_| moves);
            setting.is_some_and(|name| is_set(name, sent, pool, block))
        }
    }
}

/// Returns the path of the pool that a field belongs to, and the field in it; of a field of the cluster, no pool.
fn of_pool<'a>(path: &'a str, write: &Exchange) -> (Option<&'a str>, &'a str) {
    let field = path.strip_prefix("/properties/").unwrap_or(path);
    if write.pool().is_some() {
        return (Some("/properties"), field);
    }
    let Some(rest) = field.strip_prefix("agentPoolProfiles/") else { return (None, field) };
    let Some((place, field)) = rest.split_once('/') else { return (None, "agentPoolProfiles") };
    (Some(&path[.."/properties/agentPoolProfiles/".len() + place.len()]), field)
}

/// Tells whether the rollout sets a pool's upgrade setting to a value. Azure takes no surge for Spot.
fn is_set(name: &str, to: &Json, pool: &Json, block: &Json) -> bool {
    let rollout = &block["rollout"];
    let minutes = |text: &str| text.parse::<SignedDuration>().unwrap().as_mins();
    pool["scaleSetPriority"] != "Spot"
        && match name {
            "maxSurge" => *to == rollout["max_surge"],
            "drainTimeoutInMinutes" => rollout["drain_timeout"].as_str().map(minutes) == to.as_i64(),
            _ => false,
        }
}

/// Tells whether a pool may leave the snapshot that it was made from.
fn may_leave(pool: &Json, write: &Exchange, block: &Json) -> bool {
    let name = write.pool().or(pool["name"].as_str()).unwrap_or_default();
    let pools = block["rollout"]["include_snapshot_pools"].as_array();
    pools.is_some_and(|pools| pools.iter().any(|one| one == name))
}

fn differ(read: &Json, sent: &Json, path: &str, changed: &mut BTreeMap<String, &'static str>) {
    match (read, sent) {
        (Json::Object(read), Json::Object(sent)) => {
            for (name, value) in read {
                match sent.get(name) {
                    Some(now) => differ(value, now, &format!("{path}/{name}"), changed),
                    None => {
                        changed.insert(format!("{path}/{name}"), "left out");
                    }
                }
            }
            let new = sent.keys().filter(|name| !read.contains_key(*name));
            changed.extend(new.map(|name| (format!("{path}/{name}"), "added")));
        }
        (Json::Array(read), Json::Array(sent)) if read.len() == sent.len() => {
            for (index, (read, sent)) in read.iter().zip(sent).enumerate() {
                differ(read, sent, &format!("{path}/{index}"), changed);
            }
        }
        (read, sent) if read == sent => {}
        _ => {
            changed.insert(path.to_owned(), "changed");
        }
    }
}
