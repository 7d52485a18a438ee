//! The simulated Azure in this process: the virtual clock is tokio's, paused.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use bytes::Bytes;
use futures::stream;
use jiff::Timestamp;
use serde_json::{Value as Json, json};
use terraform_provider_aks::simulator::faults::{Delivery, Fault};
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::world::World;
use tokio::time::Instant;

use super::facts;
use super::laws::Permit;

/// The cluster of most scenarios.
pub const PROD: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod";

/// How long a request travels.
const LATENCY: Duration = Duration::from_millis(40);

/// A stand-in Azure, shared by every Terraform of a scenario.
pub struct Azure {
    world: Mutex<World>,
    start: Timestamp,
    began: Instant,
    accident: Mutex<Option<Accident>>,
    exchanges: Mutex<Vec<Exchange>>,
    permits: Mutex<Vec<Permit>>,
    hosts: Mutex<BTreeSet<String>>,
}

/// Decides what becomes of a request.
pub type Accident = Box<dyn FnMut(&Call) -> Fate + Send>;

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Call {
    /// Counts from 1.
    pub number: usize,
    pub method: String,
    pub path: String,
}

/// What becomes of a request.
pub enum Fate {
    /// It arrives, and so does its answer.
    Pass,
    /// The connection is refused.
    NotSent,
    /// The connection breaks before Azure has heard anything.
    CutBefore,
    /// Azure does what was asked, and the answer is lost.
    LoseAnswer,
    /// No answer comes, and Azure has heard nothing.
    Hang,
    /// Azure does what was asked, and no answer comes.
    HangAfter,
    /// The answer is changed on its way.
    Rewrite(Box<dyn FnOnce(http::Response<Bytes>) -> http::Response<Bytes> + Send>),
}

/// One request that reached Azure, and what it answered.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    /// The path in lower case.
    pub lower: String,
    pub authorized: bool,
    /// The body that was sent; null without one.
    pub sent: Json,
    /// The status that Azure gave, whether or not it arrived.
    pub status: u16,
    /// The cluster before a write.
    pub before: Json,
    answer: Bytes,
}

impl Exchange {
    /// Tells whether it is meant to change something; to sign in is not.
    pub fn is_write(&self) -> bool {
        self.method != "GET" && !self.path.ends_with("/token")
    }

    /// Tells whether Azure did what was asked.
    pub fn accepted(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn answer(&self) -> Json {
        serde_json::from_slice(&self.answer).unwrap_or_default()
    }

    /// Returns the cluster's id in lower case; of a request that is about none, its path.
    pub fn cluster(&self) -> &str {
        let end = self.lower.match_indices('/').nth(8).map_or(self.lower.len(), |(end, _)| end);
        &self.lower[..end]
    }

    /// Returns the name of the pool that it is about.
    pub fn pool(&self) -> Option<&str> {
        self.path.split("/agentPools/").nth(1)?.split('/').next()
    }

    /// Returns the name of the maintenance configuration that it is about.
    pub fn configuration(&self) -> Option<&str> {
        self.path.split("/maintenanceConfigurations/").nth(1)
    }

    /// Returns the channel that a PUT changes, and what it becomes.
    pub fn channel(&self) -> Option<(&'static str, &str)> {
        let profile = |body: &Json| body["properties"]["autoUpgradeProfile"].clone();
        let (before, sent) = (profile(&self.before), &self.sent["properties"]["autoUpgradeProfile"]);
        let changed = ["upgradeChannel", "nodeOSUpgradeChannel"]
            .into_iter()
            .find(|name| self.method == "PUT" && sent[name].is_string() && before[name] != sent[name])?;
        Some((changed, sent[changed].as_str().unwrap()))
    }

    /// Says a write: `PUT prod 1.35.6`, `PUT prod/user1 1.35.6`, `POST prod/user1 image`,
    /// `PUT prod upgradeChannel stable`, `PUT prod default 02:00 +00:00`.
    pub fn write(&self) -> String {
        let name = self.path.split('/').nth(8).unwrap_or_default();
        if let Some(configuration) = self.configuration() {
            let window = &self.sent["properties"]["maintenanceWindow"];
            let text = |field: &str| window[field].as_str().unwrap_or_default().to_owned();
            let said =
                format!("{} {name} {configuration} {} {}", self.method, text("startTime"), text("utcOffset"));
            return said.trim_end().to_owned();
        }
        if let Some((channel, to)) = self.channel() {
            return format!("{} {name} {channel} {to}", self.method);
        }
        let target = self.pool().map_or(name.to_owned(), |pool| format!("{name}/{pool}"));
        let properties = &self.sent["properties"];
        let version = if self.pool().is_some() { "orchestratorVersion" } else { "kubernetesVersion" };
        let what = match self.method.as_str() {
            "POST" => "image",
            _ => properties[version].as_str().unwrap_or_default(),
        };
        format!("{} {target} {what}", self.method)
    }
}

impl Azure {
    /// Sets the stage of a scenario; see [`Scenario`] for what can be written.
    #[track_caller]
    pub fn new(scenario: &str) -> Arc<Self> {
        Self::of(Scenario::parse(scenario, ".".as_ref()).unwrap())
    }

    /// Sets the stage of a scenario that was built otherwise.
    pub fn of(scenario: Scenario) -> Arc<Self> {
        Arc::new(Azure {
            start: scenario.clock.start,
            world: Mutex::new(World::new(scenario)),
            began: Instant::now(),
            accident: Mutex::default(),
            exchanges: Mutex::default(),
            permits: Mutex::default(),
            hosts: Mutex::default(),
        })
    }

    /// Returns the virtual instant.
    pub fn now(&self) -> Timestamp {
        self.start + self.began.elapsed()
    }

    /// Lets time pass until an instant, such as `2026-11-28T02:00:00Z`.
    #[track_caller]
    pub fn wait_until(&self, instant: &str) -> impl Future<Output = ()> {
        let instant: Timestamp = instant.parse().unwrap();
        let pause = Duration::try_from(instant.duration_since(self.now())).unwrap();
        tokio::time::sleep(pause)
    }

    /// Lets time pass.
    pub async fn wait(&self, pause: Duration) {
        tokio::time::sleep(pause).await;
    }

    /// Looks at the world, or changes it.
    pub fn world(&self) -> MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap();
        world.advance(self.now());
        world
    }

    /// Returns a cluster's body as Azure would show it now.
    pub fn cluster(&self, name: &str) -> Json {
        self.world().cluster(name).unwrap()
    }

    /// Says what runs: `1.35.6 Succeeded`, then `system 1.35.6 Succeeded` for each pool.
    pub fn picture(&self, name: &str) -> Vec<String> {
        let properties = self.cluster(name)["properties"].clone();
        let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
        let mut lines = vec![format!(
            "{} {}",
            text(&properties["currentKubernetesVersion"]),
            text(&properties["provisioningState"])
        )];
        for pool in properties["agentPoolProfiles"].as_array().unwrap() {
            lines.push(format!(
                "{} {} {}",
                text(&pool["name"]),
                text(&pool["currentOrchestratorVersion"]),
                text(&pool["provisioningState"])
            ));
        }
        lines
    }

    /// Adds a scripted fault, written as in a scenario.
    #[track_caller]
    pub fn fault(&self, script: &str) {
        let fault: Fault = toml::from_str(script).unwrap();
        self.world().faults().add(fault);
    }

    /// Adds a scripted end of an operation, written as in a scenario.
    #[track_caller]
    pub fn outcome(&self, script: &str) {
        self.world().expect(toml::from_str(script).unwrap());
    }

    /// Lets a closure decide what becomes of every request from now on.
    pub fn accidents(&self, accident: impl FnMut(&Call) -> Fate + Send + 'static) {
        *self.accident.lock().unwrap() = Some(Box::new(accident));
    }

    /// Ends the accidents.
    pub fn calm(&self) {
        *self.accident.lock().unwrap() = None;
    }

    /// Lets somebody else write: not Terraform, so no law of ours applies.
    #[track_caller]
    pub fn somebody_else(&self, method: &str, path: &str, body: &Json) -> u64 {
        let now = self.now();
        let answer = self.world().ask_as_somebody_else(method, path, body, now).unwrap();
        answer["status"].as_u64().unwrap()
    }

    /// Lets somebody else upgrade a pool.
    #[track_caller]
    pub fn somebody_upgrades(&self, pool: &str, version: &str) {
        let body = self.cluster("prod");
        let pools = body["properties"]["agentPoolProfiles"].as_array().unwrap();
        let mut properties = pools.iter().find(|known| known["name"] == pool).unwrap().clone();
        properties["orchestratorVersion"] = version.into();
        // Beside the properties of a pool, not among them.
        properties.as_object_mut().unwrap().shift_remove("name");
        let status = self.somebody_else(
            "PUT",
            &format!("{PROD}/agentPools/{pool}"),
            &json!({ "properties": properties }),
        );
        assert!(status < 300, "{status}");
    }

    /// Tells whether all facts of a state were shown by one answer.
    pub fn has_shown(&self, state: &Json) -> bool {
        let id = state["cluster_id"].as_str().unwrap();
        let exchanges = self.exchanges.lock().unwrap();
        let profiles = exchanges.iter().filter(|one| one.path.ends_with("/upgradeProfiles/default"));
        let offered = |one: &Exchange| {
            let latest = one.answer()["properties"]["latestNodeImageVersion"].clone();
            latest.as_str().map(str::to_owned)
        };
        if !facts::were_offered(state, &profiles.filter_map(offered).collect::<Vec<_>>()) {
            return false;
        }
        exchanges.iter().rev().any(|one| {
            let answer = one.answer();
            facts::bodies(&answer, id).into_iter().any(|body| facts::are_of(state, body))
        })
    }

    /// Returns every request that reached Azure.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap().clone()
    }

    /// Returns what reached Azure after the first so many.
    pub fn exchanges_since(&self, first: usize) -> Vec<Exchange> {
        self.exchanges.lock().unwrap()[first..].to_vec()
    }

    /// Says every write that Azure accepted, in order.
    pub fn writes(&self) -> Vec<String> {
        let exchanges = self.exchanges.lock().unwrap();
        exchanges.iter().filter(|one| one.is_write() && one.accepted()).map(Exchange::write).collect()
    }

    /// Says every write that was sent, refused ones included.
    pub fn tried(&self) -> Vec<String> {
        let exchanges = self.exchanges.lock().unwrap();
        exchanges.iter().filter(|one| one.is_write()).map(Exchange::write).collect()
    }

    /// Counts the requests that reached Azure.
    pub fn calls(&self) -> usize {
        self.exchanges.lock().unwrap().len()
    }

    /// Returns the hosts that were asked.
    pub fn hosts(&self) -> BTreeSet<String> {
        self.hosts.lock().unwrap().clone()
    }

    /// Notes what an apply may do, for the laws.
    pub fn permit(&self, permit: Permit) {
        self.permits.lock().unwrap().push(permit);
    }

    /// Returns the laws that were broken so far.
    pub fn broken_laws(&self) -> Vec<String> {
        self.broken_laws_since(0)
    }

    /// Returns the laws that were broken by the requests after the first so many.
    pub fn broken_laws_since(&self, checked: usize) -> Vec<String> {
        super::laws::broken(&self.exchanges.lock().unwrap(), &self.permits.lock().unwrap(), checked)
    }

    fn fate(&self, call: &Call) -> Fate {
        self.accident.lock().unwrap().as_mut().map_or(Fate::Pass, |accident| accident(call))
    }

    fn deliver(&self, request: http::Request<Bytes>) -> Delivery {
        let now = self.now();
        let mut world = self.world.lock().unwrap();
        world.advance(now);
        let path = request.uri().path().to_owned();
        let write = request.method() != http::Method::GET;
        let name = path.split('/').nth(8).unwrap_or_default().to_owned();
        let mut exchange = Exchange {
            at: now,
            method: request.method().to_string(),
            lower: path.to_lowercase(),
            path,
            authorized: request.headers().contains_key("authorization"),
            sent: serde_json::from_slice(request.body()).unwrap_or_default(),
            status: 0,
            before: if write { world.cluster(&name).unwrap_or_default() } else { Json::Null },
            answer: Bytes::new(),
        };
        let served = world.request_log().len();
        let delivery = world.deliver(request, now);
        let response = delivery.response();
        // A cut connection has no status in the journal: whether Azure acted, the cluster tells.
        let acted = write && world.cluster(&name).unwrap_or_default() != exchange.before;
        exchange.status = response.map_or(if acted { 202 } else { 0 }, |response| response.status().as_u16());
        exchange.answer = response.map(|response| response.body().clone()).unwrap_or_default();
        debug_assert!(world.request_log().len() > served);
        drop(world);
        self.exchanges.lock().unwrap().push(exchange);
        delivery
    }
}

impl fmt::Debug for Azure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Azure at {}", self.now())
    }
}

#[async_trait]
impl HttpClient for Azure {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        tokio::time::sleep(LATENCY / 2).await;
        let request = plain(request);
        self.hosts.lock().unwrap().extend(request.uri().host().map(str::to_owned));
        let call = Call {
            number: self.calls() + 1,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
        };
        let delivery = match self.fate(&call) {
            Fate::Pass => self.deliver(request),
            Fate::NotSent => return broken(ErrorKind::Connection, "Connection refused (os error 111)"),
            Fate::CutBefore => return broken(ErrorKind::Io, "connection reset by peer"),
            Fate::Hang => std::future::pending().await,
            Fate::LoseAnswer => {
                self.deliver(request);
                Delivery::Nothing
            }
            Fate::HangAfter => {
                self.deliver(request);
                std::future::pending().await
            }
            Fate::Rewrite(change) => match self.deliver(request) {
                Delivery::Whole(response, delay) => {
                    let response = change(response);
                    // What was read is what arrived.
                    if let Some(last) = self.exchanges.lock().unwrap().last_mut() {
                        last.answer = response.body().clone();
                    }
                    Delivery::Whole(response, delay)
                }
                other => other,
            },
        };
        tokio::time::sleep(LATENCY / 2).await;
        arrive(delivery).await
    }
}

async fn arrive(delivery: Delivery) -> azure_core::Result<AsyncRawResponse> {
    match delivery {
        Delivery::Nothing => broken(ErrorKind::Io, "connection reset by peer"),
        Delivery::Whole(response, delay) | Delivery::Dripping(response, delay) => {
            tokio::time::sleep(delay.unsigned_abs()).await;
            let (status, headers, body) = taken_apart(response);
            Ok(AsyncRawResponse::from_bytes(status.into(), headers, body))
        }
        Delivery::Short(response, _) => {
            let (status, headers, body) = taken_apart(response);
            let end = Err(Error::with_message(ErrorKind::Io, "unexpected end of file"));
            let body = stream::iter([Ok(body), end]);
            Ok(AsyncRawResponse::new(status.into(), headers, Box::pin(body)))
        }
    }
}

fn broken(kind: ErrorKind, text: &'static str) -> azure_core::Result<AsyncRawResponse> {
    Err(Error::with_error(kind, std::io::Error::other(text), "failed to execute the request"))
}

fn plain(request: &Request) -> http::Request<Bytes> {
    let Body::Bytes(body) = request.body() else { panic!("a stream was sent") };
    let mut plain = http::Request::builder().method(request.method().as_str()).uri(request.url().as_str());
    for (name, value) in request.headers().iter() {
        plain = plain.header(name.as_str(), value.as_str());
    }
    plain.body(body.clone()).unwrap()
}

fn taken_apart(response: http::Response<Bytes>) -> (u16, Headers, Bytes) {
    let mut headers = Headers::new();
    for (name, value) in response.headers() {
        let name = HeaderName::from(name.as_str().to_owned());
        headers.insert(name, HeaderValue::from(value.to_str().unwrap().to_owned()));
    }
    (response.status().as_u16(), headers, response.into_body())
}
