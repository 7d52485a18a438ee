//! What a window or blackout may not be, and what AKS cannot keep of one: the attribute and the sentence.

use crate::upgrade::duration;
use crate::upgrade::window::edge::BlackoutEdge;
use crate::upgrade::window::error::{List, WindowError};
use crate::upgrade::window::translate::{Cycle, Inexpressible};

/// Where to point: the object that is wrong, and its attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The windows as a whole.
    Windows,
    /// An attribute of the only window.
    Window(&'static str),
    /// An attribute of a blackout, counted from 0.
    Blackout(usize, &'static str),
    /// `cutoff`
    Cutoff,
}

/// Returns the attribute of the window or blackout to point at, and what is wrong with it.
#[must_use]
pub fn refusal(error: &WindowError) -> (&'static str, String) {
    (attribute(error), sentence(error))
}

fn attribute(error: &WindowError) -> &'static str {
    match error {
        WindowError::Twice(list, _) | WindowError::AllBeside(list) => name(*list),
        WindowError::NoDays => "days",
        WindowError::WeeksWithoutDays => "weeks_of_month",
        WindowError::DayOfMonth(_) => "days_of_month",
        WindowError::EveryZero => "every",
        WindowError::EveryWithoutStartDate(_) => "start_date",
        WindowError::Duration(_) => "duration",
        WindowError::YearlyWithYear | WindowError::DayOfYearOnce => "yearly",
        WindowError::InstantAndDate | WindowError::Reversed { .. } => "to",
        WindowError::ZoneOfInstants | WindowError::DaysWithoutZone => "time_zone",
        WindowError::BeyondCalendar(_) => "from",
    }
}

fn sentence(error: &WindowError) -> String {
    let text = match error {
        WindowError::Twice(list, n) => {
            return format!("The list {} names its element {n} twice; write each one once.", name(*list));
        }
        WindowError::AllBeside(list) => {
            let rest = if *list == List::Days { "the other days" } else { name(*list) };
            return format!("days = [\"all\"] is every day and stands alone; remove {rest}, or \"all\".");
        }
        WindowError::DayOfMonth(day) => {
            return format!(
                "{day} is not a day of the month; write 1 to 31, for example days_of_month = [1, 15]."
            );
        }
        WindowError::EveryWithoutStartDate(every) => {
            return format!(
                "every = {every} needs a start_date to count from; for example start_date = \"2026-01-05\"."
            );
        }
        WindowError::Duration(given) => {
            return format!(
                "A window lasts from 15 minutes to 7 days, not {}; for example duration = \"4h\".",
                duration::display(*given)
            );
        }
        WindowError::Reversed { from, to } => {
            return format!(
                "The blackout ends ({}) before it begins ({}); write the earlier one first, for example \
                 from = \"2026-12-15\", to = \"2027-01-05\".",
                edge(*to),
                edge(*from)
            );
        }
        WindowError::BeyondCalendar(date) => {
            return format!(
                "The date {date} lies at the end of the calendar; write a nearer one, for example \"2026-12-15\"."
            );
        }
        WindowError::NoDays => {
            "A window has to say on which days it opens; write for example days = [\"saturday\"], \
             days_of_month = [1, 15], or days = [\"all\"] for every day."
        }
        WindowError::WeeksWithoutDays => {
            "weeks_of_month needs days; for example days = [\"saturday\"], weeks_of_month = [\"first\"]."
        }
        WindowError::EveryZero => "every is 0; leave it out, or write 1 or more, for example every = 2.",
        WindowError::YearlyWithYear => {
            "A yearly blackout runs from one month and day to another, for example \
             from = \"12-15\", to = \"01-05\", yearly = true."
        }
        WindowError::DayOfYearOnce => {
            "A blackout from or to a month and day needs yearly = true; without it write the year, \
             for example from = \"2026-12-15\", to = \"2027-01-05\"."
        }
        WindowError::InstantAndDate => {
            "A blackout has either two instants or two dates; write both in one way, for example \
             from = \"2026-12-15\", to = \"2027-01-05\"."
        }
        WindowError::ZoneOfInstants => {
            "A blackout between instants needs no time_zone, their offset says it all; remove time_zone, or write \
             dates, for example from = \"2026-12-15\", to = \"2027-01-05\"."
        }
        WindowError::DaysWithoutZone => {
            "The days of a blackout begin and end in a time zone; write it, for example time_zone = \"Europe/Berlin\"."
        }
    };
    text.to_owned()
}

/// Says of a list that was written and is empty, which might mean "never" or "always", what to do about it.
#[must_use]
pub fn empty_list(name: &str) -> String {
    format!("The list {name} is empty; leave {name} out, or name at least one.")
}

/// Returns where the windows say what AKS cannot express, and what to write instead.
#[must_use]
pub fn inexpressible(found: &Inexpressible) -> (Place, String) {
    match found {
        Inexpressible::NoWindow => (
            Place::Windows,
            "AKS needs one maintenance_window and none is set. For a cluster that may be upgraded at any time write one with \
             days = [\"all\"], start = \"00:00\", duration = \"24h\" and time_zone = \"UTC\"."
                .to_owned(),
        ),
        Inexpressible::Windows(given) => (
            Place::Windows,
            format!(
                "AKS keeps one maintenance window, and {given} are set. Keep one of them, or use executor = \"terraform\"."
            ),
        ),
        Inexpressible::NeverOpens => {
            (Place::Windows, "The window never opens again, so there is nothing to write to AKS.".to_owned())
        }
        Inexpressible::Several(list, given) => {
            let name = name(*list);
            let sentence = format!(
                "An AKS window opens on one of its {name}, and {given} are set. Write one, for example {}; \
                 for every day write days = [\"all\"]; or use executor = \"terraform\".",
                example(*list)
            );
            (Place::Window(name), sentence)
        }
        Inexpressible::DayAndWeekday => (
            Place::Window("days_of_month"),
            "An AKS window opens on a day of the week or on a day of the month, not where both meet. Remove \
             days_of_month, or use executor = \"terraform\"."
                .to_owned(),
        ),
        Inexpressible::DayOfMonth(day) => (
            Place::Window("days_of_month"),
            format!(
                "Not every month has a day {day}, and AKS does not say what it does then. Write a day from 1 to 28, or \
                 weeks_of_month = [\"last\"] with one of the days."
            ),
        ),
        Inexpressible::Duration(given) => (
            Place::Window("duration"),
            format!(
                "An AKS window lasts whole hours from 4 to 24, not {}. Write for example duration = \"4h\", or use \
                 executor = \"terraform\".",
                duration::display(*given)
            ),
        ),
        Inexpressible::Every { given, most, cycle } => (
            Place::Window("every"),
            format!(
                "An AKS window opens at least every {most} {}, not every {given}. Write a smaller every, or use executor = \"terraform\".",
                match cycle {
                    Cycle::Days => "days",
                    Cycle::Weeks => "weeks",
                    Cycle::Months => "months",
                }
            ),
        ),
        Inexpressible::WindowScope(list) => (Place::Window(name(*list)), limited(*list)),
        Inexpressible::BlackoutScope(index, list) => (Place::Blackout(*index, name(*list)), limited(*list)),
        Inexpressible::Cutoff => (
            Place::Cutoff,
            "AKS starts work as long as its window is open and knows no cutoff. Remove cutoff, or make the window shorter."
                .to_owned(),
        ),
        Inexpressible::PartOfADay { blackout, zone } => (
            Place::Blackout(*blackout, "from"),
            format!(
                "AKS forbids whole days in the zone of its window ({zone}), and this blackout begins or ends inside one. \
                 Write dates, for example from = \"2026-12-15\", to = \"2027-01-05\", time_zone = \"{zone}\"."
            ),
        ),
        Inexpressible::OtherZone { blackout, given, zone } => (
            Place::Blackout(*blackout, "time_zone"),
            format!(
                "AKS forbids days in the zone of its window, which is {zone}, and the days of this blackout are those of {given}. \
                 Write time_zone = \"{zone}\"."
            ),
        ),
    }
}

fn limited(list: List) -> String {
    let what =
        if list == List::NodePools { "the whole cluster" } else { "every kind of work of its channel" };
    format!("What AKS keeps holds for {what}. Remove {}, or use executor = \"terraform\".", name(list))
}

fn name(list: List) -> &'static str {
    match list {
        List::Days => "days",
        List::WeeksOfMonth => "weeks_of_month",
        List::DaysOfMonth => "days_of_month",
        List::Kinds => "applies_to",
        List::NodePools => "node_pools",
    }
}

fn example(list: List) -> &'static str {
    match list {
        List::WeeksOfMonth => "weeks_of_month = [\"first\"]",
        List::DaysOfMonth => "days_of_month = [15]",
        List::Days | List::Kinds | List::NodePools => "days = [\"saturday\"]",
    }
}

fn edge(edge: BlackoutEdge) -> String {
    match edge {
        BlackoutEdge::Instant(at) => at.to_string(),
        BlackoutEdge::Day(date) => date.to_string(),
        BlackoutEdge::DayOfYear { month, day } => format!("{month:02}-{day:02}"),
    }
}
