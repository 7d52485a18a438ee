//! What was observed of a cluster: control plane, pools, work in progress, other owners.

use std::collections::BTreeMap;
use std::fmt;

use jiff::{SignedDuration, Timestamp};

use crate::upgrade::node_image::NodeImage;
use crate::upgrade::version::Version;
use crate::upgrade::window::aks::AksWindow;

/// A cluster as Azure showed it at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The ARM id as the user wrote it.
    pub id: String,
    /// The cluster's name.
    pub name: String,
    /// The Azure region, e.g. `westeurope`.
    pub location: String,
    /// The running version of the control plane (`currentKubernetesVersion`).
    pub version: Version,
    /// The version of an upgrade that did not finish: asked for (`kubernetesVersion`), and above the one that runs.
    pub unfinished: Option<Version>,
    /// The state of the cluster resource.
    pub state: State,
    /// Whether it runs or is stopped.
    pub power: Power,
    /// Whether the cluster is on the long-term support plan.
    pub lts: bool,
    /// AKS's own upgrade channel (`patch`, `stable`, `rapid`, `node-image`); `None` when off.
    pub auto_upgrade_channel: Option<String>,
    /// AKS's node OS channel (`NodeImage`, `SecurityPatch`, `Unmanaged`); `None` when off.
    pub node_os_channel: Option<String>,
    /// Whether Karpenter adds and replaces nodes beside the pools (node auto-provisioning).
    pub auto_provisioning: bool,
    /// The pools in Azure's order.
    pub pools: Vec<Pool>,
    /// The update runs of Fleets that have work to do on the cluster.
    pub update_runs: Vec<UpdateRun>,
    /// The windows of AKS's own upgrades, by the name of their maintenance configuration; one that is missing was
    /// not read.
    pub maintenance: BTreeMap<&'static str, HeldWindow>,
}

/// What Azure holds as the window of a maintenance configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldWindow {
    /// Nobody asked.
    NotRead,
    /// There is no such configuration.
    Missing,
    /// One of the older shape, or of a shape that is not known.
    Other,
    /// This one.
    Window(AksWindow),
}

/// An update run of a Fleet, which upgrades its members one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateRun {
    /// The Fleet's name.
    pub fleet: String,
    /// The run's name.
    pub name: String,
    /// Azure's word for how far the run is, e.g. `Running` or `NotStarted`.
    pub state: String,
}

/// One agent pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// The pool's name.
    pub name: String,
    /// System pools are upgraded before user pools.
    pub mode: Mode,
    /// `Linux` or `Windows`.
    pub os_type: String,
    /// E.g. `Ubuntu`, `AzureLinux`, `Windows2022`.
    pub os_sku: String,
    /// The number of nodes.
    pub count: u32,
    /// The running version (`currentOrchestratorVersion`).
    pub version: Version,
    /// The version of an upgrade that did not finish: asked for (`orchestratorVersion`), and above the one that runs.
    pub unfinished: Option<Version>,
    /// The running node image.
    pub image: NodeImage,
    /// The state of the pool resource.
    pub state: State,
    /// Whether it runs or is stopped.
    pub power: Power,
    /// Whether the nodes are machines that Azure will not upgrade by pool (`type` or `mode` `Machines`,
    /// `AvailabilitySet`).
    pub machines: bool,
    /// Whether Azure shows the version. Of pools of machines it often shows none, and the cluster's stands in.
    pub version_shown: bool,
    /// Whether the pool is bound to a node pool snapshot (`creationData.sourceResourceId`).
    pub snapshot: bool,
    /// Whether its nodes are Spot machines (`scaleSetPriority`), of which Azure adds none for an upgrade.
    pub spot: bool,
    /// Nodes added at a time, as Azure spells it: `"10%"`, `"33%"` or `"5"`.
    pub max_surge: Option<String>,
    /// Nodes that may be missing at a time, spelled likewise; counts where `max_surge` is `"0"`.
    pub max_unavailable: Option<String>,
    /// How long one node may take to drain. Azure's default is 30 minutes.
    pub drain_timeout: SignedDuration,
    /// How long Azure waits after each node.
    pub node_soak: SignedDuration,
    /// Whether Azure sets nodes that do not drain aside and goes on (`undrainableNodeBehavior` `Cordon`).
    pub cordons: bool,
    /// How the pool is replaced side by side; `None` when it is upgraded node by node (`Rolling`).
    pub blue_green: Option<BlueGreen>,
}

/// How a pool with `upgradeStrategy` `BlueGreen` is upgraded: all new nodes first, then the old ones are drained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlueGreen {
    /// Nodes drained at a time, as Azure spells it: `"10%"` (Azure's default) or `"5"`.
    pub batch: String,
    /// How long one node may take to drain. Azure's default is 30 minutes.
    pub drain_timeout: SignedDuration,
    /// How long Azure waits after each batch. Azure's default is 15 minutes.
    pub batch_soak: SignedDuration,
    /// How long Azure waits before it removes the old nodes. Azure's default is an hour.
    pub final_soak: SignedDuration,
}

/// A resource's provisioning state, which is an open string in Azure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// `Succeeded`.
    Succeeded,
    /// `Failed`, with Azure's own words when it kept them.
    Failed(Option<String>),
    /// `Canceled`, by somebody or by AKS itself, with Azure's own words when it kept them.
    Canceled(Option<String>),
    /// Anything else is work in progress: `Upgrading`, `Updating`, `Scaling`, …
    Busy(String),
}

/// Whether something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// Running.
    Running,
    /// Stopped (deallocated).
    Stopped,
}

/// What a pool is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// Hosts the cluster's own pods.
    System,
    /// Hosts workloads (`User`, `Gateway` and whatever Azure invents next).
    User,
}

impl Cluster {
    /// Returns the pool of that name.
    #[must_use]
    pub fn pool(&self, name: &str) -> Option<&Pool> {
        self.pools.iter().find(|pool| pool.name == name)
    }

    /// Returns the window that a maintenance configuration holds.
    #[must_use]
    pub fn held_window(&self, name: &str) -> HeldWindow {
        self.maintenance.get(name).cloned().unwrap_or(HeldWindow::NotRead)
    }

    /// Returns Azure's word for an operation that runs on the cluster or a pool; `None` when all is at rest.
    ///
    /// An image upgrade shows at its pool alone, a version upgrade at both.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        let pools = self.pools.iter().map(|pool| &pool.state);
        pools.chain([&self.state]).find_map(State::operation)
    }
}

impl Pool {
    /// Tells whether a surge may be written to the pool.
    ///
    /// Azure refuses one for Spot pools ("Spot pools can't set max surge"). Where nodes may be missing instead, or
    /// the pool is replaced side by side, its owner chose another way, often because there is no room for more nodes.
    #[must_use]
    pub fn takes_surge(&self) -> bool {
        let missing = self.max_unavailable.as_deref().is_some_and(|nodes| !["0", "0%"].contains(&nodes));
        !self.spot && !missing && self.blue_green.is_none()
    }
}

impl HeldWindow {
    /// Tells whether it is the wanted window, from an instant on.
    #[must_use]
    pub fn agrees(&self, wanted: &AksWindow, at: Timestamp) -> bool {
        matches!(self, HeldWindow::Window(held) if held.agrees(wanted, at))
    }
}

impl fmt::Display for HeldWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HeldWindow::NotRead => f.write_str("not read yet"),
            HeldWindow::Missing => f.write_str("none"),
            HeldWindow::Other => f.write_str("in another form"),
            HeldWindow::Window(window) => window.fmt(f),
        }
    }
}

impl State {
    /// Returns Azure's word for the operation that runs; `None` when none does.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        match self {
            State::Busy(operation) => Some(operation),
            _ => None,
        }
    }

    /// Tells whether a version upgrade runs.
    #[must_use]
    pub fn is_upgrading(&self) -> bool {
        self.operation() == Some("Upgrading")
    }

    /// Returns Azure's word for an operation that did not end well: `Failed` or `Canceled`.
    #[must_use]
    pub fn failure(&self) -> Option<&'static str> {
        match self {
            State::Failed(_) => Some("Failed"),
            State::Canceled(_) => Some("Canceled"),
            State::Succeeded | State::Busy(_) => None,
        }
    }

    /// Tells whether the last operation failed or was cancelled, so that its work is unfinished.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.failure().is_some()
    }
}
