//! The words of a plan: a step, the work it does, and on what.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::cluster::{Cluster, HeldWindow, State};
use crate::upgrade::kind::Kind;
use crate::upgrade::node_image::NodeImage;
use crate::upgrade::task::{Component, Task};
use crate::upgrade::version::Version;
use crate::upgrade::window::aks::AksWindow;

/// One upgrade: the write to Azure that starts it, and its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What becomes what.
    pub work: Work,
    /// What has to be done about it.
    pub manner: Manner,
    /// How long it will take, at the upper end of what was recorded.
    pub estimate: SignedDuration,
    /// What its write goes on with beside that, because it failed: what the step may turn out to be.
    pub resumes: Vec<Task>,
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
    /// AKS gets a window of its own for what it upgrades by itself: an object beside the cluster.
    MaintenanceConfiguration {
        /// Its name, which says what it restrains.
        name: &'static str,
        /// What Azure holds.
        from: HeldWindow,
        /// What it will hold.
        to: AksWindow,
    },
    /// AKS upgrades by itself on another channel.
    Channel {
        /// What it is set to.
        to: AksChannel,
        /// What it is set to now; `none` when it is off.
        from: String,
        /// Whether the write replaces nodes, or resumes work that failed.
        disrupts: bool,
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

impl Step {
    /// Returns what must be permitted, all of it at once, for the step to start.
    #[must_use]
    pub fn tasks(&self) -> Vec<Task> {
        let own = Task { component: self.work.component(), kind: self.kind() };
        let own = Some(own).filter(|own| !self.resumes.contains(own));
        own.into_iter().chain(self.resumes.iter().cloned()).collect()
    }

    /// Returns the kinds of work that it may turn out to be, each once.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let kinds: BTreeSet<Kind> = self.tasks().into_iter().map(|task| task.kind).collect();
        kinds.into_iter().collect()
    }

    /// Returns the kind of work that the step names; what it needs to start are its [tasks](Step::tasks).
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
            // AKS's windows are for every kind of work.
            Work::MaintenanceConfiguration { .. } | Work::Channel { .. } => Kind::Patch,
        }
    }

    /// Tells whether it may start at an open window only: it replaces nodes, and does not run yet.
    #[must_use]
    pub fn needs_opening(&self) -> bool {
        let disrupts = match &self.work {
            Work::MaintenanceConfiguration { .. } => false,
            Work::Channel { disrupts, .. } => *disrupts,
            Work::Cluster { .. } | Work::ControlPlane { .. } | Work::Pool { .. } | Work::Image { .. } => true,
        };
        disrupts && !self.is_running()
    }

    /// Makes the step true of a cluster.
    pub fn take(&self, cluster: &mut Cluster) {
        if let Work::Cluster { to, .. } | Work::ControlPlane { to, .. } = &self.work {
            cluster.version = to.clone();
            cluster.state = State::Succeeded;
        }
        for pool in &mut cluster.pools {
            match &self.work {
                // Machines follow one by one, in their own time.
                Work::Cluster { to, .. } if !pool.machines => pool.version = to.clone(),
                Work::Pool { pool: name, to, .. } if *name == pool.name => pool.version = to.clone(),
                Work::Image { pool: name, to, .. } if *name == pool.name => pool.image = to.clone(),
                _ => continue,
            }
            pool.state = State::Succeeded;
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
            Work::Cluster { .. } | Work::MaintenanceConfiguration { .. } | Work::Channel { .. } => {
                Component::Cluster
            }
            Work::ControlPlane { .. } => Component::ControlPlane,
            Work::Pool { pool, .. } | Work::Image { pool, .. } => Component::Pool(pool.clone()),
        }
    }

    /// Returns the one pool that it is done on; `None` when it is more, or none.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        match self {
            Work::Pool { pool, .. } | Work::Image { pool, .. } => Some(pool),
            Work::Cluster { .. }
            | Work::ControlPlane { .. }
            | Work::MaintenanceConfiguration { .. }
            | Work::Channel { .. } => None,
        }
    }

    /// Returns the name of the setting that is written so that AKS upgrades by itself; `None` for an upgrade.
    #[must_use]
    pub fn setting(&self) -> Option<&'static str> {
        match self {
            Work::MaintenanceConfiguration { .. } => Some("maintenance_configuration"),
            Work::Channel { to, .. } => Some(to.name()),
            Work::Cluster { .. } | Work::ControlPlane { .. } | Work::Pool { .. } | Work::Image { .. } => None,
        }
    }

    /// Tells whether it is a write to the cluster itself, which reaches every pool.
    #[must_use]
    pub fn is_on_whole(&self) -> bool {
        matches!(self, Work::Cluster { .. } | Work::ControlPlane { .. } | Work::Channel { .. })
    }

    /// Tells whether it is done on the cluster or a pool, where only one operation runs at a time.
    #[must_use]
    pub fn is_on_cluster(&self) -> bool {
        !matches!(self, Work::MaintenanceConfiguration { .. })
    }

    /// Returns the Kubernetes version that will run; `None` for an image and a setting.
    #[must_use]
    pub fn version(&self) -> Option<&Version> {
        match self {
            Work::Cluster { to, .. } | Work::ControlPlane { to, .. } | Work::Pool { to, .. } => Some(to),
            Work::Image { .. } | Work::MaintenanceConfiguration { .. } | Work::Channel { .. } => None,
        }
    }

    /// Names what it is done on, as the map `steps` does: `control plane`, `pool user`, `image user`.
    #[must_use]
    pub fn part(&self) -> String {
        match self {
            Work::Cluster { .. } => "whole cluster".to_owned(),
            Work::ControlPlane { .. } => "control plane".to_owned(),
            Work::Pool { pool, .. } => format!("pool {pool}"),
            Work::Image { pool, .. } => format!("image {pool}"),
            Work::MaintenanceConfiguration { name, .. } => format!("maintenance configuration {name}"),
            Work::Channel { to, .. } => to.part().to_owned(),
        }
    }

    /// Returns what runs or is held, as Azure writes it.
    #[must_use]
    pub fn from(&self) -> String {
        match self {
            Work::Cluster { from, .. } | Work::ControlPlane { from, .. } | Work::Pool { from, .. } => {
                from.to_string()
            }
            Work::Image { from, .. } => from.to_string(),
            Work::MaintenanceConfiguration { from, .. } => from.to_string(),
            Work::Channel { from, .. } => from.clone(),
        }
    }

    /// Returns what will run or be held, as Azure writes it.
    #[must_use]
    pub fn to(&self) -> String {
        match self {
            Work::Cluster { to, .. } | Work::ControlPlane { to, .. } | Work::Pool { to, .. } => {
                to.to_string()
            }
            Work::Image { to, .. } => to.to_string(),
            Work::MaintenanceConfiguration { to, .. } => to.to_string(),
            Work::Channel { to, .. } => to.setting().to_owned(),
        }
    }
}

impl Component {
    /// Returns the pool; `None` for the control plane and the whole cluster.
    #[must_use]
    pub fn pool(&self) -> Option<&str> {
        match self {
            Component::Pool(pool) => Some(pool),
            Component::Cluster | Component::ControlPlane => None,
        }
    }
}
