//! Maintenance configurations: kept and served at once, 200 even on creation.

use serde_json::{Value, json};

use super::refusal::Refusal;
use super::reply::Reply;
use super::route::Place;
use super::{Call, World};

/// The names that Azure takes, in any case.
const NAMES: [&str; 3] = ["default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"];

impl World {
    pub(super) fn list_maintenance(&self, place: &Place) -> Result<Reply, Refusal> {
        Ok(Reply::json(200, json!({ "value": self.look(place)?.maintenance })))
    }

    pub(super) fn get_maintenance(&self, place: &Place, config: &str) -> Result<Reply, Refusal> {
        let found = self.look(place)?.maintenance.iter().find(|kept| named(kept, config));
        found.map(|kept| Reply::json(200, kept.clone())).ok_or_else(|| Refusal::no_maintenance(place, config))
    }

    pub(super) fn put_maintenance(
        &mut self,
        call: &Call,
        place: &Place,
        config: &str,
    ) -> Result<Reply, Refusal> {
        if !NAMES.iter().any(|name| name.eq_ignore_ascii_case(config)) {
            return Err(Refusal::invalid(
                "configName",
                "Only 'default', 'aksManagedAutoUpgradeSchedule' and 'aksManagedNodeOSUpgradeSchedule' are allowed configNames for maintenance configuration.",
            ));
        }
        let mut properties = call.json()?.shift_remove("properties").unwrap_or_else(|| json!({}));
        let today = self.now.strftime("%Y-%m-%d").to_string();
        forget_empty(&mut properties);
        complete(config, &mut properties, &today)?;
        let now = self.now;
        let cluster = self.hold(place)?;
        cluster.written.insert(config.to_ascii_lowercase(), now);
        // Echoed as it was sent, also in another case.
        let body = json!({
            "id": format!("{}/maintenanceConfigurations/{config}", cluster.id("resourceGroups")),
            "name": config,
            "properties": properties,
        });
        cluster.maintenance.retain(|kept| !named(kept, config));
        cluster.maintenance.push(body.clone());
        Ok(Reply::json(200, body))
    }

    pub(super) fn delete_maintenance(&mut self, place: &Place, config: &str) -> Result<Reply, Refusal> {
        let kept = &mut self.hold(place)?.maintenance;
        let before = kept.len();
        kept.retain(|entry| !named(entry, config));
        Ok(Reply::empty(if kept.len() < before { 200 } else { 204 }))
    }
}

/// The numbers of the schedules with their least and greatest value (OpenAPI description of 2026-08-01).
const LIMITS: [(&str, &str, u64, u64); 5] = [
    ("daily", "intervalDays", 1, 7),
    ("weekly", "intervalWeeks", 1, 4),
    ("absoluteMonthly", "intervalMonths", 1, 6),
    ("absoluteMonthly", "dayOfMonth", 1, 31),
    ("relativeMonthly", "intervalMonths", 1, 6),
];

/// Azure keeps neither nulls nor empty lists (recorded from Azure Service Operator and the Azure CLI).
fn forget_empty(value: &mut Value) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, inner| !inner.is_null() && inner.as_array().is_none_or(|list| !list.is_empty()));
        object.values_mut().for_each(forget_empty);
    }
}

/// Refuses a number outside its limits, and for `default` everything but a day of every week. The texts are ours.
fn judge_schedule(config: &str, schedule: &Value) -> Result<(), Refusal> {
    let given = |(shape, field, ..): &(&str, &str, u64, u64)| Some(schedule.get(shape)?.get(field));
    for limit in LIMITS {
        let (shape, field, least, most) = limit;
        let number = given(&limit).map(|number| number.and_then(Value::as_u64).unwrap_or(0));
        if number.is_some_and(|number| !(least..=most).contains(&number)) {
            let target = format!("maintenanceWindow.schedule.{shape}.{field}");
            let message = format!(
                "The value of parameter {target} is invalid. Error details: it must be between {least} and {most}."
            );
            return Err(Refusal::invalid(&target, message));
        }
    }
    let weekly = schedule["weekly"]["intervalWeeks"] == 1;
    if config.eq_ignore_ascii_case("default") && !weekly {
        return Err(Refusal::invalid(
            "maintenanceWindow.schedule",
            "The value of parameter maintenanceWindow.schedule is invalid. Error details: the configuration 'default' only supports a weekly schedule with intervalWeeks 1.",
        ));
    }
    Ok(())
}

/// Fills in what Azure fills in, and refuses what it refuses.
fn complete(config: &str, properties: &mut Value, today: &str) -> Result<(), Refusal> {
    let Some(window) = properties.get_mut("maintenanceWindow").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    let hours = window.get("durationHours").and_then(Value::as_u64);
    if !hours.is_some_and(|hours| (4..=24).contains(&hours)) {
        return Err(Refusal::invalid(
            "maintenanceWindow.durationHours",
            "The value of parameter maintenanceWindow.durationHours is invalid. Error details: it must be between 4 and 24.",
        ));
    }
    let schedules = window.get("schedule").and_then(Value::as_object).map_or(0, serde_json::Map::len);
    if schedules != 1 {
        return Err(Refusal::invalid(
            "maintenanceWindow.schedule",
            "The value of parameter maintenanceWindow.schedule is invalid. Error details: exactly one of daily, weekly, absoluteMonthly and relativeMonthly must be set.",
        ));
    }
    judge_schedule(config, window.get("schedule").unwrap_or(&Value::Null))?;
    let past = window.get("startDate").and_then(Value::as_str).is_some_and(|start| start < today);
    if past {
        return Err(Refusal::invalid(
            "maintenanceWindow.startDate",
            "The value of parameter maintenanceWindow.startDate is invalid. Error details: it must not be in the past.",
        ));
    }
    window.entry("utcOffset").or_insert_with(|| json!("+00:00"));
    window.entry("startDate").or_insert_with(|| json!(today));
    Ok(())
}

fn named(kept: &Value, config: &str) -> bool {
    kept["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(config))
}
