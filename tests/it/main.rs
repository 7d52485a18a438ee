//! One integration crate; each module holds the tests of one room.

// A test may unwrap.
#![allow(clippy::unwrap_used)]

mod action;
mod arm;
mod block;
mod cassette;
mod estimate;
mod forecast;
mod node_image;
mod plan;
mod promise;
mod protocol;
mod sample;
mod simulator;
mod swagger;
mod version;
mod window;
