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
    /// How many nodes cannot be drained, or are not to be, where `ends` is `quarantine` or `pause`.
    #[serde(default = "once")]
    pub nodes: u32,
    /// The error's code; `UpgradeFailed`, or of a cancelled operation `Canceled`, unless given.
    #[serde(default)]
    pub code: Option<String>,
    /// The error's text; a drain that failed, or of a cancelled operation that a user did it, unless given.
    #[serde(default)]
    pub message: Option<String>,
}

impl Outcome {
    /// Returns the outcome of the next operation, whatever it is.
    pub(super) fn once(ends: Ending) -> Self {
        let (cluster, pool, kind, code, message) = (None, None, None, None, None);
        Outcome { cluster, pool, kind, ends, times: 1, nodes: 1, code, message }
    }

    /// Checks that every key has an effect.
    ///
    /// # Errors
    ///
    /// The key that has none, and why, such as of `nodes = 3` beside `ends = "fail"`.
    pub(super) fn check(&self) -> Result<(), (&'static str, String)> {
        let nodes = matches!(self.ends, Ending::Quarantine | Ending::Pause);
        let error = matches!(self.ends, Ending::Fail | Ending::Cancel | Ending::Quarantine);
        match self {
            Outcome { times: 0, .. } => Err(("times", "it ends no operation so; give 1 or more.".into())),
            Outcome { nodes: 0, .. } => Err(("nodes", "it holds up no node; give 1 or more.".into())),
            Outcome { nodes: 2.., .. } if !nodes => {
                Err(("nodes", "only an operation that ends in quarantine or pause leaves nodes.".into()))
            }
            Outcome { code: Some(_), .. } if !error => Err(("code", NO_ERROR.into())),
            Outcome { message: Some(_), .. } if !error => Err(("message", NO_ERROR.into())),
            _ => Ok(()),
        }
    }

    /// Returns code and text of the error; none of a cancelled operation for which the scenario gives none.
    pub(super) fn error(&self, ends: Ending) -> Option<(String, String)> {
        let (code, message) = (self.code.clone(), self.message.clone());
        match ends {
            Ending::Cancel if code.is_none() && message.is_none() => None,
            _ => Some((code.unwrap_or_else(|| CODE.into()), message.unwrap_or_else(|| DRAIN.into()))),
        }
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
    /// In the middle of the work: state `Canceled`. With a `code` or `message` AKS did it and says why,
    /// otherwise it is as if somebody had aborted it.
    Cancel,
    /// Never, unless it is aborted.
    Hang,
    /// Well, but its status says `InProgress` for ever (Azure/AKS#1968).
    Stuck,
    /// As the pool's `undrainableNodeBehavior` has it when `nodes` of its nodes cannot be drained. `Schedule`:
    /// state `Failed`, in the middle. `Cordon`: those nodes are quarantined and all others upgraded; then
    /// state `Failed`, or `Canceled` when there are more of them than surge nodes (docs: upgrade-options), of which
    /// each stays in the place of a quarantined node.
    Quarantine,
    /// Well, without `nodes` nodes that are labelled as paused (Azure/AKS#5944).
    Pause,
}

/// Why an error is not told.
const NO_ERROR: &str = "an operation that ends so tells no error.";

/// The code of an upgrade that failed.
const CODE: &str = "UpgradeFailed";
/// What AKS says of a node that cannot be drained.
const DRAIN: &str = "Drain node aks-user-31466537-vmss000000 failed when evicting pod web-0 failed with Too Many Requests error. This is often caused by a restrictive Pod Disruption Budget (PDB) policy. See https://aka.ms/aks/debugdrainfailures. Original error: Cannot evict pod as it would violate the pod's disruption budget.. PDB debug info: default/web-0 blocked by pdb web with 0 unready pods.";
/// What AKS says when more nodes are quarantined than there are surge nodes.
pub(super) const SURGE_USED_UP: &str = "Cordoned nodes have used all surge nodes but there are more nodes to be upgraded. Please fix your PDBs blocking node drain and kindly retry upgrade operation. ";

fn once() -> u32 {
    1
}
