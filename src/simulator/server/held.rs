//! A state file belongs to one simulator at a time: two would write over each other's worlds.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// A state file that is held, by a lock on a file beside it; the state itself is replaced at every change.
#[derive(Debug)]
pub(super) struct Held {
    beside: PathBuf,
    _lock: File,
}

impl Held {
    /// Holds a state file until it is dropped, or until its process ends, however that happens.
    ///
    /// # Errors
    ///
    /// A sentence when another simulator holds it, or when nothing can be written beside it.
    pub(super) fn of(state: &Path) -> Result<Self, Error> {
        let mut beside = OsString::from(state);
        beside.push(".lock");
        let beside = PathBuf::from(beside);
        let told =
            |kind: ErrorKind| Error::new(kind, format!("{} cannot be written: {kind}", state.display()));
        let lock = File::options().create(true).truncate(false).write(true).open(&beside);
        let lock = lock.map_err(|error| told(error.kind()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Held { beside, _lock: lock }),
            Err(TryLockError::Error(error)) => Err(told(error.kind())),
            Err(TryLockError::WouldBlock) => {
                let message = format!(
                    "another simulator keeps its world in {}. End that one, or give another --state.",
                    state.display()
                );
                Err(Error::new(ErrorKind::WouldBlock, message))
            }
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What stays behind holds nothing.
        let _ = std::fs::remove_file(&self.beside);
    }
}
