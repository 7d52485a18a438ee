//! Sockets, certificates, companions: who gets in, and how it ends.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use terraform_provider_aks::terraform::listener::Listener;
use terraform_provider_aks::terraform::proto::goplugin::{ConnInfo, Empty, StdioData};
use terraform_provider_aks::terraform::proto::tfplugin6 as wire;
use terraform_provider_aks::terraform::serve::{Reattach, ServeError, serve};
use terraform_provider_aks::terraform::tls::Identity;
use terraform_provider_aks::terraform::value::Value;
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_prost::ProstCodec;

use super::client::{Client, connect, packed, thing, told, unpacked};
use super::toy::{self, Toy};

const PATIENCE: Duration = Duration::from_secs(10);

/// A host's certificate and key, made the way go-plugin makes them.
struct HostKey {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

fn host_key() -> HostKey {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = parameters.self_signed(&key).unwrap().der().clone();
    HostKey { certificate, key }
}

/// A toy behind mutual TLS.
struct Secured {
    socket: String,
    certificate: CertificateDer<'static>,
    serving: JoinHandle<Result<(), ServeError>>,
}

fn secured(host: &HostKey) -> Secured {
    let listener = Listener::unix(&std::env::temp_dir(), None).unwrap();
    let (_, socket) = listener.address().unwrap();
    let identity = Identity::for_host(host.certificate.clone()).unwrap();
    let certificate = identity.certificate.clone();
    let serving =
        tokio::spawn(serve(Arc::new(Toy::default()), listener, Some(identity), CancellationToken::new()));
    Secured { socket, certificate, serving }
}

/// Pairs certificate and key without a look at whether they belong together.
fn credentials(host: &HostKey) -> SingleCertAndKey {
    let key = PrivateKeyDer::Pkcs8(host.key.serialize_der().into());
    let key = rustls::crypto::aws_lc_rs::sign::any_ecdsa_type(&key).unwrap();
    CertifiedKey::new(vec![host.certificate.clone()], key).into()
}

/// Connects as Terraform does: trusting exactly the certificate of the handshake line.
async fn secure_channel(
    provider: &Secured,
    presents: Option<&HostKey>,
) -> Result<Channel, tonic::transport::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(provider.certificate.clone()).unwrap();
    let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let mut config = match presents {
        Some(host) => builder.with_client_cert_resolver(Arc::new(credentials(host))),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    let (connector, socket) = (TlsConnector::from(Arc::new(config)), provider.socket.clone());
    let connector = tower::service_fn(move |_| {
        let (connector, socket) = (connector.clone(), socket.clone());
        async move {
            let name = ServerName::try_from("localhost").unwrap();
            let stream = connector.connect(name, UnixStream::connect(socket).await?).await?;
            assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
            Ok::<_, std::io::Error>(TokioIo::new(stream))
        }
    });
    Endpoint::from_static("http://localhost").connect_with_connector(connector).await
}

async fn metadata(channel: Channel) -> Result<wire::get_metadata::Response, Status> {
    Client::over(channel).try_call("/tfplugin6.Provider/GetMetadata", wire::get_metadata::Request {}).await
}

#[tokio::test]
async fn the_host_that_started_us_gets_in() {
    let host = host_key();
    let provider = secured(&host);
    let channel = secure_channel(&provider, Some(&host)).await.unwrap();
    assert_eq!(metadata(channel).await.unwrap().resources.len(), 1);
}

#[tokio::test]
async fn nobody_else_does() {
    let host = host_key();
    let provider = secured(&host);
    // Who has seen the certificate still lacks its key.
    let thief = HostKey { certificate: host.certificate.clone(), key: host_key().key };
    for stranger in [Some(host_key()), Some(thief), None] {
        // With TLS 1.3 the refusal may arrive with the first answer.
        if let Ok(channel) = secure_channel(&provider, stranger.as_ref()).await {
            let refused = tokio::time::timeout(PATIENCE, metadata(channel)).await.unwrap();
            assert!(refused.is_err());
        }
    }
    let plain = tokio::time::timeout(PATIENCE, metadata(connect(&provider.socket).await)).await.unwrap();
    assert!(plain.is_err());
    // And the host still does.
    let channel = secure_channel(&provider, Some(&host)).await.unwrap();
    assert!(metadata(channel).await.is_ok());
}

#[tokio::test]
async fn a_connection_that_says_nothing_keeps_nobody_waiting() {
    let host = host_key();
    let provider = secured(&host);
    let _silent = UnixStream::connect(&provider.socket).await.unwrap();
    drop(UnixStream::connect(&provider.socket).await.unwrap());
    let channel = secure_channel(&provider, Some(&host)).await.unwrap();
    assert!(metadata(channel).await.is_ok());
}

#[tokio::test]
async fn a_probe_that_hangs_up_does_no_harm() {
    let provider = Reattach::start(toy::ADDRESS, Arc::new(Toy::default())).await.unwrap();
    for _probe in 0..3 {
        drop(UnixStream::connect(provider.socket()).await.unwrap());
    }
    assert!(metadata(connect(provider.socket()).await).await.is_ok());
    assert!(metadata(connect(provider.socket()).await).await.is_ok());
}

#[tokio::test]
async fn only_the_owner_can_reach_the_socket() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let listener = Listener::unix(parent.path(), None).unwrap();
    let (network, socket) = listener.address().unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let socket = std::path::PathBuf::from(socket);
    assert_eq!((network, mode(&socket), mode(socket.parent().unwrap())), ("unix", 0o600, 0o700));
    drop(listener);
    assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 0, "nothing is left behind");
}

#[tokio::test]
async fn a_group_can_be_let_in() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let parent = tempfile::tempdir().unwrap();
    let group = std::fs::metadata(parent.path()).unwrap().gid();
    let listener = Listener::unix(parent.path(), Some(&group.to_string())).unwrap();
    let socket = std::path::PathBuf::from(listener.address().unwrap().1);
    let found = std::fs::metadata(&socket).unwrap();
    assert_eq!((found.gid(), found.permissions().mode() & 0o777), (group, 0o660));
}

#[tokio::test]
async fn a_folder_that_cannot_hold_a_socket_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let long = parent.path().join("x".repeat(120));
    std::fs::create_dir(&long).unwrap();
    let error = Listener::unix(&long, None).err().unwrap().to_string();
    assert!(
        error.contains("Set PLUGIN_UNIX_SOCKET_DIR or TMPDIR to a writable folder with a short path"),
        "{error}"
    );
    let error = Listener::unix(parent.path(), Some("no such group")).err().unwrap().to_string();
    assert_eq!(error, "PLUGIN_UNIX_SOCKET_GROUP names \"no such group\", and there is no such group");
}

#[tokio::test]
async fn a_port_is_taken_from_the_range() {
    let listener = Listener::tcp(20_000..=25_000).await.unwrap();
    let (network, address) = listener.address().unwrap();
    assert_eq!(network, "tcp");
    let port: u16 = address.strip_prefix("127.0.0.1:").unwrap().parse().unwrap();
    assert!((20_000..=25_000).contains(&port));
    let error = Listener::tcp(port..=port).await.err().unwrap().to_string();
    assert_eq!(error, format!("no free port from {port} to {port} on 127.0.0.1"));
}

#[tokio::test]
async fn a_message_beyond_4_mib_is_taken_and_given() {
    let client = Client::start().await;
    let big = thing("a", [("tags", Value::object([("k", "x".repeat(9 << 20).into())]))]);
    assert_eq!(told(&client.validate(packed(&big)).await), [""; 0]);
    assert_eq!(unpacked(client.read(&big, b"").await.new_state), Some(big));
}

#[tokio::test]
async fn ten_calls_at_once_are_answered() {
    let client = Client::start().await;
    let things: Vec<Value> = (0..50).map(|n| thing(&format!("n{n}"), [])).collect();
    let answers =
        futures::future::join_all(things.iter().map(|thing| client.apply(None, Some(thing), b""))).await;
    assert!(answers.iter().all(|answer| answer.diagnostics.is_empty()));
}

#[tokio::test]
async fn health_is_serving() {
    let client = Client::start().await;
    let request = HealthCheckRequest { service: "plugin".into() };
    let answer: HealthCheckResponse = client.call("/grpc.health.v1.Health/Check", request).await;
    assert_eq!(answer.status, 1);
}

#[tokio::test]
async fn stdio_and_broker_stay_open_and_silent_until_the_end() {
    let client = Client::start().await;
    let mut grpc = client.grpc();
    grpc.ready().await.unwrap();
    let path = PathAndQuery::from_static("/plugin.GRPCStdio/StreamStdio");
    let mut stdio = grpc
        .server_streaming(Request::new(()), path, ProstCodec::<(), StdioData>::default())
        .await
        .unwrap()
        .into_inner();
    let knocks = futures::stream::iter([ConnInfo { service_id: 1, ..Default::default() }]);
    let open = futures::StreamExt::chain(knocks, futures::stream::pending());
    let path = PathAndQuery::from_static("/plugin.GRPCBroker/StartStream");
    grpc.ready().await.unwrap();
    let codec = ProstCodec::<ConnInfo, ConnInfo>::default();
    let mut broker = grpc.streaming(Request::new(open), path, codec).await.unwrap().into_inner();

    let moment = Duration::from_millis(50);
    assert!(tokio::time::timeout(moment, stdio.message()).await.is_err(), "it says nothing");
    assert!(tokio::time::timeout(moment, broker.message()).await.is_err(), "it says nothing");
    let _: Empty = client.call("/plugin.GRPCController/Shutdown", Empty {}).await;
    let ended = async { (stdio.message().await.ok().flatten(), broker.message().await.ok().flatten()) };
    assert_eq!(tokio::time::timeout(PATIENCE, ended).await.unwrap(), (None, None));
}

#[tokio::test]
async fn shutdown_is_prompt_while_an_apply_runs_and_removes_the_socket() {
    let host = host_key();
    let provider = secured(&host);
    let client = Client::over(secure_channel(&provider, Some(&host)).await.unwrap());
    let waiting = thing("wait", []);
    let end = async {
        let _: Empty = client.call("/plugin.GRPCController/Shutdown", Empty {}).await;
        provider.serving.await.unwrap().unwrap();
    };
    let both = async {
        tokio::select! {
            biased;
            _ = client.apply(None, Some(&waiting), b"") => unreachable!("nobody stops it"),
            () = end => {}
        }
    };
    tokio::time::timeout(Duration::from_secs(2), both).await.expect("Terraform would have killed it");
    assert!(!std::path::Path::new(&provider.socket).exists());
}
