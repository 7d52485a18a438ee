//! Notes on this machine, from the process that plans to the one that applies.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use terraform_provider_aks::clock;
use terraform_provider_aks::provider::notes::Notes;

/// Makes a note that somebody left so many days ago.
fn left_days_ago(folder: &Path, name: &str, days: u64) {
    let file = File::create(folder.join(name)).unwrap();
    file.set_modified(SystemTime::from(clock::now()) - Duration::from_secs(days * 24 * 3600)).unwrap();
}

#[test]
fn a_note_is_there_until_it_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let notes = || Notes::new(folder.path().to_owned(), None);
    assert!(!notes().has(&[b"a"]));
    notes().leave(&[b"a"]);
    assert!(notes().has(&[b"a"]) && !notes().has(&[b"b"]));
    assert!(notes().take(&[b"a"]) && !notes().take(&[b"a"]));
}

#[test]
fn what_is_new_is_new_once_in_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let run = |name: &str| Notes::new(folder.path().to_owned(), Some(name.to_owned()));
    assert!(run("1").is_new_in_run(&[b"a"]) && !run("1").is_new_in_run(&[b"a"]));
    assert!(run("2").is_new_in_run(&[b"a"]));
}

/// A refresh of a thousand clusters leaves as many notes, and must not look through the folder for each.
#[test]
fn old_notes_are_removed_once_in_the_life_of_a_process() {
    let folder = tempfile::tempdir().unwrap();
    left_days_ago(folder.path(), "old", 8);
    left_days_ago(folder.path(), "young", 6);
    let notes = Notes::new(folder.path().to_owned(), None);
    notes.leave(&[b"a"]);
    let is_there = |name: &str| folder.path().join(name).exists();
    assert!(!is_there("old") && is_there("young"));
    left_days_ago(folder.path(), "older", 9);
    notes.clone().leave(&[b"b"]);
    assert!(is_there("older"), "nobody looked");
    Notes::new(folder.path().to_owned(), None).leave(&[b"c"]);
    assert!(!is_there("older"));
}
