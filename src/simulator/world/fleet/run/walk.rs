//! How a run goes on: which stage's turn it is, which gates are open, which members come next.
//!
//! ```text
//! member   NotStarted -> Running -> Completed | Skipped | Failed
//!                     -> Pending (its window is closed, its version is not there yet) -> Running
//! gate     NotStarted -> Pending -> Completed (approved) | Skipped (with its group or stage)
//! group    all members over, then its after gates
//! stage    all groups over, then after gates and wait side by side
//! ```
//!
//! Knows no cluster: what becomes of a member is told by `upgrade.rs`. Rules: docs
//! concepts-update-orchestration, "Update run states".

use jiff::{SignedDuration, Timestamp};

use crate::simulator::world::fleet::run::Run;
use crate::simulator::world::fleet::run::sequence::{Gate, Group, Member, Stage};
use crate::simulator::world::fleet::run::status::{Error, State, Status};

/// Between the start of a member and the look at its cluster (recorded: a second or two).
const LOOK: SignedDuration = SignedDuration::from_secs(1);

/// Between the start of a run and that of its first members (recorded: a second or two).
const START: SignedDuration = SignedDuration::from_secs(2);

/// Where a member is found: stage, group, member.
pub(in crate::simulator::world) type At = (usize, usize, usize);

impl Run {
    /// Works out where everything stands.
    pub(in crate::simulator::world) fn settle(&mut self, now: Timestamp) {
        let mut stands = None;
        let looks = self.looks_from <= now;
        for stage in &mut self.stages {
            if !stage.status.is_over() {
                stage.settle(now, looks);
            }
            if !stage.status.is_over() {
                stands = Some(stage.status.clone());
                break;
            }
        }
        match stands {
            Some(Status { state: State::Failed, error: Some(error), .. }) => self.status.fail(error, now),
            Some(stage) if stage.state == State::Pending => self.status.go_on(State::Pending, now),
            Some(_) => self.status.go_on(State::Running, now),
            None => self.status.end(both(self.stages.iter().map(|stage| &stage.status)), now),
        }
    }

    /// Chooses the members that come next: those in groups whose turn it is, as many as may be upgraded at
    /// a time, the best placed first. Nobody comes after a failure.
    pub(in crate::simulator::world) fn choose(&self, now: Timestamp, rank: impl Fn(&str) -> u8) -> Vec<At> {
        let mut chosen = vec![];
        let Some((at, stage)) = self.stages.iter().enumerate().find(|(_, stage)| !stage.status.is_over())
        else {
            return chosen;
        };
        let failed = |group: &Group| group.status.state == State::Failed;
        if stage.groups.iter().any(failed) {
            return chosen;
        }
        let mut room = stage.most().saturating_sub(stage.groups.iter().map(Group::running).sum());
        for (number, group) in stage.groups.iter().enumerate().filter(|(_, group)| group.open) {
            let own = stage.most_of(group).saturating_sub(group.running());
            let mut due: Vec<(u8, usize)> = group.due(now).map(|(place, id)| (rank(id), place)).collect();
            due.sort_unstable();
            let most = usize::try_from(own.min(room)).unwrap_or(usize::MAX);
            let taken: Vec<At> = due.into_iter().take(most).map(|(_, member)| (at, number, member)).collect();
            // What a group may take and does not is left to the next.
            room = room.saturating_sub(u64::try_from(taken.len()).unwrap_or(u64::MAX));
            chosen.extend(taken);
        }
        chosen
    }

    /// Lets a member begin: Fleet looks at its cluster a moment later.
    pub(in crate::simulator::world) fn begin_member(&mut self, at: At, now: Timestamp) {
        if let Some(member) = self.member_mut(at) {
            member.looked_at = now.checked_add(LOOK).ok();
            if member.status.state == State::NotStarted {
                member.message = None;
                member.status.go_on(State::Running, now);
            }
        }
    }

    /// Stops: what runs on goes on by itself, and Fleet does not follow it any more.
    pub(in crate::simulator::world) fn stop(&mut self, now: Timestamp) {
        let stopped = |status: &mut Status| {
            if matches!(status.state, State::Running | State::Pending | State::Stopping) {
                status.end(State::Stopped, now);
            }
        };
        stopped(&mut self.status);
        for stage in &mut self.stages {
            stopped(&mut stage.status);
            for group in &mut stage.groups {
                stopped(&mut group.status);
                group.members.iter_mut().for_each(|member| stopped(&mut member.status));
            }
        }
    }

    /// Begins, or begins again with what is left.
    pub(in crate::simulator::world) fn begin(&mut self, now: Timestamp) {
        self.asked_to_start = false;
        self.looks_from = now.checked_add(START).unwrap_or(now);
        self.status = Status::new();
        for stage in &mut self.stages {
            stage.status.reset();
            for group in &mut stage.groups {
                group.status.reset();
                group.open = false;
                group.members.iter_mut().for_each(Member::reset);
            }
        }
        self.status.go_on(State::Running, now);
    }

    /// Gives a member back that Fleet has not looked at yet: nobody comes after a failure.
    pub(in crate::simulator::world) fn give_back(&mut self, at: At) {
        self.member_mut(at).into_iter().for_each(Member::reset);
    }
}

impl Member {
    /// Goes back to the beginning, unless it is over.
    fn reset(&mut self) {
        if !self.status.is_over() {
            self.status.reset();
            (self.message, self.operation, self.looked_at) = (None, None, None);
            self.pools.clear();
        }
    }
}

impl Stage {
    fn settle(&mut self, now: Timestamp, looks: bool) {
        if wait_for(&mut self.before, now) {
            self.status.state = State::Pending;
            return;
        }
        if !looks {
            return;
        }
        self.groups.iter_mut().filter(|group| !group.status.is_over()).for_each(|group| group.settle(now));
        if self.groups.iter().all(|group| group.status.is_over()) {
            return self.finish(now);
        }
        let failed = self.groups.iter().find_map(|group| group.status.error.as_ref().map(|why| (group, why)));
        if let Some((group, why)) = failed {
            let message = format!("group {} failed: {}", group.name, why.message);
            return self.status.fail(Error { code: why.code.clone(), message }, now);
        }
        let state = rolled_up(self.groups.iter().map(|group| group.status.state));
        if state != State::NotStarted {
            self.status.go_on(state, now);
        }
    }

    /// The after gates and the wait begin together (docs: faq).
    fn finish(&mut self, now: Timestamp) {
        let gates = wait_for(&mut self.after, now);
        let wait = self.wait.as_mut().is_some_and(|wait| wait.goes_on(now));
        if gates || wait {
            self.status.go_on(if gates { State::Pending } else { State::Running }, now);
        } else {
            self.status.end(both(self.groups.iter().map(|group| &group.status)), now);
        }
    }
}

impl Group {
    fn settle(&mut self, now: Timestamp) {
        if self.members.is_empty() {
            self.before.iter_mut().chain(&mut self.after).for_each(|gate| gate.skip(now));
            return self.status.end(State::Skipped, now);
        }
        if wait_for(&mut self.before, now) {
            self.status.state = State::Pending;
            return;
        }
        self.open = true;
        if self.members.iter().all(|member| member.status.is_over()) {
            if wait_for(&mut self.after, now) {
                return self.status.go_on(State::Pending, now);
            }
            return self.status.end(both(self.members.iter().map(|member| &member.status)), now);
        }
        let failed = self.members.iter().find(|member| member.status.state == State::Failed);
        if let Some((member, why)) = failed.and_then(|member| Some((member, member.status.error.as_ref()?))) {
            let message = format!("member {} failed: {}", member.name, why.message);
            return self.status.fail(Error { code: why.code.clone(), message }, now);
        }
        let state = rolled_up(self.members.iter().map(|member| member.status.state));
        if state != State::NotStarted {
            self.status.go_on(state, now);
        }
    }

    fn running(&self) -> u64 {
        self.members.iter().filter(|member| member.runs()).count() as u64
    }

    /// Returns the members whose turn it may be, with the ids of their clusters.
    fn due(&self, now: Timestamp) -> impl Iterator<Item = (usize, &str)> {
        let due = move |(_, member): &(usize, &Member)| match member.status.state {
            State::NotStarted => true,
            State::Pending => member.looked_at.is_none_or(|at| at <= now),
            _ => false,
        };
        self.members.iter().enumerate().filter(due).map(|(place, member)| (place, member.cluster.as_str()))
    }
}

impl crate::simulator::world::fleet::run::Wait {
    /// Tells whether the wait goes on, and begins it.
    fn goes_on(&mut self, now: Timestamp) -> bool {
        if self.status.is_over() {
            return false;
        }
        self.status.go_on(State::Running, now);
        let over = self.ends().filter(|end| *end <= now);
        if let Some(end) = over {
            self.status.end(State::Completed, end);
        }
        over.is_none()
    }

    /// Returns when it is over; none before it has begun.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        let seconds = i64::try_from(self.seconds).unwrap_or(i64::MAX);
        self.status.started?.checked_add(SignedDuration::from_secs(seconds)).ok()
    }
}

impl Gate {
    pub(super) fn skip(&mut self, now: Timestamp) {
        if !self.status.is_over() {
            self.status.end(State::Skipped, now);
        }
    }
}

/// Opens the gates that have not been reached yet, and tells whether one is still closed.
fn wait_for(gates: &mut [Gate], now: Timestamp) -> bool {
    let unreached = gates.iter_mut().filter(|gate| gate.status.state == State::NotStarted);
    unreached.for_each(|gate| gate.status.go_on(State::Pending, now));
    gates.iter().any(|gate| !gate.status.is_over())
}

/// Pending when everything that is not over is pending or has not begun.
fn rolled_up(parts: impl Iterator<Item = State>) -> State {
    let parts: Vec<State> = parts.collect();
    let is = |wanted| parts.contains(&wanted);
    match () {
        () if is(State::Running) => State::Running,
        () if is(State::Pending) => State::Pending,
        () if is(State::Completed) => State::Running,
        () => State::NotStarted,
    }
}

/// Skipped when all parts were, completed otherwise.
fn both<'a>(mut parts: impl Iterator<Item = &'a Status>) -> State {
    if parts.all(|part| part.state == State::Skipped) { State::Skipped } else { State::Completed }
}
