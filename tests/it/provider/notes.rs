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

/// A refresh of a thousand clusters leaves as many notes in each of many processes, and none of them looks through the
/// folder once somebody did that day.
#[test]
fn old_notes_are_removed_once_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let is_there = |name: &str| folder.path().join(name).exists();
    let leave_one = || Notes::new(folder.path().to_owned(), None).leave(&[b"a"]);
    left_days_ago(folder.path(), "old", 8);
    left_days_ago(folder.path(), "young", 6);
    leave_one();
    assert!(!is_there("old") && is_there("young"));

    left_days_ago(folder.path(), "older", 9);
    leave_one();
    assert!(is_there("older"), "somebody looked");

    left_days_ago(folder.path(), "cleared", 1);
    leave_one();
    assert!(!is_there("older"));
    left_days_ago(folder.path(), "older", 9);
    leave_one();
    assert!(is_there("older"), "the mark is not that of today");
}
