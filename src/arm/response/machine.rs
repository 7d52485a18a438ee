//! The machines of a pool, and how far an upgrade has come with them.
//!
//! Azure says how many nodes are done only to whoever has the operation's own URL. Anybody else
//! counts the machines: those that are done carry the new version and the new image already.

use serde_json::Value;

use crate::arm::operation::Nodes;
use crate::arm::response::{LONGEST_WORD, list, text};
use crate::arm::text::plain;

/// Azure's word for a pool that gets a new node image and no new version.
pub const UPGRADING_IMAGE: &str = "UpgradingNodeImageVersion";

/// What a pool's nodes are to become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeTarget {
    /// The Kubernetes version; `None` when any will do.
    pub version: Option<String>,
    /// The node image; `None` when any will do.
    pub image: Option<String>,
}

/// Reads from a cluster's body which version a pool's nodes are to have: `orchestratorVersion`, which is only intent.
#[must_use]
pub fn intended_version(cluster: &Value, pool: &str) -> Option<String> {
    let profile =
        list(&cluster["properties"], "agentPoolProfiles").find(|profile| profile["name"] == pool)?;
    // An alias such as "1.34" names no version that a machine could have.
    let wanted = text(profile, "orchestratorVersion");
    (wanted.split('.').count() == 3).then(|| plain(wanted, LONGEST_WORD))
}

/// Counts in a list of `machines` those that are what they are to become.
#[must_use]
pub fn nodes_done(machines: &Value, target: &NodeTarget) -> Nodes {
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|wanted| wanted == found);
    let done = |machine: &&Value| {
        let properties = &machine["properties"];
        is(&target.version, text(&properties["kubernetes"], "currentOrchestratorVersion"))
            && is(&target.image, text(properties, "nodeImageVersion"))
    };
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Nodes {
        done: count(list(machines, "value").filter(done).count()),
        of: count(list(machines, "value").count()),
    }
}
