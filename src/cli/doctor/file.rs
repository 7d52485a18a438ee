//! Who else owns a cluster in a configuration: azurerm's attributes in a plan or a state.

use std::path::Path;

use serde_json::Value;

use crate::cli::doctor::finding::Finding;
use crate::cli::shown::{self, Shown};

const CLUSTER: &str = "azurerm_kubernetes_cluster";

/// Finds azurerm's attributes that upgrade a cluster, too.
///
/// # Errors
///
/// A file that cannot be read, or that Terraform did not print.
pub fn findings(file: &Path) -> anyhow::Result<Vec<Finding>> {
    let clusters = shown::resources(file, &[CLUSTER])?;
    if clusters.is_empty() {
        let message = format!("{} holds no {CLUSTER}", shown::name(file));
        return Ok(vec![Finding::good("owner", "", message)]);
    }
    Ok(clusters.iter().flat_map(of_cluster).collect())
}

fn of_cluster(cluster: &Shown) -> Vec<Finding> {
    let Shown { address, values, before, .. } = cluster;
    let mut found = Vec::new();
    if let Some(channel) = values["automatic_upgrade_channel"].as_str().filter(|channel| *channel != "none") {
        let message =
            format!("automatic_upgrade_channel is \"{channel}\", so AKS upgrades the cluster by itself");
        found.push(Finding::bad("owner", address, message, "Leave automatic_upgrade_channel out."));
    }
    if let Some(channel) = values["node_os_upgrade_channel"].as_str().filter(|channel| *channel != "None") {
        let message =
            format!("node_os_upgrade_channel is \"{channel}\", so AKS replaces node images by itself");
        let fix = "Write node_os_upgrade_channel = \"None\" where a policy keeps the images.";
        found.push(Finding::note("owner", address, message, fix));
    }
    for (name, was, is) in before.iter().flat_map(|before| versions(before, values)) {
        let message = format!("this plan changes {name} from {was} to {is}, which is the policy's to do");
        let fix = format!("Leave {name} out in azurerm, or put it under ignore_changes.");
        found.push(Finding::bad("owner", address, message, fix));
    }
    if found.is_empty() {
        found.push(Finding::good("owner", address, "azurerm leaves versions and channels alone"));
    }
    found
}

/// Returns the attributes with a version that a plan changes: their names, what they were, and what they become.
fn versions<'a>(before: &'a Value, after: &'a Value) -> Vec<(&'static str, &'a str, &'a str)> {
    let places = [
        ("kubernetes_version", "/kubernetes_version"),
        ("default_node_pool[0].orchestrator_version", "/default_node_pool/0/orchestrator_version"),
    ];
    let text = |value: &'a Value, place: &str| value.pointer(place).and_then(Value::as_str);
    let changed = places.into_iter().filter_map(|(name, place)| {
        let (was, is) = text(before, place).zip(text(after, place))?;
        (was != is).then_some((name, was, is))
    });
    changed.collect()
}
