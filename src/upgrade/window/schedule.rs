//! A recurring opening: a recurring day, a time of day, a zone and a duration.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::duration;
use crate::upgrade::step::Kind;
use crate::upgrade::text::WeekOfMonth;
use crate::upgrade::window::interval::{Interval, earlier};
use crate::upgrade::window::recurrence::Recurrence;

/// A window as the user wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowSpec {
    /// Days of the week; empty: every day.
    pub days: Vec<Weekday>,
    /// Only in these weeks of the month; empty: every week. Needs `days`.
    pub weeks_of_month: Vec<WeekOfMonth>,
    /// Days of the month, 1 to 31, instead of `days`. One that a month lacks is skipped there.
    pub days_of_month: Vec<i8>,
    /// Every so many weeks (`days`), months (`days_of_month`, `weeks_of_month`) or days (neither); usually 1.
    pub every: u32,
    /// The anchor of `every`, and the first day on which the window may open.
    ///
    /// The week (from Monday), month or day that it lies in is an active one.
    pub start_date: Option<Date>,
    /// Local time of day.
    pub start: Time,
    /// Absolute time, 15 minutes to 7 days: four hours are four hours on the night the clocks change.
    pub duration: SignedDuration,
    /// Where `start` is local.
    pub zone: TimeZone,
    /// The kinds of work it permits; empty: every kind.
    pub applies_to: Vec<Kind>,
}

/// A rule that a window or blackout breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WindowError {
    /// The attribute to point at, e.g. `duration`.
    pub attribute: &'static str,
    /// What is wrong, what was given, and a correct example.
    pub message: String,
}

impl WindowError {
    pub(super) fn new(attribute: &'static str, message: impl Into<String>) -> WindowError {
        WindowError { attribute, message: message.into() }
    }

    /// Refuses a list that was written but is empty: it might mean "never" or "always".
    ///
    /// In a [`WindowSpec`] an empty list means that the attribute was left out, so whoever reads the
    /// configuration has to tell the two apart.
    #[must_use]
    pub fn empty_list(attribute: &'static str) -> WindowError {
        let message = format!("The list {attribute} is empty; leave {attribute} out, or name at least one.");
        WindowError { attribute, message }
    }
}

/// One recurring permission.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    spec: WindowSpec,
    recurrence: Recurrence,
    /// Each occurrence lasts until the next one, as long as the clocks do not change.
    seamless: bool,
}

const SHORTEST: SignedDuration = SignedDuration::from_mins(15);
const LONGEST: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Window {
    /// Checks a window.
    ///
    /// # Errors
    ///
    /// `weeks_of_month` without `days`; `days_of_month` with `days`; a day of month such as 0 or 32; a day
    /// listed twice; `every` 0; `every` 2 without `start_date`; a duration of 10 minutes or of 8 days.
    pub fn new(spec: WindowSpec) -> Result<Window, WindowError> {
        check_days(&spec)?;
        check_every(&spec)?;
        check_duration(&spec)?;
        let (every, start) = (spec.every, spec.start_date);
        let recurrence = if !spec.days_of_month.is_empty() {
            Recurrence::monthly(&spec.days_of_month, every, start)
        } else if !spec.weeks_of_month.is_empty() {
            Recurrence::monthly_by_week(&spec.days, &spec.weeks_of_month, every, start)
        } else if !spec.days.is_empty() {
            Recurrence::weekly(&spec.days, every, start)
        } else {
            Recurrence::daily(every, start)
        };
        let whole_days = spec.duration.as_hours() / 24;
        let seamless = whole_days > 0 && recurrence.recurs_within(whole_days);
        Ok(Window { spec, recurrence, seamless })
    }

    /// Returns the window as it was written.
    #[must_use]
    pub fn spec(&self) -> &WindowSpec {
        &self.spec
    }

    /// Tells whether it permits that kind of work.
    #[must_use]
    pub fn applies_to(&self, kind: Kind) -> bool {
        self.spec.applies_to.is_empty() || self.spec.applies_to.contains(&kind)
    }

    /// Tells whether the instant lies in an occurrence.
    #[must_use]
    pub fn contains(&self, at: Timestamp) -> bool {
        self.last_by(at).is_some_and(|last| last.contains(at))
    }

    /// Returns the last occurrence that starts at or before an instant, over or not.
    ///
    /// All occurrences last equally long, so of those that have started it is also the one that ends last.
    #[must_use]
    pub fn last_by(&self, at: Timestamp) -> Option<Interval> {
        let today = self.spec.zone.to_datetime(at).date();
        // Tomorrow may have begun once already: clocks that go back at 00:01 return to today.
        let mut until = today.tomorrow().unwrap_or(today);
        loop {
            let date = self.recurrence.last_until(until)?;
            match self.on(date) {
                Some(one) if one.start <= at => return Some(one),
                _ => until = date.yesterday().ok()?,
            }
        }
    }

    /// Returns the first occurrence that starts at or after an instant.
    #[must_use]
    pub fn first_from(&self, at: Timestamp) -> Option<Interval> {
        let today = self.spec.zone.to_datetime(at).date();
        // Yesterday may be yet to come: a day that the clocks skipped starts on the day after.
        let mut from = today.yesterday().unwrap_or(today);
        loop {
            let date = self.recurrence.first_from(from)?;
            match self.on(date) {
                Some(one) if one.start >= at => return Some(one),
                _ => from = date.tomorrow().ok()?,
            }
        }
    }

    /// Returns until when the window, open at or up to an instant, surely stays open; ask again from there.
    pub(super) fn open_until(&self, at: Timestamp) -> Option<Timestamp> {
        let last = self.last_by(at).filter(|last| at <= last.end)?;
        if !self.seamless {
            return Some(last.end);
        }
        // Only a change of the clocks can tear a gap between two occurrences.
        let change = self.spec.zone.following(last.start).next();
        Some(change.map_or(Timestamp::MAX, |change| change.timestamp().max(last.end)))
    }

    /// Returns since when the window, open at or from an instant on, surely has been open; ask again from there.
    pub(super) fn open_since(&self, at: Timestamp) -> Option<Timestamp> {
        let first = self.first_from(earlier(at, self.spec.duration)).filter(|first| first.start <= at)?;
        if !self.seamless {
            return Some(first.start);
        }
        let inclusive = crate::upgrade::window::interval::later(first.start, SignedDuration::from_nanos(1));
        match (self.spec.zone.preceding(inclusive).next(), self.spec.start_date) {
            (None, None) => Some(Timestamp::MIN),
            (change, _) => {
                let change = change.map_or(Timestamp::MIN, |change| change.timestamp());
                self.first_from(change).map(|one| one.start.min(first.start))
            }
        }
    }

    /// Returns the occurrence of a day.
    ///
    /// RFC 5545, section 3.3.5: a local time that does not exist is read with the offset before the gap, one
    /// that comes twice is the first. jiff calls this "compatible".
    fn on(&self, date: Date) -> Option<Interval> {
        let start =
            self.spec.zone.to_ambiguous_timestamp(date.to_datetime(self.spec.start)).compatible().ok()?;
        Some(Interval::lasting(start, self.spec.duration))
    }
}

fn check_days(spec: &WindowSpec) -> Result<(), WindowError> {
    let weekly = !spec.days.is_empty() || !spec.weeks_of_month.is_empty();
    if weekly && !spec.days_of_month.is_empty() {
        let message = "A window has either days_of_month or days (with or without weeks_of_month), not both; \
                       for example days_of_month = [1, 15], or days = [\"saturday\"], weeks_of_month = [\"first\"].";
        return Err(WindowError::new("days_of_month", message));
    }
    if !spec.weeks_of_month.is_empty() && spec.days.is_empty() {
        let message =
            "weeks_of_month needs days; for example days = [\"saturday\"], weeks_of_month = [\"first\"].";
        return Err(WindowError::new("weeks_of_month", message));
    }
    if let Some(day) = spec.days_of_month.iter().find(|day| !(1..=31).contains(*day)) {
        let message =
            format!("{day} is not a day of the month; write 1 to 31, for example days_of_month = [1, 15].");
        return Err(WindowError::new("days_of_month", message));
    }
    check_once("days", &spec.days)?;
    check_once("weeks_of_month", &spec.weeks_of_month)?;
    check_once("days_of_month", &spec.days_of_month)?;
    check_once("applies_to", &spec.applies_to)
}

fn check_once<T: PartialEq>(attribute: &'static str, list: &[T]) -> Result<(), WindowError> {
    let twice =
        list.iter().enumerate().find(|(n, item)| list.iter().take(*n).any(|earlier| earlier == *item));
    match twice {
        Some((n, _)) => Err(WindowError::new(
            attribute,
            format!("The list {attribute} names its element {} twice; write each one once.", n + 1),
        )),
        None => Ok(()),
    }
}

fn check_every(spec: &WindowSpec) -> Result<(), WindowError> {
    match (spec.every, spec.start_date) {
        (0, _) => {
            let message = "every is 0; leave it out, or write 1 or more, for example every = 2.";
            Err(WindowError::new("every", message))
        }
        (2.., None) => {
            let message = format!(
                "every = {} needs a start_date to count from; for example start_date = \"2026-01-05\".",
                spec.every
            );
            Err(WindowError::new("start_date", message))
        }
        _ => Ok(()),
    }
}

fn check_duration(spec: &WindowSpec) -> Result<(), WindowError> {
    if (SHORTEST..=LONGEST).contains(&spec.duration) {
        return Ok(());
    }
    let given = duration::display(spec.duration);
    let message =
        format!("A window lasts from 15 minutes to 7 days, not {given}; for example duration = \"4h\".");
    Err(WindowError::new("duration", message))
}
