//! `blackouts`: when nothing may start, whatever the windows say.

use crate::provider::arguments::windows::{applies_to_attribute, refuse_empty, scope, time_zone};
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Kind, Nesting, Type};
use crate::upgrade::window::blackout::{Blackout, BlackoutEdge, BlackoutSpec};

const INVALID: &str = "Invalid blackout";

/// Returns the schema of `blackouts`.
#[must_use]
pub fn blackouts_attribute() -> Attribute {
    let blackout = vec![
        Attribute::required(
            "from",
            Type::String,
            "An instant (`2026-12-15T18:00:00Z`), a date (`2026-12-15`) or, with `yearly`, a day of the year (`12-15`).",
        ),
        Attribute::required(
            "to",
            Type::String,
            "Spelled like `from`. An instant is exclusive, a date is inclusive.",
        ),
        Attribute::optional(
            "yearly",
            Type::Bool,
            "Whether it comes back every year. It may cross the end of the year.",
        ),
        Attribute::optional("time_zone", Type::String, "The zone of dates. Default `UTC`."),
        Attribute::optional("reason", Type::String, "Why; shown when it stands in the way."),
        applies_to_attribute("The kinds of work it forbids"),
    ];
    Attribute::optional(
        "blackouts",
        Kind::Nested(Nesting::List, blackout),
        "When nothing may start. A blackout beats every window.",
    )
}

/// Reads `blackouts`; everything wrong is reported at its attribute.
#[must_use]
pub fn blackouts(config: &Reader<'_>) -> Vec<Blackout> {
    config.objects("blackouts").iter().filter_map(blackout).collect()
}

fn blackout(object: &Reader<'_>) -> Option<Blackout> {
    let from = object.parse("from", INVALID, BlackoutEdge::parse);
    let to = object.parse("to", INVALID, BlackoutEdge::parse);
    refuse_empty(object, &["applies_to"]);
    let (from, to) = (from?, to?);
    let zone = time_zone(object)?;
    let instants = matches!(from, BlackoutEdge::Instant(_)) && !object.is_set("time_zone");
    let spec = BlackoutSpec {
        zone: (!instants).then_some(zone),
        from,
        to,
        yearly: object.flag("yearly").unwrap_or(false),
        reason: object.text("reason").map(str::to_owned),
        scope: scope(object),
    };
    Blackout::new(spec).map_err(|error| object.reject(error.attribute, INVALID, error)).ok()
}
