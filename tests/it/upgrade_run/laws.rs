//! The invariants of the provider, held against every request that Azure saw.
//!
//! Nothing here uses the provider's own windows, versions or plans: each law is written down anew.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::azure::Exchange;
use super::opening::{is_open, lasts};

/// What one apply may do, and from when on.
#[derive(Clone, Debug)]
pub struct Permit {
    pub from: Timestamp,
    /// The resource type.
    pub kind: String,
    /// Its block.
    pub config: Json,
    /// The steps that its plan named; none on create, which adopts.
    pub promised: Vec<Json>,
}

/// Returns the laws that were broken after the first `checked` requests, each with the request that broke it.
pub fn broken(exchanges: &[Exchange], permits: &[Permit], checked: usize) -> Vec<String> {
    let mut broken = Vec::new();
    for (index, write) in exchanges.iter().enumerate().skip(checked).filter(|(_, one)| one.is_write()) {
        let mut tell = |law: String| broken.push(format!("{} at {}: {law}", write.write(), write.at));
        let before = &exchanges[..index];
        if write.configuration().is_some() {
            // It starts nothing, and may be written at any time.
            continue;
        }
        if let Some((channel, _)) = write.channel() {
            channel_laws(channel, write, before, permits).into_iter().for_each(&mut tell);
            continue;
        }
        let permit = permits.iter().rev().find(|permit| permit.from <= write.at && permit.covers(write));
        match permit {
            None => tell("nothing permits this write".into()),
            Some(permit) => {
                if !is_open(&permit.config, work(write), write.at) {
                    tell("no window is open".into());
                }
                let resumed = resumed(write, before)
                    .into_iter()
                    .filter(|kind| !is_open(&permit.config, kind, write.at));
                resumed.for_each(|kind| tell(format!("no window is open for what it may resume ({kind})")));
                if !lasts(&permit.config, work(write), write.at) {
                    tell("the window closes before the cutoff".into());
                }
                if !names(&permit.promised, write) {
                    tell(format!("the plan named no such step: {:?}", permit.promised));
                }
                in_its_turn(write, before, permit).into_iter().for_each(&mut tell);
                still_the_latest(write, before, permit).into_iter().for_each(&mut tell);
            }
        }
        left_alone(write).into_iter().for_each(&mut tell);
        offered_to_pool(write, before).into_iter().for_each(&mut tell);
        version_laws(write, before).into_iter().for_each(&mut tell);
        if write.accepted() {
            alone(write, before).into_iter().for_each(&mut tell);
        }
        if write.method == "PUT" {
            edited(write, before).into_iter().for_each(&mut tell);
        }
    }
    broken
}

/// A channel is written for `executor = "aks"` only, after the window that restrains it, and as an edit. Leaving or
/// entering `Unmanaged` replaces nodes, and a write to a failed cluster resumes what failed: both need an open window.
fn channel_laws(channel: &str, write: &Exchange, before: &[Exchange], permits: &[Permit]) -> Vec<String> {
    let (kind, configuration) = match channel {
        "upgradeChannel" => ("aks_upgrade_policy", "aksManagedAutoUpgradeSchedule"),
        _ => ("aks_node_image", "aksManagedNodeOSUpgradeSchedule"),
    };
    let keeps = |permit: &Permit| {
        let with_images = kind == "aks_node_image" && permit.config["node_image"].is_object();
        permit.kind == kind || with_images
    };
    let asked = |permit: &&Permit| {
        permit.from <= write.at
            && keeps(permit)
            && permit.config["executor"] == "aks"
            && permit.config["cluster_id"].as_str().unwrap_or_default().to_lowercase() == write.cluster()
    };
    let Some(permit) = permits.iter().rev().find(asked) else {
        return vec!["nothing permits this channel".into()];
    };
    let mut broken = edited(write, before);
    let list = format!("{}/maintenanceconfigurations", write.cluster());
    let read = before.iter().rev().find(|one| one.path.to_lowercase() == list && one.method == "GET");
    let restrained = read.map(Exchange::answer).is_some_and(|list| {
        let mut names = list["value"].as_array().into_iter().flatten().filter_map(|one| one["name"].as_str());
        names.any(|name| name.eq_ignore_ascii_case(configuration))
    });
    if !restrained {
        broken.push(format!("{configuration} was not there before"));
    }
    let properties = &write.before["properties"];
    let unmanaged = properties["autoUpgradeProfile"][channel] == "Unmanaged";
    let failed = pools(properties).chain([properties]).any(|part| part["provisioningState"] != "Succeeded");
    if (unmanaged || failed) && !is_open(&permit.config, "patch", write.at) {
        broken.push("no window is open".into());
    }
    broken
}

impl Permit {
    fn covers(&self, write: &Exchange) -> bool {
        let cluster = self.config["cluster_id"].as_str().unwrap_or_default().to_lowercase();
        // A policy calls for an image where that repairs a pool, and says so.
        let image = format!("image_{}", write.pool().unwrap_or_default());
        let names_it = || self.promised.iter().any(|step| step["component"] == image);
        let covers = match work(write) {
            "node_image" | "settings" => self.kind == "aks_node_image" || names_it(),
            _ => self.kind == "aks_upgrade_policy" || moves_nothing(write),
        };
        cluster == write.cluster() && covers
    }
}

/// Tells whether a step of the plan is what a write does. Settings come before the image of their pool.
fn names(promised: &[Json], write: &Exchange) -> bool {
    promised.iter().any(|step| {
        let pool = step["node_pool"].as_str();
        let to = step["to"].as_str();
        let is_image = step["component"].as_str().is_some_and(|part| part.starts_with("image_"));
        let prepares = work(write) == "settings" || is_image && moves_nothing(write);
        pool == write.pool() && (write.method == "POST" || prepares || to == wanted(write))
    })
}

/// Tells whether a PUT asks a pool for what it runs: settings, or the repair of what failed.
fn moves_nothing(write: &Exchange) -> bool {
    write.method == "PUT" && write.pool().is_some() && numbers(running(write)) == numbers(wanted(write))
}

/// Returns the version that a PUT asks for.
fn wanted(write: &Exchange) -> Option<&str> {
    let field = if write.pool().is_some() { "orchestratorVersion" } else { "kubernetesVersion" };
    write.sent["properties"][field].as_str()
}

/// Returns the kind of work, as `applies_to` spells it; `settings` for a PUT that moves nothing.
fn work(write: &Exchange) -> &'static str {
    if write.method == "POST" {
        return "node_image";
    }
    let (running, wanted) = (numbers(running(write)), numbers(wanted(write)));
    let failed = part(write)["provisioningState"] != "Succeeded";
    match () {
        () if running == wanted && write.pool().is_some() && !failed => "settings",
        () if running.get(..2) != wanted.get(..2) => "minor",
        () => "patch",
    }
}

/// Tells whether something failed, so that the next write goes on with it.
fn is_unfinished(part: &Json) -> bool {
    ["Failed", "Canceled"].iter().any(|state| part["provisioningState"] == *state)
}

/// Returns the kinds of work that a write may go on with: how far what failed has come, nobody knows.
///
/// Where the last thing that we did to a pool was an image, and nobody has asked for a version since, it is that.
fn resumed(write: &Exchange, before: &[Exchange]) -> Vec<&'static str> {
    let own = |one: &&Exchange| {
        one.is_write() && one.accepted() && (one.cluster(), one.pool()) == (write.cluster(), write.pool())
    };
    let last = write.pool().and_then(|_| before.iter().rfind(own));
    let stays = |last: &Exchange| {
        let asked = part(write)["orchestratorVersion"].as_str();
        last.method == "POST" && running(last) == running(write) && asked == running(write)
    };
    if !is_unfinished(part(write)) || last.is_some_and(stays) { vec![] } else { vec!["minor", "patch"] }
}

/// A write to the cluster meets no pool that failed: it would go on with it, whatever the plan says. One that moves
/// every pool names them all.
fn left_alone(write: &Exchange) -> Vec<String> {
    let properties = &write.before["properties"];
    if write.method != "PUT" || write.pool().is_some() || is_whole(write) {
        return vec![];
    }
    let runs = |pool: &&Json| pool["powerState"]["code"] != "Stopped" && pool["mode"] != "Machines";
    let failed = pools(properties).filter(runs).filter(|pool| is_unfinished(pool));
    let tell = |pool: &Json| format!("it goes on with what failed in pool {}", pool["name"]);
    let moved = pools(properties).zip(pools(&write.sent["properties"])).filter(|(before, sent)| {
        let (running, asked) =
            (before["currentOrchestratorVersion"].as_str(), sent["orchestratorVersion"].as_str());
        let (running, asked) = (numbers(running), numbers(asked));
        // An alias such as `1.34` of what runs asks for nothing.
        !running.starts_with(&asked)
    });
    let of_version = |(pool, sent): (&Json, &Json)| {
        format!("it asks for {} in pool {}", sent["orchestratorVersion"], pool["name"])
    };
    failed.map(tell).chain(moved.map(of_version)).collect()
}

/// Tells whether a PUT moves the control plane and every pool at once.
fn is_whole(write: &Exchange) -> bool {
    let wanted = wanted(write);
    // A pool of machines has no version, and gets none.
    let mut sent = pools(&write.sent["properties"]).filter_map(|pool| pool["orchestratorVersion"].as_str());
    wanted != running(write) && sent.all(|version| Some(version) == wanted)
}

/// Returns the body of what is written, as it was just before.
fn part(write: &Exchange) -> &Json {
    let properties = &write.before["properties"];
    match write.pool() {
        None => properties,
        Some(pool) => pools(properties).find(|known| known["name"] == pool).unwrap_or(&Json::Null),
    }
}

fn running(write: &Exchange) -> Option<&str> {
    let field =
        if write.pool().is_some() { "currentOrchestratorVersion" } else { "currentKubernetesVersion" };
    part(write)[field].as_str()
}

/// No downgrade; nothing that Azure did not offer; pools neither above the control plane nor too far behind.
fn version_laws(write: &Exchange, before: &[Exchange]) -> Vec<String> {
    let mut broken = Vec::new();
    if write.method != "PUT" {
        return broken;
    }
    let (running, wanted) = (numbers(running(write)), numbers(wanted(write)));
    if wanted < running {
        broken.push(format!("a downgrade from {running:?}"));
    }
    let control_plane = numbers(write.before["properties"]["currentKubernetesVersion"].as_str());
    if write.pool().is_some() {
        if wanted > control_plane {
            broken.push(format!("above the control plane at {control_plane:?}"));
        }
    } else if wanted != running {
        let profile = format!("{}/upgradeprofiles/default", write.cluster());
        let last = before.iter().rev().find(|one| one.path.to_lowercase() == profile);
        let profile = last.map(Exchange::answer).unwrap_or_default();
        let offers = profile["properties"]["controlPlaneProfile"]["upgrades"].as_array().cloned();
        let offers = offers.unwrap_or_default();
        if !offers.iter().any(|offer| numbers(offer["kubernetesVersion"].as_str()) == wanted) {
            broken.push(format!("Azure offered only {offers:?}"));
        }
        // Nodes of node auto-provisioning follow by themselves.
        for pool in pools(&write.before["properties"]).filter(|pool| pool["mode"] != "Machines") {
            let pool = numbers(pool["currentOrchestratorVersion"].as_str());
            if pool.get(1) < wanted.get(1).map(|minor| minor.saturating_sub(3)).as_ref() {
                broken.push(format!("too far above a pool at {pool:?}"));
            }
        }
    }
    broken
}

/// Steps are taken in the order of the plan, each once, a soak apart; and what Azure took is not sent again.
fn in_its_turn(write: &Exchange, before: &[Exchange], permit: &Permit) -> Vec<String> {
    let mut broken = Vec::new();
    let place = |one: &Exchange| {
        permit.promised.iter().position(|step| names(std::slice::from_ref(step), one) && fits(step, one))
    };
    let own = |one: &&Exchange| {
        one.at >= permit.from
            && one.is_write()
            && one.accepted()
            && permit.covers(one)
            && one.configuration().is_none()
    };
    for earlier in before.iter().filter(own) {
        if place(earlier) > place(write) {
            broken.push(format!("out of turn: {} came before", earlier.write()));
        }
        if write.accepted()
            && (&earlier.method, &earlier.path) == (&write.method, &write.path)
            && wanted(earlier) == wanted(write)
        {
            broken.push("Azure took the very same write in this apply".to_owned());
        }
    }
    let soak = permit.config["rollout"]["soak"].as_str().map(|soak| soak.parse::<SignedDuration>().unwrap());
    let last = before.iter().filter(own).rfind(|one| one.pool().is_some() && one.pool() != write.pool());
    if let (Some(soak), Some(last)) = (soak, last)
        && write.at.duration_since(last.at) < soak
    {
        broken.push(format!("no soak after {}", last.write()));
    }
    broken
}

/// Tells whether a step is about the same part and kind as a write.
fn fits(step: &Json, write: &Exchange) -> bool {
    let is_image = step["component"].as_str().is_some_and(|part| part.starts_with("image_"));
    is_image == (write.method == "POST") || moves_nothing(write)
}

/// A pool goes where its own profile lists it, and to the image that is its latest.
fn offered_to_pool(write: &Exchange, before: &[Exchange]) -> Option<String> {
    let pool = write.pool()?;
    let is_profile = |one: &&Exchange| {
        let path = one.path.to_lowercase();
        one.method == "GET"
            && path.starts_with(&write.cluster())
            && path.ends_with("/upgradeprofiles/default")
    };
    let of_pool = |one: &&Exchange| one.path.contains(&format!("/agentPools/{pool}/"));
    let moves = write.method == "PUT" && numbers(wanted(write)) > numbers(running(write));
    let last = before.iter().filter(is_profile).rfind(of_pool).map(Exchange::answer);
    let offers = last.unwrap_or_default()["properties"]["upgrades"].as_array().cloned().unwrap_or_default();
    let is_listed = offers.iter().any(|offer| offer["kubernetesVersion"].as_str() == wanted(write));
    (moves && !is_listed).then(|| format!("the pool's profile offered only {offers:?}"))
}

/// An image is called for only while it is the latest: the last profile that this apply read of the pool, or of another
/// one of its family, names what the plan promised.
fn still_the_latest(write: &Exchange, before: &[Exchange], permit: &Permit) -> Option<String> {
    let pool = write.pool().filter(|_| write.method == "POST")?;
    let is_it = |step: &&Json| step["component"] == format!("image_{pool}");
    let to = permit.promised.iter().find(is_it)?["to"].as_str()?;
    let is_profile = |one: &&Exchange| {
        let path = one.path.to_lowercase();
        one.at >= permit.from
            && one.method == "GET"
            && one.cluster() == write.cluster()
            && path.contains("/agentpools/")
            && path.ends_with("/upgradeprofiles/default")
    };
    let mut latest = BTreeMap::new();
    for profile in before.iter().filter(is_profile) {
        latest.insert(profile.pool(), profile.answer()["properties"]["latestNodeImageVersion"].clone());
    }
    let own = latest.get(&Some(pool)).cloned();
    let is_latest = own.map_or_else(|| latest.values().any(|image| image == to), |own| own == to);
    (!is_latest).then(|| format!("{to} was not the latest: {latest:?}"))
}

/// One operation at a time, and none that was accepted before and did not fail.
fn alone(write: &Exchange, before: &[Exchange]) -> Vec<String> {
    let mut broken = Vec::new();
    let properties = &write.before["properties"];
    let states = pools(properties).chain([properties]).map(|part| &part["provisioningState"]);
    let resting = ["Succeeded", "Failed", "Canceled"];
    if let Some(state) = states.into_iter().find(|state| !resting.contains(&state.as_str().unwrap_or("-"))) {
        broken.push(format!("another operation runs: {state}"));
    }
    let same = |one: &&Exchange| {
        one.accepted() && one.is_write() && one.method == write.method && one.path == write.path
    };
    let again = before.iter().filter(same).any(|one| wanted(one) == wanted(write));
    if again && write.method == "PUT" && work(write) != "settings" {
        let failed = [part(write), properties].iter().any(|part| part["provisioningState"] != "Succeeded");
        if !failed {
            broken.push("Azure had accepted the very same write before".into());
        }
    }
    broken
}

/// A PUT sends back every field that was read, and changes only what its step names.
fn edited(write: &Exchange, before: &[Exchange]) -> Vec<String> {
    let read = before.iter().rev().find(|one| one.path == write.path && one.method == "GET");
    let Some(read) = read.map(Exchange::answer) else { return vec!["it was never read".into()] };
    let mut changed = BTreeMap::new();
    differ(&read, &write.sent, "", &mut changed);
    let allowed = |path: &str| {
        path == "/properties/kubernetesVersion"
            || path == "/properties/orchestratorVersion"
            || path.starts_with("/properties/upgradeSettings/")
            || is_whole(write) && path.contains("/upgradeSettings/")
            || path.ends_with("/orchestratorVersion")
            || path.ends_with("/nodeImageVersion")
            || path.starts_with("/properties/autoUpgradeProfile")
            || path.starts_with("/identity/userAssignedIdentities/")
    };
    let wrong = changed.into_iter().filter(|(path, _)| !allowed(path));
    wrong.map(|(path, how)| format!("{path} was {how}, which no step names")).collect()
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

fn pools(properties: &Json) -> impl Iterator<Item = &Json> {
    properties["agentPoolProfiles"].as_array().into_iter().flatten()
}

fn numbers(version: Option<&str>) -> Vec<u32> {
    version.unwrap_or_default().split('.').filter_map(|part| part.parse().ok()).collect()
}
