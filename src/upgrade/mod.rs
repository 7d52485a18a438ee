//! Decides what may run, when it may run and what to do next: pure functions of values.
//!
//! Two wings that do not know each other meet in [`action::next`]: *what* ([`cluster`] × [`policy`] → [`plan`])
//! and *when* ([`window`]). Nothing here does I/O, reads a clock or an environment variable, is `async`, or
//! logs. Time is an argument. The modules stand in the order in which they are best read.

// Words and values.
pub mod text;
pub mod duration;
pub mod version;
pub mod node_image;
pub mod os;
pub mod kind;

// What is, and what is wanted.
pub mod offer;
pub mod cluster;
pub mod aks_channel;
pub mod seen;
pub mod policy;
pub mod step;
pub mod block;

// What, and when.
pub mod plan;
pub mod window;

// What now.
pub mod slot;
pub mod forecast;
pub mod promise;
mod progress;
pub mod attempted;
pub mod action;
