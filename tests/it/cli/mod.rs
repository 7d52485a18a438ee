//! What a person runs.

#[cfg(unix)]
mod demo;
mod reference;
mod status;
