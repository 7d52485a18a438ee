//! One integration crate; each module holds the tests of one room.

// A test may unwrap.
#![allow(clippy::unwrap_used)]

mod action;
mod arm;
mod block;
mod cassette;
mod credentials;
mod estimate;
mod forecast;
mod node_image;
mod plan;
mod promise;
mod protocol;
mod readme;
mod sample;
mod simulator;
mod swagger;
mod terraform_cli;
mod tidy;
mod version;
mod window;
