//! What a field takes.

use jiff::Timestamp;
use jiff::civil::Date;
use regex_lite::Regex;
use serde_json::Value;

/// What a field takes.
#[derive(Debug)]
pub(super) enum Kind {
    /// A text, how long it may be, and what it looks like.
    Text {
        length: Range,
        pattern: Option<Regex>,
    },
    Int(Range),
    Number(Range),
    Bool,
    /// RFC 3339.
    Instant,
    Date,
    List(Box<Kind>),
    Map(Box<Kind>),
    /// An object of the table.
    Object(&'static str),
    OneOf(Vec<Choice>),
    Any,
}

/// A value of a list.
#[derive(Debug)]
pub(super) struct Choice {
    pub name: String,
    /// Whether previews of the API only know it.
    pub preview: bool,
}

/// The least and the greatest number, where there is one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Range {
    least: Option<f64>,
    most: Option<f64>,
}

impl Kind {
    /// Reads a cell of the table.
    pub(super) fn read(text: &'static str) -> Self {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        match word {
            "text" => Kind::text(rest),
            "int" => Kind::Int(Range::read(rest)),
            "number" => Kind::Number(Range::read(rest)),
            "bool" => Kind::Bool,
            "instant" => Kind::Instant,
            "date" => Kind::Date,
            "list" => Kind::List(Box::new(Kind::read(rest))),
            "map" => Kind::Map(Box::new(Kind::read(rest))),
            "one" => Kind::OneOf(rest.split(' ').skip(1).map(Choice::read).collect()),
            "any" => Kind::Any,
            object => Kind::Object(object),
        }
    }

    fn text(rest: &str) -> Self {
        let (length, pattern) = rest.split_once('/').unwrap_or((rest, ""));
        let pattern = pattern.strip_suffix('/').and_then(|pattern| Regex::new(pattern).ok());
        Kind::Text { length: Range::read(length.trim()), pattern }
    }

    /// Tells whether a value is of this type, whatever it is.
    pub(super) fn takes(&self, value: &Value) -> bool {
        match self {
            Kind::Text { .. } | Kind::Instant | Kind::Date | Kind::OneOf(_) => value.is_string(),
            // The specification says int32 of every one.
            Kind::Int(_) => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
            Kind::Number(_) => value.is_number(),
            Kind::Bool => value.is_boolean(),
            Kind::List(_) => value.is_array(),
            Kind::Map(_) | Kind::Object(_) => value.is_object(),
            Kind::Any => true,
        }
    }

    /// Returns the type as Go calls it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Kind::Int(_) => "int32",
            Kind::Number(_) => "float64",
            Kind::Bool => "bool",
            Kind::List(_) => "slice",
            Kind::Map(_) => "map",
            Kind::Object(object) => object,
            Kind::Instant => "time.Time",
            _ => "string",
        }
    }

    /// Returns the limits that a value breaks.
    pub(super) fn limits(&self, value: &Value) -> Option<String> {
        let text = value.as_str().unwrap_or_default();
        match self {
            Kind::Int(range) | Kind::Number(range) => {
                range.broken_by(value.as_f64()?).then(|| format!("must be {range}"))
            }
            Kind::Text { length, .. } if length.broken_by(text.chars().count() as f64) => {
                Some(format!("must have {length} characters"))
            }
            Kind::Text { pattern: Some(pattern), .. } if !pattern.is_match(text) => {
                Some(format!("must match {pattern}"))
            }
            Kind::Instant if !is_instant(text) => Some("must be an RFC 3339 instant".into()),
            Kind::Date if !is_date(text) => Some("must be a date such as 2026-11-28".into()),
            _ => None,
        }
    }

    /// Returns how Azure writes a text, where it is not as it was sent.
    pub(super) fn written(&self, text: &str) -> Option<String> {
        match self {
            Kind::OneOf(values) => {
                let known = values.iter().map(|value| &value.name);
                let mut known = known.filter(|name| name.eq_ignore_ascii_case(text));
                known.next().filter(|name| *name != text).cloned()
            }
            Kind::Instant => {
                text.parse::<Timestamp>().ok().map(|at| at.to_string()).filter(|own| own != text)
            }
            _ => None,
        }
    }
}

/// Tells whether a text is a `full-date` of RFC 3339.
fn is_date(text: &str) -> bool {
    text.len() == 10 && Date::strptime("%Y-%m-%d", text).is_ok()
}

/// Tells whether a text is a `date-time` of RFC 3339, of which ISO 8601 has other forms.
fn is_instant(text: &str) -> bool {
    let date = text.get(..10).is_some_and(is_date);
    let time = text.get(10..).is_some_and(|rest| {
        let plain = |at: usize, wanted: char| rest.chars().nth(at) == Some(wanted);
        plain(0, 'T')
            && plain(3, ':')
            && plain(6, ':')
            && rest.chars().nth(8).is_some_and(|c| c.is_ascii_digit())
    });
    date && time && text.parse::<Timestamp>().is_ok()
}

impl Choice {
    fn read(text: &str) -> Self {
        let name = text.trim_start_matches('+');
        Choice { name: name.replace('~', " "), preview: name != text }
    }
}

impl Range {
    /// Reads `1..7`, `2..`, or nothing.
    fn read(text: &str) -> Self {
        let (least, most) = text.split_once("..").unwrap_or_default();
        Range { least: least.parse().ok(), most: most.parse().ok() }
    }

    fn broken_by(&self, number: f64) -> bool {
        self.least.is_some_and(|least| number < least) || self.most.is_some_and(|most| number > most)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.least, self.most) {
            (Some(least), Some(most)) => write!(f, "between {least} and {most}"),
            (Some(least), None) => write!(f, "at least {least}"),
            (None, Some(most)) => write!(f, "at most {most}"),
            (None, None) => write!(f, "any"),
        }
    }
}
