//! What Azure asks of a maintenance configuration, beyond the limits of its fields.
//!
//! The codes are AKS's own (its list of error codes); where a sentence is not marked otherwise, it is ours.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde_json::Value;

use crate::simulator::world::refusal::Refusal;

/// Judges the properties of a configuration on a day such as `2026-11-22`.
pub(super) fn judge(config: &str, properties: &Value, today: &str) -> Result<(), Refusal> {
    let default = config.eq_ignore_ascii_case("default");
    let window = properties.get("maintenanceWindow");
    let slots = properties.get("timeInWeek");
    if !default && slots.is_some() {
        let message = format!(
            "timeInWeek can only be set in the maintenance configuration 'default', not in '{config}'."
        );
        return Err(Refusal::invalid("timeInWeek", message));
    }
    if window.is_none() && !default {
        return Err(Refusal::invalid(
            "maintenanceWindow",
            "Required parameter maintenanceWindow is missing (null).",
        ));
    }
    if window.is_none() && slots.is_none() && properties.get("notAllowedTime").is_none() {
        return Err(no_hour());
    }
    spans(properties.get("notAllowedTime"))?;
    list(slots).try_for_each(judge_slots)?;
    window.map_or(Ok(()), |window| judge_window(default, window, today))
}

fn judge_window(default: bool, window: &Value, today: &str) -> Result<(), Refusal> {
    let text = |key: &str| window[key].as_str().unwrap_or_default();
    let invalid =
        |key: &str, details: &str| Err(Refusal::value(&format!("maintenanceWindow.{key}"), details));
    let schedules = window["schedule"].as_object().map_or(0, serde_json::Map::len);
    if schedules != 1 {
        return invalid(
            "schedule",
            "exactly one of daily, weekly, absoluteMonthly and relativeMonthly must be set.",
        );
    }
    if default && window["schedule"].get("weekly").is_none() {
        // Azure's own (Azure/AgentBaker#6529).
        let message =
            "Only weekly schedule is supported for control plane upgrade maintenance configuration: default.";
        return Err(Refusal::provider(400, "InvalidParameter", "", message));
    }
    if default && window["schedule"]["weekly"]["intervalWeeks"] != 1 {
        return invalid(
            "schedule.weekly.intervalWeeks",
            "it must be 1 in the maintenance configuration 'default'.",
        );
    }
    if text("startTime").parse::<Time>().is_err() {
        return invalid("startTime", "it must be between 00:00 and 23:59.");
    }
    if !is_offset(text("utcOffset")) {
        return invalid("utcOffset", "it must be between -12:00 and +14:00.");
    }
    // Reported, without its words (MicrosoftDocs/azure-docs#114302).
    if !text("startDate").is_empty() && text("startDate") < today {
        return invalid("startDate", "it must not be in the past.");
    }
    spans(window.get("notAllowedDates"))
}

/// Tells whether it is a clock's distance from UTC; nothing is none.
fn is_offset(text: &str) -> bool {
    let Some((hours, minutes)) = text.get(1..).and_then(|rest| rest.split_once(':')) else {
        return text.is_empty();
    };
    let number = |text: &str| text.parse::<i32>().unwrap_or(i32::MAX / 100);
    let all = number(hours) * 60 + number(minutes);
    number(minutes) < 60 && all <= if text.starts_with('-') { 12 * 60 } else { 14 * 60 }
}

/// Refuses spans that end before they start.
fn spans(spans: Option<&Value>) -> Result<(), Refusal> {
    let instant = |text: &str| {
        let day =
            || text.parse::<Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|day| day.timestamp());
        text.parse::<Timestamp>().ok().or_else(day)
    };
    for span in list(spans) {
        let end = |key: &str| span[key].as_str().and_then(instant);
        if end("start").zip(end("end")).is_none_or(|(start, end)| end < start) {
            let message = format!(
                "The end of the span from {} to {} must not be before its start.",
                span["start"], span["end"]
            );
            return Err(Refusal::provider(400, "InvalidStartEndTime", "", message));
        }
    }
    Ok(())
}

/// Judges one day of `timeInWeek`.
fn judge_slots(day: &Value) -> Result<(), Refusal> {
    let mut slots = list(day.get("hourSlots")).peekable();
    if slots.peek().is_none() {
        return Err(no_hour());
    }
    match slots.find(|slot| slot.as_u64().is_none_or(|slot| slot >= 24)) {
        Some(slot) => {
            let message = format!("Hour slot {slot} is invalid. It must be between 0 and 23.");
            Err(Refusal::provider(400, "InvalidHourSlot", "", message))
        }
        None => Ok(()),
    }
}

fn no_hour() -> Refusal {
    let message = "At least one hour per week is needed for updates.";
    Refusal::provider(400, "NeedAtLeastOneHourPerWeekForUpdate", "", message)
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}
