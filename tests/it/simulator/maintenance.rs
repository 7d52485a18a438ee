//! Maintenance configurations.

use super::fixture::{Azure, PROD};
use serde_json::{Value, json};

fn weekly(start: Option<&str>) -> Value {
    let mut window = json!({ "schedule": { "weekly": { "intervalWeeks": 1, "dayOfWeek": "Friday" } }, "durationHours": 4, "startTime": "00:00" });
    if let Some(start) = start {
        window["startDate"] = json!(start);
    }
    json!({ "properties": { "maintenanceWindow": window } })
}

#[test]
fn a_configuration_lives_from_put_to_delete() {
    let mut azure = Azure::prod();
    let all = format!("{PROD}/maintenanceConfigurations");
    let one = format!("{all}/aksmanagedautoupgradeschedule");
    assert_eq!(azure.get(&one).status, 404);
    let made = azure.put(&one, weekly(None)).expect(200).body;
    assert_eq!(made["name"], "aksmanagedautoupgradeschedule", "echoed as it was sent");
    assert!(made["id"].as_str().unwrap().contains("/resourceGroups/rg/"));
    let window = &made["properties"]["maintenanceWindow"];
    assert_eq!((&window["startDate"], &window["utcOffset"]), (&json!("2026-11-22"), &json!("+00:00")));
    assert_eq!(azure.get(&one.to_uppercase()).expect(200).body, made);
    assert_eq!(azure.get(&all).expect(200).body, json!({ "value": [made] }));
    assert_eq!(azure.ask("DELETE", &one, Value::Null, &[]).status, 200);
    assert_eq!(azure.ask("DELETE", &one, Value::Null, &[]).status, 204);
}

#[test]
fn what_azure_refuses() {
    let mut azure = Azure::prod();
    let all = format!("{PROD}/maintenanceConfigurations");
    let refusal = azure.put(&format!("{all}/mine"), weekly(None)).refusal();
    assert_eq!(
        refusal,
        "400 InvalidParameter: Only 'default', 'aksManagedAutoUpgradeSchedule' and 'aksManagedNodeOSUpgradeSchedule' are allowed configNames for maintenance configuration."
    );
    assert_eq!(azure.put(&format!("{all}/default"), weekly(Some("2026-11-21"))).status, 400);
    assert_eq!(azure.put(&format!("{all}/default"), weekly(Some("2026-11-22"))).status, 200);
}
