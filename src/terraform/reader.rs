//! Reads attributes and blocks one by one and collects what is wrong with them.

use std::cell::RefCell;
use std::fmt::Display;

use crate::terraform::diagnostic::{Diagnostic, Path, Severity};
use crate::terraform::value::Value;

/// What was found while reading a configuration.
#[derive(Debug, Default)]
pub struct Findings {
    diagnostics: RefCell<Vec<Diagnostic>>,
    unknown: RefCell<bool>,
}

impl Findings {
    /// Adds an error or a warning.
    pub fn add(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Tells whether a value that was asked for is not known yet.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        *self.unknown.borrow()
    }

    /// Tells whether anything is wrong, warnings aside.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.borrow().iter().any(|d| d.severity == Severity::Error)
    }

    /// Returns everything that was found.
    #[must_use]
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }
}

/// One object of the configuration, at its path.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    value: &'a Value,
    path: Path,
    findings: &'a Findings,
}

/// The summary where a name in a list is empty.
const EMPTY_NAME: &str = "Empty name";

fn nameless(list: &str) -> String {
    format!(
        "An element of {list} is empty, perhaps a variable without a value. Write a name, or leave the element out."
    )
}

impl<'a> Reader<'a> {
    /// Starts at the root of a configuration.
    #[must_use]
    pub fn new(value: &'a Value, findings: &'a Findings) -> Self {
        Reader { value, path: Path::default(), findings }
    }

    /// Returns the path to one of the attributes.
    #[must_use]
    pub fn path(&self, name: &str) -> Path {
        self.path.attribute(name)
    }

    /// Tells whether the attribute is set, now or once it is known.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        !self.value.get(name).is_null()
    }

    /// Tells whether the attribute is a list or set that is written and empty.
    #[must_use]
    pub fn is_empty(&self, name: &str) -> bool {
        matches!(self.value.get(name), Value::List(items) if items.is_empty())
    }

    /// Counts the elements of a list; none for one that is left out, `None` for one that is not known yet.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<usize> {
        (!self.is_unknown(name)).then(|| self.value.get(name).items().len())
    }

    /// Tells whether the attribute is not known yet.
    #[must_use]
    pub fn is_unknown(&self, name: &str) -> bool {
        self.value.get(name).is_unknown()
    }

    /// Reports an attribute.
    pub fn reject(&self, name: &str, summary: &str, detail: impl Display) {
        self.findings.add(Diagnostic::error(summary, detail.to_string()).at(self.path(name)));
    }

    /// Reads a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.known(name).as_str()
    }

    /// Reads a boolean.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.known(name).as_bool()
    }

    /// Reads a whole number, and reports one that is not whole or does not fit.
    #[must_use]
    pub fn integer<T: TryFrom<i64>>(&self, name: &str) -> Option<T> {
        self.whole(self.known(name), self.path(name))
    }

    /// Reads a string through a parser, and reports what the parser says.
    #[must_use]
    pub fn parse<T, E: Display>(
        &self,
        name: &str,
        summary: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(name)?;
        parse(text).map_err(|error| self.reject(name, summary, error)).ok()
    }

    /// Reads a list or set of strings through a parser. Elements are reported one by one.
    #[must_use]
    pub fn parse_each<T, E: Display>(
        &self,
        name: &str,
        summary: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Vec<T>> {
        let list = self.known(name);
        if list.is_null() || list.is_unknown() {
            return None;
        }
        let mut parsed = Vec::new();
        for text in self.items(list, name).filter_map(Value::as_str) {
            match parse(text) {
                Ok(value) => parsed.push(value),
                Err(error) => self.reject(name, summary, error),
            }
        }
        Some(parsed)
    }

    /// Reads a list or set of names, and reports an empty one.
    #[must_use]
    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.parse_each(name, EMPTY_NAME, |text| {
            if text.trim().is_empty() { Err(nameless(name)) } else { Ok(text.to_owned()) }
        })
    }

    /// Reads a list or set of whole numbers.
    #[must_use]
    pub fn integers<T: TryFrom<i64>>(&self, name: &str) -> Option<Vec<T>> {
        let list = self.known(name);
        if list.is_null() || list.is_unknown() {
            return None;
        }
        Some(self.items(list, name).filter_map(|item| self.whole(item, self.path(name))).collect())
    }

    /// Reads a nested object, or a single block.
    #[must_use]
    pub fn object(&self, name: &str) -> Option<Reader<'a>> {
        let value = self.known(name);
        value.as_map()?;
        Some(Reader { value, path: self.path(name), findings: self.findings })
    }

    /// Reads a list of nested objects, or of blocks. A list that is not known yet is noted, and none.
    #[must_use]
    pub fn objects(&self, name: &str) -> Vec<Reader<'a>> {
        let path = self.path(name);
        let items = self.items(self.known(name), name).enumerate();
        items
            .filter(|(_, item)| item.as_map().is_some())
            .map(|(index, value)| Reader { value, path: path.index(index), findings: self.findings })
            .collect()
    }

    /// Reads a list of lists of names, and reports a list in it that is empty, and an empty name.
    #[must_use]
    pub fn text_groups(&self, name: &str) -> Vec<Vec<String>> {
        let group = |group: &'a Value| -> Vec<String> {
            if matches!(group, Value::List(items) if items.is_empty()) {
                let detail = format!("A list in {name} is empty; leave it out, or name at least one in it.");
                self.reject(name, "Empty list", detail);
            }
            let texts: Vec<&str> = self.items(group, name).filter_map(Value::as_str).collect();
            if texts.iter().any(|text| text.trim().is_empty()) {
                self.reject(name, EMPTY_NAME, nameless(name));
            }
            texts.into_iter().map(str::to_owned).collect()
        };
        self.items(self.known(name), name).map(group).collect()
    }

    /// Returns the elements of a list or set. Those that are null are reported: nobody wrote what they mean, and a
    /// list without them would mean something else.
    fn items(&self, list: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
        let items = list.items();
        if items.iter().any(Value::is_null) {
            let detail = format!(
                "An element of {name} is null, perhaps a variable without a value. Give it one, or leave the element out, for example with compact()."
            );
            self.reject(name, "Null element", detail);
        }
        items.iter().map(|item| self.noted(item))
    }

    fn known(&self, name: &str) -> &'a Value {
        self.noted(self.value.get(name))
    }

    fn noted(&self, value: &'a Value) -> &'a Value {
        if value.is_unknown() {
            *self.findings.unknown.borrow_mut() = true;
        }
        value
    }

    fn whole<T: TryFrom<i64>>(&self, value: &Value, path: Path) -> Option<T> {
        let Value::Number(number) = value else { return None };
        let fits = number.as_i64().and_then(|whole| T::try_from(whole).ok());
        if fits.is_none() {
            let detail = format!("{number} is not a whole number in a sensible range; write one such as 2.");
            self.findings.add(Diagnostic::error("Invalid number", detail).at(path));
        }
        fits
    }
}
