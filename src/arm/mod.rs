//! Talks to Azure Resource Manager: requests as values, raw bodies edited and never re-typed.
//!
//! In reading order; what stands higher knows nothing of what stands lower.
//!
//! | file | |
//! |---|---|
//! | [`text`], [`redact`] | Pure. What others wrote, and what of it may be shown. |
//! | [`address`], [`id`] | Pure. Where a token may go, what a cluster is called. |
//! | [`request`], [`response`] | Pure. What is asked, and what the answers mean. |
//! | [`permission`] | Pure. What a role has to allow for that. |
//! | [`refusal`], [`error`] | Pure. What Azure says when it refuses, and whatever else goes wrong, as data. |
//! | [`operation`], [`retry`] | Pure. What an answer leads to. |
//! | [`limiter`] | Who may be sent, by the limits that Azure publishes. |
//! | [`transport`] | The HTTPS client. |
//! | `wire` | One request over the wire, once. |
//! | [`token`], `azure_clock` | The bearer token and Azure's clock, which all calls share. |
//! | `send` | The one sender: token, limit, retry, deadline. |
//! | [`client`] | The calls that we make, on the sender. |
//! | `exchange`, [`credential`], [`metadata`] | Where tokens come from, and where a cloud is: asked through a sender without a token. |

pub mod address;
mod azure_clock;
pub mod client;
pub mod credential;
pub mod error;
mod exchange;
pub mod id;
pub mod limiter;
pub mod metadata;
pub mod operation;
pub mod permission;
pub mod redact;
pub mod refusal;
pub mod request;
pub mod response;
pub mod retry;
mod send;
pub mod text;
pub mod token;
pub mod transport;
mod wire;
