//! What a fault says in Azure's place.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;

use crate::simulator::faults::{Fault, FaultKind};

impl Fault {
    pub(super) fn answer(&self, now: Timestamp) -> Response<Bytes> {
        let (status, body) = match self.does {
            FaultKind::Redirect => (307, String::new()),
            FaultKind::EtagMismatch => (409, etag_mismatch()),
            _ => (503, String::new()),
        };
        let status = self.status.unwrap_or(status);
        let html = self.does == FaultKind::Html;
        let body = self.body.clone().unwrap_or_else(|| match self.does {
            FaultKind::Html => page(status),
            FaultKind::Answer => error(status),
            _ => body,
        });
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        let content_type = if html { "text/html" } else { &self.content_type };
        let mut set = |name, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        };
        set("content-type", content_type);
        set("date", &now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
        if let Some(seconds) = self.retry_after {
            set("retry-after", &seconds.to_string());
        }
        if self.does == FaultKind::Redirect {
            set("location", &self.to);
        }
        response
    }
}

/// The words were recorded; they name no cluster, for which the path would have to be read.
fn etag_mismatch() -> String {
    serde_json::json!({
        "code": "EtagMismatch",
        "details": [{ "code": "Unspecified", "message": "rpc error: code = FailedPrecondition desc = Etag mismatched" }],
        "message": "Operation is not allowed: Another operation is in progress",
        "subcode": "PutManagedClusterAndAgentPools_FailedPrecondition",
    })
    .to_string()
}

fn error(status: u16) -> String {
    let (code, message) = match status {
        429 => ("TooManyRequests", "The request is being throttled."),
        502 => (
            "BadGatewayConnection",
            "The network connectivity issue encountered for 'Microsoft.ContainerService'; cannot fulfill the request.",
        ),
        504 => (
            "GatewayTimeout",
            "The gateway did not receive a response from 'Microsoft.ContainerService' within the specified time period.",
        ),
        503 => ("ServiceUnavailable", "The service is unavailable."),
        _ => ("InternalServerError", "Encountered internal server error."),
    };
    serde_json::json!({ "error": { "code": code, "message": message } }).to_string()
}

fn page(status: u16) -> String {
    format!(
        "<html>\r\n<head><title>{status} Bad Gateway</title></head>\r\n<body>\r\n<center><h1>{status} Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
}
