//! Clouds, and clouds that say themselves where they are.

use serde_json::{Value, json};
use terraform_provider_aks::arm::credential::Cloud;
use terraform_provider_aks::arm::metadata::discover;
use terraform_provider_aks::provider::words::errors::sentence;

use crate::arm::script::{Reply, Script, json, text};

#[test]
fn clouds() {
    assert_eq!(Cloud::named("public"), Some(Cloud::Public));
    assert_eq!(Cloud::named("AzureUSGovernment"), Some(Cloud::UsGovernment));
    assert_eq!(Cloud::named("China"), Some(Cloud::China));
    assert_eq!(Cloud::named("german"), None);
    for cloud in [Cloud::Public, Cloud::UsGovernment, Cloud::China] {
        for text in [cloud.endpoint(), cloud.authority(), cloud.scope()] {
            assert!(text.starts_with("https://"), "{text}");
        }
    }
    assert_eq!(Cloud::UsGovernment.scope(), "https://management.core.usgovcloudapi.net/.default");
}

fn stack() -> Value {
    json!({
        "name": "AzureStack", "resourceManager": "https://management.local.azurestack.external/",
        "authentication": {
            "loginEndpoint": "https://adfs.local.azurestack.external/adfs",
            "audiences": ["https://management.adfs.azurestack.local/guid"], "identityProvider": "ADFS"
        }
    })
}

#[tokio::test(start_paused = true)]
async fn a_cloud_describes_itself() {
    let script = Script::new([json(200, &stack())]);
    let found = discover("management.local.azurestack.external", script.clone()).await.unwrap();
    assert_eq!(
        script.seen()[0].line,
        "GET https://management.local.azurestack.external/metadata/endpoints?api-version=2022-09-01"
    );
    assert_eq!(found.endpoint, "https://management.local.azurestack.external/");
    assert_eq!(found.authority_host, "https://adfs.local.azurestack.external/adfs");
    assert_eq!(found.audience, "https://management.adfs.azurestack.local/guid");
}

async fn fails(host: &str, reply: Reply, reason: &str) {
    let error = discover(host, Script::new([reply])).await.unwrap_err();
    assert_eq!(
        sentence(&error),
        format!(
            "The metadata host \"{host}\" does not describe its cloud: {reason}. A correct example is \"management.azure.com\"."
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_cloud_that_does_not() {
    let asked = "GET https://arm.example/metadata/endpoints";
    fails("arm.example", text(404, ""), &format!("{asked} answered 404: the body is empty")).await;
    fails(
        "arm.example",
        text(200, "<html>"),
        &format!("{asked} got an answer that cannot be understood: the body is not JSON (expected value at line 1 column 1)"),
    )
    .await;
    fails("arm.example", text(200, "{}"), "its description lacks resourceManager").await;
    let mut plain = stack();
    plain["resourceManager"] = "http://arm.example".into();
    fails(
        "arm.example",
        json(200, &plain),
        "\"http://arm.example\" is not an https URL; plain http may only go to this machine",
    )
    .await;
    let mut local = stack();
    local["authentication"]["loginEndpoint"] = "http://127.0.0.1:1".into();
    fails("arm.example", json(200, &local), "it names \"http://127.0.0.1:1/\", which is not https").await;
    fails(
        "http://arm.example",
        text(200, "{}"),
        "\"http://arm.example\" is not an https URL; plain http may only go to this machine",
    )
    .await;
}
