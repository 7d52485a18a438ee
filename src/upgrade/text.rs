//! Dates, times of day and days of the week as a person writes them.

use jiff::civil::{Date, Time, Weekday};

/// A text that is not what it should be, as a finished sentence with a correct example.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(pub String);

/// Which occurrence of a weekday in its month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WeekOfMonth {
    /// Days 1 to 7.
    First,
    /// Days 8 to 14.
    Second,
    /// Days 15 to 21.
    Third,
    /// Days 22 to 28. Not the last one in a month that has five.
    Fourth,
    /// The last seven days, the fifth where there are five.
    Last,
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const WEEKS: [(&str, WeekOfMonth); 5] = [
    ("first", WeekOfMonth::First),
    ("second", WeekOfMonth::Second),
    ("third", WeekOfMonth::Third),
    ("fourth", WeekOfMonth::Fourth),
    ("last", WeekOfMonth::Last),
];

/// A word of a list of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayWord {
    /// `"all"`: every day.
    All,
    /// `"monday"` to `"sunday"`.
    On(Weekday),
}

impl DayWord {
    /// Returns the weekday; `None` for `"all"`.
    #[must_use]
    pub fn weekday(self) -> Option<Weekday> {
        match self {
            DayWord::All => None,
            DayWord::On(day) => Some(day),
        }
    }
}

/// Reads a day of the week, `"monday"` to `"sunday"`, or `"all"`; in any case, since azurerm writes `"Saturday"`.
///
/// # Errors
///
/// `"sat"`, `"6"`, `"every day"`.
pub fn parse_day(text: &str) -> Result<DayWord, TextError> {
    let all = ("all", DayWord::All);
    let days: Vec<_> = WEEKDAYS.iter().map(|(word, day)| (*word, DayWord::On(*day))).chain([all]).collect();
    among(&days, text, "a day of the week")
}

/// Reads a day of the week, `"monday"` to `"sunday"`, in any case.
///
/// # Errors
///
/// `"sat"`, `"6"`, `"all"`.
pub fn parse_weekday(text: &str) -> Result<Weekday, TextError> {
    among(&WEEKDAYS, text, "a day of the week")
}

/// Reads a week of the month, `"first"` to `"fourth"`, or `"last"`; in any case.
///
/// # Errors
///
/// `"fifth"`, `"1"`.
pub fn parse_week_of_month(text: &str) -> Result<WeekOfMonth, TextError> {
    among(&WEEKS, text, "a week of the month")
}

/// Returns the word that [`parse_weekday`] reads.
#[must_use]
pub fn weekday(day: Weekday) -> &'static str {
    WEEKDAYS.iter().find(|(_, known)| *known == day).map_or("", |(word, _)| word)
}

/// Returns the word that [`parse_week_of_month`] reads.
#[must_use]
pub fn week_of_month(week: WeekOfMonth) -> &'static str {
    WEEKS.iter().find(|(_, known)| *known == week).map_or("", |(word, _)| word)
}

fn among<T: Copy>(words: &[(&str, T)], text: &str, what: &str) -> Result<T, TextError> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, value)| *value).ok_or_else(|| {
        let known = words.iter().map(|(word, _)| format!("{word:?}")).collect::<Vec<_>>().join(", ");
        TextError(format!("{text:?} is not {what}; write one of {known}."))
    })
}

/// Reads a time of day in hours and minutes, `"00:00"` to `"23:59"`.
///
/// # Errors
///
/// `"2:00"`, `"24:00"`, `"02:00:00"`, `"2am"`.
pub fn parse_time(text: &str) -> Result<Time, TextError> {
    time(text).ok_or_else(|| {
        TextError(format!("{text:?} is not a time of day; write hours and minutes, for example \"02:00\"."))
    })
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(digits(hour, 2)?, digits(minute, 2)?, 0, 0).ok()
}

/// Reads a date, `"2026-01-05"`.
///
/// # Errors
///
/// `"2026-02-30"`, `"26-1-5"`, `"2026-01-05T00:00:00Z"`, `"05.01.2026"`.
pub fn parse_date(text: &str) -> Result<Date, TextError> {
    date(text).ok_or_else(|| {
        TextError(format!(
            "{text:?} is not a date; write year, month and day of a day that exists, for example \"2026-01-05\"."
        ))
    })
}

pub(super) fn date(text: &str) -> Option<Date> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    Date::new(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?).ok()
}

/// Reads exactly so many decimal digits; no sign, no space.
pub(super) fn digits<T: std::str::FromStr>(text: &str, count: usize) -> Option<T> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}
