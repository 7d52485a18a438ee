//! What the provider says about itself, and what happens when even that goes wrong.

use std::sync::Arc;

use async_trait::async_trait;
use terraform_provider_aks::terraform::diagnostic::Diagnostic;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::resource::Resource;
use terraform_provider_aks::terraform::schema::Schema;
use terraform_provider_aks::terraform::value::Value;

use super::client::{Client, confesses};

#[tokio::test]
async fn the_metadata_names_what_there_is() {
    let client = Client::start().await;
    let answer: wire::get_metadata::Response =
        client.call("/tfplugin6.Provider/GetMetadata", wire::get_metadata::Request {}).await;
    use wire::get_metadata as named;
    let wanted = wire::get_metadata::Response {
        server_capabilities: Some(wire::ServerCapabilities {
            plan_destroy: true,
            get_provider_schema_optional: true,
            move_resource_state: true,
            generate_resource_config: false,
        }),
        resources: vec![named::ResourceMetadata { type_name: "toy_thing".into() }],
        data_sources: vec![named::DataSourceMetadata { type_name: "toy_weather".into() }],
        functions: ["echo", "join", "shout"]
            .map(|name| named::FunctionMetadata { name: name.into() })
            .to_vec(),
        actions: vec![named::ActionMetadata { type_name: "toy_ring".into() }],
        list_resources: vec![named::ListResourceMetadata { type_name: "toy_thing".into() }],
        ..Default::default()
    };
    assert_eq!(answer, wanted);
}

/// A provider that panics when it is asked about itself.
struct Broken {
    schema: bool,
}

#[async_trait]
impl Provider for Broken {
    fn schema(&self) -> Schema {
        assert!(!self.schema, "the panic's text");
        Schema::new(0, "Broken.", Vec::new())
    }

    fn validate(&self, _: &Value) -> Vec<Diagnostic> {
        Vec::new()
    }

    async fn configure(&self, _: Value, _: &str) -> Vec<Diagnostic> {
        Vec::new()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        panic!("the panic's text")
    }
}

#[tokio::test]
async fn a_panic_in_a_schema_is_a_diagnostic() {
    let client = Client::of(Arc::new(Broken { schema: true })).await;
    let schemas = wire::get_provider_schema::Request::default();
    let answer: wire::get_provider_schema::Response =
        client.call("/tfplugin6.Provider/GetProviderSchema", schemas).await;
    confesses(&answer.diagnostics, "The schema of the provider");
    let config = Some(wire::DynamicValue { msgpack: vec![0x80], json: Vec::new() });
    let request = wire::validate_provider_config::Request { config: config.clone() };
    let answer: wire::validate_provider_config::Response =
        client.call("/tfplugin6.Provider/ValidateProviderConfig", request).await;
    confesses(&answer.diagnostics, "The schema of the provider");
    let request = wire::configure_provider::Request { config, ..Default::default() };
    let answer: wire::configure_provider::Response =
        client.call("/tfplugin6.Provider/ConfigureProvider", request).await;
    confesses(&answer.diagnostics, "The schema of the provider");
}

#[tokio::test]
async fn a_panic_in_the_list_of_resources_is_a_diagnostic() {
    let client = Client::of(Arc::new(Broken { schema: false })).await;
    let what = "The list of resources of the provider";
    let schemas = wire::get_provider_schema::Request::default();
    let answer: wire::get_provider_schema::Response =
        client.call("/tfplugin6.Provider/GetProviderSchema", schemas).await;
    confesses(&answer.diagnostics, what);
    let answer: wire::get_metadata::Response =
        client.call("/tfplugin6.Provider/GetMetadata", wire::get_metadata::Request {}).await;
    confesses(&answer.diagnostics, what);
    let identities = wire::get_resource_identity_schemas::Request {};
    let answer: wire::get_resource_identity_schemas::Response =
        client.call("/tfplugin6.Provider/GetResourceIdentitySchemas", identities).await;
    confesses(&answer.diagnostics, what);
    let read = wire::read_resource::Request { type_name: "toy_thing".into(), ..Default::default() };
    let answer: wire::read_resource::Response = client.call("/tfplugin6.Provider/ReadResource", read).await;
    confesses(&answer.diagnostics, what);
}
