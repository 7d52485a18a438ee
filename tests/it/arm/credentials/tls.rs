//! Certificates and proxies, with an HTTPS server and a proxy of this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use super::child;
use crate::arm::path;

const UNTRUSTED: &str = "its certificate is self-signed or of an authority that this machine does not trust, so nothing was sent; install the authority's certificate on this machine, or name a PEM file that holds it in SSL_CERT_FILE";

/// An authority of this test, and a file that holds its certificate.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        Self::named("Authority of this test")
    }

    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Authority { issuer, folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Serves a certificate of this authority.
    fn serve(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Server {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Server::start(certificate.der().clone(), &key)
    }
}

/// An HTTPS server that answers everything with an empty object, and remembers what it was asked.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(certificate: CertificateDer<'static>, key: &KeyPair) -> Self {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.unwrap().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        let (listener, asked) =
            (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::<Mutex<Vec<String>>>::default());
        let server = Server { port: listener.local_addr().unwrap().port(), asked: Arc::clone(&asked) };
        let config = Arc::new(config);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
                let mut stream = StreamOwned::new(connection, stream.unwrap());
                // A client that does not trust us says so and goes.
                let Ok(head) = head(&mut stream) else { continue };
                asked.lock().unwrap().push(head);
                let answer = "HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 02:00:00 GMT\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
                let _ = stream.write_all(answer.as_bytes()).and_then(|()| stream.flush());
            }
        });
        server
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A proxy that answers `CONNECT` with a tunnel to a port of this machine, or with a refusal.
fn proxy(refusal: Option<&'static str>, port: u16) -> (u16, Arc<Mutex<Vec<String>>>) {
    let (listener, asked) = (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::<Mutex<Vec<String>>>::default());
    let (own, heads) = (listener.local_addr().unwrap().port(), Arc::clone(&asked));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let Ok(head) = head(&mut stream) else { continue };
            heads.lock().unwrap().push(head);
            if let Some(refusal) = refusal {
                let _ = write!(stream, "HTTP/1.1 {refusal}\r\nContent-Length: 0\r\n\r\n");
                continue;
            }
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
            tunnel(stream, TcpStream::connect(("127.0.0.1", port)).unwrap());
        }
    });
    (own, asked)
}

fn tunnel(client: TcpStream, server: TcpStream) {
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    let (mut from, mut to) = (server, client);
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
}

/// Reads a request to its empty line.
fn head(stream: &mut impl Read) -> std::io::Result<String> {
    let mut head = String::new();
    // One byte at a time: what follows belongs to the tunnel.
    let mut reader = BufReader::with_capacity(1, stream);
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head.to_ascii_lowercase())
}

fn read(port: u16, host: &str, variables: &[(&str, &str)]) -> String {
    let endpoint = format!("https://{host}:{port}");
    let mut all = vec![("CHILD_ENDPOINT", endpoint.as_str())];
    all.extend_from_slice(variables);
    child::run("reads a cluster", &all)
}

#[track_caller]
fn refused(server: &Server, authority: &Authority, reason: &str) {
    let said = read(server.port, "localhost", &[("SSL_CERT_FILE", authority.file().to_str().unwrap())]);
    assert_eq!(said, format!("GET {} got no answer from localhost: {reason}.", path()));
    assert!(server.asked().is_empty(), "no token goes to whom we do not trust");
}

#[test]
fn an_authority_of_the_user() {
    let authority = Authority::new();
    let server = authority.serve("localhost", |_| ());
    assert_eq!(
        read(server.port, "localhost", &[("SSL_CERT_FILE", authority.file().to_str().unwrap())]),
        "{}"
    );
    assert!(server.asked()[0].contains("\r\nauthorization: bearer token-canary\r\n"));
}

#[test]
fn an_authority_that_nobody_knows() {
    let server = Authority::new().serve("localhost", |_| ());
    refused(&server, &Authority::named("Another authority"), UNTRUSTED);
    refused(&server, &Authority::new(), UNTRUSTED);
}

#[test]
fn a_certificate_that_signs_itself() {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let server = Server::start(certificate.der().clone(), &key);
    refused(&server, &Authority::new(), UNTRUSTED);
}

#[test]
fn a_certificate_that_has_expired() {
    let authority = Authority::new();
    let server = authority.serve("localhost", |params| params.not_after = date_time_ymd(2020, 1, 1));
    refused(
        &server,
        &authority,
        "its certificate has expired, so nothing was sent; have it renewed, or correct this machine's clock",
    );
}

#[test]
fn a_certificate_of_the_future() {
    let authority = Authority::new();
    let server = authority.serve("localhost", |params| params.not_before = date_time_ymd(2090, 1, 1));
    refused(
        &server,
        &authority,
        "its certificate is not valid yet, so nothing was sent; correct this machine's clock",
    );
}

#[test]
fn a_certificate_for_another_host() {
    let authority = Authority::new();
    let server = authority.serve("other.example", |_| ());
    refused(
        &server,
        &authority,
        "its certificate is for another host, so nothing was sent; a proxy or a wrong address may stand in between",
    );
}

#[test]
fn no_authority_at_all() {
    let authority = Authority::new();
    let empty = authority.folder.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let said = read(1, "localhost", &[("SSL_CERT_FILE", empty.to_str().unwrap())]);
    let words = "this machine has no certificate authority to check a certificate with (";
    let advice = "), so nothing was sent; install its CA certificates, or name a PEM file that holds them in SSL_CERT_FILE";
    assert!(said.contains(words) && said.contains(advice), "{said}");
    // A simulator on this machine needs none.
    let simulator = [("CHILD_ENDPOINT", "http://127.0.0.1:1"), ("SSL_CERT_FILE", empty.to_str().unwrap())];
    let said = child::run("reads a cluster", &simulator);
    assert!(said.contains(" got no answer from 127.0.0.1: Connection refused"), "{said}");
}

#[test]
fn through_a_proxy() {
    let authority = Authority::new();
    let server = authority.serve("management.azure.test", |_| ());
    let (proxy, asked) = proxy(None, server.port);
    let variables = [
        ("SSL_CERT_FILE", authority.file().to_str().unwrap().to_owned()),
        ("HTTPS_PROXY", format!("http://user:proxy-canary@127.0.0.1:{proxy}")),
    ];
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(read(443, "management.azure.test", &variables), "{}");
    let head = asked.lock().unwrap()[0].clone();
    assert!(head.starts_with("connect management.azure.test:443 http/1.1\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: basic "), "{head}");
    assert!(!head.contains("bearer"), "the proxy sees no token: {head}");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn around_a_proxy() {
    let authority = Authority::new();
    let server = authority.serve("localhost", |_| ());
    let (proxy, asked) = proxy(Some("403 Forbidden"), 1);
    let (file, proxy) = (authority.file(), format!("http://127.0.0.1:{proxy}"));
    let around = [
        ("SSL_CERT_FILE", file.to_str().unwrap()),
        ("HTTPS_PROXY", proxy.as_str()),
        ("NO_PROXY", "example.com,localhost"),
    ];
    assert_eq!(read(server.port, "localhost", &around), "{}");
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn plain_http_of_this_machine_passes_by_every_proxy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        head(&mut stream).unwrap();
        let answer = "HTTP/1.1 200 OK\r\nDate: Sat, 28 Nov 2026 02:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let nowhere = "http://127.0.0.1:1";
    let variables = [
        ("CHILD_ENDPOINT", endpoint.as_str()),
        ("HTTP_PROXY", nowhere),
        ("http_proxy", nowhere),
        ("ALL_PROXY", nowhere),
    ];
    assert_eq!(child::run("reads a cluster", &variables), "{}");
}

const REFUSED: &str = "the proxy of HTTPS_PROXY does not let us through (unsuccessful); allow this host there, or name it in NO_PROXY.";

#[test]
fn a_proxy_that_refuses() {
    for (refusal, reason) in [
        (
            "407 Proxy Authentication Required",
            "the proxy wants a user and a password; write them into HTTPS_PROXY, e.g. http://user:password@proxy.example:3128.",
        ),
        ("403 Forbidden", REFUSED),
        ("502 Bad Gateway", REFUSED),
    ] {
        let (proxy, _) = proxy(Some(refusal), 1);
        let proxy = format!("http://user:proxy-canary@127.0.0.1:{proxy}");
        let said = read(443, "management.azure.test", &[("HTTPS_PROXY", &proxy)]);
        assert_eq!(said, format!("GET {} got no answer from management.azure.test: {reason}", path()));
    }
}

#[test]
fn a_proxy_that_is_gone() {
    let said = read(443, "management.azure.test", &[("HTTPS_PROXY", "http://user:proxy-canary@127.0.0.1:1")]);
    let reason = "the proxy of HTTPS_PROXY cannot be reached (Connection refused (os error 111)); check its address, or name this host in NO_PROXY";
    assert_eq!(said, format!("GET {} got no answer from management.azure.test: {reason}.", path()));
}
