//! Words and names as people write them: whether there are such, and which was meant.

use crate::simulator::rules;
use crate::simulator::scenario::place::Wrong;

/// How much alike a word and the one that is suggested must be, 1 being the same.
const ALIKE: f64 = 0.6;

/// How many of the words that there are an error lists.
const LISTED: usize = 20;

/// Refuses what is none of the values that Azure's specification knows for a field.
pub(super) fn value(
    key: &'static str,
    given: Option<&String>,
    object: &str,
    field: &str,
) -> Result<(), Wrong> {
    let values = rules::values(object, field);
    let Some(given) = given else { return Ok(()) };
    known(given, values.iter().map(String::as_str)).map_err(|why| Wrong::at(key, why))
}

/// Refuses a word that is none of those that there are.
///
/// # Errors
///
/// A sentence that suggests the nearest word, or lists them all.
pub(super) fn known<'a>(given: &str, words: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let mut words: Vec<&str> = words.into_iter().collect();
    words.sort_unstable();
    words.dedup();
    if words.contains(&given) {
        return Ok(());
    }
    let lower = given.to_lowercase();
    let alike = |word: &&str| strsim::normalized_damerau_levenshtein(&lower, &word.to_lowercase());
    let best = words.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)));
    let hint = match best.filter(|best| alike(best) >= ALIKE) {
        Some(best) => format!("did you mean \"{best}\"?"),
        None if words.is_empty() => "there are none.".to_owned(),
        None => {
            let more = if words.len() > LISTED { ", …" } else { "" };
            let listed = words.iter().take(LISTED).map(|word| format!("\"{word}\""));
            format!("there are {}{more}.", listed.collect::<Vec<_>>().join(", "))
        }
    };
    Err(format!("there is no \"{given}\" here; {hint}"))
}

/// Refuses a name that nothing has; Azure does not tell names apart by their case.
///
/// # Errors
///
/// As of [`known`].
pub(super) fn named<'a>(given: &str, names: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let names: Vec<&str> = names.into_iter().collect();
    if names.iter().any(|name| name.eq_ignore_ascii_case(given)) { Ok(()) } else { known(given, names) }
}

/// Refuses a name that stands twice in a list; Azure does not tell names apart by their case.
pub(super) fn once<'a>(table: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), Wrong> {
    let mut seen: Vec<String> = vec![];
    for (index, name) in names.enumerate() {
        if seen.contains(&name.to_lowercase()) {
            return Err(Wrong::at("name", format!("\"{name}\" is given twice.")).in_entry(table, index));
        }
        seen.push(name.to_lowercase());
    }
    Ok(())
}
