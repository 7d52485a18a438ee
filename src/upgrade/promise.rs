//! What an apply now would do.

use jiff::{SignedDuration, Timestamp};

use super::block::Block;
use super::interval::Interval;
use super::plan::{Plan, Step};
use super::window::Windows;

/// The steps that an apply at one instant commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// A prefix of the plan's steps: those estimated to fit into the opening. Empty: an apply now does nothing.
    pub steps: Vec<Step>,
    /// The opening they are laid into.
    pub opening: Option<Interval>,
    /// Why the first step that is not promised is not; `None` when every step is.
    pub held: Option<Block>,
    /// Waited after each pool's step (`rollout.soak`).
    pub soak: SignedDuration,
}

/// What to do when the window is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OutsideWindow {
    /// Nothing; the next plan tries again.
    #[default]
    Defer,
    /// Plan the work; refuse to apply.
    Fail,
    /// Plan the work; wait for the opening.
    Wait,
}

/// Computes what an apply at that instant would do.
#[must_use]
pub fn promise(plan: &Plan, windows: &Windows, outside: OutsideWindow, at: Timestamp) -> Promise {
    todo!("{plan:?} {windows:?} {outside:?} {at}")
}

/// Finds a step that no opening from that instant on can ever hold: [`Block::NeverOpens`] or [`Block::TooShort`].
///
/// Either is a plan-time error, whatever `outside_window` says.
#[must_use]
pub fn impossible(plan: &Plan, windows: &Windows, at: Timestamp) -> Option<Block> {
    todo!("{plan:?} {windows:?} {at}")
}
