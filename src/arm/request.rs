//! One function per call we make, each returning the request as a value.

use std::fmt;

pub use azure_core::http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::arm::error::Error;
use crate::arm::id::{
    ClusterId, FleetId, check_group, check_location, check_maintenance_configuration, check_pool,
    check_subscription_id,
};

/// The version of the AKS API that requests ask for; [`machines`] needs another.
///
/// The newest stable one. Stable since 2026-04-01 are the pools' `recentlyUsedVersions`; eTags are
/// returned since 2024-09-01. Preview versions are retired within months and would strand old releases
/// of this provider. Operation URLs carry the version that the server chose and are followed verbatim.
pub const API_VERSION: &str = "2026-08-01";

/// A request without host and token, which the client adds.
///
/// Printing gives it as text: request line, headers, body.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, percent-encoded.
    pub target: String,
    /// Headers by lower-case name.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON body; empty when there is none.
    pub body: Vec<u8>,
}

/// The version that tells what the stable one does not: what the machines of a pool run, and a region's node images.
const PREVIEW_API_VERSION: &str = "2026-08-02-preview";

/// The version of the API of Microsoft.Authorization.
const AUTHORIZATION_API_VERSION: &str = "2022-04-01";

/// The version of the API of Fleets, which is another service of the same name space.
const FLEETS_API_VERSION: &str = "2025-03-01";

impl Request {
    fn new(method: Method, path: &str) -> Self {
        Self::of_version(API_VERSION, method, path)
    }

    fn of_version(version: &str, method: Method, path: &str) -> Self {
        // Resource groups may have letters of any script.
        let target = format!("{}?api-version={version}", utf8_percent_encode(path, PATH));
        Request { method, target, headers: vec![("accept", "application/json".into())], body: Vec::new() }
    }

    fn with_body(mut self, body: &Value, etag: Option<&str>) -> Self {
        self.headers.push(("content-type", "application/json".into()));
        if let Some(etag) = etag.filter(|etag| is_header_text(etag)) {
            self.headers.push(("if-match", etag.into()));
        }
        self.body = body.to_string().into_bytes();
        self
    }

    /// Returns method and path without the query, for messages and logs.
    #[must_use]
    pub fn call(&self) -> String {
        call(self.method, &self.target)
    }
}

/// Names a request by method and path, without the query, which may be signed.
#[must_use]
pub fn call(method: Method, target: &str) -> String {
    format!("{method} {}", target.split(['?', '#']).next().unwrap_or_default())
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.method, self.target)?;
        self.headers.iter().try_for_each(|(name, value)| writeln!(f, "{name}: {value}"))?;
        write!(f, "\n{}", String::from_utf8_lossy(&self.body))
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.call())
    }
}

/// Reads a cluster.
#[must_use]
pub fn cluster(id: &ClusterId) -> Request {
    Request::new(Method::Get, &id.to_string())
}

/// Reads which versions Azure offers to a cluster.
#[must_use]
pub fn upgrade_profile(id: &ClusterId) -> Request {
    Request::new(Method::Get, &format!("{id}/upgradeProfiles/default"))
}

/// Reads a node pool.
///
/// # Errors
///
/// A name that no pool can have, e.g. `"../other"`.
pub fn pool(id: &ClusterId, pool: &str) -> Result<Request, Error> {
    Ok(Request::new(Method::Get, &pool_path(id, pool)?))
}

/// Reads which versions and which node image Azure offers to a pool.
///
/// # Errors
///
/// A name that no pool can have.
pub fn pool_upgrade_profile(id: &ClusterId, pool: &str) -> Result<Request, Error> {
    Ok(Request::new(Method::Get, &format!("{}/upgradeProfiles/default", pool_path(id, pool)?)))
}

/// Reads the first page of a pool's machines, from a preview of the API: only previews tell their
/// version and image. A caller has to do without the answer once the preview is retired.
///
/// # Errors
///
/// A name that no pool can have.
pub fn machines(id: &ClusterId, pool: &str) -> Result<Request, Error> {
    let path = format!("{}/machines", pool_path(id, pool)?);
    Ok(Request::of_version(PREVIEW_API_VERSION, Method::Get, &path))
}

/// Reads which versions a region has, and which may follow which.
///
/// # Errors
///
/// A subscription that is not a GUID; a location with spaces, e.g. `"West Europe"`.
pub fn region_versions(subscription: &str, location: &str) -> Result<Request, Error> {
    check_subscription_id(subscription)?;
    check_location(location)?;
    let path = format!("{}/locations/{location}/kubernetesVersions", provider_path(subscription));
    Ok(Request::new(Method::Get, &path))
}

/// Reads the latest node images of a region.
///
/// # Errors
///
/// As [`region_versions`].
pub fn node_images(subscription: &str, location: &str) -> Result<Request, Error> {
    check_subscription_id(subscription)?;
    check_location(location)?;
    let path = format!("{}/locations/{location}/nodeImageVersions", provider_path(subscription));
    Ok(Request::of_version(PREVIEW_API_VERSION, Method::Get, &path))
}

/// Reads the first page of a subscription's clusters.
///
/// # Errors
///
/// A subscription that is not a GUID.
pub fn clusters(subscription: &str) -> Result<Request, Error> {
    check_subscription_id(subscription)?;
    Ok(Request::new(Method::Get, &format!("{}/managedClusters", provider_path(subscription))))
}

/// Reads the first page of a resource group's clusters: for this a role on the group is enough.
///
/// # Errors
///
/// A subscription that is not a GUID; a group of a name that none can have, e.g. `"a/b"`.
pub fn clusters_of_group(subscription: &str, group: &str) -> Result<Request, Error> {
    check_subscription_id(subscription)?;
    check_group(group)?;
    let path = format!("/subscriptions/{subscription}/resourceGroups/{group}");
    Ok(Request::new(Method::Get, &format!("{path}/providers/Microsoft.ContainerService/managedClusters")))
}

/// Reads the first page of a subscription's Fleets.
///
/// # Errors
///
/// A subscription that is not a GUID.
pub fn fleets(subscription: &str) -> Result<Request, Error> {
    check_subscription_id(subscription)?;
    let path = format!("{}/fleets", provider_path(subscription));
    Ok(Request::of_version(FLEETS_API_VERSION, Method::Get, &path))
}

/// Reads the first page of a Fleet's update runs.
#[must_use]
pub fn update_runs(fleet: &FleetId) -> Request {
    Request::of_version(FLEETS_API_VERSION, Method::Get, &format!("{fleet}/updateRuns"))
}

/// Reads what the caller may do at a scope, such as a cluster's id or `/subscriptions/…`.
#[must_use]
pub fn permissions(scope: &str) -> Request {
    let path = format!("{scope}/providers/Microsoft.Authorization/permissions");
    Request::of_version(AUTHORIZATION_API_VERSION, Method::Get, &path)
}

/// Reads a cluster's maintenance configurations.
#[must_use]
pub fn maintenance_configurations(id: &ClusterId) -> Request {
    Request::new(Method::Get, &format!("{id}/maintenanceConfigurations"))
}

/// Reads one maintenance configuration.
///
/// # Errors
///
/// A name that AKS does not know, e.g. `"weekly"`.
pub fn maintenance_configuration(id: &ClusterId, name: &str) -> Result<Request, Error> {
    Ok(Request::new(Method::Get, &maintenance_path(id, name)?))
}

/// Writes a maintenance configuration as a whole.
///
/// # Errors
///
/// A name that AKS does not know.
pub fn put_maintenance_configuration(id: &ClusterId, name: &str, body: &Value) -> Result<Request, Error> {
    Ok(Request::new(Method::Put, &maintenance_path(id, name)?).with_body(body, None))
}

/// Deletes a maintenance configuration.
///
/// # Errors
///
/// A name that AKS does not know.
pub fn delete_maintenance_configuration(id: &ClusterId, name: &str) -> Result<Request, Error> {
    Ok(Request::new(Method::Delete, &maintenance_path(id, name)?))
}

/// Writes a cluster: the body that was read, edited.
///
/// Sends `If-Match` with the body's own `eTag`, so that a change in between is refused (412).
#[must_use]
pub fn put_cluster(id: &ClusterId, body: &Value) -> Request {
    let etag = body.get("eTag").and_then(Value::as_str);
    Request::new(Method::Put, &id.to_string()).with_body(body, etag)
}

/// Writes a node pool: the body that was read, edited.
///
/// Sends `If-Match` with the body's own `properties.eTag`.
///
/// # Errors
///
/// A name that no pool can have.
pub fn put_pool(id: &ClusterId, pool: &str, body: &Value) -> Result<Request, Error> {
    let etag = body.pointer("/properties/eTag").and_then(Value::as_str);
    Ok(Request::new(Method::Put, &pool_path(id, pool)?).with_body(body, etag))
}

/// Starts the upgrade of a pool to Azure's latest node image.
///
/// # Errors
///
/// A name that no pool can have.
pub fn upgrade_node_image(id: &ClusterId, pool: &str) -> Result<Request, Error> {
    let path = format!("{}/upgradeNodeImageVersion", pool_path(id, pool)?);
    let mut request = Request::new(Method::Post, &path);
    // HTTP/1.1 proxies answer 411 to a POST that names no length.
    request.headers.push(("content-length", "0".into()));
    Ok(request)
}

fn pool_path(id: &ClusterId, pool: &str) -> Result<String, Error> {
    check_pool(pool)?;
    Ok(format!("{id}/agentPools/{pool}"))
}

fn maintenance_path(id: &ClusterId, name: &str) -> Result<String, Error> {
    check_maintenance_configuration(name)?;
    Ok(format!("{id}/maintenanceConfigurations/{name}"))
}

fn provider_path(subscription: &str) -> String {
    format!("/subscriptions/{subscription}/providers/Microsoft.ContainerService")
}

/// What stands in a path as it is: RFC 3986's unreserved characters, its separators, and the brackets of groups.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'(')
    .remove(b')')
    .remove(b'~');

fn is_header_text(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b))
}
