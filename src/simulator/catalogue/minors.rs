//! The minors and patches of the AKS release calendar.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::simulator::catalogue::{Minor, Patch};

/// Dates of one minor: number, general availability, end of community support, end of LTS.
type Dates = (u32, Date, Date, Date);

/// Patches of one minor in the order of their days; numbers of one day stand together.
type Patches = &'static [(Date, &'static [u32])];

const fn day(year: i16, month: i8, day: i8) -> Date {
    Date::constant(year, month, day)
}

/// The calendar: an end is the first day after the last day of support.
///
/// The older minors are told as the region list was recorded on 2025-09-09 and 2025-09-19: 1.27 and 1.30 were
/// still listed then, although their documented ends were 2025-07-31 and 2025-08-22, and 1.32.7 and 1.33.3 were
/// not yet, three weeks after their announcement.
const CALENDAR: &[(Dates, Patches)] = &[
    ((27, day(2023, 6, 1), day(2024, 8, 1), day(2025, 9, 22)), &[(day(2025, 9, 9), &[102, 103])]),
    ((28, day(2023, 11, 1), day(2025, 2, 1), day(2026, 3, 1)), &[(day(2025, 9, 9), &[100, 101])]),
    ((29, day(2024, 3, 1), day(2025, 4, 1), day(2026, 5, 1)), &[(day(2025, 9, 9), &[14, 15])]),
    (
        (30, day(2024, 7, 1), day(2025, 9, 22), day(2026, 8, 1)),
        &[(day(2025, 9, 9), &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14])],
    ),
    (
        (31, day(2024, 11, 1), day(2025, 11, 1), day(2026, 12, 1)),
        &[
            (day(2024, 10, 1), &[1]),
            (day(2025, 1, 15), &[2, 3]),
            (day(2025, 5, 1), &[4, 5, 6, 7, 8]),
            (day(2025, 8, 1), &[9, 10]),
            (day(2026, 1, 15), &[100]),
            (day(2026, 6, 15), &[101]),
        ],
    ),
    (
        (32, day(2025, 4, 1), day(2026, 4, 1), day(2027, 4, 1)),
        &[
            (day(2025, 2, 1), &[0, 1, 2]),
            (day(2025, 6, 1), &[3, 4, 5, 6]),
            (day(2025, 9, 20), &[7]),
            (day(2025, 10, 15), &[9]),
            (day(2026, 2, 8), &[10]),
            (day(2026, 3, 5), &[11]),
            (day(2026, 7, 17), &[100]),
        ],
    ),
    (
        (33, day(2025, 6, 1), day(2026, 8, 1), day(2027, 8, 1)),
        &[
            (day(2025, 5, 1), &[0, 1, 2]),
            (day(2025, 9, 20), &[3]),
            (day(2025, 10, 15), &[5]),
            (day(2026, 2, 8), &[6]),
            (day(2026, 3, 5), &[7]),
            (day(2026, 4, 2), &[8]),
            (day(2026, 4, 28), &[9, 10]),
            (day(2026, 5, 29), &[11, 12]),
            (day(2026, 7, 17), &[13]),
        ],
    ),
    (
        (34, day(2025, 11, 1), day(2026, 12, 1), day(2027, 12, 1)),
        &[
            (day(2025, 10, 1), &[0]),
            (day(2025, 12, 1), &[1]),
            (day(2026, 2, 8), &[2]),
            (day(2026, 3, 5), &[3]),
            (day(2026, 4, 2), &[4]),
            (day(2026, 4, 28), &[5, 6]),
            (day(2026, 5, 29), &[7, 8]),
            (day(2026, 7, 17), &[9]),
        ],
    ),
    (
        (35, day(2026, 3, 1), day(2027, 4, 1), day(2028, 4, 1)),
        &[
            (day(2026, 2, 1), &[0]),
            (day(2026, 4, 2), &[1]),
            (day(2026, 4, 28), &[2, 3]),
            (day(2026, 5, 29), &[4, 5]),
            (day(2026, 7, 17), &[6]),
        ],
    ),
    (
        (36, day(2026, 6, 1), day(2027, 7, 1), day(2028, 7, 1)),
        &[(day(2026, 5, 15), &[0]), (day(2026, 6, 20), &[1]), (day(2026, 7, 17), &[2])],
    ),
    (
        (37, day(2026, 10, 1), day(2027, 11, 1), day(2028, 11, 1)),
        &[(day(2026, 9, 1), &[0]), (day(2026, 11, 1), &[1])],
    ),
];

/// Returns the built-in calendar.
pub(super) fn recorded() -> Vec<Minor> {
    CALENDAR.iter().map(minor).collect()
}

fn minor(((minor, ga, eol, lts_eol), days): &(Dates, Patches)) -> Minor {
    let patches = days.iter().flat_map(|(from, numbers)| numbers.iter().map(|n| patch(*minor, *n, *from)));
    let [ga, eol, lts_eol] = [*ga, *eol, *lts_eol].map(midnight);
    Minor { minor: *minor, ga, eol, lts_eol, patches: patches.collect() }
}

fn patch(minor: u32, number: u32, from: Date) -> Patch {
    Patch { version: format!("1.{minor}.{number}"), from: midnight(from), until: None, preview: false }
}

pub(super) fn midnight(date: Date) -> Timestamp {
    date.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}
