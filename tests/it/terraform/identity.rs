//! Resource identity, which Terraform knows since 1.12: raw messages, field by field.

use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::value::Value;

use super::client::{Client, packed, thing, told, unpacked};

/// `{"name": …}` as msgpack; names here are shorter than 32 bytes.
fn identity(name: &str) -> wire::ResourceIdentityData {
    let head = [0x81, 0xa4, b'n', b'a', b'm', b'e', 0xa0 | u8::try_from(name.len()).unwrap()];
    data([&head, name.as_bytes()].concat())
}

fn data(msgpack: Vec<u8>) -> wire::ResourceIdentityData {
    wire::ResourceIdentityData { identity_data: Some(wire::DynamicValue { msgpack, json: Vec::new() }) }
}

fn null() -> wire::DynamicValue {
    wire::DynamicValue { msgpack: vec![0xc0], json: Vec::new() }
}

fn or_null(thing: Option<&Value>) -> Option<wire::DynamicValue> {
    Some(thing.map_or_else(null, packed))
}

const CHANGED: &str = "error Unexpected Identity Change: The state is about the toy_thing with \
    name = \"before\", and the provider answered about the one with name = \"after\". Nothing was saved. Remove the \
    resource from the state with `terraform state rm` and import the one that is meant.";

fn changed(before: &str, after: &str) -> [String; 1] {
    [CHANGED.replace("\"before\"", &format!("{before:?}")).replace("\"after\"", &format!("{after:?}"))]
}

#[tokio::test]
async fn an_identity_has_a_schema_of_version_0() {
    let client = Client::start().await;
    let request = wire::get_resource_identity_schemas::Request {};
    let answer: wire::get_resource_identity_schemas::Response =
        client.call("/tfplugin6.Provider/GetResourceIdentitySchemas", request).await;
    let schema = wire::ResourceIdentitySchema {
        version: 0,
        identity_attributes: vec![wire::resource_identity_schema::IdentityAttribute {
            name: "name".into(),
            r#type: br#""string""#.to_vec(),
            required_for_import: true,
            optional_for_import: false,
            description: "What it is called.".into(),
        }],
    };
    assert_eq!(answer.identity_schemas, [("toy_thing".to_owned(), schema)].into());
    assert!(answer.diagnostics.is_empty());
}

async fn read(client: &Client, name: &str, current: Option<&str>) -> wire::read_resource::Response {
    let request = wire::read_resource::Request {
        type_name: "toy_thing".into(),
        current_state: Some(packed(&thing(name, []))),
        current_identity: current.map(identity),
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/ReadResource", request).await
}

#[tokio::test]
async fn a_read_answers_with_the_identity() {
    let client = Client::start().await;
    for current in [None, Some("a")] {
        let answer = read(&client, "a", current).await;
        assert_eq!((answer.new_identity, told(&answer.diagnostics)), (Some(identity("a")), vec![]));
    }
    let gone = read(&client, "gone", Some("gone")).await;
    assert_eq!((unpacked(gone.new_state), gone.new_identity), (None, None));
    let changeling = read(&client, "changeling", Some("changeling")).await;
    assert_eq!(told(&changeling.diagnostics), changed("changeling", "another"));
    assert!(changeling.new_state.is_none() && changeling.new_identity.is_none());
    // Saved before there were identities: nothing to compare with.
    let adopted = read(&client, "changeling", None).await;
    assert_eq!((adopted.new_identity, told(&adopted.diagnostics)), (Some(identity("another")), vec![]));
}

async fn plan(
    client: &Client,
    prior: Option<&Value>,
    proposed: Option<&Value>,
    identity: Option<wire::ResourceIdentityData>,
) -> wire::plan_resource_change::Response {
    let request = wire::plan_resource_change::Request {
        type_name: "toy_thing".into(),
        prior_state: or_null(prior),
        proposed_new_state: or_null(proposed),
        config: or_null(proposed),
        prior_identity: identity,
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/PlanResourceChange", request).await
}

#[tokio::test]
async fn a_plan_answers_with_the_identity() {
    let client = Client::start().await;
    let (a, b) = (thing("a", []), thing("b", []));
    let create = plan(&client, None, Some(&a), None).await;
    assert_eq!(create.planned_identity, Some(identity("a")));
    let later = plan(&client, None, Some(&thing("a", [("name", Value::unknown())])), None).await;
    let unknown = data(b"\x81\xa4name\xd4\x00\x00".to_vec());
    assert_eq!((later.planned_identity, told(&later.diagnostics)), (Some(unknown), vec![]));
    let update = plan(&client, Some(&a), Some(&thing("a", [("size", 2.into())])), Some(identity("a"))).await;
    assert_eq!(update.planned_identity, Some(identity("a")));
    let replace = plan(&client, Some(&a), Some(&b), Some(identity("a"))).await;
    assert_eq!((replace.requires_replace.len(), replace.planned_identity), (1, Some(identity("b"))));
    let destroy = plan(&client, Some(&a), None, Some(identity("a"))).await;
    assert_eq!((unpacked(destroy.planned_state), destroy.planned_identity), (None, Some(identity("a"))));
    let mistaken = plan(&client, Some(&a), Some(&a), Some(identity("z"))).await;
    assert_eq!(told(&mistaken.diagnostics), changed("z", "a"));
}

async fn apply(
    client: &Client,
    prior: Option<&str>,
    planned: Option<&str>,
    planned_identity: Option<wire::ResourceIdentityData>,
) -> wire::apply_resource_change::Response {
    let object = |name: Option<&str>| or_null(name.map(|name| thing(name, [])).as_ref());
    let request = wire::apply_resource_change::Request {
        type_name: "toy_thing".into(),
        prior_state: object(prior),
        planned_state: object(planned),
        planned_identity,
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/ApplyResourceChange", request).await
}

#[tokio::test]
async fn an_apply_answers_with_the_identity() {
    let client = Client::start().await;
    let unknown = data(b"\x81\xa4name\xd4\x00\x00".to_vec());
    let created = apply(&client, None, Some("a"), Some(unknown)).await;
    assert_eq!((created.new_identity, told(&created.diagnostics)), (Some(identity("a")), vec![]));
    let updated = apply(&client, Some("a"), Some("a"), Some(identity("a"))).await;
    assert_eq!(updated.new_identity, Some(identity("a")));
    let destroyed = apply(&client, Some("a"), None, Some(identity("a"))).await;
    assert_eq!((unpacked(destroyed.new_state), destroyed.new_identity), (None, None));
    // What is kept keeps its identity; what was never made has none.
    let kept = apply(&client, Some("fail"), Some("fail"), Some(identity("fail"))).await;
    assert_eq!((kept.diagnostics.len(), kept.new_identity), (1, Some(identity("fail"))));
    let lost = apply(&client, None, Some("fail"), Some(identity("fail"))).await;
    assert_eq!((lost.diagnostics.len(), lost.new_identity), (1, None));
    let changeling =
        apply(&client, Some("changeling"), Some("changeling"), Some(identity("changeling"))).await;
    assert_eq!(told(&changeling.diagnostics), changed("changeling", "another"));
    assert_eq!((changeling.new_state, changeling.new_identity), (None, Some(identity("changeling"))));
}

async fn import(
    client: &Client,
    id: &str,
    identity: Option<wire::ResourceIdentityData>,
) -> wire::import_resource_state::Response {
    let request = wire::import_resource_state::Request {
        type_name: "toy_thing".into(),
        id: id.into(),
        identity,
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/ImportResourceState", request).await
}

#[tokio::test]
async fn an_object_is_imported_by_its_identity() {
    let client = Client::start().await;
    for found in [import(&client, "", Some(identity("a"))).await, import(&client, "a", None).await] {
        assert_eq!(told(&found.diagnostics), [""; 0]);
        let [object] = &found.imported_resources[..] else { panic!("{found:?}") };
        assert_eq!(unpacked(object.state.clone()), Some(thing("a", [])));
        assert_eq!(object.identity, Some(identity("a")));
    }
    let nameless = import(&client, "", Some(data(b"\x81\xa4name\xc0".to_vec()))).await;
    assert_eq!(
        told(&nameless.diagnostics),
        ["error Import by identity is not possible: Import toy_thing by its id instead."]
    );
}

async fn upgrade(client: &Client, version: i64, json: &[u8]) -> wire::upgrade_resource_identity::Response {
    let request = wire::upgrade_resource_identity::Request {
        type_name: "toy_thing".into(),
        version,
        raw_identity: Some(wire::RawState { json: json.to_vec(), ..Default::default() }),
    };
    client.call("/tfplugin6.Provider/UpgradeResourceIdentity", request).await
}

#[tokio::test]
async fn a_saved_identity_is_read_or_refused() {
    let client = Client::start().await;
    let same = upgrade(&client, 0, br#"{ "name": "a", "dropped": true }"#).await;
    assert_eq!((same.upgraded_identity, told(&same.diagnostics)), (Some(identity("a")), vec![]));
    let newer = upgrade(&client, 1, br#"{ "name": "a" }"#).await;
    assert_eq!(
        told(&newer.diagnostics),
        [
            "error Saved identity cannot be read: The state holds an identity of toy_thing of version 1, which this \
          version of the provider does not know. Use the version of the provider that wrote it, or a newer one."
        ]
    );
    let empty = upgrade(&client, 0, b"").await;
    let [told] = &told(&empty.diagnostics)[..] else { panic!("{empty:?}") };
    assert!(
        told.starts_with("error Saved identity cannot be read: The saved identity of toy_thing does not fit")
    );
}
