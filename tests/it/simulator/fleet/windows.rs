//! Members keep their own maintenance windows.

use serde_json::{Value, json};

use super::{Fleet, GROUP, full};

/// Lets a cluster be upgraded on Mondays from an hour on, for four hours.
fn monday(fleet: &mut Fleet, cluster: &str, name: &str, start: &str) {
    let path = format!("{GROUP}/managedClusters/{cluster}/maintenanceConfigurations/{name}");
    let window = json!({ "schedule": { "weekly": { "intervalWeeks": 1, "dayOfWeek": "Monday" } }, "durationHours": 4, "startTime": start });
    fleet.0.put(&path, json!({ "properties": { "maintenanceWindow": window } })).expect(200);
}

#[test]
fn a_member_whose_window_is_closed_is_pending_and_the_next_one_comes() {
    // It is Sunday, 09:00.
    let mut fleet = Fleet::new("");
    monday(&mut fleet, "one", "aksManagedAutoUpgradeSchedule", "02:00");
    fleet.start(full(), Value::Null);
    fleet.minutes(1);
    assert_eq!(
        fleet.states(),
        "Running; one NotStarted, two Running, three NotStarted",
        "closed windows come last"
    );
    fleet.minutes(90);
    assert_eq!(fleet.states(), "Pending; one Pending, two Completed, three Completed");
    assert_eq!(
        fleet.message("one").trim_end(),
        "set member: one to Pending due to failed validation err: the maintenance window of member \"one\" is not open; it opens next at 2026-11-23T02:00:00Z"
    );
    // Monday, 01:30.
    fleet.minutes(15 * 60);
    assert_eq!(fleet.states(), "Pending; one Pending, two Completed, three Completed");
    fleet.minutes(90);
    assert_eq!(
        fleet.states(),
        "Running; one Running, two Completed, three Completed",
        "it is looked at every hour"
    );
    fleet.minutes(60);
    assert_eq!(fleet.states(), "Completed; one Completed, two Completed, three Completed");
}

#[test]
fn images_have_a_window_of_their_own() {
    let mut fleet = Fleet::new("");
    monday(&mut fleet, "one", "aksManagedNodeOSUpgradeSchedule", "02:00");
    fleet.start(full(), Value::Null);
    fleet.0.wait(5);
    assert_eq!(
        fleet.states(),
        "Running; one Running, two NotStarted, three NotStarted",
        "that of images does not hold versions"
    );
}

#[test]
fn open_windows_come_first_then_those_that_open_soon_then_none() {
    let mut fleet = Fleet::new("");
    monday(&mut fleet, "two", "aksManagedAutoUpgradeSchedule", "02:00");
    monday(&mut fleet, "three", "aksManagedAutoUpgradeSchedule", "00:00");
    // Monday, 01:00: three is open, two opens in an hour, one has no window.
    fleet.minutes(16 * 60);
    fleet.start(full(), Value::Null);
    fleet.0.wait(5);
    assert_eq!(fleet.states(), "Running; one NotStarted, two NotStarted, three Running");
    fleet.minutes(35);
    assert_eq!(fleet.states(), "Running; one Running, two Pending, three Completed");
}

#[test]
fn a_version_that_is_not_there_yet_is_waited_for() {
    let mut fleet = Fleet::new("[[publish]]\nat = \"2026-11-22T12:00:00Z\"\nversion = \"1.35.99\"\n");
    fleet.start(json!({ "type": "Full", "kubernetesVersion": "1.35.99" }), Value::Null);
    fleet.minutes(1);
    assert_eq!(fleet.states(), "Pending; one Pending, two Pending, three Pending");
    let status = fleet.status();
    let error = &status["stages"][0]["groups"][0]["members"][0]["status"]["error"];
    assert_eq!(error["code"], "KubernetesVersionNotAvailable");
    fleet.minutes(3 * 60 + 10);
    assert_eq!(fleet.states(), "Running; one Running, two Pending, three Pending");
}
