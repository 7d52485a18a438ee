//! What lies in the state: of a newer provider, damaged, or not refreshed.

use serde_json::{Value, json};

use super::stage::{ONE_MINOR, POLICY, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// A policy that was applied on Thursday and whose saved state somebody edited.
async fn edited(edit: impl FnOnce(&mut Value)) -> Stage {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let mut state: Value = serde_json::from_str(&stage.read("terraform.tfstate")).unwrap();
    edit(&mut state["resources"][0]["instances"][0]);
    stage.file("terraform.tfstate", &state.to_string());
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_of_a_newer_provider_is_refused() {
    let stage = edited(|instance| instance["schema_version"] = 7.into()).await;
    stage.plan().await.fails().says("Error: Resource instance managed by newer provider version");
    stage.apply().await.fails();
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_of_an_older_provider_gains_what_it_lacks() {
    let stage = edited(|instance| {
        instance["schema_version"] = 1.into();
        let attributes = instance["attributes"].as_object_mut().unwrap();
        for (block, attribute) in [("maintenance_window", "maintenance_windows"), ("blackout", "blackouts")] {
            let written = attributes.remove(block).unwrap();
            attributes.insert(attribute.to_owned(), written);
        }
        attributes.remove("next_window");
        attributes.insert("dropped_since".to_owned(), true.into());
    })
    .await;
    stage.plan().await.is_empty();
    stage.apply().await.succeeds();
    assert!(stage.state(ADDRESS).await["next_window"]["start"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn private_bytes_that_nobody_knows_are_passed_over() {
    // `{"v":99}` and no JSON at all, in base64.
    for unknown in ["eyJ2Ijo5OX0=", "AAECAw=="] {
        let stage = edited(|instance| instance["private"] = unknown.into()).await;
        let blind = stage.terraform(&["plan", "-refresh=false", "-detailed-exitcode"]).await;
        blind.is_empty().says("Warning: Not observed yet").says("without -refresh=false");
        stage.clock(SATURDAY);
        stage.plan().await.acts();
        stage.apply_saved().await.succeeds();
        assert_eq!(stage.writes(), ONE_MINOR);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_of_a_cluster_is_small() {
    let stage = Stage::at(THURSDAY).await;
    let image =
        "resource \"aks_node_image\" \"prod\" {\n  cluster_id  = local.prod\n  always_open = true\n}\n";
    stage.policy(POLICY);
    stage.file("image.tf", image);
    stage.apply().await.succeeds();
    let state: Value = serde_json::from_str(&stage.read("terraform.tfstate")).unwrap();
    let mut sizes: Vec<(&str, usize)> = Vec::new();
    for resource in state["resources"].as_array().unwrap() {
        let kept = resource["instances"][0]["private"].as_str().unwrap();
        sizes.push((resource["type"].as_str().unwrap(), kept.len()));
    }
    let of = |kind: &str| sizes.iter().find(|(name, _)| *name == kind).unwrap().1;
    // In base64, as the state file has it; three pools. A region's versions are most of a policy's.
    assert!(of("aks_upgrade_policy") <= 768, "{sizes:?}");
    assert!(of("aks_node_image") <= 256, "{sizes:?}");
    let whole: usize =
        state["resources"].as_array().unwrap().iter().map(|one| one["instances"][0].to_string().len()).sum();
    assert!(whole <= 4096, "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_without_a_refresh_asks_nobody() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    let asked = stage.azure.log().len();
    stage.terraform(&["plan", "-refresh=false"]).await.succeeds();
    assert_eq!(stage.azure.log().len(), asked);
    stage.plan().await.is_empty();
    let log = stage.azure.log();
    assert!(log.len() > asked && log.iter().all(|entry| entry.method == "GET"), "a refresh only reads");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_that_is_too_short_is_told_at_plan() {
    let stage = Stage::at(THURSDAY).await;
    let short = format!("{POLICY}  timeouts {{ update = \"20m\" }}\n");
    stage.policy(&short).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage
        .plan()
        .await
        .acts()
        .says("Warning: The timeout is shorter than the work")
        .says("timeouts.update is 20m");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_holds_what_a_report_needs() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY);
    stage.file("outputs.tf", "output \"late\" {\n  value = { for at, one in { prod = aks_upgrade_policy.prod } : at => keys(one.steps) if one.status != \"up_to_date\" }\n}\n");
    stage.apply().await.succeeds();
    let run = stage.terraform(&["output", "-json", "late"]).await;
    run.says(
        &json!({ "prod": ["01 control plane", "02 pool system", "03 pool batch", "04 pool shop"] })
            .to_string(),
    );
}
