//! What every resource of Fleet Manager has beside its properties: eTag, `systemData`, the envelope.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::simulator::identifier::mix;
use crate::simulator::world::cluster::Object;

/// A resource below a Fleet, or a Fleet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Resource {
    pub name: String,
    /// What stands beside the properties: location, tags, identity.
    pub outer: Object,
    pub properties: Object,
    pub etag: String,
    pub created: Timestamp,
    pub changed: Timestamp,
}

/// When something was written, and a number that nothing else has.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulator::world) struct Stamp {
    pub at: Timestamp,
    pub serial: u64,
}

impl Resource {
    /// Makes a resource that was written just now.
    pub(in crate::simulator::world) fn new(name: &str, properties: Object, stamp: Stamp) -> Self {
        Resource {
            name: name.to_owned(),
            outer: Object::new(),
            properties,
            etag: etag(stamp),
            created: stamp.at,
            changed: stamp.at,
        }
    }

    /// Notes that somebody has written it.
    pub(in crate::simulator::world) fn write(&mut self, stamp: Stamp) {
        self.changed = stamp.at;
        self.etag = etag(stamp);
    }

    /// Shows a state of provisioning.
    pub(in crate::simulator::world) fn show_state(&mut self, state: &str, stamp: Stamp) {
        self.properties.insert("provisioningState".into(), json!(state));
        self.etag = etag(stamp);
    }

    /// Tells whether it has that name, in any case.
    pub(in crate::simulator::world) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Returns the body under an id; `kind` is such as `fleets/members`.
    pub(in crate::simulator::world) fn body(&self, id: &str, kind: &str) -> Value {
        let mut body = self.outer.clone();
        body.insert("eTag".into(), json!(self.etag));
        body.insert("id".into(), json!(id));
        body.insert("name".into(), json!(self.name));
        body.insert("properties".into(), json!(self.properties));
        body.insert("systemData".into(), system_data(self.created, self.changed));
        body.insert("type".into(), json!(format!("Microsoft.ContainerService/{kind}")));
        Value::Object(body)
    }
}

/// Returns who wrote when; everybody is the same person here.
pub(super) fn system_data(created: Timestamp, changed: Timestamp) -> Value {
    let shown = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string();
    json!({
        "createdAt": shown(created), "createdBy": PERSON, "createdByType": "User",
        "lastModifiedAt": shown(changed), "lastModifiedBy": PERSON, "lastModifiedByType": "User",
    })
}

/// Returns an eTag with its quotes inside, as Fleet Manager's store makes them (recorded).
pub(super) fn etag(Stamp { at, serial }: Stamp) -> String {
    format!("\"{:08x}-0000-0700-0000-{:08x}0000\"", mix(serial) >> 32, at.as_second())
}

const PERSON: &str = "somebody@example.com";
