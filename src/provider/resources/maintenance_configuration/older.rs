//! The older form of a schedule, in the words of the newer one, so that an import can be written down.

use jiff::civil::{Time, Weekday};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::arm::response::MaintenanceConfiguration;
use crate::upgrade::text;
use crate::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use crate::upgrade::window::limits::DURATION_HOURS;

/// The day and the hour of a configuration that names none.
const NO_DAY: (Weekday, i64) = (Weekday::Saturday, 2);

/// Returns the window that comes closest to the older form; `None` where Azure holds none.
///
/// The newer form has one day and one span of at least four hours, so the first day is taken, and its longest row of
/// hours. Days of which a part is closed are closed as a whole; those that are past are left out.
pub fn as_window(held: &MaintenanceConfiguration, at: Timestamp) -> Option<AksWindow> {
    if held.time_in_week.is_empty() && held.not_allowed_time.is_empty() {
        return None;
    }
    let first = held.time_in_week.iter().find_map(|(day, hours)| {
        let (start, length) = longest_row(hours)?;
        Some((text::parse_weekday(day).ok()?, start, length))
    });
    let (day, start, length) = first.unwrap_or((NO_DAY.0, NO_DAY.1, 0));
    let today = Offset::UTC.to_datetime(at).date();
    let closed = held.not_allowed_time.iter().filter_map(closed).filter(|span| span.end >= today);
    Some(AksWindow {
        schedule: AksSchedule::Weekly { interval: 1, day },
        duration_hours: length.clamp(*DURATION_HOURS.start(), *DURATION_HOURS.end()),
        offset: Offset::UTC,
        start_date: None,
        start: Time::new(i8::try_from(start).ok()?, 0, 0, 0).ok()?,
        not_allowed: closed.collect(),
    })
}

/// Returns the first hour of the longest row of hours, and how many they are.
fn longest_row(hours: &[i64]) -> Option<(i64, i64)> {
    let mut sorted: Vec<i64> = hours.iter().copied().filter(|hour| (0..24).contains(hour)).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let rows = sorted.chunk_by(|hour, next| hour + 1 == *next);
    let rows = rows.filter_map(|row| Some((*row.first()?, i64::try_from(row.len()).ok()?)));
    rows.rev().max_by_key(|(_, length)| *length)
}

/// Returns the days that a span of instants touches.
fn closed((start, end): &(String, String)) -> Option<DateSpan> {
    let (start, end) = (start.parse::<Timestamp>().ok()?, end.parse::<Timestamp>().ok()?);
    let last = end.checked_sub(SignedDuration::from_nanos(1)).ok()?.max(start);
    let day = |at| Offset::UTC.to_datetime(at).date();
    Some(DateSpan { start: day(start), end: day(last) })
}
