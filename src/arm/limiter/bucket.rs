//! A token bucket.

use std::time::Duration;

use tokio::time::Instant;

use crate::arm::limiter::limit::Limit;

/// A token bucket, as the instant at which it is full again: exact, and nothing has to fill it.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    limit: Limit,
    full_at: Instant,
    /// Until then Azure wants nothing, whatever else it says is left.
    closed_until: Instant,
}

impl Bucket {
    /// Starts with a bucket that others may have used a moment ago, such as the process before this one.
    #[must_use]
    pub fn new(limit: Limit, now: Instant) -> Self {
        let mut bucket = Bucket { limit, full_at: now, closed_until: now };
        bucket.set(now, limit.at_first());
        bucket
    }

    /// Sets how many tokens there are, as Azure says: of its own, of which we leave some to others.
    pub fn believe(&mut self, now: Instant, remaining: u32) {
        self.set(now, remaining.saturating_sub(self.limit.reserve()));
    }

    fn set(&mut self, now: Instant, tokens: u32) {
        let missing = self.limit.ours().saturating_sub(tokens);
        self.full_at = now + self.limit.interval() * missing;
    }

    /// Returns how long it takes until there is a token.
    #[must_use]
    pub fn wait(&self, now: Instant) -> Duration {
        let filled = self.full_at.saturating_duration_since(now + self.spent());
        filled.max(self.closed_until.saturating_duration_since(now))
    }

    /// Takes a token; call it when there is one.
    pub fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.limit.interval();
    }

    /// Empties the bucket: the next token is there after that wait.
    pub fn empty(&mut self, now: Instant, wait: Duration) {
        self.full_at = self.full_at.max(now + wait + self.spent());
        self.closed_until = self.closed_until.max(now + wait);
    }

    /// Returns how long a bucket fills that has just come to its first token.
    fn spent(&self) -> Duration {
        self.limit.interval() * (self.limit.ours() - 1)
    }
}
