//! What joins Azure and Terraform, as far as one resource shows it.

mod executor;
mod headway;
mod maintenance_configuration;
