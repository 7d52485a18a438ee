//! One integration crate; each module holds the tests of one room.

// A test may unwrap.
#![allow(clippy::unwrap_used)]

mod action;
mod aks_schedule;
mod arm;
mod block;
mod cassette;
mod credentials;
#[cfg(unix)]
mod demo;
mod docs;
mod estimate;
mod executor;
mod forecast;
mod headway;
mod interruption;
mod listen;
mod maintenance_configuration;
mod node_image;
mod plan;
mod promise;
mod protocol;
mod readme;
mod sample;
mod simulator;
mod status;
mod swagger;
mod terraform_cli;
mod tidy;
mod upgrade_run;
mod version;
mod window;
