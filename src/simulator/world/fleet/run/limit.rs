//! How many clusters are upgraded at a time: `maxConcurrency`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A number of clusters, or a share of them in percent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::simulator::world) enum Limit {
    Count(u64),
    Percent(u64),
}

impl Limit {
    /// Reads the `maxConcurrency` of a stage or group.
    pub(super) fn of(owner: &Value) -> Option<Self> {
        Self::parse(owner["maxConcurrency"].as_str()?)
    }

    /// Reads `"3"` or `"25%"`; the least is 1, the most 100%.
    pub(in crate::simulator::world) fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('%') {
            Some(share) => share.parse().ok().filter(|share| (1..=100).contains(share)).map(Self::Percent),
            None => text.parse().ok().filter(|count| *count >= 1).map(Self::Count),
        }
    }

    /// Returns how many of `all` clusters it means: a fraction is rounded down, and the least is one.
    pub(super) fn of_clusters(&self, all: u64) -> u64 {
        match self {
            Self::Count(count) => *count,
            Self::Percent(share) => (all * share / 100).max(1),
        }
    }
}
