//! Fleet Manager's refusals. "Ours" marks a text for which no recording or page was found.

use crate::simulator::identifier::guid;
use crate::simulator::world::refusal::Refusal;

impl Refusal {
    /// Recorded.
    pub(super) fn empty_fleet(id: &str, serial: u64) -> Self {
        let message = with_ids("The target fleet of this update run is empty.", id, serial);
        Self::fleet(409, "UpdateRunTargetingEmptyFleet", message)
    }

    /// Recorded.
    pub(super) fn no_fleet_resource(id: &str, serial: u64) -> Self {
        Self::fleet(404, "ResourceNotFound", with_ids("Could not find the given resource.", id, serial))
    }

    /// Ours: the shape is Fleet Manager's, code and text are not recorded.
    pub(in crate::simulator::world) fn fleet_invalid(field: &str, why: &str) -> Self {
        Self::fleet(
            400,
            "InvalidParameter",
            format!("The value of parameter {field} is invalid. Error details: {why}"),
        )
    }

    /// Ours.
    pub(super) fn fleet_conflict(why: impl Into<String>) -> Self {
        Self::fleet(409, "OperationNotAllowed", why)
    }

    fn fleet(status: u16, code: &str, message: impl Into<String>) -> Self {
        let mut refusal = Self::gateway(status, code, message);
        // The gateway has passed it on.
        refusal.headers.clear();
        refusal
    }
}

fn with_ids(text: &str, id: &str, serial: u64) -> String {
    let (correlation, operation) = (guid(serial ^ 0xc0de), guid(serial ^ 0x0b));
    format!("{text} Resource ID: \"{id}\". Correlation ID: \"{correlation}\". Operation ID: \"{operation}\"")
}
