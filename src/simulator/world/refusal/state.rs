//! What AKS refuses because of what is there, or of what goes on.

use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::route::Place;

impl Refusal {
    /// What the resource provider says while the gateway still believes in the cluster.
    pub(in crate::simulator::world) fn cluster_gone(place: &Place) -> Self {
        let Place { subscription, group, name } = place;
        let message = format!(
            "Could not find managed cluster resource: {name} in subscription: {subscription}, resourceGroup: {group}."
        );
        Refusal::provider(404, "NotFound", "GetManagedCluster_NotFound_HCPServerError", message)
            .detail("rpc error: code = NotFound desc = Managed Cluster not found")
    }

    pub(in crate::simulator::world) fn no_pool(place: &Place, pool: &str) -> Self {
        let Place { subscription, group, name } = place;
        let message = format!(
            "Could not find the agentpool: {pool} in subscription: {subscription}, resourceGroup: {group}, resourceName: {name}."
        );
        Refusal::provider(404, "NotFound", "GetAgentPool_NotFound_HCPServerError", message)
            .detail("rpc error: code = NotFound desc = Agent Pool not found")
    }

    pub(in crate::simulator::world) fn no_machine() -> Self {
        Refusal::provider(404, "NotFound", "GetMachine_NotFound_HCPServerError", "The entity was not found.")
            .detail("rpc error: code = NotFound desc = Machine not found")
    }

    /// Ours.
    pub(in crate::simulator::world) fn no_maintenance(place: &Place, config: &str) -> Self {
        let Place { subscription, group, name } = place;
        let message = format!(
            "Could not find the maintenance configuration: {config} in subscription: {subscription}, resourceGroup: {group}, resourceName: {name}."
        );
        Refusal::provider(404, "NotFound", "GetMaintenanceConfiguration_NotFound", message)
    }

    /// Ours.
    pub(in crate::simulator::world) fn no_operation(id: &str) -> Self {
        let message = format!("The entity was not found. Operation ID: {id}.");
        Refusal::provider(404, "NotFound", "GetOperation_NotFound", message)
    }

    pub(in crate::simulator::world) fn busy(state: &str) -> Self {
        Refusal::not_allowed(format!(
            "Operation is not allowed: Another operation ({state}) is in progress, {WAIT}"
        ))
    }

    pub(in crate::simulator::world) fn pool_busy(state: &str) -> Self {
        Refusal::not_allowed(format!(
            "Operation is not allowed: Another agentpool operation ({state}) is in progress, {WAIT}"
        ))
    }

    pub(in crate::simulator::world) fn cluster_has_busy_pool(state: &str, pool: &str) -> Self {
        Refusal::not_allowed(format!(
            "Managed Cluster operation is not allowed: Another operation ({state}) is in progress on agent pool ({pool}), {WAIT}"
        ))
    }

    pub(in crate::simulator::world) fn stopped(doing: &str) -> Self {
        Refusal::not_allowed(format!("managed cluster is not currently running, {doing} cannot be performed"))
    }

    pub(in crate::simulator::world) fn not_stopped(state: &str, power: &str) -> Self {
        Refusal::not_allowed(format!(
            "managed cluster is in Provisioning State({state}) and Power State({power}), starting cannot be performed"
        ))
    }

    /// Ours.
    pub(in crate::simulator::world) fn nothing_to_abort() -> Self {
        Refusal::not_allowed(
            "Operation is not allowed: there is no operation in progress that could be aborted.",
        )
    }

    fn not_allowed(message: impl Into<String>) -> Self {
        Refusal::provider(409, "OperationNotAllowed", "", message)
    }

    /// Ours: the text of a 412 was not recorded.
    pub(in crate::simulator::world) fn precondition(sent: &str, current: Option<&str>) -> Self {
        let state = current
            .map_or("the resource does not exist".into(), |etag| format!("the resource's eTag is '{etag}'"));
        let message = format!("The condition '{sent}' in the request header is not satisfied: {state}.");
        Refusal::provider(412, "PreconditionFailed", "", message)
    }

    pub(in crate::simulator::world) fn bad_condition(message: &str) -> Self {
        Refusal::provider(400, "BadRequest", "", message)
    }

    pub(in crate::simulator::world) fn throttled(handler: &str, subscription: &str, seconds: u64) -> Self {
        let message = format!(
            "The {handler} request limit has been exceeded for SubID='{subscription}', please retry again in {seconds} seconds. For more information, please visit aka.ms/aks/throttling"
        );
        Refusal::provider(429, "Throttled", "", message).after(seconds)
    }
}

const WAIT: &str = "please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details";
