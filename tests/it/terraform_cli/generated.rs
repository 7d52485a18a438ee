//! What Terraform writes down for an import (`-generate-config-out`): it validates, names what runs, and opens nothing.

use insta::assert_snapshot;
use serde_json::json;

use super::stage::{CLUSTER, PROD, SATURDAY, Stage, THURSDAY};

const POLICY: &str = "aks_upgrade_policy.prod";
const IMAGES: &str = "aks_node_image.prod";
const WINDOW: &str = "aks_maintenance_configuration.prod";

/// AKS's own window: every second Sunday at half past ten, and not over the turn of the year.
fn sundays() -> serde_json::Value {
    json!({ "properties": { "maintenanceWindow": {
        "schedule": { "weekly": { "intervalWeeks": 2, "dayOfWeek": "Sunday" } },
        "durationHours": 8, "utcOffset": "+05:30", "startDate": "2026-11-29", "startTime": "22:30",
        "notAllowedDates": [{ "start": "2026-12-24", "end": "2027-01-02" }],
    } } })
}

/// Imports an object that nobody has written down, and returns what Terraform wrote.
async fn generated(stage: &Stage, address: &str, id: &str) -> String {
    stage.file("import.tf", &format!("import {{\n  to = {address}\n  id = \"{id}\"\n}}\n"));
    let plan = stage.terraform(&["plan", "-generate-config-out=main.tf", "-out=plan"]).await;
    plan.succeeds().says("1 to import, 0 to add, 0 to change, 0 to destroy");
    stage.validate().await.succeeds();
    let fmt = stage.terraform(&["fmt", "-check", "main.tf"]).await;
    assert_eq!(fmt.code(), Some(0), "{}", stage.read("main.tf"));
    let written = stage.read("main.tf");
    assert!(!written.contains("always_open         = true"), "{written}");
    written
}

/// Applies what was generated, which changes nothing anywhere.
async fn is_harmless(stage: &Stage) {
    stage.apply_saved().await.succeeds().says("1 imported, 0 added, 0 changed, 0 destroyed");
    stage.plan().await.is_empty();
    assert_eq!(stage.writes(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_names_what_runs_and_opens_on_saturdays() {
    let stage = Stage::at(THURSDAY).await;
    assert_snapshot!(generated(&stage, POLICY, PROD).await);
    is_harmless(&stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inside_its_window_a_policy_has_nothing_to_do_either() {
    // One pool is behind, another one runs a preview.
    let behind = CLUSTER.replacen("count = 2", "count = 2\nversion = \"1.33.5\"", 1);
    let stage = Stage::of(&behind).await;
    stage.clock("2026-11-28T03:00:00Z");
    let written = generated(&stage, POLICY, PROD).await;
    assert!(written.contains("kubernetes_version = \"1.33.5\""), "{written}");
    is_harmless(&stage).await;
}

/// What failed is repaired once somebody has read when: an apply of what was generated does nothing in "its" window.
#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_no_work_of_what_nobody_has_read() {
    for ill in [
        CLUSTER.replacen("version = \"1.34.4\"", "version = \"1.34.4\"\nstate = \"Failed\"", 1),
        CLUSTER.replacen("count = 2", "count = 2\nstate = \"Failed\"", 1),
        CLUSTER.replacen("count = 2", "count = 2\nversion = \"1.33.5\"\nstate = \"Failed\"", 1),
    ] {
        for address in [POLICY, IMAGES] {
            let stage = Stage::of(&ill).await;
            stage.clock("2026-11-28T03:00:00Z");
            let written = generated(&stage, address, PROD).await;
            assert!(written.contains("start_date     = \"2026-12-05\""), "{written}");
            is_harmless(&stage).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_that_which_aks_keeps() {
    let stage = Stage::at(THURSDAY).await;
    stage.somebody("PUT", "/maintenanceConfigurations/aksManagedAutoUpgradeSchedule", &sundays());
    assert_snapshot!(generated(&stage, POLICY, PROD).await);
    is_harmless(&stage).await;
    assert_eq!(stage.state(POLICY).await["next_window"]["start"], "2026-11-29T17:00:00Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn node_images_are_kept_in_one_window_that_opens_once_somebody_has_read_it() {
    let stage = Stage::at(THURSDAY).await;
    // Inside the window that it would have.
    stage.clock("2026-11-28T03:00:00Z");
    assert_snapshot!(generated(&stage, IMAGES, PROD).await);
    is_harmless(&stage).await;
    stage.clock("2026-12-05T03:00:00Z");
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_takes_the_window_of_its_own_channel_first() {
    for (name, opens) in [
        ("aksManagedNodeOSUpgradeSchedule", true),
        ("aksManagedAutoUpgradeSchedule", true),
        ("default", false),
    ] {
        let stage = Stage::at(THURSDAY).await;
        let mut window = sundays();
        window["properties"]["maintenanceWindow"]["schedule"]["weekly"]["intervalWeeks"] = 1.into();
        stage.somebody("PUT", &format!("/maintenanceConfigurations/{name}"), &window);
        let written = generated(&stage, IMAGES, PROD).await;
        assert_eq!(written.contains("\"sunday\""), opens, "{name}: {written}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_configuration_is_what_azure_holds() {
    let stage = Stage::at(THURSDAY).await;
    let tail = "/maintenanceConfigurations/aksManagedAutoUpgradeSchedule";
    stage.somebody("PUT", tail, &sundays());
    assert_snapshot!(generated(&stage, WINDOW, &format!("{PROD}{tail}")).await);
    is_harmless(&stage).await;
}

/// The older form has no words of its own to write down: the window that comes closest is written, and replaces it.
#[tokio::test(flavor = "multi_thread")]
async fn a_maintenance_configuration_of_the_older_form_is_the_window_that_comes_closest() {
    let stage = Stage::at(THURSDAY).await;
    let tail = "/maintenanceConfigurations/default";
    let older = json!({ "properties": {
        "timeInWeek": [
            { "day": "Tuesday", "hourSlots": [1, 20, 21, 22, 23, 19] },
            { "day": "Sunday", "hourSlots": [3] },
        ],
        "notAllowedTime": [
            { "start": "2026-12-24T03:00:00Z", "end": "2026-12-27T00:00:00Z" },
            { "start": "2020-12-24T03:00:00Z", "end": "2020-12-27T00:00:00Z" },
        ],
    } });
    stage.somebody("PUT", tail, &older);
    assert_snapshot!(generated(&stage, WINDOW, &format!("{PROD}{tail}")).await);
    stage.apply_saved().await.succeeds().says("1 imported, 0 added, 0 changed, 0 destroyed");
    assert_eq!(stage.writes(), [""; 0]);
    // Only the next plan replaces it, and says what is lost.
    let plan = stage.plan().await;
    plan.acts()
        .says("0 to add, 1 to change, 0 to destroy")
        .says("Warning: A maintenance configuration gets fewer days than before")
        .says("Azure holds hours on Tuesday, Sunday in the older form, and the window that replaces it opens on 1 of them.");
    stage.apply_saved().await.succeeds();
    stage.plan().await.is_empty();
    assert_eq!(stage.state(WINDOW).await["time_in_week"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_read_the_window_of_aks_is_told() {
    let role = "[entra]\nallow = [\"Microsoft.ContainerService/managedClusters/read\", \"Microsoft.ContainerService/managedClusters/upgradeProfiles/read\", \"Microsoft.ContainerService/locations/*\"]\n";
    let stage = Stage::of(&format!("{role}{CLUSTER}")).await;
    stage.clock(SATURDAY);
    stage.file("import.tf", &format!("import {{\n  to = {POLICY}\n  id = \"{PROD}\"\n}}\n"));
    let plan = stage.terraform(&["plan", "-generate-config-out=main.tf"]).await;
    plan.succeeds().says("Warning: The window of AKS was not read").says("maintenanceConfigurations/read");
    assert!(stage.read("main.tf").contains("\"saturday\""));
}
