//! The documentation: the reference is what the schema says, and the examples work.
//!
//! `UPDATE_DOCS=1 cargo test --test it house::docs::reference` writes `docs/` anew.

// Helpers may fail like the tests they serve; clippy only sees the tests.
#![allow(clippy::unwrap_used)]

mod examples;
mod guides;
mod reference;
mod render;
mod rules;
mod terraform;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::resource::Resource;

/// The prefix of every type.
const PREFIX: &str = "aks_";

fn provider() -> Aks {
    Aks::new(|_| None)
}

fn resources() -> Vec<Arc<dyn Resource>> {
    provider().resources()
}

/// Returns a path in the project.
fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns the files below a folder of the project, as paths from there with slashes, in order.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![project(folder)];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                let inside = entry.strip_prefix(project(folder)).unwrap();
                found.push(inside.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}
