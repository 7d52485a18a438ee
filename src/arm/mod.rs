//! Talks to Azure Resource Manager: requests as values, raw bodies edited and never re-typed.

pub mod client;
pub mod credential;
pub mod error;
pub mod id;
pub mod operation;
pub mod request;
pub mod response;
pub mod retry;
