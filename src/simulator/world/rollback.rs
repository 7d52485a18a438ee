//! What a pool ran before, and the way back to it (docs: roll-back-node-pool-version).

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::simulator::version::Version;
use crate::simulator::world::World;
use crate::simulator::world::cluster::{Behind, Cluster, Object, Used, pool_version, text};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::instant;

/// How long after an upgrade its pool can go back.
const OPEN: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The way back of a pool.
pub(super) struct Back {
    pub version: Version,
    pub image: String,
}

impl World {
    /// Returns `recentlyUsedVersions`, newest first; none, when there is nothing to go back to.
    pub(super) fn recently_used(&self, cluster: &Cluster, pool: &str) -> Option<Value> {
        let used: Vec<Value> = self.open_ways(cluster, pool).map(Used::show).collect();
        (!used.is_empty()).then_some(Value::Array(used))
    }

    /// Reads from the body of a PUT on a pool whether it goes back, and refuses what cannot.
    ///
    /// | `nodeImageVersion` | the newest way back | `orchestratorVersion` | the PUT |
    /// |---|---|---|---|
    /// | none, or `latest` | any | any | does not go back |
    /// | the pool's own | is another image or version | any | does not go back |
    /// | the pool's own | is this image and this version | none, or as it runs | does not go back |
    /// | the pool's own | is this image and this version | the way back's | goes back: an upgrade failed before the image moved |
    /// | another | is this image and this version | none, or the way back's | goes back |
    /// | another | is another image or version, or of another OS SKU | any | is refused |
    ///
    /// A way back is shut while its version is not offered or a channel upgrades the cluster. The sentences
    /// are ours, but for the one on the image.
    pub(super) fn judge_way_back(
        &self,
        cluster: &Cluster,
        pool: &Object,
        sent: &Object,
    ) -> Result<Option<Back>, Refusal> {
        let (wanted, current) = (text(sent, "nodeImageVersion"), text(pool, "nodeImageVersion"));
        let version = text(sent, "orchestratorVersion");
        if wanted.is_empty() || wanted == "latest" {
            return Ok(None);
        }
        let stays = version.is_empty() || version == pool_version(pool).to_string();
        let fits = |used: &&Used| {
            let same = used.image == wanted && used.os_sku == text(pool, "osSKU");
            same && (version.is_empty() || version == used.version)
        };
        let newest = self.open_ways(cluster, text(pool, "name")).next().filter(fits);
        match newest {
            Some(used) if wanted != current || !stays => self.open_way_back(cluster, pool, used).map(Some),
            None if wanted != current => Err(Refusal::image_not_accepted(wanted, current)),
            _ => Ok(None),
        }
    }

    /// Returns the way back to what a pool ran, or why it is shut.
    fn open_way_back(&self, cluster: &Cluster, pool: &Object, used: &Used) -> Result<Back, Refusal> {
        let version = used.version.parse().map_err(|_| Refusal::pool_unsupported(&used.version))?;
        if !self.catalogue.has(version, self.now) {
            return Err(Refusal::pool_unsupported(&used.version));
        }
        if cluster.channel("upgradeChannel").is_some_and(|channel| channel != "none") {
            return Err(Refusal::rollback_under_channel(text(pool, "name")));
        }
        // The nodes' own channel holds on to its image.
        let holds = cluster.channel("nodeOSUpgradeChannel").is_some_and(|name| name != "None");
        let image = if holds { text(pool, "nodeImageVersion") } else { &used.image };
        Ok(Back { version, image: image.to_owned() })
    }

    fn open_ways<'a>(&self, cluster: &'a Cluster, pool: &str) -> impl Iterator<Item = &'a Used> {
        let now = self.now;
        let used = cluster.used.get(&pool.to_ascii_lowercase()).into_iter().flatten().rev();
        used.filter(move |used| now.duration_since(used.until) <= OPEN)
    }
}

impl Cluster {
    /// Notes what a pool ran before an upgrade that has ended, well or not; a way back is gone once.
    pub(super) fn note_used(&mut self, pool: &str, behind: &Behind, until: Timestamp) {
        let Some(now) = self.pool(pool) else { return };
        let moved = behind.upgrade || text(now, "nodeImageVersion") != behind.image;
        let used = self.used.entry(pool.to_ascii_lowercase()).or_default();
        if behind.back.is_some() {
            used.clear();
        } else if moved {
            used.retain(|used| used.version != behind.version || used.image != behind.image);
            let Behind { version, image, os_sku, .. } = behind.clone();
            used.push(Used { version, image, os_sku, until });
        }
    }

    /// Shows where a pool goes back to, and notes from where.
    pub(super) fn go_back(&mut self, name: &str, back: Back) {
        let Some(pool) = self.pool(name) else { return };
        let upgrade = pool_version(pool) != back.version;
        self.behind.remove(&name.to_ascii_lowercase());
        self.note_behind(name, upgrade);
        if let Some(behind) = self.behind.get_mut(&name.to_ascii_lowercase()) {
            behind.back = Some(back.image);
        }
        self.show_pool_version(name, back.version, "");
    }

    /// Returns one of the channels that move versions and images, when it is set.
    pub(super) fn channel(&self, name: &str) -> Option<&str> {
        self.properties.get("autoUpgradeProfile")?.get(name)?.as_str()
    }
}

impl Used {
    fn show(&self) -> Value {
        json!({
            "orchestratorVersion": self.version, "nodeImageVersion": self.image,
            "timestamp": instant(self.until),
        })
    }
}
