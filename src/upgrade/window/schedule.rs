//! A recurring opening: a recurring day, a time of day, a zone and a duration.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::window::days::Days;
use crate::upgrade::window::error::WindowError;
use crate::upgrade::window::interval::{Interval, earlier, later};
use crate::upgrade::window::recurrence::Recurrence;
use crate::upgrade::window::scope::Scope;

/// A window as the user wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct WindowSpec {
    /// The days on which it opens.
    pub days: Days,
    /// Every so many of the weeks, months or days that [`Days`] counts; usually 1.
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
    /// What it permits.
    pub scope: Scope,
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
    /// `every` 0; `every` 2 without `start_date`; a duration of 10 minutes or of 8 days; a kind of work or a pool
    /// listed twice.
    pub fn new(spec: WindowSpec) -> Result<Window, WindowError> {
        check_every(&spec)?;
        check_duration(&spec)?;
        spec.scope.check()?;
        let recurrence = Recurrence::new(&spec.days, spec.every, spec.start_date);
        let whole_days = spec.duration.as_hours() / 24;
        let seamless = whole_days > 0 && recurrence.recurs_within(whole_days);
        Ok(Window { spec, recurrence, seamless })
    }

    /// Returns the window as it was written.
    #[must_use]
    pub fn spec(&self) -> &WindowSpec {
        &self.spec
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
        let inclusive = later(first.start, SignedDuration::from_nanos(1));
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

fn check_every(spec: &WindowSpec) -> Result<(), WindowError> {
    match (spec.every, spec.start_date) {
        (0, _) => Err(WindowError::EveryZero),
        (2.., None) => Err(WindowError::EveryWithoutStartDate(spec.every)),
        _ => Ok(()),
    }
}

fn check_duration(spec: &WindowSpec) -> Result<(), WindowError> {
    if (SHORTEST..=LONGEST).contains(&spec.duration) {
        return Ok(());
    }
    Err(WindowError::Duration(spec.duration))
}
