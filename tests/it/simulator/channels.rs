//! AKS upgrading by itself: channels, their delay, openings, what is left for the next one.

use super::fixture::{Azure, PROD};
use jiff::Timestamp;
use serde_json::{Value, json};

const OLD: &str = "AKSUbuntu-2204gen2containerd-202610.05.0";

/// A cluster on 1.34.2 with two pools of three nodes: 5 minutes and twice 12.
fn azure(cluster: &str, images: &str) -> Azure {
    Azure::new(&format!(
        "[service]\nchannels = true\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n{cluster}\n\
         [[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nimage = \"{images}\"\n\
         [[cluster.pool]]\nname = \"user\"\nimage = \"{images}\"\n"
    ))
}

fn until(azure: &mut Azure, at: &str) -> String {
    azure.now = at.parse::<Timestamp>().unwrap();
    azure.picture().join(", ").replace(" 202611.16.0", "").replace(" 202610.05.0", " old")
}

fn write(azure: &mut Azure, name: &str, window: Value) {
    let path = format!("{PROD}/maintenanceConfigurations/{name}");
    azure.put(&path, json!({ "properties": { "maintenanceWindow": window } })).expect(200);
}

fn daily(start: &str, hours: u32) -> Value {
    json!({ "schedule": { "daily": { "intervalDays": 1 } }, "startTime": start, "durationHours": hours })
}

const DONE: &str = "Succeeded 1.34.9, system: Succeeded 1.34.9, user: Succeeded 1.34.9";

#[track_caller]
fn goal(channel: &str, version: &str, reached: &str) {
    let mut azure = Azure::new(&format!(
        "[service]\nchannels = true\n[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\nupgrade_channel = \"{channel}\""
    ));
    until(&mut azure, "2026-11-29T09:00:00Z");
    assert_eq!(azure.picture()[0], format!("Succeeded {reached}"), "{channel}");
}

#[test]
fn each_channel_has_its_goal() {
    goal("patch", "1.34.2", "1.34.9");
    // The newest minor is 1.37.
    goal("stable", "1.34.2", "1.36.2");
    goal("rapid", "1.34.2", "1.37.1");
    goal("none", "1.34.2", "1.34.2");
    // Never back, and nothing outside of support.
    goal("stable", "1.37.0", "1.37.0");
    goal("patch", "1.33.5", "1.33.5");
}

#[test]
fn nothing_happens_unless_the_scenario_says_so() {
    let mut azure =
        Azure::new("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nupgrade_channel = \"rapid\"");
    assert!(until(&mut azure, "2026-12-22T09:00:00Z").starts_with("Succeeded 1.34.2"));
}

#[test]
fn a_channel_takes_a_day() {
    let mut azure = azure("", OLD);
    azure
        .put(PROD, json!({ "properties": { "autoUpgradeProfile": { "upgradeChannel": "patch" } } }))
        .expect(200);
    assert!(until(&mut azure, "2026-11-23T08:59:00Z").starts_with("Succeeded 1.34.2"));
    assert!(until(&mut azure, "2026-11-23T09:00:00Z").starts_with("Upgrading 1.34.9"));
    assert_eq!(until(&mut azure, "2026-11-23T09:29:00Z"), DONE);
}

#[test]
fn work_begins_in_an_opening_and_is_finished_after_it() {
    let mut azure = azure("upgrade_channel = \"patch\"", OLD);
    // Ten minutes of lead are too few for today's opening; tomorrow's is taken.
    azure.now = "2026-11-22T09:05:00Z".parse().unwrap();
    write(&mut azure, "aksManagedAutoUpgradeSchedule", daily("09:15", 4));
    assert!(until(&mut azure, "2026-11-23T09:14:00Z").starts_with("Succeeded 1.34.2"));
    assert!(until(&mut azure, "2026-11-23T09:15:00Z").starts_with("Upgrading 1.34.9"));
    assert_eq!(until(&mut azure, "2026-11-23T09:44:00Z"), DONE);
}

#[test]
fn an_opening_that_somebody_else_uses_up_is_lost() {
    let mut azure = Azure::new(
        "[service]\nchannels = true\n[durations]\nsettings = \"4h50m\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nupgrade_channel = \"patch\"",
    );
    write(&mut azure, "AKSMANAGEDAUTOUPGRADESCHEDULE", daily("10:00", 4));
    azure.ask("PATCH", PROD, json!({ "tags": {} }), &[]).expect(200);
    assert!(until(&mut azure, "2026-11-22T13:45:00Z").starts_with("Updating 1.34.2"));
    assert!(until(&mut azure, "2026-11-23T09:59:00Z").starts_with("Succeeded 1.34.2"));
    assert!(until(&mut azure, "2026-11-23T10:00:00Z").starts_with("Upgrading 1.34.9"));
}

#[test]
fn an_upgrade_that_runs_over_leaves_pools_behind_until_the_next_opening() {
    let mut azure = Azure::new(&format!(
        "[service]\nchannels = true\n[durations]\ncontrol_plane = \"3h30m\"\nnode_upgrade = \"1h\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nupgrade_channel = \"patch\"\n\
         [[cluster.pool]]\nname = \"system\"\nmode = \"System\"\nimage = \"{OLD}\"\n[[cluster.pool]]\nname = \"user\"\nimage = \"{OLD}\"\n"
    ));
    write(&mut azure, "aksManagedAutoUpgradeSchedule", daily("10:00", 4));
    assert_eq!(
        until(&mut azure, "2026-11-22T16:30:00Z"),
        "Succeeded 1.34.9, system: Succeeded 1.34.9, user: Succeeded 1.34.2 old",
        "the system pool began at 13:30 and was finished; the user pool would have begun at 16:30"
    );
    assert!(until(&mut azure, "2026-11-23T09:59:00Z").ends_with("user: Succeeded 1.34.2 old"));
    assert!(until(&mut azure, "2026-11-23T10:00:00Z").ends_with("user: Upgrading 1.34.9 old"));
    assert_eq!(until(&mut azure, "2026-11-23T13:00:00Z"), DONE);
}

#[test]
fn node_images_have_a_channel_and_a_configuration_of_their_own() {
    let mut azure = azure("node_os_channel = \"NodeImage\"", OLD);
    write(&mut azure, "aksManagedNodeOSUpgradeSchedule", daily("10:00", 4));
    assert!(until(&mut azure, "2026-11-22T09:59:00Z").ends_with("user: Succeeded 1.34.2 old"));
    assert_eq!(
        until(&mut azure, "2026-11-22T10:00:00Z"),
        "Succeeded 1.34.2, system: UpgradingNodeImageVersion 1.34.2 old, user: Succeeded 1.34.2 old"
    );
    assert_eq!(
        until(&mut azure, "2026-11-22T11:00:00Z"),
        "Succeeded 1.34.2, system: Succeeded 1.34.2, user: Succeeded 1.34.2"
    );
}

#[test]
fn a_stopped_cluster_is_left_alone() {
    let mut azure = azure("upgrade_channel = \"patch\"\npower = \"Stopped\"", OLD);
    assert!(until(&mut azure, "2026-11-29T09:00:00Z").starts_with("Succeeded 1.34.2"));
}

/// The days of a month on which an upgrade by this window begins, with the hour in UTC.
#[track_caller]
fn begins(window: Value, expected: &str) {
    let mut azure = Azure::new(
        "[clock]\nstart = \"2026-11-01T00:00:00Z\"\n[service]\nchannels = true\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\nupgrade_channel = \"patch\"",
    );
    write(&mut azure, "aksManagedAutoUpgradeSchedule", window);
    let began = (0..24 * 30).find(|_| {
        azure.wait(3600);
        azure.world.advance(azure.now);
        azure.world.cluster("prod").unwrap()["properties"]["provisioningState"] == "Upgrading"
    });
    assert!(began.is_some());
    assert_eq!(azure.now.to_string(), expected);
}

#[test]
fn every_schedule_opens_on_its_day() {
    let window = |schedule: Value, more: Value| {
        let mut window = json!({ "schedule": schedule, "startTime": "02:00", "durationHours": 4 });
        window.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        window
    };
    let none = || json!({});
    // 2026-11-01 is a Sunday.
    begins(window(json!({ "daily": { "intervalDays": 3 } }), none()), "2026-11-01T02:00:00Z");
    let weekly = |weeks: u32| json!({ "weekly": { "intervalWeeks": weeks, "dayOfWeek": "Saturday" } });
    begins(window(weekly(1), none()), "2026-11-07T02:00:00Z");
    begins(window(weekly(1), json!({ "utcOffset": "+05:00" })), "2026-11-06T21:00:00Z");
    begins(window(weekly(1), json!({ "utcOffset": "-03:00" })), "2026-11-07T05:00:00Z");
    begins(window(weekly(1), json!({ "startDate": "2026-11-08" })), "2026-11-14T02:00:00Z");
    let blocked = json!({ "notAllowedDates": [{ "start": "2026-11-05", "end": "2026-11-07" }] });
    begins(window(weekly(1), blocked), "2026-11-14T02:00:00Z");
    let fifth = json!({ "absoluteMonthly": { "intervalMonths": 1, "dayOfMonth": 5 } });
    begins(window(fifth, none()), "2026-11-05T02:00:00Z");
    let relative = |index: &str| json!({ "relativeMonthly": { "intervalMonths": 1, "weekIndex": index, "dayOfWeek": "Monday" } });
    begins(window(relative("First"), none()), "2026-11-02T02:00:00Z");
    begins(window(relative("Fourth"), none()), "2026-11-23T02:00:00Z");
    begins(window(relative("Last"), none()), "2026-11-30T02:00:00Z");
}
