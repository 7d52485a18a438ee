//! A denial: a span once, or the same days each year.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::upgrade::window::edge::BlackoutEdge;
use crate::upgrade::window::error::WindowError;
use crate::upgrade::window::interval::Interval;
use crate::upgrade::window::scope::Scope;

/// A blackout as the user wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct BlackoutSpec {
    /// Where it begins, always inclusive.
    pub from: BlackoutEdge,
    /// Where it ends: exclusive for an instant, inclusive for a day.
    pub to: BlackoutEdge,
    /// Whether it recurs each year; then both edges are a [`BlackoutEdge::DayOfYear`].
    pub yearly: bool,
    /// The zone in which its days begin and end; `None` between instants, which have none.
    pub zone: Option<TimeZone>,
    /// Why, shown to whoever is held up by it.
    pub reason: Option<String>,
    /// What it denies.
    pub scope: Scope,
}

/// One denial.
#[derive(Clone, Debug, PartialEq)]
pub struct Blackout {
    spec: BlackoutSpec,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Once(Interval),
    Yearly { from: (i8, i8), to: (i8, i8), zone: TimeZone },
}

/// The years that a yearly blackout may skip, and one: 29 February alone is skipped from 2096 to 2104.
const GAP: i16 = 9;

impl Blackout {
    /// Checks a blackout.
    ///
    /// # Errors
    ///
    /// `yearly` with a year or an instant, a month and day without `yearly`, an instant and a date together, a
    /// zone with instants, days without one, a kind of work or a pool listed twice, and a `from` that is not
    /// before its `to`. A yearly one may cross the year end: `"12-15"` to `"01-05"`.
    pub fn new(spec: BlackoutSpec) -> Result<Blackout, WindowError> {
        spec.scope.check()?;
        let shape = match (spec.from, spec.to, spec.yearly) {
            (BlackoutEdge::DayOfYear { month, day }, BlackoutEdge::DayOfYear { month: m, day: d }, true) => {
                Shape::Yearly {
                    from: (month, day),
                    to: (m, d),
                    zone: spec.zone.clone().ok_or(WindowError::DaysWithoutZone)?,
                }
            }
            (BlackoutEdge::Instant(start), BlackoutEdge::Instant(end), false) => between(start, end, &spec)?,
            (BlackoutEdge::Day(from), BlackoutEdge::Day(to), false) => {
                let zone = spec.zone.as_ref().ok_or(WindowError::DaysWithoutZone)?;
                let start = midnight(from, zone).ok_or(WindowError::BeyondCalendar(from))?;
                // What ends with the calendar never ends: people write 9999-12-31 for ever.
                let end = to.tomorrow().ok().and_then(|after| midnight(after, zone));
                once(start, end.unwrap_or(Timestamp::MAX), &spec)?
            }
            (.., true) => return Err(WindowError::YearlyWithYear),
            (BlackoutEdge::DayOfYear { .. }, ..) | (_, BlackoutEdge::DayOfYear { .. }, _) => {
                return Err(WindowError::DayOfYearOnce);
            }
            _ => return Err(WindowError::InstantAndDate),
        };
        Ok(Blackout { spec, shape })
    }

    /// Returns the blackout as it was written.
    #[must_use]
    pub fn spec(&self) -> &BlackoutSpec {
        &self.spec
    }

    /// Tells whether it has no end.
    #[must_use]
    pub fn lasts_for_ever(&self) -> bool {
        matches!(self.shape, Shape::Once(once) if once.end == Timestamp::MAX)
    }

    /// Returns the latest time that it began at or before an instant, over or not.
    #[must_use]
    pub fn last_by(&self, at: Timestamp) -> Option<Interval> {
        match &self.shape {
            Shape::Once(interval) => Some(*interval).filter(|once| once.start <= at),
            Shape::Yearly { from, to, zone } => {
                let today = zone.to_datetime(at).date();
                // Tomorrow may have begun once already: clocks that go back at 00:01 return to today.
                let year = today.tomorrow().unwrap_or(today).year();
                let starts = starts((year.saturating_sub(GAP)..=year).rev(), *from, zone);
                starts
                    .filter(|(_, start)| *start <= at)
                    .find_map(|(year, start)| lasting(year, start, (*from, *to), zone))
            }
        }
    }

    /// Returns the first time that it begins after an instant.
    #[must_use]
    pub fn first_after(&self, at: Timestamp) -> Option<Interval> {
        match &self.shape {
            Shape::Once(interval) => Some(*interval).filter(|once| once.start > at),
            Shape::Yearly { from, to, zone } => {
                let year = zone.to_datetime(at).year();
                let starts = starts(year..=year.saturating_add(GAP), *from, zone);
                starts
                    .filter(|(_, start)| *start > at)
                    .find_map(|(year, start)| lasting(year, start, (*from, *to), zone))
            }
        }
    }
}

/// Returns where a yearly blackout begins in each of the years.
fn starts(
    years: impl Iterator<Item = i16>,
    from: (i8, i8),
    zone: &TimeZone,
) -> impl Iterator<Item = (i16, Timestamp)> {
    years.filter_map(move |year| Some((year, midnight(day_from(year, from)?, zone)?)))
}

/// Returns the yearly blackout with that start; `None` when no day of it exists in that year.
fn lasting(
    year: i16,
    start: Timestamp,
    (from, to): ((i8, i8), (i8, i8)),
    zone: &TimeZone,
) -> Option<Interval> {
    let end_year = if to < from { year.checked_add(1)? } else { year };
    let end = midnight(day_until(end_year, to)?.tomorrow().ok()?, zone)?;
    (start < end).then_some(Interval { start, end })
}

/// Checks a blackout between instants.
fn between(start: Timestamp, end: Timestamp, spec: &BlackoutSpec) -> Result<Shape, WindowError> {
    if spec.zone.is_some() {
        return Err(WindowError::ZoneOfInstants);
    }
    once(start, end, spec)
}

fn once(start: Timestamp, end: Timestamp, spec: &BlackoutSpec) -> Result<Shape, WindowError> {
    if start < end {
        return Ok(Shape::Once(Interval { start, end }));
    }
    Err(WindowError::Reversed { from: spec.from, to: spec.to })
}

/// Returns the first instant of a day: midnight, or where the clocks skip midnight, what midnight becomes.
///
/// `None` at the end of the calendar.
fn midnight(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_ambiguous_timestamp(date.to_datetime(Time::midnight())).compatible().ok()
}

/// Returns that day, or where it is 29 February of a common year, the day after.
fn day_from(year: i16, (month, day): (i8, i8)) -> Option<Date> {
    Date::new(year, month, day).or_else(|_| Date::new(year, 3, 1)).ok()
}

/// Returns that day, or where it is 29 February of a common year, the day before.
fn day_until(year: i16, (month, day): (i8, i8)) -> Option<Date> {
    Date::new(year, month, day).or_else(|_| Date::new(year, 2, 28)).ok()
}
