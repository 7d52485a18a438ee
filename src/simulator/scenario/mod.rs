//! What a person writes to set the stage: clusters, clock, durations, what is offered, what goes wrong.
//!
//! A scenario is TOML. Everything has a default; `[[cluster]]` with a name and a version is enough.
//!
//! ```
//! use terraform_provider_aks::simulator::scenario::Scenario;
//! let text = r#"
//! [clock]                          # instants are RFC 3339 in quotes, durations "5m", "1h30m" or "PT5M"
//! start = "2026-11-22T09:00:00Z"   # the first instant
//! speed = 0                        # 0 stands still, 1 is real time, n is n times as fast
//! tick  = "1s"                     # a standing clock moves on by this much with each request
//!
//! [durations]                      # virtual time that work takes
//! control_plane = "5m"
//! node_upgrade  = "4m"             # per batch of nodes; a batch is as large as the surge
//! node_image    = "3m"             # per batch of nodes
//! settings      = "8s"             # a PUT that changes no version
//! drift         = "10m"            # between two nodes that node auto-provisioning replaces
//! channel       = "24h"            # from setting a channel to the first upgrade by it
//!
//! [service]
//! page_size = 100                  # entries per page; an empty page follows the last of pools and machines
//! transient_errors = true          # now and then an `error` beside a status that is no failure
//! refuse_unsupported = true        # a PUT that keeps a version without support is refused
//! throttle = false                 # the token buckets of Azure and AKS, filled by this clock: 429 with Retry-After
//! image_days = 183                 # a failed pool with an older image refuses every PUT, not an image call
//! channels = false                 # AKS upgrades by itself, by channel and maintenance configuration
//!
//! [entra]
//! secret = "right"                 # the only client secret that is taken; any, unless given
//! token_lives = "1h"               # virtual time until a token has expired; never, unless given
//! allow = ["Microsoft.ContainerService/*/read"] # what callers may do; everything, unless given
//!
//! [[cluster]]
//! name = "prod"                    # required, unless `from` is given
//! version = "1.34.2"               # required, unless `from` is given
//! resource_group = "rg"
//! subscription = "00000000-0000-0000-0000-000000000000"
//! location = "westeurope"
//! tier = "Standard"                # Free, Standard, Premium
//! support_plan = "KubernetesOfficial"
//! upgrade_channel = "none"
//! node_os_channel = "None"
//! nap = 3                          # nodes of node auto-provisioning, which is off unless given
//! specified = "1.33.8"             # what was asked for, when it is not what runs: channels leave it behind
//! power = "Running"                # or Stopped
//!
//! [[cluster.pool]]                 # without any: a System pool "system" and a User pool "user"
//! name = "system"
//! mode = "System"
//! count = 3
//! os_sku = "Ubuntu"                # AzureLinux, Windows2022, …
//! version = "1.34.2"               # the cluster's, unless given
//! image = "AKSUbuntu-2204gen2containerd-202610.05.0"
//! surge = "33%"
//! specified = "1.34.2"             # as of the cluster
//! priority = "Regular"             # or Spot
//! size = "Standard_D4s_v5"
//! subnet = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/aks"
//! state = "Succeeded"              # or Failed, Canceled: a `specified` that does not run is taken up by any PUT
//!
//! [[fleet]]                        # a Fleet; its runs really upgrade its members
//! name = "all"
//! [[fleet.member]]
//! cluster = "prod"
//! group = "canary"
//! [[fleet.strategy]]
//! name = "rings"
//! [[fleet.strategy.stage]]
//! name = "first"
//! groups = ["canary"]
//! approval = "before"              # or "after"
//! [[fleet.run]]
//! name = "monthly"
//! strategy = "rings"
//! state = "Running"                # NotStarted unless given; or Stopped, Failed, Completed
//!
//! [[quota]]                        # how many vCPUs there may be; without any, plenty
//! family = "standardDSv5Family"    # or "cores": all together
//! limit = 40
//! [[subnet]]                       # pools name it: subnet = "<its id>"
//! id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/aks"
//! prefix = "10.240.0.0/24"
//! used = 200                       # by others
//! [[lock]]                         # one on the nodes' resource group stops upgrades
//! scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/MC_rg_prod_westeurope"
//! level = "CanNotDelete"           # or ReadOnly
//! [[budget]]                       # a disruption budget that allows none
//! cluster = "prod"
//! pool = "system"
//! name = "web"
//!
//! [[publish]]                      # offers may change between a plan and its apply
//! at = "2026-11-23T00:00:00Z"
//! version = "1.35.7"
//! [[publish]]
//! at = "2026-11-24T00:00:00Z"
//! image = "AKSUbuntu-2204gen2containerd-202611.23.0"
//! [[publish]]
//! at = "2026-11-25T00:00:00Z"
//! withdraw = "1.35.6"
//!
//! [[outcome]]                      # how an operation ends, other than well
//! pool = "system"                  # and `cluster`, `kind`: "upgrade", "image", "settings"
//! ends = "fail"                    # fail, cancel, hang, stuck, quarantine, pause; see `simulator::outcome`
//! times = 1
//! code = "PodDrainFailure"
//! message = "Drain node aks-user-vmss000000 failed."
//!
//! [[fault]]                        # what happens on the wire; see `simulator::faults`
//! method = "PUT"
//! path = "agentPools/user"
//! nth = 1
//! does = "cut_after"               # the request takes effect, the answer is lost
//! [[fault]]
//! path = "operations"
//! share = 0.1                      # one match of ten, always the same ones
//! seed = 7
//! does = "drip"
//! delay = "20ms"                   # real time
//! "#;
//! let scenario = Scenario::parse(text, std::path::Path::new("."))?;
//! assert_eq!(scenario.clusters.len(), 1);
//! # Ok::<(), terraform_provider_aks::simulator::scenario::Mistake>(())
//! ```
//!
//! `[[cluster]] from = "cluster.json"` seeds a cluster from a real body, beside the scenario's file:
//! what `az rest` or `az aks show` printed, or a recorded `{"request":…,"response":{"body":…}}`.
//!
//! A [`script`] is the file as it is written, with its [`settings`]. A [`cluster_seed`] with its [`pool_seed`]s is drawn from a [`template`]; an [`initial`] cluster is taken from a real
//! body ([`bodies`] reads files of them); [`entra`], [`fleet`] and [`limit`] say what stands around them.
//!
//! What cannot be in Azure ([`cluster_check`]) and what names nothing ([`mod@reference`]) is refused, at its [`place`] in the
//! file and with the [`word`] that was meant; [`arm_id`] knows what an id looks like.

mod arm_id;
mod bodies;
mod cluster_check;
mod cluster_seed;
mod entra;
mod fleet;
mod initial;
mod limit;
mod place;
mod pool_seed;
mod reference;
mod script;
mod settings;
mod template;
mod word;

use std::path::Path;

use serde_json::Value;

use crate::simulator::catalogue::Catalogue;
use crate::simulator::faults::Fault;
use crate::simulator::outcome::Outcome;

pub use bodies::json;
pub(super) use cluster_seed::ClusterSeed;
pub use entra::Entra;
pub use fleet::{Approval, Begun, Fleet, FleetMember, FleetRun, FleetStage, FleetStrategy, Images, Upgrade};
pub use initial::InitialCluster;
pub use limit::{Budget, Level, Lock, Quota, Subnet};
use place::{Wrong, each};
pub(super) use pool_seed::PoolSeed;
use script::Script;
pub use settings::{Clock, Durations, Service, check_speed};

/// The stage as it is set before the first request.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Where the clock starts and how it moves.
    pub clock: Clock,
    /// How long work takes.
    pub durations: Durations,
    /// Page sizes and habits of the service.
    pub service: Service,
    /// Who is let in, and what they may do.
    pub entra: Entra,
    /// What is offered, and when.
    pub catalogue: Catalogue,
    /// The clusters that exist.
    pub clusters: Vec<InitialCluster>,
    /// The Fleets that upgrade them.
    pub fleets: Vec<Fleet>,
    /// How many vCPUs there may be.
    pub quotas: Vec<Quota>,
    /// The subnets that have a size.
    pub subnets: Vec<Subnet>,
    /// What is locked.
    pub locks: Vec<Lock>,
    /// The disruption budgets that allow none.
    pub budgets: Vec<Budget>,
    /// How operations end, other than well.
    pub outcomes: Vec<Outcome>,
    /// What happens on the wire.
    pub faults: Vec<Fault>,
}

/// Judges outcomes that come while a simulator serves, as those of a scenario.
///
/// # Errors
///
/// The key and what is wrong there, such as of `{"cluster": "prud", "ends": "fail"}`.
pub(super) fn judge_outcomes(outcomes: &[Outcome], pools: &[(&str, Vec<&str>)]) -> Result<(), String> {
    said(each("outcome", outcomes, |outcome| reference::check_outcome(outcome, pools)))
}

/// Judges faults that come while a simulator serves, as those of a scenario.
///
/// # Errors
///
/// The key and what is wrong there, such as of `{"method": "GTE", "does": "html"}`.
pub(super) fn judge_faults(faults: &[Fault]) -> Result<(), String> {
    said(each("fault", faults, reference::check_fault))
}

fn said(judged: Result<(), Wrong>) -> Result<(), String> {
    judged.map_err(|wrong| wrong.said_of(""))
}

/// A scenario that cannot be played; the text names the key and, where it is known, the line.
#[derive(Debug, thiserror::Error)]
#[error("The scenario cannot be read: {0}")]
pub struct Mistake(pub(crate) String);

impl Scenario {
    /// Reads a scenario; `dir` is where the files named by `from` lie.
    ///
    /// # Errors
    ///
    /// [`Mistake`] for text that is no TOML, an unknown key, a value of the wrong type or one that Azure does not have,
    /// such as the version `"1.x"` or the tier `"Gold"`, the name of a cluster or pool that is not there, or a `from`
    /// file that cannot be read.
    pub fn parse(text: &str, dir: &Path) -> Result<Self, Mistake> {
        Scenario::parse_beside(text, dir, &[])
    }

    /// Reads a scenario that may name clusters which come from elsewhere, too.
    ///
    /// # Errors
    ///
    /// As of [`Scenario::parse`].
    pub fn parse_beside(text: &str, dir: &Path, others: &[InitialCluster]) -> Result<Self, Mistake> {
        let script: Script = toml::from_str(text).map_err(|error| Mistake(error.to_string()))?;
        let said = |wrong: Wrong| Mistake(wrong.said_of(text));
        script.clock.check().and_then(|()| script.durations.check()).map_err(said)?;
        script.service.check().map_err(said)?;
        let catalogue = script.catalogue().map_err(said)?;
        each("cluster", &script.cluster, |seed| seed.check(&catalogue)).map_err(said)?;
        let clusters = script.clusters(&catalogue, dir).map_err(said)?;
        let all = [clusters.as_slice(), others].concat();
        let names = all.iter().map(|cluster| cluster.name.as_str());
        each("fleet", &script.fleet, |fleet| fleet.check(names.clone(), &catalogue)).map_err(said)?;
        script.check_references(&catalogue, &all).map_err(said)?;
        let mut scenario = Scenario {
            clusters: vec![],
            fleets: script.fleet,
            quotas: script.quota,
            subnets: script.subnet,
            locks: script.lock.into_iter().map(Lock::without_slash).collect(),
            budgets: script.budget,
            catalogue,
            clock: script.clock,
            durations: script.durations,
            service: script.service,
            entra: script.entra,
            outcomes: script.outcome,
            faults: script.fault,
        };
        scenario.add(clusters)?;
        Ok(scenario)
    }

    /// Adds clusters.
    ///
    /// # Errors
    ///
    /// [`Mistake`] for one that is there already, such as from a file that is given twice.
    pub fn add(&mut self, clusters: Vec<InitialCluster>) -> Result<(), Mistake> {
        for cluster in clusters {
            if let Some(own) = self.clusters.iter().find(|own| own.is_same(&cluster)) {
                let InitialCluster { name, group, subscription, .. } = own;
                let place = format!("resource group {group} of subscription {subscription}");
                return Err(Mistake(format!("the cluster {name} in {place} is given twice.")));
            }
            self.clusters.push(cluster);
        }
        Ok(())
    }

    /// Sets a stage with one cluster, seeded from a body that Azure or its command line gave.
    ///
    /// Accepts what `az rest` prints, what `az aks show` prints (the same without `properties`), and
    /// a recorded `{"request":…,"response":{"body":…}}`. Every field is kept and served back;
    /// subscription and resource group come from `id`.
    ///
    /// # Errors
    ///
    /// [`Mistake`] when the body has no `id` of a managed cluster, for example `{}`.
    pub fn from_body(body: Value) -> Result<Self, Mistake> {
        let clusters = vec![InitialCluster::from_body(body).map_err(Mistake)?];
        Ok(Scenario { clusters, ..Scenario::default() })
    }
}

impl Default for Scenario {
    /// Returns an empty stage: no clusters, a standing clock.
    fn default() -> Self {
        Scenario {
            clock: Clock::default(),
            durations: Durations::default(),
            service: Service::default(),
            entra: Entra::default(),
            catalogue: Catalogue::default(),
            clusters: vec![],
            fleets: vec![],
            quotas: vec![],
            subnets: vec![],
            locks: vec![],
            budgets: vec![],
            outcomes: vec![],
            faults: vec![],
        }
    }
}
