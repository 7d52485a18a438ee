//! What Azure asks of a cluster, its version apart: name, place, pools, tier and plan, channels.

use serde_json::Value;

use crate::simulator::rules::is_cluster_name;
use crate::simulator::world::cluster::{Cluster, Object, profiles, text};
use crate::simulator::world::fixed;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    /// Refuses a new cluster by its name, its place and its pools.
    pub(super) fn judge_new_cluster(&self, call: &Call, place: &Place, body: &Object) -> Result<(), Refusal> {
        if !self.takes_group(&place.subscription, &place.group) {
            return Err(Refusal::no_group(&place.group));
        }
        self.judge_region(call, text(body, "location"))?;
        if !is_cluster_name(&place.name) {
            return Err(Refusal::value("resourceName", NAME));
        }
        let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        if profiles(&sent).next().is_none() {
            let message = "Required parameter agentPoolProfiles is missing (null).";
            return Err(Refusal::invalid("agentPoolProfiles", message));
        }
        if !profiles(&sent).any(|pool| text(pool, "mode") == "System") {
            return Err(Refusal::no_system_pool());
        }
        judge_support(body, &sent)?;
        judge_channels(&sent, None)
    }

    /// Refuses what a PUT on a cluster cannot change, and what does not go together.
    pub(super) fn judge_cluster_body(&self, cluster: &Cluster, body: &Object) -> Result<(), Refusal> {
        let location = text(body, "location");
        if !same_region(location, cluster.location()) {
            return Err(Refusal::moved(&cluster.place, cluster.location(), location));
        }
        let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        fixed::judge(&cluster.properties, &sent, &fixed::CLUSTER, "")?;
        let mut after = cluster.clone();
        after.take_over(body, &sent);
        judge_support(&after.outer, &after.properties)?;
        judge_channels(&sent, Some(&after.properties))
    }

    /// Refuses a region that does not exist.
    pub(super) fn judge_region(&self, call: &Call, location: &str) -> Result<(), Refusal> {
        let regions = self.catalogue.regions();
        if regions.iter().any(|region| same_region(region, location)) {
            return Ok(());
        }
        let kind = format!("Microsoft.ContainerService/{}", call.kind().unwrap_or_default());
        Err(Refusal::no_region(location, &kind, regions))
    }
}

/// What a name is made of.
const NAME: &str = "The name can contain only letters, numbers, underscores and hyphens. It must start and end with a letter or a number, and must have between 1 and 63 characters.";

/// Azure takes `West Europe` for `westeurope`.
pub(super) fn same_region(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.replace(' ', "").to_ascii_lowercase();
    plain(one) == plain(other)
}

/// Long-term support needs the tier Premium (docs: long-term-support). The sentence is ours.
fn judge_support(outer: &Object, properties: &Object) -> Result<(), Refusal> {
    let tier = outer.get("sku").and_then(|sku| sku["tier"].as_str()).unwrap_or_default();
    let long_term = text(properties, "supportPlan") == "AKSLongTermSupport";
    if long_term && !tier.eq_ignore_ascii_case("Premium") {
        return Err(Refusal::value(
            "supportPlan",
            "AKSLongTermSupport is only available for clusters of tier Premium.",
        ));
    }
    Ok(())
}

/// The channel `node-image` holds the nodes' channel on `NodeImage` (docs: auto-upgrade-cluster). The sentence is ours.
fn judge_channels(sent: &Object, after: Option<&Object>) -> Result<(), Refusal> {
    let channel = |object: &Object, name: &str| {
        let profile = object.get("autoUpgradeProfile");
        profile.and_then(|profile| profile[name].as_str()).unwrap_or_default().to_owned()
    };
    let upgrade = channel(after.unwrap_or(sent), "upgradeChannel");
    let nodes = channel(sent, "nodeOSUpgradeChannel");
    if upgrade == "node-image" && !nodes.is_empty() && nodes != "NodeImage" {
        return Err(Refusal::value(
            "autoUpgradeProfile.nodeOSUpgradeChannel",
            "it must be NodeImage while upgradeChannel is node-image.",
        ));
    }
    Ok(())
}
