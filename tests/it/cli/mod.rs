//! What a person runs.

#[cfg(unix)]
mod demo;
mod guide;
mod forecast;
mod reference;
mod status;
mod windows;
