//! Telling how far work has come that takes minutes or hours.

/// Where work tells how far it has come: the log, or the terminal of whoever invoked an action.
///
/// Telling never waits and never fails: work is not held up because nobody listens.
pub trait ProgressSink: Send + Sync {
    /// Tells one line, such as `step 2 of 6: pool batch: 1 of 3 nodes`.
    fn tell(&self, message: &str);
}
