//! When a maintenance configuration lets AKS begin (docs: planned-maintenance).
//!
//! The offset is fixed: AKS knows no daylight saving time. Where intervals begin to count is not
//! documented; here it is the first fitting day from the start date on.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::simulator::world::cluster::{Object, text};

/// An opening, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Opening {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl Opening {
    /// Returns the opening of a `maintenanceWindow` at an instant; none on a day that is not allowed.
    pub(super) fn at(window: &Object, at: Timestamp) -> Option<Self> {
        let offset = offset(text(window, "utcOffset"))?;
        let local = |at: Timestamp| Some(TimeZone::UTC.to_datetime(at.checked_add(offset).ok()?));
        let today = local(at)?.date();
        let blocked = window.get("notAllowedDates").and_then(Value::as_array).into_iter().flatten();
        if blocked.filter_map(span).any(|(start, end)| (start..=end).contains(&today)) {
            return None;
        }
        let starts: Time = text(window, "startTime").parse().ok()?;
        let hours = window.get("durationHours").and_then(Value::as_i64)?;
        // It lasts a day at most, so it began today or yesterday.
        let began = [today, today.yesterday().ok()?].into_iter().filter(|day| is_due(window, *day));
        let opening = |day: Date| {
            let start = day.to_datetime(starts).to_zoned(TimeZone::UTC).ok()?.timestamp();
            let start = start.checked_sub(offset).ok()?;
            Some(Opening { start, end: start.checked_add(SignedDuration::from_hours(hours)).ok()? })
        };
        began.filter_map(opening).find(|opening| opening.start <= at && at < opening.end)
    }
}

/// Tells whether the schedule has an opening that begins on a day.
fn is_due(window: &Object, day: Date) -> bool {
    let from = date(text(window, "startDate")).unwrap_or(Date::ZERO);
    let schedule = window.get("schedule").and_then(Value::as_object);
    let Some((shape, rule)) = schedule.and_then(|schedule| schedule.iter().next()) else { return false };
    let every = |key: &str| rule[key].as_i64().unwrap_or(1).max(1);
    let days = days_between(from, day);
    let months =
        (i64::from(day.year()) - i64::from(from.year())) * 12 + i64::from(day.month() - from.month());
    let weekday = || weekday(rule["dayOfWeek"].as_str().unwrap_or_default()) == Some(day.weekday());
    let in_turn = match shape.as_str() {
        "daily" => days % every("intervalDays") == 0,
        "weekly" => weekday() && (days / 7) % every("intervalWeeks") == 0,
        "absoluteMonthly" => rule["dayOfMonth"] == day.day() && months % every("intervalMonths") == 0,
        "relativeMonthly" => {
            let index = rule["weekIndex"].as_str().unwrap_or_default();
            weekday() && is_nth(day, index) && months % every("intervalMonths") == 0
        }
        _ => false,
    };
    days >= 0 && in_turn
}

fn is_nth(day: Date, index: &str) -> bool {
    let number = (day.day() - 1) / 7;
    match index {
        "First" => number == 0,
        "Second" => number == 1,
        "Third" => number == 2,
        "Fourth" => number == 3,
        "Last" => day.day() + 7 > day.days_in_month(),
        _ => false,
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(-1, |span| i64::from(span.get_days()))
}

/// Returns the first and the last day of an entry of `notAllowedDates`.
fn span(entry: &Value) -> Option<(Date, Date)> {
    Some((date(entry["start"].as_str()?)?, date(entry["end"].as_str()?)?))
}

fn date(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// Reads `+05:30`; nothing means UTC.
fn offset(text: &str) -> Option<SignedDuration> {
    if text.is_empty() {
        return Some(SignedDuration::ZERO);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let minutes = SignedDuration::from_mins(hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?);
    match text.get(..1)? {
        "+" => Some(minutes),
        "-" => Some(-minutes),
        _ => None,
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    use Weekday as W;
    let names = [
        ("Monday", W::Monday),
        ("Tuesday", W::Tuesday),
        ("Wednesday", W::Wednesday),
        ("Thursday", W::Thursday),
        ("Friday", W::Friday),
        ("Saturday", W::Saturday),
        ("Sunday", W::Sunday),
    ];
    names.into_iter().find(|(known, _)| *known == name).map(|(_, day)| day)
}
