//! Fleet Manager, as recorded: Fleets, members, strategies, update runs, gates, auto-upgrade profiles.
//!
//! A run asks AKS as any other client does: it sends the requests of an upgrade to the clusters of this
//! world, inside their own maintenance windows, and follows the operations.
//!
//! ```text
//! path       what is asked for                 resource   what every resource has; refusal, version, operation
//! fleets     the Fleets themselves             members    clusters that join, move between groups, leave
//! strategies stages and groups to run through  profiles   runs that begin by themselves
//! runs       create, start, stop, skip         gates      approvals
//! run        a run's parts and how they go on: pure, knows no cluster
//! upgrade    what a run asks of a member       window     the member's own maintenance windows
//! follow     everything as time goes by            seed       what a scenario declares
//! ```
//!
//! Not played: hub clusters beyond their profile, managed namespaces, preview fields (scheduled gates,
//! allowed failures).

mod fleets;
mod follow;
mod gates;
mod members;
mod operation;
pub(super) mod path;
mod profiles;
mod refusal;
mod resource;
mod run;
mod runs;
mod seed;
mod strategies;
mod upgrade;
mod version;
mod window;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::simulator::rules::is_fleet_name;
use crate::simulator::world::cluster::text;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};
use operation::FleetOperation;
use path::{Kind, Part};
use profiles::Profile;
use resource::{Resource, Stamp};
use run::Run;

/// All Fleets, and the operations on them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Fleets {
    all: Vec<Fleet>,
    operations: Vec<FleetOperation>,
}

/// A Fleet with everything below it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Fleet {
    place: Place,
    resource: Resource,
    members: Vec<Resource>,
    strategies: Vec<Resource>,
    profiles: Vec<Profile>,
    runs: Vec<Run>,
}

impl World {
    /// Answers what is asked of a Fleet or of something below one.
    pub(super) fn ask_fleet(&mut self, call: &Call, place: &Place, part: &Part) -> Result<Reply, Refusal> {
        let below = match part {
            Part::Fleet | Part::Credentials => None,
            Part::List(kind) | Part::One(kind, _) | Part::Act(kind, ..) => Some(kind),
        };
        if let Some(kind) = below.filter(|_| self.fleet(place).is_none()) {
            return Err(Refusal::no_parent(
                call.verb(),
                &format!("fleets/{}", kind.word()),
                &place.id("fleets"),
            ));
        }
        let reply = match part {
            Part::Fleet => self.ask_fleet_itself(call, place),
            Part::Credentials => self.fleet_credentials(call, place),
            Part::List(kind) | Part::One(kind, _) | Part::Act(kind, ..) => match kind {
                Kind::Member => self.ask_members(call, place, part),
                Kind::Strategy => self.ask_strategies(call, place, part),
                Kind::Run => self.ask_runs(call, place, part),
                Kind::Profile => self.ask_profiles(call, place, part),
                Kind::Gate => self.ask_gates(call, place, part),
            },
        };
        let reply = reply.map(|reply| version::shown(call, reply).compact())?;
        let reads = matches!(part, Part::Fleet) && call.method == http::Method::GET;
        Ok(if reads { reply.with("fleet-configuration-version", CONFIGURATION.into()) } else { reply })
    }

    /// Finds a Fleet.
    fn fleet(&self, place: &Place) -> Option<&Fleet> {
        self.fleets.all.iter().find(|fleet| fleet.place.is(place))
    }

    /// Finds a Fleet to change it, or says that it is missing.
    fn hold_fleet(&mut self, place: &Place) -> Result<&mut Fleet, Refusal> {
        let missing = || Refusal::no_resource("fleets", place);
        self.fleets.all.iter_mut().find(|fleet| fleet.place.is(place)).ok_or_else(missing)
    }

    fn stamp_now(&mut self) -> Stamp {
        Stamp { serial: self.next_serial(), at: self.now }
    }
}

impl Fleets {
    /// Returns the places of all Fleets.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.all.iter().map(|fleet| &fleet.place)
    }

    /// Takes a Fleet or a member away.
    fn remove(&mut self, place: &Place, member: Option<&str>) {
        match member {
            Some(name) => {
                let fleet = self.all.iter_mut().find(|fleet| fleet.place.is(place));
                fleet.into_iter().for_each(|fleet| fleet.members.retain(|member| !member.is(name)));
            }
            None => self.all.retain(|fleet| !fleet.place.is(place)),
        }
    }
}

impl Fleet {
    fn location(&self) -> &str {
        text(&self.resource.outer, "location")
    }

    /// Returns the ARM id of what lies below it.
    fn id_of(&self, kind: Kind, name: &str) -> String {
        format!("{}/{}/{name}", self.place.id("fleets"), kind.word())
    }

    /// Returns the body of what lies below it.
    fn body_of(&self, kind: Kind, resource: &Resource) -> serde_json::Value {
        resource.body(&self.id_of(kind, &resource.name), &format!("fleets/{}", kind.word()))
    }
}

/// Refuses a name that Fleet Manager does not take.
fn judge_name(field: &str, name: &str, longest: usize) -> Result<(), Refusal> {
    if is_fleet_name(name, longest) {
        return Ok(());
    }
    let why =
        format!("'{name}' does not match '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 1 to {longest} characters.");
    Err(Refusal::fleet_invalid(field, &why))
}

/// The version of the service's configuration, told beside a Fleet (recorded).
const CONFIGURATION: &str = "v20250923.1";

/// The instant at which nothing more happens by itself.
const NEVER: Timestamp = Timestamp::MAX;
