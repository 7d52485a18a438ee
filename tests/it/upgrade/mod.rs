//! The pure core: tables, properties and an outside oracle.

mod action;

mod block;
mod course;
mod estimate;
mod forecast;
mod node_image;
mod os;
pub mod plan;
mod promise;
pub mod sample;
mod support;
mod version;
pub mod window;
