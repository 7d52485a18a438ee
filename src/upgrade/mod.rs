//! Decides what may run, when it may run and what to do next: pure functions of values.
//!
//! Two wings that do not know each other meet in [`action::next`]: *what* ([`version`] → [`path`] →
//! [`plan`]) and *when* ([`interval`] → [`schedule`] → [`window`]). Nothing here does I/O, reads a
//! clock or an environment variable, is `async`, or logs. Time is an argument.

pub mod action;
pub mod aks_schedule;
pub mod blackout;
pub mod block;
pub mod cluster;
pub mod duration;
pub mod estimate;
pub mod forecast;
pub mod interval;
pub mod node_image;
pub mod offer;
pub mod os;
pub mod path;
pub mod plan;
pub mod policy;
pub mod promise;
pub mod recurrence;
pub mod schedule;
pub mod text;
pub mod version;
pub mod window;
pub mod zone;

mod progress;
mod rules;
mod slot;
mod target;
