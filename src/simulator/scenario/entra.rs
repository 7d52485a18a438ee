//! `[entra]`: who is let in, and what they may do.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// Who is let in, and what they may do; everybody and everything, unless given.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Entra {
    /// The only client secret that is taken; any, when it is not given.
    pub secret: Option<String>,
    /// The virtual time after which a token has expired; never, when it is not given.
    pub token_lives: Option<SignedDuration>,
    /// The actions that are allowed, such as `Microsoft.ContainerService/managedClusters/read` or
    /// `Microsoft.ContainerService/*`; all, when it is not given.
    pub allow: Option<Vec<String>>,
}
