//! Functions: what a configuration may ask without a cloud, `provider::aks::in_window(…)`.
//!
//! | module | |
//! |---|---|
//! | [`versions`] | Kubernetes versions: which is at least another, and the way from one to another. |
//! | [`images`] | What the name of a node image says. |
//! | [`windows`] | When something may start: openings, and whether one is open. |
//!
//! Each is a pure function of its arguments: Terraform calls it in every phase and compares the results.

mod versions;
mod images;
mod windows;

use std::sync::Arc;

use crate::terraform::function::Function;

/// Returns every function of the provider.
pub fn all() -> Vec<Arc<dyn Function>> {
    vec![
        Arc::new(windows::InWindow),
        Arc::new(windows::NextWindows),
        Arc::new(images::ParseNodeImage),
        Arc::new(versions::UpgradePath),
        Arc::new(versions::VersionAtLeast),
    ]
}
