//! What windows permit and blackouts deny: a kind of work on a part of a cluster.

use crate::upgrade::kind::Kind;

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

/// A kind of work on a part of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    /// What is worked on.
    pub component: Component,
    /// The kind of work.
    pub kind: Kind,
}
