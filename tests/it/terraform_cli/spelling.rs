//! Azure does not tell upper from lower case in an id, and returns another spelling now and then.

use super::stage::{ONE_MINOR, POLICY, PROD, SATURDAY, Stage, THURSDAY};

const ADDRESS: &str = "aks_upgrade_policy.prod";

/// The three resources on one cluster, its id given.
fn everything(cluster: &str) -> String {
    let policy = POLICY.replace("local.prod", cluster);
    let version = |line: &&str| line.trim_start().starts_with("kubernetes_version");
    let images: Vec<&str> = policy.lines().filter(|line| !version(line)).collect();
    let images = images.join("\n");
    format!(
        r#"
resource "aks_upgrade_policy" "prod" {{{policy}}}
resource "aks_node_image" "prod" {{
  depends_on = [aks_upgrade_policy.prod]
{images}
}}
resource "aks_maintenance_configuration" "prod" {{
  cluster_id     = {cluster}
  name           = "aksManagedAutoUpgradeSchedule"
  weekly {{
    interval_weeks = 1
    day_of_week    = "saturday"
  }}
  duration_hours = 4
  start_time     = "02:00"
}}
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn another_spelling_of_the_id_plans_nothing() {
    let stage = Stage::at(THURSDAY).await;
    stage.main(&everything("local.prod")).apply().await.succeeds().says("3 added");
    for spelled in ["lower(local.prod)", "upper(local.prod)", "local.prod"] {
        stage.main(&everything(spelled)).plan().await.is_empty().keeps_quiet_about("replace");
    }
    assert_eq!(stage.state(ADDRESS).await["cluster_id"], PROD);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_goes_on_under_another_spelling() {
    let stage = Stage::at(THURSDAY).await;
    stage.main(&everything("local.prod")).apply().await.succeeds();
    stage.clock(SATURDAY);
    stage
        .main(&everything("lower(local.prod)"))
        .plan()
        .await
        .acts()
        .says("0 to add, 2 to change, 0 to destroy");
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes()[1..], ONE_MINOR);
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spelling_that_was_there_from_the_start_is_kept() {
    let stage = Stage::at(THURSDAY).await;
    let lower = "replace(local.prod, \"resourceGroups\", \"resourcegroups\")";
    stage.policy(&POLICY.replace("local.prod", lower)).apply().await.succeeds();
    stage.plan().await.is_empty();
    assert_eq!(stage.state(ADDRESS).await["id"], PROD.replace("resourceGroups", "resourcegroups"));
    stage.policy(POLICY).plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_by_another_spelling_replaces_nothing() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).terraform(&["import", ADDRESS, &PROD.to_lowercase()]).await.succeeds();
    stage.plan().await.acts().says("0 to add, 1 to change, 0 to destroy");
    stage.apply_saved().await.succeeds();
    stage.plan().await.is_empty();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_cluster_is_another_object() {
    let stage = Stage::at(THURSDAY).await;
    stage.policy(POLICY).apply().await.succeeds();
    stage.policy(&POLICY.replace("local.prod", "\"${local.prod}2\""));
    stage.plan().await.acts().says("forces replacement").says("1 to add, 0 to change, 1 to destroy");
}
