//! Fleets: read, list, create, change, delete.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::simulator::world::cluster::{Object, text};
use crate::simulator::world::cluster_rules::same_region;
use crate::simulator::world::fleet::version::shown;
use crate::simulator::world::fleet::{Fleet, Resource, judge_name};
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

/// How long a hub cluster takes; a Fleet without one is there at once (recorded).
const HUB: SignedDuration = SignedDuration::from_secs(255);

impl World {
    pub(in crate::simulator::world) fn list_fleets(
        &self,
        call: &Call,
        subscription: &str,
        group: Option<&str>,
    ) -> Result<Reply, Refusal> {
        self.group_exists(subscription, group)?;
        let fleets: Vec<&Fleet> =
            self.fleets.all.iter().filter(|fleet| fleet.place.is_in(subscription, group)).collect();
        Ok(shown(call, self.list(call, &fleets, |fleet| fleet.body())).compact())
    }

    pub(super) fn ask_fleet_itself(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        match call.method.as_str() {
            "GET" => {
                let fleet = self.fleet(place).ok_or_else(|| Refusal::no_resource("fleets", place))?;
                Ok(Reply::json(200, fleet.body()))
            }
            "PUT" => self.put_fleet(call, place),
            "PATCH" => self.patch_fleet(call, place),
            "DELETE" => self.delete_fleet(call, place),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    fn put_fleet(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let body = call.fleet_body("Fleet")?;
        let stamp = self.stamp_now();
        let found = self.fleet(place);
        call.conditions(found.is_some(), found.map(|fleet| fleet.resource.etag.trim_matches('"')))?;
        if let Some(fleet) = found {
            judge_changes(fleet, &body)?;
        }
        let (place, new) = (found.map_or(place, |fleet| &fleet.place).clone(), found.is_none());
        let hub = body.get("properties").and_then(|properties| properties.get("hubProfile")).cloned();
        if new {
            if !self.takes_group(&place.subscription, &place.group) {
                return Err(Refusal::no_group(&place.group));
            }
            self.judge_region(call, text(&body, "location"))?;
            judge_name("fleetName", &place.name, 63)?;
            self.fleets.all.push(Fleet::new(place.clone(), stamp));
        }
        let fleet = self.hold_fleet(&place)?;
        for key in ["location", "tags", "identity"].into_iter().filter(|key| new || *key != "location") {
            if let Some(value) = body.get(key) {
                fleet.resource.outer.insert(key.into(), value.clone());
            }
        }
        // A Fleet without a hub can get one (docs: upgrade-hub-cluster-type), and never loses it.
        if let Some(hub) = hub.filter(|_| fleet.hub().is_none()) {
            fleet.resource.properties.insert("hubProfile".into(), hub);
        }
        fleet.resource.write(stamp);
        let (status, state) = if new { (201, "Creating") } else { (200, "Updating") };
        let lasts = fleet.hub().map_or(SignedDuration::ZERO, |_| HUB);
        let operation = self.begin_on_fleet(&place, None, state, lasts);
        let body = self.hold_fleet(&place)?.body();
        Ok(self.announce_on_fleet(call, Reply::json(status, body), operation))
    }

    fn patch_fleet(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let body = call.fleet_body("FleetPatch")?;
        let stamp = self.stamp_now();
        let fleet = self.hold_fleet(place)?;
        call.conditions(true, Some(fleet.resource.etag.trim_matches('"')))?;
        for key in ["tags", "identity"] {
            if let Some(value) = body.get(key) {
                fleet.resource.outer.insert(key.into(), value.clone());
            }
        }
        fleet.resource.write(stamp);
        Ok(Reply::json(200, fleet.body()))
    }

    fn delete_fleet(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let Some(fleet) = self.fleet(place) else { return Ok(Reply::empty(204)) };
        call.conditions(true, Some(fleet.resource.etag.trim_matches('"')))?;
        let place = fleet.place.clone();
        let lasts = fleet.hub().map_or(SignedDuration::from_secs(1), |_| HUB);
        let operation = self.begin_on_fleet(&place, None, "Deleting", lasts);
        let body = self.hold_fleet(&place)?.body();
        Ok(self.announce_on_fleet(call, Reply::json(202, body), operation))
    }

    /// Lists the kubeconfig of a hub.
    pub(super) fn fleet_credentials(&mut self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        let fleet = self.fleet(place).ok_or_else(|| Refusal::no_resource("fleets", place))?;
        match (call.method.as_str(), fleet.hub()) {
            // No cluster is behind it: the text says so.
            ("POST", Some(_)) => Ok(Reply::json(
                200,
                json!({ "kubeconfigs": [{ "name": "clusterUser", "value": "c2ltdWxhdGVk" }] }),
            )),
            ("POST", None) => Err(Refusal::fleet_conflict("The fleet has no hub cluster.")),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    /// Shows where a hub cluster is once it is there.
    pub(super) fn raise_hub(&mut self, place: &Place) {
        let minor = self.catalogue.default_minor(self.now);
        let version = minor.and_then(|minor| self.catalogue.newest_patch(minor, self.now));
        let Ok(fleet) = self.hold_fleet(place) else { return };
        let location = fleet.location().to_owned();
        let hub = fleet.resource.properties.get_mut("hubProfile").and_then(Value::as_object_mut);
        if let Some((hub, version)) = hub.zip(version).filter(|(hub, _)| !hub.contains_key("fqdn")) {
            let prefix = Some(text(hub, "dnsPrefix")).filter(|prefix| !prefix.is_empty()).unwrap_or("hub");
            let host = |inner: &str| json!(format!("{prefix}-8wql3q5r.{inner}hcp.{location}.azmk8s.io"));
            let (fqdn, portal) = (host(""), host("portal."));
            hub.insert("fqdn".into(), fqdn);
            hub.insert("kubernetesVersion".into(), json!(version.to_string()));
            hub.insert("portalFqdn".into(), portal);
        }
    }
}

/// Refuses what a PUT on a Fleet cannot change; the sentence on the hub is ours.
fn judge_changes(fleet: &Fleet, body: &Object) -> Result<(), Refusal> {
    let location = text(body, "location");
    if !same_region(location, fleet.location()) {
        return Err(Refusal::moved(&fleet.place, fleet.location(), location));
    }
    let prefix =
        |hub: Option<&Value>| hub.and_then(|hub| hub["dnsPrefix"].as_str()).unwrap_or_default().to_owned();
    let sent = prefix(body.get("properties").and_then(|properties| properties.get("hubProfile")));
    if fleet.hub().is_some() && !sent.is_empty() && sent != prefix(fleet.hub()) {
        return Err(Refusal::fleet_invalid("hubProfile.dnsPrefix", "it cannot be changed."));
    }
    Ok(())
}

impl Fleet {
    pub(super) fn new(place: Place, stamp: crate::simulator::world::fleet::Stamp) -> Self {
        let resource = Resource::new(&place.name, Object::new(), stamp);
        Fleet { place, resource, members: vec![], strategies: vec![], profiles: vec![], runs: vec![] }
    }

    pub(super) fn body(&self) -> Value {
        self.resource.body(&self.place.id("fleets"), "fleets")
    }

    fn hub(&self) -> Option<&Value> {
        self.resource.properties.get("hubProfile")
    }
}
