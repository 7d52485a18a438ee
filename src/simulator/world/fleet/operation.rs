//! The long operations of Fleets and members: creating, joining, leaving, deleting.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::simulator::identifier::guid;
use crate::simulator::world::fleet::resource::Resource;
use crate::simulator::world::operation::later;
use crate::simulator::world::poll::signed_query;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::{Reply, instant};
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

/// An operation on a Fleet or on one of its members.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::simulator::world) struct FleetOperation {
    id: String,
    serial: u64,
    fleet: Place,
    location: String,
    /// The member; the Fleet itself, without one.
    member: Option<String>,
    started: Timestamp,
    ends: Timestamp,
    removes: bool,
    ended: bool,
}

/// The version of the API that the addresses of these operations carry (recorded).
const VERSION: &str = "2016-03-30";

impl World {
    /// Begins an operation on a Fleet or a member, and shows its state there. Returns where it is kept.
    pub(super) fn begin_on_fleet(
        &mut self,
        fleet: &Place,
        member: Option<&str>,
        state: &str,
        lasts: SignedDuration,
    ) -> usize {
        let stamp = self.stamp_now();
        let id = guid(stamp.serial);
        let location = self.fleet(fleet).map(|fleet| fleet.location().to_owned()).unwrap_or_default();
        if let Some(resource) = self.fleet_or_member(fleet, member) {
            resource.show_state(state, stamp);
            resource.properties.insert("status".into(), json!({ "lastOperationId": id }));
        }
        self.fleets.operations.push(FleetOperation {
            id,
            serial: stamp.serial,
            fleet: fleet.clone(),
            location,
            member: member.map(str::to_owned),
            started: self.now,
            ends: later(self.now, lasts),
            removes: matches!(state, "Deleting" | "Leaving"),
            ended: false,
        });
        self.fleets.operations.len() - 1
    }

    /// Ends the operations whose time has come.
    pub(super) fn end_fleet_operations(&mut self) {
        for index in 0..self.fleets.operations.len() {
            let due = |operation: &&mut FleetOperation| !operation.ended && operation.ends <= self.now;
            let Some(operation) = self.fleets.operations.get_mut(index).filter(due) else { continue };
            operation.ended = true;
            let FleetOperation { fleet, member, removes, .. } = operation.clone();
            if removes {
                self.fleets.remove(&fleet, member.as_deref());
                continue;
            }
            let stamp = self.stamp_now();
            if let Some(resource) = self.fleet_or_member(&fleet, member.as_deref()) {
                resource.show_state("Succeeded", stamp);
            }
            if member.is_none() {
                self.raise_hub(&fleet);
            }
        }
    }

    /// Returns when the next one ends.
    pub(super) fn next_fleet_end(&self) -> Option<Timestamp> {
        let running = self.fleets.operations.iter().filter(|operation| !operation.ended);
        running.map(|operation| operation.ends).min()
    }

    fn fleet_or_member(&mut self, fleet: &Place, member: Option<&str>) -> Option<&mut Resource> {
        let fleet = self.fleets.all.iter_mut().find(|kept| kept.place.is(fleet))?;
        match member {
            Some(name) => fleet.members.iter_mut().find(|member| member.is(name)),
            None => Some(&mut fleet.resource),
        }
    }

    /// Adds the addresses of an operation; the one of the result where something ends.
    pub(super) fn announce_on_fleet(&self, call: &Call, reply: Reply, index: usize) -> Reply {
        let Some(operation) = self.fleets.operations.get(index) else { return reply };
        let reply = reply.with("azure-asyncoperation", operation.address(call, "operations"));
        if operation.removes {
            reply.with("location", operation.address(call, "operationresults"))
        } else {
            reply
        }
    }

    /// Answers a poll of a Fleet's operation; none when it is no Fleet's.
    pub(in crate::simulator::world) fn fleet_status(
        &self,
        call: &Call,
        id: &str,
        result: bool,
    ) -> Option<Result<Reply, Refusal>> {
        let operation = self.fleets.operations.iter().find(|kept| kept.id.eq_ignore_ascii_case(id))?;
        if call.query != operation.query() {
            return Some(Err(Refusal::altered_address()));
        }
        let mut body =
            json!({ "name": operation.id, "status": "InProgress", "startTime": instant(operation.started) });
        if operation.ended {
            body["status"] = json!("Succeeded");
            body["endTime"] = json!(instant(operation.ends));
        }
        let own = operation.address(call, "operationresults");
        let wait = |reply: Reply| match self.service.retry_after.filter(|_| !operation.ended) {
            Some(seconds) => reply.with("retry-after", seconds.to_string()),
            None => reply,
        };
        Some(Ok(match (result, operation.ended) {
            (false, _) => wait(Reply::json(200, body)),
            (true, false) => Reply::json(202, body).with("location", own),
            (true, true) => Reply::empty(204).with("location", own),
        }))
    }
}

impl FleetOperation {
    fn address(&self, call: &Call, kind: &str) -> String {
        let Self { id, location, fleet: Place { subscription, .. }, .. } = self;
        let query = self.query();
        format!(
            "{}/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location}/{kind}/{id}?{query}",
            call.base
        )
    }

    fn query(&self) -> String {
        signed_query(VERSION, self.started, self.serial)
    }
}
