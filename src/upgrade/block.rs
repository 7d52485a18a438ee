//! What stands in the way: a closed list of reasons with stable codes.

/// A reason why a step cannot run now, or ever.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {}

impl Block {
    /// Returns the stable code that users may match on, e.g. `window_closed`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match *self {}
    }
}
