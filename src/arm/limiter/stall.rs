//! How long a process is held back by Azure's limits, all its requests together.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::arm::limiter::limit::Limit;

/// Who is held back that long wants to know why.
const WORTH_A_LINE: Duration = Duration::from_secs(10);

/// What held a process back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldBack {
    /// The limit that took the most time.
    pub limit: Limit,
    /// For how long at least one request waited for a limit.
    pub time: Duration,
}

/// Adds up the time during which at least one request waits for a limit.
#[derive(Default)]
pub(super) struct Stall {
    since: Option<Instant>,
    /// What is waited for at the moment.
    limits: BTreeSet<Limit>,
    total: Duration,
    by_limit: BTreeMap<Limit, Duration>,
    told: bool,
}

impl Stall {
    /// Takes note of what is waited for from now on.
    pub(super) fn note(&mut self, now: Instant, limits: BTreeSet<Limit>) {
        if let Some(since) = self.since {
            let passed = now.saturating_duration_since(since);
            self.total += passed;
            self.limits.iter().for_each(|limit| *self.by_limit.entry(*limit).or_default() += passed);
        }
        self.since = (!limits.is_empty()).then_some(now);
        self.limits = limits;
    }

    /// Returns when the wait becomes worth a line, should it go on.
    pub(super) fn due(&self) -> Option<Instant> {
        let since = self.since.filter(|_| !self.told)?;
        Some(since + WORTH_A_LINE.saturating_sub(self.total))
    }

    /// Returns what to tell, once in the life of a process.
    pub(super) fn tell(&mut self) -> Option<HeldBack> {
        let worth = !self.told && self.total >= WORTH_A_LINE;
        self.told |= worth;
        self.held_back().filter(|_| worth)
    }

    /// Returns what held the process back, if that was worth a line.
    pub(super) fn held_back(&self) -> Option<HeldBack> {
        let (limit, _) = self.by_limit.iter().max_by_key(|(_, time)| **time)?;
        Some(HeldBack { limit: *limit, time: self.total }).filter(|held| held.time >= WORTH_A_LINE)
    }
}
