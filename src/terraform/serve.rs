//! The life of the process: listen, say where, serve, go.
//!
//! Three ends are possible. Terraform says Shutdown at the end of every walk and kills after two
//! seconds, so everything stops within half of one. Terraform may itself be killed; then nobody
//! says anything, and we notice that our parent is another. Ctrl-C is *not* an end: the terminal
//! sends it to the provider too, Terraform answers it with StopProvider and waits for the applies.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use thiserror::Error;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_health::ServingStatus;

use crate::terraform::handshake::{self, Host, PROTOCOL};
use crate::terraform::listener::Listener;
use crate::terraform::log;
use crate::terraform::plugin::Companions;
use crate::terraform::proto::goplugin::grpc_broker_server::GrpcBrokerServer;
use crate::terraform::proto::goplugin::grpc_controller_server::GrpcControllerServer;
use crate::terraform::proto::goplugin::grpc_stdio_server::GrpcStdioServer;
use crate::terraform::proto::tfplugin6::provider_server::ProviderServer;
use crate::terraform::provider::Provider;
use crate::terraform::service::Service;
use crate::terraform::tls::{Identity, TlsError};

/// What HashiCorp's own providers accept; gRPC's default of 4 MiB refuses real configurations.
const LARGEST_MESSAGE: usize = 256 << 20;
/// How long open calls may go on after Shutdown. Terraform kills after 2 s.
const GRACE: Duration = Duration::from_millis(500);
/// How often to look whether Terraform still lives. An apply may wait for its window for days: a look five times a second
/// is most of what that costs.
const PARENT_WATCH: Duration = Duration::from_secs(1);
/// Terraform sends ten calls at once, and each mostly waits.
const THREADS: usize = 2;

/// Why serving ended early.
#[derive(Debug, Error)]
pub enum ServeError {
    /// There is no place to listen, or nobody to tell.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// There is no certificate.
    #[error("{0}")]
    Tls(#[from] TlsError),
    /// The server gave up.
    #[error("the gRPC server failed: {0}")]
    Grpc(#[from] tonic::transport::Error),
}

/// Serves a provider to the Terraform that started this process, until it is told to go.
///
/// `address` is the provider's source, e.g. `registry.terraform.io/aks-upgrades/aks`; its last
/// part names the log variable (`TF_LOG_PROVIDER_AKS`). Started by a person, it explains itself on
/// stderr and returns 1.
pub fn run(address: &str, provider: impl FnOnce() -> Arc<dyn Provider>) -> ExitCode {
    let variable = |name: &str| std::env::var(name).ok();
    let host = match handshake::read(variable) {
        Ok(host) => host,
        Err(refusal) => return fail(&refusal.to_string()),
    };
    let log = log::install(address, variable);
    let outcome = block_on(process(&host, provider));
    log.flush();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&format!("The provider could not serve: {error}")),
    }
}

/// Writes to stderr; a closed stderr is no reason to panic.
fn fail(problem: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "{problem}");
    ExitCode::FAILURE
}

fn block_on(work: impl Future<Output = Result<(), ServeError>>) -> Result<(), ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let outcome = runtime.block_on(work);
    // Calls that still run are cut: Terraform no longer listens.
    runtime.shutdown_background();
    outcome
}

async fn process(host: &Host, provider: impl FnOnce() -> Arc<dyn Provider>) -> Result<(), ServeError> {
    let listener = Listener::bind(host, &std::env::temp_dir()).await?;
    let identity = host.certificate.clone().map(Identity::for_host).transpose()?;
    let _signals = outlive_interrupts()?;
    announce(host, &listener, identity.as_ref())?;
    let shutdown = CancellationToken::new();
    tokio::spawn(watch_parent(shutdown.clone()));
    serve(provider(), listener, identity, shutdown).await
}

/// Says where we listen. Nothing else is ever written to stdout.
fn announce(host: &Host, listener: &Listener, identity: Option<&Identity>) -> io::Result<()> {
    let (network, address) = listener.address()?;
    let line = host.line(network, &address, identity.map(|identity| identity.certificate.as_ref()));
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

/// Serves a provider on a listener until the token is cancelled, by us or by a Shutdown call.
///
/// With an identity only the host it was made for gets in; without one, whoever reaches the
/// listener does.
///
/// # Errors
///
/// The gRPC server failed. A peer that fails is only logged.
pub async fn serve(
    provider: Arc<dyn Provider>,
    listener: Listener,
    identity: Option<Identity>,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    let tls = identity.map(|identity| TlsAcceptor::from(identity.config));
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("plugin", ServingStatus::Serving).await;
    let (admitted, connections) = mpsc::channel(16);
    let companions = Companions::new(shutdown.clone());
    let service = ProviderServer::new(Service::new(provider))
        .max_decoding_message_size(LARGEST_MESSAGE)
        .max_encoding_message_size(LARGEST_MESSAGE);
    let serving = Server::builder()
        .add_service(service)
        .add_service(GrpcControllerServer::new(companions.clone()))
        .add_service(GrpcStdioServer::new(companions.clone()))
        .add_service(GrpcBrokerServer::new(companions))
        .add_service(health_service)
        .serve_with_incoming_shutdown(ReceiverStream::new(connections), shutdown.clone().cancelled_owned());
    tokio::select! {
        outcome = serving => Ok(outcome?),
        () = grace(&shutdown) => Ok(()),
        never = listener.admit_all(tls, admitted) => match never {},
    }
}

async fn grace(shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

/// Keeps Ctrl-C and a terminated process group from ending us in the middle of an apply.
///
/// Whoever wants us gone ends Terraform, and [`watch_parent`] follows.
#[cfg(unix)]
fn outlive_interrupts() -> io::Result<impl Sized> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
}

/// Keeps Ctrl-C from ending us in the middle of an apply.
#[cfg(windows)]
fn outlive_interrupts() -> io::Result<impl Sized> {
    tokio::signal::windows::ctrl_c()
}

/// The process that started us, once it is watched.
#[cfg(unix)]
static PARENT: std::sync::OnceLock<u32> = std::sync::OnceLock::new();

/// Tells whether Terraform has died: what it started is not to begin anything more.
#[must_use]
pub fn is_orphaned() -> bool {
    #[cfg(unix)]
    return PARENT.get().is_some_and(|parent| std::os::unix::process::parent_id() != *parent);
    #[cfg(windows)]
    false
}

/// Shuts down when Terraform has died: nobody else would ever end us.
#[cfg(unix)]
async fn watch_parent(shutdown: CancellationToken) {
    let _ = PARENT.set(std::os::unix::process::parent_id());
    while !is_orphaned() {
        tokio::time::sleep(PARENT_WATCH).await;
    }
    shutdown.cancel();
}

/// Does nothing: Windows closes the console of a job as one.
#[cfg(windows)]
async fn watch_parent(_: CancellationToken) {}

/// A provider that serves whoever knows its socket, for debuggers and tests.
///
/// It stops when it is dropped.
pub struct Reattach {
    address: String,
    network: &'static str,
    socket: String,
    shutdown: CancellationToken,
    serving: JoinHandle<()>,
}

impl Reattach {
    /// Starts to serve, without cookie and without TLS, in the running tokio runtime.
    ///
    /// `address` must be the full source that the user's configuration resolves to, host included:
    /// OpenTofu's is `registry.opentofu.org/…`.
    ///
    /// # Errors
    ///
    /// No folder for the socket can be made.
    pub async fn start(address: &str, provider: Arc<dyn Provider>) -> io::Result<Self> {
        let host = Host {
            certificate: None,
            socket_folder: None,
            socket_group: None,
            ports: 0..=0,
            multiplexes: false,
        };
        let listener = Listener::bind(&host, &std::env::temp_dir()).await?;
        let (network, socket) = listener.address()?;
        let shutdown = CancellationToken::new();
        let work = serve(provider, listener, None, shutdown.clone());
        let serving = tokio::spawn(async move {
            if let Err(error) = work.await {
                tracing::error!(%error, "the provider could not serve");
            }
        });
        Ok(Reattach { address: address.to_owned(), network, socket, shutdown, serving })
    }

    /// Returns where it listens.
    #[must_use]
    pub fn socket(&self) -> &str {
        &self.socket
    }

    /// Returns what `TF_REATTACH_PROVIDERS` must be for Terraform to come here.
    ///
    /// Without the protocol version Terraform would assume 5; without `Test` it would shut us down.
    #[must_use]
    pub fn variable(&self) -> String {
        let place = json!({
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": self.network, "String": self.socket },
        });
        json!({ &self.address: place }).to_string()
    }

    /// Waits until it stops by itself, which only a Shutdown call brings about.
    pub async fn ended(&mut self) {
        // A task that panicked has ended, too.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Reattach {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
