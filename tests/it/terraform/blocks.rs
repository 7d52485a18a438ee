//! Nested blocks on their way: the schema, what is refused, the states, a change that replaces.

use terraform_provider_aks::terraform::diagnostic::{Diagnostic, Path};
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::proto::tfplugin6::schema::nested_block::NestingMode;
use terraform_provider_aks::terraform::reader::{Findings, Reader};
use terraform_provider_aks::terraform::value::Value;

use super::client::{Client, packed, steps, thing, told, unpacked};
use super::toy;

fn minutes(minutes: i64) -> Value {
    Value::object([("minutes", minutes.into())])
}

/// A shift; what is not given is what stands for nothing.
fn shift<const N: usize>(start: &str, given: [(&str, Value); N]) -> Value {
    let nothing = [
        ("start", start.into()),
        ("days", Value::Null),
        ("seen", Value::Null),
        ("pause", Value::List(vec![])),
        ("lunch", Value::Null),
    ];
    let mut shift = Value::object(nothing);
    given.into_iter().for_each(|(name, value)| shift.set(name, value));
    shift
}

fn label(text: &str) -> Value {
    Value::object([("text", text.into())])
}

/// A thing with a block of every kind.
fn blocks(name: &str) -> Value {
    let shifts = [
        shift("02:00", [("pause", Value::list([minutes(5), minutes(10)])), ("lunch", minutes(60))]),
        shift("04:00", []),
    ];
    let limit = Value::object([("most", 3.into())]);
    let labels = Value::list([label("a"), label("b")]);
    thing(name, [("shift", Value::list(shifts)), ("limit", limit), ("label", labels)])
}

#[tokio::test]
async fn the_schema_says_how_each_block_nests() {
    let client = Client::start().await;
    let request = wire::get_provider_schema::Request::default();
    let answer: wire::get_provider_schema::Response =
        client.call("/tfplugin6.Provider/GetProviderSchema", request).await;
    let block = answer.resource_schemas["toy_thing"].block.clone().unwrap();
    let kinds = |block: &wire::schema::Block| -> Vec<(String, NestingMode)> {
        block.block_types.iter().map(|nested| (nested.type_name.clone(), nested.nesting())).collect()
    };
    let wanted = [("shift", NestingMode::List), ("limit", NestingMode::Single), ("label", NestingMode::Set)];
    assert_eq!(kinds(&block), wanted.map(|(name, nesting)| (name.to_owned(), nesting)));
    let shift = block.block_types[0].block.clone().unwrap();
    let wanted = [("pause", NestingMode::List), ("lunch", NestingMode::Single)];
    assert_eq!(kinds(&shift), wanted.map(|(name, nesting)| (name.to_owned(), nesting)));
    let names: Vec<&str> = shift.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(names, ["start", "days", "seen"]);
    assert_eq!(shift.description, "When it works.");
    let unlimited = |nested: &wire::schema::NestedBlock| (nested.min_items, nested.max_items) == (0, 0);
    assert!(block.block_types.iter().all(unlimited));
}

#[tokio::test]
async fn blocks_come_back_as_they_went() {
    let client = Client::start().await;
    let proposed = blocks("a");
    let planned = client.plan(None, Some(&proposed), b"").await;
    assert_eq!(told(&planned.diagnostics), [""; 0]);
    let planned = unpacked(planned.planned_state).unwrap();
    let applied = client.apply(None, Some(&planned), b"").await;
    let mut wanted = proposed;
    wanted.set("made", "made a".into());
    assert_eq!(unpacked(applied.new_state), Some(wanted));
}

#[tokio::test]
async fn an_unknown_dynamic_block_is_planned_as_it_is() {
    let client = Client::start().await;
    for name in ["shift", "limit", "label"] {
        let proposed = thing("a", [(name, Value::unknown())]);
        assert_eq!(told(&client.validate(packed(&proposed)).await), [""; 0]);
        let planned = client.plan(None, Some(&proposed), b"").await;
        assert_eq!(told(&planned.diagnostics), [""; 0]);
        assert_eq!(unpacked(planned.planned_state).unwrap().get(name), &Value::unknown());
    }
}

#[tokio::test]
async fn what_a_block_lacks_or_may_not_have_is_told_at_its_line() {
    let client = Client::start().await;
    let shifts = [
        shift("02:00", []),
        shift(
            "",
            [
                ("start", Value::Null),
                ("seen", 1.into()),
                ("pause", Value::list([Value::object([("minutes", Value::Null)])])),
                ("lunch", Value::object([("minutes", Value::Null)])),
            ],
        ),
    ];
    let limit = Value::object([("most", Value::Null)]);
    let labels = Value::list([Value::object([("text", Value::Null)])]);
    let wrong = thing("a", [("shift", Value::list(shifts)), ("limit", limit), ("label", labels)]);
    let required = |path: &str| format!("`{path}` is required and was left out or null. Give it a value.");
    let missing =
        |at: &str, path: &str| format!("error [{at}] Missing required attribute: {}", required(path));
    assert_eq!(
        told(&client.validate(packed(&wrong)).await),
        [
            missing("shift.1.start", "shift[1].start"),
            "error [shift.1.seen] Read-only attribute in configuration: `shift[1].seen` is set by the provider and \
             cannot be configured. Remove it."
                .to_owned(),
            missing("shift.1.pause.0.minutes", "shift[1].pause[0].minutes"),
            missing("shift.1.lunch.minutes", "shift[1].lunch.minutes"),
            missing("limit.most", "limit.most"),
            missing("label", "label.text"),
        ]
    );
}

/// Terraform finds the line of `days`, and of none of its elements.
#[tokio::test]
async fn an_element_inside_a_block_is_named_in_words() {
    let client = Client::start().await;
    let wrong = thing("picky", [("shift", Value::list([shift("02:00", [("days", Value::list(["x"]))])]))]);
    assert_eq!(
        told(&client.validate(packed(&wrong)).await),
        ["error [shift.0.days] No such day: shift[0].days[0]: There is no day \"x\"."]
    );
}

async fn saved(client: &Client, json: &str) -> Option<Value> {
    let request = wire::upgrade_resource_state::Request {
        type_name: "toy_thing".into(),
        version: 1,
        raw_state: Some(wire::RawState { json: json.as_bytes().to_vec(), ..Default::default() }),
    };
    let answer: wire::upgrade_resource_state::Response =
        client.call("/tfplugin6.Provider/UpgradeResourceState", request).await;
    assert_eq!(told(&answer.diagnostics), [""; 0]);
    unpacked(answer.upgraded_state)
}

/// A state from before the blocks has none of them, and neither null: Terraform refuses that.
#[tokio::test]
async fn a_state_without_blocks_has_empty_lists() {
    let client = Client::start().await;
    assert_eq!(toy::schema().nulls().get("shift"), &Value::List(vec![]));
    assert_eq!(toy::schema().nulls().get("limit"), &Value::Null);
    assert_eq!(saved(&client, r#"{ "name": "a" }"#).await, Some(thing("a", [])));
    let nulls = r#"{ "name": "a", "shift": null, "label": null, "limit": null }"#;
    assert_eq!(saved(&client, nulls).await, Some(thing("a", [])));
    let inside = r#"{ "name": "a", "shift": [{ "start": "02:00" }] }"#;
    let wanted = thing("a", [("shift", Value::list([shift("02:00", [])]))]);
    assert_eq!(saved(&client, inside).await, Some(wanted));

    let blockless = client.apply(None, Some(&thing("blockless", [])), b"").await;
    assert_eq!(unpacked(blockless.new_state), Some(thing("blockless", [("made", "made blockless".into())])));
}

#[tokio::test]
async fn a_block_that_replaces_is_announced() {
    let client = Client::start().await;
    let prior = blocks("a");
    let replaced = async |name: &str, value: Value| -> Vec<String> {
        let mut proposed = prior.clone();
        proposed.set(name, value);
        let answer = client.plan(Some(&prior), Some(&proposed), b"").await;
        answer.requires_replace.iter().map(steps).collect()
    };
    assert_eq!(replaced("limit", Value::object([("most", 4.into())])).await, ["limit.most"]);
    assert_eq!(replaced("limit", Value::Null).await, ["limit"]);
    assert_eq!(replaced("limit", Value::unknown()).await, ["limit"]);
    assert_eq!(replaced("shift", Value::List(vec![])).await, [""; 0]);
    assert_eq!(replaced("label", Value::list([label("b"), label("a")])).await, [""; 0]);
}

#[test]
fn blocks_are_read_as_objects_are() {
    let findings = Findings::default();
    let thing = blocks("a");
    let thing = Reader::new(&thing, &findings);
    let shifts = thing.objects("shift");
    let starts: Vec<_> = shifts.iter().map(|shift| shift.text("start")).collect();
    assert_eq!(starts, [Some("02:00"), Some("04:00")]);
    let pauses = shifts[0].objects("pause");
    assert_eq!(pauses[1].integer::<u8>("minutes"), Some(10));
    assert_eq!(
        pauses[1].path("minutes"),
        Path::root("shift").index(0).attribute("pause").index(1).attribute("minutes")
    );
    assert!(shifts[0].object("lunch").is_some() && shifts[1].object("lunch").is_none());
    assert_eq!(thing.object("limit").and_then(|limit| limit.integer::<u8>("most")), Some(3));
    assert!(!findings.has_unknown());

    let unknown = self::thing("a", [("shift", Value::unknown()), ("limit", Value::unknown())]);
    let unknown = Reader::new(&unknown, &findings);
    assert!(unknown.objects("shift").is_empty() && unknown.object("limit").is_none());
    assert!(findings.has_unknown());
    let none: Vec<Diagnostic> = findings.into_diagnostics();
    assert_eq!(none, []);
}

#[test]
fn what_was_unknown_is_filled_and_what_was_known_stays() {
    let planned =
        [("shift", Value::list([shift("02:00", [("seen", Value::unknown())])])), ("made", Value::unknown())];
    let live = [("shift", Value::list([shift("03:00", [("seen", 1.into())])])), ("made", "x".into())];
    let filled = [("shift", Value::list([shift("02:00", [("seen", 1.into())])])), ("made", "x".into())];
    assert_eq!(thing("a", planned).fill(&thing("b", live)), thing("a", filled));
    let longer = Value::list(["a"]);
    assert_eq!(longer.clone().fill(&Value::list(["b", "c"])), longer);
}
