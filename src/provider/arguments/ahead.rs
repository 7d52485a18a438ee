//! `as_of` and `horizon`: from when, and how far a look ahead goes.

use jiff::{SignedDuration, Timestamp};

use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Type};
use crate::upgrade::duration;

/// How far a look ahead goes where nothing is said: a quarter, so that a window of every third month is in it.
const HORIZON: SignedDuration = SignedDuration::from_hours(92 * 24);

/// Two years: whatever runs today is out of support by then.
const FARTHEST: SignedDuration = SignedDuration::from_hours(731 * 24);

/// From when, and how far a look ahead goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ahead {
    /// The instant that it is made for; `None` for the present one, by Azure's clock.
    pub as_of: Option<Timestamp>,
    /// Steps that would start later than this after it are left.
    pub horizon: SignedDuration,
}

impl Default for Ahead {
    fn default() -> Self {
        Ahead { as_of: None, horizon: HORIZON }
    }
}

/// Returns the schema of `as_of` and `horizon`.
#[must_use]
pub fn ahead_attributes() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "as_of",
            Type::String,
            "The instant to look ahead from, such as `2026-12-01T00:00:00Z`: the cluster as it is now, with windows, ages and overrides as they will count then. Default: now, by Azure's clock.",
        ),
        Attribute::optional(
            "horizon",
            Type::String,
            "How far to look, such as `30d`, up to `731d`. Steps that would start later have no `start`. Default `92d`.",
        ),
    ]
}

/// Reads `as_of` and `horizon`; everything wrong is reported at its attribute.
#[must_use]
pub fn ahead(config: &Reader<'_>) -> Ahead {
    let default = Ahead::default();
    Ahead {
        as_of: config.parse("as_of", "Invalid instant", instant),
        horizon: config.parse("horizon", "Invalid duration", horizon).unwrap_or(default.horizon),
    }
}

/// Reads an instant as it is written in `as_of`.
///
/// # Errors
///
/// `"2026-12-01"` (a day is no instant), `"tomorrow"`.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("{text:?} is not an instant; write it as \"2026-11-28T02:00:00Z\"."))
}

/// Reads a horizon.
///
/// # Errors
///
/// `"0d"`, `"10000d"`, and what is no duration, such as `"30"`.
pub fn horizon(text: &str) -> Result<SignedDuration, String> {
    let horizon = duration::parse(text).map_err(|error| error.to_string())?;
    if horizon.is_zero() || horizon > FARTHEST {
        return Err(format!("{text:?} is no horizon. It has to be more than nothing, and at most \"731d\"."));
    }
    Ok(horizon)
}
