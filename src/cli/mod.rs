//! What a person can run.

pub mod simulate;
