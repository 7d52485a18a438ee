//! The words of a plan: a step, the work it does, on what, and the kinds of work that windows can be limited to.

use std::fmt;

use jiff::SignedDuration;

use crate::upgrade::node_image::NodeImage;
use crate::upgrade::version::Version;

/// One upgrade: the write to Azure that starts it, and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What becomes what.
    pub work: Work,
    /// What has to be done about it.
    pub manner: Manner,
    /// How long it will take, at the upper end of what was recorded.
    pub estimate: SignedDuration,
}

/// What becomes what. A part of a cluster has only the work that it can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Control plane and every pool move in one operation: the only way out of an unsupported version.
    Cluster {
        /// The version that the control plane runs.
        from: Version,
        /// The version that all will run.
        to: Version,
    },
    /// The control plane moves alone.
    ControlPlane {
        /// The version that runs.
        from: Version,
        /// The version that will run.
        to: Version,
    },
    /// One pool moves.
    Pool {
        /// Its name.
        pool: String,
        /// The version that runs.
        from: Version,
        /// The version that will run.
        to: Version,
    },
    /// The nodes of one pool get another image.
    Image {
        /// The pool's name.
        pool: String,
        /// The image that runs.
        from: NodeImage,
        /// The image that will run: Azure's latest.
        to: NodeImage,
    },
}

/// What has to be done about a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Start it.
    Upgrade,
    /// Start it again at the version or image that is shown: there it failed or was cancelled.
    Repair,
    /// Wait for its end: it runs already, and Azure shows its version from the beginning.
    Attach,
}

/// The part of a cluster that work is done on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// Control plane and every pool at once.
    Cluster,
    /// The control plane alone.
    ControlPlane,
    /// One pool.
    Pool(String),
}

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

impl Step {
    /// Returns the kind of work, which decides the windows that apply.
    ///
    /// A repair of a version counts as `patch`, and so does one that runs: from where the operation came is not
    /// known any more.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match &self.work {
            Work::Cluster { from, to } | Work::ControlPlane { from, to } | Work::Pool { from, to, .. } => {
                if from.minor() == to.minor() {
                    Kind::Patch
                } else {
                    Kind::Minor
                }
            }
            Work::Image { .. } => Kind::NodeImage,
        }
    }

    /// Tells whether the step runs already, and is only waited for.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.manner == Manner::Attach
    }
}

impl Work {
    /// Returns the part of the cluster that it is done on.
    #[must_use]
    pub fn component(&self) -> Component {
        match self {
            Work::Cluster { .. } => Component::Cluster,
            Work::ControlPlane { .. } => Component::ControlPlane,
            Work::Pool { pool, .. } | Work::Image { pool, .. } => Component::Pool(pool.clone()),
        }
    }

    /// Returns the one pool that it is done on; `None` when it is more, or none.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        match self {
            Work::Pool { pool, .. } | Work::Image { pool, .. } => Some(pool),
            Work::Cluster { .. } | Work::ControlPlane { .. } => None,
        }
    }

    /// Returns the Kubernetes version that will run; `None` for an image.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        match self {
            Work::Cluster { to, .. } | Work::ControlPlane { to, .. } | Work::Pool { to, .. } => Some(to),
            Work::Image { .. } => None,
        }
    }

    /// Returns what runs, as Azure writes it.
    #[must_use]
    pub fn from(&self) -> String {
        match self {
            Work::Cluster { from, .. } | Work::ControlPlane { from, .. } | Work::Pool { from, .. } => {
                from.to_string()
            }
            Work::Image { from, .. } => from.to_string(),
        }
    }

    /// Returns what will run, as Azure writes it.
    #[must_use]
    pub fn to(&self) -> String {
        match self {
            Work::Cluster { to, .. } | Work::ControlPlane { to, .. } | Work::Pool { to, .. } => {
                to.to_string()
            }
            Work::Image { to, .. } => to.to_string(),
        }
    }
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
