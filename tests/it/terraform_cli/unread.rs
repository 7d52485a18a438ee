//! Plans that cannot know what to do: their applies save the arguments and the facts, and start nothing.

use serde_json::json;

use super::stage::{ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// A policy whose `min_age` is known only once another resource has been applied.
fn aged(age: &str) -> String {
    format!(
        "resource \"terraform_data\" \"age\" {{\n  input = \"{age}\"\n}}\nresource \"aks_upgrade_policy\" \"prod\" {{\n{POLICY}\n  min_age = terraform_data.age.output\n}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_argument_starts_nothing_and_no_version_becomes_younger() {
    let stage = Stage::at(THURSDAY).await;
    stage.main(&aged("1d")).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage.main(&aged("30h")).plan().await.acts().says("Warning: Not observed yet").says(
        "prod: an argument is known only after apply, so no step is promised: this apply saves the arguments and \
         what Azure shows, and starts nothing. Plan again for the steps.",
    );
    stage.apply_saved().await.succeeds().says("Warning: Saved, not upgraded yet").says(
        "prod: the arguments were saved and nothing was started. A window is open until Sat 2026-11-28 06:00 \
         Europe/Berlin. Plan and apply again to upgrade it: 4 steps, first the control plane 1.34.4 -> 1.35.6.",
    );
    assert_eq!(stage.writes(), [""; 0]);
    let state = stage.state(ADDRESS).await;
    assert_eq!((&state["min_age"], &state["status"]), (&json!("30h"), &json!("pending")));
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR, "1.35.6 was seen on Thursday, more than 30 hours ago");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_argument_without_anything_observed_starts_nothing() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let mut state: serde_json::Value = serde_json::from_str(&stage.read("terraform.tfstate")).unwrap();
    state["resources"][0]["instances"][0].as_object_mut().unwrap().remove("private");
    stage.file("terraform.tfstate", &state.to_string());
    stage.clock(SATURDAY);
    stage.policy(&format!("{POLICY}\n  cutoff = \"30m\""));
    let blind = stage.terraform(&["apply", "-refresh=false", "-auto-approve"]).await;
    blind.succeeds().says("Warning: Not observed yet").says("Run the plan without -refresh=false.");
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.state(ADDRESS).await["next_window"]["end"], "2026-11-28T05:00:00Z", "facts are read");
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), ONE_MINOR);
}
