//! The guide of the command line: each of its commands runs, and prints what the guide shows; those of the README that look
//! at clusters run, too.

use std::path::Path;

use terraform_provider_aks::cli::real_terraform;
use tokio::process::Command;

use crate::terraform_cli::stage::{POLICY, PROD, Stage, THURSDAY};

const GUIDE: &str = include_str!("../../../docs/guides/command-line.md");
const README: &str = include_str!("../../../README.md");

/// Returns each block of commands of a page, and what it shows of its output where it does.
fn blocks(page: &'static str) -> Vec<(&'static str, Option<&'static str>)> {
    let blocks = page.split("```console\n").skip(1).map(|rest| {
        let (commands, rest) = rest.split_once("\n```\n").unwrap();
        let shown = rest.strip_prefix("\n```text\n").map(|rest| rest.split("```\n").next().unwrap());
        (commands, shown)
    });
    blocks.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_guide_runs_and_prints_what_is_shown() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY);
    stage.apply().await.succeeds();
    let programs = Path::new(env!("CARGO_BIN_EXE_terraform-provider-aks")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let looks = |commands: &str| ["status", "forecast"].iter().any(|command| commands.contains(command));
    let looking = blocks(README).into_iter().filter(|(commands, _)| looks(commands));
    let looking: Vec<_> = looking.map(|(commands, _)| (commands, None)).collect();
    assert_eq!(looking.len(), 2, "{looking:?}");
    let blocks = blocks(GUIDE);
    assert!(blocks.len() > 5);
    for (commands, shown) in blocks.into_iter().chain(looking) {
        let mut bash = Command::from(real_terraform::command(
            "bash",
            &stage.path(""),
            &["-euo", "pipefail", "-c", commands],
        ));
        let bash = bash
            .env("PATH", &path)
            .env("CLUSTER_ID", PROD)
            .env("ARM_SUBSCRIPTION_ID", "00000000-0000-0000-0000-000000000000")
            .env("ARM_RESOURCE_MANAGER_ENDPOINT", stage.azure.url());
        let output = bash.output().await.unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{commands}\n{told}");
        if let Some(shown) = shown {
            assert_eq!(String::from_utf8_lossy(&output.stdout), shown, "{commands}");
        }
    }
    let pages = std::fs::read_dir(stage.path("man1")).unwrap().count();
    assert!(pages > 5, "{pages} manual pages");
    assert!(stage.read("clusters.json").contains("\"state\": \"idle\""));
}

/// The table of the guide is the one that `--help` prints.
#[test]
fn the_exit_codes_are_the_same_everywhere() {
    let output =
        std::process::Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks")).arg("--help").output();
    let help = String::from_utf8(output.unwrap().stdout).unwrap().to_lowercase();
    let rows = GUIDE
        .split("## Exit codes")
        .nth(1)
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit());
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len(), 4);
    for row in rows {
        let (code, meaning) = row.trim_matches(['|', ' ']).split_once(" | ").unwrap();
        let line = format!("  {code}  {}", meaning.trim_end_matches('.').replace('`', "").to_lowercase());
        assert!(help.contains(&line), "{line}");
    }
}
