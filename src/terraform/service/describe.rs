//! What there is: schemas and names.
//!
//! What Terraform does not forgive: a schema without a block, an attribute without a type. Either
//! crashes it, so the functions here cannot leave them out.

use std::sync::Arc;

use super::super::diagnostic::Diagnostic;
use super::super::json;
use super::super::proto::tfplugin6 as wire;
use super::super::proto::tfplugin6::schema::object::NestingMode;
use super::super::schema::{Attribute, Block, Kind, Nesting, Presence, Schema};
use super::{Managed, Service, convert};

/// Answers GetMetadata.
pub async fn metadata(service: &Service) -> wire::get_metadata::Response {
    let named = |name: &&str| wire::get_metadata::ResourceMetadata { type_name: (*name).to_owned() };
    let (resources, diagnostics) = match service.resources().await {
        Ok(resources) => (resources.keys().map(named).collect(), Vec::new()),
        Err(error) => (Vec::new(), convert::diagnostics(vec![error])),
    };
    let server_capabilities = Some(capabilities());
    wire::get_metadata::Response { server_capabilities, resources, diagnostics, ..Default::default() }
}

/// Answers GetProviderSchema.
pub async fn schemas(service: &Service) -> wire::get_provider_schema::Response {
    described(service).await.unwrap_or_else(|error| wire::get_provider_schema::Response {
        diagnostics: convert::diagnostics(vec![error]),
        ..Default::default()
    })
}

async fn described(service: &Service) -> Result<wire::get_provider_schema::Response, Diagnostic> {
    let described = |(name, managed): (&&str, &Arc<Managed>)| ((*name).to_owned(), schema(&managed.schema));
    Ok(wire::get_provider_schema::Response {
        provider: Some(schema(&service.provider_schema().await?)),
        resource_schemas: service.resources().await?.iter().map(described).collect(),
        server_capabilities: Some(capabilities()),
        ..Default::default()
    })
}

/// `get_provider_schema_optional` spares all but one process of a command the schema. Without
/// `move_resource_state` Terraform itself refuses a `moved` block, and less clearly than we do.
fn capabilities() -> wire::ServerCapabilities {
    wire::ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        ..Default::default()
    }
}

fn schema(schema: &Schema) -> wire::Schema {
    let block = body(&schema.description, &schema.attributes, &schema.blocks);
    wire::Schema { version: schema.version, block: Some(block) }
}

fn body(description: &str, attributes: &[Attribute], blocks: &[Block]) -> wire::schema::Block {
    wire::schema::Block {
        attributes: attributes.iter().map(attribute).collect(),
        block_types: blocks.iter().map(block).collect(),
        description: description.to_owned(),
        description_kind: wire::StringKind::Markdown.into(),
        ..Default::default()
    }
}

/// The numbers of items stay 0: no limit, and for a single block "once or not at all". A limit would also be held
/// against a `dynamic` block whose number is not known yet.
fn block(block: &Block) -> wire::schema::NestedBlock {
    use wire::schema::nested_block::NestingMode;
    let nesting = match block.nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::NestedBlock {
        type_name: block.name.clone(),
        block: Some(body(&block.description, &block.attributes, &block.blocks)),
        nesting: nesting.into(),
        ..Default::default()
    }
}

fn attribute(attribute: &Attribute) -> wire::schema::Attribute {
    let (r#type, nested_type) = match &attribute.kind {
        Kind::Plain(plain) => (json::encode_type(plain), None),
        Kind::Nested(nesting, attributes) => (Vec::new(), Some(object(*nesting, attributes))),
    };
    let presence = attribute.presence;
    wire::schema::Attribute {
        name: attribute.name.clone(),
        r#type,
        nested_type,
        description: attribute.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        required: presence == Presence::Required,
        optional: matches!(presence, Presence::Optional | Presence::OptionalComputed),
        computed: matches!(presence, Presence::Computed | Presence::OptionalComputed),
        sensitive: attribute.sensitive,
        ..Default::default()
    }
}

fn object(nesting: Nesting, attributes: &[Attribute]) -> wire::schema::Object {
    let nesting = match nesting {
        Nesting::Single => NestingMode::Single,
        Nesting::List => NestingMode::List,
        Nesting::Set => NestingMode::Set,
        Nesting::Map => NestingMode::Map,
    };
    wire::schema::Object {
        attributes: attributes.iter().map(attribute).collect(),
        nesting: nesting.into(),
        ..Default::default()
    }
}
