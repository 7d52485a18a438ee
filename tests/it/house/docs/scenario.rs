//! The scenario reference in `docs/guides/` is what the code says of a scenario.
//!
//! `UPDATE_DOCS=1 cargo test --test it house::docs::scenario` writes it anew.

use super::project;

/// The tables of a scenario in order: header, file below `src/simulator`, struct.
const TABLES: [(&str, &str, &str); 19] = [
    ("[clock]", "scenario/settings.rs", "Clock"),
    ("[durations]", "scenario/settings.rs", "Durations"),
    ("[service]", "scenario/settings.rs", "Service"),
    ("[entra]", "scenario/entra.rs", "Entra"),
    ("[catalogue]", "scenario/script.rs", "Offered"),
    ("[[publish]]", "scenario/script.rs", "Publication"),
    ("[[cluster]]", "scenario/cluster_seed.rs", "ClusterSeed"),
    ("[[cluster.pool]]", "scenario/pool_seed.rs", "PoolSeed"),
    ("[[fleet]]", "scenario/fleet.rs", "Fleet"),
    ("[[fleet.member]]", "scenario/fleet.rs", "FleetMember"),
    ("[[fleet.strategy]]", "scenario/fleet.rs", "FleetStrategy"),
    ("[[fleet.strategy.stage]]", "scenario/fleet.rs", "FleetStage"),
    ("[[fleet.run]]", "scenario/fleet.rs", "FleetRun"),
    ("[[quota]]", "scenario/limit.rs", "Quota"),
    ("[[subnet]]", "scenario/limit.rs", "Subnet"),
    ("[[lock]]", "scenario/limit.rs", "Lock"),
    ("[[budget]]", "scenario/limit.rs", "Budget"),
    ("[[outcome]]", "outcome.rs", "Outcome"),
    ("[[fault]]", "faults/mod.rs", "Fault"),
];

/// What stands above the tables.
const HEAD: &str = "---
page_title: \"Scenarios: what the simulator can be told\"
subcategory: \"\"
description: |-
  Every table and key of a scenario of terraform-provider-aks simulate.
---

# Scenarios: what the simulator can be told

For whoever rehearses an upgrade, and what may go wrong with it.

`terraform-provider-aks simulate --scenario scenario.toml` plays a scenario; `--from` takes clusters as `az aks show` or
`az aks list` printed them, several files or folders of them. From another terminal, `simulate clock +2d` and
`simulate clock 2026-11-28T02:00Z` move the clock forward; it cannot go back. Everything has a default. Instants are
RFC 3339, durations such as `\"5m\"` or `\"1h30m\"`.

## What is played

Methods and paths, below a subscription or its resource groups. Everything else is answered with 501
`NotPlayedBySimulator`, and nothing is done.

| path | methods |
|---|---|
| `managedClusters` | GET |
| `managedClusters/NAME` | GET PUT PATCH DELETE |
| `managedClusters/NAME/start`, `stop`, `abort`, `generateUpgradeInsights` | POST |
| `managedClusters/NAME/upgradeProfiles/default`, `availableAgentPoolVersions`, `agentPools`, `maintenanceConfigurations`, `upgradeInsights`, `upgradeInsights/INSIGHT` | GET |
| `managedClusters/NAME/agentPools/POOL` | GET PUT DELETE |
| `managedClusters/NAME/agentPools/POOL/upgradeNodeImageVersion`, `abort`, `completeUpgrade` | POST |
| `managedClusters/NAME/agentPools/POOL/upgradeProfiles/default`, `machines`, `machines/MACHINE` | GET |
| `managedClusters/NAME/maintenanceConfigurations/CONFIG` | GET PUT DELETE |
| `snapshots` | GET |
| `snapshots/SNAPSHOT` | GET PUT PATCH DELETE |
| `locations/REGION/kubernetesVersions`, `nodeImageVersions`, `operations/ID`, `operationresults/ID` | GET |
| `fleets` | GET |
| `fleets/FLEET/members`, `updateStrategies`, `updateRuns`, `autoUpgradeProfiles`, `gates` | GET |
| `fleets/FLEET` | GET PUT PATCH DELETE |
| `fleets/FLEET/listCredentials` | POST |
| `fleets/FLEET/members/MEMBER` | GET PUT PATCH DELETE |
| `fleets/FLEET/updateStrategies/STRATEGY` | GET PUT DELETE |
| `fleets/FLEET/updateRuns/RUN` | GET PUT DELETE |
| `fleets/FLEET/autoUpgradeProfiles/PROFILE` | GET PUT DELETE |
| `fleets/FLEET/updateRuns/RUN/start`, `stop`, `skip` | POST |
| `fleets/FLEET/autoUpgradeProfiles/PROFILE/generateUpdateRun` | POST |
| `fleets/FLEET/gates/GATE` | GET PATCH |

Beside Microsoft.ContainerService: subscriptions, locations, tenants, resource groups (GET, HEAD, PUT), Microsoft.Compute
`locations/REGION/usages` and `skus`, Microsoft.Network `subnets` and `usages` of a network, Microsoft.Authorization
`locks` of a subscription, of a resource group and of any resource in one (GET, PUT, DELETE), `permissions`, and the
sign-in of Entra ID.

## An example with most of it
";

fn source(file: &str) -> String {
    std::fs::read_to_string(project("src/simulator").join(file)).unwrap()
}

/// Returns the example of the module's documentation.
fn example() -> String {
    let text = source("scenario/mod.rs");
    let lines = text.lines().map(|line| line.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""));
    let inside = lines.skip_while(|line| !line.starts_with("let text = r#\"")).skip(1);
    let inside: Vec<&str> = inside.take_while(|line| !line.starts_with("\"#;")).collect();
    assert!(inside.len() > 50, "the example of src/simulator/scenario/mod.rs was not found");
    inside.join("\n")
}

/// Returns what the code says of a struct, and of its fields that can be written.
fn documented(file: &str, name: &str) -> (String, Vec<(String, String)>) {
    let text = source(file);
    let head = text.lines().position(|line| line.contains(&format!("struct {name} {{"))).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let doc = |line: &&str| line.trim_start().strip_prefix("///").map(|text| text.trim().to_owned());
    let mut about: Vec<String> =
        lines[..head].iter().rev().skip_while(|line| line.starts_with("#[")).map_while(doc).collect();
    about.reverse();
    // An example for programmers is none for those who write a scenario.
    about.truncate(about.iter().position(|line| line.starts_with("```")).unwrap_or(about.len()));
    about.retain(|line| !line.is_empty());
    let (mut fields, mut said, mut hidden) = (vec![], vec![], false);
    for line in lines[head + 1..].iter().take_while(|line| **line != "}") {
        if let Some(text) = doc(line) {
            said.push(text);
        } else if line.trim_start().starts_with("#[") {
            hidden |= line.contains("serde(skip");
        } else if let Some((field, _)) = line.split_once(": ") {
            let field = field.rsplit(' ').next().unwrap().to_owned();
            if !hidden {
                assert!(!said.is_empty(), "{file}: {name}.{field} is not documented");
                let kind = line.split_once(": ").unwrap().1.trim_end_matches(',');
                fields.push((field, format!("{}{}", said.join(" "), values(&text, kind))));
            }
            (said, hidden) = (vec![], false);
        }
    }
    (about.join(" "), fields)
}

/// Returns the values of an enumeration, as a scenario writes them, with what the code says of each.
fn values(text: &str, kind: &str) -> String {
    let kind = kind.trim_start_matches("Option<").trim_end_matches('>');
    let Some((before, inside)) = text.split_once(&format!("pub enum {kind} {{\n")) else {
        return String::new();
    };
    let snake = before.lines().rev().take(3).any(|line| line.contains("snake_case"));
    let (mut shown, mut said) = (String::new(), vec![]);
    for line in inside.lines().take_while(|line| *line != "}").map(str::trim) {
        if let Some(text) = line.strip_prefix("///") {
            said.push(text.trim().to_owned());
        } else if let Some(variant) = line.strip_suffix(',') {
            let name = if snake { snake_case(variant) } else { variant.to_owned() };
            shown.push_str(&format!("<br>`{name}`: {}", said.join(" ")));
            said.clear();
        }
    }
    shown
}

fn snake_case(variant: &str) -> String {
    let letter = |(at, c): (usize, char)| {
        let gap = (at > 0 && c.is_ascii_uppercase()).then_some('_');
        gap.into_iter().chain([c.to_ascii_lowercase()])
    };
    variant.chars().enumerate().flat_map(letter).collect()
}

fn page() -> String {
    let mut page = format!("{HEAD}\n```toml\n{}\n```\n", example());
    for (header, file, name) in TABLES {
        let (about, fields) = documented(file, name);
        let about = about.split_once("]`: ").or_else(|| about.split_once("]]`: ")).map_or(
            about.clone(),
            |(_, rest)| {
                let mut letters = rest.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
            },
        );
        page.push_str(&format!("\n## `{header}`\n\n{about}\n\n| key | meaning |\n|---|---|\n"));
        for (field, said) in fields {
            page.push_str(&format!("| `{field}` | {} |\n", said.replace('|', "\\|")));
        }
    }
    page
}

#[test]
fn the_scenario_reference_is_what_the_code_says() {
    let (file, wanted) = (project("docs/guides/scenarios.md"), page());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/guides/scenarios.md differs from the code. Run UPDATE_DOCS=1 cargo test --test it house::docs::scenario, and look at the diff."
    );
}

/// A table that a scenario can have and the reference has not is one that nobody finds.
#[test]
fn the_reference_has_every_table() {
    let text = source("scenario/script.rs");
    let script = text.split("struct Script {").nth(1).unwrap().split("\n}").next().unwrap();
    let names = script
        .lines()
        .filter_map(|line| Some(line.trim().trim_start_matches("pub ").split_once(": ")?.0.to_owned()));
    for name in names {
        let known = |header: &str| header.trim_matches(['[', ']']) == name;
        assert!(TABLES.iter().any(|(header, ..)| known(header)), "the reference lacks [{name}]");
    }
}
