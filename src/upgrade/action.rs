//! The next thing to do: start a step, poll, wait until, finish, stop.

use jiff::Timestamp;

use super::block::Block;
use super::cluster::Cluster;
use super::offer::Offers;
use super::plan::Step;
use super::promise::{OutsideWindow, Promise};
use super::window::Windows;

/// The next thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the write that starts this step.
    Start(Step),
    /// Something runs in Azure (ours or somebody else's); look again later. Carries Azure's word for it.
    Poll(String),
    /// Nothing may start before this instant.
    WaitUntil(Timestamp),
    /// Every promised step is done.
    Finish,
    /// The promise cannot be kept.
    Stop(Block),
}

/// Decides the next thing to do, from observation alone.
///
/// `started` is the step that *this* run started last and whose operation has ended since; `None` at the
/// beginning of a run. It is no memory that matters: without it everything is decided alike, except that a
/// step which came to nothing would be started once more.
#[must_use]
pub fn next(
    promise: &Promise,
    cluster: &Cluster,
    offers: &Offers,
    windows: &Windows,
    outside: OutsideWindow,
    started: Option<&Step>,
    now: Timestamp,
) -> Action {
    todo!("{promise:?} {cluster:?} {offers:?} {windows:?} {outside:?} {started:?} {now}")
}
