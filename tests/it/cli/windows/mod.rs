//! `terraform-provider-aks windows`: the real binary, its openings, and crons that an independent crate follows.

mod openings;
mod schedules;

use std::process::{Command, Output};

/// Runs `windows` at an instant, and returns its exit code, what it printed, and what it complained about.
fn windows(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .args(["windows", "--after", "2026-11-26T12:00:00Z"])
        .args(arguments)
        .output()
        .unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Returns what `windows` prints where all is well.
#[track_caller]
fn shows(arguments: &[&str], expected: &str) {
    let (code, said, told) = windows(arguments);
    assert_eq!((code, told.as_str()), (Some(0), ""), "{said}");
    assert_eq!(said, expected);
}
