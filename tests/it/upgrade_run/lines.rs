//! The map `steps` as a reader of a plan takes it: by its documented grammar, and not by the provider's code.

use serde_json::{Value as Json, json};

/// One line of `steps`.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub key: String,
    pub from: String,
    pub to: String,
    pub is_done: bool,
}

impl Line {
    fn read(key: &str, text: &str) -> Self {
        let (text, is_done) = text.strip_suffix(", done").map_or((text, false), |text| (text, true));
        let (from, to) = text.split_once(" to ").unwrap_or_else(|| panic!("{key} = {text:?} is no line"));
        Line { key: key.to_owned(), from: from.to_owned(), to: to.to_owned(), is_done }
    }

    /// Returns the part without its number, e.g. `control plane`, `pool system` or `image system`.
    pub fn part(&self) -> &str {
        self.key.split_once(' ').unwrap_or_else(|| panic!("{:?} has no number", self.key)).1
    }

    /// Returns the pool; `None` for the control plane, the whole cluster and settings.
    pub fn pool(&self) -> Option<&str> {
        self.part().strip_prefix("pool ").or_else(|| self.part().strip_prefix("image "))
    }

    /// Returns the kind of work: `minor`, `patch` or `node_image`.
    pub fn kind(&self) -> &'static str {
        let minor = |version: &str| version.rsplit_once('.').map(|(minor, _)| minor.to_owned());
        match self.part().starts_with("image ") {
            true => "node_image",
            false if minor(&self.from) != minor(&self.to) => "minor",
            false => "patch",
        }
    }

    /// Returns the line as an object with `component`, `node_pool` and `to`.
    pub fn json(&self) -> Json {
        let component = self.part().replace([' ', '-'], "_").to_lowercase();
        json!({ "component": component, "node_pool": self.pool(), "from": self.from, "to": self.to })
    }
}

/// Returns the lines of the map `steps`, in order.
pub fn lines(steps: &Json) -> Vec<Line> {
    let entries = steps.as_object().into_iter().flatten();
    let mut lines: Vec<Line> =
        entries.map(|(key, text)| Line::read(key, text.as_str().unwrap_or_default())).collect();
    lines.sort_by(|one, other| one.key.cmp(&other.key));
    lines
}

/// Returns the lines that are not done.
pub fn pending(steps: &Json) -> Vec<Line> {
    lines(steps).into_iter().filter(|line| !line.is_done).collect()
}
