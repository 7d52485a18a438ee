//! Five fields of cron, all in UTC.

use std::fmt;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::window::interval::Interval;

/// When something runs. Either every day of the month counts or every weekday: cron would OR two limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cron {
    minute: i8,
    /// Bit 0 is midnight.
    hours: u32,
    /// Bit 1 is the first of the month.
    days: u32,
    /// Bit 1 is January.
    months: u32,
    /// Bit 0 is Sunday.
    weekdays: u32,
}

/// The days on which something was seen to recur.
#[derive(Clone, Copy, Debug, Default)]
pub struct Recurring {
    days: u32,
    months: u32,
    weekdays: u32,
}

const HOURS: u32 = (1 << 24) - 1;
const DAYS: u32 = u32::MAX - 1;
const MONTHS: u32 = ((1 << 12) - 1) << 1;
const WEEKDAYS: u32 = (1 << 7) - 1;

/// The days that each month may have.
const LENGTHS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Recurring {
    /// Adds a day.
    pub fn add(&mut self, date: Date) {
        self.days |= bit(date.day());
        self.months |= bit(date.month());
        self.weekdays |= bit(weekday(date.weekday()));
    }

    /// Returns the line that runs on all of these days, and on as few others as cron can say.
    #[must_use]
    pub fn cron(self, minute: i8, hour: i8) -> Cron {
        let Recurring { days, months, weekdays } = self;
        let lengths =
            (1..).zip(LENGTHS).filter(|(month, _)| months & bit(*month) != 0).map(|(_, length)| length);
        let (by_day, all) = lengths.fold((0, 0), |(by_day, all), length| {
            let there = (days >> 1) & (u32::MAX >> (32 - length));
            (by_day + there.count_ones(), all + length)
        });
        let by_weekday = all * weekdays.count_ones() / 7;
        let (days, weekdays) = if by_day < by_weekday { (days, WEEKDAYS) } else { (DAYS, weekdays) };
        Cron { minute, hours: bit(hour), days, months, weekdays }
    }
}

impl Cron {
    /// Returns the line that runs every hour.
    #[must_use]
    pub fn hourly() -> Cron {
        Cron { minute: 5, hours: HOURS, days: DAYS, months: MONTHS, weekdays: WEEKDAYS }
    }

    /// Returns the line that runs whenever one of two does and never else; `None` where cron cannot say it in one.
    #[must_use]
    pub fn with(&self, other: &Cron) -> Option<Cron> {
        let pairs = self.fields().into_iter().zip(other.fields());
        let differ = pairs.clone().filter(|(one, other)| one != other).count();
        let holds = pairs.clone().all(|(one, other)| one & other == other);
        let is_held = pairs.clone().all(|(one, other)| one & other == one);
        let joined = Cron {
            minute: self.minute,
            hours: self.hours | other.hours,
            days: self.days | other.days,
            months: self.months | other.months,
            weekdays: self.weekdays | other.weekdays,
        };
        (self.minute == other.minute && (differ <= 1 || holds || is_held)).then_some(joined)
    }

    /// Returns the first run in an interval.
    #[must_use]
    pub fn first_in(&self, interval: Interval) -> Option<Timestamp> {
        let at = Offset::UTC.to_datetime(interval.start);
        let first = DateTime::new(at.year(), at.month(), at.day(), at.hour(), self.minute, 0, 0).ok()?;
        let first = Offset::UTC.to_timestamp(first).ok()?;
        let hourly = (0..).map_while(|hours| first.checked_add(SignedDuration::from_hours(hours)).ok());
        let mut runs = hourly.take_while(|run| *run < interval.end);
        runs.find(|run| *run >= interval.start && self.runs(*run))
    }

    /// Tells whether it runs in the hour of an instant.
    fn runs(&self, at: Timestamp) -> bool {
        let at = Offset::UTC.to_datetime(at);
        let date = at.date();
        let is = [
            (self.hours, at.hour()),
            (self.days, at.day()),
            (self.months, at.month()),
            (self.weekdays, weekday(date.weekday())),
        ];
        is.iter().all(|(field, value)| field & bit(*value) != 0)
    }

    fn fields(&self) -> [u32; 4] {
        [self.hours, self.days, self.months, self.weekdays]
    }
}

impl fmt::Display for Cron {
    /// Writes e.g. `5 1-4 * 1-3,10-12 6`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [hours, days, months, weekdays] = self.fields();
        let (hours, days) = (spans(hours, HOURS), spans(days, DAYS));
        write!(f, "{} {hours} {days} {} {}", self.minute, spans(months, MONTHS), spans(weekdays, WEEKDAYS))
    }
}

/// Returns a field: `*`, or numbers with the first and last of each three or more in a row.
fn spans(field: u32, all: u32) -> String {
    if field == all {
        return "*".to_owned();
    }
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for value in (0..32).filter(|value| field & 1 << value != 0) {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == value => *last = value,
            _ => spans.push((value, value)),
        }
    }
    let word = |(first, last): &(u32, u32)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    spans.iter().map(word).collect::<Vec<_>>().join(",")
}

fn weekday(day: Weekday) -> i8 {
    day.to_sunday_zero_offset()
}

fn bit(value: i8) -> u32 {
    1 << u32::from(value.unsigned_abs())
}
