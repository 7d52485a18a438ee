//! The sequence of a run: stages, their groups, the members of those, gates and waits.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::simulator::world::fleet::run::limit::Limit;
use crate::simulator::world::fleet::run::status::{State, Status};

/// A stage: the one before it must be over.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Stage {
    pub name: String,
    pub status: Status,
    pub groups: Vec<Group>,
    pub before: Vec<Gate>,
    pub after: Vec<Gate>,
    pub wait: Option<Wait>,
    limit: Option<Limit>,
}

/// A group: all groups of a stage go on side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Group {
    pub name: String,
    pub status: Status,
    pub members: Vec<Member>,
    pub before: Vec<Gate>,
    pub after: Vec<Gate>,
    /// Whether its members may be upgraded: its stage has come, and its gates are passed.
    pub open: bool,
    limit: Option<Limit>,
}

/// A member cluster's part of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Member {
    pub name: String,
    /// The ARM id of its cluster.
    pub cluster: String,
    pub status: Status,
    pub message: Option<String>,
    /// The id of the latest operation on its cluster.
    pub operation: Option<String>,
    /// When Fleet looks at it: whether it can be upgraded.
    pub looked_at: Option<Timestamp>,
    /// Pools that this run has brought to where they belong.
    pub pools: Vec<String>,
}

/// An approval that somebody gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Gate {
    pub display_name: Option<String>,
    pub kind: String,
    pub status: Status,
    /// Its name as a resource, once it is one.
    pub name: Option<String>,
    pub etag: String,
    /// When somebody approved.
    pub approved: Option<Timestamp>,
}

/// The time to wait at a stage's end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) struct Wait {
    pub seconds: u64,
    pub status: Status,
}

/// How many members of a stage are upgraded at a time, unless it says so: the number of the sample in
/// the documentation (howto-monitor-update-runs).
const STAGE_DEFAULT: u64 = 50;

impl Stage {
    /// Lays out a strategy over the members of a Fleet, given as name, group and cluster.
    pub(in crate::simulator::world) fn of_strategy(strategy: &Value, members: &[[&str; 3]]) -> Vec<Self> {
        let stage = |stage: &Value| Stage {
            name: word(stage, "name"),
            status: Status::new(),
            groups: list(stage, "groups").map(|group| Group::of_strategy(group, members)).collect(),
            before: gates(stage, "beforeGates"),
            after: gates(stage, "afterGates"),
            wait: Wait::of_stage(stage),
            limit: Limit::of(stage),
        };
        list(strategy, "stages").map(stage).collect()
    }

    /// Lays out the sequence without a strategy: all members, one by one.
    pub(in crate::simulator::world) fn one_by_one(members: &[[&str; 3]]) -> Vec<Self> {
        let all = Group {
            name: "default".into(),
            status: Status::new(),
            members: members.iter().map(Member::new).collect(),
            before: vec![],
            after: vec![],
            open: false,
            limit: None,
        };
        let (name, status) = ("default".into(), Status::new());
        vec![Stage {
            name,
            status,
            groups: vec![all],
            before: vec![],
            after: vec![],
            wait: None,
            limit: None,
        }]
    }

    /// Returns how many members may be upgraded at a time, over all groups.
    pub(in crate::simulator::world) fn most(&self) -> u64 {
        let all = self.groups.iter().map(|group| group.members.len() as u64).sum();
        self.limit.as_ref().map_or(STAGE_DEFAULT, |limit| limit.of_clusters(all))
    }

    /// Returns how many members of a group may be upgraded at a time.
    pub(in crate::simulator::world) fn most_of(&self, group: &Group) -> u64 {
        let all = group.members.len() as u64;
        let own = group.limit.as_ref().map_or(1, |limit| limit.of_clusters(all));
        own.min(all.max(1)).min(self.most())
    }

    /// Returns all its gates and those of its groups, with the group's name and the timing.
    pub(in crate::simulator::world) fn gates(
        &self,
    ) -> impl Iterator<Item = (Option<&str>, &'static str, &Gate)> {
        let own = [("Before", &self.before), ("After", &self.after)];
        let own = own.into_iter().flat_map(|(when, gates)| gates.iter().map(move |gate| (None, when, gate)));
        let inner = self.groups.iter().flat_map(|group| {
            let own = [("Before", &group.before), ("After", &group.after)];
            own.into_iter().flat_map(move |(when, gates)| {
                gates.iter().map(move |gate| (Some(group.name.as_str()), when, gate))
            })
        });
        own.chain(inner)
    }

    /// Returns all its gates and those of its groups, to change them.
    pub(in crate::simulator::world) fn gates_mut(&mut self) -> impl Iterator<Item = &mut Gate> {
        let inner = self.groups.iter_mut().flat_map(|group| group.before.iter_mut().chain(&mut group.after));
        self.before.iter_mut().chain(&mut self.after).chain(inner)
    }
}

impl Group {
    fn of_strategy(group: &Value, members: &[[&str; 3]]) -> Self {
        let name = word(group, "name");
        let mine = members.iter().filter(|[_, own, _]| *own == name);
        Group {
            members: mine.map(Member::new).collect(),
            name,
            status: Status::new(),
            before: gates(group, "beforeGates"),
            after: gates(group, "afterGates"),
            open: false,
            limit: Limit::of(group),
        }
    }
}

impl Member {
    fn new([name, _, cluster]: &[&str; 3]) -> Self {
        Member {
            name: (*name).into(),
            cluster: (*cluster).into(),
            status: Status::new(),
            message: None,
            operation: None,
            looked_at: None,
            pools: vec![],
        }
    }

    /// Tells whether Fleet upgrades it, or has just begun to look at it.
    pub(in crate::simulator::world) fn runs(&self) -> bool {
        self.status.state == State::Running
    }
}

impl Wait {
    fn of_stage(stage: &Value) -> Option<Self> {
        let seconds = stage["afterStageWaitInSeconds"].as_u64().filter(|seconds| *seconds > 0)?;
        Some(Wait { seconds, status: Status::new() })
    }
}

fn gates(owner: &Value, key: &str) -> Vec<Gate> {
    let gate = |gate: &Value| Gate {
        display_name: gate["displayName"].as_str().map(str::to_owned),
        kind: word(gate, "type"),
        status: Status::new(),
        name: None,
        etag: String::new(),
        approved: None,
    };
    list(owner, key).map(gate).collect()
}

fn list<'a>(owner: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    owner[key].as_array().into_iter().flatten()
}

fn word(owner: &Value, key: &str) -> String {
    owner[key].as_str().unwrap_or_default().to_owned()
}
