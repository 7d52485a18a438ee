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

/// A rule that counts days moves an output once: the apply that follows saves it, and touches nothing.
#[tokio::test(flavor = "multi_thread")]
async fn an_age_that_is_reached_moves_an_output_until_it_is_saved() {
    let stage = Stage::at(THURSDAY).await;
    stage.file("outputs.tf", "output \"steps\" { value = aks_node_image.prod.steps }\n");
    let window = POLICY.split("maintenance_window").nth(1).unwrap();
    stage.images(&format!("cluster_id = local.prod\nmax_age = \"45d\"\nmaintenance_window{window}"));
    stage.apply().await.succeeds();
    stage.plan().await.is_empty();
    // 45 days after 19 October, a Thursday.
    stage.clock("2026-12-03T12:00:00Z");
    stage.plan().await.acts().says("You can apply this plan to save these new output values");
    stage.apply().await.succeeds();
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}
