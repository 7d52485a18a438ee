//! What there is: schemas and names.
//!
//! What Terraform does not forgive: a schema without a block, an attribute without a type, a function
//! without a result, an action without a schema. Each crashes it, so the functions here cannot leave
//! them out.

use std::collections::HashMap;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::function::{Parameter, Signature};
use crate::terraform::json;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::proto::tfplugin6::schema::object::NestingMode;
use crate::terraform::schema::{Attribute, Block, Kind, Nesting, Presence, Schema};
use crate::terraform::service::catalogue::Named;
use crate::terraform::service::{Service, convert};

/// Answers GetMetadata: the names of everything.
pub async fn metadata(service: &Service) -> wire::get_metadata::Response {
    let named = names(service).await.unwrap_or_else(|error| wire::get_metadata::Response {
        diagnostics: convert::diagnostics(vec![error]),
        ..Default::default()
    });
    wire::get_metadata::Response { server_capabilities: Some(capabilities()), ..named }
}

async fn names(service: &Service) -> Result<wire::get_metadata::Response, Diagnostic> {
    use wire::get_metadata as wire;
    fn each<T, M>(named: &Named<T>, metadata: impl Fn(String) -> M) -> Vec<M> {
        named.keys().map(|name| metadata((*name).to_owned())).collect()
    }
    Ok(wire::Response {
        resources: each(service.resources().await?, |type_name| wire::ResourceMetadata { type_name }),
        data_sources: each(service.data_sources().await?, |type_name| wire::DataSourceMetadata { type_name }),
        functions: each(service.functions().await?, |name| wire::FunctionMetadata { name }),
        actions: each(service.actions().await?, |type_name| wire::ActionMetadata { type_name }),
        list_resources: each(service.lists().await?, |type_name| wire::ListResourceMetadata { type_name }),
        ..Default::default()
    })
}

/// Answers GetProviderSchema.
pub async fn schemas(service: &Service) -> wire::get_provider_schema::Response {
    described(service).await.unwrap_or_else(|error| wire::get_provider_schema::Response {
        diagnostics: convert::diagnostics(vec![error]),
        ..Default::default()
    })
}

async fn described(service: &Service) -> Result<wire::get_provider_schema::Response, Diagnostic> {
    fn each<T, D>(named: &Named<T>, describe: impl Fn(&T) -> D) -> HashMap<String, D> {
        named.iter().map(|(name, thing)| ((*name).to_owned(), describe(thing))).collect()
    }
    let action = |schema: wire::Schema| wire::ActionSchema { schema: Some(schema) };
    Ok(wire::get_provider_schema::Response {
        provider: Some(schema(&service.block().await?.schema)),
        resource_schemas: each(service.resources().await?, |managed| schema(&managed.typed.schema)),
        data_source_schemas: each(service.data_sources().await?, |source| schema(&source.typed.schema)),
        functions: each(service.functions().await?, |callable| function(&callable.signature)),
        action_schemas: each(service.actions().await?, |entry| action(schema(&entry.typed.schema))),
        list_resource_schemas: each(service.lists().await?, |list| schema(&list.typed.schema)),
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

/// Writes the signature of a function.
pub fn function(signature: &Signature) -> wire::Function {
    wire::Function {
        parameters: signature.parameters.iter().map(parameter).collect(),
        variadic_parameter: signature.variadic.as_ref().map(parameter),
        r#return: Some(wire::function::Return { r#type: json::encode_type(&signature.returns) }),
        summary: signature.summary.clone(),
        description: signature.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
        ..Default::default()
    }
}

/// Without `allow_unknown_values` Terraform does not call before everything is known.
fn parameter(parameter: &Parameter) -> wire::function::Parameter {
    wire::function::Parameter {
        name: parameter.name.clone(),
        r#type: json::encode_type(&parameter.kind),
        allow_null_value: parameter.nullable,
        allow_unknown_values: false,
        description: parameter.description.clone(),
        description_kind: wire::StringKind::Markdown.into(),
    }
}
