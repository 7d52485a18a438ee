//! Snapshots of agent pools: version and image, kept at once, as recorded.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::simulator::catalogue::first_image;
use crate::simulator::world::cluster::{Cluster, Object, pool_version, text};
use crate::simulator::world::entra::OBJECT;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::{Reply, instant};
use crate::simulator::world::route::{Place, Route};
use crate::simulator::world::{Call, World};

/// A snapshot, and what Azure shows of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    place: Place,
    body: Value,
}

impl Snapshot {
    /// Returns the Kubernetes version of the pool when it was taken.
    pub(super) fn version(&self) -> &str {
        self.body["properties"]["kubernetesVersion"].as_str().unwrap_or_default()
    }

    /// Returns the node image of the pool when it was taken.
    pub(super) fn image(&self) -> &str {
        self.body["properties"]["nodeImageVersion"].as_str().unwrap_or_default()
    }
}

impl World {
    pub(super) fn list_snapshots(
        &self,
        call: &Call,
        subscription: &str,
        group: Option<&str>,
    ) -> Result<Reply, Refusal> {
        self.group_exists(subscription, group)?;
        let here = |snapshot: &&Snapshot| snapshot.place.is_in(subscription, group);
        let snapshots: Vec<_> = self.snapshots.iter().filter(here).collect();
        Ok(self.list(call, &snapshots, |snapshot| snapshot.body.clone()))
    }

    pub(super) fn get_snapshot(&self, place: &Place) -> Result<Reply, Refusal> {
        let found = self.snapshots.iter().find(|snapshot| snapshot.place.is(place));
        found.map(|snapshot| Reply::json(200, snapshot.body.clone())).ok_or_else(|| self.no_snapshot(place))
    }

    pub(super) fn put_snapshot(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let sent = call.body("Snapshot", &Value::Null)?;
        let source = source(sent.get("properties").and_then(Value::as_object));
        let pool = self.pool_at(source)?;
        let mut properties = json!({
            "creationData": { "sourceResourceId": source },
            "snapshotType": "NodePool",
            "kubernetesVersion": pool.get("currentOrchestratorVersion"),
            "nodeImageVersion": pool.get("nodeImageVersion"),
            "osType": pool.get("osType"),
            "osSku": pool.get("osSKU"),
            "vmSize": pool.get("vmSize"),
        });
        if pool.get("enableFIPS") == Some(&json!(true)) {
            properties["enableFIPS"] = json!(true);
        }
        let Place { subscription, group, name } = place;
        let now = instant(self.now);
        let mut body = json!({
            "name": name,
            "id": format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/snapshots/{name}"),
            "type": "Microsoft.ContainerService/Snapshots",
            "location": sent.get("location"),
            "systemData": {
                "createdBy": OBJECT, "createdByType": "Application", "createdAt": now,
                "lastModifiedBy": OBJECT, "lastModifiedByType": "Application", "lastModifiedAt": now,
            },
            "properties": properties,
        });
        if let Some(tags) = sent.get("tags").filter(|tags| !tags.is_null()) {
            body["tags"] = tags.clone();
        }
        self.snapshots.retain(|snapshot| !snapshot.place.is(place));
        self.snapshots.push(Snapshot { place: place.clone(), body: body.clone() });
        Ok(Reply::json(200, body))
    }

    pub(super) fn patch_snapshot(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let tags = call.body("TagsObject", &Value::Null)?.shift_remove("tags");
        let missing = self.no_snapshot(place);
        let found = self.snapshots.iter_mut().find(|snapshot| snapshot.place.is(place)).ok_or(missing)?;
        if let Some(tags) = tags {
            found.body["tags"] = tags;
        }
        Ok(Reply::json(200, found.body.clone()))
    }

    pub(super) fn delete_snapshot(&mut self, place: &Place) -> Reply {
        let before = self.snapshots.len();
        self.snapshots.retain(|snapshot| !snapshot.place.is(place));
        Reply::empty(if self.snapshots.len() < before { 200 } else { 204 })
    }

    /// Returns the snapshot that a pool, or a body that was sent for one, is bound to.
    pub(super) fn snapshot_of(&self, pool: &Object) -> Result<Option<&Snapshot>, Refusal> {
        let source = source(Some(pool));
        let Route::Snapshot(place) = Route::of(source) else {
            return if source.is_empty() { Ok(None) } else { Err(Refusal::no_source(source)) };
        };
        let found = self.snapshots.iter().find(|snapshot| snapshot.place.is(&place));
        found.map(Some).ok_or_else(|| Refusal::no_source(source))
    }

    /// Returns the image to which a pool's nodes are brought: its snapshot's, or the latest.
    pub(super) fn wanted_image(&self, pool: &Object) -> String {
        match self.snapshot_of(pool) {
            Ok(Some(snapshot)) => snapshot.image().to_owned(),
            _ => self.latest_image(pool),
        }
    }

    /// Returns the image of a new pool: the snapshot's, or the latest of the kind that its machines need.
    pub(super) fn new_image(&self, pool: &Object) -> Result<String, Refusal> {
        if let Some(snapshot) = self.snapshot_of(pool)? {
            return Ok(snapshot.image().to_owned());
        }
        let fips = pool.get("enableFIPS") == Some(&json!(true));
        let first = first_image(text(pool, "vmSize"), fips);
        let (os_sku, minor) = (text(pool, "osSKU"), pool_version(pool).minor);
        Ok(self.catalogue.latest_image(os_sku, minor, first, self.now))
    }

    /// Returns the latest image for a pool.
    pub(super) fn latest_image(&self, pool: &Object) -> String {
        let (os_sku, minor) = (text(pool, "osSKU"), pool_version(pool).minor);
        self.catalogue.latest_image(os_sku, minor, text(pool, "nodeImageVersion"), self.now)
    }

    fn pool_at(&self, source: &str) -> Result<Object, Refusal> {
        let Route::Pool(place, name) = Route::of(source) else { return Err(Refusal::no_source(source)) };
        let cluster = self.look(&place).map_err(|_| Refusal::no_source(source))?;
        cluster.pool(&name).cloned().ok_or_else(|| Refusal::no_pool(&place, &name))
    }

    fn no_snapshot(&self, place: &Place) -> Refusal {
        if self.has_group(&place.subscription, &place.group) {
            Refusal::no_resource("snapshots", place)
        } else {
            Refusal::no_group(&place.group)
        }
    }
}

impl Cluster {
    /// Lets go of the snapshot of a pool that moves on without naming one.
    pub(super) fn leave_snapshot(&mut self, name: &str, sent: Option<&Object>) {
        if let Some(pool) = self.pool_mut(name).filter(|_| source(sent).is_empty()) {
            pool.shift_remove("creationData");
        }
    }
}

/// Returns `creationData.sourceResourceId`, or nothing.
fn source(object: Option<&Object>) -> &str {
    let data = object.and_then(|object| object.get("creationData"));
    data.and_then(|data| data["sourceResourceId"].as_str()).unwrap_or_default()
}
