//! The days that a window names.

use jiff::civil::Weekday;

use crate::upgrade::text::{DayWord, WeekOfMonth};
use crate::upgrade::window::error::{List, WindowError};

/// The days on which a window opens; the shape says what `every` counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    /// `days = ["all"]`: every day. `every` counts days.
    All,
    /// `days`: these weekdays, at least one. `every` counts weeks, from Monday.
    OfWeek(Vec<Weekday>),
    /// `days_of_month`, `weeks_of_month`, or both: what is given must hold. `every` counts months.
    OfMonth {
        /// 1 to 31; empty: any. One that a month lacks is skipped there.
        days: Vec<i8>,
        /// Empty: any.
        weekdays: Vec<Weekday>,
        /// Which of these weekdays in the month; empty: any.
        weeks: Vec<WeekOfMonth>,
    },
}

impl Days {
    /// Reads the three lists of a window; one that is left out is empty.
    ///
    /// Lists that are given together must all hold: `days = ["sunday"]` with `days_of_month = [13, …, 19]` is the
    /// Sunday after the second Tuesday, as `BYDAY` with `BYMONTHDAY` in RFC 5545.
    ///
    /// # Errors
    ///
    /// No list at all; `"all"` beside any other day, week or day of month; `weeks_of_month` without `days`; a day
    /// of month such as 0 or 32; anything named twice.
    pub fn new(words: &[DayWord], weeks: &[WeekOfMonth], of_month: &[i8]) -> Result<Days, WindowError> {
        WindowError::twice(List::Days, words)?;
        WindowError::twice(List::WeeksOfMonth, weeks)?;
        WindowError::twice(List::DaysOfMonth, of_month)?;
        if let Some(day) = of_month.iter().find(|day| !(1..=31).contains(*day)) {
            return Err(WindowError::DayOfMonth(*day));
        }
        if words.contains(&DayWord::All) {
            return every_day(words, weeks, of_month);
        }
        let weekdays: Vec<Weekday> = words.iter().filter_map(|word| word.weekday()).collect();
        match (weekdays.is_empty(), weeks.is_empty(), of_month.is_empty()) {
            (true, true, true) => Err(WindowError::NoDays),
            (true, false, _) => Err(WindowError::WeeksWithoutDays),
            (false, true, true) => Ok(Days::OfWeek(weekdays)),
            _ => Ok(Days::OfMonth { days: of_month.to_vec(), weekdays, weeks: weeks.to_vec() }),
        }
    }
}

/// Takes `"all"`, which stands alone: beside another day it might be meant as either.
fn every_day(words: &[DayWord], weeks: &[WeekOfMonth], of_month: &[i8]) -> Result<Days, WindowError> {
    let beside = match (words.len(), weeks.is_empty(), of_month.is_empty()) {
        (1, true, true) => return Ok(Days::All),
        (1, false, _) => List::WeeksOfMonth,
        (1, true, false) => List::DaysOfMonth,
        _ => List::Days,
    };
    Err(WindowError::AllBeside(beside))
}
