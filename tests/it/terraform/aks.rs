//! The provider itself through raw messages: what the installed Terraform cannot call, or would not.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::provider::packed::{pack, unpack};
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;
use terraform_provider_aks::terraform::msgpack;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::schema::Schema;
use terraform_provider_aks::terraform::value::Value;

use super::client::{Client, told};

const POLICY: &str = "aks_upgrade_policy";
const IMAGE: &str = "aks_node_image";
const ADDRESS: &str = "registry.terraform.io/aks-upgrades/aks";
const ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/\
                  Microsoft.ContainerService/managedClusters/prod";

fn aks() -> Aks {
    Aks::new(|_| None)
}

fn schema(type_name: &str) -> Schema {
    let resource = aks().resources().into_iter().find(|resource| resource.type_name() == type_name);
    resource.unwrap().schema()
}

/// An object of a type; what is not given is null.
fn object<const N: usize>(type_name: &str, given: [(&str, Value); N]) -> Value {
    let mut object = schema(type_name).nulls();
    given.into_iter().for_each(|(name, value)| object.set(name, value));
    object
}

fn packed(type_name: &str, value: &Value) -> Option<wire::DynamicValue> {
    let msgpack = msgpack::encode(value, &schema(type_name).value_type()).unwrap();
    Some(wire::DynamicValue { msgpack, json: Vec::new() })
}

#[track_caller]
fn unpacked(type_name: &str, value: Option<wire::DynamicValue>) -> Value {
    msgpack::decode(&value.unwrap().msgpack, &schema(type_name).value_type()).unwrap()
}

fn identity(id: &str) -> wire::ResourceIdentityData {
    let head = [0x81, 0xaa];
    let length = [0xd9, u8::try_from(id.len()).unwrap()];
    let msgpack = [&head, b"cluster_id".as_slice(), &length, id.as_bytes()].concat();
    wire::ResourceIdentityData { identity_data: Some(wire::DynamicValue { msgpack, json: Vec::new() }) }
}

#[tokio::test]
async fn both_upgrading_resources_are_identified_by_their_cluster() {
    let client = Client::of(Arc::new(aks())).await;
    let request = wire::get_resource_identity_schemas::Request {};
    let answer: wire::get_resource_identity_schemas::Response =
        client.call("/tfplugin6.Provider/GetResourceIdentitySchemas", request).await;
    for name in [POLICY, IMAGE] {
        let schema = &answer.identity_schemas[name];
        let attributes: Vec<&str> = schema.identity_attributes.iter().map(|a| a.name.as_str()).collect();
        assert_eq!((schema.version, attributes), (0, vec!["cluster_id"]));
    }
}

#[tokio::test]
async fn a_cluster_is_imported_by_its_identity() {
    let client = Client::of(Arc::new(aks())).await;
    for name in [POLICY, IMAGE] {
        let request = wire::import_resource_state::Request {
            type_name: name.into(),
            identity: Some(identity(ID)),
            ..Default::default()
        };
        let answer: wire::import_resource_state::Response =
            client.call("/tfplugin6.Provider/ImportResourceState", request).await;
        let [found] = &answer.imported_resources[..] else { panic!("{answer:?}") };
        let wanted = object(name, [("cluster_id", ID.into()), ("id", ID.into())]);
        assert_eq!(unpacked(name, found.state.clone()), wanted);
        assert_eq!(found.identity, Some(identity(ID)));
    }
}

async fn upgrade(client: &Client, version: i64, json: &str) -> wire::upgrade_resource_state::Response {
    let request = wire::upgrade_resource_state::Request {
        type_name: POLICY.into(),
        version,
        raw_state: Some(wire::RawState { json: json.as_bytes().to_vec(), ..Default::default() }),
    };
    client.call("/tfplugin6.Provider/UpgradeResourceState", request).await
}

#[tokio::test]
async fn a_policy_of_an_equal_or_older_version_is_read() {
    let client = Client::of(Arc::new(aks())).await;
    let saved =
        format!(r#"{{ "cluster_id": "{ID}", "kubernetes_version": "1.34", "of_another_time": {{}} }}"#);
    let wanted = object(POLICY, [("cluster_id", ID.into()), ("kubernetes_version", "1.34".into())]);
    let mut open = wanted.clone();
    open.set("always_open", true.into());
    for (version, wanted) in [(0, &open), (1, &open), (2, &wanted)] {
        let answer = upgrade(&client, version, &saved).await;
        assert_eq!(told(&answer.diagnostics), [""; 0]);
        assert_eq!(unpacked(POLICY, answer.upgraded_state), *wanted);
    }
    assert_eq!(
        told(&upgrade(&client, 3, &saved).await.diagnostics),
        [
            "error Saved state is of a newer provider: The state of aks_upgrade_policy was saved by a newer version of \
          the provider: it has schema version 3, and this one knows versions up to 2. Nothing was changed. Use the \
          version of the provider that wrote it, or a newer one."
        ]
    );
}

/// What a policy of the time before the blocks saved: objects in attributes, and steps in a list.
const BEFORE_THE_BLOCKS: &str = r#"{
    "cluster_id": "ID", "id": "ID", "kubernetes_version": "1.35", "channel": null, "exclude_versions": null,
    "allow_preview": null, "min_age": null, "outside_window": "fail", "cutoff": null, "executor": null,
    "maintenance_windows": [
        { "days": ["saturday"], "weeks_of_month": null, "days_of_month": null, "every": null, "start_date": null,
          "start": "02:00", "duration": "4h", "time_zone": "Europe/Berlin", "applies_to": null },
        { "days": null, "weeks_of_month": null, "days_of_month": null, "every": null, "start_date": null,
          "start": "22:00", "duration": "2h", "time_zone": null, "applies_to": ["patch"] }
    ],
    "blackouts": [
        { "from": "12-15", "to": "01-05", "yearly": true, "time_zone": null, "reason": "year end", "applies_to": null },
        { "from": "2026-11-27T00:00:00Z", "to": "2026-11-30T00:00:00Z", "yearly": null, "time_zone": "Europe/Berlin",
          "reason": null, "applies_to": null }
    ],
    "rollout": null, "override": null, "timeouts": { "create": "1h", "update": null, "read": null },
    "status": "pending",
    "pending_steps": [{ "component": "control_plane", "node_pool": null, "from": "1.34.4", "to": "1.35.6",
                        "kind": "minor", "estimated_duration": "10m" }],
    "blocked_by": [{ "code": "window_closed", "message": "No window is open." }],
    "next_window": { "start": "2026-11-28T01:00:00Z", "end": "2026-11-28T05:00:00Z" },
    "current_version": "1.34.4", "target_version": "1.35.6",
    "node_pools": { "system": { "mode": "System", "os_type": "Linux", "os_sku": "Ubuntu", "count": 3,
        "current_version": "1.34.4", "node_image_version": "AKSUbuntu-2204gen2containerd-202610.19.0",
        "provisioning_state": "Succeeded", "power_state": "Running" } }
}"#;

#[tokio::test]
async fn a_state_from_before_the_blocks_says_what_it_meant() {
    let client = Client::of(Arc::new(aks())).await;
    let answer = upgrade(&client, 1, &BEFORE_THE_BLOCKS.replace("ID", ID)).await;
    assert_eq!(told(&answer.diagnostics), [""; 0]);
    let state = unpacked(POLICY, answer.upgraded_state);
    let windows = state.get("maintenance_window").items();
    let texts = |value: &Value| {
        value.items().iter().filter_map(|one| one.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(
        windows.iter().map(|window| texts(window.get("days"))).collect::<Vec<_>>(),
        [["saturday"], ["all"]]
    );
    let zones: Vec<_> = windows.iter().map(|window| window.get("time_zone").as_str()).collect();
    assert_eq!(zones, [Some("Europe/Berlin"), Some("UTC")]);
    let zones: Vec<_> =
        state.get("blackout").items().iter().map(|one| one.get("time_zone").as_str()).collect();
    assert_eq!(zones, [Some("UTC"), None]);
    assert_eq!(state.get("always_open"), &Value::Null);
    assert_eq!(
        (state.get("rollout"), state.get("override"), state.get("steps")),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(state.get("timeouts").get("create").as_str(), Some("1h"));
    assert_eq!(state.get("node_pools").get("system").get("current_version").as_str(), Some("1.34.4"));
    assert_eq!(state.get("blocked_by").items()[0].get("code").as_str(), Some("window_closed"));
}

async fn moved(
    client: &Client,
    source: (&str, &str),
    target: &str,
    json: &str,
) -> wire::move_resource_state::Response {
    let request = wire::move_resource_state::Request {
        source_provider_address: source.0.into(),
        source_type_name: source.1.into(),
        source_schema_version: 1,
        source_state: Some(wire::RawState { json: json.as_bytes().to_vec(), ..Default::default() }),
        target_type_name: target.into(),
        source_private: b"what the source kept".to_vec(),
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/MoveResourceState", request).await
}

/// What both types have: when and how; a policy says more about its rollout.
fn common(of_versions: &[&'static str]) -> (String, [(&'static str, Value); 7]) {
    let json = format!(
        r#"{{ "cluster_id": "{ID}", "id": "{ID}", "status": "pending", "min_age": "7d", "outside_window": "fail",
              "channel": "stable", "timeouts": {{ "create": "1h" }}, "rollout": {{ "soak": "30m" }} }}"#
    );
    let timeouts = Value::object([("create", "1h".into()), ("update", Value::Null), ("read", Value::Null)]);
    let rollout =
        ["pool_order", "exclude_pools", "include_snapshot_pools", "soak", "max_surge", "drain_timeout"];
    let rollout = rollout.into_iter().chain(of_versions.iter().copied());
    let mut rollout = Value::object(rollout.map(|name| (name, Value::Null)));
    rollout.set("soak", "30m".into());
    let carried = [
        ("cluster_id", ID.into()),
        ("id", ID.into()),
        ("always_open", true.into()),
        ("min_age", "7d".into()),
        ("outside_window", "fail".into()),
        ("timeouts", timeouts),
        ("rollout", rollout),
    ];
    (json, carried)
}

#[tokio::test]
async fn a_policy_and_node_images_hand_over_what_they_have_in_common() {
    let client = Client::of(Arc::new(aks())).await;
    let (json, of_images) = common(&[]);
    let (_, carried) = common(&["control_plane_only", "pool_hops", "whole_cluster"]);
    for address in [ADDRESS, "registry.opentofu.org/aks-upgrades/aks"] {
        let answer = moved(&client, (address, POLICY), IMAGE, &json).await;
        assert_eq!(told(&answer.diagnostics), [""; 0]);
        assert_eq!(unpacked(IMAGE, answer.target_state), object(IMAGE, of_images.clone()));
        assert_eq!((answer.target_private, answer.target_identity), (vec![], Some(identity(ID))));
    }
    let answer = moved(&client, (ADDRESS, IMAGE), POLICY, &json.replace("stable", "NodeImage")).await;
    assert_eq!(told(&answer.diagnostics), [""; 0]);
    assert_eq!(unpacked(POLICY, answer.target_state), object(POLICY, carried.clone()));
    let same = moved(&client, ("example.com/fork/aks", POLICY), POLICY, &json).await;
    let mut whole = object(POLICY, carried);
    whole.set("channel", "stable".into());
    whole.set("status", "pending".into());
    assert_eq!(unpacked(POLICY, same.target_state), whole);
}

#[tokio::test]
async fn nothing_else_is_taken_over() {
    let client = Client::of(Arc::new(aks())).await;
    let azurerm = "registry.terraform.io/hashicorp/azurerm";
    for source in [(azurerm, "azurerm_kubernetes_cluster"), (azurerm, POLICY), (ADDRESS, "aks_other")] {
        let answer = moved(&client, source, IMAGE, "{}").await;
        let sentence = format!(
            "error State cannot be moved between types: aks_node_image cannot take over the state of {} of the \
             provider {}. Remove the `moved` block, and import the object instead.",
            source.1, source.0
        );
        assert_eq!(told(&answer.diagnostics), [sentence]);
        assert!(answer.target_state.is_none() && answer.target_identity.is_none());
    }
}

const SCENARIO: &str = r#"
    [clock]
    start = "2026-11-28T02:00:00Z"
    [[cluster]]
    name = "prod"
    version = "1.33.5"
    [[cluster.pool]]
    name = "system"
    mode = "System"
    count = 3
"#;

/// Starts the provider on a simulator.
async fn connected(simulator: &Simulator) -> Client {
    let provider = aks();
    let schema = provider.schema();
    let client = Client::of(Arc::new(provider)).await;
    let kind = schema.value_type();
    let mut config = schema.nulls();
    config.set("endpoint", simulator.url().into());
    let msgpack = msgpack::encode(&config, &kind).unwrap();
    let config = Some(wire::DynamicValue { msgpack, json: Vec::new() });
    let request = wire::configure_provider::Request { config, ..Default::default() };
    let answer: wire::configure_provider::Response =
        client.call("/tfplugin6.Provider/ConfigureProvider", request).await;
    assert_eq!(told(&answer.diagnostics), [""; 0]);
    client
}

async fn read(client: &Client, state: &Value, private: &[u8]) -> wire::read_resource::Response {
    let request = wire::read_resource::Request {
        type_name: POLICY.into(),
        current_state: packed(POLICY, state),
        private: private.to_vec(),
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/ReadResource", request).await
}

async fn plan(client: &Client, prior: &Value, private: &[u8]) -> wire::plan_resource_change::Response {
    let request = wire::plan_resource_change::Request {
        type_name: POLICY.into(),
        prior_state: packed(POLICY, prior),
        proposed_new_state: packed(POLICY, prior),
        config: packed(POLICY, prior),
        prior_private: private.to_vec(),
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/PlanResourceChange", request).await
}

/// Unpacks what is kept beside a state.
fn inflated(kept: &[u8]) -> String {
    String::from_utf8(unpack(kept).unwrap()).unwrap()
}

/// Packs text as it is kept beside a state.
fn deflated(text: &str) -> Vec<u8> {
    pack(text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_by_others_is_passed_over() {
    let scenario = Scenario::parse(SCENARIO, Path::new(".")).unwrap();
    let simulator = Simulator::start(scenario, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let id = simulator.with_world(|world| world.cluster("prod").unwrap()["id"].as_str().unwrap().to_owned());
    let client = connected(&simulator).await;
    let given = object(
        POLICY,
        [
            ("cluster_id", id.as_str().into()),
            ("kubernetes_version", "1.34".into()),
            ("always_open", true.into()),
        ],
    );
    let first = read(&client, &given, b"").await;
    assert_eq!(told(&first.diagnostics), [""; 0]);
    assert_eq!(first.new_identity, Some(identity(&id)));
    let state = unpacked(POLICY, first.new_state);
    assert_eq!(state.get("status").as_str(), Some("pending"));
    let kept = inflated(&first.private);
    assert!(kept.starts_with(r#"{"v":1,"#), "{kept}");

    let newer = kept.replacen(r#""v":1"#, r#""v":2"#, 1);
    let half = &kept[..kept.len() / 2];
    let endless = " ".repeat(8 << 20) + &kept;
    let foreign = ["{}", "[1]", "null", &newer, half, &endless].map(deflated);
    for private in foreign.iter().map(Vec::as_slice).chain([b"\xff\x00".as_slice(), kept.as_bytes()]) {
        let again = read(&client, &state, private).await;
        assert_eq!(told(&again.diagnostics), [""; 0]);
        assert!(inflated(&again.private).starts_with(r#"{"v":1,"#), "it is kept anew");
        let unplanned = plan(&client, &state, private).await;
        assert_eq!(unpacked(POLICY, unplanned.planned_state), state, "nothing is promised from nothing");
        let [told] = &told(&unplanned.diagnostics)[..] else { panic!("{:?}", unplanned.diagnostics) };
        assert!(told.starts_with("warning "), "{told}");
    }
    let planned = plan(&client, &state, &first.private).await;
    assert_eq!(planned.planned_identity, Some(identity(&id)));
    let planned = unpacked(POLICY, planned.planned_state);
    assert_ne!(planned.get("current_version"), state.get("current_version"));
}
