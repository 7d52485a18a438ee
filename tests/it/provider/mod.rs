//! What joins Azure and Terraform, as far as one resource shows it.

mod arguments;
mod bad_input;
mod executor;
mod functions;
mod generated;
mod maintenance_configuration;
mod notes;
mod packed;
mod progress_log;
mod steps;
