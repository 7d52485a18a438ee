//! `timeouts`: how long one call of Terraform may take.

use std::time::Duration;

use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Block, Type};
use crate::upgrade::duration;

/// How long one call of Terraform may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// A create, which only adopts. Default 10 minutes.
    pub create: Duration,
    /// An update, waiting for a window included. Default 5 hours and 30 minutes, which is below the 6 hours of a
    /// hosted runner.
    pub update: Duration,
    /// A refresh. Default 5 minutes.
    pub read: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Timeouts { create: minutes(10), update: minutes(330), read: minutes(5) }
    }
}

/// Returns the schema of `timeouts`.
#[must_use]
pub fn timeouts_block() -> Block {
    let attributes = vec![
        Attribute::optional("create", Type::String, "Default `10m`: a create only adopts."),
        Attribute::optional(
            "update",
            Type::String,
            "Default `5h30m`, below the 6 hours of a hosted runner. A job of Azure DevOps has 60 minutes unless it says more.",
        ),
        Attribute::optional("read", Type::String, "Default `5m`."),
    ];
    Block::single(
        "timeouts",
        attributes,
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
