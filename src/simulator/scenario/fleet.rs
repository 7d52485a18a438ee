//! `[[fleet]]`: a Fleet with one update run, as far as its lists show it.

use serde::{Deserialize, Serialize};

/// A Fleet with one update run. The run upgrades nothing: who watches it sees what its lists say.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fleet {
    /// The Fleet's name; it lies beside its first cluster.
    pub name: String,
    /// The name of its update run.
    pub run: String,
    /// How far the run is: `NotStarted`, `Pending`, `Running`, `Stopping`, `Stopped`, `Completed`, `Failed`.
    #[serde(default = "running")]
    pub state: String,
    /// The clusters on its list, by name.
    pub clusters: Vec<String>,
}

fn running() -> String {
    "Running".to_owned()
}
