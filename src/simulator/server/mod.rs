//! The world behind a loopback listener, with a clock that can be moved.
//!
//! Beside Azure's own paths it answers under `/simulator`; see the table in `server/control.rs`.
//!
//! [`connection`] accepts and cuts, plain or under TLS ([`tls`]); [`state`] joins the world and its [`clock`], and keeps
//! both in a file, which is [`held`] by one simulator.

mod clock;
mod connection;
mod control;
mod held;
mod state;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures::StreamExt;
use http::Uri;
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::simulator::faults::Delivery;
use crate::simulator::request_log::Entry;
use crate::simulator::scenario::Scenario;
use crate::simulator::world::World;
use clock::Clock;
use connection::{Connections, Cut};
use held::Held;
use state::Stage;

/// Where the simulator listens, and what it keeps.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address; port 0 takes a free one.
    pub addr: SocketAddr,
    /// The file that keeps the world and the clock between runs; it is read when it is there.
    pub state: Option<PathBuf>,
    /// Whether an address that is not loopback may be used: the simulator lets everybody in.
    pub beyond_loopback: bool,
    /// The file to which the simulator writes its certificate authority (PEM); with it, it serves
    /// HTTPS for `localhost` and `127.0.0.1`, otherwise HTTP.
    pub ca: Option<PathBuf>,
}

/// A simulator that serves until it is dropped.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// use terraform_provider_aks::simulator::{scenario::Scenario, server::Simulator};
/// let scenario = Scenario::parse("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"", ".".as_ref()).unwrap();
/// let simulator = Simulator::start(scenario, "127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap()).await.unwrap();
/// assert!(simulator.url().starts_with("http://127.0.0.1:"));
/// # });
/// ```
#[derive(Debug)]
pub struct Simulator {
    url: String,
    stage: Shared,
    _held: Option<Held>,
    _stop: oneshot::Sender<()>,
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not a loopback address.
    #[error(
        "The simulator lets everybody in and listens on loopback only; {0} is no loopback address. Give one such as 127.0.0.1:0, or allow this one explicitly."
    )]
    NotLoopback(SocketAddr),
    /// The address is taken, the state file cannot be read, or the authority's file cannot be written.
    #[error("The simulator cannot start: {0}")]
    Io(std::io::Error),
}

impl From<std::io::Error> for StartError {
    /// Not as its source: the sentence holds it.
    fn from(error: std::io::Error) -> Self {
        StartError::Io(error)
    }
}

type Shared = Arc<Mutex<Stage>>;

impl Simulator {
    /// Starts serving a scenario; needs a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`StartError`] for an address such as `0.0.0.0:0` or one that is taken, for a state file that
    /// is no state of a simulator or that another simulator keeps, or for an authority's file that cannot be written.
    pub async fn start(scenario: Scenario, listen: impl Into<Listen>) -> Result<Self, StartError> {
        let Listen { addr, state, beyond_loopback, ca } = listen.into();
        if !addr.ip().is_loopback() && !beyond_loopback {
            return Err(StartError::NotLoopback(addr));
        }
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        let held = state.as_deref().map(Held::of).transpose()?;
        let stage = Arc::new(Mutex::new(Stage::set(scenario, state)?));
        let (scheme, line) = match ca {
            Some(file) => ("https", Connections::secure(listener, tls::acceptor(&file)?)?),
            None => ("http", Connections::Plain(listener)),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().fallback(serve).with_state((Arc::clone(&stage), scheme));
        let service = router.into_make_service_with_connect_info::<Cut>();
        let serving = axum::serve(line, service).with_graceful_shutdown(async {
            // An error means that the simulator was dropped, which is the signal.
            let _ = stopped.await;
        });
        tokio::spawn(async move { serving.await });
        Ok(Simulator { url: url(scheme, addr), stage, _held: held, _stop: stop })
    }

    /// Returns the base address, without a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Returns what was asked so far; requests under `/simulator` are not in it.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.stage().world.request_log().to_vec()
    }

    /// Returns the virtual instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.stage().clock.now()
    }

    /// Moves the clock to an instant.
    ///
    /// # Errors
    ///
    /// A sentence for an instant that is over.
    pub fn go_to(&self, at: Timestamp) -> Result<(), String> {
        let mut stage = self.stage();
        stage.clock.go_to(at)?;
        stage.catch_up();
        Ok(())
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        let mut stage = self.stage();
        stage.clock.advance(by);
        stage.catch_up();
    }

    /// Returns how fast the clock runs.
    #[must_use]
    pub fn speed(&self) -> f64 {
        self.stage().clock.speed()
    }

    /// Returns how far a standing clock moves with each request.
    #[must_use]
    pub fn tick(&self) -> SignedDuration {
        self.stage().clock.each()
    }

    /// Tells whether it goes on from a state that was kept.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.stage().resumed
    }

    /// Changes how far a standing clock moves with each request.
    pub fn set_tick(&self, tick: SignedDuration) {
        self.stage().clock.set_tick(tick);
    }

    /// Changes how fast the clock runs; 0 stands still.
    pub fn set_speed(&self, speed: f64) {
        self.stage().clock.set_speed(speed);
    }

    /// Looks at the world, or changes it.
    pub fn with_world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let mut stage = self.stage();
        stage.catch_up();
        look(&mut stage.world)
    }

    fn stage(&self) -> MutexGuard<'_, Stage> {
        lock(&self.stage)
    }
}

impl From<SocketAddr> for Listen {
    fn from(addr: SocketAddr) -> Self {
        Listen { addr, state: None, beyond_loopback: false, ca: None }
    }
}

fn lock(stage: &Shared) -> MutexGuard<'_, Stage> {
    stage.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(
    State((stage, scheme)): State<(Shared, &'static str)>,
    ConnectInfo(cut): ConnectInfo<Cut>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return refuse(413, "The request's body is larger than 16 MiB or did not arrive whole.");
    };
    if parts.uri.path().starts_with("/simulator") {
        return control::answer(&stage, &parts, &body);
    }
    parts.uri = absolute(scheme, &parts.uri, parts.headers.get("host"));
    let delivery = lock(&stage).deliver(http::Request::from_parts(parts, body));
    send(delivery, &cut).await
}

async fn send(delivery: Delivery, cut: &Cut) -> Response {
    match delivery {
        Delivery::Whole(response, delay) => {
            if delay.is_positive() {
                tokio::time::sleep(delay.unsigned_abs()).await;
            }
            response.map(Body::from)
        }
        Delivery::Short(response, promised) => short(response, promised),
        Delivery::Dripping(response, delay) => dripping(response, delay),
        Delivery::Nothing => {
            cut.cut();
            Response::new(Body::empty())
        }
    }
}

/// Promises more than the body, and cuts the connection after it.
fn short(response: http::Response<Bytes>, promised: usize) -> Response {
    let (mut parts, body) = response.into_parts();
    parts.headers.insert("content-length", promised.into());
    // What was sent is flushed while we yield; cut at once, not even the head would arrive.
    let broken = futures::stream::once(async {
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))
    });
    let pieces = futures::stream::iter([Ok(body)]).chain(broken);
    Response::from_parts(parts, Body::from_stream(pieces))
}

/// Sends the body in pieces.
fn dripping(response: http::Response<Bytes>, delay: SignedDuration) -> Response {
    response.map(|body| {
        let size = body.len().div_ceil(DRIPS).max(1);
        let pieces: Vec<Bytes> =
            (0..body.len()).step_by(size).map(|at| body.slice(at..body.len().min(at + size))).collect();
        Body::from_stream(futures::stream::iter(pieces).then(move |piece| async move {
            tokio::time::sleep(delay.unsigned_abs()).await;
            Ok::<_, std::convert::Infallible>(piece)
        }))
    })
}

/// Names `localhost` under TLS: not every client looks for an address in a certificate.
fn url(scheme: &str, addr: SocketAddr) -> String {
    if scheme == "https" && addr.ip().is_loopback() {
        return format!("https://localhost:{}", addr.port());
    }
    format!("{scheme}://{addr}")
}

/// Puts the host under which we were called into the address: answers name it.
fn absolute(scheme: &str, uri: &Uri, host: Option<&http::HeaderValue>) -> Uri {
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    Uri::builder().scheme(scheme).authority(host).path_and_query(path).build().unwrap_or_else(|_| uri.clone())
}

fn refuse(status: u16, message: &str) -> Response {
    let body = serde_json::json!({ "error": { "code": "Simulator", "message": message } }).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::BAD_REQUEST);
    response.headers_mut().insert("content-type", http::HeaderValue::from_static("application/json"));
    response
}

/// In how many pieces a body drips.
const DRIPS: usize = 16;
const LARGEST_BODY: usize = 16 << 20;
