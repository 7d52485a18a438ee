//! The arguments that the resources share: windows, blackouts, override, rollout, timeouts.
//!
//! Each file holds an argument's schema and its way into the core's types. Everything wrong with a
//! configuration is found in one pass and attached to its attribute; unknown values are passed
//! over, and the caller is told that there were some.

mod blackouts;
mod over_ride;
mod reader;
mod rollout;
mod timeouts;
mod windows;

pub use blackouts::{blackouts, blackouts_attribute};
pub use over_ride::{override_, override_attribute};
pub use reader::{Findings, Reader};
pub use rollout::{rollout, rollout_attribute};
pub use timeouts::{Timeouts, timeouts, timeouts_attribute};
pub use windows::{windows, windows_attribute};
