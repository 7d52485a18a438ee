//! One data source, three functions, one action and one list; each does by the words it is given.

use std::sync::Arc;

use async_trait::async_trait;
use terraform_provider_aks::terraform::action::Action;
use terraform_provider_aks::terraform::data_source::{DataSource, DataSourceResponse};
use terraform_provider_aks::terraform::diagnostic::{Diagnostic, Path};
use terraform_provider_aks::terraform::function::{Function, FunctionError, Parameter, Signature};
use terraform_provider_aks::terraform::list::{ListRequest, ListResource, Listed, Listing};
use terraform_provider_aks::terraform::progress::ProgressSink;
use terraform_provider_aks::terraform::schema::{Attribute, Block, Schema, Type};
use terraform_provider_aks::terraform::value::Value;
use tokio_util::sync::CancellationToken;

use super::{Toy, schema};

/// A data source.
pub struct Weather(pub Toy);

pub fn weather_schema() -> Schema {
    let attributes = vec![
        Attribute::required("city", Type::String, "Where."),
        Attribute::optional("unit", Type::String, "In which unit."),
        Attribute::computed("degrees", Type::Number, "How warm it is."),
    ];
    let station = vec![Attribute::required("name", Type::String, "What it is called.")];
    Schema::new(0, "The weather.", attributes).with_blocks(vec![Block::list(
        "station",
        station,
        "Who tells.",
    )])
}

#[async_trait]
impl DataSource for Weather {
    fn type_name(&self) -> &'static str {
        "toy_weather"
    }

    fn schema(&self) -> Schema {
        weather_schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        assert_ne!(config.get("city").as_str(), Some("panic in validate"), "the panic's text");
        let unit = Diagnostic::error("No such unit", "Write celsius.").at(Path::root("unit"));
        if config.get("unit").as_str() == Some("elbow") { vec![unit] } else { Vec::new() }
    }

    async fn read(&self, config: Value) -> DataSourceResponse {
        let mut state = config;
        state.set("degrees", 21.into());
        let mut diagnostics = Vec::new();
        match state.get("city").as_str().unwrap_or_default() {
            "panic" => panic!("the panic's text"),
            "nowhere" => {
                let error = Diagnostic::error("No such city", "There is no nowhere.");
                return DataSourceResponse::failed(error.at(Path::root("city")));
            }
            "nothing" => return DataSourceResponse::default(),
            "later" => state.set("degrees", Value::unknown()),
            "misfit" => state.set("degrees", "warm".into()),
            "foggy" => diagnostics.push(Diagnostic::warning("Bad sight", "It is a guess.")),
            "hang" => {
                self.0.waits.notify_one();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        DataSourceResponse { state: Some(state), diagnostics }
    }
}

/// `shout(text)`: a parameter and a result of a plain type.
pub struct Shout;

impl Function for Shout {
    fn name(&self) -> &'static str {
        "shout"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Shouts.".into(),
            description: "Returns the text in capitals.".into(),
            parameters: vec![Parameter::new("text", Type::String, "What to shout.")],
            variadic: None,
            returns: Type::String,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        match arguments[0].as_str().unwrap() {
            "panic" => panic!("the panic's text"),
            "misfit" => Ok(1.into()),
            "secret" => Err(FunctionError::at(0, "This is not shouted. Write something else.")),
            "alone" => Err(FunctionError::new("Nobody would hear it")),
            "elsewhere" => Err(FunctionError::at(7, "It is about no argument.")),
            text => Ok(text.to_uppercase().into()),
        }
    }
}

/// `join(separator, parts...)`: a parameter that takes all the rest.
pub struct Join;

impl Function for Join {
    fn name(&self) -> &'static str {
        "join"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Joins.".into(),
            description: "Returns the parts as one text.".into(),
            parameters: vec![Parameter::new("separator", Type::String, "What goes between.")],
            variadic: Some(Parameter::new("parts", Type::String, "What is joined.").nullable()),
            returns: Type::String,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let (separator, parts) = arguments.split_first().unwrap();
        let parts: Vec<&str> = parts.iter().map(|part| part.as_str().unwrap_or("null")).collect();
        Ok(parts.join(separator.as_str().unwrap()).into())
    }
}

/// `echo(anything)`: whatever comes, goes back.
pub struct Echo;

impl Function for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn signature(&self) -> Signature {
        Signature {
            summary: "Echoes.".into(),
            description: "Returns what it is given.".into(),
            parameters: vec![Parameter::new("anything", Type::Dynamic, "Whatever.").nullable()],
            variadic: None,
            returns: Type::Dynamic,
        }
    }

    fn call(&self, mut arguments: Vec<Value>) -> Result<Value, FunctionError> {
        Ok(arguments.remove(0))
    }
}

/// An action.
pub struct Ring(pub Toy);

pub fn ring_schema() -> Schema {
    let attributes = vec![
        Attribute::required("bell", Type::String, "Which one."),
        Attribute::optional("times", Type::Number, "How often."),
    ];
    let pause = vec![Attribute::required("seconds", Type::Number, "How long.")];
    Schema::new(0, "Rings a bell.", attributes).with_blocks(vec![Block::single("pause", pause, "A rest.")])
}

#[async_trait]
impl Action for Ring {
    fn type_name(&self) -> &'static str {
        "toy_ring"
    }

    fn schema(&self) -> Schema {
        ring_schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let never = Diagnostic::error("Not a bell", "0 rings are none.").at(Path::root("times"));
        if config.get("times").as_i64() == Some(0) { vec![never] } else { Vec::new() }
    }

    async fn plan(&self, config: Value) -> Vec<Diagnostic> {
        match config.get("bell").as_str() {
            Some("panic in plan") => panic!("the panic's text"),
            Some("hang in plan") => {
                self.0.waits.notify_one();
                std::future::pending().await
            }
            Some("heavy") => {
                vec![Diagnostic::warning("A heavy bell", "It takes long.").at(Path::root("bell"))]
            }
            _ => Vec::new(),
        }
    }

    async fn invoke(
        &self,
        config: Value,
        progress: Arc<dyn ProgressSink>,
        stop: CancellationToken,
    ) -> Vec<Diagnostic> {
        let times = config.get("times").as_i64().unwrap_or(1);
        for time in 1..=times {
            progress.tell(&format!("ring {time} of {times}"));
        }
        match config.get("bell").as_str() {
            Some("panic") => panic!("the panic's text"),
            Some("cracked") => {
                return vec![Diagnostic::error("It does not ring", "It is cracked.").at(Path::root("bell"))];
            }
            Some("wait") => {
                self.0.waits.notify_one();
                stop.cancelled().await;
                self.0.waited.notify_one();
                return vec![Diagnostic::error("Stopped", "It rings no more.")];
            }
            Some("echoing") => {
                *self.0.kept.lock().unwrap() = Some(progress);
            }
            _ => {}
        }
        Vec::new()
    }
}

/// The list of things.
pub struct Things(pub Toy);

pub fn things_schema() -> Schema {
    let attributes = vec![
        Attribute::optional("like", Type::String, "How they are called."),
        Attribute::optional("count", Type::Number, "How many there are."),
    ];
    Schema::new(0, "The things.", attributes)
}

/// Tells when the work that holds it is cut or done.
struct Held(Toy);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.waited.notify_one();
    }
}

#[async_trait]
impl ListResource for Things {
    fn type_name(&self) -> &'static str {
        "toy_thing"
    }

    fn schema(&self) -> Schema {
        things_schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        let less = Diagnostic::error("Less than nothing", "Count from 0.").at(Path::root("count"));
        if config.get("count").as_i64().is_some_and(|count| count < 0) { vec![less] } else { Vec::new() }
    }

    async fn list(&self, request: ListRequest, listing: &dyn Listing) -> Vec<Diagnostic> {
        let _held = Held(self.0.clone());
        let like = request.config.get("like").as_str().unwrap_or("thing").to_owned();
        let count = request.config.get("count").as_i64().unwrap_or(2);
        for number in (1..).take_while(|number| like == "endless" || *number <= count) {
            let name = format!("{like} {number}");
            let mut state =
                Value::object([("name", name.as_str())].map(|(name, value)| (name, value.into())));
            if request.include_resource {
                state = schema().nulls();
                state.set("name", name.as_str().into());
                state.set("size", number.into());
            }
            if like == "nameless" {
                state.set("name", Value::Null);
            }
            listing.tell(Listed { display_name: format!("The {name}"), state }).await;
        }
        match like.as_str() {
            "panic" => panic!("the panic's text"),
            "forbidden" => vec![Diagnostic::error("Not allowed", "Ask for a role.").at(Path::root("like"))],
            "some" => vec![Diagnostic::warning("Not all", "Some could not be read.")],
            "hang" => {
                self.0.waits.notify_one();
                std::future::pending().await
            }
            _ => Vec::new(),
        }
    }
}
