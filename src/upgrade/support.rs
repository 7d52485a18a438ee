//! When a Kubernetes minor leaves support, so that it can be told weeks before.
//!
//! Out of support, AKS moves a cluster only as a whole, control plane and every pool at once. Whether a version *is*
//! supported, the region's list says, which is believed; the dates here only tell what comes.
//!
//! | minor | last day of community support | last day of long-term support |
//! |---|---|---|
//! | 1.32 | 2026-03-31 | 2027-03-31 |
//! | 1.33 | 2026-07-31 | 2027-07-31 |
//! | 1.34 | 2026-11-30 | 2027-11-30 |
//! | 1.35 | 2027-03-31 | 2028-03-31 |
//! | 1.36 | 2027-06-30 | 2028-06-30 |
//! | 1.37 | 2027-10-31 | 2028-10-31 |
//!
//! Source: learn.microsoft.com, "Supported Kubernetes versions in AKS", release calendar; months end on their last day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::upgrade::seen::Seen;
use crate::upgrade::version::Minor;

/// The last days of support of the minors 1.32 and up: community, long-term.
const CALENDAR: [(u64, Date, Date); 6] = [
    (32, Date::constant(2026, 3, 31), Date::constant(2027, 3, 31)),
    (33, Date::constant(2026, 7, 31), Date::constant(2027, 7, 31)),
    (34, Date::constant(2026, 11, 30), Date::constant(2027, 11, 30)),
    (35, Date::constant(2027, 3, 31), Date::constant(2028, 3, 31)),
    (36, Date::constant(2027, 6, 30), Date::constant(2028, 6, 30)),
    (37, Date::constant(2027, 10, 31), Date::constant(2028, 10, 31)),
];

/// How long before the last day it is told: two monthly windows.
const SOON: SignedDuration = SignedDuration::from_hours(8 * 7 * 24);

/// A running minor that leaves support within weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The minor.
    pub minor: Minor,
    /// The last day of its support; `None` where it ends with the release of the next minor.
    pub last_day: Option<Date>,
}

impl Leaving {
    /// Tells whether an instant lies after the last day, in UTC; never where that is not known.
    #[must_use]
    pub fn is_over(&self, at: Timestamp) -> bool {
        self.last_day.and_then(end_of).is_some_and(|end| at >= end)
    }
}

/// Returns what is worth a warning about the support of the running minor.
///
/// Of a minor that the calendar does not know: AKS supports three, so the oldest leaves when the preview that the
/// region lists becomes generally available.
#[must_use]
pub fn leaving(seen: &Seen) -> Option<Leaving> {
    let minor = seen.cluster.version.minor();
    let known = CALENDAR.iter().find(|(known, ..)| minor == Minor { major: 1, minor: *known });
    let Some((_, community, long_term)) = known else {
        return is_followed_by_a_preview(seen, minor).then_some(Leaving { minor, last_day: None });
    };
    let last_day = if seen.cluster.lts { *long_term } else { *community };
    let is_soon = end_of(last_day)?.duration_since(seen.at) <= SOON;
    is_soon.then_some(Leaving { minor, last_day: Some(last_day) })
}

fn is_followed_by_a_preview(seen: &Seen, minor: Minor) -> bool {
    let third = minor.next().next();
    let listed = || seen.offers.region.iter().flatten();
    let is_third = listed().any(|one| one.version.minor() == third && one.official && !one.preview);
    let is_last = !seen.cluster.lts && is_third;
    is_last && listed().any(|one| one.version.minor() == third.next() && one.preview)
}

/// Returns the first instant at which a minor is out of support, community's or long-term, by the calendar; `None` of one
/// that it does not know.
#[must_use]
pub fn ends(minor: Minor, lts: bool) -> Option<Timestamp> {
    last_day(minor, lts).and_then(end_of)
}

/// Returns the last day of a minor's support, community's or long-term, by the calendar; `None` of one that it does not know.
#[must_use]
pub fn last_day(minor: Minor, lts: bool) -> Option<Date> {
    let known = CALENDAR.iter().find(|(known, ..)| minor == Minor { major: 1, minor: *known });
    known.map(|(_, community, long_term)| if lts { *long_term } else { *community })
}

fn end_of(day: Date) -> Option<Timestamp> {
    day.tomorrow().ok()?.to_zoned(TimeZone::UTC).ok().map(|midnight| midnight.timestamp())
}
