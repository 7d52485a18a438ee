//! Azure's clock: its last `Date` header, and the time since.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::clock;

/// A clock that is further off than this is worth a warning.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Azure's clock, which windows are judged by.
#[derive(Default)]
pub(super) struct AzureClock {
    reading: Mutex<Option<Reading>>,
}

/// One reading of Azure's clock.
#[derive(Clone, Copy)]
struct Reading {
    azure: Timestamp,
    taken: Instant,
    ahead_of_us: SignedDuration,
}

impl AzureClock {
    /// Reads the clock from an answer.
    pub(super) fn read(&self, azure: Timestamp) {
        let reading =
            Reading { azure, taken: Instant::now(), ahead_of_us: azure.duration_since(clock::now()) };
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner) = Some(reading);
    }

    /// Returns Azure's present instant; `None` before the first reading.
    pub(super) fn now(&self) -> Option<Timestamp> {
        let reading = self.reading()?;
        reading.azure.checked_add(reading.taken.elapsed()).ok()
    }

    /// Returns by how much it is ahead of this machine's (negative: behind), when that is more than five minutes.
    pub(super) fn skew(&self) -> Option<SignedDuration> {
        self.reading().map(|reading| reading.ahead_of_us).filter(|skew| skew.abs() > TOLERATED_SKEW)
    }

    fn reading(&self) -> Option<Reading> {
        *self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
