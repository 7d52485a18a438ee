//! Auto-upgrade profiles: a run for each new version, and one on request.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::simulator::identifier::mix;
use crate::simulator::world::cluster::{Object, text};
use crate::simulator::world::fleet::{Fleet, Kind, Part, Resource, judge_name};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

/// A profile, and up to which versions it has begun runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Profile {
    pub resource: Resource,
    /// The versions that were newest when it was written or last triggered.
    pub seen: Vec<String>,
}

impl World {
    pub(super) fn ask_profiles(&mut self, call: &Call, place: &Place, part: &Part) -> Result<Reply, Refusal> {
        let stamp = self.stamp_now();
        match (call.method.as_str(), part) {
            ("GET", Part::List(_)) => {
                let fleet = self.hold_fleet(place)?.clone();
                Ok(self
                    .list(call, &fleet.profiles, |profile| fleet.body_of(Kind::Profile, &profile.resource)))
            }
            ("GET", Part::One(_, name)) => self.profile(place, name).map(|found| Reply::json(200, found.1)),
            ("PUT", Part::One(_, name)) => {
                let body = call.fleet_body("AutoUpgradeProfile")?;
                let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
                judge_name("autoUpgradeProfileName", name, 50)?;
                judge_profile(&sent)?;
                let mut properties: Object = sent
                    .into_iter()
                    .filter(|(key, value)| WRITTEN.contains(&key.as_str()) && !value.is_null())
                    .collect();
                properties.insert("provisioningState".into(), json!("Succeeded"));
                let seen = self.newest(place, &properties);
                let fleet = self.hold_fleet(place)?;
                let old = fleet.profiles.iter().position(|profile| profile.resource.is(name));
                let found = old.and_then(|old| fleet.profiles.get(old));
                call.conditions(found.is_some(), found.map(|old| old.resource.etag.trim_matches('"')))?;
                let new = Profile { resource: Resource::new(name, properties, stamp), seen };
                fleet.profiles.retain(|profile| !profile.resource.is(name));
                fleet.profiles.push(new);
                let status = if old.is_some() { 200 } else { 201 };
                self.profile(place, name).map(|found| Reply::json(status, found.1))
            }
            // Also when there was one (recorded).
            ("DELETE", Part::One(_, name)) => {
                let kept = &mut self.hold_fleet(place)?.profiles;
                let found = kept.iter().find(|profile| profile.resource.is(name));
                call.conditions(
                    found.is_some(),
                    found.map(|profile| profile.resource.etag.trim_matches('"')),
                )?;
                kept.retain(|profile| !profile.resource.is(name));
                Ok(Reply::empty(204))
            }
            ("POST", Part::Act(_, name, action)) if action == "generateupdaterun" => {
                let (profile, _) = self.profile(place, name)?;
                let versions = self.newest(place, &profile.resource.properties);
                let run = self.generate(place, &profile, &versions)?;
                Ok(Reply::json(200, json!({ "id": self.hold_fleet(place)?.id_of(Kind::Run, &run) })))
            }
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    fn profile(&mut self, place: &Place, name: &str) -> Result<(Profile, Value), Refusal> {
        let serial = self.next_serial();
        let fleet = self.hold_fleet(place)?;
        let found = fleet.profiles.iter().find(|profile| profile.resource.is(name));
        let missing = || Refusal::no_fleet_resource(&fleet.id_of(Kind::Profile, name), serial);
        let found = found.ok_or_else(missing)?;
        Ok((found.clone(), fleet.body_of(Kind::Profile, &found.resource)))
    }

    /// Makes the run of a profile for what is newest, unless it is there: its name is that of its goal.
    pub(super) fn generate(
        &mut self,
        place: &Place,
        profile: &Profile,
        versions: &[String],
    ) -> Result<String, Refusal> {
        let stamp = self.stamp_now();
        let properties = &profile.resource.properties;
        let channel = text(properties, "channel");
        let first = versions.first().map(String::as_str).unwrap_or_default();
        let selection = properties.get("nodeImageSelection").cloned();
        let upgrade = if channel == "NodeImage" {
            let consistent = || json!({ "type": "Consistent" });
            json!({ "upgrade": { "type": "NodeImageOnly" }, "nodeImageSelection": selection.unwrap_or_else(consistent) })
        } else {
            let mut update = json!({ "upgrade": { "type": "Full", "kubernetesVersion": first } });
            if let Some(selection) = selection {
                update["nodeImageSelection"] = selection;
            }
            update
        };
        let fleet = self.hold_fleet(place)?;
        let goal = format!("{channel}{versions:?}{}", json!(properties.get("updateStrategyId")));
        let name = run_name(&profile.resource.name, channel, first, &goal);
        if fleet.runs.iter().any(|run| run.resource.is(&name)) {
            return Ok(name);
        }
        let mut sent = Object::new();
        sent.insert("managedClusterUpdate".into(), upgrade);
        sent.insert("autoUpgradeProfileId".into(), json!(fleet.id_of(Kind::Profile, &profile.resource.name)));
        if let Some(strategy) = properties.get("updateStrategyId") {
            sent.insert("updateStrategyId".into(), strategy.clone());
        }
        let run = fleet.lay_out(&name, sent, stamp)?;
        fleet.runs.push(run);
        Ok(name)
    }

    /// Returns what a channel upgrades to now: one Kubernetes version, or the images of all members.
    pub(super) fn newest(&self, place: &Place, properties: &Object) -> Vec<String> {
        let wanted = match text(properties, "channel") {
            "NodeImage" => {
                return self.fleet(place).map(|fleet| self.latest_images(fleet)).unwrap_or_default();
            }
            "Rapid" => self.newest_minors().next(),
            "Stable" => self.newest_minors().nth(1),
            _ => text(properties, "targetKubernetesVersion")
                .strip_prefix("1.")
                .and_then(|minor| minor.parse().ok()),
        };
        let version = wanted.and_then(|minor| self.catalogue.newest_patch(minor, self.now));
        version.iter().map(ToString::to_string).collect()
    }

    fn newest_minors(&self) -> impl Iterator<Item = u32> {
        let minors = self.catalogue.minors(self.now).into_iter();
        minors.filter(|minor| !self.catalogue.is_preview(*minor, self.now))
    }

    /// Returns the latest images of all pools of all members.
    pub(super) fn latest_images(&self, fleet: &Fleet) -> Vec<String> {
        let places = fleet
            .laid_out()
            .into_iter()
            .filter_map(|[_, _, id]| crate::simulator::world::fleet::members::cluster_place(id));
        let clusters =
            places.filter_map(|place| self.clusters.iter().find(|cluster| cluster.place.is(&place)));
        let mut images: Vec<String> =
            clusters.flat_map(|cluster| &cluster.pools).map(|pool| self.wanted_image(pool)).collect();
        images.sort_unstable();
        images.dedup();
        images
    }
}

/// What of a profile somebody writes.
const WRITTEN: [&str; 6] = [
    "updateStrategyId",
    "channel",
    "nodeImageSelection",
    "disabled",
    "targetKubernetesVersion",
    "longTermSupport",
];

/// Returns a name as Fleet makes it (recorded: `auto-aup-000006-rapid-1-33-3-imclfi`).
fn run_name(profile: &str, channel: &str, version: &str, goal: &str) -> String {
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut hash = goal.bytes().fold(0, |hash, byte| mix(hash ^ u64::from(byte)));
    let mut tail = String::new();
    for _ in 0..6 {
        let letter = LETTERS.get((hash % 36) as usize).copied().unwrap_or(b'a');
        tail.push(char::from(letter));
        hash /= 36;
    }
    let channel = channel.to_lowercase();
    let middle =
        if channel == "nodeimage" { String::new() } else { format!("{}-", version.replace('.', "-")) };
    format!("auto-{profile}-{channel}-{middle}{tail}")
}

/// Judges a profile (rules: OpenAPI description; texts ours).
fn judge_profile(sent: &Object) -> Result<(), Refusal> {
    let target = text(sent, "targetKubernetesVersion");
    let is_minor =
        target.split('.').count() == 2 && target.split('.').all(|part| part.parse::<u32>().is_ok());
    let to_target = match text(sent, "channel") {
        "TargetKubernetesVersion" => true,
        "Stable" | "Rapid" | "NodeImage" => false,
        _ => {
            let why = "it is one of Stable, Rapid, NodeImage and TargetKubernetesVersion.";
            return Err(Refusal::fleet_invalid("channel", why));
        }
    };
    if to_target && !is_minor {
        let why = "with this channel a minor is required, such as \"1.35\".";
        return Err(Refusal::fleet_invalid("targetKubernetesVersion", why));
    }
    if !to_target && !target.is_empty() {
        return Err(Refusal::fleet_invalid("targetKubernetesVersion", "this channel takes none."));
    }
    if !to_target && sent.get("longTermSupport").is_some_and(|long| long == true) {
        return Err(Refusal::fleet_invalid("longTermSupport", "this channel does not take it."));
    }
    Ok(())
}
