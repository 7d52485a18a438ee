//! What a person runs.

#[cfg(unix)]
mod demo;
mod status;
