//! What a window or a blackout may not be.

use jiff::SignedDuration;
use jiff::civil::Date;

use crate::upgrade::window::edge::BlackoutEdge;

/// A rule that a window or blackout breaks, with what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowError {
    /// A list names something twice; the second time as its element of that number, counted from 1.
    Twice(List, usize),
    /// A window names no days.
    NoDays,
    /// A window names weeks of the month and no days.
    WeeksWithoutDays,
    /// `"all"` stands beside other days, or beside another list.
    AllBeside(List),
    /// A day of the month such as 0 or 32.
    DayOfMonth(i8),
    /// Every 0th week.
    EveryZero,
    /// Every so many weeks, and no date to count from.
    EveryWithoutStartDate(u32),
    /// A window lasts less than 15 minutes or more than 7 days.
    Duration(SignedDuration),
    /// A yearly blackout has a year or an instant.
    YearlyWithYear,
    /// A blackout that is not yearly has a month and day.
    DayOfYearOnce,
    /// A blackout has an instant and a date.
    InstantAndDate,
    /// A blackout between instants has a zone.
    ZoneOfInstants,
    /// A blackout of days has no zone.
    DaysWithoutZone,
    /// A blackout ends before it begins.
    Reversed {
        /// Where it begins.
        from: BlackoutEdge,
        /// Where it ends.
        to: BlackoutEdge,
    },
    /// A blackout begins at the end of the calendar.
    BeyondCalendar(Date),
}

/// The lists of a window or blackout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `days`
    Days,
    /// `weeks_of_month`
    WeeksOfMonth,
    /// `days_of_month`
    DaysOfMonth,
    /// `applies_to`
    Kinds,
    /// `node_pools`
    NodePools,
}

impl WindowError {
    /// Refuses a list that names something twice.
    pub(in crate::upgrade::window) fn twice<T: PartialEq>(
        list: List,
        given: &[T],
    ) -> Result<(), WindowError> {
        let again =
            given.iter().enumerate().find(|(n, item)| given.iter().take(*n).any(|earlier| earlier == *item));
        again.map_or(Ok(()), |(n, _)| Err(WindowError::Twice(list, n + 1)))
    }
}
