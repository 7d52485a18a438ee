//! A simulated Azure on a loopback address that can be made to wait at one request.
//!
//! Time is virtual and moves with the requests: by little with each, by more with each look at an
//! operation. It is the same in every run, so the requests of one run are those of the next.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::world::World;
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

/// How far a request moves the time.
const TICK: SignedDuration = SignedDuration::from_secs(20);

/// How far a look at an operation moves the time: a step takes three of them at most.
const PAUSE: SignedDuration = SignedDuration::from_mins(3);

/// Where a request is when something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// On its way: Azure has not heard of it.
    Before,
    /// Azure did what was asked, and the answer is on its way.
    After,
}

/// A request, counted from 1, and where it is.
pub type Place = (usize, Moment);

/// The gate; Azure is gone when it is dropped.
pub struct Gate {
    url: String,
    azure: Arc<Azure>,
    _stop: oneshot::Sender<()>,
}

/// A world at an instant, to go back to.
#[derive(Clone, Debug)]
pub struct Snapshot {
    world: String,
    now: Timestamp,
}

struct Azure {
    stage: Mutex<Stage>,
    phase: watch::Sender<Phase>,
}

struct Stage {
    world: World,
    now: Timestamp,
    calls: usize,
    place: Option<Place>,
    /// Whether everything after that place waits, too.
    closes: bool,
    /// Counts the processes that are gone: what they sent and nobody has heard of is never heard of.
    gone: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    Reached,
}

impl Gate {
    /// Opens a gate to the clusters of a scenario.
    pub async fn new(scenario: &str) -> Self {
        let scenario = Scenario::parse(scenario, ".".as_ref()).unwrap();
        let now = scenario.clock.start;
        let stage = Stage { world: World::new(scenario), now, calls: 0, place: None, closes: false, gone: 0 };
        let azure = Arc::new(Azure { stage: Mutex::new(stage), phase: watch::Sender::new(Phase::Open) });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().fallback(serve).with_state(Arc::clone(&azure));
        let serving = axum::serve(listener, router).with_graceful_shutdown(async {
            // An error means that the gate was dropped, which is the signal.
            let _ = stopped.await;
        });
        tokio::spawn(async move { serving.await });
        Gate { url, azure, _stop: stop }
    }

    /// Returns the address of Azure.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets time pass.
    pub fn wait(&self, time: SignedDuration) {
        let mut stage = self.azure.stage();
        stage.now += time;
        let now = stage.now;
        stage.world.advance(now);
    }

    /// Counts the requests that were sent since the last [`Gate::restore`].
    pub fn calls(&self) -> usize {
        self.azure.stage().calls
    }

    /// Makes Azure wait at a request until [`Gate::open`], and at every later one when it `closes`.
    pub fn stop_at(&self, place: Place, closes: bool) {
        let mut stage = self.azure.stage();
        (stage.place, stage.closes) = (Some(place), closes);
    }

    /// Waits until the request has come at which Azure waits.
    pub async fn reached(&self) {
        self.azure.phase.subscribe().wait_for(|phase| *phase == Phase::Reached).await.unwrap();
    }

    /// Lets everything pass.
    pub fn open(&self) {
        self.azure.stage().place = None;
        self.azure.phase.send_replace(Phase::Open);
    }

    /// Lets everything pass that comes from now on. Whoever waits is gone, and Azure never hears of what it sent.
    pub fn open_to_others(&self) {
        self.azure.stage().gone += 1;
        self.open();
    }

    /// Keeps the world as it is.
    pub fn snapshot(&self) -> Snapshot {
        let stage = self.azure.stage();
        Snapshot { world: serde_json::to_string(&stage.world).unwrap(), now: stage.now }
    }

    /// Goes back to a world.
    pub fn restore(&self, snapshot: &Snapshot) {
        let mut stage = self.azure.stage();
        stage.world = serde_json::from_str(&snapshot.world).unwrap();
        stage.now = snapshot.now;
        stage.calls = 0;
    }

    /// Says every write that reached Azure, with its status, and in which request.
    pub fn writes(&self) -> Vec<(usize, String)> {
        let stage = self.azure.stage();
        let journal = stage.world.request_log();
        let before = journal.len().saturating_sub(stage.calls);
        let writes = journal.iter().enumerate().skip(before).filter(|(_, entry)| entry.write);
        let said = writes.map(|(index, entry)| {
            let tail = entry.path.split("/managedClusters/").nth(1).unwrap();
            let version = |name: &str| entry.body.as_ref()?["properties"][name].as_str().map(str::to_owned);
            let to =
                version("kubernetesVersion").or_else(|| version("orchestratorVersion")).unwrap_or_default();
            let said = format!("{} {tail} {to} {}", entry.method, entry.status.unwrap_or_default());
            (index + 1 - before, said)
        });
        said.collect()
    }

    /// Returns what runs: version, state and image of the cluster and its pools, and the channels.
    pub fn picture(&self) -> Vec<String> {
        let properties = self.azure.stage().world.cluster("prod").unwrap()["properties"].clone();
        let text = |value: &Json| value.as_str().unwrap_or("-").to_owned();
        let pools = properties["agentPoolProfiles"].as_array().unwrap();
        let parts = std::iter::once(&properties).chain(pools);
        let fields = [
            "name",
            "currentKubernetesVersion",
            "currentOrchestratorVersion",
            "nodeImageVersion",
            "provisioningState",
        ];
        let shown = parts.map(|part| fields.map(|field| text(&part[field])).join(" "));
        shown.chain([properties["autoUpgradeProfile"].to_string()]).collect()
    }
}

impl Azure {
    fn stage(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap()
    }

    async fn pass(&self) {
        let open = self.phase.subscribe().wait_for(|phase| *phase == Phase::Open).await.map(drop);
        open.unwrap();
    }
}

impl Stage {
    fn answer(&mut self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        self.now += if request.uri().path().contains("/operations/") { PAUSE } else { TICK };
        self.world.handle(request, self.now)
    }
}

async fn serve(State(azure): State<Arc<Azure>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request = http::Request::from_parts(parts, to_bytes(body, usize::MAX).await.unwrap());
    let sender = azure.stage().gone;
    let is_gone = || azure.stage().gone != sender;
    if *azure.phase.borrow() == Phase::Reached && azure.stage().closes {
        azure.pass().await;
    }
    if is_gone() {
        return unheard();
    }
    let place = {
        let mut stage = azure.stage();
        stage.calls += 1;
        let calls = stage.calls;
        stage.place.filter(|(number, _)| *number == calls)
    };
    let answer = match place {
        None => azure.stage().answer(request),
        Some((_, Moment::Before)) => {
            azure.phase.send_replace(Phase::Reached);
            azure.pass().await;
            if is_gone() {
                return unheard();
            }
            azure.stage().answer(request)
        }
        Some((_, Moment::After)) => {
            let answer = azure.stage().answer(request);
            azure.phase.send_replace(Phase::Reached);
            azure.pass().await;
            answer
        }
    };
    answer.map(Body::from)
}

/// The answer to nobody.
fn unheard() -> Response {
    Response::new(Body::empty())
}
