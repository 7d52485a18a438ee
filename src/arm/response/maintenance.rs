//! Maintenance configurations: what Azure holds, and the body to write.
//!
//! Both shapes are read: `maintenanceWindow`, and the older `timeInWeek` with `notAllowedTime`, which Azure keeps
//! for configurations that were written that way. Only the former is written.

use jiff::civil::Weekday;
use serde_json::{Map, Value, json};

use crate::arm::response::{kept, list, text};
use crate::upgrade::text::WeekOfMonth;
use crate::upgrade::text::{parse_date, parse_time};
use crate::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use crate::upgrade::window::zone;

/// A maintenance configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct MaintenanceConfiguration {
    /// Its name, in the case in which it was written.
    pub name: String,
    /// The window; `None` for the older shape, and for one that this version of the provider does not know.
    pub window: Option<AksWindow>,
    /// The older shape's weekdays with the hours that may be used.
    pub time_in_week: Vec<(String, Vec<i64>)>,
    /// The older shape's spans, as RFC 3339 instants.
    pub not_allowed_time: Vec<(String, String)>,
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("Monday", Weekday::Monday),
    ("Tuesday", Weekday::Tuesday),
    ("Wednesday", Weekday::Wednesday),
    ("Thursday", Weekday::Thursday),
    ("Friday", Weekday::Friday),
    ("Saturday", Weekday::Saturday),
    ("Sunday", Weekday::Sunday),
];

const WEEKS: [(&str, WeekOfMonth); 5] = [
    ("First", WeekOfMonth::First),
    ("Second", WeekOfMonth::Second),
    ("Third", WeekOfMonth::Third),
    ("Fourth", WeekOfMonth::Fourth),
    ("Last", WeekOfMonth::Last),
];

/// Finds a configuration by name, in any case, in the body of a list.
#[must_use]
pub fn maintenance_configuration(list_body: &Value, name: &str) -> Option<MaintenanceConfiguration> {
    let mut all = list(list_body, "value");
    all.find(|body| text(body, "name").eq_ignore_ascii_case(name)).map(configuration)
}

fn configuration(body: &Value) -> MaintenanceConfiguration {
    let properties = &body["properties"];
    let hours = |day: &Value| list(day, "hourSlots").filter_map(Value::as_i64).collect();
    let time_in_week = list(properties, "timeInWeek").map(|day| (kept(day, "day"), hours(day)));
    let not_allowed = list(properties, "notAllowedTime");
    let span = |span: &Value| (kept(span, "start"), kept(span, "end"));
    MaintenanceConfiguration {
        name: kept(body, "name"),
        window: window(&properties["maintenanceWindow"]),
        time_in_week: time_in_week.collect(),
        not_allowed_time: not_allowed.map(span).collect(),
    }
}

fn window(body: &Value) -> Option<AksWindow> {
    let offset = Some(text(body, "utcOffset")).filter(|text| !text.is_empty()).unwrap_or("+00:00");
    let start_date = Some(text(body, "startDate")).filter(|text| !text.is_empty());
    Some(AksWindow {
        schedule: schedule(body.get("schedule")?)?,
        duration_hours: body.get("durationHours")?.as_i64()?,
        offset: zone::parse(offset).ok()?.to_fixed_offset().ok()?,
        start_date: match start_date {
            Some(date) => Some(parse_date(date).ok()?),
            None => None,
        },
        start: parse_time(text(body, "startTime")).ok()?,
        not_allowed: list(body, "notAllowedDates").map(span).collect::<Option<_>>()?,
    })
}

fn span(body: &Value) -> Option<DateSpan> {
    Some(DateSpan { start: parse_date(text(body, "start")).ok()?, end: parse_date(text(body, "end")).ok()? })
}

/// Azure answers with the one shape that is set; some clients send the others as null.
fn schedule(body: &Value) -> Option<AksSchedule> {
    let shape = |name: &str| body.get(name).filter(|shape| shape.is_object());
    let number = |shape: &Value, field: &str| shape.get(field).and_then(Value::as_i64);
    let day = |shape: &Value| among(&WEEKDAYS, text(shape, "dayOfWeek"));
    if let Some(daily) = shape("daily") {
        return Some(AksSchedule::Daily { interval: number(daily, "intervalDays")? });
    }
    if let Some(weekly) = shape("weekly") {
        return Some(AksSchedule::Weekly { interval: number(weekly, "intervalWeeks")?, day: day(weekly)? });
    }
    if let Some(monthly) = shape("absoluteMonthly") {
        let day = i8::try_from(number(monthly, "dayOfMonth")?).ok()?;
        return Some(AksSchedule::AbsoluteMonthly { interval: number(monthly, "intervalMonths")?, day });
    }
    let monthly = shape("relativeMonthly")?;
    let week = among(&WEEKS, text(monthly, "weekIndex"))?;
    Some(AksSchedule::RelativeMonthly {
        interval: number(monthly, "intervalMonths")?,
        week,
        day: day(monthly)?,
    })
}

/// Returns the body that makes Azure hold a window; without a start date Azure fills in the present day.
#[must_use]
pub fn maintenance_body(window: &AksWindow) -> Value {
    let mut body = Map::new();
    body.insert("schedule".to_owned(), schedule_body(&window.schedule));
    body.insert("durationHours".to_owned(), json!(window.duration_hours));
    body.insert("utcOffset".to_owned(), json!(zone::display_offset(window.offset)));
    if let Some(date) = window.start_date {
        body.insert("startDate".to_owned(), json!(date.to_string()));
    }
    body.insert("startTime".to_owned(), json!(window.start.strftime("%H:%M").to_string()));
    if !window.not_allowed.is_empty() {
        let spans = window.not_allowed.iter();
        let spans = spans.map(|span| json!({ "start": span.start.to_string(), "end": span.end.to_string() }));
        body.insert("notAllowedDates".to_owned(), spans.collect());
    }
    json!({ "properties": { "maintenanceWindow": body } })
}

fn schedule_body(schedule: &AksSchedule) -> Value {
    match *schedule {
        AksSchedule::Daily { interval } => json!({ "daily": { "intervalDays": interval } }),
        AksSchedule::Weekly { interval, day } => {
            json!({ "weekly": { "intervalWeeks": interval, "dayOfWeek": word(&WEEKDAYS, day) } })
        }
        AksSchedule::AbsoluteMonthly { interval, day } => {
            json!({ "absoluteMonthly": { "intervalMonths": interval, "dayOfMonth": day } })
        }
        AksSchedule::RelativeMonthly { interval, week, day } => json!({
            "relativeMonthly": {
                "intervalMonths": interval,
                "weekIndex": word(&WEEKS, week),
                "dayOfWeek": word(&WEEKDAYS, day),
            }
        }),
    }
}

fn among<T: Copy>(words: &[(&str, T)], text: &str) -> Option<T> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}
