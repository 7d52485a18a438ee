//! Scenarios that cannot be played, and the example.

use std::path::Path;
use terraform_provider_aks::simulator::scenario::Scenario;

#[track_caller]
fn wrong(text: &str, expected: &[&str]) {
    let said = Scenario::parse(text, Path::new(".")).unwrap_err().to_string();
    for part in expected {
        assert!(said.contains(part), "{said:?} does not say {part:?}");
    }
}

#[test]
fn a_mistake_names_its_key_and_line() {
    wrong("[clock]\nstrat = 1", &["line 2", "unknown field `strat`"]);
    wrong("[clock]\nstart = \"yesterday\"", &["line 2", "yesterday"]);
    wrong("[durations]\n\nsettings = \"8 parsecs\"", &["line 3", "parsecs"]);
    wrong(
        "[[cluster]]\nname = \"prod\"\nversion = \"1.x\"",
        &["[[cluster]] number 1", "`version`", "\"1.x\" is not a Kubernetes version"],
    );
    wrong("[[cluster]]\nversion = \"1.34.2\"", &["[[cluster]] number 1", "`name` is missing"]);
    wrong(
        "[[cluster]]\nfrom = \"none.json\"",
        &["[[cluster]] number 1", "`from`", "none.json cannot be read"],
    );
    wrong("[[publish]]\nat = \"2026-11-22T00:00:00Z\"", &["[[publish]] number 1", "version = \"1.35.7\""]);
    wrong("[clock]\nspeed = -1", &["[clock] speed: a clock does not run at speed -1;"]);
    wrong("[clock]\ntick = \"-1s\"", &["[clock] tick: \"-PT1S\" is below zero."]);
    wrong("[durations]\nabort = \"-5m\"", &["[durations] abort: \"-PT5M\" is below zero."]);
    let twice = "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n[[cluster]]\nname = \"PROD\"\nversion = \"1.35.1\"";
    wrong(twice, &["the cluster prod in resource group rg", "is given twice."]);
    wrong("[[fault]]\ndoes = \"explode\"", &["line 2", "explode"]);
}

#[test]
fn the_example_plays() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/simulator");
    let text = std::fs::read_to_string(dir.join("scenario.toml")).unwrap();
    assert_eq!(Scenario::parse(&text, &dir).unwrap().clusters[0].name, "prod");
}
