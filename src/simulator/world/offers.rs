//! What a cluster, a pool and a region are offered.

use serde_json::{Map, Value, json};

use crate::simulator::catalogue::{Offer, Support};
use crate::simulator::version::Version;
use crate::simulator::world::cluster::{Cluster, Object, pool_version, text};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn upgrade_profile(&self, place: &Place) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let mut profile = json!({ "kubernetesVersion": cluster.version().to_string(), "osType": "Linux" });
        put_upgrades(&mut profile, &self.cluster_offers(cluster));
        Ok(Reply::json(
            200,
            json!({
                "id": format!("{}/upgradeprofiles/default", cluster.id("resourcegroups")),
                "name": "default",
                "type": "Microsoft.ContainerService/managedClusters/upgradeprofiles",
                "properties": { "controlPlaneProfile": profile, "agentPoolProfiles": null },
            }),
        ))
    }

    pub(super) fn pool_profile(&self, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let pool = cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?;
        let mut properties =
            json!({ "kubernetesVersion": pool_version(pool).to_string(), "osType": text(pool, "osType") });
        put_upgrades(&mut properties, &self.pool_offers(cluster, pool));
        if let Some(used) = self.recently_used(cluster, name) {
            properties["recentlyUsedVersions"] = used;
        }
        properties["latestNodeImageVersion"] = json!(self.latest_image(pool));
        Ok(Reply::json(
            200,
            json!({
                "id": format!("{}/agentPools/{}/upgradeProfiles/default", cluster.id("resourcegroups"), text(pool, "name")),
                "name": "default",
                "type": "Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles",
                "properties": properties,
            }),
        ))
    }

    pub(super) fn available_versions(&self, place: &Place) -> Result<Reply, Refusal> {
        let cluster = self.look(place)?;
        let top = cluster.version();
        let version = |offer: Offer| {
            let mut entry = json!({ "kubernetesVersion": offer.version.to_string() });
            mark(&mut entry, "default", offer.version == top);
            mark(&mut entry, "isPreview", offer.preview);
            entry
        };
        let versions: Vec<Value> = self.up_to(top).into_iter().map(version).collect();
        Ok(Reply::json(
            200,
            json!({
                "id": format!("{}/availableAgentPoolVersions/default", cluster.id("resourcegroups")),
                "name": "default",
                "type": "Microsoft.ContainerService/managedClusters/availableAgentpoolVersions",
                "properties": { "agentPoolVersions": versions },
            }),
        ))
    }

    pub(super) fn region_versions(&self, call: &Call, location: &str) -> Result<Reply, Refusal> {
        self.judge_region(call, location)?;
        let minors = self.catalogue.minors(self.now);
        let minors: Vec<Value> = minors.into_iter().map(|minor| self.region_minor(minor)).collect();
        Ok(Reply::json(200, json!({ "values": minors })))
    }

    /// Answers the latest image of each family, which only previews of the API tell.
    pub(super) fn region_images(&self, call: &Call, location: &str) -> Result<Reply, Refusal> {
        self.judge_region(call, location)?;
        let image = |name: String| {
            let (family, version) = name.rsplit_once('-').unwrap_or((name.as_str(), ""));
            let (os, sku) = family.split_once('-').unwrap_or((family, ""));
            json!({ "os": os, "sku": sku, "version": version, "fullName": name })
        };
        let images: Vec<Value> = self.catalogue.latest_images(self.now).into_iter().map(image).collect();
        Ok(Reply::json(200, json!({ "value": images })))
    }

    fn region_minor(&self, minor: u32) -> Value {
        let community = self.catalogue.support(minor, self.now) == Support::Community;
        let plans: &[&str] =
            if community { &["KubernetesOfficial", "AKSLongTermSupport"] } else { &["AKSLongTermSupport"] };
        let mut patches: Vec<(String, Value)> = self
            .catalogue
            .patches(minor, self.now)
            .into_iter()
            .map(|offer| self.region_patch(offer.version))
            .collect();
        patches.sort_by(|a, b| a.0.cmp(&b.0));
        let mut entry = json!({ "version": format!("1.{minor}"), "capabilities": { "supportPlan": plans } });
        mark(&mut entry, "isDefault", self.catalogue.default_minor(self.now) == Some(minor));
        mark(&mut entry, "isPreview", self.catalogue.is_preview(minor, self.now));
        entry["patchVersions"] = Value::Object(patches.into_iter().collect::<Map<_, _>>());
        entry
    }

    fn region_patch(&self, version: Version) -> (String, Value) {
        let mut offers = self.catalogue.upgrades(version, true, self.now);
        // Recorded order: the own minor before the next ones.
        offers.sort_by_key(|offer| (offer.version.minor, std::cmp::Reverse(offer.version.patch)));
        (version.to_string(), json!({ "upgrades": names(&offers) }))
    }

    /// Returns what a cluster may be upgraded to, newest first.
    pub(super) fn cluster_offers(&self, cluster: &Cluster) -> Vec<Offer> {
        self.catalogue.upgrades(cluster.version(), cluster.long_term(), self.now)
    }

    /// Returns what a pool may be upgraded to: anything newer, up to its control plane.
    fn pool_offers(&self, cluster: &Cluster, pool: &Object) -> Vec<Offer> {
        let own = pool_version(pool);
        self.up_to(cluster.version()).into_iter().filter(|offer| offer.version > own).collect()
    }

    fn up_to(&self, top: Version) -> Vec<Offer> {
        let minors = (top.minor.saturating_sub(3)..=top.minor).rev();
        let offers = minors.flat_map(|minor| self.catalogue.patches(minor, self.now));
        offers.filter(|offer| offer.version <= top).collect()
    }
}

/// Returns versions as text.
pub(super) fn names(offers: &[Offer]) -> Vec<String> {
    offers.iter().map(|offer| offer.version.to_string()).collect()
}

/// Azure leaves the list out when it is empty, and `isPreview` out when it is false.
fn put_upgrades(profile: &mut Value, offers: &[Offer]) {
    let upgrade = |offer: &Offer| {
        let mut entry = json!({ "kubernetesVersion": offer.version.to_string() });
        mark(&mut entry, "isPreview", offer.preview);
        entry
    };
    if !offers.is_empty() {
        profile["upgrades"] = offers.iter().map(upgrade).collect();
    }
}

fn mark(entry: &mut Value, key: &str, set: bool) {
    if set {
        entry[key] = json!(true);
    }
}
