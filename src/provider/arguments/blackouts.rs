//! `blackout`: when nothing may start, whatever the windows say.

use crate::provider::arguments::windows::{
    applies_to_attribute, pools_attribute, refuse, refuse_empty, scope,
};
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Block, Type};
use crate::upgrade::window::blackout::{Blackout, BlackoutSpec};
use crate::upgrade::window::edge::BlackoutEdge;
use crate::upgrade::window::zone;

const INVALID: &str = "Invalid blackout";

/// Returns the schema of `blackout`.
#[must_use]
pub fn blackout_block() -> Block {
    let blackout = vec![
        Attribute::required(
            "from",
            Type::String,
            "An instant (`2026-12-15T18:00:00Z`), a date (`2026-12-15`) or, with `yearly`, a day of the year (`12-15`).",
        ),
        Attribute::required(
            "to",
            Type::String,
            "Spelled like `from`. An instant is exclusive, a date is inclusive; `9999-12-31` is for ever.",
        ),
        Attribute::optional(
            "yearly",
            Type::Bool,
            "Whether it comes back every year. It may cross the end of the year.",
        ),
        Attribute::optional(
            "time_zone",
            Type::String,
            "The zone in which the days begin and end, such as `Europe/Berlin`. Required with dates, an error with instants.",
        ),
        Attribute::optional("reason", Type::String, "Why; shown when it stands in the way."),
        applies_to_attribute("The kinds of work it forbids"),
        pools_attribute(
            "The pools on which nothing may start. It holds up the whole cluster, too, where that moves at once, and never the control plane alone.",
        ),
    ];
    Block::list("blackout", blackout, "When nothing may start. A blackout beats every window.")
}

/// Reads each `blackout`; everything wrong is reported at its attribute.
#[must_use]
pub fn blackouts(config: &Reader<'_>) -> Vec<Blackout> {
    config.objects("blackout").iter().filter_map(blackout).collect()
}

fn blackout(object: &Reader<'_>) -> Option<Blackout> {
    let from = object.parse("from", INVALID, BlackoutEdge::parse);
    let to = object.parse("to", INVALID, BlackoutEdge::parse);
    refuse_empty(object, &["applies_to", "node_pools"]);
    let zone = object.parse("time_zone", "Unknown time zone", zone::parse);
    let (from, to) = (from?, to?);
    if zone.is_none() && object.is_set("time_zone") {
        return None;
    }
    let spec = BlackoutSpec {
        zone,
        from,
        to,
        yearly: object.flag("yearly").unwrap_or(false),
        reason: object.text("reason").map(str::to_owned),
        scope: scope(object),
    };
    Blackout::new(spec).map_err(|error| refuse(object, INVALID, &error)).ok()
}
