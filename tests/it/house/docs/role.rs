//! The role of the guide is the one that the client needs.

use serde_json::Value;
use terraform_provider_aks::arm::permission::{Need, ROLE, Scope};

use super::project;

fn guide() -> String {
    std::fs::read_to_string(project("docs/guides/security.md")).unwrap()
}

/// Returns the first block of a language.
fn block(language: &str) -> String {
    let guide = guide();
    let (_, rest) = guide.split_once(&format!("```{language}\n")).unwrap();
    rest.split("\n```").next().unwrap().to_owned()
}

fn actions() -> Vec<&'static str> {
    ROLE.iter().map(|permission| permission.action).collect()
}

#[test]
fn the_json_holds_the_role() {
    let role: Value = serde_json::from_str(&block("json")).unwrap();
    let listed: Vec<&str> =
        role["Actions"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect();
    assert_eq!(listed, actions());
}

#[test]
fn the_hcl_holds_the_role() {
    let hcl = block("terraform");
    let (_, list) = hcl.split_once("actions = [\n").unwrap();
    let lines = list.split("]\n").next().unwrap().lines().map(|line| line.trim().trim_matches([',', '"']));
    let listed: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    assert_eq!(listed, actions());
}

#[test]
fn the_table_says_what_each_action_is_for() {
    let guide = guide();
    for permission in &ROLE {
        let scope = match permission.scope {
            Scope::Cluster => "cluster",
            Scope::Subscription => "subscription",
        };
        let need = match permission.need {
            Need::Always => "every plan and apply",
            Need::Images => "`node_image`, `aks_node_image`, and the repair of a pool on an old image",
            Need::AksWindows => "`executor = \"aks\"` and `aks_maintenance_configuration`",
            Need::Telling => "nobody",
        };
        let row = format!("| `{}` | {scope} | {need} | {} |\n", permission.action, permission.what);
        assert!(guide.contains(&row), "docs/guides/security.md lacks {row}");
    }
}
