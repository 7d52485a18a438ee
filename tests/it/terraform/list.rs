//! A list through raw messages: what each event carries, and when it ends.

use std::time::Duration;

use futures::StreamExt;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::schema::Type;
use terraform_provider_aks::terraform::value::Value;
use tonic::Streaming;

use super::client::{Client, confesses, object, packed_as, thing, told, unpacked, unpacked_as};
use super::toy::kinds::things_schema;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

fn config<const N: usize>(given: [(&str, Value); N]) -> Option<wire::DynamicValue> {
    let schema = things_schema();
    Some(packed_as(&schema.value_type(), &object(&schema, given)))
}

fn like(like: &str) -> Option<wire::DynamicValue> {
    config([("like", like.into())])
}

async fn validate(client: &Client, config: Option<wire::DynamicValue>) -> Vec<String> {
    let request = wire::validate_list_resource_config::Request {
        type_name: "toy_thing".into(),
        config,
        ..Default::default()
    };
    let path = "/tfplugin6.Provider/ValidateListResourceConfig";
    told(&client.call::<_, wire::validate_list_resource_config::Response>(path, request).await.diagnostics)
}

type Events = Streaming<wire::list_resource::Event>;

async fn begin(client: &Client, config: Option<wire::DynamicValue>, limit: i64, whole: bool) -> Events {
    let type_name = "toy_thing".into();
    let request = wire::list_resource::Request { type_name, config, include_resource_object: whole, limit };
    client.stream("/tfplugin6.Provider/ListResource", request).await
}

/// Reads to the end of the stream.
async fn end(events: Events) -> Vec<wire::list_resource::Event> {
    let events = tokio::time::timeout(PATIENCE, events.collect::<Vec<_>>()).await.expect("the stream ends");
    events.into_iter().map(Result::unwrap).collect()
}

async fn list(client: &Client, config: Option<wire::DynamicValue>) -> Vec<wire::list_resource::Event> {
    end(begin(client, config, 100, false).await).await
}

fn name(event: &wire::list_resource::Event) -> Option<Value> {
    let kind = Type::Object(vec![("name".to_owned(), Type::String)]);
    let identity = event.identity.clone().and_then(|identity| identity.identity_data);
    unpacked_as(&kind, identity).map(|identity| identity.get("name").clone())
}

/// Splits off the last event, which carries diagnostics and no object.
#[track_caller]
fn told_last(events: &[wire::list_resource::Event]) -> (usize, &[wire::Diagnostic]) {
    let (last, objects) = events.split_last().unwrap();
    assert!(objects.iter().all(|event| event.identity.is_some() && event.diagnostic.is_empty()));
    assert!(last.identity.is_none() && last.resource_object.is_none());
    (objects.len(), &last.diagnostic)
}

#[tokio::test]
async fn its_schema_is_there_and_so_is_the_identity() {
    let client = Client::start().await;
    let answer: wire::get_provider_schema::Response = client
        .call("/tfplugin6.Provider/GetProviderSchema", wire::get_provider_schema::Request::default())
        .await;
    let block = answer.list_resource_schemas["toy_thing"].block.clone().unwrap();
    let names: Vec<&str> = block.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(names, ["like", "count"]);
    assert!(answer.resource_schemas.contains_key("toy_thing"));
    let request = wire::get_resource_identity_schemas::Request {};
    let answer: wire::get_resource_identity_schemas::Response =
        client.call("/tfplugin6.Provider/GetResourceIdentitySchemas", request).await;
    assert!(answer.identity_schemas.contains_key("toy_thing"));
}

#[tokio::test]
async fn a_configuration_is_held_to_the_schema_and_then_to_the_list() {
    let client = Client::start().await;
    assert_eq!(validate(&client, config([])).await, [""; 0]);
    assert_eq!(validate(&client, config([("count", Value::unknown())])).await, [""; 0]);
    assert_eq!(
        validate(&client, config([("count", (-1).into())])).await,
        ["error [count] Less than nothing: count: Count from 0."]
    );
    // A `config` block that was left out comes as null.
    let null = packed_as(&things_schema().value_type(), &Value::Null);
    assert_eq!(validate(&client, Some(null.clone())).await, [""; 0]);
    assert_eq!(list(&client, Some(null)).await.len(), 2);
}

#[tokio::test]
async fn each_object_has_a_name_and_an_identity() {
    let client = Client::start().await;
    let events = list(&client, like("bolt")).await;
    let shown: Vec<_> = events.iter().map(|event| (event.display_name.as_str(), name(event))).collect();
    assert_eq!(shown, [("The bolt 1", Some("bolt 1".into())), ("The bolt 2", Some("bolt 2".into()))]);
    assert!(events.iter().all(|event| event.resource_object.is_none() && event.diagnostic.is_empty()));
}

#[tokio::test]
async fn an_object_comes_whole_when_it_is_wanted_whole() {
    let client = Client::start().await;
    let events = end(begin(&client, like("bolt"), 100, true).await).await;
    let whole: Vec<_> = events.into_iter().map(|event| unpacked(event.resource_object)).collect();
    let wanted = |number: i64| Some(thing(&format!("bolt {number}"), [("size", number.into())]));
    assert_eq!(whole, [wanted(1), wanted(2)]);
}

#[tokio::test]
async fn the_limit_ends_the_list_and_cuts_the_work() {
    let client = Client::start().await;
    let three = end(begin(&client, like("endless"), 3, false).await).await;
    assert_eq!(
        three.iter().map(name).collect::<Vec<_>>(),
        ["endless 1", "endless 2", "endless 3"].map(|n| Some(n.into()))
    );
    tokio::time::timeout(PATIENCE, client.toy.waited.notified()).await.expect("the work goes on");
    for none in [0, -1] {
        assert_eq!(end(begin(&client, like("endless"), none, false).await).await, []);
    }
}

#[tokio::test]
async fn nobody_looks_on_for_a_caller_who_hung_up() {
    let client = Client::start().await;
    let mut events = begin(&client, like("hang"), 100, false).await;
    events.message().await.unwrap().unwrap();
    client.toy.waits.notified().await;
    drop(events);
    tokio::time::timeout(PATIENCE, client.toy.waited.notified()).await.expect("the work goes on");
}

#[tokio::test]
async fn an_interrupt_ends_the_list() {
    let client = Client::start().await;
    let events = begin(&client, like("hang"), 100, false).await;
    client.toy.waits.notified().await;
    client.stop().await;
    let events = end(events).await;
    let (objects, diagnostics) = told_last(&events);
    assert_eq!(objects, 2);
    assert_eq!(
        told(diagnostics),
        [
            "error Interrupted: ListResource of toy_thing was interrupted before the answer came; nothing was changed."
        ]
    );
}

#[tokio::test]
async fn what_goes_wrong_is_the_last_event_and_no_status() {
    let client = Client::start().await;
    let last = async |word: &str| {
        let events = list(&client, like(word)).await;
        let (objects, diagnostics) = told_last(&events);
        (objects, diagnostics.to_vec())
    };
    let (objects, diagnostics) = last("forbidden").await;
    assert_eq!(
        (objects, told(&diagnostics)),
        (2, vec!["error [like] Not allowed: like: Ask for a role.".to_owned()])
    );
    let (objects, diagnostics) = last("some").await;
    assert_eq!(
        (objects, told(&diagnostics)),
        (2, vec!["warning Not all: Some could not be read.".to_owned()])
    );
    let (_, diagnostics) = last("panic").await;
    confesses(&diagnostics, "ListResource of toy_thing");
    let (objects, diagnostics) = last("nameless").await;
    assert_eq!(objects, 0);
    assert_eq!(
        told(&diagnostics),
        [
            "error The provider has a bug: The list of toy_thing found \"The nameless 1\" without saying its whole \
             identity, so the list ends here. Please report this."
        ]
    );
    let request =
        wire::list_resource::Request { type_name: "toy_other".into(), limit: 1, ..Default::default() };
    let events = end(client.stream("/tfplugin6.Provider/ListResource", request).await).await;
    assert_eq!(
        told(told_last(&events).1),
        [
            r#"error Unknown list resource: This provider has no list resource "toy_other". It has: toy_thing."#
        ]
    );
}
