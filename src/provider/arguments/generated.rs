//! The arguments that an import puts into the state, for `terraform plan -generate-config-out` to write down.
//!
//! A configuration that nobody has thought about must open nothing: one window, AKS's own for the cluster where there
//! is one, from tomorrow on, and never `always_open`.

use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday, time};
use jiff::tz::Offset;

use crate::provider::arguments::blackouts::blackout_block;
use crate::provider::arguments::windows::window_block;
use crate::terraform::value::Value;
use crate::upgrade::text;
use crate::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use crate::upgrade::window::zone;

/// Returns the blocks `maintenance_window` and `blackout` that open when AKS's own window does.
///
/// Without one it is Saturday 02:00 to 06:00 UTC. Nothing opens today, whatever there is to do (an image that is behind,
/// the repair of what failed): it waits until somebody has read the configuration. Days that are past are left out.
#[must_use]
pub fn window_blocks(held: Option<&AksWindow>, at: Timestamp) -> [(&'static str, Value); 2] {
    let saturday = AksWindow {
        schedule: AksSchedule::Weekly { interval: 1, day: Weekday::Saturday },
        duration_hours: 4,
        offset: Offset::UTC,
        start_date: None,
        start: time(2, 0, 0, 0),
        not_allowed: Vec::new(),
    };
    // One that is none of ours, such as one of 0 hours, cannot be written down.
    let held = held.filter(|held| held.windows().is_some()).unwrap_or(&saturday);
    let today = held.offset.to_datetime(at).date();
    let held = &AksWindow { start_date: first_from_tomorrow(held, today), ..held.clone() };
    let coming = held.not_allowed.iter().filter(|span| span.end >= today);
    let blackouts = coming.map(|span| blackout(span, held.offset)).collect();
    [
        ("maintenance_window", window_block().fitted(&Value::List(vec![window(held)]))),
        ("blackout", blackout_block().fitted(&Value::List(blackouts))),
    ]
}

/// Returns the day of the first occurrence after a day: in the phase of an interval.
fn first_from_tomorrow(held: &AksWindow, today: Date) -> Option<Date> {
    let midnight = today.tomorrow().ok()?.to_datetime(Time::midnight());
    let first = held.windows()?.windows.first()?.first_from(held.offset.to_timestamp(midnight).ok()?)?;
    Some(held.offset.to_datetime(first.start).date())
}

fn window(held: &AksWindow) -> Value {
    let day = |day: Weekday| Value::list([text::weekday(day)]);
    let days = match held.schedule {
        AksSchedule::Daily { .. } => vec![("days", Value::list(["all"]))],
        AksSchedule::Weekly { day: on, .. } => vec![("days", day(on))],
        AksSchedule::AbsoluteMonthly { day, .. } => vec![("days_of_month", Value::list([i64::from(day)]))],
        AksSchedule::RelativeMonthly { week, day: on, .. } => {
            vec![("days", day(on)), ("weeks_of_month", Value::list([text::week_of_month(week)]))]
        }
    };
    let counts = held.schedule.interval() > 1;
    let when = [
        ("start", Value::from(held.start.strftime("%H:%M").to_string())),
        ("duration", format!("{}h", held.duration_hours).into()),
        ("time_zone", place(held.offset).into()),
        ("every", Some(held.schedule.interval()).filter(|_| counts).into()),
        ("start_date", held.start_date.map(|date| date.to_string()).into()),
    ];
    Value::object(days.into_iter().chain(when))
}

fn blackout(span: &DateSpan, offset: Offset) -> Value {
    Value::object([
        ("from", Value::from(span.start.to_string())),
        ("to", span.end.to_string().into()),
        ("time_zone", place(offset).into()),
    ])
}

fn place(offset: Offset) -> String {
    if offset == Offset::UTC { "UTC".to_owned() } else { zone::display_offset(offset) }
}
