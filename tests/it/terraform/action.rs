//! An action through raw messages: what is told while it runs, and how it always ends.

use std::time::Duration;

use futures::StreamExt;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::proto::tfplugin6::invoke_action::event::Type;
use terraform_provider_aks::terraform::value::Value;
use tonic::Streaming;

use super::client::{Client, confesses, object, packed_as, told};
use super::toy::kinds::ring_schema;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

fn ring<const N: usize>(bell: &str, given: [(&str, Value); N]) -> Value {
    let mut ring = object(&ring_schema(), given);
    if ring.get("bell").is_null() {
        ring.set("bell", bell.into());
    }
    ring
}

fn packed(ring: &Value) -> Option<wire::DynamicValue> {
    Some(packed_as(&ring_schema().value_type(), ring))
}

async fn validate(client: &Client, config: &Value) -> Vec<String> {
    let request =
        wire::validate_action_config::Request { type_name: "toy_ring".into(), config: packed(config) };
    let path = "/tfplugin6.Provider/ValidateActionConfig";
    told(&client.call::<_, wire::validate_action_config::Response>(path, request).await.diagnostics)
}

async fn plan(client: &Client, config: &Value) -> wire::plan_action::Response {
    let request = wire::plan_action::Request {
        action_type: "toy_ring".into(),
        config: packed(config),
        client_capabilities: None,
    };
    client.call("/tfplugin6.Provider/PlanAction", request).await
}

type Events = Streaming<wire::invoke_action::Event>;

async fn begin(client: &Client, action_type: &str, config: Option<wire::DynamicValue>) -> Events {
    let request =
        wire::invoke_action::Request { action_type: action_type.into(), config, client_capabilities: None };
    client.stream("/tfplugin6.Provider/InvokeAction", request).await
}

/// Reads to the end of the stream: what was told, and the one thing that it ended with.
async fn end(events: Events) -> (Vec<String>, Vec<wire::Diagnostic>) {
    let events = tokio::time::timeout(PATIENCE, events.collect::<Vec<_>>()).await.expect("the stream ends");
    let mut events: Vec<Type> = events.into_iter().map(|event| event.unwrap().r#type.unwrap()).collect();
    let Some(Type::Completed(completed)) = events.pop() else { panic!("it does not end with its end") };
    let progress = events.into_iter().map(|event| match event {
        Type::Progress(progress) => progress.message,
        Type::Completed(_) => panic!("it ends twice"),
    });
    (progress.collect(), completed.diagnostics)
}

async fn invoke(client: &Client, config: &Value) -> (Vec<String>, Vec<wire::Diagnostic>) {
    end(begin(client, "toy_ring", packed(config)).await).await
}

#[tokio::test]
async fn its_schema_is_there() {
    let client = Client::start().await;
    let answer: wire::get_provider_schema::Response = client
        .call("/tfplugin6.Provider/GetProviderSchema", wire::get_provider_schema::Request::default())
        .await;
    let block = answer.action_schemas["toy_ring"].schema.clone().unwrap().block.unwrap();
    let names: Vec<&str> = block.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!((names, block.description.as_str()), (vec!["bell", "times"], "Rings a bell."));
    assert_eq!(block.block_types[0].type_name, "pause");
}

#[tokio::test]
async fn a_configuration_is_held_to_the_schema_and_then_to_the_action() {
    let client = Client::start().await;
    assert_eq!(validate(&client, &ring("a", [])).await, [""; 0]);
    assert_eq!(validate(&client, &ring("", [("bell", Value::unknown())])).await, [""; 0]);
    let pause = Value::object([("seconds", Value::Null)]);
    assert_eq!(
        validate(&client, &ring("a", [("pause", pause)])).await,
        [
            "error [pause.seconds] Missing required attribute: `pause.seconds` is required and was left out or null. \
             Give it a value."
        ]
    );
    assert_eq!(
        validate(&client, &ring("a", [("times", 0.into())])).await,
        ["error [times] Not a bell: 0 rings are none."]
    );
}

#[tokio::test]
async fn a_plan_says_what_stands_in_the_way() {
    let client = Client::start().await;
    let unknown = plan(&client, &ring("", [("bell", Value::unknown())])).await;
    assert_eq!((told(&unknown.diagnostics), unknown.deferred), (vec![], None));
    let heavy = plan(&client, &ring("heavy", [])).await;
    assert_eq!(told(&heavy.diagnostics), ["warning [bell] A heavy bell: It takes long."]);
    confesses(&plan(&client, &ring("panic in plan", [])).await.diagnostics, "PlanAction of toy_ring");
    let stop = async {
        client.toy.waits.notified().await;
        client.stop().await;
    };
    let hanging = ring("hang in plan", []);
    let (answer, ()) = tokio::join!(plan(&client, &hanging), stop);
    assert_eq!(
        told(&answer.diagnostics),
        [
            "error Interrupted: PlanAction of toy_ring was interrupted before the answer came; nothing was changed."
        ]
    );
}

#[tokio::test]
async fn progress_comes_in_order_and_then_the_end() {
    let client = Client::start().await;
    let (progress, diagnostics) = invoke(&client, &ring("a", [("times", 3.into())])).await;
    assert_eq!(progress, ["ring 1 of 3", "ring 2 of 3", "ring 3 of 3"]);
    assert_eq!(told(&diagnostics), [""; 0]);
    let (progress, diagnostics) = invoke(&client, &ring("cracked", [])).await;
    assert_eq!(progress, ["ring 1 of 1"]);
    assert_eq!(told(&diagnostics), ["error [bell] It does not ring: It is cracked."]);
}

#[tokio::test]
async fn whatever_goes_wrong_is_the_end_and_no_status() {
    let client = Client::start().await;
    let (progress, diagnostics) = invoke(&client, &ring("panic", [])).await;
    assert_eq!(progress, ["ring 1 of 1"]);
    confesses(&diagnostics, "InvokeAction of toy_ring");
    let (_, diagnostics) = end(begin(&client, "toy_knock", None).await).await;
    assert_eq!(
        told(&diagnostics),
        [r#"error Unknown action: This provider has no action "toy_knock". It has: toy_ring."#]
    );
    let (_, diagnostics) = end(begin(&client, "toy_ring", None).await).await;
    assert_eq!(
        told(&diagnostics),
        ["error Value from Terraform is missing: The configuration was null; it must be an object."]
    );
}

#[tokio::test]
async fn the_stream_ends_though_somebody_still_holds_the_progress() {
    let client = Client::start().await;
    let (progress, _) = invoke(&client, &ring("echoing", [])).await;
    assert_eq!(progress, ["ring 1 of 1"]);
    let kept = client.toy.kept.lock().unwrap().take().unwrap();
    kept.tell("nobody hears this, and nothing breaks");
}

#[tokio::test]
async fn an_interrupt_reaches_the_action_and_the_stream_tells_how_it_ended() {
    let client = Client::start().await;
    let mut events = begin(&client, "toy_ring", packed(&ring("wait", []))).await;
    let first = events.message().await.unwrap().unwrap();
    assert!(matches!(first.r#type, Some(Type::Progress(_))), "progress comes while it runs: {first:?}");
    client.toy.waits.notified().await;
    client.stop().await;
    let (progress, diagnostics) = end(events).await;
    assert_eq!(progress, [""; 0]);
    assert_eq!(told(&diagnostics), ["error Stopped: It rings no more."]);
}

/// It may be between a request to Azure and its end.
#[tokio::test]
async fn an_action_goes_on_when_its_caller_hangs_up() {
    let client = Client::start().await;
    let events = begin(&client, "toy_ring", packed(&ring("wait", []))).await;
    client.toy.waits.notified().await;
    drop(events);
    client.stop().await;
    let waited = tokio::time::timeout(PATIENCE, client.toy.waited.notified()).await;
    waited.expect("the action was cut");
}
