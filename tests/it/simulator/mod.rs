//! The stand-in Azure: its rules at `World::handle`, and the server over real loopback.

#![allow(clippy::unwrap_used)]

mod fixture;
mod upgrade;
