//! Maintenance configurations and channels: requests as text, both shapes of a body, edits.

use std::path::PathBuf;

use serde_json::{Value, json};
use terraform_provider_aks::arm::request;
use terraform_provider_aks::arm::response::{
    maintenance_body, maintenance_configuration, with_node_os_channel, with_upgrade_channel,
};

use super::{path, prod};

const AUTO: &str = "aksManagedAutoUpgradeSchedule";

#[test]
fn requests() {
    let (id, at) = (prod(), format!("{}/maintenanceConfigurations", path()));
    let body = json!({ "properties": {} });
    assert_eq!(
        request::put_maintenance_configuration(&id, AUTO, &body).unwrap().to_string(),
        format!(
            "PUT {at}/{AUTO}?api-version=2026-08-01\naccept: application/json\ncontent-type: application/json\n\n{{\"properties\":{{}}}}"
        )
    );
    assert_eq!(
        request::delete_maintenance_configuration(&id, "default").unwrap().to_string(),
        format!("DELETE {at}/default?api-version=2026-08-01\naccept: application/json\n\n")
    );
    assert_eq!(
        request::maintenance_configuration(&id, "DEFAULT").unwrap().to_string(),
        format!("GET {at}/DEFAULT?api-version=2026-08-01\naccept: application/json\n\n")
    );
    assert_eq!(
        request::maintenance_configuration(&id, "../agentPools").unwrap_err().to_string(),
        "\"../agentPools\" is not the name of a maintenance configuration: AKS knows only default, aksManagedAutoUpgradeSchedule and aksManagedNodeOSUpgradeSchedule. A correct example is \"aksManagedAutoUpgradeSchedule\"."
    );
}

fn listed(properties: &Value) -> Value {
    json!({ "value": [{ "id": "x", "name": AUTO.to_lowercase(), "properties": properties }] })
}

/// Asserts what a window is read as, and that writing it gives the same window.
#[track_caller]
fn reads(window: &Value, expected: &str) {
    let list = listed(&json!({ "maintenanceWindow": window }));
    let read = maintenance_configuration(&list, AUTO).unwrap().window.unwrap();
    let date = read.start_date.map_or_else(|| "-".to_owned(), |date| date.to_string());
    assert_eq!(format!("{read} | {date}"), expected);
    let again = maintenance_configuration(&listed(&maintenance_body(&read)["properties"]), AUTO);
    assert_eq!(again.unwrap().window.unwrap(), read);
}

#[test]
fn every_shape_is_read_and_written() {
    reads(
        &json!({ "schedule": { "weekly": { "intervalWeeks": 3, "dayOfWeek": "Friday" } }, "durationHours": 8,
                "utcOffset": "+05:30", "startDate": "2123-01-01", "startTime": "00:00" }),
        "every 3 weeks on friday 00:00 +05:30 for 8h | 2123-01-01",
    );
    reads(
        &json!({ "schedule": { "relativeMonthly": { "intervalMonths": 1, "dayOfWeek": "Tuesday", "weekIndex": "Last" } },
                "durationHours": 12, "utcOffset": "-08:00", "startTime": "09:00",
                "notAllowedDates": [{ "start": "2026-12-23", "end": "2027-01-05" }] }),
        "every month on the last tuesday 09:00 -08:00 for 12h, not 2026-12-23 to 2027-01-05 | -",
    );
    reads(
        &json!({ "schedule": { "absoluteMonthly": { "intervalMonths": 3, "dayOfMonth": 1 }, "weekly": null },
                "durationHours": 4, "startTime": "09:00", "notAllowedDates": null }),
        "every 3 months on day 1 09:00 +00:00 for 4h | -",
    );
    reads(
        &json!({ "schedule": { "daily": { "intervalDays": 2 } }, "durationHours": 24, "startTime": "23:59" }),
        "every 2 days 23:59 +00:00 for 24h | -",
    );
}

#[test]
fn the_older_shape_is_read() {
    let list = listed(&json!({
        "timeInWeek": [{ "day": "Tuesday", "hourSlots": [1, 2] }],
        "notAllowedTime": [{ "start": "2021-11-26T03:00:00Z", "end": "2021-11-30T12:00:00Z" }],
    }));
    let read = maintenance_configuration(&list, AUTO).unwrap();
    assert_eq!(read.window, None);
    assert_eq!(read.time_in_week, [("Tuesday".to_owned(), vec![1, 2])]);
    assert_eq!(
        read.not_allowed_time,
        [("2021-11-26T03:00:00Z".to_owned(), "2021-11-30T12:00:00Z".to_owned())]
    );
}

#[test]
fn what_is_not_known_is_no_window() {
    for window in [
        json!({}),
        json!({ "schedule": { "hourly": {} }, "durationHours": 4, "startTime": "00:00" }),
        json!({ "schedule": { "daily": { "intervalDays": 1 } }, "startTime": "00:00" }),
        json!({ "schedule": { "daily": { "intervalDays": 1 } }, "durationHours": 4, "startTime": "00:00", "utcOffset": "Z" }),
    ] {
        let list = listed(&json!({ "maintenanceWindow": window }));
        assert_eq!(maintenance_configuration(&list, AUTO).unwrap().window, None, "{window}");
    }
    assert_eq!(maintenance_configuration(&json!({ "value": [] }), AUTO), None);
    assert_eq!(maintenance_configuration(&listed(&json!({})), "default"), None);
}

#[test]
fn a_channel_is_the_only_change() {
    let body = json!({ "eTag": "a", "properties": { "kubernetesVersion": "1.32", "unknown": 1.5,
        "autoUpgradeProfile": { "nodeOSUpgradeChannel": "NodeImage", "later": true },
        "agentPoolProfiles": [{ "name": "system", "orchestratorVersion": "1.32", "nodeImageVersion": "x" }] } });
    assert_eq!(
        with_upgrade_channel(&body, "stable"),
        json!({ "eTag": "a", "properties": { "kubernetesVersion": "1.32", "unknown": 1.5,
            "autoUpgradeProfile": { "nodeOSUpgradeChannel": "NodeImage", "later": true, "upgradeChannel": "stable" },
            "agentPoolProfiles": [{ "name": "system", "orchestratorVersion": "1.32" }] } })
    );
    assert_eq!(
        with_node_os_channel(&json!({ "properties": { "autoUpgradeProfile": null } }), "SecurityPatch"),
        json!({ "properties": { "autoUpgradeProfile": { "nodeOSUpgradeChannel": "SecurityPatch" } } })
    );
}

/// Every recorded window is understood, and what we would write for it is what Azure holds.
#[test]
#[ignore = "needs recorded Azure traffic: set AZURE_EXAMPLES"]
fn recorded_windows_read_back() {
    let folder = PathBuf::from(std::env::var("AZURE_EXAMPLES").unwrap()).join("sequences");
    let mut windows = 0;
    for file in ["maintenance_aso_2025.json", "maintenance_default_crud.json", "maintenance_window_crud.json"]
    {
        let recorded: Value =
            serde_json::from_str(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        for one in recorded["interactions"].as_array().unwrap() {
            let body = &one["response"]["body"];
            if body["properties"]["maintenanceWindow"].is_null() {
                continue;
            }
            let list = json!({ "value": [body] });
            let read = maintenance_configuration(&list, body["name"].as_str().unwrap()).unwrap();
            let written = maintenance_body(&read.window.unwrap());
            assert_eq!(written["properties"], body["properties"]);
            windows += 1;
        }
    }
    assert!(windows >= 8, "{windows}");
}
