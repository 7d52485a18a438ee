//! What a role has to allow: the action that Azure checks for each request, and what is lost without it.
//!
//! Azure names the action after the type and the method: reading `managedClusters/agentPools` is
//! `Microsoft.ContainerService/managedClusters/agentPools/read`, a POST ends in `/action`.

use serde_json::Value;

/// Where a role has to be assigned at least for an action to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The cluster, or above it.
    Cluster,
    /// The subscription: what is asked for belongs to no cluster.
    Subscription,
}

/// Who cannot do without an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Every plan and apply.
    Always,
    /// `node_image`, `aks_node_image`, and the repair of a pool that nothing but a newer image helps.
    Images,
    /// `executor = "aks"` and `aks_maintenance_configuration`.
    AksWindows,
    /// Nobody: an upgrade goes on, and less is told.
    Telling,
}

/// An action that a role allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// As it stands in a role definition.
    pub action: &'static str,
    /// Where it is checked.
    pub scope: Scope,
    /// Who needs it.
    pub need: Need,
    /// What it is for, or what is lost without it.
    pub what: &'static str,
}

const fn of(action: &'static str, scope: Scope, need: Need, what: &'static str) -> Permission {
    Permission { action, scope, need, what }
}

/// Every action that this program calls, and no other.
#[rustfmt::skip]
pub const ROLE: [Permission; 17] = [
    of("Microsoft.ContainerService/managedClusters/read", Scope::Cluster, Need::Always, "reads the cluster"),
    of("Microsoft.ContainerService/managedClusters/write", Scope::Cluster, Need::Always, "upgrades the control plane"),
    of("Microsoft.ContainerService/managedClusters/upgradeProfiles/read", Scope::Cluster, Need::Always, "reads the versions that Azure offers"),
    of("Microsoft.ContainerService/managedClusters/agentPools/read", Scope::Cluster, Need::Always, "reads the pools"),
    of("Microsoft.ContainerService/managedClusters/agentPools/write", Scope::Cluster, Need::Always, "upgrades a pool"),
    of("Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles/read", Scope::Cluster, Need::Always, "reads the node image that Azure offers"),
    of("Microsoft.ContainerService/managedClusters/agentPools/upgradeNodeImageVersion/action", Scope::Cluster, Need::Images, "replaces the node image of a pool"),
    of("Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read", Scope::Cluster, Need::AksWindows, "reads the windows of AKS"),
    of("Microsoft.ContainerService/managedClusters/maintenanceConfigurations/write", Scope::Cluster, Need::AksWindows, "keeps the windows of AKS"),
    of("Microsoft.ContainerService/managedClusters/maintenanceConfigurations/delete", Scope::Cluster, Need::AksWindows, "removes a window of AKS with its resource"),
    of("Microsoft.ContainerService/locations/operations/read", Scope::Subscription, Need::Telling, "what runs is followed by reading the cluster without it, and why it failed may not be told"),
    of("Microsoft.ContainerService/locations/kubernetesVersions/read", Scope::Subscription, Need::Telling, "the channels stable and rapid have no target without it, and previews are not told from releases"),
    of("Microsoft.ContainerService/locations/nodeImageVersions/read", Scope::Subscription, Need::Telling, "the images of many clusters are read one by one without it"),
    of("Microsoft.ContainerService/managedClusters/agentPools/machines/read", Scope::Cluster, Need::Telling, "the nodes that are done are not counted without it"),
    of("Microsoft.ContainerService/fleets/read", Scope::Subscription, Need::Telling, "update runs of Fleets are not seen without it"),
    of("Microsoft.ContainerService/fleets/updateRuns/read", Scope::Subscription, Need::Telling, "update runs of Fleets are not seen without it"),
    of("Microsoft.Authorization/permissions/read", Scope::Cluster, Need::Telling, "doctor cannot name what a role lacks without it"),
];

/// Tells whether the roles of a caller allow an action: the answer to
/// [`permissions`](crate::arm::request::permissions), one entry a role, each with what it takes back itself.
///
/// ```
/// use serde_json::json;
/// use terraform_provider_aks::arm::permission::allows;
///
/// let roles = json!({ "value": [{ "actions": ["*/read"], "notActions": ["Microsoft.ContainerService/fleets/*"] }] });
/// assert!(allows(&roles, "Microsoft.ContainerService/managedClusters/read"));
/// assert!(!allows(&roles, "Microsoft.ContainerService/fleets/read"));
/// ```
#[must_use]
pub fn allows(roles: &Value, action: &str) -> bool {
    let any = |role: &Value, list: &str| {
        let patterns = role[list].as_array().into_iter().flatten().filter_map(Value::as_str);
        patterns.into_iter().any(|pattern| fits(pattern, action))
    };
    let roles = roles["value"].as_array().into_iter().flatten();
    roles.into_iter().any(|role| any(role, "actions") && !any(role, "notActions"))
}

/// Tells whether an action fits a pattern, in any case; `*` stands for anything, slashes included.
fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == action };
    let Some(mut left) = action.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}
