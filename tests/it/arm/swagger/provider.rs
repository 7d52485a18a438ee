//! What the provider sends, from its resources down: every request of whole pipelines, judged by the specification.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::specification::Specification;
use super::{FILE, STAGE};
use crate::upgrade_run::{Azure, Terraform};

/// Runs some pipelines, then takes the resource away; returns the kinds of requests that Azure got.
async fn judged(specification: &Specification, kind: &str, block: Value) -> BTreeSet<String> {
    let azure = Azure::new(STAGE);
    let terraform = Terraform::new(&azure);
    terraform.write(&format!("{kind}.prod"), block);
    terraform.up().await;
    terraform.up().await;
    terraform.destroy().await;
    let mut kinds = BTreeSet::new();
    for exchange in azure.exchanges() {
        let (method, path) = (&exchange.method, &exchange.path);
        // What follows an operation, and the Fleets that may own a cluster, are no part of this file.
        let Some(operation) = specification.operation(method, path) else { continue };
        let sent = (!exchange.sent.is_null()).then_some(&exchange.sent);
        let mut wrong = specification.request(operation, &[], sent);
        wrong.retain(|line| !super::BEYOND.iter().any(|known| line.contains(known)));
        assert!(wrong.is_empty(), "{method} {path}\n{wrong:#?}");
        kinds.insert(format!("{method} {}", operation["operationId"].as_str().unwrap_or(path)));
    }
    kinds
}

#[tokio::test(start_paused = true)]
#[ignore = "needs Azure's specification: set AZURE_OPENAPI"]
async fn requests_of_whole_pipelines() {
    let specification = Specification::read(FILE);
    let window =
        json!([{ "days": ["saturday"], "start": "02:00", "duration": "8h", "time_zone": "Europe/Berlin" }]);
    let weekly = json!({ "interval_weeks": 1, "day_of_week": "saturday" });
    let mut kinds = BTreeSet::new();
    for (kind, block) in [
        (
            "aks_upgrade_policy",
            json!({ "kubernetes_version": "1.35", "node_image": {}, "rollout": { "soak": "1h", "max_surge": "50%", "drain_timeout": "45m" } }),
        ),
        ("aks_upgrade_policy", json!({ "kubernetes_version": "1.35", "rollout": { "whole_cluster": true } })),
        (
            "aks_upgrade_policy",
            json!({ "channel": "stable", "executor": "aks", "maintenance_window": window }),
        ),
        ("aks_node_image", json!({ "rollout": { "max_surge": "33%" } })),
        (
            "aks_maintenance_configuration",
            json!({ "name": "aksManagedNodeOSUpgradeSchedule", "duration_hours": 4, "start_time": "02:00", "weekly": weekly }),
        ),
    ] {
        kinds.extend(judged(&specification, kind, block).await);
    }
    let writes: Vec<&str> =
        kinds.iter().map(String::as_str).filter(|kind| !kind.starts_with("GET")).collect();
    assert_eq!(
        writes,
        [
            "DELETE MaintenanceConfigurations_delete",
            "POST AgentPools_upgrade_node_image_version",
            "PUT AgentPools_create_or_update",
            "PUT MaintenanceConfigurations_create_or_update",
            "PUT ManagedClusters_create_or_update",
        ]
    );
    assert!(kinds.len() >= 9, "{kinds:#?}");
}
