//! A maintenance window as AKS itself keeps it, and the translation of ours into one.
//!
//! AKS knows one recurrence per configuration, whole hours from 4 to 24, and one offset from UTC that never
//! changes. What it cannot express is said by
//! [`check`](crate::upgrade::window::translate::check); the offset is that of the next occurrence, so a zone
//! with daylight saving time leads to another translation after each change of the clocks.

use std::fmt;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::text;
use crate::upgrade::text::WeekOfMonth;
use crate::upgrade::window::Windows;
use crate::upgrade::window::blackout::{Blackout, BlackoutSpec};
use crate::upgrade::window::days::Days;
use crate::upgrade::window::edge::BlackoutEdge;
use crate::upgrade::window::schedule::{Window, WindowSpec};
use crate::upgrade::window::scope::Scope;
use crate::upgrade::window::zone;

/// A maintenance window in AKS's own terms (`properties.maintenanceWindow`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AksWindow {
    /// The days on which it opens.
    pub schedule: AksSchedule,
    /// How long it stays open: 4 to 24 hours.
    pub duration_hours: i64,
    /// Fixed for ever; AKS follows no daylight saving time.
    pub offset: Offset,
    /// The anchor of the interval, and the first day on which it may open. Azure fills in the day of creation.
    pub start_date: Option<Date>,
    /// Local time of day at that offset, to the minute.
    pub start: Time,
    /// Spans of local days at that offset on which nothing starts.
    pub not_allowed: Vec<DateSpan>,
}

/// The four shapes of a schedule; a configuration has exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AksSchedule {
    /// Every so many days, 1 to 7.
    Daily {
        /// `intervalDays`
        interval: i64,
    },
    /// A weekday of every so many weeks, 1 to 4.
    Weekly {
        /// `intervalWeeks`
        interval: i64,
        /// `dayOfWeek`
        day: Weekday,
    },
    /// A day of every so many months, 1 to 6.
    AbsoluteMonthly {
        /// `intervalMonths`
        interval: i64,
        /// `dayOfMonth`, 1 to 31
        day: i8,
    },
    /// A weekday of a week of every so many months, 1 to 6.
    RelativeMonthly {
        /// `intervalMonths`
        interval: i64,
        /// `weekIndex`
        week: WeekOfMonth,
        /// `dayOfWeek`
        day: Weekday,
    },
}

impl AksSchedule {
    /// Tells whether it opens on every such day of the week, spelled `Saturday` in any case.
    #[must_use]
    pub fn opens_on_every(&self, day: &str) -> bool {
        match self {
            AksSchedule::Daily { interval: 1 } => true,
            AksSchedule::Weekly { interval: 1, day: own } => {
                text::parse_weekday(day).is_ok_and(|day| day == *own)
            }
            _ => false,
        }
    }
}

/// Days from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateSpan {
    /// The first day.
    pub start: Date,
    /// The last day.
    pub end: Date,
}

impl AksSchedule {
    /// Returns the interval, in days, weeks or months.
    #[must_use]
    pub fn interval(&self) -> i64 {
        match *self {
            AksSchedule::Daily { interval }
            | AksSchedule::Weekly { interval, .. }
            | AksSchedule::AbsoluteMonthly { interval, .. }
            | AksSchedule::RelativeMonthly { interval, .. } => interval,
        }
    }
}

impl AksWindow {
    /// Returns the same openings in our own terms; `None` for values that no window has, such as 0 hours.
    ///
    /// How AKS counts weeks and months from a `startDate` is not documented; as with our windows, the week
    /// (from Monday) or month that the date lies in counts as an active one.
    #[must_use]
    pub fn windows(&self) -> Option<Windows> {
        let zone = TimeZone::fixed(self.offset);
        let of_month = |days, weekdays, weeks| Days::OfMonth { days, weekdays, weeks };
        let spec = WindowSpec {
            days: match self.schedule {
                AksSchedule::Daily { .. } => Days::All,
                AksSchedule::Weekly { day, .. } => Days::OfWeek(vec![day]),
                AksSchedule::AbsoluteMonthly { day, .. } => of_month(vec![day], vec![], vec![]),
                AksSchedule::RelativeMonthly { week, day, .. } => of_month(vec![], vec![day], vec![week]),
            },
            every: u32::try_from(self.schedule.interval()).ok()?,
            start_date: self.start_date,
            start: self.start,
            duration: SignedDuration::try_from_hours(self.duration_hours)?,
            zone: zone.clone(),
            scope: Scope::default(),
        };
        let blackouts = self.not_allowed.iter().map(|span| span.blackout(&zone)).collect::<Option<_>>()?;
        Some(Windows { windows: vec![Window::new(spec).ok()?], blackouts, ..Windows::default() })
    }

    /// Tells whether both open at the same times from an instant on, so that writing one over the other changes
    /// nothing.
    ///
    /// A start date and forbidden days in the past do not count: Azure fills in the former and wants neither sent
    /// again.
    #[must_use]
    pub fn agrees(&self, other: &AksWindow, at: Timestamp) -> bool {
        let same = self.schedule == other.schedule
            && self.duration_hours == other.duration_hours
            && self.offset == other.offset
            && self.start == other.start;
        same && self.coming_days(at) == other.coming_days(at) && self.next_start(at) == other.next_start(at)
    }

    /// Returns the forbidden days that are not over: in order, those that touch or overlap as one.
    fn coming_days(&self, at: Timestamp) -> Vec<DateSpan> {
        let today = self.offset.to_datetime(at).date();
        merged(self.not_allowed.iter().copied().filter(|span| span.end >= today).collect())
    }

    /// Returns the next start, forbidden days aside. Of equal schedules it is the same only in the same phase.
    fn next_start(&self, at: Timestamp) -> Option<Timestamp> {
        Some(self.windows()?.windows.first()?.first_from(at)?.start)
    }

    /// Returns the start date to send; `None` when Azure's own choice, the day of the write, does as well.
    ///
    /// Azure refuses a past date. An interval of 1 needs none; a longer one counts from it, so that a later
    /// date of the same phase takes its place: the first occurrence from the present UTC day on.
    #[must_use]
    pub fn start_date_to_send(&self, at: Timestamp) -> Option<Date> {
        let today = Offset::UTC.to_datetime(at).date();
        match self.start_date {
            Some(past) if past < today && self.schedule.interval() == 1 => None,
            Some(past) if past < today => self.first_date_from(today),
            given => given,
        }
    }

    fn first_date_from(&self, today: Date) -> Option<Date> {
        let from = self.offset.to_timestamp(today.to_datetime(Time::midnight())).ok()?;
        let next = self.windows()?.windows.first()?.first_from(from)?;
        Some(self.offset.to_datetime(next.start).date())
    }
}

impl DateSpan {
    fn blackout(&self, zone: &TimeZone) -> Option<Blackout> {
        let spec = BlackoutSpec {
            from: BlackoutEdge::Day(self.start),
            to: BlackoutEdge::Day(self.end),
            yearly: false,
            zone: Some(zone.clone()),
            reason: None,
            scope: Scope::default(),
        };
        Blackout::new(spec).ok()
    }
}

/// Returns the spans in order; those that touch or overlap are one.
pub(in crate::upgrade::window) fn merged(mut spans: Vec<DateSpan>) -> Vec<DateSpan> {
    spans.sort();
    let mut joined: Vec<DateSpan> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.start <= last.end.tomorrow().unwrap_or(last.end) => {
                last.end = last.end.max(span.end);
            }
            _ => joined.push(span),
        }
    }
    joined
}

impl fmt::Display for AksWindow {
    /// Writes what a reviewer has to see, e.g. `every saturday 02:00 +01:00 for 4h, not 2026-12-15 to 2027-01-05`.
    ///
    /// The start date is left out: of an interval of 1 it says nothing, of others it moves on with time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let offset = zone::display_offset(self.offset);
        let start = self.start.strftime("%H:%M");
        write!(f, "{} {start} {offset} for {}h", self.schedule, self.duration_hours)?;
        for (index, span) in merged(self.not_allowed.clone()).iter().enumerate() {
            write!(f, "{} {} to {}", if index == 0 { ", not" } else { " and" }, span.start, span.end)?;
        }
        Ok(())
    }
}

impl fmt::Display for AksSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = |noun: &str| match self.interval() {
            1 => format!("every {noun}"),
            n => format!("every {n} {noun}s"),
        };
        match self {
            AksSchedule::Daily { .. } => f.write_str(&every("day")),
            AksSchedule::Weekly { interval: 1, day } => write!(f, "every {}", text::weekday(*day)),
            AksSchedule::Weekly { day, .. } => write!(f, "{} on {}", every("week"), text::weekday(*day)),
            AksSchedule::AbsoluteMonthly { day, .. } => write!(f, "{} on day {day}", every("month")),
            AksSchedule::RelativeMonthly { week, day, .. } => {
                write!(f, "{} on the {} {}", every("month"), text::week_of_month(*week), text::weekday(*day))
            }
        }
    }
}
