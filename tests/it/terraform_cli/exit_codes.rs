//! What moves a plan's exit code and the outputs, and what does not: time alone never does.

use super::stage::{CLUSTER, ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY};

const OUTPUTS: &str = r#"
output "steps" { value = aks_upgrade_policy.prod.steps }
output "current_version" { value = aks_upgrade_policy.prod.current_version }
output "target_version" { value = aks_upgrade_policy.prod.target_version }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn weeks_of_refreshes_change_neither_the_exit_code_nor_an_output() {
    // Support of 1.34 ends in these weeks, which is more than time.
    let stage = Stage::of(&CLUSTER.replace("1.34.4", "1.35.6")).await;
    stage.file("outputs.tf", OUTPUTS);
    // For two weeks nothing opens.
    let blackout = "blackout {\n  from = \"2026-11-27\"\n  to = \"2026-12-12\"\n  time_zone = \"UTC\"\n  reason = \"year end\"\n}";
    let policy = POLICY.replace("1.35", "1.36");
    stage.policy(&format!("{policy}\n{blackout}")).apply().await.succeeds();
    let outputs = stage.terraform(&["output", "-json"]).await.text;
    assert!(outputs.contains("1.35.6 to 1.36."), "{outputs}");
    for instant in
        ["2026-11-28T01:10:00Z", "2026-12-05T02:00:00Z", "2026-12-07T23:59:00Z", "2026-12-12T12:00:00Z"]
    {
        stage.clock(instant);
        stage.plan().await.is_empty().keeps_quiet_about("Changes to Outputs");
        stage.apply().await.succeeds();
        assert_eq!(stage.terraform(&["output", "-json"]).await.text, outputs, "{instant}");
    }
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_a_changed_argument_and_a_new_resource_are_changes_and_nothing_else_is() {
    let stage = Stage::at(THURSDAY).await;
    stage.file("outputs.tf", OUTPUTS);
    stage.policy(POLICY).plan().await.acts();
    stage.apply_saved().await.succeeds();
    stage.plan().await.is_empty();
    stage.policy(&format!("{POLICY}\n  cutoff = \"20m\"")).plan().await.acts().says("0 to add, 1 to change");
    stage.apply_saved().await.succeeds();
    stage.plan().await.is_empty();
    stage.clock(SATURDAY);
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
    stage.plan().await.is_empty();
}

/// Terraform saves what a plan said of an output, also where the apply that should have made it true fails.
#[tokio::test(flavor = "multi_thread")]
async fn outputs_say_what_was_planned_after_an_apply_that_failed_until_they_are_refreshed() {
    let stage = Stage::at(THURSDAY).await;
    stage.file("outputs.tf", OUTPUTS);
    stage.policy(&format!("{POLICY}\n  outside_window = \"fail\"")).apply().await.succeeds();
    let outputs = async || stage.terraform(&["output", "-json"]).await.text;
    let before = outputs().await;
    stage.plan().await.acts();
    stage.apply_saved().await.fails();
    assert!(outputs().await.contains("1.34.4 to 1.35.6, done"), "the guide's advice is for nothing");
    let steps = stage.state("aks_upgrade_policy.prod").await["steps"].to_string();
    assert!(!steps.contains("done"), "the resource is true: {steps}");
    stage.terraform(&["apply", "-refresh-only", "-auto-approve", "-input=false"]).await.succeeds();
    assert_eq!(outputs().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_is_added_outside_a_window_moves_an_output_once() {
    let stage = Stage::of(&CLUSTER.replace("1.34.4", "1.35.6")).await;
    stage.file("outputs.tf", OUTPUTS);
    stage.policy(POLICY).apply().await.succeeds();
    stage.policy(&format!("{POLICY}\n  node_image {{}}")).plan().await.acts().says("+ \"01 image system\"");
    stage.apply_saved().await.succeeds();
    stage.plan().await.is_empty().keeps_quiet_about("Changes to Outputs");
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_is_told_once_and_the_next_one_again() {
    let stage = Stage::at(SATURDAY).await;
    let count = |text: &str, summary: &str| text.matches(summary).count();
    for run in [stage.policy(POLICY).plan().await, stage.apply().await] {
        assert_eq!(count(&run.text, "Warning: Upgrade preview"), 1, "{}", run.text);
    }
    let partly = "Warning: A part of the upgrade is done now";
    stage.clock("2026-11-28T04:30:00Z");
    let run = stage.apply().await;
    assert_eq!(count(&run.text, partly), 1, "{}", run.text);
}

/// Rules that count days, and what Azure offers anew, move an output once: the apply that follows saves it, and touches
/// nothing. The guide says so.
async fn moves_an_output_until_it_is_saved(scenario: &str, resource: &str, at: &str) {
    let stage = Stage::of(scenario).await;
    stage.clock(THURSDAY);
    let address =
        resource.split('"').filter(|text| *text != " ").skip(1).take(2).collect::<Vec<_>>().join(".");
    stage.file("outputs.tf", &format!("output \"steps\" {{ value = {address}.steps }}\n"));
    stage.main(resource).apply().await.succeeds();
    stage.plan().await.is_empty();
    stage.clock(at);
    stage.plan().await.acts().says("You can apply this plan to save these new output values");
    stage.plan().await.acts();
    stage.apply().await.succeeds();
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}

fn saturdays(kind: &str, more: &str) -> String {
    let window = POLICY.split("maintenance_window").nth(1).unwrap();
    format!(
        "resource \"{kind}\" \"prod\" {{\n  cluster_id = local.prod\n  {more}\n  maintenance_window{window}}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_age_that_is_reached_moves_an_output_until_it_is_saved() {
    // 45 days after 19 October, a Thursday.
    let old = saturdays("aks_node_image", "max_age = \"45d\"");
    moves_an_output_until_it_is_saved(CLUSTER, &old, "2026-12-03T12:00:00Z").await;
    // Seventeen days after 16 November.
    let young = saturdays("aks_node_image", "min_age = \"17d\"");
    moves_an_output_until_it_is_saved(CLUSTER, &young, "2026-12-03T12:00:00Z").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_support_moves_an_output_until_it_is_saved() {
    let policy = saturdays("aks_upgrade_policy", "kubernetes_version = \"1.35\"");
    moves_an_output_until_it_is_saved(CLUSTER, &policy, "2026-12-17T12:00:00Z").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_azure_offers_anew_moves_an_output_until_it_is_saved() {
    let policy = saturdays("aks_upgrade_policy", "kubernetes_version = \"1.35\"");
    let publish = "\n[[publish]]\nat = \"2026-11-27T06:00:00Z\"\nversion = \"1.35.7\"\n";
    moves_an_output_until_it_is_saved(&format!("{CLUSTER}{publish}"), &policy, "2026-11-27T12:00:00Z").await;
}

/// What the guides promise of exit codes and outputs is what these tests show.
#[test]
fn the_guides_name_what_moves_an_output() {
    let guide = include_str!("../../../docs/guides/what-to-look-at.md")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let says = "What Azure offers anew moves them, and so do rules that count days: `max_age`, `min_age`, and the end of support of a version.";
    assert!(guide.contains(says), "{guide}");
    for page in [
        include_str!("../../../README.md"),
        include_str!("../../../DESIGN.md"),
        include_str!("../../../docs/index.md"),
        include_str!("../../../docs/guides/pipelines.md"),
    ] {
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        for promise in ["never move by time alone", "time alone never moves", "which time never moves"] {
            assert!(!page.contains(promise), "{promise:?} is more than is kept");
        }
    }
}
