//! Where a blackout begins or ends.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::upgrade::text::{self, TextError, digits};

/// One end of a blackout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlackoutEdge {
    /// `"2026-12-15T18:00:00+01:00"`
    Instant(Timestamp),
    /// `"2026-12-15"`
    Day(Date),
    /// `"12-15"`. 29 February stands for the days that exist around it: from it means from 1 March in a
    /// common year, to it means to 28 February.
    DayOfYear {
        /// 1 to 12.
        month: i8,
        /// 1 to 31, a day that the month has in a leap year.
        day: i8,
    },
}

impl BlackoutEdge {
    /// Reads an edge: an RFC 3339 instant, a date, or month and day.
    ///
    /// # Errors
    ///
    /// `"2026-12-15 18:00"` (no offset), `"02-30"`, `"15.12."`, `"december"`.
    pub fn parse(text: &str) -> Result<BlackoutEdge, TextError> {
        let edge = match text.len() {
            5 => day_of_year(text),
            10 => text::date(text).map(BlackoutEdge::Day),
            // A bracketed zone is jiff's and RFC 9557's, not RFC 3339's.
            _ if text.contains('[') => None,
            _ => instant(text).map(BlackoutEdge::Instant),
        };
        edge.ok_or_else(|| {
            TextError(format!(
                "{text:?} is not the edge of a blackout; write an instant, for example \"2026-12-15T18:00:00+01:00\", \
                 a date, for example \"2026-12-15\", or for every year a month and day, for example \"12-15\"."
            ))
        })
    }
}

/// Reads an instant; one of the last two days of the calendar, which no zone counts to the end, means for ever.
fn instant(text: &str) -> Option<Timestamp> {
    let last = text.starts_with("9999-12-31") || text.starts_with("9999-12-30");
    // Only the date is out of reach, so the rest is read in the year before.
    let within = if last { text.replacen("9999", "9998", 1) } else { text.to_owned() };
    let read: Timestamp = within.parse().ok()?;
    Some(if last { Timestamp::MAX } else { read })
}

fn day_of_year(text: &str) -> Option<BlackoutEdge> {
    let (month, day) = text.split_once('-')?;
    let (month, day) = (digits(month, 2)?, digits(day, 2)?);
    Date::new(2000, month, day).ok().map(|_| BlackoutEdge::DayOfYear { month, day })
}
