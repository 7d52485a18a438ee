//! Every request as text.

use serde_json::json;
use terraform_provider_aks::arm::error::Error;
use terraform_provider_aks::arm::id::{ClusterId, FleetId};
use terraform_provider_aks::arm::request::{self, Request};

use super::{SUBSCRIPTION, path, prod};

#[track_caller]
fn asks(request: Request, line: &str) {
    assert_eq!(request.to_string(), format!("{line}?api-version=2026-08-01\naccept: application/json\n\n"));
}

#[test]
fn reads() {
    let (id, at) = (prod(), path());
    asks(request::cluster(&id), &format!("GET {at}"));
    asks(request::upgrade_profile(&id), &format!("GET {at}/upgradeProfiles/default"));
    asks(request::pool(&id, "system").unwrap(), &format!("GET {at}/agentPools/system"));
    asks(
        request::pool_upgrade_profile(&id, "system").unwrap(),
        &format!("GET {at}/agentPools/system/upgradeProfiles/default"),
    );
    assert!(
        request::node_images(id.subscription(), "westeurope")
            .unwrap()
            .target
            .ends_with("/locations/westeurope/nodeImageVersions?api-version=2026-08-02-preview")
    );
    assert_eq!(
        request::machines(&id, "system").unwrap().target,
        format!("{at}/agentPools/system/machines?api-version=2026-08-02-preview"),
    );
    asks(request::maintenance_configurations(&id), &format!("GET {at}/maintenanceConfigurations"));
    let provider = format!("GET /subscriptions/{SUBSCRIPTION}/providers/Microsoft.ContainerService");
    asks(request::clusters(SUBSCRIPTION).unwrap(), &format!("{provider}/managedClusters"));
    asks(
        request::region_versions(SUBSCRIPTION, "westeurope").unwrap(),
        &format!("{provider}/locations/westeurope/kubernetesVersions"),
    );
    let fleets = request::fleets(SUBSCRIPTION).unwrap();
    assert_eq!(format!("GET {}", fleets.target), format!("{provider}/fleets?api-version=2025-03-01"));
    let at = path().replace("managedClusters/prod", "fleets/all");
    let runs = request::update_runs(&FleetId::parse(&at).unwrap());
    assert_eq!(runs.target, format!("{at}/updateRuns?api-version=2025-03-01"));
}

/// A list of Fleets comes from outside, and its ids become paths that the token is sent to.
#[test]
fn ids_that_are_no_fleets() {
    let at = path().replace("managedClusters/prod", "fleets/all");
    assert!(FleetId::parse(&at.to_uppercase()).is_some());
    for wrong in [
        String::new(),
        path(),
        format!("{at}/members/prod"),
        at.replace("fleets/all", "fleets/.."),
        at.replace("fleets/all", "fleets/a%2fb"),
        at.replace("/resourceGroups/", "/resourceGroups/../"),
        format!("https://elsewhere.example{at}"),
    ] {
        assert!(FleetId::parse(&wrong).is_none(), "{wrong}");
    }
}

#[test]
fn writes() {
    let text = request::put_cluster(&prod(), &json!({"properties": {"a": 1.50}, "eTag": "de49"})).to_string();
    let at = path();
    assert_eq!(
        text,
        format!(
            "PUT {at}?api-version=2026-08-01\naccept: application/json\ncontent-type: application/json\nif-match: de49\n\n\
             {{\"properties\":{{\"a\":1.5}},\"eTag\":\"de49\"}}"
        )
    );
    let text =
        request::put_pool(&prod(), "user", &json!({"properties": {"eTag": "caa7"}})).unwrap().to_string();
    assert_eq!(
        text,
        format!(
            "PUT {at}/agentPools/user?api-version=2026-08-01\naccept: application/json\ncontent-type: application/json\nif-match: caa7\n\n\
             {{\"properties\":{{\"eTag\":\"caa7\"}}}}"
        )
    );
    assert_eq!(
        request::upgrade_node_image(&prod(), "user").unwrap().to_string(),
        format!(
            "POST {at}/agentPools/user/upgradeNodeImageVersion?api-version=2026-08-01\naccept: application/json\ncontent-length: 0\n\n"
        )
    );
}

#[test]
fn no_etag_no_condition() {
    for body in [json!({}), json!({"eTag": null}), json!({"eTag": ""}), json!({"eTag": "a\nb"}), json!(null)]
    {
        let request = request::put_cluster(&prod(), &body);
        assert!(request.headers.iter().all(|(name, _)| *name != "if-match"), "{body}");
    }
}

#[test]
fn numbers_are_written_as_they_were_read() {
    let body = serde_json::from_str("{\"a\":1.50,\"b\":12345678901234567890123,\"c\":1e400}").unwrap();
    let request = request::put_cluster(&prod(), &body);
    assert_eq!(
        String::from_utf8(request.body).unwrap(),
        "{\"a\":1.50,\"b\":12345678901234567890123,\"c\":1e+400}"
    );
}

#[test]
fn other_scripts_are_encoded() {
    let id: ClusterId = path().replace("my-rg", "Größe").parse().unwrap();
    assert!(request::cluster(&id).target.contains("/resourceGroups/Gr%C3%B6%C3%9Fe/"));
}

#[test]
fn names_that_lead_elsewhere() {
    for name in ["..", "a/b", "a?b", ""] {
        assert!(matches!(request::pool(&prod(), name), Err(Error::Id(_))), "{name}");
        assert!(matches!(request::put_pool(&prod(), name, &json!({})), Err(Error::Id(_))), "{name}");
        assert!(matches!(request::upgrade_node_image(&prod(), name), Err(Error::Id(_))), "{name}");
        assert!(matches!(request::region_versions(SUBSCRIPTION, name), Err(Error::Id(_))), "{name}");
        assert!(matches!(request::clusters(name), Err(Error::Id(_))), "{name}");
    }
}

#[test]
fn the_debug_form_tells_no_body() {
    let request = request::put_cluster(&prod(), &json!({"secret": "s3cr3t"}));
    assert_eq!(format!("{request:?}"), format!("PUT {}", path()));
}
