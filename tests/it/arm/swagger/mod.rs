//! What we send and what the simulator answers, judged by Azure's own specification.

#![allow(clippy::unwrap_used)]

mod fleet;
mod provider;
mod specification;
mod stand;

use bytes::Bytes;
use serde_json::{Value, json};
use specification::Specification;
use stand::{Exchange, Stand};
use terraform_provider_aks::arm::client::{Accepted, Client};
use terraform_provider_aks::arm::id::ClusterId;
use terraform_provider_aks::arm::operation::Progress;
use terraform_provider_aks::arm::response as edit;

const FILE: &str = "managedClusters.2026-08-01.derived.json";
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
const PROD: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";
const STAGE: &str = "[service]\ntransient_errors = false\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n\
    pool = [{ name = \"system\", mode = \"System\", image = \"AKSUbuntu-2204gen2containerd-202610.19.0\" }, { name = \"user\", os_sku = \"AzureLinux\" }]";

/// What Azure was recorded to send, though the stable specification does not have it.
const BEYOND: [&str; 2] = ["upgradeStrategy: unknown", "backendPoolType: \"nodeIPConfiguration\" is none of"];

/// Judges every exchange that the specification knows, but for what lies `beyond` it, and returns how many those are.
#[track_caller]
fn judge(specification: &Specification, exchanges: &[Exchange], beyond: &[&str]) -> usize {
    let mut judged = 0;
    for exchange in exchanges {
        let Exchange { method, path, query, sent, status, headers, body } = exchange;
        let Some(operation) = specification.operation(method, path) else {
            assert!(path.contains("/operations/") || path.contains("/operationresults/"), "{method} {path}");
            continue;
        };
        let mut wrong = specification.request(operation, query, sent.as_ref());
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        wrong.extend(specification.answer(operation, *status, &headers, body));
        wrong.retain(|line| !beyond.iter().any(|known| line.contains(known)));
        // A page of agent pools or machines is named by the link itself.
        wrong.retain(|line| !line.starts_with("query skipToken") && !line.starts_with("query %24skipToken"));
        assert!(wrong.is_empty(), "{method} {path} {status}\n{wrong:#?}");
        judged += 1;
    }
    judged
}

async fn follow(stand: &Stand, client: &Client, accepted: Accepted) {
    let mut operation = accepted.operation.unwrap();
    assert!(matches!(client.poll(&mut operation).await.unwrap(), Progress::Running { .. }));
    stand.wait(3600);
    assert_eq!(client.poll(&mut operation).await.unwrap(), Progress::Succeeded);
}

#[tokio::test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
async fn requests_of_our_client_and_their_answers() {
    let stand = Stand::new(STAGE);
    let (client, id) = (stand.client(), PROD.parse::<ClusterId>().unwrap());
    client.clusters(SUBSCRIPTION).await.unwrap();
    client.region_versions(SUBSCRIPTION, "westeurope").await.unwrap();
    client.upgrade_profile(&id).await.unwrap();
    client.pool_upgrade_profile(&id, "user").await.unwrap();
    client.maintenance_configurations(&id).await.unwrap();
    let version = "1.35.5".parse().unwrap();
    let body = edit::with_cluster_version(&client.cluster(&id).await.unwrap().body, &version);
    follow(&stand, &client, client.put_cluster(&id, &body).await.unwrap()).await;
    let pool = client.pool(&id, "user").await.unwrap().body;
    let body = edit::with_pool_version(&pool, &version, Some("33%"), Some(45));
    follow(&stand, &client, client.put_pool(&id, "user", &body).await.unwrap()).await;
    follow(&stand, &client, client.upgrade_node_image(&id, "system").await.unwrap()).await;
    let body = client.cluster(&id).await.unwrap().body;
    let body = edit::with_full_version(&body, &"1.35.6".parse().unwrap(), |_| (None, None));
    follow(&stand, &client, client.put_cluster(&id, &body).await.unwrap()).await;
    let judged = judge(&Specification::read(FILE), &stand.exchanges(), &BEYOND);
    assert!(judged >= 12, "{judged} exchanges");
}

/// Returns every way to misspell one field of a body: where, and the body.
fn misspelt(body: &Value, at: &str) -> Vec<(String, Value)> {
    let mut all = vec![];
    match body {
        Value::Object(object) => {
            for (key, value) in object {
                let at = format!("{at}/{key}");
                let mut other = object.clone();
                other.insert(format!("{key}s"), other[key].clone());
                other.remove(key);
                all.push((at.clone(), Value::Object(other)));
                for (at, inner) in misspelt(value, &at) {
                    let mut other = object.clone();
                    other.insert(key.clone(), inner);
                    all.push((at, Value::Object(other)));
                }
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                for (at, inner) in misspelt(value, &format!("{at}/{index}")) {
                    let mut other = list.clone();
                    other[index] = inner;
                    all.push((at, Value::Array(other)));
                }
            }
        }
        _ => {}
    }
    all
}

#[tokio::test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
async fn a_misspelt_field_of_ours_is_found() {
    let stand = Stand::new(STAGE);
    let (client, id) = (stand.client(), PROD.parse::<ClusterId>().unwrap());
    let specification = Specification::read(FILE);
    let version = "1.35.5".parse().unwrap();
    let cluster = client.cluster(&id).await.unwrap().body;
    let pool = client.pool(&id, "user").await.unwrap().body;
    let bodies = [
        (PROD.to_owned(), edit::with_cluster_version(&cluster, &version)),
        (PROD.to_owned(), edit::with_full_version(&cluster, &version, |_| (None, None))),
        (format!("{PROD}/agentPools/user"), edit::with_pool_version(&pool, &version, Some("33%"), Some(45))),
    ];
    for (path, body) in bodies {
        let operation = specification.operation("PUT", &path).unwrap();
        let known = specification.request(operation, &[], Some(&body));
        let ways = misspelt(&body, "");
        assert!(ways.len() > 30, "{body}");
        // What a map holds has any name.
        let named = |at: &str| {
            ["identityProfile", "tags", "nodeLabels"].iter().any(|map| at.rsplit('/').nth(1) == Some(map))
        };
        for (at, wrong) in ways.into_iter().filter(|(at, _)| !named(at)) {
            let found = specification.request(operation, &[], Some(&wrong));
            assert_ne!(found, known, "{path} {at}");
        }
    }
}

struct Table(std::sync::Arc<Stand>);

impl Table {
    /// Asks, and lets all work end.
    #[track_caller]
    fn row(&self, status: u16, method: &str, path: &str, body: Value) {
        let base = if path.starts_with("/sub") { "" } else { PROD };
        let request = http::Request::builder()
            .method(method)
            .uri(format!("https://management.azure.com{base}{path}?api-version=2026-08-01"))
            .header("authorization", "Bearer secret");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.0.send(request.body(Bytes::from(body)).unwrap());
        assert_eq!(answer.status(), status, "{method} {path}: {:?}", answer.body());
    }

    fn read(&self, path: &str) {
        self.row(200, "GET", path, Value::Null);
    }
}

#[test]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
fn every_answer_of_the_simulator() {
    let table = Table(Stand::new(STAGE));
    let none = || Value::Null;
    let own = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerService";
    let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService";
    for path in ["", "/upgradeProfiles/default", "/availableAgentPoolVersions", "/agentPools"] {
        table.read(path);
    }
    for path in ["", "/upgradeProfiles/default", "/machines", "/machines/aks-user-31466537-vmss000000"] {
        table.read(&format!("/agentPools/user{path}"));
    }
    for path in ["locations/westeurope/kubernetesVersions", "managedClusters"] {
        table.read(&format!("{own}/{path}"));
    }
    table.read(&format!("{group}/managedClusters"));
    let window = json!({ "maintenanceWindow": { "schedule": { "weekly": { "intervalWeeks": 1, "dayOfWeek": "Friday" } }, "durationHours": 4, "startTime": "02:00" } });
    let config = "/maintenanceConfigurations/aksManagedAutoUpgradeSchedule";
    table.row(404, "GET", config, none());
    table.row(200, "PUT", config, json!({ "properties": window }));
    table.read(config);
    table.read("/maintenanceConfigurations");
    table.row(400, "PUT", "/maintenanceConfigurations/other", json!({}));
    table.row(200, "DELETE", config, none());
    table.row(204, "DELETE", config, none());

    table.row(404, "GET", "/agentPools/none", none());
    table.row(404, "GET", "/agentPools/user/machines/none", none());
    table.row(404, "GET", &format!("{group}/managedClusters/none"), none());
    let to =
        |version: &str| json!({ "location": "westeurope", "properties": { "kubernetesVersion": version } });
    table.row(400, "PUT", "", to("1.37.0"));
    table.row(200, "PUT", "", to("1.35.6"));
    table.row(409, "PUT", "", to("1.35.6"));
    table.row(202, "POST", "/abort", none());
    table.0.wait(60);
    table.read("");
    table.row(202, "POST", "/agentPools/user/upgradeNodeImageVersion", none());
    table.row(202, "POST", "/agentPools/user/abort", none());
    table.0.wait(60);
    table.row(200, "PATCH", "", json!({ "tags": { "team": "a" } }));
    table.0.wait(60);
    let snapshot = format!("{group}/snapshots/before");
    let source = json!({ "sourceResourceId": format!("{PROD}/agentPools/system") });
    let of_system = json!({ "location": "westeurope", "properties": { "creationData": source, "snapshotType": "NodePool" } });
    table.row(200, "PUT", &snapshot, of_system);
    table.row(200, "PATCH", &snapshot, json!({ "tags": { "team": "a" } }));
    for path in [&snapshot, &format!("{group}/snapshots"), &format!("{own}/snapshots")] {
        table.read(path);
    }
    table.row(202, "POST", "/agentPools/system/upgradeNodeImageVersion", none());
    table.0.wait(3600);
    table.read("/agentPools/system/upgradeProfiles/default");
    let back = json!({ "properties": { "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202610.19.0" } });
    table.row(200, "PUT", "/agentPools/system", back);
    table.0.wait(3600);
    table.row(
        201,
        "PUT",
        "/agentPools/copy",
        json!({ "properties": { "count": 1, "creationData": { "sourceResourceId": snapshot } } }),
    );
    table.0.wait(600);
    table.row(200, "DELETE", &snapshot, none());
    table.row(204, "DELETE", &snapshot, none());
    table.row(404, "GET", &snapshot, none());
    for action in ["/stop", "/start"] {
        table.row(202, "POST", action, none());
        table.0.wait(600);
        table.read("");
    }
    let pool = json!({ "properties": { "count": 1, "osSKU": "AzureLinux", "vmSize": "Standard_D4ds_v5" } });
    table.row(201, "PUT", "/agentPools/more", pool);
    table.0.wait(600);
    table.row(202, "DELETE", "/agentPools/more", none());
    table.0.wait(600);
    let cluster = json!({ "location": "westus2", "properties": { "kubernetesVersion": "1.35", "agentPoolProfiles": [{ "name": "np", "mode": "System", "count": 1 }] } });
    let new = format!("{group}/managedClusters/new");
    table.row(201, "PUT", &new, cluster);
    table.0.wait(600);
    table.row(202, "DELETE", &new, none());
    table.0.wait(600);
    let judged = judge(&Specification::read(FILE), &table.0.exchanges(), &BEYOND);
    assert!(judged >= 49, "{judged} exchanges");
}
