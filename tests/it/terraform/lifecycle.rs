//! A resource from configuration to destruction, and what is saved when something goes wrong.

use std::sync::Arc;
use std::time::Duration;

use terraform_provider_aks::terraform::diagnostic::Diagnostic;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::value::Value;

use super::client::{Client, confesses, packed, steps, thing, told, unpacked};
use super::toy::{MADE, Toy};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

#[tokio::test]
async fn the_schema_is_complete() {
    let client = Client::start().await;
    let answer: wire::get_provider_schema::Response = client
        .call("/tfplugin6.Provider/GetProviderSchema", wire::get_provider_schema::Request::default())
        .await;
    let capabilities = answer.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && !capabilities.generate_resource_config);
    assert!(answer.provider.unwrap().block.is_some());
    let block = answer.resource_schemas["toy_thing"].block.clone().unwrap();
    assert!(block.attributes.iter().all(|a| a.r#type.is_empty() != a.nested_type.is_none()));
    let made = block.attributes.iter().find(|a| a.name == "made").unwrap();
    assert!(made.computed && made.sensitive && !made.optional && !made.required);
    assert_eq!(made.r#type, br#""string""#);
}

#[tokio::test]
async fn what_we_lack_is_unimplemented() {
    let client = Client::start().await;
    let path = "/tfplugin6.Provider/OpenEphemeralResource";
    let request = wire::open_ephemeral_resource::Request::default();
    let answer = client.try_call::<_, wire::open_ephemeral_resource::Response>(path, request).await;
    assert_eq!(answer.unwrap_err().code(), tonic::Code::Unimplemented);
}

async fn configure(client: &Client, msgpack: &[u8]) -> Vec<String> {
    let request = wire::configure_provider::Request {
        terraform_version: "1.11.4".into(),
        config: Some(wire::DynamicValue { msgpack: msgpack.to_vec(), json: Vec::new() }),
        client_capabilities: None,
    };
    let answer: wire::configure_provider::Response =
        client.call("/tfplugin6.Provider/ConfigureProvider", request).await;
    told(&answer.diagnostics)
}

#[tokio::test]
async fn a_provider_is_configured_more_than_once() {
    let client = Client::start().await;
    assert_eq!(configure(&client, b"\x81\xa8endpoint\xc0").await, [""; 0]);
    assert_eq!(configure(&client, b"\x81\xa8endpoint\xc7\x03\x0c\x81\x01\xc2").await, [""; 0]);
    assert_eq!(
        configure(&client, b"\x81\xa8endpoint\xa7nowhere").await,
        ["error [endpoint] No endpoint: Terraform 1.11.4 cannot ask nowhere."]
    );
}

#[tokio::test]
async fn a_configuration_is_held_to_the_schema() {
    let client = Client::start().await;
    assert_eq!(told(&client.validate(packed(&thing("a", []))).await), [""; 0]);
    let unknown = thing("a", [("name", Value::unknown()), ("windows", Value::unknown())]);
    assert_eq!(told(&client.validate(packed(&unknown)).await), [""; 0]);

    let windows = Value::list([Value::object([("start", Value::Null), ("seen", 1.into())])]);
    let wrong = thing("a", [("name", Value::Null), ("made", "by me".into()), ("windows", windows)]);
    assert_eq!(
        told(&client.validate(packed(&wrong)).await),
        [
            "error [name] Missing required attribute: `name` is required and was left out or null. Give it a value.",
            "error [windows] Missing required attribute: `windows[0].start` is required and was left out or \
         null. Give it a value.",
            "error [windows] Read-only attribute in configuration: `windows[0].seen` is set by the provider and \
         cannot be configured. Remove it.",
            "error [made] Read-only attribute in configuration: `made` is set by the provider and cannot be configured. \
         Remove it.",
        ]
    );
}

#[tokio::test]
async fn what_cannot_be_decoded_is_a_diagnostic() {
    let client = Client::start().await;
    let nested = [vec![0x91; 200_000], vec![0xc0]].concat();
    for msgpack in [nested, vec![0xdd, 255, 255, 255, 255], vec![0x93], vec![0xa1, 0xff]] {
        let told = told(&client.validate(wire::DynamicValue { msgpack, json: Vec::new() }).await);
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("error Value from Terraform cannot be read: "), "{told:?}");
    }
    let mut bytes = packed(&thing("a", [])).msgpack;
    let place = bytes.windows(6).position(|six| six == b"\xa4name\xa1").unwrap();
    bytes.splice(place + 5..place + 7, [0xc3]);
    assert_eq!(
        told(&client.validate(wire::DynamicValue { msgpack: bytes, json: Vec::new() }).await),
        [
            "error [name] Value from Terraform cannot be read: Terraform sent a value that does not fit the schema: \
          name: a string was expected, a boolean was given."
        ]
    );
    assert_eq!(
        told(&client.validate(wire::DynamicValue::default()).await),
        ["error Value from Terraform is missing: The configuration was null; it must be an object."]
    );
}

#[tokio::test]
async fn an_unknown_type_is_a_diagnostic() {
    let client = Client::start().await;
    let request = wire::read_resource::Request { type_name: "toy_other".into(), ..Default::default() };
    let answer: wire::read_resource::Response =
        client.call("/tfplugin6.Provider/ReadResource", request).await;
    assert_eq!(
        told(&answer.diagnostics),
        [
            r#"error Unknown resource type: This provider has no resource type "toy_other". It has: toy_thing."#
        ]
    );
}

async fn upgrade(client: &Client, raw: wire::RawState) -> wire::upgrade_resource_state::Response {
    let request = wire::upgrade_resource_state::Request {
        type_name: "toy_thing".into(),
        version: 1,
        raw_state: Some(raw),
    };
    client.call("/tfplugin6.Provider/UpgradeResourceState", request).await
}

#[tokio::test]
async fn saved_state_gains_what_it_lacks() {
    let client = Client::start().await;
    let saved = br#"{ "name": "a", "size": 0.1, "flags": ["z", "a"], "dropped": true }"#;
    let answer = upgrade(&client, wire::RawState { json: saved.to_vec(), ..Default::default() }).await;
    let size = Value::Number("0.1".parse().unwrap());
    let wanted = thing("a", [("size", size), ("flags", Value::list(["a", "z"]))]);
    assert_eq!(unpacked(answer.upgraded_state), Some(wanted));

    let broken =
        upgrade(&client, wire::RawState { json: br#"{"tags":{"k":[]}}"#.to_vec(), ..Default::default() })
            .await;
    assert_eq!(
        told(&broken.diagnostics),
        [
            r#"error Saved state cannot be read: The saved state of toy_thing does not fit the schema: tags["k"]: a string was expected, an array was given."#
        ]
    );
    let flat = upgrade(
        &client,
        wire::RawState { flatmap: [("name".into(), "a".into())].into(), ..Default::default() },
    );
    assert_eq!(
        told(&flat.await.diagnostics),
        [
            "error Saved state cannot be read: The state is in the format of Terraform 0.11 or older, which this \
          provider never wrote. Remove the object with `terraform state rm` and import it again."
        ]
    );
}

#[tokio::test]
async fn private_bytes_come_back_as_they_were() {
    let client = Client::start().await;
    let proposed = thing("a", []);
    let planned = client.plan(None, Some(&proposed), MADE).await;
    assert_eq!(planned.planned_private, MADE);
    let state = unpacked(planned.planned_state).unwrap();
    let applied = client.apply(None, Some(&state), MADE).await;
    assert_eq!(applied.private, [MADE, MADE].concat());
    let state = unpacked(applied.new_state).unwrap();
    assert_eq!(state, thing("a", [("made", "made a".into())]));
    let read = client.read(&state, &applied.private).await;
    assert_eq!((unpacked(read.new_state), read.private), (Some(state), [MADE, MADE].concat()));
    let gone = client.read(&thing("gone", []), MADE).await;
    assert_eq!((unpacked(gone.new_state), told(&gone.diagnostics)), (None, vec![]));
}

/// Returns the attributes that force a replacement.
async fn replaced(client: &Client, prior: Option<&Value>, proposed: &Value) -> Vec<String> {
    let answer = client.plan(prior, Some(proposed), b"").await;
    assert_eq!(told(&answer.diagnostics), [""; 0]);
    answer.requires_replace.iter().map(steps).collect()
}

#[tokio::test]
async fn a_replacement_is_announced_when_it_is_planned() {
    let client = Client::start().await;
    let prior = thing("a", [("flags", Value::list(["a", "b"])), ("made", "made a".into())]);
    let with = |name: &str, value: Value| {
        let mut changed = prior.clone();
        changed.set(name, value);
        changed
    };
    assert_eq!(replaced(&client, Some(&prior), &prior).await, [""; 0]);
    assert_eq!(replaced(&client, Some(&prior), &with("size", 2.into())).await, [""; 0]);
    assert_eq!(replaced(&client, Some(&prior), &with("name", "b".into())).await, ["name"]);
    assert_eq!(replaced(&client, Some(&prior), &with("name", Value::unknown())).await, ["name"]);
    assert_eq!(replaced(&client, Some(&prior), &with("flags", Value::list(["b", "a"]))).await, [""; 0]);
    assert_eq!(replaced(&client, Some(&prior), &with("flags", Value::Null)).await, ["flags"]);
    assert_eq!(replaced(&client, None, &with("name", "b".into())).await, [""; 0]);
}

#[tokio::test]
async fn destroying_is_planned_as_null_and_keeps_the_private_bytes() {
    let client = Client::start().await;
    let prior = thing("a", []);
    let planned = client.plan(Some(&prior), None, MADE).await;
    assert_eq!(unpacked(planned.planned_state), None);
    assert_eq!(planned.planned_private, MADE);
    assert_eq!(told(&planned.diagnostics), ["warning The thing stays: Destroying it only forgets it."]);
    let applied = client.apply(Some(&prior), None, MADE).await;
    assert_eq!((unpacked(applied.new_state), told(&applied.diagnostics)), (None, vec![]));
}

/// Applies a thing that goes wrong: nothing is saved, and this is told.
#[track_caller]
fn nothing_saved(answer: &wire::apply_resource_change::Response, told_wanted: &[&str]) {
    assert!(answer.new_state.as_ref().is_none_or(|state| state.msgpack == [0xc0]));
    assert!(answer.private.is_empty());
    assert_eq!(told(&answer.diagnostics), told_wanted);
}

#[tokio::test]
async fn a_failed_apply_leaves_the_prior_state_to_terraform() {
    let client = Client::start().await;
    let prior = thing("before", []);
    let fail = client.apply(Some(&prior), Some(&thing("fail", [])), MADE).await;
    nothing_saved(&fail, &["error The thing was not made: It is called fail."]);
    let forget = client.apply(None, Some(&thing("forget", [])), MADE).await;
    nothing_saved(
        &forget,
        &[
            "error The provider has a bug: The apply of toy_thing succeeded without a state, so nothing was saved. \
           Please report this.",
        ],
    );
    let misfit = client.apply(Some(&prior), Some(&thing("misfit", [])), MADE).await;
    nothing_saved(
        &misfit,
        &[
            "error The provider has a bug: The provider made a value that does not fit its schema: size: a number was \
           expected, a string was given. This is a bug in the provider; please report it.",
        ],
    );
}

#[tokio::test]
async fn a_panic_ends_one_call_and_nothing_else() {
    let client = Client::start().await;
    let validated = client.validate(packed(&thing("panic in validate", []))).await;
    confesses(&validated, "ValidateResourceConfig of toy_thing");
    confesses(&client.read(&thing("panic in read", []), MADE).await.diagnostics, "ReadResource of toy_thing");
    let planned = client.plan(None, Some(&thing("panic in plan", [])), MADE).await;
    confesses(&planned.diagnostics, "PlanResourceChange of toy_thing");
    let applied = client.apply(Some(&thing("a", [])), Some(&thing("panic in apply", [])), MADE).await;
    assert!(applied.new_state.is_none() && applied.private.is_empty());
    confesses(&applied.diagnostics, "ApplyResourceChange of toy_thing");
    assert_eq!(told(&client.validate(packed(&thing("a", []))).await), [""; 0]);
}

#[tokio::test]
async fn stopping_ends_the_applies_that_run_and_not_those_to_come() {
    let client = Client::start().await;
    let waiting = thing("wait", []);
    for _round in 0..2 {
        let stop = async {
            client.toy.waits.notified().await;
            client.stop().await;
        };
        let (applied, ()) = tokio::join!(client.apply(None, Some(&waiting), b""), stop);
        nothing_saved(&applied, &["error The thing was not made: It was stopped."]);
    }
    let later = client.apply(None, Some(&thing("a", [])), b"").await;
    assert_eq!(told(&later.diagnostics), [""; 0]);
}

#[tokio::test]
async fn stopping_ends_whatever_only_looks() {
    let client = Client::start().await;
    let hanging = thing("hang", []);
    let stop = async || {
        client.toy.waits.notified().await;
        client.stop().await;
    };
    let (read, ()) = tokio::join!(client.read(&hanging, MADE), stop());
    let said = "was interrupted before the answer came; nothing was changed.";
    assert_eq!(told(&read.diagnostics), [format!("error Interrupted: ReadResource of toy_thing {said}")]);
    let (planned, ()) = tokio::join!(client.plan(None, Some(&hanging), b""), stop());
    assert_eq!(
        told(&planned.diagnostics),
        [format!("error Interrupted: PlanResourceChange of toy_thing {said}")]
    );
}

#[tokio::test]
async fn an_apply_goes_on_when_its_caller_hangs_up() {
    let client = Client::start().await;
    let waiting = thing("wait", []);
    tokio::select! {
        biased;
        () = client.toy.waits.notified() => {}
        _ = client.apply(None, Some(&waiting), b"") => unreachable!("nobody stops it"),
    }
    // The call is cancelled now; its work is not.
    client.stop().await;
    let waited = tokio::time::timeout(PATIENCE, client.toy.waited.notified()).await;
    waited.expect("the apply was cut");
}

async fn import(client: &Client, id: &str) -> wire::import_resource_state::Response {
    let request = wire::import_resource_state::Request {
        type_name: "toy_thing".into(),
        id: id.into(),
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/ImportResourceState", request).await
}

#[tokio::test]
async fn an_import_finds_one_object_or_says_why_not() {
    let client = Client::start().await;
    let found = import(&client, "a").await.imported_resources;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].type_name.as_str(), found[0].private.as_slice()), ("toy_thing", MADE));
    assert_eq!(unpacked(found[0].state.clone()), Some(thing("a", [])));
    let failed = import(&client, "").await;
    assert!(failed.imported_resources.is_empty());
    assert_eq!(told(&failed.diagnostics), ["error No id: Name the thing."]);
}

/// Returns whether a warning came with the end.
fn at_the_end(diagnostics: &[wire::Diagnostic]) -> bool {
    told(diagnostics).contains(&"warning It took long: Everybody waited.".to_owned())
}

#[tokio::test]
async fn what_is_to_be_told_at_the_end_comes_once_and_with_the_last_call() {
    let toy = Toy::default();
    let client = Client::of(Arc::new(toy.clone())).await;
    let tell = || toy.at_rest.lock().unwrap().push(Diagnostic::warning("It took long", "Everybody waited."));
    assert!(!at_the_end(&client.read(&thing("a", []), b"").await.diagnostics), "there is nothing to tell");
    let waits = thing("wait", [("made", Value::unknown())]);
    let others = async {
        toy.waits.notified().await;
        tell();
        assert!(!at_the_end(&client.read(&thing("a", []), b"").await.diagnostics));
        assert!(!at_the_end(&client.plan(None, Some(&waits), b"").await.diagnostics));
        assert!(!at_the_end(&client.read(&thing("panic in read", []), b"").await.diagnostics));
        client.stop().await;
    };
    let (last, ()) = tokio::join!(client.apply(None, Some(&waits), b""), others);
    assert!(at_the_end(&last.diagnostics), "{last:?}");
    assert!(!at_the_end(&client.read(&thing("a", []), b"").await.diagnostics), "once");
    tell();
    assert!(
        at_the_end(&client.read(&thing("panic in read", []), b"").await.diagnostics),
        "an error ends, too"
    );
    tell();
    let hangs = thing("hang", []);
    let given_up = tokio::time::timeout(Duration::from_millis(50), client.read(&hangs, b"")).await;
    assert!(given_up.is_err());
    // Whoever gave up is under way no more, as soon as the connection has said so.
    let told = async {
        while !at_the_end(&client.read(&thing("a", []), b"").await.diagnostics) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.unwrap();
}
