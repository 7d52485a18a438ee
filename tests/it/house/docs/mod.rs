//! The documentation: the reference is what the schema says, and the examples work.
//!
//! `UPDATE_DOCS=1 cargo test --test it house::docs::reference` writes `docs/` anew.

// Helpers may fail like the tests they serve; clippy only sees the tests.
#![allow(clippy::unwrap_used)]

mod examples;
mod faults;
mod guides;
mod reference;
mod render;
mod role;
mod rules;
mod scenario;
mod terraform;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::terraform::data_source::DataSource;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::resource::Resource;
use terraform_provider_aks::terraform::schema::Schema;

/// The prefix of every type.
const PREFIX: &str = "aks_";

fn provider() -> Aks {
    Aks::new(|_| None)
}

fn resources() -> Vec<Arc<dyn Resource>> {
    provider().resources()
}

fn data_sources() -> Vec<Arc<dyn DataSource>> {
    provider().data_sources()
}

/// Something with a schema: what its kind is called, where it is described, and by which example.
struct Thing {
    kind: &'static str,
    folder: &'static str,
    example: &'static str,
    name: &'static str,
    schema: Schema,
}

/// Returns everything that has a schema, the provider aside.
fn things() -> Vec<Thing> {
    let provider = provider();
    let thing = |kind, folder, example| move |name, schema| Thing { kind, folder, example, name, schema };
    let resource = thing("Resource", "resources", "resource.tf");
    let data_source = thing("Data Source", "data-sources", "data-source.tf");
    let action = thing("Action", "actions", "action.tf");
    let list = thing("List Resource", "list-resources", "list-resource.tfquery.hcl");
    let resources = provider.resources().into_iter().map(|r| resource(r.type_name(), r.schema()));
    let data_sources = provider.data_sources().into_iter().map(|d| data_source(d.type_name(), d.schema()));
    let actions = provider.actions().into_iter().map(|a| action(a.type_name(), a.schema()));
    let lists = provider.list_resources().into_iter().map(|l| list(l.type_name(), l.schema()));
    resources.chain(data_sources).chain(actions).chain(lists).collect()
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
