//! What a person runs.

#[cfg(unix)]
mod demo;
mod guide;
mod reference;
mod status;
mod windows;
