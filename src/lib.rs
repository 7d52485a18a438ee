//! Upgrades AKS clusters from Terraform: a plan that says what, when and why not; an apply that keeps it.

pub mod arm;
pub mod cli;
pub mod clock;
pub mod provider;
pub mod simulator;
pub mod terraform;
pub mod upgrade;
