//! Arguments of any type against a block: what is taken, and how a mistake is told.

use terraform_provider_aks::terraform::diagnostic::Diagnostic;
use terraform_provider_aks::terraform::schema::{Attribute, Block, Type};
use terraform_provider_aks::terraform::strict;
use terraform_provider_aks::terraform::value::Value;

fn block() -> Block {
    let attributes = vec![
        Attribute::required("start", Type::String, "When."),
        Attribute::optional("days", Type::List(Type::String.into()), "On which days."),
        Attribute::optional("flags", Type::Set(Type::String.into()), "Words."),
        Attribute::optional("every", Type::Number, "How often."),
        Attribute::optional("loud", Type::Bool, "Whether it is heard."),
        Attribute::optional("tags", Type::Map(Type::String.into()), "Words by word."),
    ];
    let pause =
        Block::single("pause", vec![Attribute::required("minutes", Type::Number, "How long.")], "A rest.");
    let note = Block::list("note", vec![Attribute::required("text", Type::String, "Words.")], "Said.");
    Block::list("shift", attributes, "When it works.").with_blocks(vec![pause, note])
}

/// An object whose type nobody knows beforehand.
fn any<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::object(entries)
}

fn tuple<const N: usize>(items: [Value; N]) -> Value {
    Value::Dynamic(Type::Tuple(vec![]).into(), Box::new(Value::List(items.to_vec())))
}

/// A shift as Terraform hands it over.
fn shift<const N: usize>(start: &str, given: [(&str, Value); N]) -> Value {
    let mut shift =
        Value::object(["days", "flags", "every", "loud", "tags", "pause"].map(|name| (name, Value::Null)));
    shift.set("start", start.into());
    shift.set("note", Value::List(vec![]));
    given.into_iter().for_each(|(name, value)| shift.set(name, value));
    shift
}

#[track_caller]
fn taken(given: Value, wanted: Value) {
    assert_eq!(strict::blocks(&block(), &given), Ok(wanted));
}

/// Says at which path a value is refused, and why.
#[track_caller]
fn refused(given: Value, path: &str, detail: &str) {
    let found: Vec<Diagnostic> = strict::blocks(&block(), &given).unwrap_err();
    let [found] = &found[..] else { panic!("{found:?}") };
    assert_eq!((found.path.to_string().as_str(), found.detail.as_str()), (path, detail));
}

#[test]
fn objects_of_any_type_become_blocks() {
    taken(tuple([]), Value::List(vec![]));
    taken(Value::Null, Value::List(vec![]));
    taken(tuple([any([("start", "02:00".into())])]), Value::List(vec![shift("02:00", [])]));
    let minutes = any([("minutes", 5.into())]);
    let notes = Value::List(vec![any([("text", "a".into())])]);
    let whole = any([("start", "02:00".into()), ("pause", minutes.clone()), ("note", notes.clone())]);
    taken(tuple([whole]), Value::List(vec![shift("02:00", [("pause", minutes), ("note", notes)])]));
}

/// `aks_upgrade_policy.x.maintenance_window` has every key, most of them null.
#[test]
fn a_key_with_null_counts_as_left_out() {
    let whole = shift("02:00", [("every", Value::Null), ("pause", Value::Null)]);
    taken(Value::List(vec![whole]), Value::List(vec![shift("02:00", [])]));
}

#[test]
fn a_key_that_is_unknown_is_one_with_null_too() {
    let sentence = "shift[0]: there is no \"Start\" here (did you mean \"start\"?).";
    for value in [Value::Null, "02:00".into()] {
        refused(tuple([shift("02:00", [("Start", value)])]), "shift[0]", sentence);
    }
}

#[test]
fn texts_numbers_and_booleans_become_each_other() {
    let given = any([
        ("start", 2.into()),
        ("days", Value::list(["monday"])),
        ("flags", Value::list(["z", "a", "z"])),
        ("every", "0.1".into()),
        ("loud", "true".into()),
        ("tags", any([("a", true.into())])),
    ]);
    let wanted = [
        ("days", Value::list(["monday"])),
        ("flags", Value::list(["a", "z"])),
        ("every", Value::Number("0.1".parse().unwrap())),
        ("loud", true.into()),
        ("tags", any([("a", "true".into())])),
    ];
    taken(tuple([given]), Value::List(vec![shift("2", wanted)]));
}

#[test]
fn a_key_that_does_not_exist_is_refused_with_the_one_that_is_meant() {
    let with = |name: &str| tuple([any([("start", "02:00".into()), (name, "x".into())])]);
    refused(with("evry"), "shift[0]", r#"shift[0]: there is no "evry" here (did you mean "every"?)."#);
    let all = "start, days, flags, every, loud, tags, pause, note";
    refused(with("zone"), "shift[0]", &format!(r#"shift[0]: there is no "zone" here; there are {all}."#));
    let pause = any([("start", "02:00".into()), ("pause", any([("minuets", 5.into())]))]);
    refused(
        tuple([pause]),
        "shift[0].pause",
        r#"shift[0].pause: there is no "minuets" here (did you mean "minutes"?)."#,
    );
}

#[test]
fn what_does_not_fit_is_refused_with_its_place() {
    let one = any([("start", "02:00".into())]);
    refused(one.clone(), "shift", "shift: a list was expected, a map was given.");
    refused("02:00".into(), "shift", "shift: a list was expected, a string was given.");
    refused(
        tuple([one.clone(), "02:00".into()]),
        "shift[1]",
        "shift[1]: an object was expected, a string was given.",
    );
    refused(tuple([Value::Null]), "shift[0]", "shift[0]: an object was expected, null was given.");
    let with = |name: &str, value: Value| {
        let mut object = one.clone();
        object.set(name, value);
        tuple([object])
    };
    refused(
        with("days", "monday".into()),
        "shift[0].days",
        "shift[0].days: a list was expected, a string was given.",
    );
    refused(
        with("days", Value::List(vec![Value::List(vec![])])),
        "shift[0].days[0]",
        "shift[0].days[0]: a string was expected, a list was given.",
    );
    refused(
        with("loud", "yes".into()),
        "shift[0].loud",
        "shift[0].loud: a boolean was expected, a string was given.",
    );
    refused(
        tuple([any([("every", 2.into())])]),
        "shift[0].start",
        "`shift[0].start` is required and was left out or null. Give it a value.",
    );
}
