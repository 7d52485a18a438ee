//! The whole service: whatever Terraform might send, an answer comes, and no bug is confessed.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::provider::packed::{pack, unpack};
use terraform_provider_aks::terraform::msgpack;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::proto::tfplugin6::provider_server::Provider as Rpc;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::schema::Type;
use terraform_provider_aks::terraform::service::Service;
use terraform_provider_aks::terraform::value::Value;
use tonic::Request;

use super::{damage, fuzz};

/// A block with everything in it, as Terraform saves it.
pub fn state() -> Json {
    json!({
        "cluster_id": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod",
        "id": "/x", "kubernetes_version": "1.35", "channel": "stable", "exclude_versions": ["1.35.1"], "allow_preview": false,
        "min_age": "7d", "max_age": "30d", "outside_window": "wait", "cutoff": "45m", "executor": "terraform", "always_open": null,
        "name": "default", "utc_offset": "+02:00", "start_date": "2026-11-01", "start_time": "02:00", "duration": 4,
        "maintenance_window": [{ "days": ["saturday", "all"], "weeks_of_month": ["last"], "days_of_month": [31], "every": 2, "start_date": "2026-11-01",
            "start": "02:00", "duration": "6h", "time_zone": "Europe/Berlin", "applies_to": ["minor"], "node_pools": ["user"] }],
        "blackout": [{ "from": "12-15", "to": "01-05", "yearly": true, "time_zone": "UTC", "reason": "year end", "applies_to": null, "node_pools": null }],
        "rollout": { "pool_order": [["system"], ["user"]], "exclude_pools": ["old"], "max_surge": "10%", "soak": "1h", "drain_timeout": "30m" },
        "override": { "reason": "CVE", "expires": "2026-12-01T00:00:00Z", "ignore": ["window"] },
        "node_image": { "node_pools": ["user"], "max_age": "30d", "min_age": "1d" },
        "timeouts": { "create": "1h", "update": "5h", "read": "10m" },
        "weekly": { "interval_weeks": 1, "day_of_week": "Saturday" },
        "steps": { "01 whole cluster": "1.34.9 to 1.35.6" }, "status": "pending", "blocked_by": [],
        "next_window": { "start": "2026-11-28T02:00:00Z", "end": "2026-11-28T08:00:00Z" },
    })
}

/// Makes of a document whatever fits a type: what it lacks is null, and what does not fit is, mostly, too.
fn fitted(document: &Json, kind: &Type) -> Value {
    match (kind, document) {
        (_, Json::String(text)) if text == "?" => Value::unknown(),
        (Type::String, Json::String(text)) => text.as_str().into(),
        (Type::Bool, Json::Bool(flag)) => (*flag).into(),
        (Type::Number, Json::Number(number)) => number.as_i64().map_or(Value::Null, Value::from),
        (Type::List(inner), Json::Array(items)) => Value::list(items.iter().map(|item| fitted(item, inner))),
        (Type::Set(inner), Json::Array(items)) => {
            Value::set_of(items.iter().map(|item| fitted(item, inner)).collect())
        }
        (Type::Map(inner), Json::Object(fields)) => {
            Value::object(fields.iter().map(|(name, value)| (name.as_str(), fitted(value, inner))))
        }
        (Type::Object(types), Json::Object(_)) => Value::object(
            types.iter().map(|(name, kind)| (name.as_str(), fitted(&document[name.as_str()], kind))),
        ),
        // An empty list of blocks is never null.
        (Type::List(_), _) => Value::list(Vec::<Value>::new()),
        _ => Value::Null,
    }
}

/// What is sent: of which type, as what, and what was kept beside it.
#[derive(Clone, Debug)]
struct Sent {
    kind: (&'static str, Type),
    prior: Json,
    proposed: Json,
    private: Vec<u8>,
    version: i64,
}

fn sent() -> impl Strategy<Value = Sent> {
    let kinds: Vec<(&str, Type)> = Aks::new(|_| None)
        .resources()
        .into_iter()
        .map(|one| (one.type_name(), one.schema().value_type()))
        .collect();
    let document = || damage::json(vec![state(), json!({})]);
    // Damaged as bytes they are seen to be foreign; what is packed anew is read.
    let anew = damage::bytes(vec![unpack(&kept()).unwrap()]).prop_map(|text| pack(&text));
    let private = prop_oneof![1 => damage::bytes(vec![Vec::new(), kept()]), 3 => anew];
    (select(kinds), document(), document(), private, 0..4_i64).prop_map(
        |(kind, prior, proposed, private, version)| Sent { kind, prior, proposed, private, version },
    )
}

/// What a refresh keeps beside a state, in its own packing.
fn kept() -> Vec<u8> {
    let text = json!({
        "v": 1, "at": "2026-11-22T09:00:06Z",
        "cluster": { "location": "westeurope", "properties": { "provisioningState": "Succeeded", "currentKubernetesVersion": "1.34.9",
            "kubernetesVersion": "1.34.9", "agentPoolProfiles": [{ "name": "user", "mode": "User", "osType": "Linux", "count": 3,
            "currentOrchestratorVersion": "1.34.9", "orchestratorVersion": "1.34.9", "provisioningState": "Succeeded" }] } },
        "upgrades": { "properties": { "controlPlaneProfile": { "upgrades": [{ "kubernetesVersion": "1.35.6" }] } } },
        "region": null, "images": {}, "every_image": true, "maintenance": null, "update_runs": [],
        "first_seen": { "1.35.6": "2026-11-22T09:00:06Z" }, "pool_ended": null, "no_effect": {},
    });
    pack(text.to_string().as_bytes())
}

fn packed(document: &Json, kind: &Type) -> Option<wire::DynamicValue> {
    let msgpack = msgpack::encode(&fitted(document, kind), kind).unwrap();
    Some(wire::DynamicValue { msgpack, json: Vec::new() })
}

/// No bug of ours is confessed, and nothing in a diagnostic steers a terminal.
fn is_sound(diagnostics: &[wire::Diagnostic]) {
    for told in diagnostics {
        let said = format!("{} {}", told.summary, told.detail);
        assert!(!said.contains(" bug"), "{said}");
        assert!(!super::steers(&said.replace('\n', " ")), "{said:?}");
    }
}

async fn send(sent: &Sent) {
    let service = Service::new(Arc::new(Aks::new(|_| None)) as Arc<dyn Provider>);
    let Sent { kind: (name, kind), prior, proposed, private, version } = sent;
    let config = packed(proposed, kind);
    let validate = wire::validate_resource_config::Request {
        type_name: (*name).to_owned(),
        config: config.clone(),
        client_capabilities: None,
    };
    let validated = service.validate_resource_config(Request::new(validate)).await.unwrap().into_inner();
    is_sound(&validated.diagnostics);
    let plan = wire::plan_resource_change::Request {
        type_name: (*name).to_owned(),
        prior_state: packed(prior, kind),
        proposed_new_state: config.clone(),
        config,
        prior_private: private.clone(),
        ..Default::default()
    };
    let planned = service.plan_resource_change(Request::new(plan)).await.unwrap().into_inner();
    is_sound(&planned.diagnostics);
    let upgrade = wire::upgrade_resource_state::Request {
        type_name: (*name).to_owned(),
        version: *version,
        raw_state: Some(wire::RawState { json: prior.to_string().into_bytes(), ..Default::default() }),
    };
    let upgraded = service.upgrade_resource_state(Request::new(upgrade)).await.unwrap().into_inner();
    is_sound(&upgraded.diagnostics);
}

#[test]
fn every_answer_is_sound() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    fuzz("service::every_answer_is_sound", 200, sent(), |sent| runtime.block_on(send(sent)));
}
