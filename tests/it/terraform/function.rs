//! Functions through raw messages, on a provider that nobody configured.

use proptest::prelude::*;
use terraform_provider_aks::terraform::diagnostic::{Diagnostic, Path, folded, shortened};
use terraform_provider_aks::terraform::function::FunctionError;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::schema::Type;
use terraform_provider_aks::terraform::value::Value;

use super::client::{Client, packed_as, unpacked_as};

async fn call(
    client: &Client,
    name: &str,
    arguments: Vec<wire::DynamicValue>,
) -> wire::call_function::Response {
    let request = wire::call_function::Request { name: name.into(), arguments };
    client.call("/tfplugin6.Provider/CallFunction", request).await
}

fn texts<const N: usize>(texts: [&str; N]) -> Vec<wire::DynamicValue> {
    texts.map(|text| packed_as(&Type::String, &text.into())).to_vec()
}

/// Returns the result of a function of texts.
async fn text(client: &Client, name: &str, arguments: Vec<wire::DynamicValue>) -> Option<Value> {
    let answer = call(client, name, arguments).await;
    assert_eq!(answer.error, None);
    unpacked_as(&Type::String, answer.result)
}

async fn error(client: &Client, name: &str, arguments: Vec<wire::DynamicValue>) -> (String, Option<i64>) {
    let answer = call(client, name, arguments).await;
    assert_eq!(answer.result, None);
    let error = answer.error.unwrap();
    (error.text, error.function_argument)
}

#[tokio::test]
async fn signatures_are_in_the_schema_and_asked_for_alone() {
    let client = Client::start().await;
    let schema: wire::get_provider_schema::Response = client
        .call("/tfplugin6.Provider/GetProviderSchema", wire::get_provider_schema::Request::default())
        .await;
    let alone: wire::get_functions::Response =
        client.call("/tfplugin6.Provider/GetFunctions", wire::get_functions::Request {}).await;
    assert_eq!((&schema.functions, &alone.diagnostics), (&alone.functions, &vec![]));
    assert_eq!(alone.functions.len(), 3);
    let parameter = |name: &str, kind: &str, nullable, description: &str| wire::function::Parameter {
        name: name.into(),
        r#type: kind.into(),
        allow_null_value: nullable,
        allow_unknown_values: false,
        description: description.into(),
        description_kind: wire::StringKind::Markdown.into(),
    };
    let join = wire::Function {
        parameters: vec![parameter("separator", r#""string""#, false, "What goes between.")],
        variadic_parameter: Some(parameter("parts", r#""string""#, true, "What is joined.")),
        r#return: Some(wire::function::Return { r#type: br#""string""#.to_vec() }),
        summary: "Joins.".into(),
        description: "Returns the parts as one text.".into(),
        description_kind: wire::StringKind::Markdown.into(),
        deprecation_message: String::new(),
    };
    assert_eq!(alone.functions["join"], join);
    assert_eq!(
        alone.functions["echo"].parameters,
        [parameter("anything", r#""dynamic""#, true, "Whatever.")]
    );
}

#[tokio::test]
async fn arguments_go_in_and_a_result_comes_out() {
    let client = Client::start().await;
    assert_eq!(text(&client, "shout", texts(["hey"])).await, Some("HEY".into()));
    assert_eq!(text(&client, "join", texts(["-"])).await, Some("".into()));
    assert_eq!(text(&client, "join", texts(["-", "a", "b", "c"])).await, Some("a-b-c".into()));
    let null = packed_as(&Type::String, &Value::Null);
    // OpenTofu writes a null that is allowed as nothing at all.
    for null in [null, wire::DynamicValue::default()] {
        let arguments = [texts(["-", "a"]), vec![null]].concat();
        assert_eq!(text(&client, "join", arguments).await, Some("a-null".into()));
    }
}

#[tokio::test]
async fn a_value_of_any_type_brings_its_type_and_keeps_it() {
    let client = Client::start().await;
    let window = Value::object([("start", Value::from("02:00")), ("every", 2.into())]);
    let types = vec![("start".to_owned(), Type::String), ("every".to_owned(), Type::Number)];
    let tuple = Type::Tuple(vec![Type::Object(types), Type::Dynamic]);
    let windows = Value::Dynamic(tuple.into(), Box::new(Value::List(vec![window, Value::Null])));
    for value in [windows, Value::Null, Value::Dynamic(Type::Bool.into(), Box::new(true.into()))] {
        let answer = call(&client, "echo", vec![packed_as(&Type::Dynamic, &value)]).await;
        assert_eq!(
            (unpacked_as(&Type::Dynamic, answer.result), answer.error),
            (Some(value).filter(|v| !v.is_null()), None)
        );
    }
}

#[tokio::test]
async fn an_argument_that_is_not_known_gives_a_result_that_is_not() {
    let client = Client::start().await;
    let unknown = packed_as(&Type::String, &Value::unknown());
    assert_eq!(text(&client, "shout", vec![unknown]).await, Some(Value::unknown()));
    let inside =
        Value::Dynamic(Type::List(Type::String.into()).into(), Box::new(Value::list([Value::unknown()])));
    let answer = call(&client, "echo", vec![packed_as(&Type::Dynamic, &inside)]).await;
    assert_eq!(unpacked_as(&Type::Dynamic, answer.result), Some(Value::unknown()));
}

#[tokio::test]
async fn an_error_names_its_argument_where_it_has_one() {
    let client = Client::start().await;
    let shout = async |text: &str| error(&client, "shout", texts([text])).await;
    // Terraform puts the last full stop.
    assert_eq!(shout("secret").await, ("This is not shouted. Write something else".to_owned(), Some(0)));
    assert_eq!(shout("alone").await, ("Nobody would hear it".to_owned(), None));
    assert_eq!(shout("elsewhere").await, ("It is about no argument".to_owned(), None));
    let (text, at) = shout("misfit").await;
    assert!(
        text.starts_with("The provider has a bug: The provider made a value that does not fit"),
        "{text}"
    );
    assert_eq!(at, None);
    let (text, _) = shout("panic").await;
    assert!(text.starts_with("The provider has a bug: CallFunction of shout panicked"), "{text}");
    assert!(!text.contains("the panic's text"), "{text}");

    let null = packed_as(&Type::String, &Value::Null);
    assert_eq!(error(&client, "shout", vec![null]).await, ("It must not be null".to_owned(), Some(0)));
    let many = packed_as(&Type::List(Type::String.into()), &Value::list(["a"]));
    let (text, at) = error(&client, "join", [texts(["-", "a"]), vec![many]].concat()).await;
    assert_eq!(
        (text.as_str(), at),
        (
            "Terraform sent a value that does not fit the schema: a string was expected, an array was given",
            Some(2)
        )
    );
    let counts = async |name: &str, given: Vec<wire::DynamicValue>| error(&client, name, given).await;
    let sentence = |text: &str| (text.to_owned(), None);
    assert_eq!(counts("shout", vec![]).await, sentence("The number of arguments must be 1, and is 0"));
    assert_eq!(
        counts("shout", texts(["a", "b"])).await,
        sentence("The number of arguments must be 1, and is 2")
    );
    assert_eq!(counts("join", vec![]).await, sentence("The number of arguments must be 1 or more, and is 0"));
    assert_eq!(
        error(&client, "whisper", vec![]).await,
        sentence("Unknown function: This provider has no function \"whisper\". It has: echo, join, shout")
    );
}

#[test]
fn what_a_reader_finds_is_told_in_one_sentence_after_the_other() {
    assert_eq!(FunctionError::of(1, &[Diagnostic::warning("Early", "It is early.")]), None);
    let path = Path::root("windows").index(0).attribute("start");
    let found = [
        Diagnostic::error("Invalid time", "There is no 25:00.").at(path.clone()),
        Diagnostic::error("Missing", "`windows[0].start` is missing.").at(path),
        Diagnostic::error("Whole", "Nothing fits."),
    ];
    let text = "windows[0].start: There is no 25:00. `windows[0].start` is missing. Nothing fits.";
    assert_eq!(FunctionError::of(1, &found), Some(FunctionError::at(1, text)));
}

/// What a caller wrote stands in the error, and is too long to be read.
#[tokio::test]
async fn what_is_very_long_is_not_shown_whole() {
    let client = Client::start().await;
    let (text, _) = error(&client, &"x".repeat(1 << 20), vec![]).await;
    assert!(text.contains(&format!("{}…", "x".repeat(90))) && text.len() < 1000, "{}", text.len());
    let sentences = shortened(&"A like sentence. ".repeat(10_000));
    assert!(sentences.len() <= (16 << 10) + 3 && sentences.ends_with('…'));
    let id = format!("/subscriptions/{}", "a".repeat(300));
    assert_eq!(shortened(&id), id, "an id is shown whole");
}

proptest! {
    /// Terraform breaks every line but those of a list, which begin with a space.
    #[test]
    fn no_line_of_a_list_is_wider_than_a_terminal(text in "(  [0-9]{1,2}( [a-z-]{1,40}){0,12}\n|[a-z ]{0,90}\n){0,6}") {
        let folded = folded(&text);
        let is_of_a_list = |line: &&str| line.starts_with(' ');
        for line in folded.lines().filter(is_of_a_list) {
            prop_assert!(line.len() <= 76 || line.split_whitespace().count() == 1, "{line:?}");
        }
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(words(&folded), words(&text));
        let others = |text: &str| text.lines().filter(|line| !line.starts_with(' ')).map(str::to_owned).collect::<Vec<_>>();
        prop_assert_eq!(others(&folded), others(&text));
    }
}
