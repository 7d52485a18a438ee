//! One integration crate; each module holds the tests of one room.

mod action;
mod arm;
mod plan;
mod protocol;
mod sample;
mod simulator;
mod version;
mod window;
