//! Addresses to which a secret may go.

use azure_core::http::Url;

use crate::arm::text::plain;

/// Why no token may go to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrusted {
    /// It has no scheme or no host.
    #[error("it is not an absolute URL")]
    Relative,
    /// It is plain http to another machine.
    #[error("over plain http a token may only go to this machine")]
    PlainHttp,
    /// It is neither https nor http.
    #[error("its scheme is not https")]
    Scheme,
    /// It has a user, a query or a fragment.
    #[error("it may have a host, a port and a path, and nothing else")]
    TooMuch,
    /// An answer names an address with this scheme.
    #[error("its scheme is {0}, not https")]
    Named(String),
    /// An answer names an address with a user or a password.
    #[error("it holds a user name or password")]
    User,
    /// An answer names an address elsewhere.
    #[error("it leads to {theirs}, not to {ours}")]
    Elsewhere {
        /// The origin that it names.
        theirs: String,
        /// The origin of Azure Resource Manager.
        ours: String,
    },
}

/// Why a service that is shown a secret is not asked at an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Insecure {
    /// It has no scheme or no host.
    #[error("\"{0}\" is not an absolute URL")]
    Relative(String),
    /// The address of this host holds a user or a password.
    #[error("the URL of {0} holds a user or a password")]
    User(String),
    /// It is not https, and leads to another machine.
    #[error("\"{0}\" is not an https URL; plain http may only go to this machine")]
    PlainHttp(String),
}

/// Checks the base address of Azure Resource Manager.
///
/// # Errors
///
/// `management.azure.com` (no scheme), `http://example.com` (a token would travel in the clear),
/// `https://me@example.com`, `https://example.com?x`.
pub fn endpoint(text: &str) -> Result<Url, Untrusted> {
    let url = Url::parse(text.trim()).map_err(|_| Untrusted::Relative)?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(Untrusted::PlainHttp),
        _ => return Err(Untrusted::Scheme),
    }
    if holds_user(&url) || url.query().is_some() || url.fragment().is_some() {
        return Err(Untrusted::TooMuch);
    }
    Ok(url)
}

/// Checks that a URL that an answer names is one to which our token may go.
///
/// # Errors
///
/// `/operations/1` (relative), `http://management.azure.com/…`, `https://evil.example/…`,
/// `https://me@management.azure.com/…`, `https://management.azure.com:8443/…`.
pub fn trusted(endpoint: &Url, text: &str) -> Result<Url, Untrusted> {
    let url = Url::parse(text.trim()).map_err(|_| Untrusted::Relative)?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(Untrusted::Named(plain(url.scheme(), 20)));
    }
    if holds_user(&url) {
        return Err(Untrusted::User);
    }
    if url.origin() != endpoint.origin() {
        let (theirs, ours) = (url.origin().ascii_serialization(), endpoint.origin().ascii_serialization());
        return Err(Untrusted::Elsewhere { theirs: plain(&theirs, 200), ours });
    }
    Ok(url)
}

/// Reads the address of a service that is shown a secret.
///
/// # Errors
///
/// Says what is wrong with `login.example` (no scheme), `http://login.example` (a secret would travel
/// in the clear) or `https://user:password@login.example`.
pub fn secure(text: &str) -> Result<Url, Insecure> {
    let shown = shown(text);
    let url = Url::parse(text.trim()).map_err(|_| Insecure::Relative(shown.clone()))?;
    if holds_user(&url) {
        return Err(Insecure::User(url.host_str().unwrap_or_default().to_owned()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(Insecure::PlainHttp(shown)),
    }
}

/// Returns an address for a message: short, without a user's password and without a query, which may be signed.
#[must_use]
pub fn shown(address: &str) -> String {
    let (address, query) = address.split_once('?').map_or((address, ""), |(address, _)| (address, "?…"));
    let (scheme, rest) = address.split_at(address.find("://").map_or(0, |at| at + 3));
    let host = rest.rsplit_once('@').map_or_else(|| rest.to_owned(), |(_, host)| format!("…@{host}"));
    plain(&format!("{scheme}{host}{query}"), 200)
}

/// Tells whether a URL leads to this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

fn holds_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
