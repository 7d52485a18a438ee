//! Windows and blackouts as they are written on a command line: `days=saturday,sunday start=02:00 …`, the keys of
//! the blocks.

use crate::provider::arguments::blackouts::blackout_block;
use crate::provider::arguments::calendar::{given_blackouts, given_windows};
use crate::provider::arguments::windows::window_block;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::schema::{Block, Kind, Type};
use crate::terraform::value::Value;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::schedule::Window;

/// The flags that say when.
#[derive(Clone, Debug, clap::Args)]
pub struct WindowFlags {
    /// A window, by the keys of maintenance_window: days, weeks_of_month, days_of_month, every, start_date, start,
    /// duration, time_zone, applies_to, node_pools. May be given several times
    #[arg(long, short = 'w', value_name = "KEYS", value_parser = window)]
    pub maintenance_window: Vec<Written<Window>>,
    /// A blackout, by the keys of blackout: from, to, yearly, time_zone, reason, applies_to, node_pools. May be given
    /// several times
    #[arg(long, short, value_name = "KEYS", value_parser = blackout)]
    pub blackout: Vec<Written<Blackout>>,
}

/// A block that is written as a flag.
#[derive(Clone, Debug)]
pub struct Written<T> {
    /// Its keys and values.
    pub value: Value,
    /// What they mean.
    pub meaning: T,
}

/// Reads a window.
///
/// # Errors
///
/// `"saturday"` (no key), `"days=saturday timezone=UTC …"` (the error suggests `time_zone`), and everything that the
/// block refuses.
pub fn window(text: &str) -> Result<Written<Window>, String> {
    one(&window_block(), text, given_windows)
}

/// Reads a blackout: `from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin reason="year end"`.
///
/// # Errors
///
/// As [`window`].
pub fn blackout(text: &str) -> Result<Written<Blackout>, String> {
    one(&blackout_block(), text, given_blackouts)
}

fn one<T>(
    block: &Block,
    text: &str,
    read: fn(&Value) -> Result<Vec<T>, Vec<Diagnostic>>,
) -> Result<Written<T>, String> {
    let value = object(block, text)?;
    let read = read(&Value::list([value.clone()])).map_err(|found| sentences(block, &found))?;
    let meaning = read.into_iter().next().ok_or_else(|| "nothing is written".to_owned())?;
    Ok(Written { value, meaning })
}

/// Returns what is written as an object, with a list where the block has one.
fn object(block: &Block, text: &str) -> Result<Value, String> {
    let words = shlex::split(text).ok_or_else(|| "a quotation mark is never closed".to_owned())?;
    let mut object = Value::object::<String>([]);
    for word in words {
        let pair = word.split_once('=');
        let (key, value) = pair.ok_or_else(|| format!("{word:?} is no key=value, such as start=02:00"))?;
        if !object.get(key).is_null() {
            return Err(format!("{key:?} is written twice; a list has commas: days=saturday,sunday"));
        }
        object.set(key, if is_list(block, key) { list(value) } else { value.into() });
    }
    Ok(object)
}

fn is_list(block: &Block, key: &str) -> bool {
    let attribute = block.attributes.iter().find(|attribute| attribute.name == key);
    attribute.is_some_and(|attribute| matches!(attribute.kind, Kind::Plain(Type::List(_))))
}

fn list(text: &str) -> Value {
    Value::list(text.split(',').map(str::trim).filter(|item| !item.is_empty()))
}

/// Says what is wrong, each with its key; the block and its number are the flag that clap names.
fn sentences(block: &Block, found: &[Diagnostic]) -> String {
    let before = format!("{}[0]", block.name);
    let sentence = |diagnostic: &Diagnostic| {
        let text = diagnostic.located().replace(&format!("`{before}."), "`");
        text.strip_prefix(&before).unwrap_or(&text).trim_start_matches(['.', ':', ' ']).to_owned()
    };
    found.iter().map(sentence).collect::<Vec<_>>().join(" ")
}
