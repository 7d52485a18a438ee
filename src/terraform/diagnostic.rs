//! What a practitioner is told: an error or a warning, attached to an attribute where there is one.

use std::fmt;

/// One error or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line. A warning's summary is constant, so that Terraform folds fifty of them into one.
    pub summary: String,
    /// What happened, to what, what was not done, what to do next.
    pub detail: String,
    /// The attribute it is about; empty when it is about the whole.
    pub path: Path,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The request failed.
    Error,
    /// The request succeeded, and the user should know this.
    Warning,
}

/// The way from the root object to an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<PathStep>);

/// One step of a [`Path`].
///
/// There is none into a set: Terraform has no way to name an element of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathStep {
    /// Into an attribute of an object.
    Attribute(String),
    /// Into an element of a map.
    Key(String),
    /// Into an element of a list.
    Index(i64),
}

impl Path {
    /// Creates the path to a top-level attribute.
    #[must_use]
    pub fn root(attribute: &str) -> Self {
        Path::default().attribute(attribute)
    }

    /// Returns the path to an attribute below this one.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Self {
        self.with(PathStep::Attribute(name.to_owned()))
    }

    /// Returns the path to a list element below this one.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(PathStep::Index(i64::try_from(index).unwrap_or(i64::MAX)))
    }

    /// Returns the path to a map element below this one.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(PathStep::Key(key.to_owned()))
    }

    fn with(&self, step: PathStep) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Path(steps)
    }
}

impl fmt::Display for Path {
    /// Writes it as in HCL: `windows[0].start`, `pools["a"]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Attribute(name) if index == 0 => f.write_str(name)?,
                PathStep::Attribute(name) => write!(f, ".{name}")?,
                PathStep::Key(key) => write!(f, "[{key:?}]")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// The longest word that is shown whole: the id of a resource is shorter.
const LONGEST_WORD: usize = 400;

/// How much is shown of a longer one.
const BEGINNING: usize = 100;

/// The most that is shown of one message, in bytes.
const LONGEST: usize = 16 << 10;

/// Shortens what is too long to be read: a key of a megabyte that a sentence repeats, a thousand sentences alike.
#[must_use]
pub fn shortened(text: &str) -> String {
    let word =
        |word: &str| match word.char_indices().nth(LONGEST_WORD).and(word.char_indices().nth(BEGINNING)) {
            Some((end, _)) => format!("{}… ", &word[..end]),
            None => word.to_owned(),
        };
    let short: String = text.split_inclusive(char::is_whitespace).map(word).collect();
    if short.len() <= LONGEST {
        return short;
    }
    format!("{}…", &short[..short.floor_char_boundary(LONGEST)])
}

/// How wide a line of a message may be: Terraform writes messages 78 columns wide where it writes to no terminal, with a
/// bar in front of them where it writes to one.
const WIDTH: usize = 76;

/// Breaks the lines that begin with a space between words, the rest of each indented by two more: those of a list, which
/// Terraform leaves as wide as they are. It breaks every other line itself.
#[must_use]
pub fn folded(text: &str) -> String {
    text.split('\n')
        .map(|line| if line.starts_with(' ') { folded_line(line) } else { line.to_owned() })
        .collect::<Vec<_>>()
        .join("\n")
}

fn folded_line(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let (mut folded, mut width) = (" ".repeat(indent), indent);
    for (place, word) in line.trim_start_matches(' ').split(' ').enumerate() {
        let length = word.chars().count();
        if place > 0 && width + 1 + length > WIDTH {
            folded.push('\n');
            folded.push_str(&" ".repeat(indent + 2));
            width = indent + 2;
        } else if place > 0 {
            folded.push(' ');
            width += 1;
        }
        folded.push_str(word);
        width += length;
    }
    folded
}

impl Diagnostic {
    /// Creates an error about the whole.
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            path: Path::default(),
        }
    }

    /// Creates a warning about the whole.
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(summary, detail) }
    }

    /// Attaches it to an attribute.
    #[must_use]
    pub fn at(self, path: Path) -> Self {
        Diagnostic { path, ..self }
    }

    /// Returns the detail with its place in words, for where Terraform shows no line.
    #[must_use]
    pub fn located(&self) -> String {
        let place = self.path.to_string();
        if self.detail.contains(&place) { self.detail.clone() } else { format!("{place}: {}", self.detail) }
    }

    /// Tells whether it is an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
