//! Answers with the headers that Azure sends.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::simulator::identifier::guid;
use crate::simulator::world::refusal::Refusal;

/// An answer before it has its headers.
#[derive(Debug)]
pub(super) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<Value>,
    /// Whether it is printed as Fleet Manager prints: without spaces, in the order of the letters.
    pub compact: bool,
}

impl Reply {
    /// Answers with a status and a body.
    pub(super) fn json(status: u16, body: Value) -> Self {
        Reply { status, headers: vec![], body: Some(body), compact: false }
    }

    /// Answers with a status alone.
    pub(super) fn empty(status: u16) -> Self {
        Reply { status, headers: vec![], body: None, compact: false }
    }

    /// Adds a header.
    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Prints it as Fleet Manager prints.
    pub(super) fn compact(self) -> Self {
        Reply { compact: true, ..self }
    }

    /// Finishes the answer with the clock, identifiers and limits that Azure sends along.
    pub(super) fn finish(
        self,
        limits: Vec<(String, String)>,
        serial: u64,
        now: Timestamp,
    ) -> Response<Bytes> {
        let body = match self.body.clone() {
            Some(mut body) if self.compact => {
                body.sort_all_objects();
                body.to_string().into_bytes()
            }
            Some(body) => print(&body),
            None => vec![],
        };
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() =
            http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let headers = general(serial, now).into_iter().chain(self.headers);
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).chain(limits);
        for (name, value) in headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        if self.body.is_some() {
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
        }
        response
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Reply { status: refusal.status, headers: refusal.headers, body: Some(refusal.body), compact: false }
    }
}

/// Returns `2026-11-22T09:00:00.0000000Z`, with the seven digits of Azure.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string()
}

/// Prints with the indent of one space that the AKS resource provider uses.
fn print(body: &Value) -> Vec<u8> {
    let mut text = vec![];
    let style = serde_json::ser::PrettyFormatter::with_indent(b" ");
    match body.serialize(&mut serde_json::Serializer::with_formatter(&mut text, style)) {
        Ok(()) => text,
        Err(error) => error.to_string().into_bytes(),
    }
}

fn general(serial: u64, now: Timestamp) -> Vec<(&'static str, String)> {
    let correlation = guid(serial ^ 0xc0de);
    vec![
        ("date", now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        ("cache-control", "no-cache".into()),
        ("pragma", "no-cache".into()),
        ("expires", "-1".into()),
        ("strict-transport-security", "max-age=31536000; includeSubDomains".into()),
        ("x-content-type-options", "nosniff".into()),
        ("x-cache", "CONFIG_NOCACHE".into()),
        ("x-ms-request-id", guid(serial)),
        ("x-ms-routing-request-id", format!("SIMULATOR:{}:{correlation}", now.strftime("%Y%m%dT%H%M%SZ"))),
        ("x-ms-correlation-request-id", correlation),
    ]
}
