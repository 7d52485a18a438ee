//! Talks to Azure Resource Manager: requests as values, raw bodies edited and never re-typed.
//!
//! Read [`request`] and [`response`] first: what is asked and what the answers mean, as pure functions.
//! [`operation`], [`retry`] and [`error`] decide what an answer leads to, pure as well. [`client`] is
//! the only place that sends anything to Azure Resource Manager, with a token from [`credential`], when the
//! [`limiter`] lets it, over [`transport`]. [`metadata`] asks a cloud for its own addresses.

pub mod client;
pub mod credential;
pub mod error;
mod exchange;
pub mod id;
pub mod limiter;
pub mod metadata;
pub mod operation;
pub mod request;
pub mod response;
pub mod retry;
mod send;
pub mod token;
pub mod transport;
