//! The real Terraform against the built provider and the simulator: what a user sees.
//!
//! Each scenario is a list of steps: HCL, command, what is said, the state, the writes that Azure saw.

mod configuration;
mod lifecycle;
mod misfortune;
mod modes;
mod moved;
mod spelling;
pub mod stage;
mod windows;
