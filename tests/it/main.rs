//! One integration crate; each module holds the tests of one room.

mod action;
mod arm;
mod forecast;
mod node_image;
mod plan;
mod promise;
mod protocol;
mod sample;
mod simulator;
mod version;
mod window;
