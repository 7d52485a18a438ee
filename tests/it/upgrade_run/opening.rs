//! Whether a window is open, computed the slow way: every day near the instant is tried.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde_json::Value as Json;

/// Tells whether work of a kind may start at an instant under a block's windows, blackouts and override, on any part of
/// the cluster.
pub fn is_open(block: &Json, work: &str, at: Timestamp) -> bool {
    is_open_where(block, at, |rule| applies(rule, work), |rule| applies(rule, work))
}

/// Tells the same of one part: a pool, or the control plane (`None`).
///
/// A window for pools opens for them alone; a blackout of pools shuts them alone.
pub fn is_open_to(block: &Json, work: &str, pool: Option<&str>, at: Timestamp) -> bool {
    let counts = |rule: &Json| {
        let pools = rule["node_pools"].as_array();
        let is_for =
            pools.is_none_or(|pools| pools.iter().any(|named| Some(named.as_str().unwrap()) == pool));
        applies(rule, work) && is_for
    };
    is_open_where(block, at, counts, counts)
}

fn is_open_where(
    block: &Json,
    at: Timestamp,
    permits: impl Fn(&Json) -> bool,
    denies: impl Fn(&Json) -> bool,
) -> bool {
    let ignored = ignored(block, at);
    let list = |name: &str| block[name].as_array().cloned().unwrap_or_default();
    let windows = list("maintenance_window");
    let permitted = windows.is_empty()
        || ignored.contains(&"window".to_owned())
        || windows.iter().any(|window| permits(window) && window_contains(window, at));
    let forbidden = list("blackout").iter().any(|blackout| denies(blackout) && blacked_out(blackout, at));
    permitted && (!forbidden || ignored.contains(&"blackout".to_owned()))
}

/// Tells whether an opening lasts for the block's `cutoff` from an instant on; always without one.
///
/// Azure's clock counts whole seconds, and a request travels: the last minute does not count.
pub fn lasts(block: &Json, (work, pool): (&str, Option<&str>), at: Timestamp) -> bool {
    let Some(cutoff) = block["cutoff"].as_str() else { return true };
    let cutoff: SignedDuration = cutoff.parse().unwrap();
    (0..cutoff.as_mins()).all(|minute| is_open_to(block, work, pool, at + SignedDuration::from_mins(minute)))
}

/// Tells whether an opening lasts for so many minutes from an instant on; where a `cutoff` says what is needed, that is
/// what counts.
pub fn holds(block: &Json, (work, pool): (&str, Option<&str>), at: Timestamp, minutes: u64) -> bool {
    if block["cutoff"].is_string() || ignored(block, at).contains(&"cutoff".to_owned()) {
        return true;
    }
    let last = i64::try_from(minutes).unwrap().saturating_sub(1);
    let moments = (0..last).step_by(10).chain([last]);
    moments.into_iter().all(|minute| is_open_to(block, work, pool, at + SignedDuration::from_mins(minute)))
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
    let zone = zone_of(window);
    let start: Time = window["start"].as_str().unwrap().parse().unwrap();
    let lasts: SignedDuration = window["duration"].as_str().unwrap().parse().unwrap();
    let today = at.to_zoned(zone.clone()).date();
    (-8..=1).any(|days| {
        let day = today + Span::new().days(days);
        let opens = day.to_datetime(start).to_zoned(zone.clone()).unwrap().timestamp();
        is_a_day_of(window, day) && opens <= at && at < opens + lasts
    })
}

/// Tells whether a window opens on a day.
fn is_a_day_of(window: &Json, day: Date) -> bool {
    let list = |name: &str| window[name].as_array();
    let name = day.strftime("%A").to_string();
    let all = list("days").is_some_and(|days| days.iter().any(|day| *day == "all"));
    let named = |day: &Json| day.as_str().unwrap().eq_ignore_ascii_case(&name);
    let of_days = list("days").is_none_or(|days| all || days.iter().any(named));
    let of_month = list("days_of_month").is_none_or(|days| days.iter().any(|one| *one == day.day()));
    let place =
        ["first", "second", "third", "fourth", "fifth"][usize::try_from((day.day() - 1) / 7).unwrap()];
    let is_last = day.day() + 7 > day.days_in_month();
    let of_weeks = list("weeks_of_month").is_none_or(|weeks| {
        weeks
            .iter()
            .map(|week| week.as_str().unwrap().to_lowercase())
            .any(|week| week == place || week == "last" && is_last)
    });
    let anchor = window["start_date"].as_str().map(|text| text.parse::<Date>().unwrap());
    let begun = anchor.is_none_or(|anchor| day >= anchor);
    let every = window["every"].as_i64().unwrap_or(1);
    let monday = |day: Date| day - Span::new().days(day.weekday().to_monday_zero_offset());
    let passed = anchor.map_or(0, |anchor| {
        let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
        let days = |from: Date, to: Date| i64::from(from.until(to).unwrap().get_days());
        match () {
            () if all => days(anchor, day),
            () if list("days_of_month").is_some() || list("weeks_of_month").is_some() => {
                months(day) - months(anchor)
            }
            () => days(monday(anchor), monday(day)) / 7,
        }
    });
    of_days && of_month && of_weeks && begun && passed % every == 0
}

fn zone_of(rule: &Json) -> TimeZone {
    let name = rule["time_zone"].as_str().unwrap_or("UTC");
    TimeZone::get(name).unwrap_or_else(|_| {
        let (hours, minutes) = name[1..].split_once(':').unwrap();
        let seconds = (hours.parse::<i32>().unwrap() * 60 + minutes.parse::<i32>().unwrap()) * 60;
        TimeZone::fixed(
            jiff::tz::Offset::from_seconds(if name.starts_with('-') { -seconds } else { seconds }).unwrap(),
        )
    })
}

/// Between instants the end does not count, between days it does.
fn blacked_out(blackout: &Json, at: Timestamp) -> bool {
    let text = |name: &str| blackout[name].as_str().unwrap();
    let day = at.to_zoned(zone_of(blackout)).date();
    if blackout["yearly"] == true {
        let now = day.strftime("%m-%d").to_string();
        let (from, to) = (text("from"), text("to"));
        return if from <= to {
            from <= now.as_str() && now.as_str() <= to
        } else {
            now.as_str() >= from || now.as_str() <= to
        };
    }
    match (text("from").parse::<Timestamp>(), text("to").parse::<Timestamp>()) {
        (Ok(from), Ok(to)) => from <= at && at < to,
        _ => {
            let date = |name: &str| text(name).parse::<Date>().unwrap();
            date("from") <= day && day <= date("to")
        }
    }
}
