//! `maintenance_windows`: when work may start.

use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Kind, Nesting, Type};
use crate::upgrade::window::days::Days;
use crate::upgrade::window::error::WindowError;
use crate::upgrade::window::schedule::{Window, WindowSpec};
use crate::upgrade::window::scope::Scope;
use crate::upgrade::window::zone;
use crate::upgrade::{duration, kind, text};

const INVALID: &str = "Invalid maintenance window";

/// Returns the schema of `maintenance_windows`.
#[must_use]
pub fn windows_attribute() -> Attribute {
    let texts = || Type::List(Box::new(Type::String));
    let window = vec![
        Attribute::optional(
            "days",
            texts(),
            "Days of the week, such as `[\"saturday\", \"sunday\"]`. Left out: every day.",
        ),
        Attribute::optional(
            "weeks_of_month",
            texts(),
            "With `days`: `first`, `second`, `third`, `fourth` or `last`. `last` is not `fourth`.",
        ),
        Attribute::optional(
            "days_of_month",
            Type::List(Box::new(Type::Number)),
            "Days of the month, instead of `days`. A month that lacks the day is skipped.",
        ),
        Attribute::optional(
            "every",
            Type::Number,
            "Every n-th week (`days`), month (`days_of_month`, `weeks_of_month`) or day (neither). Default 1; above 1 it needs `start_date`.",
        ),
        Attribute::optional(
            "start_date",
            Type::String,
            "The date that `every` counts from, such as `2026-01-05`. Nothing opens before it.",
        ),
        Attribute::required("start", Type::String, "The local time at which it opens, such as `02:00`."),
        Attribute::required(
            "duration",
            Type::String,
            "How long it stays open, from `15m` to `7d`, in elapsed time. It may cross midnight; the occurrence belongs to the day on which it starts.",
        ),
        Attribute::optional(
            "time_zone",
            Type::String,
            "An IANA name such as `Europe/Berlin`, or an offset such as `+02:00`. Default `UTC`. Daylight saving time is followed: a start that does not exist that day moves forward by the gap, one that exists twice means the first.",
        ),
        applies_to_attribute("The kinds of work this window permits"),
    ];
    Attribute::optional(
        "maintenance_windows",
        Kind::Nested(Nesting::List, window),
        "When work may start. A window is a permission to *start* a step; a running step is finished. Any one open window is enough. No window at all: always open.",
    )
}

/// Returns the schema of `applies_to`.
pub(super) fn applies_to_attribute(what: &str) -> Attribute {
    let description = format!("{what}: `minor`, `patch`, `node_image`. Default: all of them.");
    Attribute::optional("applies_to", Type::List(Box::new(Type::String)), &description)
}

/// Reads `maintenance_windows`; everything wrong is reported at its attribute.
#[must_use]
pub fn windows(config: &Reader<'_>) -> Vec<Window> {
    config.objects("maintenance_windows").iter().filter_map(window).collect()
}

fn window(object: &Reader<'_>) -> Option<Window> {
    let start = object.parse("start", "Invalid time", text::parse_time);
    let duration = object.parse("duration", "Invalid duration", duration::parse);
    let zone = time_zone(object);
    refuse_empty(object, &["days", "weeks_of_month", "days_of_month", "applies_to"]);
    let spec = WindowSpec {
        days: days(object)?,
        every: object.integer("every").unwrap_or(1),
        start_date: object.parse("start_date", "Invalid date", text::parse_date),
        start: start.unwrap_or(Time::midnight()),
        duration: duration?,
        zone: zone?,
        scope: scope(object),
    };
    start?;
    Window::new(spec).map_err(|error| object.reject(error.attribute, INVALID, error)).ok()
}

fn days(object: &Reader<'_>) -> Option<Days> {
    let days = object.parse_each("days", "Invalid day", text::parse_day).unwrap_or_default();
    let weeks = object.parse_each("weeks_of_month", "Invalid week of month", text::parse_week_of_month);
    let of_month = object.integers("days_of_month").unwrap_or_default();
    if !["days", "weeks_of_month", "days_of_month"].iter().any(|name| object.is_set(name)) {
        return Some(Days::All);
    }
    Days::new(&days, &weeks.unwrap_or_default(), &of_month)
        .map_err(|error| object.reject(error.attribute, INVALID, error))
        .ok()
}

/// Refuses lists that are written and empty: they might mean "never" or "always".
pub(super) fn refuse_empty(object: &Reader<'_>, lists: &[&'static str]) {
    for name in lists {
        if object.is_empty(name) {
            object.reject(name, "Empty list", WindowError::empty_list(name));
        }
    }
}

/// Reads `time_zone`, by default UTC; `None` when it is wrong or not known yet.
pub(super) fn time_zone(object: &Reader<'_>) -> Option<TimeZone> {
    if object.is_set("time_zone") {
        object.parse("time_zone", "Unknown time zone", zone::parse)
    } else {
        Some(TimeZone::UTC)
    }
}

/// Reads what a window or blackout is limited to.
pub(super) fn scope(object: &Reader<'_>) -> Scope {
    let kinds = object.parse_each("applies_to", "Unknown kind of work", kind).unwrap_or_default();
    Scope { kinds, node_pools: Vec::new() }
}

fn kind(text: &str) -> Result<kind::Kind, String> {
    [kind::Kind::Minor, kind::Kind::Patch, kind::Kind::NodeImage]
        .into_iter()
        .find(|known| known.to_string() == text)
        .ok_or_else(|| {
            format!("{text:?} is not a kind of work. It has to be \"minor\", \"patch\" or \"node_image\".")
        })
}
