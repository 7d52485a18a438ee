//! Refusals, in the two shapes of Azure and with the texts that were recorded or documented.
//!
//! The gateway wraps (`{"error":{"code","message"}}`); the AKS resource provider answers flat.
//! "Ours" marks a text for which no recording or page was found.

use serde_json::{Value, json};

use super::route::Place;

/// A request that was refused.
#[derive(Debug)]
pub(super) struct Refusal {
    pub status: u16,
    pub body: Value,
    pub headers: Vec<(&'static str, String)>,
}

impl Refusal {
    /// Refuses as the gateway does.
    pub(super) fn gateway(status: u16, code: &str, message: impl Into<String>) -> Self {
        let body = json!({ "error": { "code": code, "message": message.into() } });
        Refusal { status, body, headers: vec![("x-ms-failure-cause", "gateway".into())] }
    }

    /// Refuses as the AKS resource provider does.
    pub(super) fn provider(status: u16, code: &str, subcode: &str, message: impl Into<String>) -> Self {
        let body = json!({ "code": code, "details": null, "message": message.into(), "subcode": subcode });
        Refusal { status, body, headers: vec![] }
    }

    fn detail(mut self, message: &str) -> Self {
        self.body["details"] = json!([{ "code": "Unspecified", "message": message }]);
        self
    }

    pub(super) fn unauthenticated() -> Self {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        let mut refusal = Refusal::gateway(401, "AuthenticationFailed", message);
        refusal.headers.push((
            "www-authenticate",
            "Bearer authorization_uri=\"https://login.microsoftonline.com/common\"".into(),
        ));
        refusal
    }

    pub(super) fn no_api_version() -> Self {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        Refusal::gateway(400, "MissingApiVersionParameter", message)
    }

    /// The text is the gateway's; general knowledge of Resource Manager.
    pub(super) fn malformed_api_version(version: &str, newest: &str) -> Self {
        let message =
            format!("The api-version '{version}' is invalid. The supported versions are '{newest}'.");
        Refusal::gateway(400, "InvalidApiVersionParameter", message)
    }

    /// As above.
    pub(super) fn unsupported_api_version(version: &str, kind: &str, newest: &str) -> Self {
        let message = format!(
            "No registered resource provider found for location 'westeurope' and API version '{version}' for type '{kind}'. The supported api-versions are '{newest}'. The supported locations are 'westeurope'."
        );
        Refusal::gateway(400, "NoRegisteredProviderFound", message)
    }

    /// An id that is no GUID is refused as such: general knowledge of Resource Manager.
    pub(super) fn no_subscription(id: &str) -> Self {
        let guid = id.len() == 36 && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        if !guid {
            let message = format!("The provided subscription identifier '{id}' is malformed or invalid.");
            return Self::gateway(400, "InvalidSubscriptionId", message);
        }
        Refusal::gateway(404, "SubscriptionNotFound", format!("The subscription '{id}' could not be found."))
    }

    pub(super) fn forbidden(object: &str, action: &str, scope: &str) -> Self {
        let message = format!(
            "The client '{object}' with object id '{object}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
        );
        Refusal::gateway(403, "AuthorizationFailed", message)
    }

    pub(super) fn expired(expiry: &str, now: &str) -> Self {
        let message =
            format!("The access token expiry UTC time '{expiry}' is earlier than current UTC time '{now}'.");
        let mut refusal = Refusal::gateway(401, "ExpiredAuthenticationToken", message);
        refusal.headers.push((
            "www-authenticate",
            "Bearer authorization_uri=\"https://login.microsoftonline.com/common\", error=\"invalid_token\", error_description=\"The access token is expired.\"".into(),
        ));
        refusal
    }

    /// Refuses a token as Entra ID does.
    pub(super) fn entra(status: u16, error: &str, code: u32, message: &str, at: &str) -> Self {
        let trace = "00000000-0000-0000-0000-00000000e27a";
        let body = json!({
            "error": error,
            "error_description": format!("AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {trace} Timestamp: {at}"),
            "error_codes": [code],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": trace,
            "error_uri": format!("https://login.microsoftonline.com/error?code={code}"),
        });
        Refusal { status, body, headers: vec![] }
    }

    pub(super) fn no_route(path: &str) -> Self {
        let message = format!("No HTTP resource was found that matches the request URI '{path}'.");
        Refusal::gateway(404, "InvalidResourceType", message)
    }

    /// Ours: Azure may well know it.
    pub(super) fn not_played(method: &http::Method, path: &str) -> Self {
        let message = format!(
            "The simulator does not play '{method} {path}'. Azure may know it; nothing was done. What is played is listed in the guide on rehearsals."
        );
        Self::gateway(501, "NotPlayedBySimulator", message)
    }

    /// General knowledge of Resource Manager.
    pub(super) fn unsupported_media_type(kind: &str) -> Self {
        let message = format!(
            "The content media type '{kind}' is not supported. Only 'application/json' is supported."
        );
        Self::gateway(415, "UnsupportedMediaType", message)
    }

    /// General knowledge of Resource Manager.
    pub(super) fn no_location() -> Self {
        Self::gateway(400, "LocationRequired", "The location property is required for this definition.")
    }

    /// General knowledge of Resource Manager.
    pub(super) fn moved(place: &Place, from: &str, to: &str) -> Self {
        let Place { group, name, .. } = place;
        let message = format!(
            "The resource '{name}' already exists in location '{from}' in resource group '{group}'. A resource with the same name cannot be created in location '{to}'. Please select a new resource name."
        );
        Self::gateway(409, "InvalidResourceLocation", message)
    }

    /// General knowledge of Resource Manager.
    pub(super) fn no_region(location: &str, kind: &str, regions: &[String]) -> Self {
        let message = format!(
            "The provided location '{location}' is not available for resource type 'Microsoft.ContainerService/{kind}'. List of available regions for the resource type is '{}'.",
            regions.join(",")
        );
        Self::gateway(400, "LocationNotAvailableForResourceType", message)
    }

    /// AKS's own reader of JSON (Azure/azure-rest-api-specs#40740).
    pub(super) fn unmarshal(what: &str) -> Self {
        Self::provider(400, "UnmarshalError", "", format!("UnmarshalEntity encountered error: {what}."))
    }

    /// Azure/AKS#1568, #1602.
    pub(super) fn no_system_pool() -> Self {
        Self::provider(400, "MustDefineAtLeastOneSystemPool", "", "Must define at least one system pool.")
    }

    /// The code is Azure's, the text is ours.
    pub(super) fn windows_name_too_long(name: &str) -> Self {
        let message =
            format!("Windows agent pool name '{name}' is too long: at most 6 characters are allowed.");
        let mut refusal = Self::provider(400, "WindowsAgentPoolNameTooLong", "", message);
        refusal.body["target"] = json!("agentPoolProfile.name");
        refusal
    }

    /// The form of the text is that of AKS for other properties.
    pub(super) fn fixed(target: &str) -> Self {
        let message = format!("Changing property '{target}' is not allowed.");
        let mut refusal = Self::provider(400, "PropertyChangeNotAllowed", "", message);
        refusal.body["target"] = json!(target);
        refusal
    }

    /// Reported with the versions of the API before that one.
    pub(super) fn fixed_before(target: &str, version: &str) -> Self {
        let message =
            format!("Changing property \"{target}\" is not allowed in an api-version before \"{version}\".");
        let mut refusal = Self::provider(400, "PropertyChangeNotAllowed", "", message);
        refusal.body["target"] = json!(target);
        refusal
    }

    pub(super) fn bad_body() -> Self {
        let message = "The request content was invalid and could not be deserialized: 'Unexpected character encountered while parsing value.'.";
        Refusal::gateway(400, "InvalidRequestContent", message)
    }

    pub(super) fn no_group(group: &str) -> Self {
        Refusal::gateway(
            404,
            "ResourceGroupNotFound",
            format!("Resource group '{group}' could not be found."),
        )
    }

    pub(super) fn no_cluster(place: &Place) -> Self {
        Refusal::no_resource("managedClusters", place)
    }

    pub(super) fn no_resource(kind: &str, place: &Place) -> Self {
        let Place { group, name, .. } = place;
        let message = format!(
            "The Resource 'Microsoft.ContainerService/{kind}/{name}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        );
        Refusal::gateway(404, "ResourceNotFound", message)
    }

    pub(super) fn not_found(id: &str) -> Self {
        let words: Vec<&str> = id.trim_matches('/').split('/').collect();
        let (group, kind) =
            (words.get(3).copied().unwrap_or_default(), words.get(5..).unwrap_or_default().join("/"));
        let message = format!(
            "The Resource '{kind}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        );
        Self::gateway(404, "ResourceNotFound", message)
    }

    /// What the resource provider says while the gateway still believes in the cluster.
    pub(super) fn cluster_gone(place: &Place) -> Self {
        let Place { subscription, group, name } = place;
        let message = format!(
            "Could not find managed cluster resource: {name} in subscription: {subscription}, resourceGroup: {group}."
        );
        Refusal::provider(404, "NotFound", "GetManagedCluster_NotFound_HCPServerError", message)
            .detail("rpc error: code = NotFound desc = Managed Cluster not found")
    }

    pub(super) fn no_parent(place: &Place, kind: &str) -> Self {
        let name = &place.name;
        let message = format!(
            "Failed to perform 'read' on resource(s) of type '{kind}', because the parent resource '/subscriptions/{}/resourceGroups/{}/providers/Microsoft.ContainerService/managedClusters/{name}' could not be found.",
            place.subscription, place.group
        );
        Refusal::gateway(404, "ParentResourceNotFound", message)
    }

    pub(super) fn no_pool(place: &Place, pool: &str) -> Self {
        let Place { subscription, group, name } = place;
        let message = format!(
            "Could not find the agentpool: {pool} in subscription: {subscription}, resourceGroup: {group}, resourceName: {name}."
        );
        Refusal::provider(404, "NotFound", "GetAgentPool_NotFound_HCPServerError", message)
            .detail("rpc error: code = NotFound desc = Agent Pool not found")
    }

    pub(super) fn no_machine() -> Self {
        Refusal::provider(404, "NotFound", "GetMachine_NotFound_HCPServerError", "The entity was not found.")
            .detail("rpc error: code = NotFound desc = Machine not found")
    }

    /// Ours.
    pub(super) fn no_maintenance(place: &Place, config: &str) -> Self {
        let Place { subscription, group, name } = place;
        let message = format!(
            "Could not find the maintenance configuration: {config} in subscription: {subscription}, resourceGroup: {group}, resourceName: {name}."
        );
        Refusal::provider(404, "NotFound", "GetMaintenanceConfiguration_NotFound", message)
    }

    /// Ours.
    pub(super) fn no_operation(id: &str) -> Self {
        let message = format!("The entity was not found. Operation ID: {id}.");
        Refusal::provider(404, "NotFound", "GetOperation_NotFound", message)
    }

    /// Ours: Azure's answer to an operation's address that did not come back verbatim was not recorded.
    pub(super) fn altered_address() -> Self {
        let message = "The signature of the operation's address is missing or was altered; the address must be used verbatim.";
        Refusal::gateway(403, "AuthorizationFailed", message)
    }

    pub(super) fn busy(state: &str) -> Self {
        Refusal::not_allowed(format!(
            "Operation is not allowed: Another operation ({state}) is in progress, {WAIT}"
        ))
    }

    pub(super) fn pool_busy(state: &str) -> Self {
        Refusal::not_allowed(format!(
            "Operation is not allowed: Another agentpool operation ({state}) is in progress, {WAIT}"
        ))
    }

    pub(super) fn cluster_has_busy_pool(state: &str, pool: &str) -> Self {
        Refusal::not_allowed(format!(
            "Managed Cluster operation is not allowed: Another operation ({state}) is in progress on agent pool ({pool}), {WAIT}"
        ))
    }

    pub(super) fn stopped(doing: &str) -> Self {
        Refusal::not_allowed(format!("managed cluster is not currently running, {doing} cannot be performed"))
    }

    pub(super) fn not_stopped(state: &str, power: &str) -> Self {
        Refusal::not_allowed(format!(
            "managed cluster is in Provisioning State({state}) and Power State({power}), starting cannot be performed"
        ))
    }

    /// Ours.
    pub(super) fn nothing_to_abort() -> Self {
        Refusal::not_allowed(
            "Operation is not allowed: there is no operation in progress that could be aborted.",
        )
    }

    fn not_allowed(message: impl Into<String>) -> Self {
        Refusal::provider(409, "OperationNotAllowed", "", message)
    }

    pub(super) fn not_offered(from: &str, to: &str, offers: &[String]) -> Self {
        let message = format!(
            "Upgrading Kubernetes version {from} to {to} is not allowed. Available upgrades: [{}]. Please see https://aka.ms/aks-supported-k8s-ver for version details.",
            offers.join(" ")
        );
        Refusal::provider(400, "OperationNotAllowed", "", message)
    }

    pub(super) fn unsupported(name: &str, version: &str) -> Self {
        let message = format!(
            "Managed cluster {name} is on version {version} which is not supported in this region. {GET_VERSIONS}"
        );
        Refusal::provider(400, "K8sVersionNotSupported", "", message)
    }

    pub(super) fn long_term_only(name: &str, version: &str) -> Self {
        let message = format!(
            "Managed cluster {name} is on version {version}, which is only available for Long-Term Support (LTS). If you intend to onboard to LTS, please ensure the cluster is in Premium tier and LTS support plan (see https://aka.ms/aks/enable-lts). Otherwise, use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list"
        );
        Refusal::provider(400, "K8sVersionNotSupported", "", message)
    }

    /// Ours: that it is refused is in the changelog of 2024-08-05.
    pub(super) fn long_term_pool(pool: &str, version: &str) -> Self {
        let message = format!(
            "Upgrading the cluster is not allowed: agent pool {pool} is on version {version}, which has no long-term support. Please upgrade the agent pool first."
        );
        Self::provider(400, "OperationNotAllowed", "", message)
    }

    /// Ours: that such pools take no upgrades of their own was reported (Azure/azure-cli#33693).
    pub(super) fn pool_of_machines(pool: &str) -> Self {
        let message = format!(
            "Operation is not allowed: agent pool {pool} is of mode Machines; its nodes are upgraded one by one."
        );
        Self::provider(400, "OperationNotAllowed", "", message)
    }

    /// Reported for versions that are none (MicrosoftDocs/azure-docs#35696, Azure/AKS#1096).
    pub(super) fn no_version(target: &str) -> Self {
        let message = format!(
            "The value of parameter {target} is invalid. Please see https://aka.ms/aks-naming-rules for more details."
        );
        Self::invalid(target, message)
    }

    pub(super) fn pool_unsupported(version: &str) -> Self {
        let message = format!("Version {version} is not supported in this region. {GET_VERSIONS}");
        Refusal::provider(400, "AgentPoolK8sVersionNotSupported", "", message)
    }

    /// Ours: the code is Azure's, its text was not found.
    pub(super) fn pool_downgrade(from: &str, to: &str) -> Self {
        let message = format!("Upgrading agent pool from version {from} to {to} is not allowed.");
        Refusal::provider(400, "AgentPoolUpgradeVersionNotAllowed", "", message)
    }

    pub(super) fn pool_too_old(pool: (u32, &str), control_plane: (u32, &str)) -> Self {
        let message = format!(
            "Node pool version {} and control plane version {} is/are incompatible. Minor version of node pool cannot be more than 3 versions less than control plane's version. Minor version of node pool is {} and control plane is {}. For more information, please check https://aka.ms/aks/UpgradeVersionRules",
            pool.1, control_plane.1, pool.0, control_plane.0
        );
        Refusal::provider(400, "NodePoolMcVersionIncompatible", "", message)
    }

    pub(super) fn pool_too_new(pool: &str, control_plane: &str) -> Self {
        let message = format!(
            "Node pool version {pool} and control plane version {control_plane} is/are incompatible. Minor version of node pool version {pool} is bigger than control plane version {control_plane}. For more information, please check https://aka.ms/aks/UpgradeVersionRules"
        );
        Refusal::provider(400, "NodePoolMcVersionIncompatible", "", message)
    }

    pub(super) fn mixed_pools() -> Self {
        let message = "Using managed cluster api, all Agent pools' OrchestratorVersion must be all specified or all unspecified. If all specified, they must be stay unchanged or the same with control plane. For agent pool specific change, please use per agent pool operations: https://aka.ms/agent-pool-rest-api";
        Refusal::provider(400, "NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged", "", message)
    }

    pub(super) fn image_not_accepted(wanted: &str, current: &str) -> Self {
        let message = format!(
            "NodeImageVersion '{wanted}' is not accepted. NodeImageVersion can only be current version '{current}' or 'latest'"
        );
        Refusal::provider(400, "NodeImageVersion", "", message)
    }

    /// Ours: that such an upgrade is refused is documented, its text was not found.
    pub(super) fn os_ended(pool: &str, os_sku: &str, version: &str) -> Self {
        let message = format!(
            "Agent pool {pool} cannot run Kubernetes version {version}: OS SKU {os_sku} is not supported on it. Please change the OS SKU or replace the pool first. For more information, please check https://aka.ms/aks/upgrade-os-version"
        );
        Self::provider(400, "AgentPoolK8sVersionNotSupported", "", message)
    }

    /// The code is Azure's; that both cannot move at once is documented (spot-node-pool). The text is ours.
    pub(super) fn spot_with_control_plane(pool: &str) -> Self {
        let message = format!(
            "Spot agent pool {pool} cannot be upgraded together with the control plane. Please upgrade the control plane and the node pools separately."
        );
        Self::provider(400, "SpotPoolUpgradeNotAllowedDuringClusterUpgradeAll", "", message)
    }

    /// Azure/AKS#4975, Azure/AgentBaker#6229.
    pub(super) fn image_too_old(configuration: &str) -> Self {
        let message = format!(
            "ConfigurationVersion '{configuration}' is not supported for AgentBaker. Please upgrade agent pool to the latest NodeImageVersion."
        );
        Self::provider(400, "BadRequest", "", message)
    }

    /// Refuses the value of a parameter, in the words of AKS.
    pub(super) fn value(target: &str, details: &str) -> Self {
        let message = format!(
            "The value of parameter {target} is invalid. Error details: {details} Please see https://aka.ms/aks-naming-rules for more details."
        );
        Self::invalid(target, message)
    }

    /// Ours.
    pub(super) fn rollback_under_channel(pool: &str) -> Self {
        let message = format!(
            "Rolling back agent pool {pool} is not allowed while auto-upgrade is enabled. Please set upgradeChannel to none and try again."
        );
        Refusal::provider(400, "OperationNotAllowed", "", message)
    }

    /// Ours.
    pub(super) fn no_source(source: &str) -> Self {
        let message = format!(
            "The value of parameter creationData.sourceResourceId is invalid. Error details: the resource '{source}' could not be found."
        );
        Refusal::invalid("creationData.sourceResourceId", message)
    }

    pub(super) fn invalid(target: &str, message: impl Into<String>) -> Self {
        let mut refusal = Refusal::provider(400, "InvalidParameter", "", message);
        refusal.body["target"] = json!(target);
        refusal
    }

    /// Ours: the text of a 412 was not recorded.
    pub(super) fn precondition(sent: &str, current: Option<&str>) -> Self {
        let state = current
            .map_or("the resource does not exist".into(), |etag| format!("the resource's eTag is '{etag}'"));
        let message = format!("The condition '{sent}' in the request header is not satisfied: {state}.");
        Refusal::provider(412, "PreconditionFailed", "", message)
    }

    pub(super) fn bad_condition(message: &str) -> Self {
        Refusal::provider(400, "BadRequest", "", message)
    }

    /// What Resource Manager says to a caller, or to a whole subscription, that asks too much.
    pub(super) fn subscription_throttled(
        kind: &str,
        subscription: &str,
        limit: f64,
        interval: u64,
        seconds: u64,
    ) -> Self {
        let message = format!(
            "Number of {kind} requests for subscription '{subscription}' exceeded the limit of '{limit}' for time interval '00:00:{interval:02}'. Please try again after '{seconds}' seconds."
        );
        Refusal::gateway(429, "SubscriptionRequestsThrottled", message).after(seconds)
    }

    /// Ours: the code is Resource Manager's, its text for a tenant was not found.
    pub(super) fn tenant_throttled(kind: &str, seconds: u64) -> Self {
        let message =
            format!("Number of {kind} requests exceeded. Please try again after '{seconds}' seconds.");
        Refusal::gateway(429, "TooManyRequestsReceived", message).after(seconds)
    }

    pub(super) fn throttled(handler: &str, subscription: &str, seconds: u64) -> Self {
        let message = format!(
            "The {handler} request limit has been exceeded for SubID='{subscription}', please retry again in {seconds} seconds. For more information, please visit aka.ms/aks/throttling"
        );
        Refusal::provider(429, "Throttled", "", message).after(seconds)
    }

    fn after(mut self, seconds: u64) -> Self {
        self.headers.push(("retry-after", seconds.to_string()));
        self
    }
}

const WAIT: &str = "please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details";
const GET_VERSIONS: &str = "Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list";
