//! Which simulator was started last on this machine, by this person.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where a simulator serves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// The address, without a slash at its end.
    pub url: String,
    /// The file with its certificate authority, when it serves HTTPS.
    pub ca: Option<PathBuf>,
}

impl Served {
    /// Notes that this one was started last.
    ///
    /// # Errors
    ///
    /// The note cannot be written: its folder is read-only.
    pub fn note(&self, note: &Path) -> std::io::Result<()> {
        std::fs::write(note, serde_json::to_vec(self)?)
    }

    /// Returns the one that was started last, if it has not ended.
    #[must_use]
    pub fn last(note: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(note).ok()?).ok()
    }

    /// Takes the note back, unless another one was started since.
    pub fn forget(&self, note: &Path) {
        if Self::last(note).as_ref() == Some(self) {
            // The note may be gone already: that is what is wanted.
            let _ = std::fs::remove_file(note);
        }
    }
}

/// Returns the file of the note: in a folder that belongs to this person alone, where there is one.
#[must_use]
pub fn note_file(variable: impl Fn(&str) -> Option<String>) -> PathBuf {
    let own = ["XDG_RUNTIME_DIR", "LOCALAPPDATA", "HOME"].into_iter().find_map(variable);
    own.map_or_else(std::env::temp_dir, PathBuf::from).join(".terraform-provider-aks-simulator.json")
}
