//! States of other versions.

use terraform_provider_aks::terraform::proto::tfplugin6 as wire;

use super::client::{Client, thing, told, unpacked};

async fn upgrade(client: &Client, version: i64, json: &str) -> wire::upgrade_resource_state::Response {
    let request = wire::upgrade_resource_state::Request {
        type_name: "toy_thing".into(),
        version,
        raw_state: Some(wire::RawState { json: json.as_bytes().to_vec(), ..Default::default() }),
    };
    client.call("/tfplugin6.Provider/UpgradeResourceState", request).await
}

#[tokio::test]
async fn an_older_state_is_rewritten_by_the_resource() {
    let client = Client::start().await;
    let older = upgrade(&client, 0, r#"{ "title": "a", "dropped": [1] }"#).await;
    assert_eq!((unpacked(older.upgraded_state), told(&older.diagnostics)), (Some(thing("a", [])), vec![]));
    // At its own version a state is not rewritten: `title` is only an attribute that is not known.
    let equal = upgrade(&client, 1, r#"{ "name": "a", "title": "b" }"#).await;
    assert_eq!((unpacked(equal.upgraded_state), told(&equal.diagnostics)), (Some(thing("a", [])), vec![]));
}

#[track_caller]
fn refuses(answer: &wire::upgrade_resource_state::Response, beginning: &str) {
    assert!(answer.upgraded_state.is_none());
    let [told] = &told(&answer.diagnostics)[..] else { panic!("{answer:?}") };
    assert!(told.starts_with(beginning), "{told}");
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_refused() {
    let client = Client::start().await;
    refuses(
        &upgrade(&client, 2, r#"{ "name": "a" }"#).await,
        "error Saved state is of a newer provider: The state of toy_thing was saved by a newer version of the \
         provider: it has schema version 2, and this one knows versions up to 1. Nothing was changed. Use the \
         version of the provider that wrote it, or a newer one.",
    );
    refuses(
        &upgrade(&client, 0, r#"{ "title": "broken" }"#).await,
        "error Saved state cannot be read: It is called broken.",
    );
    refuses(
        &upgrade(&client, 0, r#"{ "title": "panic in upgrade" }"#).await,
        "error The provider has a bug: UpgradeResourceState of toy_thing panicked",
    );
    refuses(
        &upgrade(&client, 1, "no json").await,
        "error Saved state cannot be read: The saved state of toy_thing does not fit the schema: expected ident",
    );
}
