//! Members: clusters that join a Fleet, move between its groups and leave.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::simulator::outcome::Kind as Change;
use crate::simulator::world::cluster::{Object, text};
use crate::simulator::world::fleet::{Fleet, Kind, Part, Resource, judge_name};
use crate::simulator::world::operation::Work;
use crate::simulator::world::operations::Job;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

/// How long joining and leaving take, and how long the cluster is busy with it (recorded).
const JOIN: SignedDuration = SignedDuration::from_secs(8);
const SETTLE: SignedDuration = SignedDuration::from_secs(35);

impl World {
    pub(super) fn ask_members(&mut self, call: &Call, place: &Place, part: &Part) -> Result<Reply, Refusal> {
        match (call.method.as_str(), part) {
            ("GET", Part::List(_)) => {
                let fleet = self.hold_fleet(place)?.clone();
                Ok(self.list(call, &fleet.members, |member| fleet.body_of(Kind::Member, member)))
            }
            ("GET", Part::One(_, name)) => self.with_member(place, name, |_| Ok(())).map(ok),
            ("PUT", Part::One(_, name)) => self.put_member(call, place, name),
            ("PATCH", Part::One(_, name)) => self.patch_member(call, place, name),
            ("DELETE", Part::One(_, name)) => self.delete_member(call, place, name),
            _ => Err(Refusal::not_played(&call.method, &call.path)),
        }
    }

    fn put_member(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let body = call.fleet_body("FleetMember")?;
        let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let stamp = self.stamp_now();
        let found = self.fleet(place).and_then(|fleet| fleet.members.iter().find(|member| member.is(name)));
        call.conditions(found.is_some(), found.map(|member| member.etag.trim_matches('"')))?;
        let new = found.is_none();
        judge_group(&sent)?;
        if let Some(member) = found {
            let id = text(&sent, "clusterResourceId");
            if !id.eq_ignore_ascii_case(text(&member.properties, "clusterResourceId")) {
                return Err(Refusal::fleet_invalid("clusterResourceId", "it cannot be changed."));
            }
        } else {
            judge_name("fleetMemberName", name, 50)?;
            self.judge_cluster_of_member(text(&sent, "clusterResourceId"))?;
        }
        let cluster = cluster_place(text(&sent, "clusterResourceId"));
        let location = cluster.as_ref().and_then(|place| self.look(place).ok());
        let location = location.map(|cluster| cluster.location().to_owned()).unwrap_or_default();
        let fleet = self.hold_fleet(place)?;
        if new {
            fleet.members.push(Resource::new(name, Object::new(), stamp));
        }
        let member = fleet.members.iter_mut().find(|member| member.is(name));
        if let Some(member) = member {
            fill(member, &sent, cluster.as_ref().map(|place| (place, location.as_str())));
            member.write(stamp);
        }
        if let Some(cluster) = cluster.filter(|_| new) {
            self.settle_cluster(&cluster);
        }
        let (status, state) = if new { (201, "Joining") } else { (200, "Updating") };
        let operation = self.begin_on_fleet(place, Some(name), state, JOIN);
        let body = self.with_member(place, name, |_| Ok(()))?;
        Ok(self.announce_on_fleet(call, Reply::json(status, body), operation))
    }

    fn patch_member(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let body = call.fleet_body("FleetMemberUpdate")?;
        let sent = body.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        judge_group(&sent)?;
        let stamp = self.stamp_now();
        let body = self.with_member(place, name, |member| {
            call.conditions(true, Some(member.etag.trim_matches('"')))?;
            fill(member, &sent, None);
            member.write(stamp);
            Ok(())
        })?;
        Ok(Reply::json(200, body))
    }

    fn delete_member(&mut self, call: &Call, place: &Place, name: &str) -> Result<Reply, Refusal> {
        let fleet = self.hold_fleet(place)?;
        let Some(member) = fleet.members.iter().find(|member| member.is(name)) else {
            return Ok(Reply::empty(204));
        };
        call.conditions(true, Some(member.etag.trim_matches('"')))?;
        let operation = self.begin_on_fleet(place, Some(name), "Leaving", JOIN);
        let body = self.with_member(place, name, |_| Ok(()))?;
        Ok(self.announce_on_fleet(call, Reply::json(202, body), operation))
    }

    /// Does something to a member, and returns its body.
    fn with_member(
        &mut self,
        place: &Place,
        name: &str,
        act: impl FnOnce(&mut Resource) -> Result<(), Refusal>,
    ) -> Result<Value, Refusal> {
        let serial = self.next_serial();
        let fleet = self.hold_fleet(place)?;
        let id = fleet.id_of(Kind::Member, name);
        let member = fleet.members.iter_mut().find(|member| member.is(name));
        let member = member.ok_or_else(|| Refusal::no_fleet_resource(&id, serial))?;
        act(member)?;
        let member = member.clone();
        Ok(fleet.body_of(Kind::Member, &member))
    }

    /// A cluster is a member of one Fleet at most (docs: quickstart-create-fleet-and-members).
    fn judge_cluster_of_member(&self, id: &str) -> Result<(), Refusal> {
        let Some(place) = cluster_place(id) else {
            return Err(Refusal::fleet_invalid("clusterResourceId", "it is no id of a managed cluster."));
        };
        self.look(&place)?;
        let mine = |member: &Resource| text(&member.properties, "clusterResourceId").eq_ignore_ascii_case(id);
        match self.fleets.all.iter().find(|fleet| fleet.members.iter().any(mine)) {
            Some(other) => Err(Refusal::fleet_conflict(format!(
                "The cluster '{id}' is already a member of the fleet '{}'.",
                other.place.id("fleets")
            ))),
            None => Ok(()),
        }
    }

    /// The cluster shows for a while that it is being brought up to date (recorded: `Updating`).
    fn settle_cluster(&mut self, cluster: &Place) {
        if self.cluster_is_idle(cluster).is_ok() {
            self.begin(Job {
                place: cluster.clone(),
                pool: None,
                state: "Updating",
                kind: Change::Settings,
                work: vec![(Work::Settle, SETTLE)],
                pools: vec![],
                answers_resource: false,
            });
        }
    }
}

impl Fleet {
    /// Returns name, group and cluster of every member.
    pub(super) fn laid_out(&self) -> Vec<[&str; 3]> {
        self.members
            .iter()
            .map(|member| {
                [
                    &*member.name,
                    text(&member.properties, "group"),
                    text(&member.properties, "clusterResourceId"),
                ]
            })
            .collect()
    }
}

/// Writes what was sent; Fleet Manager's own labels stand beside a caller's (recorded).
fn fill(member: &mut Resource, sent: &Object, cluster: Option<(&Place, &str)>) {
    let kept = member.properties.get("labels").cloned().unwrap_or_default();
    for key in ["clusterResourceId", "group", "labels"] {
        if let Some(value) = sent.get(key).filter(|value| !value.is_null()) {
            member.properties.insert(key.into(), value.clone());
        }
    }
    let own =
        kept.as_object().into_iter().flatten().filter(|(label, _)| label.starts_with("fleet.azure.com/"));
    own.for_each(|(label, value)| member.properties["labels"][label] = value.clone());
    let Some((Place { subscription, group, name }, location)) = cluster else { return };
    let labels = member.properties.entry("labels").or_insert_with(|| json!({}));
    let own = [
        ("cluster-name", name.as_str()),
        ("location", location),
        ("member-name", &member.name),
        ("resource-group", group),
        ("subscription-id", subscription),
    ];
    for (label, value) in own {
        labels[format!("fleet.azure.com/{label}")] = json!(value);
    }
}

fn judge_group(sent: &Object) -> Result<(), Refusal> {
    match text(sent, "group") {
        "" => Ok(()),
        group => judge_name("group", group, 50),
    }
}

/// Reads the id of a managed cluster.
pub(super) fn cluster_place(id: &str) -> Option<Place> {
    let words: Vec<&str> = id.trim_matches('/').split('/').collect();
    let [_, subscription, _, group, _, _, kind, name] = words.as_slice() else { return None };
    let fits = kind.eq_ignore_ascii_case("managedClusters");
    fits.then(|| Place { subscription: (*subscription).into(), group: (*group).into(), name: (*name).into() })
}

fn ok(body: Value) -> Reply {
    Reply::json(200, body)
}
