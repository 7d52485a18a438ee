//! The role holds the actions that the calls of the client need, and no other: each call is made once, and the request
//! log of the simulator says what was asked for.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use terraform_provider_aks::arm::client::{Accepted, Client, Settings};
use terraform_provider_aks::arm::credential::StaticToken;
use terraform_provider_aks::arm::id::ClusterId;
use terraform_provider_aks::arm::operation::Progress;
use terraform_provider_aks::arm::permission::{Need, ROLE, allows};
use terraform_provider_aks::arm::response;
use terraform_provider_aks::arm::transport::https;
use terraform_provider_aks::simulator::request_log::Entry;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;

use crate::arm::script::settings;

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

const SCENARIO: &str = r#"
[clock]
tick = "2m"
[[cluster]]
name = "prod"
version = "1.34.2"
[[cluster.pool]]
name = "system"
mode = "System"
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
[[fleet]]
name = "all"
[[fleet.member]]
cluster = "prod"
group = "canary"
[[fleet.strategy]]
name = "rings"
[[fleet.strategy.stage]]
name = "first"
groups = ["canary"]
[[fleet.run]]
name = "monthly"
strategy = "rings"
"#;

/// Starts an Azure that allows these actions alone.
async fn azure(allowed: &[&str]) -> (Simulator, Client) {
    let scenario = format!("{SCENARIO}\n[entra]\nallow = {}\n", json!(allowed));
    let scenario = Scenario::parse(&scenario, ".".as_ref()).unwrap();
    let azure = Simulator::start(scenario, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let settings = settings(&azure.url(), https().unwrap(), Arc::new(StaticToken::new("any")));
    let hurried = Settings { poll_interval: Duration::from_millis(1), ..settings };
    (azure, Client::new(hurried).unwrap())
}

fn role() -> Vec<&'static str> {
    ROLE.iter().map(|permission| permission.action).collect()
}

/// Returns the action that Azure checks for a request: the types of its path, and what it calls the method.
fn action(entry: &Entry) -> String {
    let (_, path) = entry.path.rsplit_once("/providers/").unwrap();
    let words: Vec<&str> = path.split('/').collect();
    let verb = match Method::from_bytes(entry.method.as_bytes()).unwrap() {
        Method::GET => "read",
        Method::POST => "action",
        Method::DELETE => "delete",
        _ => "write",
    };
    let types: Vec<&str> = words[1..].iter().step_by(2).copied().collect();
    format!("{}/{}/{verb}", words[0], types.join("/"))
}

async fn ends(client: &Client, accepted: Accepted) {
    let mut operation = accepted.operation.unwrap();
    for _ in 0..100 {
        if !matches!(client.poll(&mut operation).await.unwrap(), Progress::Running { .. }) {
            return;
        }
    }
    panic!("it runs for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_is_what_every_call_needs_and_no_more() {
    let (azure, client) = azure(&role()).await;
    let id: ClusterId = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
    )
    .parse()
    .unwrap();
    let window = json!({ "properties": { "maintenanceWindow": {
        "schedule": { "weekly": { "intervalWeeks": 1, "dayOfWeek": "Saturday" } },
        "durationHours": 4, "utcOffset": "+00:00", "startTime": "02:00" } } });
    client.clusters(SUBSCRIPTION).await.unwrap();
    client.each_cluster(SUBSCRIPTION, drop).await.unwrap();
    client.clusters_of_group(SUBSCRIPTION, "rg").await.unwrap();
    client.region_versions(SUBSCRIPTION, "westeurope").await.unwrap();
    client.node_images(SUBSCRIPTION, "westeurope").await.unwrap();
    let fleets = response::fleets(&client.fleets(SUBSCRIPTION).await.unwrap().body);
    client.update_runs(&fleets[0]).await.unwrap();
    client.permissions(&id.to_string()).await.unwrap();
    client.upgrade_profile(&id).await.unwrap();
    client.pool_upgrade_profile(&id, "system").await.unwrap();
    client.machines(&id, "system").await.unwrap();
    let name = "aksManagedAutoUpgradeSchedule";
    client.put_maintenance_configuration(&id, name, &window).await.unwrap();
    client.maintenance_configurations(&id).await.unwrap();
    client.delete_maintenance_configuration(&id, name).await.unwrap();
    let pool = client.pool(&id, "system").await.unwrap().body;
    ends(&client, client.put_pool(&id, "system", &pool).await.unwrap()).await;
    ends(&client, client.upgrade_node_image(&id, "system").await.unwrap()).await;
    let body = client.cluster(&id).await.unwrap().body;
    ends(&client, client.put_cluster(&id, &body).await.unwrap()).await;

    let log = azure.log();
    let called: BTreeSet<String> = log.iter().map(action).collect();
    assert_eq!(called, role().into_iter().map(str::to_owned).collect());
}

/// A call that the test above does not make would be missing in the role.
#[test]
fn every_call_of_the_client_is_made_above() {
    let client = include_str!("../../../src/arm/client.rs");
    let test = include_str!("permission.rs");
    let calls = client.split("    pub async fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
    let silent = ["sign_in", "in_time", "identity"];
    let missing: Vec<&str> =
        calls.filter(|call| !silent.contains(call) && !test.contains(&format!("client.{call}("))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The first bad news comes from the first call that is refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_role_is_refused() {
    let without: Vec<&str> =
        role().into_iter().filter(|action| !action.ends_with("agentPools/read")).collect();
    let (_azure, client) = azure(&without).await;
    let id = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
    );
    let refused = client.pool(&id.parse().unwrap(), "system").await.unwrap_err().to_string();
    assert!(refused.contains("Microsoft.ContainerService/managedClusters/agentPools/read"), "{refused}");
}

#[track_caller]
fn allowed(actions: &[&str], taken_back: &[&str], action: &str, is_allowed: bool) {
    let roles = json!({ "value": [{ "actions": actions, "notActions": taken_back }] });
    assert_eq!(allows(&roles, action), is_allowed, "{actions:?} {taken_back:?} {action}");
}

#[test]
fn patterns_of_roles() {
    let read = "Microsoft.ContainerService/managedClusters/agentPools/read";
    allowed(&["*"], &[], read, true);
    allowed(&["*/read"], &[], read, true);
    allowed(&["microsoft.containerservice/MANAGEDCLUSTERS/*"], &[], read, true);
    allowed(&["Microsoft.ContainerService/*/agentPools/*"], &[], read, true);
    allowed(&["Microsoft.ContainerService/*/fleets/*"], &[], read, false);
    allowed(&["Microsoft.ContainerService/managedClusters/read"], &[], read, false);
    allowed(&["*"], &["Microsoft.ContainerService/*/read"], read, false);
    allowed(&[], &[], read, false);
    // What one role takes back, another may give.
    let two = json!({ "value": [{ "actions": ["*"], "notActions": ["*/read"] }, { "actions": [read], "notActions": [] }] });
    assert!(allows(&two, read));
    assert!(!allows(&Value::Null, read));
}

#[test]
fn whoever_upgrades_needs_the_writes() {
    let needed: Vec<&str> =
        ROLE.iter().filter(|one| one.need == Need::Always).map(|one| one.action).collect();
    for write in ["managedClusters/write", "agentPools/write"] {
        assert!(needed.iter().any(|action| action.ends_with(write)), "{write}");
    }
}
