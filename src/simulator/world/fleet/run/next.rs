//! When a run goes on by itself.

use jiff::Timestamp;

use crate::simulator::world::fleet::run::{NEVER, Run, State, Wait};

impl Run {
    /// Returns the next instant after `now` at which a member is looked at or a wait is over; the ends of
    /// operations on clusters come beside these.
    pub(in crate::simulator::world) fn next_instant(&self, now: Timestamp) -> Timestamp {
        if !self.goes_on() {
            return NEVER;
        }
        let looks = self.members().filter(|(_, member)| match member.status.state {
            State::Running => member.operation.is_none(),
            State::Pending => true,
            _ => false,
        });
        let looks = looks.filter_map(|(_, member)| member.looked_at);
        let waits = self.stages.iter().filter_map(|stage| stage.wait.as_ref()?.pending());
        looks.chain(waits).chain([self.looks_from]).filter(|at| *at > now).min().unwrap_or(NEVER)
    }

    /// Returns the operations on clusters that it follows.
    pub(in crate::simulator::world) fn follows(&self) -> impl Iterator<Item = &str> {
        let running = self.members().filter(|(_, member)| member.runs());
        running.filter_map(|(_, member)| member.operation.as_deref())
    }
}

impl Wait {
    fn pending(&self) -> Option<Timestamp> {
        if self.status.is_over() { None } else { self.ends() }
    }
}
