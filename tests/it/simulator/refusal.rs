//! Every refusal, as `status code: message`.

use super::fixture::{Azure, PROD};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

#[track_caller]
fn refused(azure: &mut Azure, method: &str, path: &str, body: Value, expected: &str) {
    let answer = azure.ask(method, path, body, &[]);
    assert_eq!(answer.refusal(), expected, "{method} {path}");
}

fn version(version: &str) -> Value {
    json!({ "location": "westeurope", "properties": { "kubernetesVersion": version } })
}

#[test]
fn what_is_missing_is_missing_in_azures_two_shapes() {
    let mut azure = Azure::prod();
    let elsewhere = PROD.replace("/rg/", "/nowhere/");
    let other = PROD.replace("/prod", "/other");
    let rows = [
        (
            other.clone(),
            "404 ResourceNotFound: The Resource 'Microsoft.ContainerService/managedClusters/other' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
        ),
        (elsewhere, "404 ResourceGroupNotFound: Resource group 'nowhere' could not be found."),
        (
            format!("{PROD}/agentPools/gone"),
            "404 NotFound: Could not find the agentpool: gone in subscription: 00000000-0000-0000-0000-000000000000, resourceGroup: rg, resourceName: prod.",
        ),
        (format!("{PROD}/agentPools/user/machines/gone"), "404 NotFound: The entity was not found."),
    ];
    for (path, expected) in rows {
        refused(&mut azure, "GET", &path, Value::Null, expected);
    }
    assert!(azure.get(&other).body.get("error").is_some());
    let pool = azure.get(&format!("{PROD}/agentPools/gone")).body;
    assert_eq!(pool["subcode"], "GetAgentPool_NotFound_HCPServerError");
    assert_eq!(pool["details"][0]["message"], "rpc error: code = NotFound desc = Agent Pool not found");
}

#[test]
fn a_deleted_cluster_is_first_missed_by_the_provider_and_later_by_the_gateway() {
    let mut azure = Azure::prod();
    azure.ask("DELETE", PROD, Value::Null, &[]).expect(202);
    azure.wait(180);
    refused(
        &mut azure,
        "GET",
        PROD,
        Value::Null,
        "404 NotFound: Could not find managed cluster resource: prod in subscription: 00000000-0000-0000-0000-000000000000, resourceGroup: rg.",
    );
    azure.wait(60);
    assert_eq!(azure.get(PROD).body["error"]["code"], "ResourceNotFound");
}

#[test]
fn a_token_and_an_api_version_are_asked_for() {
    let mut azure = Azure::prod();
    let bare = Request::get(format!("https://management.azure.com{PROD}?api-version=2026-08-01"));
    let answer = azure.send(bare.body(Bytes::new()).unwrap());
    assert_eq!(
        answer.refusal(),
        "401 AuthenticationFailed: Authentication failed. The 'Authorization' header is missing."
    );
    assert!(answer.header("www-authenticate").starts_with("Bearer "));
    let unversioned =
        Request::get(format!("https://management.azure.com{PROD}")).header("authorization", "Bearer x");
    let answer = azure.send(unversioned.body(Bytes::new()).unwrap());
    assert_eq!(
        answer.refusal(),
        "400 MissingApiVersionParameter: The api-version query parameter (?api-version=) is required for all requests."
    );
}

#[test]
fn a_cluster_outside_support_moves_whole_to_the_oldest_supported_minor() {
    let mut azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.33.5\"");
    let profile = azure.get(&format!("{PROD}/upgradeProfiles/default")).body;
    let offers = profile["properties"]["controlPlaneProfile"]["upgrades"].as_array().unwrap();
    assert_eq!(offers.first().unwrap()["kubernetesVersion"], "1.34.9");
    assert_eq!(offers.last().unwrap()["kubernetesVersion"], "1.34.0");
    assert_eq!(azure.put(PROD, version("1.34.9")).status, 400);
    let whole = json!({ "properties": { "kubernetesVersion": "1.34.9", "agentPoolProfiles": [
        { "name": "system", "orchestratorVersion": "1.34.9" }, { "name": "user", "orchestratorVersion": "1.34.9" }
    ] } });
    azure.put(PROD, whole).expect(200);
    let mut azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.33.5\"");
    assert!(azure.put(PROD, version("1.33.5")).refusal().starts_with("400 K8sVersionNotSupported: Managed cluster prod is on version 1.33.5, which is only available for Long-Term Support (LTS)."));
}

#[test]
fn a_stopped_cluster_refuses_until_it_is_started() {
    let mut azure = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\npower = \"Stopped\"");
    refused(
        &mut azure,
        "PUT",
        PROD,
        version("1.35.6"),
        "409 OperationNotAllowed: managed cluster is not currently running, upgrading cannot be performed",
    );
    refused(
        &mut azure,
        "POST",
        &format!("{PROD}/stop"),
        Value::Null,
        "409 OperationNotAllowed: managed cluster is not currently running, stopping cannot be performed",
    );
    azure.post(&format!("{PROD}/start")).expect(202);
    assert_eq!(azure.get(PROD).body["properties"]["provisioningState"], "Starting");
    azure.wait(170);
    assert_eq!(azure.get(PROD).body["properties"]["powerState"]["code"], "Running");
    azure.put(PROD, version("1.35.6")).expect(200);
}

/// The rest of the table of docs: use-etags stands among the raw rules.
#[test]
fn the_current_etag_fits_with_and_without_quotes() {
    let current = Azure::prod().get(PROD).body["eTag"].as_str().unwrap().to_owned();
    for etag in [current.clone(), format!("\"{current}\"")] {
        let body = json!({ "location": "westeurope", "properties": {} });
        Azure::prod().ask("PUT", PROD, body, &[("if-match", &etag)]).expect(200);
    }
}
