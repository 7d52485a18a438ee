//! Whether a window is open, computed the slow way: every day near the instant is tried.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Value as Json;

/// Tells whether work of a kind may start at an instant under a block's windows, blackouts and override.
///
/// Knows weekly windows and blackouts between instants; panics at what it does not know.
pub fn is_open(block: &Json, work: &str, at: Timestamp) -> bool {
    let ignored = ignored(block, at);
    let list = |name: &str| block[name].as_array().cloned().unwrap_or_default();
    let windows = list("maintenance_window");
    let permitted = windows.is_empty()
        || ignored.contains(&"window".to_owned())
        || windows.iter().any(|window| applies(window, work) && window_contains(window, at));
    let forbidden =
        list("blackout").iter().any(|blackout| applies(blackout, work) && blacked_out(blackout, at));
    permitted && (!forbidden || ignored.contains(&"blackout".to_owned()))
}

/// Tells whether an opening lasts for the block's `cutoff` from an instant on; always without one.
///
/// Azure's clock counts whole seconds, and a request travels: the last minute does not count.
pub fn lasts(block: &Json, work: &str, at: Timestamp) -> bool {
    let Some(cutoff) = block["cutoff"].as_str() else { return true };
    let cutoff: SignedDuration = cutoff.parse().unwrap();
    (0..cutoff.as_mins()).all(|minute| is_open(block, work, at + SignedDuration::from_mins(minute)))
}

/// Tells whether an opening lasts for so many minutes from an instant on; where a `cutoff` says what is needed, that is
/// what counts.
pub fn holds(block: &Json, work: &str, at: Timestamp, minutes: u64) -> bool {
    if block["cutoff"].is_string() || ignored(block, at).contains(&"cutoff".to_owned()) {
        return true;
    }
    let last = i64::try_from(minutes).unwrap().saturating_sub(1);
    let moments = (0..last).step_by(10).chain([last]);
    moments.into_iter().all(|minute| is_open(block, work, at + SignedDuration::from_mins(minute)))
}

fn ignored(block: &Json, at: Timestamp) -> Vec<String> {
    let glass = &block["override"];
    let expires = glass["expires"].as_str().map(|text| text.parse::<Timestamp>().unwrap());
    if expires.is_none_or(|expires| expires <= at) {
        return vec![];
    }
    glass["ignore"].as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Settings go with the work that they prepare.
fn applies(rule: &Json, work: &str) -> bool {
    let work = if work == "settings" { "node_image" } else { work };
    rule["applies_to"].as_array().is_none_or(|kinds| kinds.iter().any(|kind| kind == work))
}

fn window_contains(window: &Json, at: Timestamp) -> bool {
    for key in ["weeks_of_month", "days_of_month", "every", "start_date"] {
        assert!(window[key].is_null(), "the laws do not know {key}");
    }
    let zone = TimeZone::get(window["time_zone"].as_str().unwrap_or("UTC")).unwrap();
    let start: Time = window["start"].as_str().unwrap().parse().unwrap();
    let lasts: SignedDuration = window["duration"].as_str().unwrap().parse().unwrap();
    let today = at.to_zoned(zone.clone()).date();
    (-8..=1).any(|days| {
        let day = today + Span::new().days(days);
        let name = day.strftime("%A").to_string().to_lowercase();
        let fits =
            window["days"].as_array().is_none_or(|days| days.iter().any(|day| *day == name || day == "all"));
        let opens = day.to_datetime(start).to_zoned(zone.clone()).unwrap().timestamp();
        fits && opens <= at && at < opens + lasts
    })
}

fn blacked_out(blackout: &Json, at: Timestamp) -> bool {
    assert!(blackout["yearly"].is_null(), "the laws do not know yearly");
    let instant = |name: &str| blackout[name].as_str().unwrap().parse::<Timestamp>().unwrap();
    instant("from") <= at && at < instant("to")
}
