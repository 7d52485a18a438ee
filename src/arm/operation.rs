//! A long-running operation as a state machine: where to look, and what an answer means.

use std::time::Duration;

use azure_core::http::Url;
use serde_json::Value;

use crate::arm::address::trusted;
use crate::arm::refusal;
use crate::arm::request::Request;
use crate::arm::text::{self, plain};

/// An operation that Azure accepted and that runs whether or not anybody looks.
#[derive(Clone, PartialEq, Eq)]
pub struct Operation {
    source: Source,
    resource: Request,
    refused: Option<String>,
}

/// Where the progress of an operation is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The URL of the `Azure-AsyncOperation` header: a body with a `status`.
    Status(Url),
    /// The URL of the `Location` header: 202 while it runs, 200 or 204 when it is done.
    Location(Url),
    /// The resource itself and its `provisioningState`.
    Resource,
}

/// What one look at an operation shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It runs.
    Running {
        /// Azure's word for it, e.g. `CreatingAgentPools: 1/3 nodes completed`.
        status: String,
        /// How many nodes are done, when Azure says so.
        nodes: Option<Nodes>,
        /// When to look again.
        retry_after: Duration,
    },
    /// It is done. Whether the cluster is where it should be, only reading the cluster tells.
    Succeeded,
    /// It failed.
    Failed {
        /// Azure's code, e.g. `UpgradeFailed`; empty when it gave none.
        code: String,
        /// Azure's message with its details, on one line.
        message: String,
    },
    /// Somebody cancelled it, or AKS itself did.
    Canceled {
        /// Azure's code, e.g. `Canceled`; empty when it gave none.
        code: String,
        /// Azure's message with its details, on one line.
        message: String,
    },
    /// The answer says nothing about the operation: read the resource.
    StatusUnreadable(String),
}

/// How many nodes an operation has finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nodes {
    /// Finished nodes.
    pub done: u32,
    /// All nodes.
    pub of: u32,
}

impl Operation {
    /// Reads where to look from the headers of the answer that accepted a write to `resource`.
    ///
    /// `Azure-AsyncOperation` goes before `Location`. A URL is used exactly as Azure sent it, and only if the
    /// token may go there: the host of `endpoint`, https (http on loopback), absolute, without user name.
    /// Otherwise the resource itself is polled, by the GET request `resource`.
    #[must_use]
    pub fn new(endpoint: &Url, resource: Request, status_url: Option<&str>, location: Option<&str>) -> Self {
        let (named, source): (_, fn(Url) -> Source) = match (status_url, location) {
            (Some(url), _) => (url, Source::Status),
            (None, Some(url)) => (url, Source::Location),
            (None, None) => return Operation { source: Source::Resource, resource, refused: None },
        };
        match trusted(endpoint, named) {
            Ok(url) => Operation { source: source(url), resource, refused: None },
            Err(reason) => {
                Operation { source: Source::Resource, resource, refused: Some(reason.to_string()) }
            }
        }
    }

    /// Returns where the progress is read.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the request that reads the resource.
    #[must_use]
    pub fn resource(&self) -> &Request {
        &self.resource
    }

    /// Returns why the URL that Azure named is not used.
    #[must_use]
    pub fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    /// Polls the resource from now on: the operation's own URL is of no use.
    pub fn look_at_resource(&mut self) {
        self.source = Source::Resource;
    }

    /// Interprets one answer.
    ///
    /// Only the `status` decides: Azure sends transient errors beside `InProgress` and even beside
    /// `Succeeded` (`NotLatestOperation`, recorded 30 times). An error status of the answer itself says
    /// nothing about the operation.
    #[must_use]
    pub fn step(&self, status: u16, body: &[u8], retry_after: Duration) -> Progress {
        let body = match status {
            202 if text::json(body).is_err() => return running("Accepted", retry_after),
            204 if matches!(self.source, Source::Location(_)) => return Progress::Succeeded,
            200..=202 => text::json(body).unwrap_or(Value::Null),
            _ => return Progress::StatusUnreadable(format!("the answer has the HTTP status {status}")),
        };
        let said = match self.source {
            Source::Status(_) => body["status"].as_str(),
            Source::Location(_) if status == 202 => Some("Accepted"),
            Source::Location(_) => Some(provisioning_state(&body).unwrap_or("Succeeded")),
            Source::Resource => provisioning_state(&body),
        };
        match said.filter(|said| !said.trim().is_empty()) {
            Some(said) => interpret(said, &body, retry_after),
            None => Progress::StatusUnreadable("the answer has no status".into()),
        }
    }
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The operation's URL is signed: whoever has it can read the operation.
        write!(f, "Operation on {}", self.resource.call())
    }
}

fn interpret(said: &str, body: &Value, retry_after: Duration) -> Progress {
    match said.to_ascii_lowercase().as_str() {
        "succeeded" => Progress::Succeeded,
        "canceled" | "cancelled" => {
            let (code, message) = reason(body);
            Progress::Canceled { code, message }
        }
        "failed" => {
            let (code, message) = reason(body);
            Progress::Failed { code, message }
        }
        _ => running(said, retry_after),
    }
}

/// Returns the code and the message of an end that was not a good one.
fn reason(body: &Value) -> (String, String) {
    let own = body.get("error").filter(|error| error.is_object());
    let kept = body.pointer("/properties/status/provisioningError");
    let error = own.or(kept).unwrap_or(&Value::Null);
    let code = plain(error["code"].as_str().unwrap_or_default(), 200);
    (code, refusal::message(error))
}

fn running(said: &str, retry_after: Duration) -> Progress {
    let status = plain(said, 200);
    Progress::Running { nodes: nodes(&status), status, retry_after }
}

/// Reads `1/3 nodes completed` at the end of a status.
fn nodes(status: &str) -> Option<Nodes> {
    let (_, counts) = status.strip_suffix(" nodes completed")?.rsplit_once(' ')?;
    let (done, of) = counts.split_once('/')?;
    Some(Nodes { done: done.parse().ok()?, of: of.parse().ok()? })
}

fn provisioning_state(body: &Value) -> Option<&str> {
    body.pointer("/properties/provisioningState").and_then(Value::as_str)
}
