//! A data source through raw messages.

use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::value::Value;

use super::client::{Client, confesses, object, packed_as, told, unpacked_as};
use super::toy::kinds::weather_schema;

fn weather<const N: usize>(city: &str, given: [(&str, Value); N]) -> Value {
    let mut weather = object(&weather_schema(), given);
    weather.set("city", city.into());
    weather
}

fn packed(weather: &Value) -> Option<wire::DynamicValue> {
    Some(packed_as(&weather_schema().value_type(), weather))
}

async fn validate(client: &Client, config: &Value) -> Vec<wire::Diagnostic> {
    let request = wire::validate_data_resource_config::Request {
        type_name: "toy_weather".into(),
        config: packed(config),
    };
    let path = "/tfplugin6.Provider/ValidateDataResourceConfig";
    client.call::<_, wire::validate_data_resource_config::Response>(path, request).await.diagnostics
}

async fn read(client: &Client, config: &Value) -> wire::read_data_source::Response {
    let request = wire::read_data_source::Request {
        type_name: "toy_weather".into(),
        config: packed(config),
        ..Default::default()
    };
    client.call("/tfplugin6.Provider/ReadDataSource", request).await
}

#[tokio::test]
async fn its_schema_is_beside_those_of_the_resources() {
    let client = Client::start().await;
    let answer: wire::get_provider_schema::Response = client
        .call("/tfplugin6.Provider/GetProviderSchema", wire::get_provider_schema::Request::default())
        .await;
    assert!(!answer.resource_schemas.contains_key("toy_weather"));
    let block = answer.data_source_schemas["toy_weather"].block.clone().unwrap();
    let names: Vec<&str> = block.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(names, ["city", "unit", "degrees"]);
    assert_eq!(block.block_types[0].type_name, "station");
}

#[tokio::test]
async fn a_configuration_is_held_to_the_schema_and_then_to_the_source() {
    let client = Client::start().await;
    assert_eq!(told(&validate(&client, &weather("a", [])).await), [""; 0]);
    let unknown = weather("a", [("unit", Value::unknown()), ("station", Value::unknown())]);
    assert_eq!(told(&validate(&client, &unknown).await), [""; 0]);
    let wrong = weather("a", [("degrees", 1.into()), ("unit", "elbow".into())]);
    assert_eq!(
        told(&validate(&client, &wrong).await),
        [
            "error [degrees] Read-only attribute in configuration: `degrees` is set by the provider and cannot be \
             configured. Remove it."
        ]
    );
    let wrong = weather("a", [("unit", "elbow".into())]);
    assert_eq!(told(&validate(&client, &wrong).await), ["error [unit] No such unit: Write celsius."]);
    let panics = validate(&client, &weather("panic in validate", [])).await;
    confesses(&panics, "ValidateDataResourceConfig of toy_weather");
}

#[tokio::test]
async fn what_was_configured_comes_back_with_what_was_read() {
    let client = Client::start().await;
    let station = Value::list([Value::object([("name", "west".into())])]);
    let config = weather("a", [("unit", "celsius".into()), ("station", station)]);
    let answer = read(&client, &config).await;
    let mut wanted = config;
    wanted.set("degrees", 21.into());
    let state = unpacked_as(&weather_schema().value_type(), answer.state);
    assert_eq!((state, told(&answer.diagnostics), answer.deferred), (Some(wanted), vec![], None));
    let foggy = read(&client, &weather("foggy", [])).await;
    assert!(foggy.state.is_some());
    assert_eq!(told(&foggy.diagnostics), ["warning Bad sight: It is a guess."]);
}

#[tokio::test]
async fn what_goes_wrong_is_a_diagnostic_and_no_object() {
    let client = Client::start().await;
    let fails = async |city: &str| {
        let answer = read(&client, &weather(city, [])).await;
        assert!(answer.state.is_none(), "{city}");
        answer.diagnostics
    };
    assert_eq!(told(&fails("nowhere").await), ["error [city] No such city: There is no nowhere."]);
    let bug = "error The provider has a bug: ";
    let end = ", so nothing was read. Please report this.";
    assert_eq!(
        told(&fails("nothing").await),
        [format!("{bug}The read of toy_weather succeeded without an object{end}")]
    );
    assert_eq!(
        told(&fails("later").await),
        [format!("{bug}The read of toy_weather succeeded with something that is not known yet{end}")]
    );
    assert_eq!(
        told(&fails("misfit").await),
        [format!(
            "{bug}The provider made a value that does not fit its schema: degrees: a number was expected, a \
             string was given. This is a bug in the provider; please report it."
        )]
    );
    confesses(&fails("panic").await, "ReadDataSource of toy_weather");
    let request = wire::read_data_source::Request { type_name: "toy_tide".into(), ..Default::default() };
    let answer: wire::read_data_source::Response =
        client.call("/tfplugin6.Provider/ReadDataSource", request).await;
    assert_eq!(
        told(&answer.diagnostics),
        [r#"error Unknown data source: This provider has no data source "toy_tide". It has: toy_weather."#]
    );
}

#[tokio::test]
async fn an_interrupt_ends_a_read() {
    let client = Client::start().await;
    let stop = async {
        client.toy.waits.notified().await;
        client.stop().await;
    };
    let hanging = weather("hang", []);
    let (answer, ()) = tokio::join!(read(&client, &hanging), stop);
    assert_eq!(
        told(&answer.diagnostics),
        [
            "error Interrupted: ReadDataSource of toy_weather was interrupted before the answer came; nothing was \
             changed."
        ]
    );
    assert!(answer.state.is_none());
}
