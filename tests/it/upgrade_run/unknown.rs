//! An argument that is known only after apply: nothing starts that no plan showed.

use serde_json::json;

use super::scene::{ALL, upgraded, wanting_135};

const ADDRESS: &str = "aks_upgrade_policy.prod";

#[tokio::test(start_paused = true)]
async fn what_no_plan_showed_does_not_start_whichever_argument_is_unknown() {
    for argument in ["kubernetes_version", "min_age", "cutoff", "outside_window"] {
        let (azure, terraform) = wanting_135().await;
        terraform.hide(ADDRESS, argument);
        let plan = terraform.plan().await;
        assert_eq!(plan.only().promised(), [""; 0]);
        let planned = plan.only().planned();
        assert_eq!(planned["current_version"], "1.34.9", "a fact");
        assert_eq!(planned["steps"], "(known after apply)");
        assert_eq!(plan.warnings("Not observed yet").len(), 1);
        terraform.apply(&plan).await.unwrap();
        assert_eq!(azure.tried(), [""; 0], "{argument}");
        terraform.up().await;
        upgraded(&azure, &terraform).await;
    }
}

#[tokio::test(start_paused = true)]
async fn another_machine_without_the_note_is_refused_by_terraform() {
    let (azure, terraform) = wanting_135().await;
    let terraform = terraform.without_notes();
    terraform.hide(ADDRESS, "kubernetes_version");
    let plan = terraform.plan().await;
    let error = terraform.apply(&plan).await.unwrap_err();
    assert_eq!(error.summary, "Provider produced inconsistent final plan");
    assert_eq!(azure.tried(), [""; 0]);
    terraform.up().await;
    assert_eq!(azure.writes(), ALL);
}

#[tokio::test(start_paused = true)]
async fn with_nothing_to_start_an_unknown_argument_is_saved_on_any_machine() {
    let (azure, terraform) = wanting_135().await;
    terraform.up().await;
    let terraform = terraform.without_notes();
    terraform.edit(ADDRESS, "min_age", json!("2h"));
    terraform.hide(ADDRESS, "min_age");
    let plan = terraform.plan().await;
    terraform.apply(&plan).await.unwrap();
    assert_eq!(terraform.shown()["min_age"], "2h");
    upgraded(&azure, &terraform).await;
}
