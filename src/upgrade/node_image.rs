//! A node image version: family, order inside the family, publication date.

use std::fmt;

use jiff::civil::Date;

/// A node image version as Azure spells it, e.g. `AKSUbuntu-2204gen2containerd-202610.19.0`.
///
/// Every text is a node image; one whose form is not known is carried and never compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeImage {
    text: String,
}

impl NodeImage {
    /// Takes the text as Azure sent it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        NodeImage { text: text.into() }
    }

    /// Returns the text as Azure sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns what comes before the date, e.g. `AKSUbuntu-2204gen2containerd`; `None` when the form is unknown.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        todo!()
    }

    /// Returns the day on which the image was published, when its version says so.
    #[must_use]
    pub fn published(&self) -> Option<Date> {
        todo!()
    }
}

impl fmt::Display for NodeImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
