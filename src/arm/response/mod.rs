//! ARM's JSON and its conversion into upgrade types; edits of raw bodies.
//!
//! Parsing is tolerant: unknown words, missing fields and nulls are data from a newer or older Azure,
//! not errors. Only a cluster or pool without any version cannot be represented.
//!
//! [`edit`] changes bodies to write; [`maintenance`], [`fleet`] and [`machine`] read what is no cluster; [`prune`]
//! makes a body small enough to be kept beside a state.

mod edit;
mod fleet;
mod machine;
mod maintenance;
mod prune;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::arm::error::NoVersion;
use crate::arm::id::ClusterId;
use crate::arm::refusal;
use crate::arm::text::plain;
use crate::upgrade::cluster::{BlueGreen, Cluster, Mode, Pool, Power, State};
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::offer::{Offer, RegionVersion};
use crate::upgrade::version::Version;

pub use edit::{
    with_cluster_version, with_full_version, with_node_os_channel, with_pool_settings, with_pool_version,
    with_upgrade_channel, without_snapshot, without_snapshots,
};
pub use fleet::{fleets, member_of_update_run, update_runs};
pub use machine::{NodeTarget, UPGRADING_IMAGE, intended_version, nodes_done};
pub use maintenance::{MaintenanceConfiguration, maintenance_body, maintenance_configuration};
pub use prune::{prune_cluster, prune_region, prune_update_run, prune_upgrades};

/// The longest text that is kept; no name, state or image of Azure comes near it.
const LONGEST_WORD: usize = 200;

/// Reads the ids of a list of clusters; what has none is passed over.
#[must_use]
pub fn cluster_ids(body: &Value) -> Vec<ClusterId> {
    list(body, "value").filter_map(|cluster| text(cluster, "id").parse().ok()).collect()
}

/// Reads a `managedClusters` body.
///
/// `kubernetesVersion` may be the alias `"1.32"`; what runs is `currentKubernetesVersion`. Bodies of
/// API versions before 2022 have only the former, and then it is the full version.
///
/// # Errors
///
/// A body without any full version, e.g. `{}` or `{"properties":{"kubernetesVersion":"1.32"}}`; a pool likewise.
pub fn cluster(id: &ClusterId, body: &Value) -> Result<Cluster, NoVersion> {
    let properties = &body["properties"];
    let version = running(properties, "currentKubernetesVersion", "kubernetesVersion")
        .map_err(|(field, given)| NoVersion { of: format!("the cluster {}", id.name()), field, given })?;
    let pools = list(properties, "agentPoolProfiles").filter_map(|profile| {
        let name = profile["name"].as_str()?;
        // Recorded pools of machines have no version at all. Nobody upgrades them, so the cluster's stands in.
        let stand_in = has_machines(profile).then_some(&version);
        Some(pool_profile(name, profile, stand_in))
    });
    let pools = pools.collect::<Result<_, _>>()?;
    Ok(Cluster {
        id: id.to_string(),
        name: id.name().to_owned(),
        location: kept(body, "location"),
        unfinished: unfinished(properties, "kubernetesVersion", &version),
        version,
        state: state(properties),
        power: power(properties),
        lts: is(properties, "supportPlan", "AKSLongTermSupport"),
        auto_upgrade_channel: channel(properties, "upgradeChannel"),
        node_os_channel: channel(properties, "nodeOSUpgradeChannel"),
        auto_provisioning: is(&properties["nodeProvisioningProfile"], "mode", "Auto"),
        pools,
        update_runs: Vec::new(),
        maintenance: std::collections::BTreeMap::new(),
    })
}

/// Reads an `agentPools` body.
///
/// # Errors
///
/// A body without any full version, which pools of machines do not have.
pub fn pool(body: &Value) -> Result<Pool, NoVersion> {
    pool_profile(text(body, "name"), &body["properties"], None)
}

fn pool_profile(name: &str, profile: &Value, stand_in: Option<&Version>) -> Result<Pool, NoVersion> {
    let name = plain(name, LONGEST_WORD);
    let shown = running(profile, "currentOrchestratorVersion", "orchestratorVersion");
    let version_shown = shown.is_ok();
    let version = shown
        .or_else(|missing| stand_in.cloned().ok_or(missing))
        .map_err(|(field, given)| NoVersion { of: format!("the node pool {name}"), field, given })?;
    let settings = &profile["upgradeSettings"];
    Ok(Pool {
        name,
        mode: if text(profile, "mode").ends_with("System") { Mode::System } else { Mode::User },
        os_type: kept(profile, "osType"),
        os_sku: kept(profile, "osSKU"),
        count: count(profile),
        unfinished: unfinished(profile, "orchestratorVersion", &version),
        version,
        image: NodeImage::new(kept(profile, "nodeImageVersion")),
        state: state(profile),
        power: power(profile),
        machines: has_machines(profile),
        version_shown,
        snapshot: !text(&profile["creationData"], "sourceResourceId").is_empty(),
        spot: is(profile, "scaleSetPriority", "Spot"),
        max_surge: nodes(settings, "maxSurge"),
        max_unavailable: nodes(settings, "maxUnavailable"),
        drain_timeout: minutes(settings, "drainTimeoutInMinutes", 30),
        node_soak: minutes(settings, "nodeSoakDurationInMinutes", 0),
        cordons: is(settings, "undrainableNodeBehavior", "Cordon"),
        blue_green: blue_green(profile),
    })
}

/// Reads a cluster's `upgradeProfiles/default`: the versions Azure offers to it, in Azure's order.
///
/// Azure leaves `upgrades` out when there are none, and `isPreview` when it is false.
#[must_use]
pub fn upgrades(body: &Value) -> Vec<Offer> {
    let offers = list(&body["properties"]["controlPlaneProfile"], "upgrades");
    offers.filter_map(offer).collect()
}

/// Reads a pool's `upgradeProfiles/default`: the versions Azure offers to it, in Azure's order.
#[must_use]
pub fn pool_upgrades(body: &Value) -> Vec<Offer> {
    list(&body["properties"], "upgrades").filter_map(offer).collect()
}

fn offer(offer: &Value) -> Option<Offer> {
    let version = text(offer, "kubernetesVersion").parse().ok()?;
    Some(Offer { version, preview: offer["isPreview"].as_bool().unwrap_or(false) })
}

/// Reads a region's `kubernetesVersions`, oldest first (Azure's order is unstable).
#[must_use]
pub fn region(body: &Value) -> Vec<RegionVersion> {
    let mut versions: Vec<RegionVersion> = list(body, "values").flat_map(region_minor).collect();
    versions.sort_by(|a, b| a.version.cmp(&b.version));
    versions
}

fn region_minor(minor: &Value) -> Vec<RegionVersion> {
    let plans: Vec<&str> = list(&minor["capabilities"], "supportPlan").filter_map(Value::as_str).collect();
    let patches = minor["patchVersions"].as_object().into_iter().flatten();
    let read = |(text, patch): (&String, &Value)| {
        Some(RegionVersion {
            version: text.parse().ok()?,
            preview: minor["isPreview"].as_bool().unwrap_or(false),
            // Regions that do not list support plans knew only the community's.
            official: plans.is_empty() || plans.contains(&"KubernetesOfficial"),
            lts: plans.contains(&"AKSLongTermSupport"),
            upgrades: list(patch, "upgrades").filter_map(|to| to.as_str()?.parse().ok()).collect(),
        })
    };
    patches.filter_map(read).collect()
}

/// Reads a pool's `upgradeProfiles/default`: the node image that an upgrade would bring.
#[must_use]
pub fn latest_image(body: &Value) -> Option<NodeImage> {
    let image = kept(&body["properties"], "latestNodeImageVersion");
    (!image.is_empty()).then(|| NodeImage::new(&image))
}

/// Returns until when a pool ran something else, by its upgrade profile; `None` where Azure does not say.
#[must_use]
pub fn last_moved(body: &Value) -> Option<Timestamp> {
    let used = list(&body["properties"], "recentlyUsedVersions");
    used.filter_map(|used| text(used, "timestamp").parse().ok()).max()
}

/// Returns the running version, or the name and value of the field that should have had it.
fn running(
    object: &Value,
    current: &'static str,
    wanted: &'static str,
) -> Result<Version, (&'static str, String)> {
    let parse = |field: &str| text(object, field).parse::<Version>().ok();
    let given = |field: &str| match object.get(field) {
        None => "missing".to_owned(),
        Some(value) => plain(&value.to_string(), 100),
    };
    parse(current).or_else(|| parse(wanted)).ok_or_else(|| {
        let field = if text(object, current).is_empty() { wanted } else { current };
        (field, given(field))
    })
}

/// Returns the version that was asked for when it is above the one that runs.
fn unfinished(object: &Value, wanted: &str, running: &Version) -> Option<Version> {
    text(object, wanted).parse().ok().filter(|version| version > running)
}

/// An absent state is no sign of success: it is treated as work in progress, so nothing is started on it.
fn state(properties: &Value) -> State {
    match text(properties, "provisioningState") {
        succeeded if succeeded.eq_ignore_ascii_case("Succeeded") => State::Succeeded,
        failed if failed.eq_ignore_ascii_case("Failed") => State::Failed(failure(properties)),
        canceled if canceled.eq_ignore_ascii_case("Canceled") => State::Canceled(failure(properties)),
        "" => State::Busy("Unknown".into()),
        busy => State::Busy(plain(busy, 200)),
    }
}

fn failure(properties: &Value) -> Option<String> {
    let error = &properties["status"]["provisioningError"];
    let code = plain(text(error, "code"), 200);
    let message = refusal::message(error);
    match (code.is_empty(), message.is_empty()) {
        (true, true) => None,
        (false, false) => Some(format!("{code}: {message}")),
        _ => Some(code + &message),
    }
}

fn power(properties: &Value) -> Power {
    if is(&properties["powerState"], "code", "Stopped") { Power::Stopped } else { Power::Running }
}

fn channel(properties: &Value, field: &str) -> Option<String> {
    let channel = kept(&properties["autoUpgradeProfile"], field);
    let off = ["", "none", "unspecified"].contains(&channel.to_ascii_lowercase().as_str());
    (!off).then_some(channel)
}

/// Pools of virtual machines have no `count` of their own; they list their nodes by size.
fn count(profile: &Value) -> u32 {
    let nodes = list(profile, "virtualMachineNodesStatus").filter_map(|size| size["count"].as_u64()).sum();
    profile["count"].as_u64().unwrap_or(nodes).try_into().unwrap_or(u32::MAX)
}

/// Availability sets and machines have no pool-wide upgrade; managed system pools are Azure's own.
fn has_machines(profile: &Value) -> bool {
    ["Machines", "ManagedSystem"].iter().any(|mode| is(profile, "mode", mode))
        || ["Machines", "AvailabilitySet"].iter().any(|kind| is(profile, "type", kind))
}

/// Reads a number or percentage of nodes, as Azure spells it.
fn nodes(settings: &Value, field: &str) -> Option<String> {
    match &settings[field] {
        Value::String(nodes) if !nodes.is_empty() => Some(plain(nodes, LONGEST_WORD)),
        Value::Number(nodes) => Some(nodes.to_string()),
        _ => None,
    }
}

/// Reads the settings of a blue-green upgrade; the defaults are those of the OpenAPI descriptions.
fn blue_green(profile: &Value) -> Option<BlueGreen> {
    let settings = &profile["upgradeSettingsBlueGreen"];
    is(profile, "upgradeStrategy", "BlueGreen").then(|| BlueGreen {
        batch: nodes(settings, "drainBatchSize").unwrap_or_else(|| "10%".to_owned()),
        drain_timeout: minutes(settings, "drainTimeoutInMinutes", 30),
        batch_soak: minutes(settings, "batchSoakDurationInMinutes", 15),
        final_soak: minutes(settings, "finalSoakDurationInMinutes", 60),
    })
}

fn minutes(settings: &Value, field: &str, default: i64) -> SignedDuration {
    let minutes = settings[field].as_i64().unwrap_or(default);
    SignedDuration::from_mins(minutes.clamp(0, 60 * 24 * 366))
}

fn list<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    object.get(field).and_then(Value::as_array).into_iter().flatten()
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Returns a text to keep: Azure's, and shown in a terminal sooner or later.
fn kept(object: &Value, field: &str) -> String {
    plain(text(object, field), LONGEST_WORD)
}

fn is(object: &Value, field: &str, word: &str) -> bool {
    text(object, field).eq_ignore_ascii_case(word)
}
