//! When: days and hours in a zone → windows less blackouts → openings; and the schedules that AKS keeps itself.

pub mod interval;
pub mod zone;
pub mod error;
pub mod days;
pub mod recurrence;
pub mod schedule;
pub mod blackout;
mod openings;
mod windows;
mod words;

pub mod limits;
pub mod aks;
pub mod translate;

pub use openings::{CYCLE, REACH};
pub use windows::{Exemption, LOOKOUT, Windows};
