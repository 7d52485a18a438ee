//! Where in its file a scenario is wrong, and how that is said.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong at a place: the tables around it from the outermost on, and the key.
#[derive(Debug)]
pub(super) struct Wrong {
    tables: Vec<(&'static str, Option<usize>)>,
    key: Option<String>,
    why: String,
}

impl Wrong {
    /// Says what is wrong with the value of a key.
    pub(super) fn at(key: impl Into<String>, why: impl Into<String>) -> Self {
        Wrong { tables: vec![], key: Some(key.into()), why: why.into() }
    }

    /// Says what is wrong with a table as a whole.
    pub(super) fn whole(why: impl Into<String>) -> Self {
        Wrong { tables: vec![], key: None, why: why.into() }
    }

    /// Puts a table around it, such as `[clock]`.
    pub(super) fn of(mut self, table: &'static str) -> Self {
        self.tables.insert(0, (table, None));
        self
    }

    /// Puts an entry of a list of tables around it, such as the first `[[cluster]]`.
    pub(super) fn in_entry(mut self, table: &'static str, index: usize) -> Self {
        self.tables.insert(0, (table, Some(index)));
        self
    }

    /// Says it with its place in `text`: `line 3, [[cluster]] number 1, [[cluster.pool]] number 2, mode: …`.
    pub(super) fn said_of(&self, text: &str) -> String {
        let mut places: Vec<String> =
            self.line(text).map(|line| format!("line {line}")).into_iter().collect();
        let mut name = String::new();
        for (table, index) in &self.tables {
            name = if name.is_empty() { (*table).to_owned() } else { format!("{name}.{table}") };
            places.push(match index {
                Some(index) => format!("[[{name}]] number {}", index + 1),
                None => format!("[{name}]"),
            });
        }
        places.extend(self.key.iter().map(|key| format!("`{key}`")));
        format!("{}: {}", places.join(", "), self.why)
    }

    /// Returns the line of the key, or of the innermost table around it that is written down.
    fn line(&self, text: &str) -> Option<usize> {
        let root = DeTable::parse(text).ok()?;
        let (mut table, mut at) = (root.get_ref(), None);
        for (name, index) in &self.tables {
            let Some((key, value)) = table.get_key_value(*name) else { break };
            let entry = match (value.get_ref(), index) {
                (DeValue::Array(list), Some(index)) => list.get(*index),
                _ => Some(value),
            };
            let Some(DeValue::Table(inner)) = entry.map(Spanned::get_ref) else { break };
            (table, at) = (inner, Some(entry.map_or(key.span(), Spanned::span).start));
        }
        let key = self.key.as_deref().and_then(|key| table.get_key_value(key));
        let at = key.map(|(key, _)| key.span().start).or(at)?;
        Some(text.get(..at)?.matches('\n').count() + 1)
    }
}

/// Checks every entry of a list of tables.
pub(super) fn each<T>(
    table: &'static str,
    list: &[T],
    check: impl Fn(&T) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    let numbered = |(index, entry)| check(entry).map_err(|wrong| wrong.in_entry(table, index));
    list.iter().enumerate().try_for_each(numbered)
}
