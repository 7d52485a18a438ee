//! What joins Azure and Terraform, as far as one resource shows it.

mod arguments;
mod executor;
mod functions;
mod maintenance_configuration;
mod packed;
mod progress_log;
mod steps;
