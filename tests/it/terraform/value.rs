//! Values on the wire: the bytes Terraform sends, hostile bytes, and every value there and back.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use terraform_provider_aks::terraform::number::Number;
use terraform_provider_aks::terraform::schema::Type;
use terraform_provider_aks::terraform::value::{Refinement, Value};
use terraform_provider_aks::terraform::{json, msgpack};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn kind(json_text: &str) -> Type {
    json::decode_type(json_text.as_bytes()).unwrap()
}

fn number(text: &str) -> Value {
    Value::Number(text.parse().unwrap())
}

fn refined(not_null: bool, prefix: Option<&str>) -> Value {
    Value::Unknown(Refinement { not_null, prefix: prefix.map(str::to_owned) })
}

/// The bytes mean the value, and the value is written as the bytes.
#[track_caller]
fn same(bytes: &str, of: &str, value: Value) {
    assert_eq!(msgpack::decode(&hex(bytes), &kind(of)), Ok(value.clone()));
    assert_eq!(msgpack::encode(&value, &kind(of)).unwrap(), hex(bytes));
}

/// The bytes mean the value.
#[track_caller]
fn means(bytes: &str, of: &str, value: Value) {
    assert_eq!(msgpack::decode(&hex(bytes), &kind(of)), Ok(value));
}

#[test]
fn the_bytes_that_terraform_sends() {
    same("c0", r#""string""#, Value::Null);
    same("c3", r#""bool""#, true.into());
    same("a2 c3a9", r#""string""#, "é".into());
    same("93 01 c0 03", r#"["list","number"]"#, Value::List(vec![1.into(), Value::Null, 3.into()]));
    same("90", r#"["list","string"]"#, Value::List(vec![]));
    same("81 a1 61 a1 62", r#"["map","string"]"#, Value::object([("a", "b".into())]));
    same(
        "82 a1 61 c0 a1 62 c2",
        r#"["object",{"a":"string","b":"bool"}]"#,
        Value::object([("a", Value::Null), ("b", false.into())]),
    );
    same("92 01 a1 78", r#"["tuple",["number","string"]]"#, Value::List(vec![1.into(), "x".into()]));
}

#[test]
fn numbers_travel_as_terraform_writes_them() {
    same("01", r#""number""#, 1.into());
    same("cd 012c", r#""number""#, 300.into());
    same("ff", r#""number""#, (-1).into());
    same("cf 7fffffffffffffff", r#""number""#, i64::MAX.into());
    same("d3 8000000000000000", r#""number""#, i64::MIN.into());
    same("b3 39323233333732303336383534373735383038", r#""number""#, number("9223372036854775808"));
    same("cb 3fe0000000000000", r#""number""#, number("0.5"));
    same("a3 302e31", r#""number""#, number("0.1"));
    same("aa 302e3030303030303135", r#""number""#, number("1.5e-7"));
    means("cf ffffffffffffffff", r#""number""#, number("18446744073709551615"));
    means("ca 3f000000", r#""number""#, number("0.5"));
    means("a3 312e30", r#""number""#, 1.into());
    let big = msgpack::encode(&number("1e30"), &Type::Number).unwrap();
    assert_eq!(&big[1..], b"1000000000000000000000000000000");
}

#[test]
fn unknown_values_keep_what_is_known_of_them() {
    same("d4 00 00", r#""string""#, Value::unknown());
    same("c7 03 0c 81 01 c2", r#""string""#, refined(true, None));
    same("c7 07 0c 82 01 c2 02 a2 782d", r#""string""#, refined(true, Some("x-")));
    means("c7 00 00", r#"["list","string"]"#, Value::unknown());
    means("d4 63 07", r#""bool""#, Value::unknown());
    means("c7 03 0c ff ff ff", r#""bool""#, Value::unknown());
    means("c7 05 0c 82 01 c2 05 03", r#"["list","string"]"#, refined(true, None));
}

#[test]
fn a_long_prefix_is_cut_between_characters() {
    let bytes = msgpack::encode(&refined(false, Some(&"é".repeat(500))), &Type::String).unwrap();
    assert!(bytes.len() < 300);
    let Value::Unknown(known) = msgpack::decode(&bytes, &Type::String).unwrap() else { panic!() };
    assert_eq!(known.prefix, Some("é".repeat(128)));
}

#[test]
fn dynamic_values_bring_their_type() {
    let typed = |kind: Type, value| Value::Dynamic(Box::new(kind), Box::new(value));
    same("92 c4 08 22737472696e6722 a1 78", r#""dynamic""#, typed(Type::String, "x".into()));
    same("92 c4 08 22737472696e6722 d4 00 00", r#""dynamic""#, typed(Type::String, Value::unknown()));
    same("92 c4 08 22737472696e6722 c0", r#""dynamic""#, typed(Type::String, Value::Null));
    same("c0", r#""dynamic""#, Value::Null);
    same("d4 00 00", r#""dynamic""#, Value::unknown());
}

#[test]
fn sets_are_in_order_and_without_repetition() {
    means("93 a1 62 a1 61 a1 62", r#"["set","string"]"#, Value::list(["a", "b"]));
    let unknown = msgpack::decode(&hex("93 d40000 a161 d40000"), &kind(r#"["set","string"]"#)).unwrap();
    assert_eq!(unknown.items().len(), 3, "unknown elements may turn out different");
}

#[test]
fn an_object_may_lack_attributes_only_on_our_side() {
    let of = kind(r#"["object",{"a":"string","b":"bool"}]"#);
    let short = Value::object([("a", "x".into())]);
    assert_eq!(msgpack::encode(&short, &of).unwrap(), hex("82 a161 a178 a162 c0"));
}

/// The bytes are refused with a sentence.
#[track_caller]
fn refuses(bytes: &str, of: &str, sentence: &str) {
    assert_eq!(msgpack::decode(&hex(bytes), &kind(of)).unwrap_err().to_string(), sentence);
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    refuses("a1 78", r#""bool""#, "a boolean was expected, a string was given");
    refuses("01", r#""string""#, "a string was expected, a number was given");
    refuses("c4 01 78", r#""string""#, "a string was expected, a byte string was given");
    refuses("a1 78", r#""number""#, r#""x" is not a decimal number; write it like 3, -0.5 or 1e30"#);
    refuses("cb 7ff0000000000000", r#""number""#, "inf is not a finite number");
    refuses("81 a161 c0", r#"["object",{"a":"string","b":"bool"}]"#, r#"the attribute "b" is missing"#);
    refuses("82 a161 c0 a17a c0", r#"["object",{"a":"string","b":"bool"}]"#, r#"there is no attribute "z""#);
    refuses("82 a161 c0 a161 c0", r#"["object",{"a":"string","b":"bool"}]"#, "an attribute is given twice");
    refuses("81 01 c0", r#"["map","string"]"#, "a key must be a string, a number was given");
    refuses(
        "81 a161 92 c0 01",
        r#"["object",{"a":["list","string"]}]"#,
        "a[1]: a string was expected, a number was given",
    );
    refuses("81 a16b c3", r#"["map","string"]"#, r#"["k"]: a string was expected, a boolean was given"#);
    refuses("91 01", r#"["tuple",["number","string"]]"#, "2 elements were expected, 1 were given");
    refuses("a2 fffe", r#""string""#, "the string is not UTF-8");
    refuses("01 01", r#""number""#, "1 bytes follow the value");
    refuses("91 01", r#""dynamic""#, "a dynamic value must be its type and the value");
    refuses("92 c403 226122 01", r#""dynamic""#, r#""a" is not a type"#);
}

#[test]
fn hostile_bytes_are_refused_quickly() {
    let start = Instant::now();
    let nested = [vec![0x91; 200_000], vec![0xc0]].concat();
    let of = kind(r#"["list","string"]"#);
    for bytes in [
        &nested[..],
        &hex("dd ffffffff"),
        &hex("df ffffffff"),
        &hex("db ffffffff"),
        &hex("c9 ffffffff 00"),
        &[],
    ] {
        let error = msgpack::decode(bytes, &of).unwrap_err().to_string();
        assert!(error.starts_with("this is not msgpack: "), "{error}");
    }
    let deep_type = format!("{}\"string\"{}", "[\"list\",".repeat(100_000), "]".repeat(100_000));
    assert!(json::decode_type(deep_type.as_bytes()).is_err());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn what_the_provider_made_wrong_is_an_error() {
    let of = kind(r#"["object",{"a":["list","bool"]}]"#);
    let wrong = Value::object([("a", Value::list([Value::from(true), Value::from("x")]))]);
    let error = msgpack::encode(&wrong, &of).unwrap_err();
    assert_eq!(error.to_string(), "a[1]: a boolean was expected, a string was given");
    let extra = Value::object([("b", Value::Null)]);
    assert_eq!(msgpack::encode(&extra, &of).unwrap_err().to_string(), r#"there is no attribute "b""#);
}

#[track_caller]
fn json_means(text: &str, of: &str, value: Value) {
    assert_eq!(json::decode(text.as_bytes(), &kind(of)), Ok(value));
}

#[test]
fn saved_state_is_read_leniently() {
    let of = r#"["object",{"a":"string","n":"number"}]"#;
    json_means(
        "{\n  \"n\": 0.1,\n  \"gone\": 1\n}",
        of,
        Value::object([("a", Value::Null), ("n", number("0.1"))]),
    );
    json_means("123456789012345678901234567890", r#""number""#, number("123456789012345678901234567890"));
    json_means("1e30", r#""number""#, number("1e30"));
    json_means(r#""7""#, r#""number""#, 7.into());
    json_means("7", r#""string""#, "7".into());
    json_means("true", r#""string""#, "true".into());
    json_means(r#""false""#, r#""bool""#, false.into());
    json_means(r#"["b","a","b"]"#, r#"["set","string"]"#, Value::list(["a", "b"]));
    json_means(r#"{"k":null}"#, r#"["map","string"]"#, Value::object([("k", Value::Null)]));
    json_means(
        r#"{"value":[1],"type":["list","number"]}"#,
        r#""dynamic""#,
        Value::Dynamic(Box::new(Type::List(Type::Number.into())), Box::new(Value::list([1_i64]))),
    );
    json_means("null", r#""dynamic""#, Value::Null);
}

#[test]
fn saved_state_that_cannot_be_read_says_where() {
    let of = kind(r#"["object",{"a":["list","number"]}]"#);
    let error = |text: &str| json::decode(text.as_bytes(), &of).unwrap_err().to_string();
    assert_eq!(
        error(r#"{"a":[1,"x"]}"#),
        r#"a[1]: "x" is not a decimal number; write it like 3, -0.5 or 1e30"#
    );
    assert_eq!(error("[]"), "an object was expected, an array was given");
    assert!(error("{").starts_with("this is not JSON: "));
    assert!(error(&"[".repeat(100_000)).starts_with("this is not JSON: "));
}

#[test]
fn types_are_json() {
    let text = r#"["object",{"b":["list","number"],"a":["tuple",["bool",["set",["map","dynamic"]]]]}]"#;
    assert_eq!(String::from_utf8(json::encode_type(&kind(text))).unwrap(), text);
    assert_eq!(kind(r#"["object",{"a":"string"},["a"]]"#), kind(r#"["object",{"a":"string"}]"#));
    for text in [r#""text""#, r#"["list"]"#, r#"["object",[]]"#, "1", ""] {
        assert!(json::decode_type(text.as_bytes()).is_err(), "{text}");
    }
}

fn types() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![Just(Type::String), Just(Type::Number), Just(Type::Bool), Just(Type::Dynamic)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|of| Type::List(of.into())),
            inner.clone().prop_map(|of| Type::Set(of.into())),
            inner.clone().prop_map(|of| Type::Map(of.into())),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Type::Tuple),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..4)
                .prop_map(|attributes| Type::Object(attributes.into_iter().collect())),
        ]
    })
}

fn any_number() -> impl Strategy<Value = Number> {
    let text = "-?[0-9]{1,40}(\\.[0-9]{1,20})?";
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from_u64),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        text.prop_filter_map("number", |text: String| text.parse().ok()),
    ]
}

fn known_values(of: &Type) -> BoxedStrategy<Value> {
    match of.clone() {
        Type::String => ".{0,12}".prop_map(Value::from).boxed(),
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Number => any_number().prop_map(Value::from).boxed(),
        Type::List(of) => prop::collection::vec(values(&of), 0..4).prop_map(Value::List).boxed(),
        Type::Set(of) => prop::collection::vec(values(&of), 0..4).prop_map(Value::set_of).boxed(),
        Type::Map(of) => {
            prop::collection::btree_map(".{0,6}", values(&of), 0..4).prop_map(Value::Map).boxed()
        }
        Type::Tuple(types) => types.iter().map(values).collect::<Vec<_>>().prop_map(Value::List).boxed(),
        Type::Object(attributes) => {
            let entries: Vec<_> =
                attributes.iter().map(|(name, of)| (Just(name.clone()), values(of))).collect();
            entries.prop_map(|entries| Value::Map(entries.into_iter().collect())).boxed()
        }
        Type::Dynamic => known_values(&Type::List(Type::String.into()))
            .prop_map(|value| Value::Dynamic(Box::new(Type::List(Type::String.into())), value.into()))
            .boxed(),
    }
}

fn values(of: &Type) -> BoxedStrategy<Value> {
    let unknown = (any::<bool>(), prop::option::of("[a-z]{0,8}"))
        .prop_map(|(not_null, prefix)| Value::Unknown(Refinement { not_null, prefix }));
    prop_oneof![1 => Just(Value::Null), 1 => unknown, 6 => known_values(of)].boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_value_survives_the_wire((of, value) in types().prop_flat_map(|of| (Just(of.clone()), values(&of)))) {
        let bytes = msgpack::encode(&value, &of).unwrap();
        prop_assert_eq!(msgpack::decode(&bytes, &of).unwrap(), value);
    }

    #[test]
    fn any_bytes_are_read_or_refused(of in types(), bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = msgpack::decode(&bytes, &of);
        let _ = json::decode(&bytes, &of);
        let _ = json::decode_type(&bytes);
    }

    #[test]
    fn damaged_values_are_read_or_refused(
        (of, value) in types().prop_flat_map(|of| (Just(of.clone()), values(&of))),
        place: prop::sample::Index,
        byte: u8,
    ) {
        let mut bytes = msgpack::encode(&value, &of).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let _ = msgpack::decode(&bytes, &of);
    }

    #[test]
    fn every_type_survives(of in types()) {
        prop_assert_eq!(json::decode_type(&json::encode_type(&of)).unwrap(), of);
    }
}
