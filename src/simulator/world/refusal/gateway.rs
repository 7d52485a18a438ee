//! What Resource Manager and Entra ID refuse before AKS is asked.

use serde_json::json;

use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::route::Place;

impl Refusal {
    pub(in crate::simulator::world) fn unauthenticated() -> Self {
        let message = "Authentication failed. The 'Authorization' header is missing.";
        let mut refusal = Refusal::gateway(401, "AuthenticationFailed", message);
        refusal.headers.push((
            "www-authenticate",
            "Bearer authorization_uri=\"https://login.microsoftonline.com/common\"".into(),
        ));
        refusal
    }

    pub(in crate::simulator::world) fn no_api_version() -> Self {
        let message = "The api-version query parameter (?api-version=) is required for all requests.";
        Refusal::gateway(400, "MissingApiVersionParameter", message)
    }

    /// The text is the gateway's; general knowledge of Resource Manager.
    pub(in crate::simulator::world) fn malformed_api_version(version: &str, newest: &str) -> Self {
        let message =
            format!("The api-version '{version}' is invalid. The supported versions are '{newest}'.");
        Refusal::gateway(400, "InvalidApiVersionParameter", message)
    }

    /// As above.
    pub(in crate::simulator::world) fn unsupported_api_version(
        version: &str,
        kind: &str,
        newest: &str,
    ) -> Self {
        let message = format!(
            "No registered resource provider found for location 'westeurope' and API version '{version}' for type '{kind}'. The supported api-versions are '{newest}'. The supported locations are 'westeurope'."
        );
        Refusal::gateway(400, "NoRegisteredProviderFound", message)
    }

    /// An id that is no GUID is refused as such: general knowledge of Resource Manager.
    pub(in crate::simulator::world) fn no_subscription(id: &str) -> Self {
        let guid = id.len() == 36 && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        if !guid {
            let message = format!("The provided subscription identifier '{id}' is malformed or invalid.");
            return Self::gateway(400, "InvalidSubscriptionId", message);
        }
        Refusal::gateway(404, "SubscriptionNotFound", format!("The subscription '{id}' could not be found."))
    }

    pub(in crate::simulator::world) fn forbidden(object: &str, action: &str, scope: &str) -> Self {
        let message = format!(
            "The client '{object}' with object id '{object}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
        );
        Refusal::gateway(403, "AuthorizationFailed", message)
    }

    pub(in crate::simulator::world) fn expired(expiry: &str, now: &str) -> Self {
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
    pub(in crate::simulator::world) fn entra(
        status: u16,
        error: &str,
        code: u32,
        message: &str,
        at: &str,
    ) -> Self {
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

    pub(in crate::simulator::world) fn no_route(path: &str) -> Self {
        let message = format!("No HTTP resource was found that matches the request URI '{path}'.");
        Refusal::gateway(404, "InvalidResourceType", message)
    }

    /// Ours: Azure may well know it.
    pub(in crate::simulator::world) fn not_played(method: &http::Method, path: &str) -> Self {
        let message = format!(
            "The simulator does not play '{method} {path}'. Azure may know it; nothing was done. What is played is listed in docs/guides/scenarios.md."
        );
        Self::gateway(501, "NotPlayedBySimulator", message)
    }

    /// General knowledge of Resource Manager.
    pub(in crate::simulator::world) fn unsupported_media_type(kind: &str) -> Self {
        let message = format!(
            "The content media type '{kind}' is not supported. Only 'application/json' is supported."
        );
        Self::gateway(415, "UnsupportedMediaType", message)
    }

    /// General knowledge of Resource Manager.
    pub(in crate::simulator::world) fn no_location() -> Self {
        Self::gateway(400, "LocationRequired", "The location property is required for this definition.")
    }

    /// General knowledge of Resource Manager.
    pub(in crate::simulator::world) fn moved(place: &Place, from: &str, to: &str) -> Self {
        let Place { group, name, .. } = place;
        let message = format!(
            "The resource '{name}' already exists in location '{from}' in resource group '{group}'. A resource with the same name cannot be created in location '{to}'. Please select a new resource name."
        );
        Self::gateway(409, "InvalidResourceLocation", message)
    }

    /// General knowledge of Resource Manager; `kind` is a whole type, such as `Microsoft.ContainerService/fleets`.
    pub(in crate::simulator::world) fn no_region(location: &str, kind: &str, regions: &[String]) -> Self {
        let message = format!(
            "The provided location '{location}' is not available for resource type '{kind}'. List of available regions for the resource type is '{}'.",
            regions.join(",")
        );
        Self::gateway(400, "LocationNotAvailableForResourceType", message)
    }

    pub(in crate::simulator::world) fn bad_body() -> Self {
        let message = "The request content was invalid and could not be deserialized: 'Unexpected character encountered while parsing value.'.";
        Refusal::gateway(400, "InvalidRequestContent", message)
    }

    pub(in crate::simulator::world) fn no_group(group: &str) -> Self {
        Refusal::gateway(
            404,
            "ResourceGroupNotFound",
            format!("Resource group '{group}' could not be found."),
        )
    }

    pub(in crate::simulator::world) fn no_cluster(place: &Place) -> Self {
        Refusal::no_resource("managedClusters", place)
    }

    pub(in crate::simulator::world) fn no_resource(kind: &str, place: &Place) -> Self {
        let Place { group, name, .. } = place;
        let message = format!(
            "The Resource 'Microsoft.ContainerService/{kind}/{name}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        );
        Refusal::gateway(404, "ResourceNotFound", message)
    }

    pub(in crate::simulator::world) fn not_found(id: &str) -> Self {
        let words: Vec<&str> = id.trim_matches('/').split('/').collect();
        let (group, kind) =
            (words.get(3).copied().unwrap_or_default(), words.get(5..).unwrap_or_default().join("/"));
        let message = format!(
            "The Resource '{kind}' under resource group '{group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        );
        Self::gateway(404, "ResourceNotFound", message)
    }

    /// Recorded of a DELETE below a Fleet.
    pub(in crate::simulator::world) fn no_parent(verb: &str, kind: &str, parent: &str) -> Self {
        let message = format!(
            "Failed to perform '{verb}' on resource(s) of type '{kind}', because the parent resource '{parent}' could not be found."
        );
        Refusal::gateway(404, "ParentResourceNotFound", message)
    }

    /// Ours: Azure's answer to an operation's address that did not come back verbatim was not recorded.
    pub(in crate::simulator::world) fn altered_address() -> Self {
        let message = "The signature of the operation's address is missing or was altered; the address must be used verbatim.";
        Refusal::gateway(403, "AuthorizationFailed", message)
    }

    /// What Resource Manager says to a caller, or to a whole subscription, that asks too much.
    pub(in crate::simulator::world) fn subscription_throttled(
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
    pub(in crate::simulator::world) fn tenant_throttled(kind: &str, seconds: u64) -> Self {
        let message =
            format!("Number of {kind} requests exceeded. Please try again after '{seconds}' seconds.");
        Refusal::gateway(429, "TooManyRequestsReceived", message).after(seconds)
    }
}
