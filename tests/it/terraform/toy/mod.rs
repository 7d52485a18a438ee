//! The smallest provider that shows every behaviour of the framework.

pub mod kinds;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::Value as Json;
use terraform_provider_aks::terraform::action::Action;
use terraform_provider_aks::terraform::data_source::DataSource;
use terraform_provider_aks::terraform::diagnostic::{Diagnostic, Path};
use terraform_provider_aks::terraform::function::Function;
use terraform_provider_aks::terraform::list::ListResource;
use terraform_provider_aks::terraform::progress::ProgressSink;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::resource::{
    ApplyRequest, PlanRequest, ReadRequest, Resource, ResourceResponse, UpgradeStateRequest,
};
use terraform_provider_aks::terraform::schema::{Attribute, Block, Kind, Nesting, Schema, Type};
use terraform_provider_aks::terraform::value::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub const ADDRESS: &str = "registry.terraform.io/example/toy";

/// Bytes that no text survives.
pub const MADE: &[u8] = &[0, 255, 0xc0, b'"', b'\n'];

/// The provider, and what a test can hear of it.
#[derive(Clone, Default)]
pub struct Toy {
    /// Told when a thing called "wait" begins to wait.
    pub waits: Arc<Notify>,
    /// Told when it has waited to the end.
    pub waited: Arc<Notify>,
    /// What is to be told at the end.
    pub at_rest: Arc<Mutex<Vec<Diagnostic>>>,
    /// The progress of an action that should have been let go.
    pub kept: Arc<Mutex<Option<Arc<dyn ProgressSink>>>>,
}

#[async_trait]
impl Provider for Toy {
    fn schema(&self) -> Schema {
        let endpoint = Attribute::optional("endpoint", Type::String, "Where to ask.");
        Schema::new(0, "A toy.", vec![endpoint])
    }

    fn validate(&self, _: &Value) -> Vec<Diagnostic> {
        Vec::new()
    }

    async fn configure(&self, config: Value, terraform_version: &str) -> Vec<Diagnostic> {
        match config.get("endpoint").as_str() {
            Some("nowhere") => {
                let detail = format!("Terraform {terraform_version} cannot ask nowhere.");
                vec![Diagnostic::error("No endpoint", detail).at(Path::root("endpoint"))]
            }
            _ => Vec::new(),
        }
    }

    fn at_rest(&self) -> Vec<Diagnostic> {
        std::mem::take(&mut self.at_rest.lock().unwrap())
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![Arc::new(Thing(self.clone()))]
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        vec![Arc::new(kinds::Weather(self.clone()))]
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        vec![Arc::new(kinds::Shout), Arc::new(kinds::Join), Arc::new(kinds::Echo)]
    }

    fn actions(&self) -> Vec<Arc<dyn Action>> {
        vec![Arc::new(kinds::Ring(self.clone()))]
    }

    fn list_resources(&self) -> Vec<Arc<dyn ListResource>> {
        vec![Arc::new(kinds::Things(self.clone()))]
    }
}

pub struct Thing(Toy);

impl Thing {
    /// Waits for ever, if the thing is called "hang".
    async fn hang(&self, thing: &Value) {
        if name(thing) == "hang" {
            self.0.waits.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

pub fn schema() -> Schema {
    let windows = Kind::Nested(
        Nesting::List,
        vec![
            Attribute::required("start", Type::String, "When it opens."),
            Attribute::computed("seen", Type::Number, "How often it was seen."),
        ],
    );
    let attributes = vec![
        Attribute::required("name", Type::String, "What it is called.").replaces(),
        Attribute::optional("size", Type::Number, "How big it is."),
        Attribute::optional("tags", Type::Map(Type::String.into()), "Words by word."),
        Attribute::optional("flags", Type::Set(Type::String.into()), "Words.").replaces(),
        Attribute::optional("windows", windows, "Openings."),
        Attribute::optional("anything", Type::Dynamic, "Whatever."),
        Attribute::computed("made", Type::String, "What became of it.").sensitive(),
    ];
    Schema::new(1, "A thing.", attributes).with_blocks(blocks())
}

/// One block of every kind, and blocks in blocks.
fn blocks() -> Vec<Block> {
    let minutes = || vec![Attribute::required("minutes", Type::Number, "How long.")];
    let shift = vec![
        Attribute::required("start", Type::String, "When it begins."),
        Attribute::optional("days", Type::List(Type::String.into()), "On which days."),
        Attribute::computed("seen", Type::Number, "How often it was seen."),
    ];
    let inside =
        vec![Block::list("pause", minutes(), "Rests."), Block::single("lunch", minutes(), "A long rest.")];
    let limit = vec![Attribute::required("most", Type::Number, "How many at most.").replaces()];
    vec![
        Block::list("shift", shift, "When it works.").with_blocks(inside),
        Block::single("limit", limit, "How much it may."),
        Block::set("label", vec![Attribute::required("text", Type::String, "Words.")], "What is on it."),
    ]
}

fn name(value: &Value) -> &str {
    value.get("name").as_str().unwrap_or_default()
}

#[async_trait]
impl Resource for Thing {
    fn type_name(&self) -> &'static str {
        "toy_thing"
    }

    fn schema(&self) -> Schema {
        schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        assert_ne!(name(config), "panic in validate", "the panic's text");
        let day = Path::root("shift").index(0).attribute("days").index(0);
        let picky = Diagnostic::error("No such day", "There is no day \"x\".").at(day);
        if name(config) == "picky" { vec![picky] } else { Vec::new() }
    }

    async fn read(&self, request: ReadRequest) -> ResourceResponse {
        assert_ne!(name(&request.state), "panic in read", "the panic's text");
        self.hang(&request.state).await;
        let gone = name(&request.state) == "gone";
        let mut state = (!gone).then_some(request.state);
        state.iter_mut().for_each(change_name);
        ResourceResponse { state, private: request.private, diagnostics: Vec::new() }
    }

    async fn plan(&self, request: PlanRequest) -> ResourceResponse {
        let Some(mut planned) = request.proposed else {
            let warning = Diagnostic::warning("The thing stays", "Destroying it only forgets it.");
            return ResourceResponse { diagnostics: vec![warning], ..ResourceResponse::default() };
        };
        assert_ne!(name(&planned), "panic in plan", "the panic's text");
        self.hang(&planned).await;
        if request.prior.as_ref() != Some(&planned) {
            planned.set("made", Value::unknown());
        }
        ResourceResponse { state: Some(planned), private: request.private, diagnostics: Vec::new() }
    }

    async fn apply(&self, request: ApplyRequest, stop: CancellationToken) -> ResourceResponse {
        let Some(mut state) = request.planned else { return ResourceResponse::default() };
        assert_ne!(name(&state), "panic in apply", "the panic's text");
        let failed = |text: &str| ResourceResponse {
            diagnostics: vec![Diagnostic::error("The thing was not made", text)],
            ..ResourceResponse::default()
        };
        match name(&state) {
            "fail" => return failed("It is called fail."),
            "forget" => return ResourceResponse::default(),
            "misfit" => state.set("size", "many".into()),
            "blockless" => {
                ["shift", "limit", "label"].into_iter().for_each(|block| state.set(block, Value::Null));
            }
            "wait" => {
                self.0.waits.notify_one();
                stop.cancelled().await;
                self.0.waited.notify_one();
                return failed("It was stopped.");
            }
            _ => {}
        }
        change_name(&mut state);
        state.set("made", format!("made {}", name(&state)).into());
        let private = [&request.private, MADE].concat();
        ResourceResponse { state: Some(state), private, diagnostics: Vec::new() }
    }

    fn import_state(&self, id: &str) -> ResourceResponse {
        if id.is_empty() {
            let error = Diagnostic::error("No id", "Name the thing.");
            return ResourceResponse { diagnostics: vec![error], ..ResourceResponse::default() };
        }
        ResourceResponse {
            state: Some(Value::object([("name", id)].map(|(k, v)| (k, v.into())))),
            private: MADE.to_vec(),
            diagnostics: Vec::new(),
        }
    }

    fn identity(&self) -> &'static [&'static str] {
        &["name"]
    }

    /// In version 0 the name was called `title`.
    fn upgrade_state(&self, request: UpgradeStateRequest) -> Result<Json, Diagnostic> {
        let UpgradeStateRequest { version, mut state } = request;
        assert_eq!(version, 0);
        assert_ne!(state["title"], "panic in upgrade", "the panic's text");
        if state["title"] == "broken" {
            return Err(Diagnostic::error("Saved state cannot be read", "It is called broken."));
        }
        if state["title"].is_string() {
            state["name"] = state["title"].take();
        }
        Ok(state)
    }
}

/// A changeling becomes another one, which no object may.
fn change_name(state: &mut Value) {
    if name(state) == "changeling" {
        state.set("name", "another".into());
    }
}
