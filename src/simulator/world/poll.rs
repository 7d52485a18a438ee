//! Operations as they are asked after: addresses, statuses, results, abort.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::simulator::identifier::signature;
use crate::simulator::outcome::{Ending, Kind};
use crate::simulator::world::operation::{Operation, Work};
use crate::simulator::world::operations::Job;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::{Reply, instant};
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

impl World {
    pub(super) fn status(&mut self, call: &Call, id: &str) -> Result<Reply, Refusal> {
        let (now, errors, retry_after) = (self.now, self.service.transient_errors, self.service.retry_after);
        if let Some(reply) = self.fleet_status(call, id, false) {
            return reply;
        }
        let operation = self.operations.iter_mut().find(|operation| operation.id.eq_ignore_ascii_case(id));
        let operation = operation.ok_or_else(|| Refusal::no_operation(id))?;
        verbatim(call, operation)?;
        operation.polls += 1;
        let operation = operation.clone();
        let canceling =
            self.operations.iter().filter(|other| other.runs()).any(|other| other.aborts(&operation.id));
        let mut body = json!({ "name": operation.id, "status": operation.progress(now), "startTime": instant(operation.started) });
        if canceling {
            body["status"] = json!("Canceling");
        }
        match operation.shown_end() {
            Some((at, end)) => {
                body["status"] = json!(end.state());
                body["endTime"] = json!(instant(at));
                if let Some(error) = operation.end_error(end) {
                    body["error"] = error;
                }
            }
            None if errors && operation.polls % 5 == 3 => body["error"] = not_latest(),
            None => {}
        }
        let reply = Reply::json(200, body);
        let running = operation.shown_end().is_none();
        Ok(match retry_after.filter(|_| running) {
            Some(seconds) => reply.with("retry-after", seconds.to_string()),
            None => reply,
        })
    }

    pub(super) fn result(&self, call: &Call, id: &str) -> Result<Reply, Refusal> {
        if let Some(reply) = self.fleet_status(call, id, true) {
            return reply;
        }
        let operation = self.operations.iter().find(|operation| operation.id.eq_ignore_ascii_case(id));
        let operation = operation.ok_or_else(|| Refusal::no_operation(id))?;
        verbatim(call, operation)?;
        // Recorded on every answer, the last one included.
        let own = address(call, operation, "operationresults");
        let Some((_, end)) = operation.shown_end() else {
            return Ok(Reply::empty(202).with("location", own));
        };
        if let Some(error) = operation.end_error(end) {
            let text = |key| error[key].as_str().unwrap_or_default().to_owned();
            return Err(Refusal::provider(400, &text("code"), "", text("message")));
        }
        let cluster = self.look(&operation.place).ok().filter(|_| operation.answers_resource);
        let pool = cluster
            .zip(operation.pool.as_ref())
            .and_then(|(cluster, name)| Some(cluster.pool_body(cluster.pool(name)?)));
        let reply = pool.map_or_else(|| Reply::empty(204), |body| Reply::json(200, body));
        Ok(reply.with("location", own))
    }

    /// Adds the addresses under which an operation can be asked after.
    pub(super) fn announce(&self, call: &Call, reply: Reply, operation: usize, location: bool) -> Reply {
        let Some(operation) = self.operations.get(operation) else { return reply };
        let reply = reply.with("azure-asyncoperation", address(call, operation, "operations"));
        if location { reply.with("location", address(call, operation, "operationresults")) } else { reply }
    }

    /// Aborts the running operation of a cluster or pool; the answer is the resource as it was before.
    pub(super) fn abort(&mut self, call: &Call, place: &Place, pool: Option<&str>) -> Result<Reply, Refusal> {
        let body = match pool {
            Some(name) => {
                let cluster = self.look(place)?;
                cluster.pool_body(cluster.pool(name).ok_or_else(|| Refusal::no_pool(place, name))?)
            }
            None => self.look(place)?.body(),
        };
        let running = if pool.is_some() { self.running_on_pool(place, pool) } else { self.running(place) };
        let running = running
            .filter(|operation| operation.state != "Canceling")
            .ok_or_else(Refusal::nothing_to_abort)?;
        let (id, pools) = (running.id.clone(), running.pools.clone());
        self.freeze(&id);
        let index = self.begin(Job {
            place: place.clone(),
            pool: pool.map(str::to_owned),
            state: "Canceling",
            kind: Kind::Settings,
            work: vec![(Work::Abort { id }, self.durations.abort)],
            pools,
            answers_resource: false,
        });
        Ok(self.announce(call, Reply::json(202, body), index, true))
    }

    /// Stops the work of an operation that is being aborted.
    fn freeze(&mut self, id: &str) {
        let now = self.now;
        if let Some(operation) = self.operations.iter_mut().find(|operation| operation.id == id) {
            operation.outcome = Some((now, Ending::Hang));
            operation.error = None;
        }
    }
}

fn not_latest() -> Value {
    json!({
        "code": "NotLatestOperation",
        "message": "Cannot proceed with the operation. Either the operation has been preempted by another one, or the information needed by the operation failed to be saved (or hasn't been saved yet)."
    })
}

/// Returns the address of an operation on the caller's own host, with the long signed query.
fn address(call: &Call, operation: &Operation, kind: &str) -> String {
    let Operation { id, location, place, .. } = operation;
    let subscription = &place.subscription;
    let query = own_query(operation);
    format!(
        "{}/subscriptions/{subscription}/providers/Microsoft.ContainerService/locations/{location}/{kind}/{id}?{query}",
        call.base
    )
}

fn own_query(operation: &Operation) -> String {
    signed_query("2025-03-01", operation.started, operation.serial)
}

/// Returns the query: about 3 KB since late 2023.
pub(super) fn signed_query(version: &str, started: Timestamp, serial: u64) -> String {
    // Ticks of .NET: a tenth of a microsecond since the year 1.
    let ticks = 621_355_968_000_000_000 + i128::from(started.as_microsecond()) * 10;
    let part = |salt: u64, length| signature(serial ^ (salt << 56), length);
    format!("api-version={version}&t={ticks}&c=MII{}&s={}&h={}", part(1, 2600), part(2, 342), part(3, 43))
}

fn verbatim(call: &Call, operation: &Operation) -> Result<(), Refusal> {
    if call.query == own_query(operation) { Ok(()) } else { Err(Refusal::altered_address()) }
}
