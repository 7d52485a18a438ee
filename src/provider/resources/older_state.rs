//! The state of version 1 of the schema: structure in attributes of objects, and what was left out meant something.
//!
//! | version 1 | version 2 |
//! |---|---|
//! | `maintenance_windows`, without `days`, `time_zone` | `maintenance_window`, with `["all"]`, `"UTC"` |
//! | `blackouts`, without `time_zone` | `blackout`; between days with `"UTC"`, between instants without one |
//! | no window, and not `executor = "aks"` | `always_open = true` |
//! | `pending_steps` | left out; the next refresh writes `steps` |

use serde_json::{Map, Value as Json, json};

/// Rewrites a state of version 1.
#[must_use]
pub fn upgraded(mut state: Json) -> Json {
    let Some(object) = state.as_object_mut() else { return state };
    let windows = taken(object, "maintenance_windows", window);
    let blackouts = taken(object, "blackouts", blackout);
    let by_aks = object.get("executor").and_then(Json::as_str) == Some("aks");
    if windows.is_empty() && !by_aks {
        object.insert("always_open".to_owned(), true.into());
    }
    object.insert("maintenance_window".to_owned(), windows.into());
    object.insert("blackout".to_owned(), blackouts.into());
    state
}

/// Takes a list of objects out of a state and rewrites each.
fn taken(state: &mut Map<String, Json>, name: &str, rewrite: fn(&mut Map<String, Json>)) -> Vec<Json> {
    let Some(Json::Array(mut items)) = state.remove(name) else { return Vec::new() };
    items.iter_mut().filter_map(Json::as_object_mut).for_each(rewrite);
    items
}

fn window(window: &mut Map<String, Json>) {
    if is_null(window, "days") && is_null(window, "days_of_month") {
        window.insert("days".to_owned(), json!(["all"]));
    }
    if is_null(window, "time_zone") {
        window.insert("time_zone".to_owned(), "UTC".into());
    }
}

fn blackout(blackout: &mut Map<String, Json>) {
    let between_instants = blackout.get("from").and_then(Json::as_str).is_some_and(|from| from.contains('T'));
    if between_instants {
        blackout.insert("time_zone".to_owned(), Json::Null);
    } else if is_null(blackout, "time_zone") {
        blackout.insert("time_zone".to_owned(), "UTC".into());
    }
}

fn is_null(object: &Map<String, Json>, name: &str) -> bool {
    object.get(name).is_none_or(Json::is_null)
}
