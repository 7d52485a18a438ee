//! Azure's clock: its last `Date` header, and the time since.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::clock;

/// A clock that is further off than this is worth a warning.
const TOLERATED_SKEW: SignedDuration = SignedDuration::from_mins(5);

/// Azure's clock, which windows are judged by.
#[derive(Default)]
pub(super) struct AzureClock {
    /// From the last answer that was a success: what windows are judged by.
    reading: Mutex<Option<Reading>>,
    /// From the last answer of any kind: what may keep a write from going out late, and opens nothing.
    latest: Mutex<Option<Reading>>,
}

/// One reading of Azure's clock.
#[derive(Clone, Copy)]
struct Reading {
    azure: Timestamp,
    taken: Instant,
    ahead_of_us: SignedDuration,
}

impl AzureClock {
    /// Reads the clock from an answer that is a success.
    pub(super) fn read(&self, azure: Timestamp) {
        self.hear(azure);
        *locked(&self.reading) = Some(Reading::of(azure));
    }

    /// Reads the clock from a refusal, which a proxy may have sent.
    pub(super) fn hear(&self, azure: Timestamp) {
        *locked(&self.latest) = Some(Reading::of(azure));
    }

    /// Returns Azure's present instant; `None` before the first reading.
    pub(super) fn now(&self) -> Option<Timestamp> {
        self.reading()?.now()
    }

    /// Returns the present instant by whatever answered last.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        let latest = *locked(&self.latest);
        latest?.now()
    }

    /// Returns by how much it is ahead of this machine's (negative: behind), when that is more than five minutes.
    pub(super) fn skew(&self) -> Option<SignedDuration> {
        self.reading().map(|reading| reading.ahead_of_us).filter(|skew| skew.abs() > TOLERATED_SKEW)
    }

    fn reading(&self) -> Option<Reading> {
        *locked(&self.reading)
    }
}

impl Reading {
    fn of(azure: Timestamp) -> Self {
        Reading { azure, taken: Instant::now(), ahead_of_us: azure.duration_since(clock::now()) }
    }

    fn now(self) -> Option<Timestamp> {
        self.azure.checked_add(self.taken.elapsed()).ok()
    }
}

fn locked(reading: &Mutex<Option<Reading>>) -> MutexGuard<'_, Option<Reading>> {
    reading.lock().unwrap_or_else(PoisonError::into_inner)
}
