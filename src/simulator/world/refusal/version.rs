//! What AKS refuses of versions and node images.

use crate::simulator::world::refusal::Refusal;

impl Refusal {
    pub(in crate::simulator::world) fn not_offered(from: &str, to: &str, offers: &[String]) -> Self {
        let message = format!(
            "Upgrading Kubernetes version {from} to {to} is not allowed. Available upgrades: [{}]. Please see https://aka.ms/aks-supported-k8s-ver for version details.",
            offers.join(" ")
        );
        Refusal::provider(400, "OperationNotAllowed", "", message)
    }

    pub(in crate::simulator::world) fn unsupported(name: &str, version: &str) -> Self {
        let message = format!(
            "Managed cluster {name} is on version {version} which is not supported in this region. {GET_VERSIONS}"
        );
        Refusal::provider(400, "K8sVersionNotSupported", "", message)
    }

    pub(in crate::simulator::world) fn long_term_only(name: &str, version: &str) -> Self {
        let message = format!(
            "Managed cluster {name} is on version {version}, which is only available for Long-Term Support (LTS). If you intend to onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan (see https://aka.ms/aks/enable-lts). Otherwise, use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list"
        );
        Refusal::provider(400, "K8sVersionNotSupported", "", message)
    }

    /// Ours: that it is refused is in the changelog of 2024-08-05.
    pub(in crate::simulator::world) fn long_term_pool(pool: &str, version: &str) -> Self {
        let message = format!(
            "Upgrading the cluster is not allowed: agent pool {pool} is on version {version}, which has no long-term support. Please upgrade the agent pool first."
        );
        Self::provider(400, "OperationNotAllowed", "", message)
    }

    /// Ours: that such pools take no upgrades of their own was reported (Azure/azure-cli#33693).
    pub(in crate::simulator::world) fn pool_of_machines(pool: &str) -> Self {
        let message = format!(
            "Operation is not allowed: agent pool {pool} is of mode Machines; its nodes are upgraded one by one."
        );
        Self::provider(400, "OperationNotAllowed", "", message)
    }

    /// Reported for versions that are none (MicrosoftDocs/azure-docs#35696, Azure/AKS#1096).
    pub(in crate::simulator::world) fn no_version(target: &str) -> Self {
        let message = format!(
            "The value of parameter {target} is invalid. Please see https://aka.ms/aks-naming-rules for more details."
        );
        Self::invalid(target, message)
    }

    pub(in crate::simulator::world) fn pool_unsupported(version: &str) -> Self {
        let message = format!("Version {version} is not supported in this region. {GET_VERSIONS}");
        Refusal::provider(400, "AgentPoolK8sVersionNotSupported", "", message)
    }

    /// Ours: the code is Azure's, its text was not found.
    pub(in crate::simulator::world) fn pool_downgrade(from: &str, to: &str) -> Self {
        let message = format!("Upgrading agent pool from version {from} to {to} is not allowed.");
        Refusal::provider(400, "AgentPoolUpgradeVersionNotAllowed", "", message)
    }

    pub(in crate::simulator::world) fn pool_too_old(pool: (u32, &str), control_plane: (u32, &str)) -> Self {
        let message = format!(
            "Node pool version {} and control plane version {} is/are incompatible. Minor version of node pool cannot be more than 3 versions less than control plane's version. Minor version of node pool is {} and control plane is {}. For more information, please check https://aka.ms/aks/UpgradeVersionRules",
            pool.1, control_plane.1, pool.0, control_plane.0
        );
        Refusal::provider(400, "NodePoolMcVersionIncompatible", "", message)
    }

    pub(in crate::simulator::world) fn pool_too_new(pool: &str, control_plane: &str) -> Self {
        let message = format!(
            "Node pool version {pool} and control plane version {control_plane} is/are incompatible. Minor version of node pool version {pool} is bigger than control plane version {control_plane}. For more information, please check https://aka.ms/aks/UpgradeVersionRules"
        );
        Refusal::provider(400, "NodePoolMcVersionIncompatible", "", message)
    }

    pub(in crate::simulator::world) fn mixed_pools() -> Self {
        let message = "Using managed cluster api, all Agent pools' OrchestratorVersion must be all specified or all unspecified. If all specified, they must be stay unchanged or the same with control plane. For agent pool specific change, please use per agent pool operations: https://aka.ms/agent-pool-rest-api";
        Refusal::provider(400, "NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged", "", message)
    }

    pub(in crate::simulator::world) fn image_not_accepted(wanted: &str, current: &str) -> Self {
        let message = format!(
            "NodeImageVersion '{wanted}' is not accepted. NodeImageVersion can only be current version '{current}' or 'latest'"
        );
        Refusal::provider(400, "NodeImageVersion", "", message)
    }

    /// Ours: that such an upgrade is refused is documented, its text was not found.
    pub(in crate::simulator::world) fn os_ended(pool: &str, os_sku: &str, version: &str) -> Self {
        let message = format!(
            "Agent pool {pool} cannot run Kubernetes version {version}: OS SKU {os_sku} is not supported on it. Please change the OS SKU or replace the pool first. For more information, please check https://aka.ms/aks/upgrade-os-version"
        );
        Self::provider(400, "AgentPoolK8sVersionNotSupported", "", message)
    }

    /// The code is Azure's; that both cannot move at once is documented (spot-node-pool). The text is ours.
    pub(in crate::simulator::world) fn spot_with_control_plane(pool: &str) -> Self {
        let message = format!(
            "Spot agent pool {pool} cannot be upgraded together with the control plane. Please upgrade the control plane and the node pools separately."
        );
        Self::provider(400, "SpotPoolUpgradeNotAllowedDuringClusterUpgradeAll", "", message)
    }

    /// Azure/AKS#4975, Azure/AgentBaker#6229.
    pub(in crate::simulator::world) fn image_too_old(configuration: &str) -> Self {
        let message = format!(
            "ConfigurationVersion '{configuration}' is not supported for AgentBaker. Please upgrade agent pool to the latest NodeImageVersion."
        );
        Self::provider(400, "BadRequest", "", message)
    }

    /// Ours.
    pub(in crate::simulator::world) fn rollback_under_channel(pool: &str) -> Self {
        let message = format!(
            "Rolling back agent pool {pool} is not allowed while auto-upgrade is enabled. Please set upgradeChannel to none and try again."
        );
        Refusal::provider(400, "OperationNotAllowed", "", message)
    }
}

const GET_VERSIONS: &str = "Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list";
