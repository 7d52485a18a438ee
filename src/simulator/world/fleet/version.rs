//! What older versions of the API do not show (recorded, and the types of each version).

use serde_json::Value;

use crate::simulator::world::Call;
use crate::simulator::world::reply::Reply;

/// Fields and the first day of an API version that shows them.
const SINCE: [(&str, &str); 3] =
    [("labels", "2025-04-01"), ("lastOperationId", "2025-03-01"), ("maxConcurrency", "2026-02-01")];

/// Leaves out what the caller's version of the API does not know.
pub(super) fn shown(call: &Call, mut reply: Reply) -> Reply {
    let day = call.parameter("api-version").unwrap_or_default();
    let unknown: Vec<&str> =
        SINCE.iter().filter(|(_, since)| day.as_str() < *since).map(|(field, _)| *field).collect();
    if let Some(body) = reply.body.as_mut().filter(|_| !unknown.is_empty()) {
        forget(body, &unknown);
    }
    reply
}

fn forget(value: &mut Value, unknown: &[&str]) {
    match value {
        Value::Object(object) => {
            object.retain(|key, inner| {
                forget(inner, unknown);
                // The status of a Fleet or member is nothing but its last operation.
                let emptied = key == "status" && inner.as_object().is_some_and(|inner| inner.is_empty());
                !emptied && !unknown.contains(&key.as_str())
            });
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| forget(inner, unknown)),
        _ => {}
    }
}
