//! What a window or a blackout may not be.

/// A rule that a window or blackout breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WindowError {
    /// The attribute to point at, e.g. `duration`.
    pub attribute: &'static str,
    /// What is wrong, what was given, and a correct example.
    pub message: String,
}

impl WindowError {
    pub(super) fn new(attribute: &'static str, message: impl Into<String>) -> WindowError {
        WindowError { attribute, message: message.into() }
    }

    /// Refuses a list that was written but is empty: it might mean "never" or "always".
    ///
    /// To windows and blackouts an empty list means that the attribute was left out, so whoever reads the
    /// configuration has to tell the two apart.
    #[must_use]
    pub fn empty_list(attribute: &'static str) -> WindowError {
        let message = format!("The list {attribute} is empty; leave {attribute} out, or name at least one.");
        WindowError { attribute, message }
    }

    /// Refuses a list that names something twice.
    pub(super) fn twice<T: PartialEq>(attribute: &'static str, list: &[T]) -> Result<(), WindowError> {
        let again =
            list.iter().enumerate().find(|(n, item)| list.iter().take(*n).any(|earlier| earlier == *item));
        match again {
            Some((n, _)) => Err(WindowError::new(
                attribute,
                format!("The list {attribute} names its element {} twice; write each one once.", n + 1),
            )),
            None => Ok(()),
        }
    }
}
