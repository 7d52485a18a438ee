//! Durations as text: `"90m"`, `"4h"`, `"14d"`, `"1h30m"`.

use std::fmt::Write;

use jiff::SignedDuration;

use crate::upgrade::text::TextError;

/// The units, longest first, with their seconds. A day is 24 hours: durations are absolute time.
const UNITS: [(char, i64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads a duration: whole numbers with the units `d`, `h`, `m`, `s`, each at most once, longest first.
///
/// `"0s"` is legal here; whether zero makes sense is for the attribute to say.
///
/// # Errors
///
/// `""`, `"90"` (no unit), `"1.5h"`, `"-1h"`, `"1h 30m"`, `"30m1h"`, `"1w"`, and what exceeds 64 bits of seconds.
///
/// ```
/// use jiff::SignedDuration;
/// use terraform_provider_aks::upgrade::duration;
///
/// assert_eq!(duration::parse("1h30m"), Ok(SignedDuration::from_mins(90)));
/// assert_eq!(
///     duration::parse("90").unwrap_err().to_string(),
///     "\"90\" is not a duration; write whole numbers with the units d, h, m or s, longest first, \
///      for example \"90m\" or \"1h30m\".",
/// );
/// ```
pub fn parse(text: &str) -> Result<SignedDuration, TextError> {
    seconds(text).map(SignedDuration::from_secs).ok_or_else(|| {
        TextError(format!(
            "{text:?} is not a duration; write whole numbers with the units d, h, m or s, longest first, \
             for example \"90m\" or \"1h30m\"."
        ))
    })
}

fn seconds(text: &str) -> Option<i64> {
    let mut units = UNITS.iter();
    let (mut total, mut rest) = (0_i64, text);
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let unit = after.chars().next()?;
        // `find` goes on from the unit before: a unit that comes twice, or too late, is not found.
        let (_, each) = units.find(|(name, _)| *name == unit)?;
        total = number.parse::<i64>().ok()?.checked_mul(*each)?.checked_add(total)?;
        rest = after.get(unit.len_utf8()..)?;
    }
    (!text.is_empty()).then_some(total)
}

/// Returns the shortest text that [`parse`] reads back, to the second: `"1h30m"`, `"14d"`, `"0s"`.
#[must_use]
pub fn display(duration: SignedDuration) -> String {
    let mut text = String::new();
    let mut rest = duration.as_secs();
    for (unit, each) in UNITS {
        if rest / each > 0 {
            let _ = write!(text, "{}{unit}", rest / each);
        }
        rest %= each;
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}
