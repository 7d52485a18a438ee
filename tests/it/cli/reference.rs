//! What clap tells of the commands: help, completions, manual pages.

use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks")).args(arguments).output().unwrap()
}

fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the commands that `--help` lists.
fn commands() -> Vec<String> {
    let help = said(&["--help"]);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn every_command_says_what_it_does_in_its_first_line() {
    let commands = commands();
    assert!(commands.len() > 5, "{commands:?}");
    for command in commands.iter().filter(|command| *command != "help") {
        let help = said(&[command, "--help"]);
        let (first, rest) = help.split_once('\n').unwrap();
        assert!(first.starts_with(|c: char| c.is_uppercase()), "{command}: {first}");
        assert!(rest.starts_with('\n'), "the first line of {command} is a whole sentence:\n{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 130), "{command}:\n{help}");
    }
}

#[test]
fn the_exit_codes_are_told() {
    let help = said(&["--help"]);
    assert!(help.contains("Exit codes:\n  0  it was done\n"), "{help}");
    assert_eq!(run(&["nonsense"]).status.code(), Some(2));
}

#[test]
fn every_shell_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = said(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell} does not know {command}");
        }
    }
    let bash = Command::new("bash").arg("-n").stdin(Stdio::piped()).spawn();
    let mut bash = bash.unwrap();
    std::io::Write::write_all(bash.stdin.as_mut().unwrap(), said(&["completions", "bash"]).as_bytes())
        .unwrap();
    drop(bash.stdin.take());
    assert!(bash.wait().unwrap().success(), "bash cannot read it");
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let page = said(&["man"]);
    assert!(page.contains(".TH terraform-provider-aks 1"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man/man1");
    said(&["man", "--into", pages.to_str().unwrap()]);
    for command in commands() {
        let page = pages.join(format!("terraform-provider-aks-{command}.1"));
        assert!(page.exists() || command == "help", "{}", page.display());
    }
    let below_a_file = pages.join("terraform-provider-aks.1/man1");
    let output = run(&["man", "--into", below_a_file.to_str().unwrap()]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("Error: the manual pages cannot be written into {}: ", below_a_file.display());
    assert!(told.starts_with(&expected), "{told}");
}
