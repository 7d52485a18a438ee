//! Where an instant lies in the picture, and which days are labelled.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

use crate::cli::forecast::picture::{MARGIN, Size};
use crate::cli::forecast::report::Report;
use crate::provider::words::explain::own_zone;
use crate::upgrade::window::interval::Interval;

/// The least that a picture shows: a week.
const LEAST: SignedDuration = SignedDuration::from_hours(8 * 24);

/// Where instants lie.
#[derive(Clone, Debug)]
pub struct Scale {
    /// The instant that the report was made for; `None` where nothing is known of any cluster.
    pub now: Option<Timestamp>,
    /// The zone of its days: that of the windows, where all that have one have the same; else UTC.
    pub zone: TimeZone,
    span: Interval,
    left: f64,
    width: f64,
    label: (f64, &'static str),
}

impl Scale {
    /// Measures a report: from the beginning of today to the day after the last step, at least a week.
    #[must_use]
    pub fn of(report: &Report, size: Size) -> Self {
        let mut zones = report.outlooks().filter_map(|outlook| own_zone(&outlook.assessment.windows));
        let of_first = zones.next().unwrap_or(TimeZone::UTC);
        let zone = if zones.all(|zone| zone == of_first) { of_first } else { TimeZone::UTC };
        let now = report.outlooks().map(|outlook| outlook.at()).min();
        let first = now.unwrap_or(Timestamp::UNIX_EPOCH);
        let ends = report.outlooks().flat_map(|outlook| &outlook.forecast.scheduled).map(|one| one.end);
        let last = ends.max().unwrap_or(first).max(Interval::lasting(first, LEAST).end);
        let start = midnight(first, &zone, 0.days());
        let end = midnight(last, &zone, 1.day());
        let width = size.width - size.left - MARGIN;
        Scale { now, zone, span: Interval { start, end }, left: size.left, width, label: size.label }
    }

    /// Returns what is shown.
    #[must_use]
    pub fn span(&self) -> Interval {
        self.span
    }

    /// Returns where an instant lies; one that is not shown lies at the edge.
    #[must_use]
    pub fn x(&self, at: Timestamp) -> f64 {
        let at = at.clamp(self.span.start, self.span.end);
        let part = at.duration_since(self.span.start).as_secs_f64() / self.span.duration().as_secs_f64();
        self.left + self.width * part
    }

    /// Returns where lanes begin and end.
    #[must_use]
    pub fn edges(&self) -> (f64, f64) {
        (self.left, self.left + self.width)
    }

    /// Returns the days that have a label, and the label: as many as there is space for; none where none is known.
    #[must_use]
    pub fn days(&self) -> Vec<(f64, String)> {
        if self.now.is_none() {
            return Vec::new();
        }
        let days = self.span.duration().as_secs_f64() / 86_400.0;
        let (each, (space, form)) = (self.width / days, self.label);
        let apart =
            [1, 2, 7, 14, 28, 56].into_iter().find(|apart| f64::from(*apart) * each >= space).unwrap_or(112);
        let first = self.span.start.to_zoned(self.zone.clone()).date();
        let (_, right) = self.edges();
        (0..)
            .map_while(|day| first.checked_add(i64::from(day).days()).ok())
            .map(|date| (date, self.x(start_of(date, &self.zone))))
            .take_while(|(_, x)| *x < right - 1.0)
            .filter(|(date, _)| is_labelled(*date, first, apart))
            .filter(|(_, x)| *x + space - 12.0 <= right)
            .map(|(date, x)| (x, date.strftime(form).to_string()))
            .collect()
    }
}

/// From a week on labels are at Mondays.
fn is_labelled(date: Date, first: Date, apart: i32) -> bool {
    let monday = match apart {
        1 | 2 => first,
        _ => first.nth_weekday(1, Weekday::Monday).unwrap_or(first),
    };
    let since = monday.until(date).map(|span| span.get_days()).unwrap_or_default();
    since >= 0 && since % apart == 0
}

fn midnight(at: Timestamp, zone: &TimeZone, later: Span) -> Timestamp {
    let date = at.to_zoned(zone.clone()).date();
    start_of(date.checked_add(later).unwrap_or(date), zone)
}

fn start_of(date: Date, zone: &TimeZone) -> Timestamp {
    date.to_zoned(zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}
