//! The plugin protocol, spoken as Terraform speaks it: raw messages over a socket.

// Helpers may fail like the tests they serve; clippy only sees the tests.
#![allow(clippy::unwrap_used)]
// They speak over unix sockets.
#![cfg(unix)]

mod action;
mod aks;
mod blocks;
mod client;
mod data_source;
mod descriptor;
mod function;
mod handshake;
mod identity;
mod lifecycle;
mod list;
mod log;
mod metadata;
mod number;
mod saved;
mod strict;
mod real_terraform;
mod toy;
mod transport;
mod value;
