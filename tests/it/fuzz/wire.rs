//! What Terraform sends: whatever is read is written, and read as the same.

use proptest::prelude::*;
use proptest::sample::select;
use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::terraform::handshake;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::schema::Type;
use terraform_provider_aks::terraform::tls::Identity;
use terraform_provider_aks::terraform::{json, msgpack};

use super::{damage, fuzz};

/// The types of the resources and of the provider block.
pub fn types() -> Vec<Type> {
    let provider = Aks::new(|_| None);
    let resources = provider.resources().into_iter().map(|one| one.schema().value_type());
    resources.chain([provider.schema().value_type(), Type::Dynamic]).collect()
}

/// An object of each type with nothing in it, and some values by hand.
fn values() -> Vec<Vec<u8>> {
    let provider = Aks::new(|_| None);
    let schemas = provider.resources().into_iter().map(|one| one.schema()).chain([provider.schema()]);
    let nulls = schemas.map(|schema| msgpack::encode(&schema.nulls(), &schema.value_type()).unwrap());
    let by_hand: [&[u8]; 7] = [
        b"\x92\xc4\x08\"string\"\xa1x",
        b"\xd9\x02ab",
        b"\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a",
        b"\xa331e",
        b"\xc7\x03\x0c\x81\x01\xc2",
        b"\xd4\x00\x00",
        b"\xdf\x00\x00\x00\x01\xa1a\xc0",
    ];
    nulls.chain(by_hand.map(<[u8]>::to_vec)).collect()
}

#[test]
fn values_of_msgpack() {
    fuzz("wire::values_of_msgpack", 3000, (damage::bytes(values()), select(types())), |(bytes, kind)| {
        let Ok(value) = msgpack::decode(bytes, kind) else { return };
        let written = msgpack::encode(&value, kind).unwrap();
        assert_eq!(msgpack::decode(&written, kind).unwrap(), value);
    });
}

#[test]
fn types_in_json() {
    let mut corpus: Vec<Vec<u8>> = types().iter().map(json::encode_type).collect();
    corpus.extend([br#"["map",["set","number"]]"#.to_vec(), br#"["object",{"a":"bool"},["a"]]"#.to_vec()]);
    fuzz("wire::types_in_json", 2000, damage::bytes(corpus), |bytes| {
        let Ok(kind) = json::decode_type(bytes) else { return };
        assert_eq!(json::decode_type(&json::encode_type(&kind)).unwrap(), kind);
    });
}

#[test]
fn states_in_json() {
    let corpus =
        vec![super::service::state(), serde_json::json!({ "id": "x", "steps": {}, "timeouts": null })];
    fuzz("wire::states_in_json", 1000, (damage::json(corpus), select(types())), |(state, kind)| {
        let Ok(value) = json::read(state, kind) else { return };
        let written = msgpack::encode(&value, kind).unwrap();
        assert_eq!(msgpack::decode(&written, kind).unwrap(), value);
    });
}

#[test]
fn the_environment() {
    let corpus = [
        "5,6",
        "6",
        "10000",
        "25000",
        "-1",
        "true",
        "/run/x",
        "grpc",
        "-----BEGIN CERTIFICATE-----\nAQIDBA==\n-----END CERTIFICATE-----\n",
    ];
    let variables = proptest::collection::vec(damage::text(&corpus), 6);
    fuzz("wire::the_environment", 1000, variables, |variables| {
        let names = [
            "PLUGIN_PROTOCOL_VERSIONS",
            "PLUGIN_CLIENT_CERT",
            "PLUGIN_UNIX_SOCKET_DIR",
            "PLUGIN_UNIX_SOCKET_GROUP",
            "PLUGIN_MIN_PORT",
            "PLUGIN_MAX_PORT",
        ];
        let read = handshake::read(|name| {
            let at = names.iter().position(|known| *known == name);
            at.map(|at| variables[at].clone())
                .or((name == handshake::COOKIE.0).then(|| handshake::COOKIE.1.to_owned()))
        });
        let Ok(host) = read else { return };
        let line = host.line("unix", "/tmp/p/s", Some(b"x"));
        assert!(line.starts_with("1|6|unix|") && line.matches('\n').count() == 1, "{line}");
        // Whatever is pinned, an identity is made; it lets in nobody but the holder.
        drop(host.certificate.map(Identity::for_host));
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2))]

    /// What is nested without end takes no stack.
    #[test]
    fn depth(opening in select(vec![&b"\x91"[..], b"\x81\xa1a", b"\x92\xc4\x0a[\"dynamic\"]"])) {
        let bytes = opening.repeat(300_000);
        prop_assert!(msgpack::decode(&bytes, &Type::Dynamic).is_err());
        prop_assert!(json::decode_type("[\"list\",".repeat(300_000).as_bytes()).is_err());
    }
}
