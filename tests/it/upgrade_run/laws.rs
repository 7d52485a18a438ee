//! The invariants of the provider, held against every request that Azure saw.
//!
//! Nothing here uses the provider's own windows, versions or plans: each law is written down anew.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::azure::Exchange;
use super::edits::edited;
use super::facts::published;
use super::minutes::estimated;
use super::opening::{holds, is_open_to, lasts};
use super::order::ordered;

/// What one apply may do, and from when on.
#[derive(Clone, Debug)]
pub struct Permit {
    pub from: Timestamp,
    /// The resource type.
    pub kind: String,
    /// Its block.
    pub config: Json,
    /// Whether it adopts, and so starts nothing.
    pub creates: bool,
    /// The steps that its plan named; none on create, which adopts.
    pub promised: Vec<Json>,
    /// The cluster as it was when that plan was made; null where there was none.
    pub planned_on: Json,
}

/// Returns the laws that were broken after the first `checked` requests, each with the request that broke it.
pub fn broken(exchanges: &[Exchange], permits: &[Permit], checked: usize) -> Vec<String> {
    let mut broken = Vec::new();
    for (index, write) in exchanges.iter().enumerate().skip(checked).filter(|(_, one)| one.is_write()) {
        let mut tell = |law: String| broken.push(format!("{} at {}: {law}", write.write(), write.at));
        let before = &exchanges[..index];
        if write.configuration().is_some() {
            // It starts nothing, and may be written at any time.
            if !permits.iter().rev().any(|permit| permit.sets(write, "maintenance_configuration")) {
                tell("the plan named no such configuration".into());
            }
            continue;
        }
        if let Some((channel, _)) = write.channel() {
            channel_laws(channel, write, before, permits).into_iter().for_each(&mut tell);
            continue;
        }
        let mut covering: Vec<&Permit> =
            permits.iter().rev().filter(|permit| permit.from <= write.at && permit.covers(write)).collect();
        // Of two resources on one cluster, in one run, it is the write of the one that may make it.
        if let Some(last) = covering.first().map(|last| last.from) {
            covering.retain(|permit| last.duration_since(permit.from) < SignedDuration::from_mins(1));
        }
        let judged = covering.into_iter().map(|permit| judged(write, before, permit, permits));
        let judged = judged.min_by_key(Vec::len);
        judged.unwrap_or_else(|| vec!["nothing permits this write".into()]).into_iter().for_each(&mut tell);
        left_alone(write).into_iter().for_each(&mut tell);
        offered_to_pool(write, before).into_iter().for_each(&mut tell);
        version_laws(write, before).into_iter().for_each(&mut tell);
        if write.accepted() {
            alone(write, before).into_iter().for_each(&mut tell);
        }
    }
    broken
}

/// Returns the laws that a write breaks where it is that of one apply.
fn judged(write: &Exchange, before: &[Exchange], permit: &Permit, permits: &[Permit]) -> Vec<String> {
    let (mut broken, block, pool) = (Vec::new(), &permit.config, write.pool());
    if !is_open_to(block, work(write), pool, write.at) {
        broken.push("no window is open".into());
    }
    let resumed = resumed(write, before);
    for kind in resumed.iter().filter(|kind| !is_open_to(block, kind, pool, write.at)) {
        broken.push(format!("no window is open for what it may resume ({kind})"));
    }
    let minutes = estimated(write);
    let mut kinds = std::iter::once(work(write)).chain(resumed.iter().copied());
    if !kinds.all(|kind| holds(block, (kind, pool), write.at, minutes)) {
        broken.push(format!("the window closes within the {minutes} minutes that it takes"));
    }
    if !lasts(block, (work(write), pool), write.at) {
        broken.push("the window closes before the cutoff".into());
    }
    if !names(&permit.promised, write) {
        broken.push(format!("the plan named no such step: {:?}", permit.promised));
    }
    broken.extend(in_its_turn(write, before, permit, permits));
    broken.extend(soaked(write, before, permit));
    broken.extend(ordered(write, before, permit));
    if write.method == "PUT" {
        broken.extend(edited(write, before, block));
    }
    broken.extend(still_the_latest(write, before, permit));
    broken.extend(old_enough(write, before, permit));
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
    let mut broken = edited(write, before, &permit.config);
    let list = format!("{}/maintenanceconfigurations", write.cluster());
    let read = before.iter().rev().find(|one| one.lower == list && one.method == "GET");
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
    let disrupts = unmanaged || failed;
    if disrupts && !is_open_to(&permit.config, "patch", None, write.at) {
        broken.push("no window is open".into());
    }
    let part = if channel == "upgradeChannel" { "auto_upgrade_channel" } else { "node_os_channel" };
    if !permits.iter().rev().any(|permit| permit.sets(write, part) && !(disrupts && permit.creates)) {
        broken.push("the plan named no such channel".into());
    }
    let minutes = estimated(write);
    for kind in resumed(write, before) {
        if !holds(&permit.config, (kind, None), write.at, minutes) {
            broken.push(format!("no window holds {minutes} minutes of what it may resume ({kind})"));
        }
    }
    broken
}

impl Permit {
    pub fn covers(&self, write: &Exchange) -> bool {
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

    /// Tells whether its plan named a setting of AKS, or whether it adopts a cluster for AKS to upgrade.
    fn sets(&self, write: &Exchange, part: &str) -> bool {
        let cluster = self.config["cluster_id"].as_str().unwrap_or_default().to_lowercase();
        let is_own = self.kind == "aks_maintenance_configuration"
            || self.creates && self.config["executor"] == "aks"
            || self
                .promised
                .iter()
                .any(|step| step["component"].as_str().is_some_and(|component| component.starts_with(part)));
        self.from <= write.at && cluster == write.cluster() && is_own
    }
}

/// Tells whether a step of the plan is what a write does: the same part, and where it leads. Settings come before the
/// image of their pool.
fn names(promised: &[Json], write: &Exchange) -> bool {
    promised.iter().any(|step| {
        let (part, to) = (step["component"].as_str().unwrap_or_default(), step["to"].as_str());
        let is_image = |pool: &str| part == format!("image_{pool}");
        match write.pool() {
            Some(pool) if write.method == "POST" => is_image(pool),
            Some(pool) if part == format!("pool_{pool}") => to == wanted(write),
            Some(pool) => is_image(pool) && moves_nothing(write),
            None if part == "whole_cluster" => to == wanted(write) && is_whole(write),
            None => part == "control_plane" && to == wanted(write),
        }
    })
}

/// Tells whether a PUT asks a pool for what it runs: settings, or the repair of what failed.
fn moves_nothing(write: &Exchange) -> bool {
    write.method == "PUT" && write.pool().is_some() && numbers(running(write)) == numbers(wanted(write))
}

/// Returns the version that a PUT asks for.
pub fn wanted(write: &Exchange) -> Option<&str> {
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
pub fn is_unfinished(part: &Json) -> bool {
    ["Failed", "Canceled"].iter().any(|state| part["provisioningState"] == *state)
}

/// Returns the kinds of work that a write may go on with: how far what failed has come, nobody knows.
fn resumed(write: &Exchange, before: &[Exchange]) -> BTreeSet<&'static str> {
    let properties = &write.before["properties"];
    if write.pool().is_some() {
        return resumed_in(part(write), write, before);
    }
    let own = is_unfinished(properties).then_some(["minor", "patch"]);
    let failed = pools(properties).filter(|pool| runs(pool) && is_unfinished(pool));
    let of_pools = failed.flat_map(|pool| resumed_in(pool, write, before));
    own.into_iter().flatten().chain(of_pools).collect()
}

/// Returns the same of a pool; an image only where its own is behind.
///
/// Where the last thing that we did to a pool was an image, or the settings before it, and nobody has asked for a version
/// since, it is that.
fn resumed_in(pool: &Json, write: &Exchange, before: &[Exchange]) -> BTreeSet<&'static str> {
    let name = pool["name"].as_str();
    let runs = pool["currentOrchestratorVersion"].as_str();
    let own = |one: &&Exchange| {
        one.is_write() && one.accepted() && one.cluster() == write.cluster() && one.pool() == name
    };
    let stays = |last: &Exchange| {
        let moves_nothing = last.method == "POST" || work(last) == "settings";
        // What was asked for is behind what runs where a channel moved the pool: that asks for nothing.
        let asks = numbers(pool["orchestratorVersion"].as_str()) > numbers(runs);
        moves_nothing && running(last) == runs && !asks
    };
    if !is_unfinished(pool) {
        BTreeSet::new()
    } else if before.iter().rfind(own).is_some_and(stays) {
        BTreeSet::from(["node_image"])
    } else {
        let image = Some("node_image").filter(|_| is_behind(pool, write, before));
        ["minor", "patch"].into_iter().chain(image).collect()
    }
}

/// Tells whether a pool's image is behind the last one that was read of its family; of one that nobody asked for it
/// may be.
fn is_behind(pool: &Json, write: &Exchange, before: &[Exchange]) -> bool {
    let image = pool["nodeImageVersion"].as_str().unwrap_or_default();
    let Some((family, version)) = image.rsplit_once('-') else { return true };
    let latest = |one: &Exchange| {
        let answer = one.answer();
        let latest = answer["properties"]["latestNodeImageVersion"].as_str()?;
        let (of, version) = latest.rsplit_once('-')?;
        (of == family || one.pool() == pool["name"].as_str()).then(|| numbers(Some(version)))
    };
    let profiles = before.iter().rev().filter(|one| is_pool_profile(one) && one.cluster() == write.cluster());
    profiles.into_iter().find_map(latest).is_none_or(|latest| numbers(Some(version)) < latest)
}

/// Tells whether a request asks for what a pool is offered.
fn is_pool_profile(one: &Exchange) -> bool {
    let path = &one.lower;
    one.method == "GET" && path.contains("/agentpools/") && path.ends_with("/upgradeprofiles/default")
}

/// Tells whether a pool has nodes that a write to its cluster would go on with.
fn runs(pool: &Json) -> bool {
    pool["powerState"]["code"] != "Stopped" && pool["mode"] != "Machines"
}

/// A write to the cluster meets no pool that failed: it would go on with it, whatever the plan says. One that moves
/// every pool names them all.
fn left_alone(write: &Exchange) -> Vec<String> {
    let properties = &write.before["properties"];
    if write.method != "PUT" || write.pool().is_some() || is_whole(write) {
        return vec![];
    }
    let failed = pools(properties).filter(|pool| runs(pool) && is_unfinished(pool));
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
pub fn is_whole(write: &Exchange) -> bool {
    let wanted = wanted(write);
    // A pool of machines has no version, and gets none.
    let mut sent = pools(&write.sent["properties"]).filter_map(|pool| pool["orchestratorVersion"].as_str());
    wanted != running(write) && sent.all(|version| Some(version) == wanted)
}

/// Returns the body of what is written, as it was just before.
pub fn part(write: &Exchange) -> &Json {
    let properties = &write.before["properties"];
    match write.pool() {
        None => properties,
        Some(pool) => pools(properties).find(|known| known["name"] == pool).unwrap_or(&Json::Null),
    }
}

pub fn running(write: &Exchange) -> Option<&str> {
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
        let last = before.iter().rev().find(|one| one.lower == profile);
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
///
/// Two resources on one cluster are two applies of one run: each may do what its own plan named.
fn in_its_turn(write: &Exchange, before: &[Exchange], permit: &Permit, permits: &[Permit]) -> Vec<String> {
    let mut broken = Vec::new();
    let of_run = |one: &&Permit| permit.from.duration_since(one.from) < SignedDuration::from_mins(1);
    let named = permits.iter().filter(of_run).filter(|one| one.covers(write) && names(&one.promised, write));
    let (named, mut sent) = (named.count(), 0);
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
            sent += 1;
        }
    }
    if sent >= named.max(1) {
        broken.push("Azure took the very same write in this apply".to_owned());
    }
    broken
}

/// A soak lies between two pools, whichever apply the first one was moved by.
///
/// An image counts in the same apply alone: that it ended is forgotten when a runner dies, and Azure does not keep it.
fn soaked(write: &Exchange, before: &[Exchange], permit: &Permit) -> Option<String> {
    let soak: SignedDuration = permit.config["rollout"]["soak"].as_str()?.parse().unwrap();
    let pool = write.pool()?;
    let counts = |one: &&Exchange| {
        let is_own = one.is_write() && one.accepted() && one.cluster() == write.cluster();
        let is_other = one.pool().is_some_and(|other| other != pool);
        let is_known = one.at >= permit.from && permit.covers(one) || has_arrived(one, write);
        is_own && is_other && is_known
    };
    let last = before.iter().rfind(counts)?;
    (write.at.duration_since(last.at) < soak).then(|| format!("no soak after {}", last.write()))
}

/// Tells whether a PUT moved a pool, which ended well before another write.
fn has_arrived(one: &Exchange, later: &Exchange) -> bool {
    let moves = one.method == "PUT" && numbers(wanted(one)) > numbers(running(one));
    let shown = pools(&later.before["properties"]).find(|pool| pool["name"].as_str() == one.pool());
    let is_there = |pool: &Json| {
        pool["provisioningState"] == "Succeeded" && pool["currentOrchestratorVersion"].as_str() == wanted(one)
    };
    moves && shown.is_some_and(is_there)
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
        let path = &one.lower;
        one.method == "GET" && path.starts_with(write.cluster()) && path.ends_with("/upgradeprofiles/default")
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
        let path = &one.lower;
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
    // A line says what tells it apart from the one that runs.
    let is_it = |image: &Json| image.as_str().is_some_and(|image| image.ends_with(to));
    let is_latest = own.map_or_else(|| latest.values().any(is_it), |own| is_it(&own));
    (!is_latest).then(|| format!("{to} was not the latest: {latest:?}"))
}

/// Tells whether nothing but an image can have failed in a pool: our calls for one are the last writes, and it was well
/// before the first of them.
fn goes_on_with_an_image(write: &Exchange, before: &[Exchange]) -> bool {
    let own = |one: &&Exchange| {
        one.is_write() && one.accepted() && one.cluster() == write.cluster() && one.pool() == write.pool()
    };
    let calls = before.iter().rev().filter(own).take_while(|one| one.method == "POST");
    resumed(write, before) == BTreeSet::from(["node_image"])
        && calls.into_iter().any(|one| !is_unfinished(part(one)))
}

/// No image comes that is younger than the rules for images say: by its call, or by the repair of a call that failed.
fn old_enough(write: &Exchange, before: &[Exchange], permit: &Permit) -> Option<String> {
    let pool = write.pool()?;
    let rules = if permit.kind == "aks_node_image" { &permit.config } else { &permit.config["node_image"] };
    let min_age = rules["min_age"].as_str()?;
    let ignored = permit.config["override"]["ignore"].as_array().into_iter().flatten();
    if ignored.into_iter().any(|rule| rule == "min_age") {
        return None;
    }
    let is_image = write.method == "POST" || moves_nothing(write) && goes_on_with_an_image(write, before);
    let profile =
        before.iter().rfind(|one| is_pool_profile(one) && one.pool() == Some(pool) && one.accepted())?;
    let latest = &profile.answer()["properties"]["latestNodeImageVersion"];
    let born: Timestamp = format!("{}T00:00:00Z", published(latest)?).parse().unwrap();
    let days: i64 = min_age.strip_suffix('d').unwrap().parse().unwrap();
    let is_young = write.at.duration_since(born) < SignedDuration::from_hours(24 * days);
    let arrives = is_image && is_behind(part(write), write, before);
    (arrives && is_young).then(|| format!("{latest} is younger than {min_age}"))
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

pub fn pools(properties: &Json) -> impl Iterator<Item = &Json> {
    properties["agentPoolProfiles"].as_array().into_iter().flatten()
}

pub fn numbers(version: Option<&str>) -> Vec<u32> {
    version.unwrap_or_default().split('.').filter_map(|part| part.parse().ok()).collect()
}
