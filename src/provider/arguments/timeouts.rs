//! `timeouts`: how long one call of Terraform may take.

use std::time::Duration;

use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Kind, Nesting, Type};
use crate::upgrade::duration;

/// How long one call of Terraform may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A create, waiting for a window included. Default 6 hours.
    pub create: Duration,
    /// An update, waiting for a window included. Default 6 hours.
    pub update: Duration,
    /// A refresh. Default 5 minutes.
    pub read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let work = Duration::from_secs(6 * 3600);
        Timeouts { create: work, update: work, read: Duration::from_secs(300) }
    }
}

/// Returns the schema of `timeouts`.
#[must_use]
pub fn timeouts_attribute() -> Attribute {
    let attributes = vec![
        Attribute::optional("create", Type::String, "Default `6h`."),
        Attribute::optional("update", Type::String, "Default `6h`."),
        Attribute::optional("read", Type::String, "Default `5m`."),
    ];
    Attribute::optional(
        "timeouts",
        Kind::Nested(Nesting::Single, attributes),
        "How long a call may take, waiting for a window included. When it is over Azure goes on, and the next apply attaches to what runs.",
    )
}

/// Reads `timeouts`; everything wrong is reported at its attribute.
#[must_use]
pub fn timeouts(config: &Reader<'_>) -> Timeouts {
    let defaults = Timeouts::default();
    let Some(object) = config.object("timeouts") else { return defaults };
    let read = |name, default| object.parse(name, "Invalid duration", timeout).unwrap_or(default);
    Timeouts {
        create: read("create", defaults.create),
        update: read("update", defaults.update),
        read: read("read", defaults.read),
    }
}

fn timeout(text: &str) -> Result<Duration, String> {
    let parsed = duration::parse(text).map_err(|error| error.to_string())?;
    match Duration::try_from(parsed) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err(format!("{text:?} leaves no time at all. Write a duration such as \"6h\".")),
    }
}
