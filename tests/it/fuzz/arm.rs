//! What Azure answers, or whoever stands in its place: shown without what steers a terminal, followed to no other host.

use std::time::Duration;

use azure_core::http::Url;
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use terraform_provider_aks::arm::address::{secure, shown, trusted};
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::operation::{Operation, Progress};
use terraform_provider_aks::arm::request;
use terraform_provider_aks::arm::response;
use terraform_provider_aks::arm::retry::{http_date, retry_after};
use terraform_provider_aks::upgrade::version::Version;

use super::{damage, fuzz, steers};
use crate::arm::prod;

fn refusals_seen() -> Vec<Json> {
    vec![
        json!({ "error": { "code": "OperationNotAllowed", "message": "No.", "details": [{ "code": "A", "message": "B" }] } }),
        json!({ "code": "NotFound", "message": "Could not find prod", "subcode": "GetManagedCluster_NotFound", "details": null }),
        json!({ "error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret.", "error_codes": [7000215] }),
        json!({ "error": { "code": "AuthorizationFailed", "message": "The client 'x' does not have authorization to perform action 'a/b' over scope '/c'." } }),
    ]
}

fn polls_seen() -> Vec<Json> {
    vec![
        json!({ "name": "x", "status": "InProgress", "error": { "code": "NotLatestOperation", "message": "x" } }),
        json!({ "status": "Upgrading 1/3 nodes completed" }),
        json!({ "status": "Failed", "error": { "code": "UpgradeFailed", "message": "Drain of node 0 failed.", "details": [] } }),
        json!({ "properties": { "provisioningState": "Canceled", "status": { "provisioningError": { "code": "A", "message": "B" } } } }),
    ]
}

/// Bodies with every field that is read.
fn bodies_seen() -> Vec<Json> {
    let pool = json!({
        "name": "user", "mode": "User", "type": "VirtualMachineScaleSets", "osType": "Linux", "osSKU": "Ubuntu", "count": 3,
        "currentOrchestratorVersion": "1.34.2", "orchestratorVersion": "1.34", "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202611.16.0",
        "provisioningState": "Succeeded", "powerState": { "code": "Running" }, "scaleSetPriority": "Spot",
        "creationData": { "sourceResourceId": "/x" }, "upgradeStrategy": "BlueGreen",
        "upgradeSettings": { "maxSurge": "10%", "maxUnavailable": "1", "drainTimeoutInMinutes": 30, "nodeSoakDurationInMinutes": 1, "undrainableNodeBehavior": "Cordon" },
        "upgradeSettingsBlueGreen": { "drainBatchSize": "50%", "drainTimeoutInMinutes": 30, "batchSoakDurationInMinutes": 15, "finalSoakDurationInMinutes": 60 },
        "virtualMachineNodesStatus": [{ "count": 2 }],
    });
    let run = json!({ "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/fleets/f/updateRuns/r", "properties": {
        "status": { "status": { "state": "Running" }, "stages": [{ "groups": [{ "members": [
            { "clusterResourceId": "/a", "status": { "state": "NotStarted" } }] }] }] } } });
    let window = |schedule: Json| {
        json!({ "value": [{ "name": "default", "properties": { "maintenanceWindow": {
            "schedule": schedule, "durationHours": 4, "utcOffset": "+05:45", "startDate": "2026-11-01", "startTime": "00:00",
            "notAllowedDates": [{ "start": "2026-12-20", "end": "2027-01-05" }] } } }] })
    };
    vec![
        json!({ "id": "/a", "location": "westeurope", "properties": {
            "currentKubernetesVersion": "1.34.2", "kubernetesVersion": "1.34", "provisioningState": "Upgrading", "agentPoolProfiles": [pool.clone(), pool.clone()],
            "supportPlan": "AKSLongTermSupport", "powerState": { "code": "Running" }, "nodeProvisioningProfile": { "mode": "Auto" },
            "autoUpgradeProfile": { "upgradeChannel": "stable", "nodeOSUpgradeChannel": "NodeImage" },
            "status": { "provisioningError": { "code": "A", "message": "B", "details": [] } } } }),
        json!({ "name": "user", "properties": pool }),
        json!({ "properties": { "controlPlaneProfile": { "upgrades": [{ "kubernetesVersion": "1.35.6" }, { "kubernetesVersion": "1.36.0", "isPreview": true }] },
            "upgrades": [{ "kubernetesVersion": "1.35.6" }], "latestNodeImageVersion": "AKSUbuntu-2204gen2containerd-202611.16.0" } }),
        json!({ "values": [{ "version": "1.34", "isPreview": null, "capabilities": { "supportPlan": ["KubernetesOfficial", "AKSLongTermSupport"] },
            "patchVersions": { "1.34.2": { "upgrades": ["1.34.9", "1.35.6"] }, "1.34.9": { "upgrades": [] } } }] }),
        json!({ "value": [{ "id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/fleets/f" }, run.clone()] }),
        run,
        json!({ "value": [{ "name": "default", "properties": { "timeInWeek": [{ "day": "Monday", "hourSlots": [1, 23] }],
            "notAllowedTime": [{ "start": "2026-12-20T00:00:00Z", "end": "2027-01-05T00:00:00Z" }] } }] }),
        window(json!({ "daily": { "intervalDays": 2 } })),
        window(json!({ "weekly": { "intervalWeeks": 1, "dayOfWeek": "Saturday" } })),
        window(json!({ "absoluteMonthly": { "intervalMonths": 6, "dayOfMonth": 31 } })),
        window(
            json!({ "relativeMonthly": { "intervalMonths": 1, "dayOfWeek": "Friday", "weekIndex": "Last" } }),
        ),
        json!({ "value": [{ "properties": { "provisioningState": "Succeeded", "currentOrchestratorVersion": "1.34.2", "nodeImageVersion": "x" } }] }),
    ]
}

fn as_bytes(documents: Vec<Json>) -> Vec<Vec<u8>> {
    documents.iter().map(|one| one.to_string().into_bytes()).collect()
}

#[test]
fn refusals() {
    let mut corpus = as_bytes(refusals_seen());
    corpus.extend([b"<html><title>502</title></html>".to_vec(), b"\xef\xbb\xbf{}".to_vec(), Vec::new()]);
    let structured = damage::json(refusals_seen()).prop_map(|body| body.to_string().into_bytes());
    let cases = (prop_oneof![damage::bytes(corpus), structured], 300..600_u16, damage::text(&["an-id"]));
    fuzz("arm::refusals", 2000, cases, |(body, status, id)| {
        let error = Error::from_answer("GET /x", *status, Some(id), None, body);
        let said = error.to_string();
        assert!(!steers(&said) && said.len() < 5000, "{said:?}");
        let _ = (error.is_passing(), error.is_sign_in(), error.retry_after());
    });
}

const HERE: &str = "https://management.azure.com/subscriptions/s/providers/Microsoft.ContainerService/locations/l/operations/o?t=1";

#[test]
fn addresses() {
    let corpus = [
        HERE,
        "http://localhost:8080/x",
        "https://management.azure.com@evil.example/",
        "https://user:pw@management.azure.com/",
        "//evil.example",
        "/relative",
        "file:///etc/passwd",
        "https://management.azure.com.:443/",
        "https://[::1]/",
    ];
    let endpoint = Url::parse("https://management.azure.com").unwrap();
    fuzz("arm::addresses", 2000, damage::text(&corpus), |text| {
        match trusted(&endpoint, text) {
            Ok(url) => assert_eq!(url.origin(), endpoint.origin()),
            Err(why) => assert!(!steers(&why.to_string()), "{why}"),
        }
        let request = request::cluster(&prod());
        let operation = Operation::new(&endpoint, request, Some(text), Some(text));
        assert!(!operation.refused().is_some_and(steers));
        drop(secure(text));
        assert!(!steers(&shown(text)));
    });
}

#[test]
fn passwords_in_addresses() {
    let before = select(vec!["https://user:", "http://:", "https://a@b:", "user:", "https://x/y:"]);
    let after = select(vec!["@localhost", "@localhost/x@y", "@[::1]:80?q", "@h#f"]);
    fuzz("arm::passwords_in_addresses", 500, (before, after), |(before, after)| {
        let said = shown(&format!("{before}canary{after}"));
        assert!(!said.contains("canary"), "{said}");
    });
}

#[test]
fn polls() {
    let structured = damage::json(polls_seen()).prop_map(|body| body.to_string().into_bytes());
    let cases = (prop_oneof![damage::bytes(as_bytes(polls_seen())), structured], 200..410_u16, any::<bool>());
    let endpoint = Url::parse("https://management.azure.com").unwrap();
    fuzz("arm::polls", 2000, cases, |(body, status, located)| {
        let (url, location) = if *located { (None, Some(HERE)) } else { (Some(HERE), None) };
        let mut operation = Operation::new(&endpoint, request::cluster(&prod()), url, location);
        for _ in 0..2 {
            match operation.step(*status, body, Duration::from_secs(1)) {
                Progress::Running { status, .. } => {
                    assert!(!steers(&status), "{status:?}");
                }
                Progress::Failed { code, message } | Progress::Canceled { code, message } => {
                    assert!(!steers(&code) && !steers(&message), "{code:?} {message:?}");
                }
                Progress::Succeeded | Progress::StatusUnreadable(_) => {}
            }
            operation.look_at_resource();
        }
    });
}

/// Reads a body as everything that it might be.
fn read(body: &Json) {
    let minor = "1.34".parse().unwrap();
    if let Ok(cluster) = response::cluster(&prod(), body) {
        let kept = format!("{} {:?} {:?}", cluster.location, cluster.state, cluster.auto_upgrade_channel);
        assert!(!steers(&kept), "{kept}");
        let pruned = response::cluster(&prod(), &response::prune_cluster(body)).unwrap();
        assert_eq!(pruned, cluster, "what is kept is read as the whole");
        for pool in &cluster.pools {
            assert!(!steers(&pool.name) && !steers(pool.image.as_str()), "{pool:?}");
            drop(response::intended_version(body, &pool.name));
        }
    }
    if let Ok(pool) = response::pool(body) {
        assert!(!steers(&pool.name), "{pool:?}");
    }
    assert_eq!(response::upgrades(&response::prune_upgrades(body)), response::upgrades(body));
    drop((response::pool_upgrades(body), response::latest_image(body), response::fleets(body)));
    drop((response::region(body), response::region(&response::prune_region(body, minor))));
    drop((response::update_runs("/a", [body]), response::member_of_update_run("/a", body)));
    if let Some(found) = response::maintenance_configuration(body, "default") {
        let window = found.window.iter();
        window.for_each(|window| {
            drop((window.windows(), response::maintenance_body(window), window.to_string()))
        });
    }
    let version: Version = "1.35.6".parse().unwrap();
    drop(response::with_cluster_version(body, &version));
    drop(response::with_pool_settings(body, Some("10%"), Some(30)));
    drop((response::with_upgrade_channel(body, "none"), response::with_node_os_channel(body, "None")));
    drop(response::without_snapshot(body.clone()));
}

#[test]
fn bodies() {
    fuzz("arm::bodies", 1500, damage::json(bodies_seen()), read);
}

#[test]
fn bodies_as_bytes() {
    fuzz("arm::bodies_as_bytes", 1000, damage::bytes(as_bytes(bodies_seen())), |bytes| {
        if let Ok(body) = serde_json::from_slice(bytes) {
            read(&body);
        }
    });
}

#[test]
fn headers() {
    let corpus = [
        "1",
        "3600",
        "-5",
        "1e18",
        "18446744073709551616",
        "Thu, 06 Nov 2025 00:55:40 GMT",
        "Thursday, 06-Nov-25 00:55:40 GMT",
        "Fri, 31 Dec 9999 23:59:60 GMT",
        "Sat, 01 Jan 0000 00:00:00 GMT",
    ];
    fuzz("arm::headers", 2000, (damage::text(&corpus), damage::text(&corpus)), |(one, other)| {
        for name in ["x-ms-retry-after-ms", "retry-after-ms", "retry-after"] {
            let wait = retry_after(|asked| match asked {
                "date" => Some(other.as_str()),
                _ => (asked == name).then_some(one.as_str()),
            });
            let bounds = Duration::from_millis(100)..=Duration::from_secs(3600);
            assert!(wait.is_none_or(|wait| bounds.contains(&wait)), "{wait:?}");
        }
        assert!(http_date(one).is_none_or(|at| (Timestamp::MIN..=Timestamp::MAX).contains(&at)));
    });
}
