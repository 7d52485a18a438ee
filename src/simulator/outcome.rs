//! How an operation ends, other than well.

use serde::{Deserialize, Serialize};

/// A scripted end of an operation; the first that fits is used up by the operation that starts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// The cluster's name; any, when it is not given.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The pool whose work goes wrong; any, when it is not given.
    #[serde(default)]
    pub pool: Option<String>,
    /// Which operation: `upgrade`, `image` or `settings`; any, when it is not given.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// How it ends.
    pub ends: Ending,
    /// How many operations end so.
    #[serde(default = "once")]
    pub times: u32,
    /// The error's code.
    #[serde(default = "code")]
    pub code: String,
    /// The error's text.
    #[serde(default = "message")]
    pub message: String,
}

impl Outcome {
    /// Returns the outcome of the next operation, whatever it is.
    pub(super) fn once(ends: Ending) -> Self {
        Outcome { cluster: None, pool: None, kind: None, ends, times: 1, code: code(), message: message() }
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Moves a Kubernetes version.
    Upgrade,
    /// Moves a node image.
    Image,
    /// Changes anything else.
    Settings,
}

/// How an operation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// In the middle of the work: state `Failed`, some nodes upgraded.
    Fail,
    /// In the middle of the work, as if somebody aborted it: state `Canceled`.
    Cancel,
    /// Never, unless it is aborted.
    Hang,
    /// Well, but its status says `InProgress` for ever (Azure/AKS#1968).
    Stuck,
}

fn once() -> u32 {
    1
}

fn code() -> String {
    "UpgradeFailed".into()
}

fn message() -> String {
    "Drain node aks-user-31466537-vmss000000 failed when evicting pod web-0 failed with Too Many Requests error. This is often caused by a restrictive Pod Disruption Budget (PDB) policy. See https://aka.ms/aks/debugdrainfailures. Original error: Cannot evict pod as it would violate the pod's disruption budget.. PDB debug info: default/web-0 blocked by pdb web with 0 unready pods.".into()
}
