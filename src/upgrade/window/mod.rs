//! When: days and hours in a zone → windows less blackouts → openings; and the schedules that AKS keeps itself.
//!
//! # Reading order
//!
//! - time: [`interval`], [`zone`], [`days`], [`recurrence`];
//! - what a person writes: [`schedule`], [`blackout`] from one [`edge`] to the other, what either is limited to
//!   ([`scope`]), what neither may be ([`error`]), and how either is shown ([`display`]);
//! - when something may start: [`openings`] of one kind of work, [`windows`](mod@windows) for all;
//! - what AKS keeps: its own schedule ([`aks`]), its [`limits`], and the way into it ([`translate`]).

pub mod interval;
pub mod zone;
pub mod edge;
pub mod error;
pub mod days;
pub mod scope;
pub mod recurrence;
pub mod schedule;
pub mod blackout;
mod openings;
mod windows;
mod display;

pub mod limits;
pub mod aks;
pub mod translate;

pub use openings::{CYCLE, LOOKOUT};
pub use windows::{Exemption, Windows};
