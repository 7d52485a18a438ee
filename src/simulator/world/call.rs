//! A request taken apart.

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use jiff::Timestamp;
use serde_json::Value;

use crate::simulator::request_log::Entry;
use crate::simulator::world::cluster::Object;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::route::{self, Route};

/// A request taken apart.
pub(super) struct Call {
    pub method: Method,
    pub route: Route,
    /// The words of the path, decoded.
    pub words: Vec<String>,
    /// The path as it was written.
    pub path: String,
    /// The query as it was written.
    pub query: String,
    /// Scheme and host under which the caller reached us.
    pub base: String,
    pub body: Bytes,
    pub content_type: Option<String>,
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    /// The token; never kept.
    pub bearer: Option<String>,
}

impl Call {
    pub(super) fn of(request: Request<Bytes>) -> Self {
        let (parts, body) = request.into_parts();
        let header = |name: &str| text_header(&parts.headers, name);
        let scheme = parts.uri.scheme_str().unwrap_or("http");
        let host = parts.uri.authority().map(|authority| authority.as_str().to_owned());
        let host = host.or_else(|| header("host")).unwrap_or_else(|| "localhost".into());
        Call {
            route: Route::of(parts.uri.path()),
            words: route::words(parts.uri.path()),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            base: format!("{scheme}://{host}"),
            body,
            content_type: header("content-type"),
            if_match: header("if-match").filter(|value| !value.is_empty()),
            if_none_match: header("if-none-match").filter(|value| !value.is_empty()),
            bearer: header("authorization")
                .and_then(|value| value.strip_prefix("Bearer ").map(str::to_owned))
                .filter(|token| !token.is_empty()),
            method: parts.method,
        }
    }

    /// Returns a parameter of the query; names in any case, names and values decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.into_owned())
    }

    pub(super) fn json(&self) -> Result<Object, Refusal> {
        let kind = self.content_type.as_deref().map(|kind| kind.split(';').next().unwrap_or_default().trim());
        if let Some(kind) = kind.filter(|kind| !kind.eq_ignore_ascii_case("application/json")) {
            return Err(Refusal::unsupported_media_type(kind));
        }
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(Refusal::bad_body()),
        }
    }

    pub(super) fn entry(&self, at: Timestamp, status: Option<u16>) -> Entry {
        let write = self.is_write();
        Entry {
            number: 0,
            at,
            method: self.method.to_string(),
            path: format!("/{}", self.words.join("/")),
            api_version: self.parameter("api-version"),
            status,
            write,
            body: if write { serde_json::from_slice(&self.body).ok() } else { None },
            if_match: self.if_match.clone(),
        }
    }

    /// Tells whether it is for Resource Manager or below.
    pub(super) fn is_of_arm(&self) -> bool {
        self.words.first().is_some_and(|word| word.eq_ignore_ascii_case("subscriptions"))
    }

    /// Tells whether it is for a resource provider itself, such as for the list of its operations.
    pub(super) fn is_of_a_provider(&self) -> bool {
        self.words.first().is_some_and(|word| word.eq_ignore_ascii_case("providers"))
    }

    /// Tells whether it is meant to change something; asking for a token is not.
    pub(super) fn is_write(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD && !matches!(self.route, Route::Token)
    }
}

fn text_header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
