//! The recipes of the guides for many clusters, run as they are written.

use serde_json::json;

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

    // What keeps a part of the work from being done, beside steps that are pending, and what lets nothing start.
    let jammy = "os_sku = \"Ubuntu2204\"";
    for (version, pool, wants, says) in [
        ("1.35.6", jammy, "1.37", "Pool system runs Ubuntu2204"),
        ("1.32.5", "", "1.34", "soak cannot be kept"),
        ("1.34.4", "", "1.39", "Azure does not offer 1.39 to this cluster"),
    ] {
        let scenario = scenario
            .replacen("1.34.4", version, 1)
            .replace("mode = \"System\"", &format!("mode = \"System\"\n{pool}"));
        let stage = Stage::of(&scenario).await;
        let soaking = format!("\"{wants}\"\n\n  rollout {{\n    soak = \"10m\"\n  }}");
        let run = stage.main(&recipe.replacen("\"1.35\"", &soaking, 1)).apply().await;
        run.succeeds().says("Warning: Check block assertion failed").says(says);
    }
    let stage = Stage::of(scenario).await;
    let patches = "duration  = \"4h\"\n    applies_to = [\"patch\"]";
    let run = stage.main(&recipe.replacen("duration  = \"4h\"", patches, 1)).apply().await;
    run.succeeds()
        .says("Warning: Check block assertion failed")
        .says("prod: No window ever opens for minor work on the control plane and pool system");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_the_reason_codes_bears_one_code_twice_and_is_quiet_about_what_only_tells() {
    let guide = include_str!("../../../docs/guides/reason-codes.md");
    let recipe = guide.split("```terraform\n").nth(1).unwrap().split("```").next().unwrap();
    let policy = GUIDE.split("resource ").nth(1).unwrap().split("\n}\n").next().unwrap();
    let policy =
        policy.replacen("\"all\"", "\"prod\"", 1).replacen("  for_each           = local.clusters\n", "", 1);
    let id = "\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod\"";
    let policy = policy.replacen("each.value", id, 1);
    let pool = |name: &str, more: &str| format!("[[cluster.pool]]\nname = \"{name}\"\n{more}");
    for (more, says) in
        [("", None), ("power = \"Stopped\"\n", Some("The upgrade of prod needs a person: Pool one"))]
    {
        let pools = [pool("system", "mode = \"System\"\n"), pool("one", more), pool("two", more)].concat();
        let stage = Stage::of(&format!(
            "[clock]\nstart = \"2026-11-26T12:00:00Z\"\ntick = \"30s\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.4\"\n{pools}"
        ))
        .await;
        stage.clock(THURSDAY);
        let run = stage.main(&format!("resource {policy}\n}}\n\n{recipe}")).apply().await;
        run.succeeds();
        match says {
            Some(says) => run.says(says),
            None => run.keeps_quiet_about("Check block assertion failed"),
        };
    }
}

const DYNAMIC: &str = include_str!("../../../examples/windows/dynamic/main.tf");
const MODULE: &str = include_str!("../../../examples/windows/module/main.tf");
const WEEKEND: &str = include_str!("../../../examples/windows/module/weekend/main.tf");

/// Two clusters that are behind.
async fn two() -> Stage {
    let cluster = |name: &str| format!("[[cluster]]\nname = \"{name}\"\nversion = \"1.34.4\"\n");
    let clock = "[clock]\nstart = \"2026-11-26T12:00:00Z\"\ntick = \"30s\"\n";
    Stage::of(&format!("{clock}{}{}", cluster("prod"), cluster("staging"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_that_are_data_are_blocks_and_a_mistyped_key_is_refused() {
    let stage = two().await;
    stage.main(DYNAMIC).apply().await.succeeds();
    stage.plan().await.is_empty();
    for name in ["prod", "staging"] {
        let state = stage.state(&format!("aks_upgrade_policy.all[\"{name}\"]")).await;
        let windows = state["maintenance_window"].as_array().unwrap();
        assert_eq!(
            windows.iter().map(|window| &window["applies_to"]).collect::<Vec<_>>(),
            [&json!(null), &json!(["patch"])]
        );
    }
    let mistyped =
        stage.main(&DYNAMIC.replacen("applies_to = [\"patch\"]", "aplies_to = [\"patch\"]", 1)).plan().await;
    mistyped.fails().says("aplies_to").says("applies_to");
    stage
        .main(&DYNAMIC.replacen("time_zone = \"Europe/Berlin\" }", "timezone = \"Europe/Berlin\" }", 1))
        .plan()
        .await
        .fails();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_has_the_windows_of_all_its_clusters_and_a_mistyped_key_is_refused() {
    let stage = two().await;
    std::fs::create_dir(stage.path("weekend")).unwrap();
    stage.file("weekend/main.tf", WEEKEND);
    stage.main(MODULE).terraform(&["get"]).await.succeeds();
    stage.apply().await.succeeds();
    stage.plan().await.is_empty();
    let steps = stage.terraform(&["output", "-json", "steps"]).await;
    steps
        .says("\"prod\":{\"01 control plane\":\"1.34.4 to 1.35.6\"")
        .says("\"staging\":{\"01 control plane\"");
    stage.file("weekend/main.tf", &WEEKEND.replacen("time_zone", "timezone ", 1));
    stage.plan().await.fails().says("An argument named \"timezone\" is not expected here");
}
