//! Windows and blackouts in words: `Saturdays 02:00-06:00 Europe/Berlin`.

use std::fmt::{Display, Formatter, Result};

use jiff::SignedDuration;
use jiff::civil::Weekday;

use crate::upgrade::duration;
use crate::upgrade::text;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::days::Days;
use crate::upgrade::window::edge::BlackoutEdge;
use crate::upgrade::window::schedule::{Window, WindowSpec};
use crate::upgrade::window::scope::Scope;
use crate::upgrade::window::windows::Windows;
use crate::upgrade::window::zone;

impl Display for Windows {
    /// Writes all of them, e.g. `Saturdays 02:00-06:00 UTC; not 12-15 to 01-05 UTC, every year`; `always` for none.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let windows = self.windows.iter().map(ToString::to_string);
        let always = self.windows.is_empty().then(|| "always".to_owned());
        let blackouts = self.blackouts.iter().map(|blackout| format!("not {blackout}"));
        f.write_str(&windows.chain(always).chain(blackouts).collect::<Vec<_>>().join("; "))
    }
}

impl Display for Window {
    /// Writes e.g. `the first Saturday of every third month 02:00-06:00 Europe/Berlin, from 2026-01-03`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let spec = self.spec();
        write!(f, "{} {}", days(spec), hours(spec))?;
        if let Some(start) = spec.start_date {
            write!(f, ", from {start}")?;
        }
        f.write_str(&limits(&spec.scope))
    }
}

impl Display for Blackout {
    /// Writes e.g. `2026-12-15 to 2027-01-05 Europe/Berlin (year end), for minor`, `on 02-29 UTC, every year`, or
    /// `from 2026-11-20 UTC on`.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let spec = self.spec();
        let zone = spec.zone.as_ref().map(|zone| format!(" {}", zone::display(zone))).unwrap_or_default();
        match (edge(spec.from), edge(spec.to)) {
            (from, _) if self.lasts_for_ever() => write!(f, "from {from}{zone} on")?,
            (from, to) if from == to => write!(f, "on {from}{zone}")?,
            (from, to) => write!(f, "{from} to {to}{zone}")?,
        }
        if spec.yearly {
            f.write_str(", every year")?;
        }
        if let Some(reason) = &spec.reason {
            write!(f, " ({reason})")?;
        }
        f.write_str(&limits(&spec.scope))
    }
}

fn edge(edge: BlackoutEdge) -> String {
    match edge {
        BlackoutEdge::Instant(at) => at.to_string(),
        BlackoutEdge::Day(date) => date.to_string(),
        BlackoutEdge::DayOfYear { month, day } => format!("{month:02}-{day:02}"),
    }
}

/// Returns the hours of the clock, e.g. `02:00-06:00 UTC`; of a day or more, the start and how long.
fn hours(spec: &WindowSpec) -> String {
    let (start, zone) = (spec.start.strftime("%H:%M"), zone::display(&spec.zone));
    if spec.duration < SignedDuration::from_hours(24) {
        let end = spec.start.wrapping_add(spec.duration);
        format!("{start}-{} {zone}", end.strftime("%H:%M"))
    } else {
        format!("{start} {zone} for {}", duration::display(spec.duration))
    }
}

fn days(spec: &WindowSpec) -> String {
    match &spec.days {
        Days::All => every(spec.every, "every day", "day"),
        Days::OfWeek(weekdays) if spec.every == 1 => plural(weekdays),
        Days::OfWeek(weekdays) => format!("{} of {}", plural(weekdays), every(spec.every, "", "week")),
        Days::OfMonth { days, weekdays, weeks } => {
            let month = every(spec.every, "the month", "month");
            let on = if days.is_empty() { String::new() } else { spans(days) };
            match (weekdays.is_empty(), weeks.is_empty()) {
                (true, _) => format!("{on} of {month}"),
                (false, true) => format!("{} on {on} of {month}", plural(weekdays)),
                (false, false) => {
                    let weeks = weeks.iter().map(|week| text::week_of_month(*week).to_owned()).collect();
                    let named = weekdays.iter().map(|day| name(*day)).collect();
                    let on = if days.is_empty() { on } else { format!(" on {on}") };
                    format!("the {} {}{on} of {month}", and(weeks), and(named))
                }
            }
        }
    }
}

/// Returns `every second week` and the like, or for each one what is given.
fn every(count: u32, each: &str, unit: &str) -> String {
    match count {
        1 => each.to_owned(),
        2 => format!("every second {unit}"),
        3 => format!("every third {unit}"),
        n => format!("every {n} {unit}s"),
    }
}

/// Returns `Saturdays and Sundays`.
fn plural(weekdays: &[Weekday]) -> String {
    and(weekdays.iter().map(|day| format!("{}s", name(*day))).collect())
}

fn name(day: Weekday) -> String {
    let word = text::weekday(day);
    word.get(..1).unwrap_or_default().to_uppercase() + word.get(1..).unwrap_or_default()
}

/// Returns days of the month with those in a row as one: `the 1st and the 13th to 19th`.
fn spans(days: &[i8]) -> String {
    let mut sorted = days.to_vec();
    sorted.sort_unstable();
    let rows = sorted.chunk_by(|day, next| day + 1 == *next);
    let shown = rows.filter_map(|row| match row {
        [] => None,
        [day] => Some(format!("the {}", ordinal(*day))),
        [first, .., last] => Some(format!("the {} to {}", ordinal(*first), ordinal(*last))),
    });
    and(shown.collect())
}

fn ordinal(day: i8) -> String {
    let suffix = match (day % 10, day) {
        (1, 1 | 21 | 31) => "st",
        (2, 2 | 22) => "nd",
        (3, 3 | 23) => "rd",
        _ => "th",
    };
    format!("{day}{suffix}")
}

/// Returns `a, b and c`.
fn and(mut words: Vec<String>) -> String {
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} and {last}", words.join(", ")) }
}

/// Returns what a window or blackout is limited to: `, for minor and patch, on pool batch`.
fn limits(scope: &Scope) -> String {
    let mut words = String::new();
    if !scope.kinds.is_empty() {
        words += &format!(", for {}", and(scope.kinds.iter().map(ToString::to_string).collect()));
    }
    if !scope.node_pools.is_empty() {
        let noun = if scope.node_pools.len() == 1 { "pool" } else { "pools" };
        words += &format!(", on {noun} {}", and(scope.node_pools.clone()));
    }
    words
}
