//! Speaks Terraform's provider protocol 6: a small framework that knows no Azure.
//!
//! A provider is a type with a schema, a `configure` and a list of resources; a resource is a
//! type with a schema and four functions: validate, read, plan, apply ([`resource`]).

pub mod diagnostic;
pub mod handler;
pub mod handshake;
pub mod json;
pub mod listener;
pub mod log;
pub mod msgpack;
pub mod number;
pub mod plugin;
pub mod proto;
pub mod resource;
pub mod rules;
pub mod schema;
pub mod serve;
pub mod service;
pub mod tls;
pub mod value;
