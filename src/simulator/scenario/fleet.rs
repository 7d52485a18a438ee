//! `[[fleet]]`: a Fleet with members, strategies and update runs.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::simulator::catalogue::Catalogue;
use crate::simulator::rules::{is_fleet_name, share};
use crate::simulator::scenario::cluster_check::check_region;
use crate::simulator::scenario::place::{Wrong, each};
use crate::simulator::scenario::word;
use crate::simulator::version::Wish;

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
    /// What is wrong: a member that is no cluster, a strategy that there is not, a run without members or without
    /// the version that it needs.
    pub(super) fn check<'a>(
        &self,
        clusters: impl Iterator<Item = &'a str> + Clone,
        catalogue: &Catalogue,
    ) -> Result<(), Wrong> {
        check_name(&self.name, 63)?;
        check_region(self.location.as_ref(), catalogue)?;
        let cluster = |member: &FleetMember| {
            member.name.as_ref().map_or(Ok(()), |name| check_name(name, 50))?;
            word::named(&member.cluster, clusters.clone()).map_err(|why| Wrong::at("cluster", why))
        };
        each("member", &self.member, cluster)?;
        word::once(
            "member",
            self.member.iter().map(|member| member.name.as_ref().unwrap_or(&member.cluster).as_str()),
        )?;
        word::once("strategy", self.strategy.iter().map(|strategy| strategy.name.as_str()))?;
        word::once("run", self.run.iter().map(|run| run.name.as_str()))?;
        each("strategy", &self.strategy, |strategy| {
            check_name(&strategy.name, 50)?;
            each("stage", &strategy.stage, FleetStage::check)
        })?;
        each("run", &self.run, |run| self.check_run(run))
    }

    fn check_run(&self, run: &FleetRun) -> Result<(), Wrong> {
        if self.member.is_empty() {
            return Err(Wrong::whole("a run needs members; give a [[fleet.member]]."));
        }
        check_name(&run.name, 50)?;
        match (run.upgrade, &run.version) {
            (Upgrade::NodeImageOnly, Some(_)) => {
                return Err(Wrong::at("version", "NodeImageOnly takes no `version`."));
            }
            (Upgrade::Full | Upgrade::ControlPlaneOnly, None) => {
                return Err(Wrong::whole("`version` is missing; give one such as version = \"1.35.6\"."));
            }
            (_, Some(version)) => {
                version.parse::<Wish>().map_err(|why| Wrong::at("version", why))?;
            }
            _ => {}
        }
        let strategies = self.strategy.iter().map(|strategy| strategy.name.as_str());
        let known = run.strategy.as_ref().map_or(Ok(()), |name| word::named(name, strategies));
        known.map_err(|why| Wrong::at("strategy", why))
    }
}

fn check_name(name: &str, longest: usize) -> Result<(), Wrong> {
    if is_fleet_name(name, longest) {
        return Ok(());
    }
    let why = format!(
        "\"{name}\" is no name: 1 to {longest} small letters, digits and -, a letter or digit at both ends."
    );
    Err(Wrong::at("name", why))
}

impl FleetStage {
    fn check(&self) -> Result<(), Wrong> {
        match &self.max_concurrency {
            Some(most) if share(most).is_none_or(|share| share == 0) => {
                let why = format!("\"{most}\" is neither a number of clusters nor 1% to 100% of them.");
                Err(Wrong::at("max_concurrency", why))
            }
            _ => Ok(()),
        }
    }
}
