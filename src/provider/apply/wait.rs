//! Waiting in an apply: for the cluster's turn, for time to pass, for an answer.

use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio_util::sync::CancellationToken;

use crate::arm::client::{Client, Out};
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::provider::azure::Azure;

/// How long an interrupted apply waits for the answer of a write that was sent.
const LAST_ANSWER: Duration = Duration::from_secs(1);

/// How long an interrupted apply may take to look at the cluster once more.
pub const LAST_LOOK: Duration = Duration::from_secs(3);

/// The longest pause between two looks at work that is not ours, in poll intervals.
const SELDOM: u32 = 6;

/// How an apply waits: no longer than its timeout, and not after a Ctrl-C.
#[derive(Clone, Copy)]
pub struct Waiter<'a> {
    /// Gives the turns: one operation per cluster.
    pub azure: &'a Azure,
    /// Its deadline is the resource's timeout.
    pub client: &'a Client,
    /// The cluster.
    pub cluster: &'a ClusterId,
    /// Cancelled by the first Ctrl-C.
    pub stop: &'a CancellationToken,
}

/// Why a wait ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// The first Ctrl-C.
    Stopped,
    /// The timeout of the resource.
    Deadline,
}

impl Waiter<'_> {
    /// Waits for the cluster's turn.
    pub async fn turn(self) -> Result<OwnedMutexGuard<()>, Interrupt> {
        let left = self.client.left();
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Interrupt::Stopped),
            turn = self.azure.turn(self.cluster) => Ok(turn),
            () = tokio::time::sleep(left.unwrap_or_default()), if left.is_some() => Err(Interrupt::Deadline),
        }
    }

    /// Waits for time to pass; a pause that would outlast the timeout is not begun.
    pub async fn pause(self, pause: Duration) -> Result<(), Interrupt> {
        if self.client.left().is_some_and(|left| left <= pause) {
            return Err(Interrupt::Deadline);
        }
        self.until_stopped(tokio::time::sleep(pause)).await
    }

    /// Bounds a growing pause: what takes long already is looked at less often.
    pub fn patience(self, pause: Duration) -> Duration {
        let least = self.client.poll_interval();
        pause.clamp(least, least * SELDOM)
    }

    /// Returns how long to wait before looking again: longer each time, and at least as long as Azure asks.
    pub fn after_trouble(self, error: &Error, failures: u32) -> Duration {
        let patience = self.patience(self.client.poll_interval() * failures);
        error.retry_after().unwrap_or_default().max(patience)
    }

    /// Stays with a write.
    ///
    /// An interrupt leaves a write that is not out yet: nothing was changed. One that is out has a moment for
    /// its answer, since Azure may have accepted it.
    pub async fn write<T>(
        self,
        out: &Out,
        write: impl Future<Output = Result<T, Error>>,
    ) -> Result<Result<T, Error>, Interrupt> {
        let patience = async {
            self.stop.cancelled().await;
            if out.is_out() {
                tokio::time::sleep(LAST_ANSWER).await;
            }
        };
        tokio::select! {
            biased;
            written = write => Ok(written),
            () = patience => {
                if !out.is_out() {
                    return Err(Interrupt::Stopped);
                }
                Ok(Err(Error::Ambiguous { call: "The write".to_owned(), last: None, retry_after: None }))
            }
        }
    }

    /// Waits for a look at what was written: for a moment only, once interrupted.
    pub async fn last_look<T>(self, look: impl Future<Output = T>) -> Result<T, Interrupt> {
        let patience = async {
            self.stop.cancelled().await;
            tokio::time::sleep(LAST_LOOK).await;
        };
        tokio::select! {
            biased;
            seen = look => Ok(seen),
            () = patience => Err(Interrupt::Stopped),
        }
    }

    /// Waits for something that may be left at any point.
    pub async fn until_stopped<T>(self, work: impl Future<Output = T>) -> Result<T, Interrupt> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Interrupt::Stopped),
            done = work => Ok(done),
        }
    }
}
