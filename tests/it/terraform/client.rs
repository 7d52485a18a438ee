//! A host without generated code: a channel, a path, a message.

use std::sync::Arc;

use hyper_util::rt::TokioIo;
use prost::Message;
use terraform_provider_aks::terraform::msgpack;
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::schema::{Schema, Type};
use terraform_provider_aks::terraform::serve::Reattach;
use terraform_provider_aks::terraform::value::Value;
use tokio::net::UnixStream;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status, Streaming};
use tonic_prost::ProstCodec;

use super::toy::{self, Toy};

/// A host connected to the toy.
pub struct Client {
    channel: Channel,
    pub toy: Toy,
    _provider: Option<Reattach>,
}

impl Client {
    /// Starts the toy and connects to it without TLS.
    pub async fn start() -> Self {
        let toy = Toy::default();
        let provider = Reattach::start(toy::ADDRESS, Arc::new(toy.clone())).await.unwrap();
        let channel = connect(provider.socket()).await;
        Client { channel, toy, _provider: Some(provider) }
    }

    /// Starts another provider and connects to it.
    pub async fn of(provider: Arc<dyn Provider>) -> Self {
        let provider = Reattach::start(toy::ADDRESS, provider).await.unwrap();
        let channel = connect(provider.socket()).await;
        Client { channel, toy: Toy::default(), _provider: Some(provider) }
    }

    pub fn over(channel: Channel) -> Self {
        Client { channel, toy: Toy::default(), _provider: None }
    }

    pub fn grpc(&self) -> Grpc<Channel> {
        Grpc::new(self.channel.clone()).max_decoding_message_size(256 << 20)
    }

    /// Calls any RPC and returns its gRPC outcome.
    pub async fn try_call<Q, A>(&self, path: &'static str, request: Q) -> Result<A, Status>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = self.grpc();
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let codec = ProstCodec::<Q, A>::default();
        let answer = grpc.unary(Request::new(request), PathAndQuery::from_static(path), codec).await?;
        Ok(answer.into_inner())
    }

    pub async fn call<Q, A>(&self, path: &'static str, request: Q) -> A
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        self.try_call(path, request).await.unwrap()
    }

    /// Calls an RPC that answers with a stream, and returns the stream.
    pub async fn stream<Q, A>(&self, path: &'static str, request: Q) -> Streaming<A>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = self.grpc();
        grpc.ready().await.unwrap();
        let codec = ProstCodec::<Q, A>::default();
        let path = PathAndQuery::from_static(path);
        grpc.server_streaming(Request::new(request), path, codec).await.unwrap().into_inner()
    }

    pub async fn stop(&self) {
        let request = wire::stop_provider::Request {};
        let answer: wire::stop_provider::Response =
            self.call("/tfplugin6.Provider/StopProvider", request).await;
        assert_eq!(answer.error, "");
    }

    pub async fn validate(&self, config: wire::DynamicValue) -> Vec<wire::Diagnostic> {
        let request = wire::validate_resource_config::Request {
            type_name: "toy_thing".into(),
            config: Some(config),
            client_capabilities: None,
        };
        let path = "/tfplugin6.Provider/ValidateResourceConfig";
        self.call::<_, wire::validate_resource_config::Response>(path, request).await.diagnostics
    }

    pub async fn plan(
        &self,
        prior: Option<&Value>,
        proposed: Option<&Value>,
        private: &[u8],
    ) -> wire::plan_resource_change::Response {
        let request = wire::plan_resource_change::Request {
            type_name: "toy_thing".into(),
            prior_state: Some(packed_or_null(prior)),
            proposed_new_state: Some(packed_or_null(proposed)),
            config: Some(packed_or_null(proposed)),
            prior_private: private.to_vec(),
            ..Default::default()
        };
        self.call("/tfplugin6.Provider/PlanResourceChange", request).await
    }

    pub async fn apply(
        &self,
        prior: Option<&Value>,
        planned: Option<&Value>,
        private: &[u8],
    ) -> wire::apply_resource_change::Response {
        let request = wire::apply_resource_change::Request {
            type_name: "toy_thing".into(),
            prior_state: Some(packed_or_null(prior)),
            planned_state: Some(packed_or_null(planned)),
            planned_private: private.to_vec(),
            ..Default::default()
        };
        self.call("/tfplugin6.Provider/ApplyResourceChange", request).await
    }

    pub async fn read(&self, state: &Value, private: &[u8]) -> wire::read_resource::Response {
        let request = wire::read_resource::Request {
            type_name: "toy_thing".into(),
            current_state: Some(packed(state)),
            private: private.to_vec(),
            ..Default::default()
        };
        self.call("/tfplugin6.Provider/ReadResource", request).await
    }
}

/// Connects to a unix socket without TLS.
pub async fn connect(socket: &str) -> Channel {
    let socket = socket.to_owned();
    let connector = tower::service_fn(move |_| {
        let socket = socket.clone();
        async move { Ok::<_, std::io::Error>(TokioIo::new(UnixStream::connect(socket).await?)) }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await.unwrap()
}

/// A thing with a name and more; what is not given is null.
pub fn thing<const N: usize>(name: &str, more: [(&str, Value); N]) -> Value {
    let mut thing = toy::schema().nulls();
    thing.set("name", name.into());
    more.into_iter().for_each(|(attribute, value)| thing.set(attribute, value));
    thing
}

/// Returns an object of a schema; what is not given is null.
pub fn object<const N: usize>(schema: &Schema, given: [(&str, Value); N]) -> Value {
    let mut object = schema.nulls();
    given.into_iter().for_each(|(name, value)| object.set(name, value));
    object
}

pub fn packed(thing: &Value) -> wire::DynamicValue {
    packed_as(&toy::schema().value_type(), thing)
}

pub fn packed_as(kind: &Type, value: &Value) -> wire::DynamicValue {
    wire::DynamicValue { msgpack: msgpack::encode(value, kind).unwrap(), json: Vec::new() }
}

fn packed_or_null(thing: Option<&Value>) -> wire::DynamicValue {
    packed(thing.unwrap_or(&Value::Null))
}

/// Returns the thing in an answer; `None` for null.
#[track_caller]
pub fn unpacked(value: Option<wire::DynamicValue>) -> Option<Value> {
    unpacked_as(&toy::schema().value_type(), value)
}

/// Returns the value in an answer; `None` for null.
#[track_caller]
pub fn unpacked_as(kind: &Type, value: Option<wire::DynamicValue>) -> Option<Value> {
    let bytes = value.map(|value| value.msgpack).filter(|bytes| !bytes.is_empty())?;
    let value = msgpack::decode(&bytes, kind).unwrap();
    (!value.is_null()).then_some(value)
}

/// Says that one bug was confessed, without the panic's text.
#[track_caller]
pub fn confesses(diagnostics: &[wire::Diagnostic], what: &str) {
    let [told] = &told(diagnostics)[..] else { panic!("{diagnostics:?}") };
    assert!(told.starts_with(&format!("error The provider has a bug: {what} panicked")), "{told}");
    assert!(told.ends_with("run the command again."), "{told}");
    assert!(!told.contains("the panic's text"), "{told}");
}

/// Returns diagnostics as `error|warning [path] summary: detail`.
pub fn told(diagnostics: &[wire::Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(one).collect()
}

fn one(diagnostic: &wire::Diagnostic) -> String {
    let severity = if diagnostic.severity == 1 { "error" } else { "warning" };
    let path = diagnostic.attribute.as_ref().map(|path| format!(" [{}]", steps(path))).unwrap_or_default();
    format!("{severity}{path} {}: {}", diagnostic.summary, diagnostic.detail)
}

/// Returns a path as `windows.0.start`.
pub fn steps(path: &wire::AttributePath) -> String {
    use wire::attribute_path::step::Selector;
    let step = |step: &wire::attribute_path::Step| match step.selector.clone().unwrap() {
        Selector::AttributeName(name) | Selector::ElementKeyString(name) => name,
        Selector::ElementKeyInt(index) => index.to_string(),
    };
    path.steps.iter().map(step).collect::<Vec<_>>().join(".")
}
