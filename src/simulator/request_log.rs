//! Every request that was served, for a test or a person to read. Never holds a token.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Counts from 1.
    pub number: u64,
    /// The virtual instant at which it was served.
    pub at: Timestamp,
    /// The method, such as `PUT`.
    pub method: String,
    /// The path, without the query: the query of an operation's address is a signature.
    pub path: String,
    /// The query's `api-version`.
    pub api_version: Option<String>,
    /// The status that was sent; none when the connection was cut.
    pub status: Option<u16>,
    /// Whether the request was meant to change something.
    pub write: bool,
    /// The body of a write.
    pub body: Option<Value>,
    /// The `If-Match` header.
    pub if_match: Option<String>,
}

/// Requests in the order in which they were served.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct RequestLog {
    entries: Vec<Entry>,
}

impl RequestLog {
    /// Numbers an entry and keeps it.
    pub(super) fn write(&mut self, mut entry: Entry) {
        entry.number = self.entries.len() as u64 + 1;
        self.entries.push(entry);
    }

    /// Returns all entries.
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}
