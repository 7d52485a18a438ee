//! The recipe of the guide for many clusters, run as it is written.

use super::stage::{Stage, THURSDAY};

const GUIDE: &str = include_str!("../../../docs/guides/what-to-look-at.md");

#[tokio::test(flavor = "multi_thread")]
async fn the_checks_name_who_needs_a_person_and_the_table_has_a_line_for_each() {
    let recipe = GUIDE.split("```terraform\n").nth(1).unwrap().split("```").next().unwrap();
    let scenario = "[clock]\nstart = \"2026-11-26T12:00:00Z\"\ntick = \"30s\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n[[cluster.pool]]\nname = \"system\"\nmode = \"System\"\n[[cluster]]\nname = \"staging\"\nversion = \"1.35.6\"\n";
    let stage = Stage::of(scenario).await;
    stage.clock(THURSDAY);
    stage.main(recipe).apply().await.succeeds().keeps_quiet_about("Check block assertion failed");
    let table = stage.terraform(&["output", "-raw", "clusters"]).await;
    let printed = GUIDE.split("```text\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(table.text, printed.split_whitespace().collect::<Vec<_>>().join(" "));
    stage.plan().await.is_empty();

    let stopped =
        scenario.replacen("version = \"1.34.4\"", "version = \"1.34.4\"\nupgrade_channel = \"patch\"", 1);
    let stage = Stage::of(&stopped).await;
    let run = stage.main(recipe).apply().await;
    run.succeeds()
        .says("Warning: Check block assertion failed")
        .says("prod: AKS upgrades this cluster by itself");
}
