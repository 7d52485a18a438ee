//! For a calendar: iCalendar (RFC 5545), an event for each step.
//!
//! Times are written in UTC, which every calendar shows in the zone of whoever looks, on both sides of a change of
//! the clocks; the description says the time in the zone of the windows.

use ics::properties::{Description, DtEnd, DtStart, Summary, Transp};
use ics::{Event, ICalendar, Standard, TimeZone, escape_text};
use jiff::Timestamp;

use crate::provider::outlook::{Outlook, words};
use crate::provider::words::explain::instant_in;
use crate::upgrade::forecast::Scheduled;

/// Writes the steps to come of some clusters.
#[must_use]
pub fn calendar<'a>(outlooks: impl IntoIterator<Item = &'a Outlook>) -> String {
    let mut calendar = ICalendar::new("2.0", "-//terraform-provider-aks//forecast//EN");
    let mut events = outlooks.into_iter().flat_map(events).peekable();
    if events.peek().is_none() {
        calendar.add_timezone(utc());
    }
    events.for_each(|event| calendar.add_event(event));
    calendar.to_string()
}

/// Returns what is in a calendar without a step: it shows nothing, and one without any component is none (RFC 5545, 3.6).
fn utc() -> TimeZone<'static> {
    TimeZone::standard("UTC", Standard::new("19700101T000000", "+0000", "+0000"))
}

fn events(outlook: &Outlook) -> impl Iterator<Item = Event<'static>> {
    outlook.forecast.scheduled.iter().map(|scheduled| event(outlook, scheduled))
}

fn event(outlook: &Outlook, scheduled: &Scheduled) -> Event<'static> {
    let work = &scheduled.step.work;
    // The same step has the same name in the next forecast: a calendar moves it instead of showing it twice.
    let uid = format!("{}/{}/{}", outlook.cluster, work.part(), work.to()).to_lowercase().replace(' ', "-");
    let mut event = Event::new(escape_text(uid), stamp(outlook.at()));
    let windows = &outlook.assessment.windows;
    let is_bound = scheduled.step.needs_opening();
    let end = Some(scheduled.opening.end).filter(|end| is_bound && *end < Timestamp::MAX);
    let closes = end.map(|end| format!("\nIts window closes at {}.", instant_in(end, windows)));
    let closes = closes.unwrap_or_default();
    let description = format!("{}.{closes}\nWindows: {windows}.", words::sentence(outlook, scheduled));
    let title = format!("{}: {}", outlook.name, words::step(&scheduled.step));
    event.push(DtStart::new(stamp(scheduled.start)));
    event.push(DtEnd::new(stamp(scheduled.end.max(scheduled.start))));
    event.push(Summary::new(escape_text(title)));
    event.push(Description::new(escape_text(description)));
    event.push(Transp::transparent());
    event
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
