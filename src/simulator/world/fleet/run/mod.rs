//! An update run: what it upgrades its members to, in which [`sequence`], and how far it is ([`status`]).
//!
//! [`walk`] brings it on, [`next`] says who is next, [`limit`] how many at a time, [`skip`] leaves parts out, and
//! [`show`] writes it as Azure does.

mod limit;
mod next;
mod sequence;
mod show;
mod skip;
mod status;
mod walk;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::simulator::world::fleet::resource::Resource;

pub(in crate::simulator::world) use limit::Limit;
pub(in crate::simulator::world) use sequence::{Gate, Group, Member, Stage, Wait};
pub(in crate::simulator) use status::State;
pub(in crate::simulator::world) use status::{Error, Status};
pub(in crate::simulator::world) use walk::At;

/// An update run; its properties are what was written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Run {
    pub resource: Resource,
    pub status: Status,
    pub stages: Vec<Stage>,
    /// The images for all members, where the run selects them.
    pub images: Vec<String>,
    /// Whether somebody has asked to start it: Fleet does so a moment later (recorded).
    pub asked_to_start: bool,
    /// From when on members are looked at: a moment after the start (recorded).
    pub looks_from: Timestamp,
}

impl Run {
    /// Makes a run of which nothing has begun.
    pub(in crate::simulator::world) fn new(resource: Resource, stages: Vec<Stage>) -> Self {
        Run {
            resource,
            status: Status::new(),
            stages,
            images: vec![],
            asked_to_start: false,
            looks_from: Timestamp::UNIX_EPOCH,
        }
    }

    /// Tells whether it goes on by itself; one that has failed follows what it had begun.
    pub(in crate::simulator::world) fn goes_on(&self) -> bool {
        match self.status.state {
            State::Running | State::Pending | State::Stopping => true,
            State::Failed => self.asked_to_start || self.members().any(|(_, member)| member.runs()),
            _ => self.asked_to_start,
        }
    }

    /// Returns a field of `managedClusterUpdate`, such as `/upgrade/type`.
    pub(in crate::simulator::world) fn goal(&self, pointer: &str) -> &str {
        let update = self.resource.properties.get("managedClusterUpdate");
        update.and_then(|update| update.pointer(pointer)).and_then(Value::as_str).unwrap_or_default()
    }

    /// Tells whether an auto-upgrade profile has made it.
    pub(in crate::simulator::world) fn is_automatic(&self) -> bool {
        self.resource.properties.contains_key("autoUpgradeProfileId")
    }

    /// Returns a member by its place.
    pub(in crate::simulator::world) fn member(&self, (stage, group, member): At) -> Option<&Member> {
        self.stages.get(stage)?.groups.get(group)?.members.get(member)
    }

    /// Returns a member by its place, to change it.
    pub(in crate::simulator::world) fn member_mut(
        &mut self,
        (stage, group, member): At,
    ) -> Option<&mut Member> {
        self.stages.get_mut(stage)?.groups.get_mut(group)?.members.get_mut(member)
    }

    /// Returns all members with their places.
    pub(in crate::simulator::world) fn members(&self) -> impl Iterator<Item = (At, &Member)> {
        let groups = self.stages.iter().enumerate().flat_map(|(stage, inside)| {
            inside.groups.iter().enumerate().map(move |(group, inside)| ((stage, group), inside))
        });
        groups.flat_map(|((stage, group), inside)| {
            inside.members.iter().enumerate().map(move |(member, inside)| ((stage, group, member), inside))
        })
    }

    /// Shows the same end everywhere.
    pub(in crate::simulator::world) fn end_all(&mut self, state: State, now: Timestamp) {
        self.status.end(state, now);
        for stage in &mut self.stages {
            stage.status.end(state, now);
            for group in &mut stage.groups {
                group.status.end(state, now);
                group.members.iter_mut().for_each(|member| member.status.end(state, now));
            }
        }
    }

    /// Returns all that is shown of how far it is: an eTag changes with it, and not with what only the run knows.
    pub(in crate::simulator::world) fn picture(&self) -> Value {
        self.json("")
    }

    /// Returns a gate by its name as a resource.
    pub(in crate::simulator::world) fn gate_mut(&mut self, name: &str) -> Option<&mut Gate> {
        let named = |gate: &&mut Gate| gate.name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        self.stages.iter_mut().flat_map(Stage::gates_mut).find(named)
    }
}

/// The instant at which nothing more happens by itself.
pub(in crate::simulator::world) const NEVER: Timestamp = Timestamp::MAX;
