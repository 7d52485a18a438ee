//! What a window permits and a blackout denies.

use crate::upgrade::kind::Kind;
use crate::upgrade::task::{Component, Task};
use crate::upgrade::window::error::{List, WindowError};

/// What a window or blackout is limited to; an empty list limits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// `applies_to`: these kinds of work.
    pub kinds: Vec<Kind>,
    /// `node_pools`: these pools.
    pub node_pools: Vec<String>,
}

impl Scope {
    /// Tells whether a window permits the task: one that is limited to pools nothing but theirs.
    #[must_use]
    pub fn permits(&self, task: &Task) -> bool {
        let pool = match &task.component {
            Component::Pool(name) => self.node_pools.contains(name),
            Component::Cluster | Component::ControlPlane => false,
        };
        self.has(task.kind) && (pool || self.node_pools.is_empty())
    }

    /// Tells whether a blackout denies the task: the whole cluster, too, because its pools move with it.
    #[must_use]
    pub fn denies(&self, task: &Task) -> bool {
        let pool = match &task.component {
            Component::Pool(name) => self.node_pools.contains(name),
            Component::Cluster => true,
            Component::ControlPlane => false,
        };
        self.has(task.kind) && (pool || self.node_pools.is_empty())
    }

    /// Refuses a kind or a pool that is named twice.
    pub(super) fn check(&self) -> Result<(), WindowError> {
        WindowError::twice(List::Kinds, &self.kinds)?;
        WindowError::twice(List::NodePools, &self.node_pools)
    }

    fn has(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}
