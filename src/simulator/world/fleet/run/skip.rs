//! Skipping parts of a run, on request.

use jiff::Timestamp;

use crate::simulator::world::fleet::run::{Gate, Group, Member, Run, Stage, State, Wait};

/// What a person said (recorded).
const BY_REQUEST: &str = "skipped by request.";

impl Run {
    /// Skips what is left of a member, a group, a stage or the wait after a stage; tells whether there is one
    /// of that name.
    pub(in crate::simulator::world) fn skip(&mut self, kind: &str, name: &str, now: Timestamp) -> bool {
        let mut found = false;
        for stage in &mut self.stages {
            found |= match kind {
                "Stage" => stage.name == name && stage.skip(now),
                "AfterStageWait" => {
                    stage.name == name && stage.wait.as_mut().is_some_and(|wait| wait.skip(now))
                }
                "Group" => stage.groups.iter_mut().any(|group| group.name == name && group.skip(now)),
                _ => stage.members_mut().any(|member| member.name == name && member.skip(now)),
            };
        }
        found
    }
}

impl Stage {
    fn skip(&mut self, now: Timestamp) -> bool {
        self.groups.iter_mut().for_each(|group| {
            group.skip(now);
        });
        self.before.iter_mut().chain(&mut self.after).for_each(|gate: &mut Gate| gate.skip(now));
        if let Some(wait) = &mut self.wait {
            wait.skip(now);
        }
        if !self.status.is_over() {
            self.status.end(State::Skipped, now);
        }
        true
    }

    fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.groups.iter_mut().flat_map(|group| &mut group.members)
    }
}

impl Group {
    fn skip(&mut self, now: Timestamp) -> bool {
        self.members.iter_mut().for_each(|member| {
            member.skip(now);
        });
        self.before.iter_mut().chain(&mut self.after).for_each(|gate| gate.skip(now));
        if !self.status.is_over() {
            self.status.end(State::Skipped, now);
        }
        true
    }
}

impl Member {
    fn skip(&mut self, now: Timestamp) -> bool {
        if !self.status.is_over() {
            self.status.end(State::Skipped, now);
            self.message = Some(BY_REQUEST.into());
        }
        true
    }
}

impl Wait {
    fn skip(&mut self, now: Timestamp) -> bool {
        if !self.status.is_over() {
            self.status.end(State::Skipped, now);
        }
        true
    }
}
