//! `[[fleet]]`: a Fleet with members, strategies and update runs.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// A Fleet. What its runs do, they really do to the clusters; an `[[outcome]]` makes an upgrade of a member
/// fail, and with it the run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The Fleet's name.
    pub name: String,
    /// The resource group; that of the first member, unless given.
    #[serde(default)]
    pub resource_group: Option<String>,
    /// The subscription; that of the first member, unless given.
    #[serde(default)]
    pub subscription: Option<String>,
    /// The location; that of the first member, unless given.
    #[serde(default)]
    pub location: Option<String>,
    /// Its members.
    #[serde(default)]
    pub member: Vec<FleetMember>,
    /// Its update strategies.
    #[serde(default)]
    pub strategy: Vec<FleetStrategy>,
    /// Its update runs.
    #[serde(default)]
    pub run: Vec<FleetRun>,
}

/// `[[fleet.member]]`: a cluster that belongs to the Fleet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetMember {
    /// The name of a cluster of this scenario.
    pub cluster: String,
    /// The member's name; the cluster's, unless given.
    #[serde(default)]
    pub name: Option<String>,
    /// The update group.
    #[serde(default)]
    pub group: Option<String>,
}

/// `[[fleet.strategy]]`: stages, one after the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetStrategy {
    /// The strategy's name.
    pub name: String,
    /// Its stages.
    pub stage: Vec<FleetStage>,
}

/// `[[fleet.strategy.stage]]`: groups, side by side.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetStage {
    /// The stage's name.
    pub name: String,
    /// The groups of members that it upgrades.
    pub groups: Vec<String>,
    /// How many clusters are upgraded at a time in each group, such as `"3"` or `"25%"`; one, unless given.
    #[serde(default)]
    pub max_concurrency: Option<String>,
    /// Whether somebody has to approve before or after the stage.
    #[serde(default)]
    pub approval: Option<Approval>,
    /// How long the next stage waits after this one.
    #[serde(default)]
    pub wait_after: Option<SignedDuration>,
}

/// When a stage waits for an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// Before its first cluster.
    Before,
    /// After its last one.
    After,
}

/// `[[fleet.run]]`: an update run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetRun {
    /// The run's name.
    pub name: String,
    /// What it upgrades: `Full`, `ControlPlaneOnly` or `NodeImageOnly`.
    #[serde(default)]
    pub upgrade: Upgrade,
    /// The Kubernetes version, for an upgrade that is not of images only.
    #[serde(default)]
    pub version: Option<String>,
    /// How images are chosen: `Latest` or `Consistent`.
    #[serde(default)]
    pub images: Images,
    /// A strategy of this Fleet; without one, members are upgraded one by one.
    #[serde(default)]
    pub strategy: Option<String>,
    /// How far it is at the first instant: `NotStarted`, `Running` (it starts then), or an end: `Stopped`,
    /// `Failed`, `Completed`.
    #[serde(default)]
    pub state: Begun,
}

/// What a run upgrades.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Upgrade {
    /// Control plane and pools.
    Full,
    /// The control plane alone.
    ControlPlaneOnly,
    /// The images of the pools.
    #[default]
    NodeImageOnly,
}

/// How a run chooses images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Images {
    /// The latest one when a cluster's turn comes.
    #[default]
    Latest,
    /// The latest ones when the run starts.
    Consistent,
}

/// How far a run is at the first instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begun {
    /// Somebody may start it.
    #[default]
    NotStarted,
    /// It starts at the first instant.
    Running,
    /// Somebody has stopped it.
    Stopped,
    /// It has failed.
    Failed,
    /// It is done.
    Completed,
}

impl Fleet {
    /// Checks what a Fleet says of clusters and of itself.
    ///
    /// # Errors
    ///
    /// A sentence that names the key, for a member that is no cluster of the scenario, a strategy that there
    /// is not, or a run without members or without the version that it needs.
    pub(super) fn check<'a>(&self, clusters: impl Iterator<Item = &'a str> + Clone) -> Result<(), String> {
        for member in &self.member {
            if !clusters.clone().any(|name| name == member.cluster) {
                return Err(format!("[[fleet.member]]: the scenario has no cluster \"{}\".", member.cluster));
            }
        }
        self.run.iter().try_for_each(|run| self.check_run(run))
    }

    fn check_run(&self, run: &FleetRun) -> Result<(), String> {
        let wrong = |why: &str| Err(format!("[[fleet.run]] \"{}\": {why}", run.name));
        if self.member.is_empty() {
            return wrong("a run needs members; give a [[fleet.member]].");
        }
        match (run.upgrade, &run.version) {
            (Upgrade::NodeImageOnly, Some(_)) => return wrong("NodeImageOnly takes no `version`."),
            (Upgrade::Full | Upgrade::ControlPlaneOnly, None) => {
                return wrong("`version` is missing; give one such as version = \"1.35.6\".");
            }
            _ => {}
        }
        match &run.strategy {
            Some(name) if !self.strategy.iter().any(|strategy| strategy.name == *name) => {
                wrong(&format!("the Fleet has no strategy \"{name}\"."))
            }
            _ => Ok(()),
        }
    }
}
