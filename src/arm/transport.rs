//! The HTTPS client: rustls, the system's proxies and certificates, no redirects, timeouts.
//!
//! | variable | meaning |
//! |---|---|
//! | `HTTPS_PROXY`, `ALL_PROXY` | the proxy for https, e.g. `http://user:password@proxy.example:3128` |
//! | `NO_PROXY` | hosts that are reached directly, e.g. `management.azure.com,.internal` |
//! | `SSL_CERT_FILE`, `SSL_CERT_DIR` | the trusted authorities (PEM), *instead of* the system's |
//!
//! There is no switch to turn the check of certificates off.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error as CoreError, ErrorKind};
use azure_core::http::response::AsyncResponseBody;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use futures::StreamExt;
use tokio::time::timeout;

use crate::arm::error::Error;
use crate::arm::retry::Outcome;
use crate::arm::text::causes;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(20);

/// How long an answer may say nothing.
const READ: Duration = Duration::from_secs(60);

/// Makes the HTTPS client.
///
/// One for the process: it is handed to [`Client`](crate::arm::client::Client) and to the credentials alike.
/// Redirects are not followed, because a token must not go where an answer points.
///
/// A machine without any CA certificate, e.g. an empty container, or an `SSL_CERT_FILE` that holds none, is told by the
/// first request over HTTPS: a simulator on this machine is asked without one.
///
/// # Errors
///
/// The HTTP client cannot be built.
pub fn https() -> Result<Arc<dyn HttpClient>, Error> {
    let built = |builder: reqwest::ClientBuilder| {
        let builder =
            builder.connect_timeout(CONNECT).read_timeout(READ).redirect(reqwest::redirect::Policy::none());
        builder.build().map_err(|error| causes(&error))
    };
    let outside = built(reqwest::Client::builder());
    let inside = built(reqwest::Client::builder().no_proxy().tls_certs_only([]));
    let inside = inside.map_err(|cause| Error::Https { cause })?;
    Ok(Arc::new(HttpsClient { outside, inside }))
}

/// Two ways out: what goes over plain HTTP goes to this machine or to its metadata service, which no
/// proxy can reach and none may see.
#[derive(Debug)]
struct HttpsClient {
    outside: Result<reqwest::Client, String>,
    inside: reqwest::Client,
}

#[async_trait]
impl HttpClient for HttpsClient {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let way = match &self.outside {
            _ if request.url().scheme() == "http" => &self.inside,
            Ok(outside) => outside,
            Err(cause) => return Err(CoreError::new(ErrorKind::Connection, Final(no_authority(cause)))),
        };
        way.execute_request(request).await.map_err(explained)
    }
}

/// A connection that fails the same way however often it is tried, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Final(String);

fn no_authority(cause: &str) -> String {
    format!(
        "this machine has no certificate authority to check a certificate with ({cause}), so nothing was sent; install its CA certificates, or name a PEM file that holds them in SSL_CERT_FILE"
    )
}

/// Tells how an attempt ended that got no answer.
pub(super) fn outcome(error: &CoreError) -> Outcome {
    // Azure's client tells a connection that was never made from one that broke.
    match error.kind() {
        _ if error.downcast_ref::<Final>().is_some() => Outcome::Refused,
        ErrorKind::Connection => Outcome::NotSent,
        _ => Outcome::Broken,
    }
}

/// A body, or the beginning of one.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether it ended before its limit.
    pub(super) is_whole: bool,
}

/// Reads at most so many bytes of a body, decompressed, and leaves the rest unread.
///
/// # Errors
///
/// The whole chain of causes when the connection broke.
pub(super) async fn body(mut stream: AsyncResponseBody, most: usize) -> Result<Body, String> {
    let mut bytes = Vec::new();
    let is_whole = read_into(&mut bytes, &mut stream, most).await?;
    Ok(Body { bytes, is_whole })
}

/// Reads what comes of a refusal within a time: the status is known, so what is missing of it costs words at most.
pub(super) async fn refusal(mut stream: AsyncResponseBody, most: usize, patience: Duration) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A connection that breaks, or takes too long, ends the text where it is.
    drop(timeout(patience, read_into(&mut bytes, &mut stream, most)).await);
    bytes
}

/// Appends a body, and tells whether it ended before its limit.
async fn read_into(bytes: &mut Vec<u8>, stream: &mut AsyncResponseBody, most: usize) -> Result<bool, String> {
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| causes(&error))?;
        let room = most - bytes.len();
        bytes.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok(false);
        }
    }
    Ok(true)
}

fn explained(error: CoreError) -> CoreError {
    let cause = causes(&error);
    if let Some(advice) = advice(&cause) {
        return CoreError::new(ErrorKind::Connection, Final(advice.to_owned()));
    }
    if let Some(advice) = tunnel(&cause) {
        return CoreError::new(ErrorKind::Connection, Passing(advice));
    }
    match plainly(&cause, error.kind()) {
        Some(words) => CoreError::new(error.kind().clone(), Passing(words)),
        None => error,
    }
}

/// What may go better the next time, in words, and what to do about it if not.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Passing(String);

/// Returns what hyper means by a silence, and by a name that nobody knows.
fn plainly(cause: &str, kind: &ErrorKind) -> Option<String> {
    if cause.ends_with("operation timed out") {
        return Some(match kind {
            ErrorKind::Connection => format!("no connection within {} s", CONNECT.as_secs()),
            _ => format!("no answer within {} s", READ.as_secs()),
        });
    }
    let reason = cause.strip_prefix("dns error")?.rsplit(": ").next()?;
    Some(format!("the name of the host cannot be resolved ({reason})"))
}

/// Returns what hyper means by a tunnel that was not built.
fn tunnel(cause: &str) -> Option<String> {
    let (_, reason) = cause.split_once("tunnel error: ")?;
    Some(match reason.strip_prefix("failed to create underlying connection: ") {
        Some(reason) => format!(
            "the proxy of HTTPS_PROXY cannot be reached ({reason}); check its address, or name this host in NO_PROXY"
        ),
        None => format!(
            "the proxy of HTTPS_PROXY does not let us through ({reason}); allow this host there, or name it in NO_PROXY"
        ),
    })
}

/// Returns what rustls and reqwest mean by a cause.
fn advice(cause: &str) -> Option<&'static str> {
    let has = |text: &str| cause.contains(text);
    if has("proxy authorization required") {
        return Some(
            "the proxy wants a user and a password; write them into HTTPS_PROXY, e.g. http://user:password@proxy.example:3128",
        );
    }
    if !has("invalid peer certificate") {
        return None;
    }
    if ["UnknownIssuer", "BadSignature", "CaUsedAsEndEntity"].into_iter().any(has) {
        return Some(
            "its certificate is self-signed or of an authority that this machine does not trust, so nothing was sent; install the authority's certificate on this machine, or name a PEM file that holds it in SSL_CERT_FILE",
        );
    }
    if has("expired") || has("Expired") {
        return Some(
            "its certificate has expired, so nothing was sent; have it renewed, or correct this machine's clock",
        );
    }
    if has("not valid yet") || has("NotValidYet") {
        return Some("its certificate is not valid yet, so nothing was sent; correct this machine's clock");
    }
    if has("not valid for name") || has("NotValidForName") {
        return Some(
            "its certificate is for another host, so nothing was sent; a proxy or a wrong address may stand in between",
        );
    }
    Some("its certificate is not valid, so nothing was sent")
}
