//! A clock that stands, runs, or runs fast.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::simulator::scenario;
use crate::simulator::world::later;

/// The virtual clock: an instant, when it was read, and how fast it runs from there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Clock {
    virtually: Timestamp,
    really: Timestamp,
    speed: f64,
    tick: SignedDuration,
}

impl Clock {
    pub(super) fn new(start: &scenario::Clock) -> Self {
        Clock {
            virtually: start.start,
            really: clock::now(),
            speed: start.speed.unwrap_or(0.0),
            tick: start.tick,
        }
    }

    /// Returns the virtual instant.
    pub(super) fn now(&self) -> Timestamp {
        let gone = clock::now().duration_since(self.really).as_secs_f64() * self.speed;
        later(
            self.virtually,
            SignedDuration::try_from_secs_f64(gone.max(0.0)).unwrap_or(SignedDuration::ZERO),
        )
    }

    /// Returns how far one tick is.
    pub(super) fn each(&self) -> SignedDuration {
        self.tick
    }

    /// Moves on by one tick, after a served request.
    pub(super) fn tick(&mut self) {
        if self.speed == 0.0 {
            self.virtually = later(self.virtually, self.tick);
        }
    }

    /// Goes to an instant that is not over.
    ///
    /// # Errors
    ///
    /// A sentence for an instant that is over: what has happened stays.
    pub(super) fn go_to(&mut self, at: Timestamp) -> Result<(), String> {
        let now = self.now();
        if at < now {
            let now = now.strftime("%Y-%m-%dT%H:%M:%SZ");
            return Err(format!(
                "It is {now} here, and the clock cannot go back to {at}: what has happened stays. Start a new simulator for that."
            ));
        }
        self.set(at);
        Ok(())
    }

    fn set(&mut self, now: Timestamp) {
        self.virtually = now;
        self.really = clock::now();
    }

    /// Returns how fast it runs.
    pub(super) fn speed(&self) -> f64 {
        self.speed
    }

    /// Goes forward; a span below zero leaves it where it is.
    pub(super) fn advance(&mut self, by: SignedDuration) {
        self.set(later(self.now(), by.max(SignedDuration::ZERO)));
    }

    pub(super) fn set_speed(&mut self, speed: f64) {
        self.set(self.now());
        self.speed = speed;
    }

    pub(super) fn set_tick(&mut self, tick: SignedDuration) {
        self.tick = tick;
    }

    /// Fixes the position, to be kept in a file.
    pub(super) fn pinned(&self) -> Self {
        let mut pinned = self.clone();
        pinned.set(self.now());
        pinned
    }

    /// Goes on from a kept position: no time has passed meanwhile.
    pub(super) fn resumed(mut self) -> Self {
        self.really = clock::now();
        self
    }
}
