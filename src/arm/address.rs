//! Addresses to which a secret may go.

use azure_core::http::Url;

use crate::arm::text::plain;

/// Why an address is not used: what is wrong with it, as the end of a sentence.
pub type Untrusted = String;

/// Checks the base address of Azure Resource Manager.
///
/// # Errors
///
/// `management.azure.com` (no scheme), `http://example.com` (a token would travel in the clear),
/// `https://me@example.com`, `https://example.com?x`.
pub fn endpoint(text: &str) -> Result<Url, Untrusted> {
    let url = Url::parse(text.trim()).map_err(|_| "it is not an absolute URL")?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err("over plain http a token may only go to this machine".into()),
        _ => return Err("its scheme is not https".into()),
    }
    if holds_user(&url) || url.query().is_some() || url.fragment().is_some() {
        return Err("it may have a host, a port and a path, and nothing else".into());
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
    let url = Url::parse(text.trim()).map_err(|_| "it is not an absolute URL".to_owned())?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(format!("its scheme is {}, not https", plain(url.scheme(), 20)));
    }
    if holds_user(&url) {
        return Err("it holds a user name or password".into());
    }
    if url.origin() != endpoint.origin() {
        let (theirs, ours) = (url.origin().ascii_serialization(), endpoint.origin().ascii_serialization());
        return Err(format!("it leads to {}, not to {ours}", plain(&theirs, 200)));
    }
    Ok(url)
}

/// Reads the address of a service that is shown a secret.
///
/// # Errors
///
/// Says what is wrong with `login.example` (no scheme), `http://login.example` (a secret would travel
/// in the clear) or `https://user:password@login.example`.
pub fn secure(text: &str) -> Result<Url, Untrusted> {
    let shown = shown(text);
    let url = Url::parse(text.trim()).map_err(|_| {
        format!("\"{shown}\" is not an absolute URL; write one such as \"https://login.microsoftonline.com\"")
    })?;
    if holds_user(&url) {
        return Err(format!("the URL of {} holds a user or a password", url.host_str().unwrap_or_default()));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(format!("\"{shown}\" is not an https URL; plain http may only go to this machine")),
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

/// Returns whether a URL leads to this machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

fn holds_user(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}
