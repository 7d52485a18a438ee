//! The room that talks to Azure.

// Clippy knows test functions, but not the helpers that they share.
#![allow(clippy::unwrap_used)]

pub mod cassette;
pub mod client;
mod credentials;
mod error;
mod hostile;
mod id;
mod limiter;
mod maintenance;
mod operation;
mod permission;
mod recorded;
mod redact;
mod replay;
mod request;
mod response;
mod retry;
pub mod script;
mod swagger;

use terraform_provider_aks::arm::id::ClusterId;

pub const SUBSCRIPTION: &str = "11111111-2222-3333-4444-555555555555";

/// Returns the id of the cluster `prod` in `my-rg`.
pub fn prod() -> ClusterId {
    path().parse().unwrap()
}

pub fn path() -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/my-rg/providers/Microsoft.ContainerService/managedClusters/prod"
    )
}
