//! One integration crate: a folder for each room of `src`, and four for what only shows when they work together or under attack.

// A test may unwrap.
#![allow(clippy::unwrap_used)]

mod arm;
mod cli;
mod fuzz;
mod house;
mod provider;
mod simulator;
mod terraform;
mod terraform_cli;
mod upgrade;
mod upgrade_run;
