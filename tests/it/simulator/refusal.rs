//! Every refusal, as `status code: message`.

use super::fixture::{Azure, PROD};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

const BUSY: &str = "please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details";

#[track_caller]
fn refused(azure: &mut Azure, method: &str, path: &str, body: Value, expected: &str) {
    let answer = azure.ask(method, path, body, &[]);
    assert_eq!(answer.refusal(), expected, "{method} {path}");
}

fn version(version: &str) -> Value {
    json!({ "location": "westeurope", "properties": { "kubernetesVersion": version } })
}

fn pool_version(version: &str) -> Value {
    json!({ "properties": { "orchestratorVersion": version } })
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
fn versions_that_are_not_allowed() {
    let mut azure = Azure::prod();
    let offers =
        "1.35.6 1.35.5 1.35.4 1.35.3 1.35.2 1.35.1 1.35.0 1.34.9 1.34.8 1.34.7 1.34.6 1.34.5 1.34.4 1.34.3";
    let not_offered = |to: &str| {
        format!(
            "400 OperationNotAllowed: Upgrading Kubernetes version 1.34.2 to {to} is not allowed. Available upgrades: [{offers}]. Please see https://aka.ms/aks-supported-k8s-ver for version details."
        )
    };
    refused(&mut azure, "PUT", PROD, version("1.36.2"), &not_offered("1.36.2"));
    refused(&mut azure, "PUT", PROD, version("1.34.1"), &not_offered("1.34.1"));
    refused(
        &mut azure,
        "PUT",
        PROD,
        version("1.35.99"),
        "400 K8sVersionNotSupported: Managed cluster prod is on version 1.35.99 which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list",
    );
    let user = format!("{PROD}/agentPools/user");
    refused(
        &mut azure,
        "PUT",
        &user,
        pool_version("1.35.6"),
        "400 NodePoolMcVersionIncompatible: Node pool version 1.35.6 and control plane version 1.34.2 is/are incompatible. Minor version of node pool version 1.35.6 is bigger than control plane version 1.34.2. For more information, please check https://aka.ms/aks/UpgradeVersionRules",
    );
    refused(
        &mut azure,
        "PUT",
        &user,
        pool_version("1.34.1"),
        "400 AgentPoolUpgradeVersionNotAllowed: Upgrading agent pool from version 1.34.2 to 1.34.1 is not allowed.",
    );
    let image = json!({ "properties": { "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202601.01.0" } });
    refused(
        &mut azure,
        "PUT",
        &user,
        image,
        "400 NodeImageVersion: NodeImageVersion 'AKSUbuntu-2204gen2containerd-202601.01.0' is not accepted. NodeImageVersion can only be current version 'AKSUbuntu-2204gen2containerd-202611.16.0' or 'latest'",
    );
}

#[test]
fn a_control_plane_stays_within_three_minors_of_its_pools() {
    let mut azure = Azure::new(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.35.2\"\n[[cluster.pool]]\nname = \"user\"\nversion = \"1.32.11\"",
    );
    refused(
        &mut azure,
        "PUT",
        PROD,
        version("1.36.2"),
        "400 NodePoolMcVersionIncompatible: Node pool version 1.32.11 and control plane version 1.36.2 is/are incompatible. Minor version of node pool cannot be more than 3 versions less than control plane's version. Minor version of node pool is 32 and control plane is 36. For more information, please check https://aka.ms/aks/UpgradeVersionRules",
    );
    azure.put(PROD, version("1.35.6")).expect(200);
}

#[test]
fn pools_in_a_cluster_put_are_all_named_and_unchanged_or_like_the_control_plane() {
    let mixed = "400 NotAllAgentPoolOrchestratorVersionSpecifiedAndUnchanged: Using managed cluster api, all Agent pools' OrchestratorVersion must be all specified or all unspecified. If all specified, they must be stay unchanged or the same with control plane. For agent pool specific change, please use per agent pool operations: https://aka.ms/agent-pool-rest-api";
    let body = |system: &str, user: Option<&str>| {
        let mut user_pool = json!({ "name": "user" });
        if let Some(version) = user {
            user_pool["orchestratorVersion"] = json!(version);
        }
        json!({ "properties": { "kubernetesVersion": "1.35.6", "agentPoolProfiles": [{ "name": "system", "orchestratorVersion": system }, user_pool] } })
    };
    let mut azure = Azure::prod();
    refused(&mut azure, "PUT", PROD, body("1.35.6", None), mixed);
    refused(&mut azure, "PUT", PROD, body("1.35.6", Some("1.34.9")), mixed);
    azure.put(PROD, body("1.34.2", Some("1.35.6"))).expect(200);

    let mut channel =
        Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nupgrade_channel = \"patch\"");
    refused(&mut channel, "PUT", PROD, version("1.35.6"), mixed);
    channel.put(PROD, body("1.35.6", Some("1.35.6"))).expect(200);
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
fn one_operation_at_a_time() {
    let settings = json!({ "properties": { "count": 3 } });
    let (system, user) = (format!("{PROD}/agentPools/system"), format!("{PROD}/agentPools/user"));

    let mut azure = Azure::prod();
    azure.put(PROD, version("1.35.6")).expect(200);
    let busy = format!(
        "409 OperationNotAllowed: Operation is not allowed: Another operation (Upgrading) is in progress, {BUSY}"
    );
    refused(&mut azure, "PUT", PROD, version("1.35.6"), &busy);
    refused(&mut azure, "PATCH", PROD, json!({ "tags": {} }), &busy);
    refused(&mut azure, "PUT", &user, settings.clone(), &busy);
    refused(&mut azure, "POST", &format!("{user}/upgradeNodeImageVersion"), Value::Null, &busy);

    let mut azure = Azure::prod();
    azure.post(&format!("{user}/upgradeNodeImageVersion")).expect(202);
    refused(
        &mut azure,
        "PUT",
        PROD,
        version("1.35.6"),
        &format!(
            "409 OperationNotAllowed: Managed Cluster operation is not allowed: Another operation (UpgradingNodeImageVersion) is in progress on agent pool (user), {BUSY}"
        ),
    );
    refused(
        &mut azure,
        "PUT",
        &user,
        settings.clone(),
        &format!(
            "409 OperationNotAllowed: Operation is not allowed: Another agentpool operation (UpgradingNodeImageVersion) is in progress, {BUSY}"
        ),
    );
    // Two pools may work together.
    azure.put(&system, settings).expect(200);
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

/// Method, path, headers and the status that is expected.
type Row<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], u16);

/// The table of docs: use-etags.
#[test]
fn conditions_on_etags() {
    let absent = PROD.replace("/prod", "/other");
    let pools = json!([{ "name": "system", "mode": "System" }]);
    let body = json!({ "location": "westeurope", "properties": { "agentPoolProfiles": pools } });
    let current = Azure::prod().get(PROD).body["eTag"].as_str().unwrap().to_owned();
    let quoted = format!("\"{current}\"");
    let rows: [Row<'_>; 16] = [
        ("PUT", &absent, &[], 201),
        ("PUT", &absent, &[("if-match", "*")], 412),
        ("PUT", &absent, &[("if-match", "xyz")], 412),
        ("PUT", &absent, &[("if-none-match", "*")], 201),
        ("PUT", PROD, &[("if-match", "*")], 200),
        ("PUT", PROD, &[("if-match", "xyz")], 412),
        ("PUT", PROD, &[("if-match", &current)], 200),
        ("PUT", PROD, &[("if-match", &quoted)], 200),
        ("PUT", PROD, &[("if-none-match", "*")], 412),
        ("PUT", PROD, &[("if-none-match", "xyz")], 400),
        ("PUT", PROD, &[("if-match", "*"), ("if-none-match", "*")], 400),
        ("PATCH", &absent, &[("if-match", "*")], 404),
        ("PATCH", PROD, &[("if-match", "xyz")], 412),
        ("DELETE", &absent, &[("if-match", "*")], 204),
        ("DELETE", PROD, &[("if-match", "xyz")], 412),
        ("DELETE", PROD, &[("if-match", "*")], 202),
    ];
    for (method, path, headers, status) in rows {
        let body = if method == "PUT" { body.clone() } else { json!({ "tags": {} }) };
        let answer = Azure::prod().ask(method, path, body, headers);
        assert_eq!(answer.status, status, "{method} {path} {headers:?}: {}", answer.body);
    }
}
