//! What the guide and the README say about looking ahead, run as they show it.

use terraform_provider_aks::cli::real_terraform;
use tokio::process::Command;

use super::stage::{POLICY, PROD, Stage, THURSDAY};

const GUIDE: &str = include_str!("../../../docs/guides/looking-ahead.md");
const README: &str = include_str!("../../../README.md");

fn blocks(text: &'static str, language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

/// Runs commands in the folder of a stage as a person would, and returns what they printed.
async fn runs(stage: &Stage, commands: &str) -> String {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_terraform-provider-aks")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let output = Command::from(real_terraform::command("sh", &stage.path(""), &["-e", "-c", commands]))
        .env("PATH", path)
        .env("ARM_RESOURCE_MANAGER_ENDPOINT", stage.azure.url())
        .env("ARM_SUBSCRIPTION_ID", PROD.split('/').nth(2).unwrap())
        .env("CLUSTER_ID", PROD)
        .output()
        .await
        .unwrap();
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{commands}\n{said}{complained}");
    said.into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_guide_do_what_it_says() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let commands = blocks(GUIDE, "console");
    assert_eq!(commands.len(), 4);
    let mut said = Vec::new();
    for block in commands {
        said.push(runs(&stage, block).await);
    }
    assert_eq!(said[0].trim_end(), blocks(GUIDE, "text")[0]);
    assert!(
        said[1].starts_with("prod: ") && said[1].contains("\"cluster_id\": \"/subscriptions/"),
        "{}",
        said[1]
    );
    assert!(said[2].contains("prod: 4 steps to 1.35.6, done by about Sat 2026-11-28"), "{}", said[2]);
    // From 1 December on, it is the Saturday after, and 1.34 has left support: Azure moves the cluster as a whole.
    assert!(said[2].contains("prod: 1 step to 1.35.6, done by about Sat 2026-12-05 0"), "{}", said[2]);
    assert!(
        stage.read("comment.md").starts_with("### prod: 4 steps to 1.35.6, done by about Sat 2026-11-28")
    );
    assert_eq!(stage.read("upgrades.ics").matches("BEGIN:VEVENT").count(), 4);
    let page = stage.read("upgrades.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("prod: pool shop 1.34.4 to 1.35.6, Sat"));
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_the_guide_tells_what_comes_too_late() {
    let stage = Stage::at(THURSDAY).await;
    let configuration =
        blocks(GUIDE, "terraform")[0].replace("azurerm_kubernetes_cluster.prod.id", "local.prod");
    for (freeze, is_late) in [("2026-12-15", false), ("2026-11-28", true)] {
        stage.main(&configuration.replace("2026-12-15", freeze));
        let said = runs(&stage, "terraform plan -no-color").await;
        assert!(said.contains("what_stops = []") && said.contains("BEGIN:VCALENDAR"), "{said}");
        let warns =
            said.contains("Check block assertion failed") && said.contains("### prod: 4 steps to 1.35.6");
        assert_eq!(warns, is_late, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_of_the_readme_work() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let of_forecast: Vec<&str> =
        blocks(README, "console").into_iter().filter(|block| block.contains(" forecast ")).collect();
    assert_eq!(of_forecast.len(), 1);
    runs(&stage, of_forecast[0]).await;
    assert!(stage.read("upgrades.html").contains("prod: control plane 1.34.4 to 1.35.6, Sat"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_module_and_a_cluster_that_is_not_known_yet() {
    let stage = Stage::at(THURSDAY).await;
    std::fs::create_dir(stage.path("team")).unwrap();
    let policy = POLICY.replace("local.prod", "var.id");
    let requires = "terraform {\n  required_providers {\n    aks = { source = \"aks-upgrades/aks\" }\n  }\n}\nvariable \"id\" {}\n";
    stage.file(
        "team/main.tf",
        &format!("{requires}resource \"aks_upgrade_policy\" \"this\" {{\n{policy}\n}}\n"),
    );
    stage.main("resource \"terraform_data\" \"new\" {\n  input = local.prod\n}\nmodule \"known\" {\n  source = \"./team\"\n  id = local.prod\n}\nmodule \"new\" {\n  source = \"./team\"\n  id = terraform_data.new.output\n}\n");
    runs(&stage, "terraform init >init.log 2>&1 || true; terraform get >get.log").await;
    let said = runs(&stage, "terraform plan -out=tfplan >plan.log\nterraform show -json tfplan > plan.json\nterraform-provider-aks forecast --from plan.json 2>&1 || echo code $?").await;
    assert!(said.contains("prod: 4 steps to 1.35.6, done by about Sat 2026-11-28"), "{said}");
    let unknown = "Error: module.new.aks_upgrade_policy.this: Arguments not known yet: module.new.aks_upgrade_policy.this: cluster_id is known only after apply";
    assert!(said.contains(unknown) && said.ends_with("code 1\n"), "{said}");
}
