//! The map `steps`: a line per step, in order, and what becomes of it in a refresh and in a plan.
//!
//! | | key | value |
//! |---|---|---|
//! | pending | `01 control plane` | `1.34.4 to 1.35.6` |
//! | done, or promised by a plan | `02 pool system` | `1.34.4 to 1.35.6, done` |
//!
//! A map, because Terraform compares a list by its index: of a list that gets shorter at its head, a plan says that
//! the tail is deleted. Keys and values are a grammar that users may match on, and nothing in them moves by itself.
//! The map is shown and never read back as a decision.
//!
//! ```
//! use terraform_provider_aks::provider::steps::{Line, Steps};
//!
//! let line = |part: &str| Line::new(part, "1.34.4", "1.35.6");
//! let pending = [line("control plane"), line("pool system")];
//! let steps = Steps::default().refreshed(&pending).promising(1);
//! assert_eq!(steps.text("01 control plane").as_deref(), Some("1.34.4 to 1.35.6, done"));
//! // The trap: once the first step is done, a new map would name the pool "01".
//! let after = steps.refreshed(&pending[1..]);
//! assert_eq!(after.text("02 pool system").as_deref(), Some("1.34.4 to 1.35.6"));
//! ```

/// What a line ends in once its step is done.
const DONE: &str = ", done";

/// One step as its key and value say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    part: String,
    from: String,
    to: String,
    origin_lost: bool,
}

impl Line {
    /// Creates the line of a step: the part that it works on, what runs there and what will.
    #[must_use]
    pub fn new(part: &str, from: &str, to: &str) -> Self {
        Line { part: part.to_owned(), from: from.to_owned(), to: to.to_owned(), origin_lost: false }
    }

    /// Returns the same line of a step whose origin Azure does not show any more: a repair, or one that runs.
    ///
    /// It is the line of the state that ends at the same revision, whatever that began with.
    #[must_use]
    pub fn with_origin_lost(self) -> Self {
        Line { origin_lost: true, ..self }
    }

    fn value(&self) -> String {
        format!("{} to {}", self.from, self.to)
    }

    /// Tells whether a line of the map is the one of this step.
    fn is(&self, entry: &Entry) -> bool {
        // Of an image that runs there is nothing to tell it apart from, so its line is the shorter one.
        let ends =
            |to: &str| to.strip_suffix(&self.to).is_some_and(|rest| rest.is_empty() || rest.ends_with('-'));
        let same_end = || entry.value.rsplit_once(" to ").is_some_and(|(_, to)| ends(to));
        let same = || if self.origin_lost { same_end() } else { entry.value == self.value() };
        entry.part == self.part && same()
    }
}

/// A line as the map holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    key: String,
    number: u32,
    part: String,
    value: String,
    is_done: bool,
}

impl Entry {
    /// Reads a line of a state; `None` for text that is none.
    fn read(key: &str, text: &str) -> Option<Self> {
        let (number, part) = key.split_once(' ')?;
        let (value, is_done) = text.strip_suffix(DONE).map_or((text, false), |value| (value, true));
        Some(Entry {
            key: key.to_owned(),
            number: number.parse().ok()?,
            part: part.to_owned(),
            value: value.to_owned(),
            is_done,
        })
    }

    fn text(&self) -> String {
        format!("{}{}", self.value, if self.is_done { DONE } else { "" })
    }
}

/// The map `steps` of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    entries: Vec<Entry>,
}

impl Steps {
    /// Reads the map of a state; what is no line is left out.
    #[must_use]
    pub fn read<'a>(map: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut entries: Vec<Entry> =
            map.into_iter().filter_map(|(key, text)| Entry::read(key, text)).collect();
        entries.sort_by_key(|entry| entry.number);
        Steps { entries }
    }

    /// Returns the map after an observation that leaves these steps pending.
    ///
    /// Where they are the lines that are not done, in order, nothing changes: a refresh after an apply shows no
    /// difference. With nothing pending the lines that are done stay; otherwise a new map begins at 01.
    #[must_use]
    pub fn refreshed(self, pending: &[Line]) -> Self {
        let open: Vec<&Entry> = self.entries.iter().filter(|entry| !entry.is_done).collect();
        if open.len() == pending.len() && open.iter().zip(pending).all(|(entry, line)| line.is(entry)) {
            return self;
        }
        if pending.is_empty() {
            let entries = self.entries.into_iter().filter(|entry| entry.is_done).collect();
            return Steps { entries };
        }
        Steps::of(pending)
    }

    /// Returns the map once some of its pending steps are gone: of those in front of what is still pending, the first
    /// `reached` are done, and the others are dropped. A step that had no effect is not pending either.
    ///
    /// What is pending may be another thing altogether by now; then it is a new map.
    #[must_use]
    pub fn progressed(mut self, pending: &[Line], reached: usize) -> Self {
        let open: Vec<&Entry> = self.entries.iter().filter(|entry| !entry.is_done).collect();
        let Some(done) = open.len().checked_sub(pending.len()) else { return self.refreshed(pending) };
        if !open.iter().skip(done).zip(pending).all(|(entry, line)| line.is(entry)) {
            return self.refreshed(pending);
        }
        let mut place = 0;
        self.entries.retain(|entry| {
            place += usize::from(!entry.is_done);
            entry.is_done || place <= reached || place > done
        });
        self.promising(done.min(reached))
    }

    /// Returns the map once the first `count` pending steps are done: what an acting plan promises.
    #[must_use]
    pub fn promising(mut self, count: usize) -> Self {
        let open = self.entries.iter_mut().filter(|entry| !entry.is_done);
        open.take(count).for_each(|entry| entry.is_done = true);
        self
    }

    /// Returns the map once these pending steps are done, wherever their lines stand.
    #[must_use]
    pub fn promising_each(mut self, promised: &[Line]) -> Self {
        for line in promised {
            let mut open = self.entries.iter_mut().filter(|entry| !entry.is_done && line.is(entry));
            open.next().into_iter().for_each(|entry| entry.is_done = true);
        }
        self
    }

    /// Returns the text of a line.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<String> {
        self.entries.iter().find(|entry| entry.key == key).map(Entry::text)
    }

    /// Returns the lines in order: key and text.
    pub fn lines(&self) -> impl Iterator<Item = (&str, String)> {
        self.entries.iter().map(|entry| (entry.key.as_str(), entry.text()))
    }

    /// Numbers have as many digits as the longest needs, at least two, so that Terraform's order by text is theirs.
    fn of(pending: &[Line]) -> Self {
        let digits = pending.len().to_string().len().max(2);
        let numbered = (1..).zip(pending);
        let entries = numbered.map(|(number, line)| Entry {
            key: format!("{number:0digits$} {}", line.part),
            number,
            part: line.part.clone(),
            value: line.value(),
            is_done: false,
        });
        Steps { entries: entries.collect() }
    }
}
