//! What the caller's roles allow, by name, held against what this program calls.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::arm::client::Client;
use crate::arm::id::ClusterId;
use crate::arm::permission::{Need, Permission, ROLE, Scope, allows};
use crate::cli::doctor::finding::Finding;
use crate::provider::words::errors::sentence;

/// Holds the caller's roles at every cluster, and at their subscriptions, against what upgrades call.
pub async fn examine(client: &Client, clusters: &[ClusterId], findings: &mut Vec<Finding>) {
    for id in clusters {
        findings.extend(at(client, &id.to_string(), Scope::Cluster).await);
    }
    let subscriptions: BTreeSet<&str> = clusters.iter().map(ClusterId::subscription).collect();
    for subscription in subscriptions {
        findings.extend(at(client, &format!("/subscriptions/{subscription}"), Scope::Subscription).await);
    }
}

/// Returns a finding for each action that is missing at a scope, or one that none is.
async fn at(client: &Client, scope: &str, wanted: Scope) -> Vec<Finding> {
    let subject = scope.rsplit('/').next().unwrap_or(scope);
    match client.permissions(scope).await {
        Ok(roles) => of_roles(&roles.body, subject, scope, wanted),
        Err(error) => {
            let fix = "Allow Microsoft.Authorization/permissions/read to see what is missing; every built-in role that can read has it. Upgrades do without it.";
            vec![Finding::note("permission", subject, sentence(&error), fix)]
        }
    }
}

fn of_roles(roles: &Value, subject: &str, scope: &str, wanted: Scope) -> Vec<Finding> {
    let asked = ROLE.iter().filter(|permission| permission.scope == wanted);
    let missing: Vec<&Permission> = asked.clone().filter(|one| !allows(roles, one.action)).collect();
    if missing.is_empty() {
        let message = format!("all {} actions are allowed", asked.count());
        return vec![Finding::good("permission", subject, message)];
    }
    missing.into_iter().map(|permission| lacks(permission, subject, scope)).collect()
}

fn lacks(permission: &Permission, subject: &str, scope: &str) -> Finding {
    let Permission { action, need, what, .. } = permission;
    let fix =
        format!("Assign a role with {action} at {scope}, or above it: docs/guides/security.md has one.");
    match need {
        Need::Always => {
            Finding::bad("permission", subject, format!("{action} is not allowed, which {what}"), fix)
        }
        Need::Images => {
            let who = "node_image, aks_node_image and the repair of a pool on an old image need it";
            Finding::note("permission", subject, format!("{action} is not allowed, which {what}: {who}"), fix)
        }
        Need::AksWindows => {
            let who = "executor = \"aks\" and aks_maintenance_configuration need it";
            Finding::note("permission", subject, format!("{action} is not allowed, which {what}: {who}"), fix)
        }
        Need::Telling => {
            Finding::note("permission", subject, format!("{action} is not allowed: {what}"), fix)
        }
    }
}
