//! A simulated Azure behind a client, whose every exchange is kept.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use terraform_provider_aks::arm::client::{Client, Settings};
use terraform_provider_aks::arm::credential::StaticToken;
use terraform_provider_aks::simulator::{scenario::Scenario, world::World};

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    /// The names in the query.
    pub query: Vec<String>,
    pub sent: Option<Value>,
    pub status: u16,
    /// The names of the answer's headers.
    pub headers: Vec<String>,
    pub body: Value,
}

/// A world, its clock and what was said.
#[derive(Debug)]
pub struct Stand(Mutex<(World, Timestamp, Vec<Exchange>)>);

impl Stand {
    pub fn new(scenario: &str) -> Arc<Self> {
        let scenario = Scenario::parse(scenario, ".".as_ref()).unwrap();
        let now = scenario.clock.start;
        Arc::new(Self(Mutex::new((World::new(scenario), now, vec![]))))
    }

    pub fn client(self: &Arc<Self>) -> Client {
        Client::new(Settings {
            endpoint: "https://management.azure.com".into(),
            scope: "https://management.azure.com/.default".into(),
            credential: Arc::new(StaticToken::new("secret")),
            transport: self.clone(),
            max_retries: 0,
            poll_interval: Duration::from_secs(10),
            user_agent: "test".into(),
        })
        .unwrap()
    }

    pub fn wait(&self, seconds: i64) {
        self.0.lock().unwrap().1 += SignedDuration::from_secs(seconds);
    }

    pub fn exchanges(&self) -> Vec<Exchange> {
        self.0.lock().unwrap().2.clone()
    }

    /// Sends a request as it is.
    pub fn send(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let mut guard = self.0.lock().unwrap();
        let (world, now, exchanges) = &mut *guard;
        let names = request.uri().query().unwrap_or_default().split('&').map(|pair| pair.split('=').next());
        let mut exchange = Exchange {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: names.flatten().map(str::to_owned).collect(),
            sent: serde_json::from_slice(request.body()).ok(),
            status: 0,
            headers: vec![],
            body: Value::Null,
        };
        let response = world.handle(request, *now);
        exchange.status = response.status().as_u16();
        exchange.headers = response.headers().keys().map(ToString::to_string).collect();
        exchange.body = serde_json::from_slice(response.body()).unwrap_or_default();
        exchanges.push(exchange);
        response
    }
}

#[async_trait]
impl HttpClient for Stand {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let Body::Bytes(body) = request.body() else { panic!("a stream was sent") };
        let mut own = http::Request::builder().method(request.method().as_ref()).uri(request.url().as_str());
        for (name, value) in request.headers().iter() {
            own = own.header(name.as_str(), value.as_str());
        }
        let response = self.send(own.body(body.clone()).unwrap());
        let mut headers = Headers::new();
        for (name, value) in response.headers() {
            headers.insert(name.as_str().to_owned(), value.to_str().unwrap().to_owned());
        }
        let status = response.status().as_u16().into();
        Ok(AsyncRawResponse::from_bytes(status, headers, response.into_body()))
    }
}
