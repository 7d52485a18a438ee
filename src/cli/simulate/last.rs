//! Which simulators were started on this machine, by this person, and which last.

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
        let others = Self::noted(note).into_iter().filter(|other| other.url != self.url);
        let all: Vec<Self> = [self.clone()].into_iter().chain(others).take(NOTED).collect();
        std::fs::write(note, serde_json::to_vec(&all)?)
    }

    /// Returns those that were started and have not said that they end, the last one first.
    #[must_use]
    pub fn noted(note: &Path) -> Vec<Self> {
        std::fs::read(note).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
    }

    /// Takes the note of this one back.
    ///
    /// # Errors
    ///
    /// As of [`Served::note`].
    pub fn forget(&self, note: &Path) -> std::io::Result<()> {
        let others: Vec<Self> = Self::noted(note).into_iter().filter(|other| other != self).collect();
        if others.is_empty() {
            std::fs::remove_file(note)
        } else {
            std::fs::write(note, serde_json::to_vec(&others)?)
        }
    }
}

/// How many are remembered: one that was killed never takes its note back.
const NOTED: usize = 16;

/// Returns the file of the note: in a folder that belongs to this person alone, where there is one.
#[must_use]
pub fn note_file(variable: impl Fn(&str) -> Option<String>) -> PathBuf {
    let own = ["XDG_RUNTIME_DIR", "LOCALAPPDATA", "HOME"].into_iter().find_map(variable);
    own.map_or_else(std::env::temp_dir, PathBuf::from).join(".terraform-provider-aks-simulator.json")
}
