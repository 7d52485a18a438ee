//! One integration crate: a folder for each room of `src`, and three for what only shows when they work together.

// A test may unwrap.
#![allow(clippy::unwrap_used)]

mod arm;
mod cli;
mod house;
mod provider;
mod simulator;
mod terraform;
mod terraform_cli;
mod upgrade;
mod upgrade_run;
