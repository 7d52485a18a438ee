//! The README is true: its HCL is valid, its commands work.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::terraform::provider::Provider;

use crate::terraform_cli::stage::{Stage, THURSDAY};

const README: &str = include_str!("../../../README.md");

/// Returns the code blocks of a language.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_hcl_is_valid_and_plans() {
    let hcl = *blocks("hcl").first().unwrap();
    let stage = Stage::at(THURSDAY).await;
    let provider = format!("provider \"aks\" {{ endpoint = \"{}\" }}", stage.azure.url());
    assert!(hcl.contains("provider \"aks\" {}"));
    let hcl = hcl.replace("provider \"aks\" {}", &provider);
    stage.file("provider.tf", "locals {\n  prod = \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod\"\n}\n");
    stage.main(&hcl.replace("azurerm_kubernetes_cluster.prod.id", "local.prod"));
    stage.apply().await.succeeds().says("1 added");
    stage.plan().await.is_empty();
}

#[test]
fn the_rehearsal_starts_from_a_real_body() {
    let command =
        blocks("console").into_iter().flat_map(str::lines).find(|line| line.contains("simulate --from"));
    let arguments = command
        .unwrap()
        .trim_start_matches("terraform-provider-aks ")
        .replace("cluster.json", concat!(env!("CARGO_MANIFEST_DIR"), "/examples/simulator/cluster.json"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .args(arguments.split(' '))
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // The resource is the last that it prints.
    let told = lines.map_while(Result::ok).take_while(|line| !line.starts_with("resource "));
    let told: Vec<String> = told.collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(told.first().unwrap().starts_with("SIMULATED Azure at http://127.0.0.1:"), "{told:?}");
    assert!(told.iter().any(|line| line == "provider \"aks\" {"), "{told:?}");
}

#[test]
fn the_two_commands_are_the_ones_that_ci_runs() {
    let ci = include_str!("../../../.ci/run");
    for command in blocks("console").first().unwrap().lines() {
        assert!(ci.lines().any(|line| line.trim() == format!("step {command}")), "{command}");
    }
}

#[test]
fn every_resource_is_introduced() {
    for (file, text) in [("README.md", README), ("CHANGELOG.md", include_str!("../../../CHANGELOG.md"))] {
        for resource in Aks::new(|_| None).resources() {
            let name = resource.type_name();
            assert!(text.contains(&format!("`{name}`")), "{file} does not name `{name}`");
        }
    }
}

#[test]
fn the_rust_it_asks_for_is_the_stated_one() {
    assert!(README.contains(&format!("With Rust ({} or newer)", env!("CARGO_PKG_RUST_VERSION"))));
}

/// The lowest Terraform is the same wherever it is named, and `tests/terraform/run.sh` begins with it.
#[test]
fn the_terraform_it_asks_for_is_the_lowest_that_is_tested() {
    let lowest = include_str!("../../../tests/terraform/run.sh");
    let (_, lowest) = lowest.split_once("releases=\"\n").unwrap();
    let lowest = lowest.split(' ').next().unwrap();
    assert!(README.contains(&format!("Terraform ({lowest} or newer, or OpenTofu)")));
    assert!(Aks::new(|_| None).schema().description.contains(&format!("Terraform {lowest} or newer")));
    let example = include_str!("../../../examples/provider/provider.tf");
    assert!(example.contains(&format!("required_version = \">= {lowest}\"")));
}

/// Whatever is to be typed is run: by this file, by `.ci/run`, or by the test of a guide.
#[test]
fn every_command_is_run_somewhere() {
    let ci = include_str!("../../../.ci/run");
    let guide = include_str!("../../../docs/guides/command-line.md");
    let seen = ["az aks show", "simulate --from", "simulate clock", "status", "forecast"];
    for command in blocks("console").into_iter().flat_map(str::lines).filter(|line| !line.starts_with("  ")) {
        let beside = format!("{command} >");
        let is_step = ci
            .lines()
            .any(|line| line.trim() == format!("step {command}") || line.trim().starts_with(&beside));
        let is_tested = seen.iter().any(|known| command.contains(known)) || guide.contains(command);
        assert!(is_step || is_tested, "{command}");
    }
}

#[test]
fn every_file_it_names_exists() {
    for word in README.split('`').filter(|word| word.contains('/') && !word.contains([' ', '\n', '*'])) {
        let inside =
            ["src/", "examples/", ".ci/", "benches/", "docs/"].iter().any(|folder| word.starts_with(folder));
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(word);
        assert!(!inside || path.exists(), "{word}");
    }
}
