//! What Azure holds, as attributes.

use jiff::Timestamp;

use crate::arm::response::MaintenanceConfiguration;
use crate::provider::resources::maintenance_configuration::{attributes, older};
use crate::provider::resources::spelling;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::value::Value;
use crate::upgrade::text;
use crate::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use crate::upgrade::window::zone;

/// Puts what was read into a state; a start date that Azure moved on in the same phase stays as it was.
pub fn show(state: &mut Value, held: &MaintenanceConfiguration, at: Timestamp) {
    let days = held.time_in_week.iter().map(|(day, hours)| {
        let hours = hours.iter().copied().map(Value::from).collect();
        Value::object([("day", day.clone().into()), ("hour_slots", Value::List(hours))])
    });
    let spans = held.not_allowed_time.iter();
    let spans = spans
        .map(|(start, end)| Value::object([("start", start.clone().into()), ("end", end.clone().into())]));
    state.set("time_in_week", Value::List(days.collect()));
    state.set("not_allowed_time", Value::List(spans.collect()));
    match held.window.clone().or_else(|| older::as_window(held, at)) {
        Some(window) => show_window(state, &window, at),
        None => forget_window(state),
    }
}

fn show_window(state: &mut Value, held: &AksWindow, at: Timestamp) {
    let before = attributes::window(&Reader::new(state, &Findings::default()));
    let start_date = match before.and_then(|before| before.start_date) {
        Some(date) if (AksWindow { start_date: Some(date), ..held.clone() }).agrees(held, at) => Some(date),
        _ => held.start_date,
    };
    for (name, mut value) in shape(&held.schedule) {
        keep_words(state.get(name), &mut value);
        state.set(name, value);
    }
    state.set("duration_hours", held.duration_hours.into());
    state.set("start_time", held.start.strftime("%H:%M").to_string().into());
    state.set("utc_offset", zone::display_offset(held.offset).into());
    state.set("start_date", start_date.map(|date| date.to_string()).into());
    state.set("not_allowed_dates", spans(&held.not_allowed));
}

/// Keeps the spelling of days and weeks in a schedule that says the same otherwise: `Saturday` stays `Saturday`.
pub fn keep_words(prior: &Value, schedule: &mut Value) {
    spelling::keep(prior, schedule, &["day_of_week", "week_index"]);
}

/// Nothing of a window is known: the next plan writes the one of the configuration.
fn forget_window(state: &mut Value) {
    let names = ["duration_hours", "start_time", "utc_offset", "start_date"];
    let shapes = ["daily", "weekly", "absolute_monthly", "relative_monthly"];
    names.into_iter().chain(shapes).for_each(|name| state.set(name, Value::Null));
    state.set("not_allowed_dates", Value::List(Vec::new()));
}

/// Returns the days on which the older form of a schedule opens, as Azure spells them.
pub fn legacy_days(state: &Value) -> Vec<String> {
    let days = state.get("time_in_week").items().iter();
    days.filter_map(|day| day.get("day").as_str().map(str::to_owned)).collect()
}

/// Returns on how many hours of a day the older form opens at most; `None` where it names no hours.
pub fn legacy_hours(state: &Value) -> Option<i64> {
    let days = state.get("time_in_week").items().iter();
    days.filter_map(|day| i64::try_from(day.get("hour_slots").items().len()).ok()).max()
}

/// Tells whether Azure holds the older form.
pub fn is_older(state: &Value) -> bool {
    ["time_in_week", "not_allowed_time"].iter().any(|name| !state.get(name).items().is_empty())
}

/// Plans the older form away: what is written replaces it.
pub fn forget_legacy(planned: &mut Value) {
    planned.set("time_in_week", Value::List(Vec::new()));
    planned.set("not_allowed_time", Value::List(Vec::new()));
}

/// Replaces the start date that a plan left to Azure by what Azure chose.
pub fn fill(planned: &mut Value, held: Option<AksWindow>) {
    if planned.get("start_date").is_unknown() {
        let date = held.and_then(|window| window.start_date);
        planned.set("start_date", date.map(|date| date.to_string()).into());
    }
}

fn shape(schedule: &AksSchedule) -> [(&'static str, Value); 4] {
    let (mut daily, mut weekly, mut absolute, mut relative) =
        (Value::Null, Value::Null, Value::Null, Value::Null);
    match *schedule {
        AksSchedule::Daily { interval } => daily = Value::object([("interval_days", interval.into())]),
        AksSchedule::Weekly { interval, day } => {
            weekly = Value::object([
                ("interval_weeks", interval.into()),
                ("day_of_week", text::weekday(day).into()),
            ]);
        }
        AksSchedule::AbsoluteMonthly { interval, day } => {
            absolute = Value::object([
                ("interval_months", interval.into()),
                ("day_of_month", i64::from(day).into()),
            ]);
        }
        AksSchedule::RelativeMonthly { interval, week, day } => {
            relative = Value::object([
                ("interval_months", interval.into()),
                ("week_index", text::week_of_month(week).into()),
                ("day_of_week", text::weekday(day).into()),
            ]);
        }
    }
    [("daily", daily), ("weekly", weekly), ("absolute_monthly", absolute), ("relative_monthly", relative)]
}

fn spans(spans: &[DateSpan]) -> Value {
    let each = |span: &DateSpan| {
        Value::object([("start", span.start.to_string().into()), ("end", span.end.to_string().into())])
    };
    Value::List(spans.iter().map(each).collect())
}
