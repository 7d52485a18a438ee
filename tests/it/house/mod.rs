//! The house itself: its floors, its documentation, and who listens to its log.

mod docs;
pub mod listen;
mod map;
mod paths;
mod readme;
mod tidy;
