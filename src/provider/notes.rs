//! What the process that plans leaves on this machine for the one that applies.
//!
//! Terraform asks for each plan twice, in two processes that see the same, and carries nothing from the first to the
//! second; the protocol does not say which of them is asked. Two things need more than that:
//!
//! - An argument that was unknown is known by the second plan. It must not act on it, for nobody was shown a step.
//! - A preview that was told with the plan is not told again with the apply.
//!
//! A note is an empty file, named by the digest of what it is about. Losing one does no harm: a plan that acts after
//! all contradicts the first one, so that Terraform refuses it, and a preview is told again.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use aws_lc_rs::digest::{Context, SHA256};
use jiff::{SignedDuration, Timestamp};

use crate::clock;

/// A plan that is applied later than that after it was made is refused rather than kept in mind.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A file in the folder that says when old notes were last removed, and for how long nobody needs to look again: a
/// busy machine has a hundred thousand, and a look at each of them takes longer than a plan.
const CLEARED: &str = "cleared";
const CLEARED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Notes in a folder; none are kept by default.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    folder: Option<PathBuf>,
    run: Option<String>,
    /// Old notes are thought of once in the life of a process.
    cleared: Arc<OnceLock<()>>,
}

impl Notes {
    /// Keeps notes in a folder, which is made with the first of them.
    ///
    /// `run` names the Terraform that started this process, and no other one on this machine; without it, what holds
    /// for one run is not kept.
    #[must_use]
    pub fn new(folder: PathBuf, run: Option<String>) -> Self {
        Notes { folder: Some(folder), run, ..Notes::default() }
    }

    /// Leaves a note, for any run that has to do with the same.
    pub fn leave(&self, about: &[&[u8]]) {
        let Some(folder) = &self.folder else { return };
        // Without a folder there are no notes.
        if fs::create_dir_all(folder).is_ok() {
            self.cleared.get_or_init(|| clear(folder));
            let _ = OpenOptions::new().write(true).create_new(true).open(folder.join(name(about)));
        }
    }

    /// Tells whether somebody left a note.
    #[must_use]
    pub fn has(&self, about: &[&[u8]]) -> bool {
        self.folder.as_ref().is_some_and(|folder| folder.join(name(about)).is_file())
    }

    /// Tells whether somebody left a note, and removes it.
    #[must_use]
    pub fn take(&self, about: &[&[u8]]) -> bool {
        self.folder.as_ref().is_some_and(|folder| fs::remove_file(folder.join(name(about))).is_ok())
    }

    /// Tells whether something is new in this run of Terraform, and notes that it is not any more.
    #[must_use]
    pub fn is_new_in_run(&self, about: &[&[u8]]) -> bool {
        let Some(run) = &self.run else { return true };
        let about: Vec<&[u8]> = [run.as_bytes()].into_iter().chain(about.iter().copied()).collect();
        let known = self.has(&about);
        self.leave(&about);
        !known
    }
}

/// Removes what nobody can need any more, once a day on a machine.
fn clear(folder: &Path) {
    let mark = folder.join(CLEARED);
    if fs::metadata(&mark).ok().and_then(|mark| age(&mark)).is_some_and(|age| age < CLEARED_FOR) {
        return;
    }
    let is_old = |entry: &fs::DirEntry| age(&entry.metadata().ok()?).map(|age| age > KEPT);
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for old in entries.filter(|entry| is_old(entry) == Some(true)) {
        // Another process may have been faster.
        let _ = fs::remove_file(old.path());
    }
    // Without the mark the next process looks once more.
    let _ = fs::write(mark, "");
}

fn age(file: &fs::Metadata) -> Option<SignedDuration> {
    Some(clock::now().duration_since(Timestamp::try_from(file.modified().ok()?).ok()?))
}

fn name(about: &[&[u8]]) -> String {
    let mut digest = Context::new(&SHA256);
    for part in about {
        digest.update(&part.len().to_be_bytes());
        digest.update(part);
    }
    digest.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
