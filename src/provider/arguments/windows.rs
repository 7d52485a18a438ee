//! `maintenance_window` and `always_open`: when work may start.

use crate::provider::arguments::refusals;
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Block, Type};
use crate::upgrade::window::days::Days;
use crate::upgrade::window::error::WindowError;
use crate::upgrade::window::schedule::{Window, WindowSpec};
use crate::upgrade::window::scope::Scope;
use crate::upgrade::window::zone;
use crate::upgrade::{duration, kind, text};

const INVALID: &str = "Invalid maintenance window";

/// Returns the schema of `maintenance_window`.
#[must_use]
pub fn window_block() -> Block {
    let texts = || Type::List(Box::new(Type::String));
    let window = vec![
        Attribute::optional(
            "days",
            texts(),
            "Days of the week, such as `[\"saturday\", \"sunday\"]`, in any case; `[\"all\"]` is every day and stands alone. `days`, `days_of_month` or both are required; both means that both must hold.",
        ),
        Attribute::optional(
            "weeks_of_month",
            texts(),
            "With `days`: `first`, `second`, `third`, `fourth` or `last`. `last` is not `fourth`.",
        ),
        Attribute::optional(
            "days_of_month",
            Type::List(Box::new(Type::Number)),
            "Days of the month, such as `[1, 15]`. A month that lacks the day is skipped. With `days`: those of these days that fall on one of those, so `[\"sunday\"]` with 13 to 19 is the Sunday after the second Tuesday.",
        ),
        Attribute::optional(
            "every",
            Type::Number,
            "Every n-th week (`days`), month (`days_of_month`, `weeks_of_month`) or day (`[\"all\"]`). Default 1; above 1 it needs `start_date`.",
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
        Attribute::required(
            "time_zone",
            Type::String,
            "An IANA name such as `Europe/Berlin`, an offset such as `+02:00`, or `UTC`. Daylight saving time is followed: a start that does not exist that day moves forward by the gap, one that exists twice means the first.",
        ),
        applies_to_attribute("The kinds of work it permits"),
        pools_attribute(
            "The pools that work may start on. Such a window never opens for the control plane or the whole cluster.",
        ),
    ];
    Block::list(
        "maintenance_window",
        window,
        "When work may start. A window is a permission to *start* a step; a running step is finished. Any one open window is enough. At least one is required, or `always_open = true`.",
    )
}

/// Returns the schema of `always_open`.
#[must_use]
pub fn always_open_attribute() -> Attribute {
    Attribute::optional(
        "always_open",
        Type::Bool,
        "Says that work may start at any time, blackouts aside; instead of a `maintenance_window`.",
    )
}

/// Returns the schema of `applies_to`.
pub(super) fn applies_to_attribute(what: &str) -> Attribute {
    let description = format!("{what}: `minor`, `patch`, `node_image`. Default: all of them.");
    Attribute::optional("applies_to", Type::List(Box::new(Type::String)), &description)
}

/// Returns the schema of `node_pools`.
pub(super) fn pools_attribute(what: &str) -> Attribute {
    let description = format!("{what} Default: everything.");
    Attribute::optional("node_pools", Type::List(Box::new(Type::String)), &description)
}

/// Reads each `maintenance_window`, and that there is one where there has to be; everything wrong is reported at its
/// attribute.
#[must_use]
pub fn windows(config: &Reader<'_>) -> Vec<Window> {
    check_always_open(config);
    permissions(config)
}

/// Reads each `maintenance_window`; everything wrong is reported at its attribute.
#[must_use]
pub fn permissions(config: &Reader<'_>) -> Vec<Window> {
    config.objects("maintenance_window").iter().filter_map(window).collect()
}

/// Refuses windows that nobody wrote: that work may start at any time has to be said, and said alone.
fn check_always_open(config: &Reader<'_>) {
    let Some(count) = config.count("maintenance_window") else { return };
    if config.is_unknown("always_open") || config.is_unknown("executor") {
        return;
    }
    let is_aks = config.text("executor") == Some("aks");
    match (config.flag("always_open").unwrap_or(false), count) {
        (true, _) if is_aks => config.reject(
            "always_open",
            "Arguments contradict each other",
            "With executor = \"aks\" Azure upgrades by itself, in the one maintenance_window. Remove always_open, or use executor = \"terraform\".",
        ),
        (true, 1..) => config.reject(
            "always_open",
            "Arguments contradict each other",
            "always_open says that work may start at any time, and maintenance_window says when. Remove one of them.",
        ),
        (false, 0) if !is_aks => config.reject(
            "maintenance_window",
            "A maintenance window is needed",
            "There is no maintenance_window, so nothing says when work may start. Write one, or always_open = true if it may start at any time.",
        ),
        _ => {}
    }
}

fn window(object: &Reader<'_>) -> Option<Window> {
    let start = object.parse("start", "Invalid time", text::parse_time);
    let start_date = object.parse("start_date", "Invalid date", text::parse_date);
    let duration = object.parse("duration", "Invalid duration", duration::parse);
    let zone = object.parse("time_zone", "Unknown time zone", zone::parse);
    refuse_empty(object, &["days", "weeks_of_month", "days_of_month", "applies_to", "node_pools"]);
    let (days, every, scope) = (days(object), object.integer("every"), scope(object));
    let read = object.is_set("start_date") == start_date.is_some();
    let spec = WindowSpec {
        days: days.filter(|_| read)?,
        every: every.unwrap_or(1),
        start_date,
        start: start?,
        duration: duration?,
        zone: zone?,
        scope,
    };
    Window::new(spec).map_err(|error| refuse(object, INVALID, &error)).ok()
}

fn days(object: &Reader<'_>) -> Option<Days> {
    let days = object.parse_each("days", "Invalid day", text::parse_day).unwrap_or_default();
    let weeks = object.parse_each("weeks_of_month", "Invalid week of month", text::parse_week_of_month);
    let of_month = object.integers("days_of_month").unwrap_or_default();
    let lists = [("days", days.len()), ("days_of_month", of_month.len())];
    if lists.iter().any(|(name, read)| object.count(name) != Some(*read) || object.is_empty(name)) {
        return None;
    }
    Days::new(&days, &weeks.unwrap_or_default(), &of_month)
        .map_err(|error| refuse(object, INVALID, &error))
        .ok()
}

/// Reports a rule that the window or blackout breaks, at its attribute.
pub(super) fn refuse(object: &Reader<'_>, summary: &str, error: &WindowError) {
    let (attribute, sentence) = refusals::refusal(error);
    object.reject(attribute, summary, sentence);
}

/// Refuses lists that are written and empty: they might mean "never" or "always".
pub fn refuse_empty(object: &Reader<'_>, lists: &[&'static str]) {
    for name in lists {
        if object.is_empty(name) {
            object.reject(name, "Empty list", refusals::empty_list(name));
        }
    }
}

/// Reads what a window or blackout is limited to.
pub(super) fn scope(object: &Reader<'_>) -> Scope {
    let kinds = object.parse_each("applies_to", "Unknown kind of work", kind).unwrap_or_default();
    Scope { kinds, node_pools: object.texts("node_pools").unwrap_or_default() }
}

fn kind(text: &str) -> Result<kind::Kind, String> {
    [kind::Kind::Minor, kind::Kind::Patch, kind::Kind::NodeImage]
        .into_iter()
        .find(|known| known.to_string() == text)
        .ok_or_else(|| {
            format!("{text:?} is not a kind of work. It has to be \"minor\", \"patch\" or \"node_image\".")
        })
}
