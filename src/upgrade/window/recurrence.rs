//! A recurring day: daily, weekly, monthly on a day, monthly on a weekday.
//!
//! Everything here is calendar arithmetic on day numbers; hours and zones come in with
//! [`crate::upgrade::window::schedule`]. A recurrence is a sequence of *periods* (days, weeks or months), of which
//! every n-th is active, and each active period has a set of days in it, as bits. Finding the next day is: skip to
//! the next active period, take the lowest bit.

use jiff::civil::{Date, Weekday};

use crate::upgrade::text::WeekOfMonth;
use crate::upgrade::window::days::Days;

/// The days on which something recurs.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrence {
    bits: Bits,
    every: i64,
    /// No day before this one; the period it lies in is an active one.
    start: Option<i64>,
}

/// The days of one period, bit 0 being its first day.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bits {
    /// The period is a day.
    Every,
    /// The period is a week from Monday on.
    OfWeek(u32),
    /// The period is a month: these days that are these weekdays (bit 0 is Monday) in these weeks (bit 0 is the
    /// first, bit 4 the last).
    OfMonth { days: u32, weekdays: u32, weeks: u32 },
}

/// The months after which the Gregorian calendar repeats, weekdays included: 400 years of them.
///
/// Active months that hold no day for so long never will.
const MONTHS: i64 = 4_800;

const EVERY_DAY: u32 = u32::MAX >> 1;
const EVERY_WEEKDAY: u32 = 0b111_1111;
const EVERY_WEEK: u32 = 0b1_1111;

impl Recurrence {
    /// Recurs on these days of every n-th day, week (from Monday) or month; the start date lies in the first.
    ///
    /// Nothing recurs before the start date. A day that a month lacks is skipped there.
    #[must_use]
    pub fn new(days: &Days, every: u32, start: Option<Date>) -> Recurrence {
        let bits = match days {
            Days::All => Bits::Every,
            Days::OfWeek(weekdays) => Bits::OfWeek(weekday_bits(weekdays)),
            Days::OfMonth { days, weekdays, weeks } => Bits::OfMonth {
                days: if days.is_empty() { EVERY_DAY } else { day_bits(days) },
                weekdays: if weekdays.is_empty() { EVERY_WEEKDAY } else { weekday_bits(weekdays) },
                weeks: if weeks.is_empty() { EVERY_WEEK } else { week_bits(weeks) },
            },
        };
        Recurrence { bits, every: i64::from(every.max(1)), start: start.map(number) }
    }

    /// Returns the first day on or after a date; `None` when there is none until the year 9999.
    #[must_use]
    pub fn first_from(&self, date: Date) -> Option<Date> {
        let from = number(date).max(self.start.unwrap_or(i64::MIN));
        let mut period = self.bits.period_of(from);
        let ahead = (-self.phase(period)).rem_euclid(self.every);
        period += ahead;
        let last = period + self.patience();
        while period <= last {
            let (first, bits) = self.bits.of(period)?;
            let bits = bits & u32::MAX.checked_shl(u32::try_from(from - first).unwrap_or(0)).unwrap_or(0);
            if bits != 0 {
                return from_number(first + i64::from(bits.trailing_zeros()));
            }
            period += self.every;
        }
        None
    }

    /// Returns the last day on or before a date; `None` when there is none.
    #[must_use]
    pub fn last_until(&self, date: Date) -> Option<Date> {
        let until = number(date);
        let mut period = self.bits.period_of(until);
        period -= self.phase(period).rem_euclid(self.every);
        let last = period - self.patience();
        while period >= last {
            if self.phase(period) < 0 && self.start.is_some() {
                return None;
            }
            let (first, bits) = self.bits.of(period)?;
            let above = u32::try_from(until - first + 1).unwrap_or(0);
            let bits = bits & !u32::MAX.checked_shl(above).unwrap_or(0);
            if bits != 0 {
                let day = first + i64::from(bits.ilog2());
                return (self.start.is_none_or(|start| start <= day)).then(|| from_number(day)).flatten();
            }
            period -= self.every;
        }
        None
    }

    /// Tells whether no two days in a row are more than so many days apart.
    ///
    /// Looks at 28 years, after which weekdays, month lengths and leap years have been seen in all combinations.
    #[must_use]
    pub fn recurs_within(&self, days: i64) -> bool {
        let begin = self.start.unwrap_or(0);
        let mut day = begin;
        while day < begin + 28 * 366 {
            let next = from_number(day + 1).and_then(|date| self.first_from(date)).map(number);
            match next {
                Some(next) if next - day <= days => day = next,
                _ => return false,
            }
        }
        true
    }

    /// Returns how many periods are looked through for one that holds a day: two active ones at least.
    fn patience(&self) -> i64 {
        MONTHS.max(self.every)
    }

    /// Counts the periods since the one that the start date lies in.
    fn phase(&self, period: i64) -> i64 {
        period - self.start.map_or(0, |start| self.bits.period_of(start))
    }
}

impl Bits {
    /// Returns the number of the period that a day lies in.
    fn period_of(self, day: i64) -> i64 {
        match self {
            Bits::Every => day,
            // Day 0, 1 January 1970, was a Thursday.
            Bits::OfWeek(_) => (day + 3).div_euclid(7),
            Bits::OfMonth { .. } => {
                from_number(day).map_or(0, |date| i64::from(date.year()) * 12 + i64::from(date.month()) - 1)
            }
        }
    }

    /// Returns the first day of a period and the days that count in it; `None` beyond the calendar.
    fn of(self, period: i64) -> Option<(i64, u32)> {
        match self {
            Bits::Every => Some((period, 1)),
            Bits::OfWeek(bits) => Some((period.checked_mul(7)? - 3, bits)),
            Bits::OfMonth { days, weekdays, weeks } => {
                let first = month(period)?;
                let any = weekdays == EVERY_WEEKDAY && weeks == EVERY_WEEK;
                let named = if any { days_of(first) } else { weekdays_in_weeks(first, weekdays, weeks) };
                Some((number(first), days & named))
            }
        }
    }
}

/// Returns a bit for each day that the month has.
fn days_of(first: Date) -> u32 {
    u32::MAX >> (32 - u32::from(first.days_in_month().unsigned_abs()))
}

fn weekdays_in_weeks(first: Date, weekdays: u32, weeks: u32) -> u32 {
    let all = days_of(first);
    let last_week = all & !(all >> 7);
    let in_weeks =
        (0..4).filter(|week| weeks & 1 << week != 0).fold(0, |bits, week| bits | 0b111_1111 << (7 * week))
            | if weeks & 1 << WeekOfMonth::Last as u32 != 0 { last_week } else { 0 };
    // The weekdays turned so that bit 0 is the weekday of the first, and repeated over the month.
    let turn = first.weekday().to_monday_zero_offset();
    let week = u64::from(weekdays) << 7 >> turn;
    let week = (week | week >> 7) & 0b111_1111;
    let on_weekdays = (0..5).fold(0_u64, |bits, n| bits | week << (7 * n));
    u32::try_from(on_weekdays & u64::from(all & in_weeks)).unwrap_or(0)
}

fn day_bits(days: &[i8]) -> u32 {
    days.iter().filter(|day| (1..=31).contains(*day)).fold(0, |bits, day| bits | 1 << (day - 1))
}

fn week_bits(weeks: &[WeekOfMonth]) -> u32 {
    weeks.iter().fold(0, |bits, week| bits | 1 << *week as u32)
}

fn weekday_bits(weekdays: &[Weekday]) -> u32 {
    weekdays.iter().fold(0, |bits, day| bits | 1 << day.to_monday_zero_offset())
}

/// Returns the first day of the month with that number; month 0 is January of the year 0.
fn month(period: i64) -> Option<Date> {
    let year = i16::try_from(period.div_euclid(12)).ok()?;
    Date::new(year, i8::try_from(period.rem_euclid(12)).ok()? + 1, 1).ok()
}

const DAY_ZERO: Date = Date::constant(1970, 1, 1);

fn number(date: Date) -> i64 {
    date.duration_since(DAY_ZERO).as_hours() / 24
}

fn from_number(day: i64) -> Option<Date> {
    DAY_ZERO.checked_add(jiff::SignedDuration::try_from_hours(day.checked_mul(24)?)?).ok()
}
