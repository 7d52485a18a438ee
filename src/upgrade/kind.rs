//! The kinds of work that windows tell apart.

use std::fmt;

/// The kinds of work that a window or blackout can be limited to with `applies_to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// To another Kubernetes minor.
    Minor,
    /// Inside a Kubernetes minor.
    Patch,
    /// To another node image.
    NodeImage,
}

impl Kind {
    /// Every kind there is.
    pub const ALL: [Kind; 3] = [Kind::Minor, Kind::Patch, Kind::NodeImage];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Minor => "minor",
            Kind::Patch => "patch",
            Kind::NodeImage => "node_image",
        })
    }
}
