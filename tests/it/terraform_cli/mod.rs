//! The real Terraform against the built provider and the simulator: what a user sees.
//!
//! Each scenario is a list of steps: HCL, command, what is said, the state, the writes that Azure saw.

mod configuration;
mod exit_codes;
mod forecast;
mod generated;
mod goals;
mod lifecycle;
mod meanwhile;
mod memory;
mod misfortune;
mod modes;
mod moved;
mod older_state;
mod one_owner;
mod owners;
mod recipe;
mod rendered;
mod spelling;
pub mod stage;
mod unread;
mod windows;
