//! The only reader of the wall clock.

use jiff::Timestamp;

/// Returns this machine's idea of the present instant.
///
/// Windows are judged by Azure's clock (the `Date` header), never by this one: a runner with a
/// wrong clock must not open a window. It serves certificates, log lines and the simulator.
#[must_use]
pub fn now() -> Timestamp {
    // The one exception to clippy.toml's disallowed-methods; see the module doc.
    #[allow(clippy::disallowed_methods)]
    Timestamp::now()
}
