//! Time zones by name or offset, from the table compiled into the program.

use std::sync::LazyLock;

use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use strsim::levenshtein;

use crate::upgrade::text::{TextError, digits};

/// The bundled database and not the machine's: the same configuration gives the same answer on every runner.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// No name is longer, and comparing takes time: a longer text resembles none of them.
const LONGEST: usize = 64;

/// Offsets in use on Earth, in minutes: -12:00 (Baker Island) to +14:00 (Kiritimati).
const OFFSETS: std::ops::RangeInclusive<i32> = -12 * 60..=14 * 60;

/// Reads a zone: an IANA name, or an offset from UTC as `"+02:00"`.
///
/// A name follows the clock changes of its place; an offset never changes.
///
/// # Errors
///
/// `"Europe/Berln"` (the error suggests the nearest name), `"W. Europe Standard Time"` (a Windows name),
/// `"CEST"` (an abbreviation), `"+2"`, `"+15:00"`, `""`.
///
/// ```
/// use terraform_provider_aks::upgrade::window::zone;
///
/// assert_eq!(
///     zone::parse("Europe/Berln").unwrap_err().to_string(),
///     "\"Europe/Berln\" is not a known time zone; did you mean \"Europe/Berlin\"? Write an IANA name, \
///      for example \"Europe/Berlin\", or an offset, for example \"+02:00\".",
/// );
/// ```
pub fn parse(text: &str) -> Result<TimeZone, TextError> {
    let zone = if text.starts_with(['+', '-']) { fixed(text) } else { named(text) };
    zone.ok_or_else(|| unknown(text))
}

/// Returns the zone as it is written: its IANA name, or its offset.
///
/// ```
/// use terraform_provider_aks::upgrade::window::zone;
///
/// assert_eq!(zone::display(&zone::parse("-03:30")?), "-03:30");
/// # Ok::<(), terraform_provider_aks::upgrade::text::TextError>(())
/// ```
#[must_use]
pub fn display(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => display_offset(offset),
        (None, Err(_)) => "unnamed".to_owned(),
    }
}

/// Returns the offset as it is written, to the minute: `"+02:00"`, and `"+00:00"` for UTC.
#[must_use]
pub fn display_offset(offset: Offset) -> String {
    let minutes = offset.seconds().abs() / 60;
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn fixed(text: &str) -> Option<TimeZone> {
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (digits::<i32>(hours, 2)?, digits::<i32>(minutes, 2)?);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let total = sign * (hours * 60 + minutes);
    let legal = minutes < 60 && OFFSETS.contains(&total);
    legal.then(|| Offset::from_seconds(total * 60).ok().map(TimeZone::fixed)).flatten()
}

fn named(text: &str) -> Option<TimeZone> {
    DATABASE.get(text).ok().filter(|zone| !zone.is_unknown())
}

fn unknown(text: &str) -> TextError {
    if is_abbreviation(text) {
        return TextError(format!(
            "{text:?} is an abbreviation, and names no place whose clocks could be followed; write an IANA name, for \
             example \"Europe/Berlin\", or an offset, for example \"+02:00\"."
        ));
    }
    let hint = nearest(text).map(|name| format!("did you mean {name:?}? ")).unwrap_or_default();
    let hint = if hint.is_empty() { "write".to_owned() } else { format!("{hint}Write") };
    let mut shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    TextError(format!(
        "{shown:?} is not a known time zone; {hint} an IANA name, for example \"Europe/Berlin\", \
         or an offset, for example \"+02:00\"."
    ))
}

/// Tells whether a text is a name such as `CEST` or `PDT`; the few that IANA knows (`CET`, `EST`) are zones.
fn is_abbreviation(text: &str) -> bool {
    (2..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// Returns the known name that the text most resembles, if any does.
///
/// A city alone counts as its zone: `"Berlin"` is nearest to `"Europe/Berlin"`.
fn nearest(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    // What an instant of UTC ends with resembles other names by accident.
    if text.eq_ignore_ascii_case("z") {
        return Some("UTC".to_owned());
    }
    let wanted = text.to_ascii_lowercase().replace(' ', "_");
    let distance = |name: &str| {
        let name = name.to_ascii_lowercase();
        let city = name.rsplit('/').next().unwrap_or(&name);
        levenshtein(&wanted, &name).min(levenshtein(&wanted, city))
    };
    let (least, name) =
        DATABASE.available().map(|name| (distance(name.as_str()), name.as_str().to_owned())).min()?;
    (least <= 1 + wanted.len() / 8).then_some(name)
}
