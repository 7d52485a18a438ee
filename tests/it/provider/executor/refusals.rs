//! What does not go together, at its attribute and as a whole sentence.

use serde_json::{Value as Json, json};

use crate::upgrade_run::{Azure, PROD, validated};

/// Asserts everything that is wrong with a block, as `attribute: sentence`.
#[track_caller]
fn wrong(kind: &str, mut block: Json, expected: &[&str]) {
    block["cluster_id"] = PROD.into();
    let found: Vec<String> =
        validated(kind, &block).iter().map(|found| format!("{}: {}", found.path, found.detail)).collect();
    assert_eq!(found, expected);
}

fn window() -> Json {
    json!([{ "days": ["all"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }])
}

#[test]
fn a_policy_of_aks_has_a_channel_and_nothing_of_ours() {
    wrong(
        "aks_upgrade_policy",
        json!({ "kubernetes_version": "1.35", "executor": "aks", "maintenance_window": window() }),
        &[
            "kubernetes_version: With executor = \"aks\" Azure chooses the version. Write a channel instead of kubernetes_version, for example channel = \"stable\", or use executor = \"terraform\".",
        ],
    );
    let ours = |name: &str, value: Json| {
        let mut block = json!({ "channel": "stable", "executor": "aks", "maintenance_window": window() });
        block[name] = value;
        let sentence = format!(
            "{name}: With executor = \"aks\" Azure upgrades by itself and knows no {name}. Remove {name}, or use executor = \"terraform\"."
        );
        wrong("aks_upgrade_policy", block, &[&sentence]);
    };
    ours("exclude_versions", json!(["1.35.1"]));
    ours("allow_preview", json!(true));
    ours("min_age", json!("7d"));
    ours("outside_window", json!("wait"));
    ours("rollout", json!({ "soak": "10m" }));
}

#[test]
fn an_image_of_aks_needs_its_channel() {
    wrong(
        "aks_node_image",
        json!({ "executor": "aks", "maintenance_window": window() }),
        &[
            "channel: With executor = \"aks\" a channel says which images Azure installs. Write channel = \"NodeImage\" or channel = \"SecurityPatch\".",
        ],
    );
    wrong(
        "aks_node_image",
        json!({ "executor": "aks", "channel": "Unmanaged", "maintenance_window": window() }),
        &[
            "channel: \"Unmanaged\" is not a channel of node images. It has to be \"NodeImage\" or \"SecurityPatch\".",
        ],
    );
    wrong(
        "aks_node_image",
        json!({ "channel": "NodeImage", "always_open": true }),
        &[
            "channel: A channel is one of AKS's own, and this provider does the upgrades itself. Remove channel, or write executor = \"aks\".",
        ],
    );
    wrong(
        "aks_node_image",
        json!({ "executor": "kured", "always_open": true }),
        &["executor: \"kured\" is not an executor. It has to be \"terraform\" or \"aks\"."],
    );
}

#[test]
fn what_aks_cannot_express_is_named_in_the_window() {
    wrong(
        "aks_upgrade_policy",
        json!({
            "channel": "stable", "executor": "aks", "cutoff": "30m",
            "maintenance_window": [{ "days": ["saturday", "sunday"], "start": "02:00", "duration": "4h", "time_zone": "UTC" }],
            "blackout": [{ "from": "2026-12-15", "to": "2026-12-16", "time_zone": "UTC" }, { "from": "12-15", "to": "01-05", "yearly": true, "time_zone": "Europe/Berlin" }],
        }),
        &[
            "maintenance_window[0].days: An AKS window opens on one of its days, and 2 are set. Write one, for example days = [\"saturday\"]; for every day write days = [\"all\"]; or use executor = \"terraform\".",
            "blackout[1].time_zone: AKS forbids days in the zone of its window, which is UTC, and the days of this blackout are those of Europe/Berlin. Write time_zone = \"UTC\".",
            "cutoff: AKS starts work as long as its window is open and knows no cutoff. Remove cutoff, or make the window shorter.",
        ],
    );
    wrong(
        "aks_upgrade_policy",
        json!({ "channel": "stable", "executor": "aks" }),
        &[
            "maintenance_window: AKS needs one maintenance_window and none is set. For a cluster that may be upgraded at any time write one with days = [\"all\"], start = \"00:00\", duration = \"24h\" and time_zone = \"UTC\".",
        ],
    );
}

#[test]
fn a_window_that_is_wrong_is_told_once() {
    let block = json!({ "channel": "stable", "executor": "aks", "maintenance_window": [{ "days": ["all"], "start": "2:00", "duration": "4h", "time_zone": "UTC" }] });
    wrong(
        "aks_upgrade_policy",
        block,
        &[
            "maintenance_window[0].start: \"2:00\" is not a time of day; write hours and minutes, for example \"02:00\".",
        ],
    );
}

#[test]
fn with_terraform_nothing_changes() {
    wrong(
        "aks_upgrade_policy",
        json!({ "kubernetes_version": "1.35", "executor": "terraform", "always_open": true }),
        &[],
    );
    let _ = Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"");
}
