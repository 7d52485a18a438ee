//! The demo is the same for everybody, whatever they have set for their own Terraform; it fits a small terminal, and
//! leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// A stand-in for Terraform that prints what it was given, and fails, which the demo shows.
const TELLTALE: &str = "#!/bin/sh\necho \"arguments: $*\"\n/usr/bin/env\nexit 1\n";

#[test]
fn what_is_set_for_another_terraform_does_not_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let terraform = folder.path().join("terraform");
    std::fs::write(&terraform, TELLTALE).unwrap();
    std::fs::set_permissions(&terraform, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .arg("demo")
        .env("PATH", folder.path())
        .env("HOME", folder.path())
        .env("TF_WORKSPACE", "foreign")
        .env("TF_CLI_ARGS", "-foreign")
        .env("TF_CLI_ARGS_plan", "-foreign")
        .env("TF_LOG", "foreign")
        .env("ARM_CLIENT_SECRET", "foreign")
        .env("AZURE_CONFIG_DIR", "foreign")
        .output()
        .unwrap();
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("arguments: ") && told.contains("TF_CLI_CONFIG_FILE="), "{told}");
    assert!(!told.contains("foreign"), "{told}");
    assert!(told.contains(&format!("HOME={}", folder.path().display())), "the rest stays:\n{told}");
}

/// A terminal of this many columns and rows shows the demo in a few pages.
const COLUMNS: usize = 80;
const ROWS: usize = 120;

#[test]
fn it_fits_a_small_terminal_under_headings_in_bold() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo(folder.path()).env("CLICOLOR_FORCE", "1").output().unwrap();
    let painted = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{painted}{}", String::from_utf8_lossy(&output.stderr));
    let told = anstream::adapter::strip_str(&painted).to_string();
    let rows: usize = told.lines().map(|line| line.chars().count().div_ceil(COLUMNS).max(1)).sum();
    assert!(rows <= ROWS, "{rows} rows:\n{told}");
    let headings: Vec<&str> = painted.lines().filter(|line| line.starts_with("\u{1b}[1m")).collect();
    for act in 1..=7 {
        assert!(headings.iter().any(|line| line.contains(&format!("m{act}. "))), "{act}: {headings:?}");
    }
    let step = r#"~ "01 control plane" = "1.34.4 to 1.35.6" -> "1.34.4 to 1.35.6, done""#;
    assert!(told.lines().any(|line| line.trim() == step), "{told}");
    assert_nothing_is_left(folder.path());
}

#[test]
fn an_interrupt_leaves_neither_a_folder_nor_a_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = demo(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    // The provider works: Terraform has started it, and it upgrades.
    assert!(lines.any(|line| line.starts_with("  step 1 of 4: ")));
    let process = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", "--", &process]).status().unwrap().success());
    lines.for_each(drop);
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(told.trim(), "Error: The demo was interrupted; it leaves nothing behind.");
    assert_eq!(output.status.code(), Some(1));
    assert_nothing_is_left(folder.path());
}

/// Builds a demo that keeps its files in a folder.
fn demo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"));
    command.arg("demo").env("TMPDIR", folder);
    command
}

#[track_caller]
fn assert_nothing_is_left(folder: &Path) {
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.is_empty(), "{files:?}");
    let name = folder.to_str().unwrap().as_bytes();
    for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        let is_ours = environment.windows(name.len()).any(|part| part == name);
        assert!(!is_ours, "process {} is left", process.file_name().display());
    }
}
