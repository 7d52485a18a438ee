//! The codes that users match on.

use std::collections::BTreeSet;

use terraform_provider_aks::upgrade::block::Block;

/// The table in the documentation of the module, which users read.
fn documented() -> Vec<(String, String)> {
    let source = include_str!("../../../src/upgrade/block.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let cells = rows.filter_map(|row| row.split_once("` | ")).map(|(code, rest)| {
        let effect = rest.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        (code.to_owned(), effect.to_owned())
    });
    cells.collect()
}

#[test]
fn the_documented_table_names_every_code_once_in_order() {
    let codes: Vec<String> = documented().into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, Block::CODES);
    assert_eq!(BTreeSet::from(Block::CODES).len(), Block::CODES.len());
}

#[test]
fn every_variant_has_a_code_of_the_table() {
    let source = include_str!("../../../src/upgrade/block.rs");
    let arms = source.lines().filter_map(|line| line.trim().strip_prefix("Block::"));
    let codes = arms.filter_map(|arm| arm.split_once(" => \"")).map(|(_, code)| code.trim_end_matches("\","));
    assert_eq!(codes.collect::<Vec<_>>(), Block::CODES);
}

#[test]
fn a_stopped_cluster_and_an_upgrade_channel_stop_everything() {
    let stopping: Vec<String> = documented()
        .into_iter()
        .filter(|(_, effect)| effect.starts_with("stops") && !effect.contains("apply"))
        .map(|(code, _)| code)
        .collect();
    assert_eq!(stopping, ["auto_upgrade_channel_on", "cluster_stopped"]);
    assert!(Block::ClusterStopped.stops() && !Block::ClusterStopped.only_tells());
    let channel = Block::AutoUpgradeChannelOn { channel: "stable".to_owned() };
    assert!(channel.stops(), "Azure refuses a control plane upgrade while it is on");
    let images = Block::AutoUpgradeChannelOn { channel: "node-image".to_owned() };
    assert!(!images.stops() && images.only_tells());
}
