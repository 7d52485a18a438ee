//! Maintenance configurations: kept and served at once, 200 even on creation.

use serde_json::{Value, json};

use crate::simulator::world::maintenance_rules;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::Place;
use crate::simulator::world::{Call, World};

/// The names that Azure takes, in any case.
const NAMES: [&str; 3] = ["default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"];

const KIND: &str = "managedClusters/maintenanceConfigurations";

impl World {
    pub(super) fn list_maintenance(&self, call: &Call, place: &Place) -> Result<Reply, Refusal> {
        Ok(Reply::json(200, json!({ "value": self.parent(call, place, KIND)?.maintenance })))
    }

    pub(super) fn get_maintenance(&self, call: &Call, place: &Place, config: &str) -> Result<Reply, Refusal> {
        let found = self.parent(call, place, KIND)?.maintenance.iter().find(|kept| named(kept, config));
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
        let body =
            self.parent(call, place, KIND)?.maintenance.iter().find(|kept| named(kept, config)).cloned();
        let mut body = call.body("MaintenanceConfiguration", &body.unwrap_or_default())?;
        let mut properties = body.shift_remove("properties").unwrap_or_else(|| json!({}));
        let today = self.now.strftime("%Y-%m-%d").to_string();
        forget_empty(&mut properties);
        maintenance_rules::judge(config, &properties, &today)?;
        complete(&mut properties, &today);
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

    pub(super) fn delete_maintenance(
        &mut self,
        call: &Call,
        place: &Place,
        config: &str,
    ) -> Result<Reply, Refusal> {
        self.parent(call, place, KIND)?;
        let kept = &mut self.hold(place)?.maintenance;
        let before = kept.len();
        kept.retain(|entry| !named(entry, config));
        Ok(Reply::empty(if kept.len() < before { 200 } else { 204 }))
    }
}

/// Azure keeps neither nulls nor empty lists (recorded from Azure Service Operator and the Azure CLI).
fn forget_empty(value: &mut Value) {
    if let Some(object) = value.as_object_mut() {
        object.retain(|_, inner| !inner.is_null() && inner.as_array().is_none_or(|list| !list.is_empty()));
        object.values_mut().for_each(forget_empty);
    }
}

/// Fills in what Azure fills in.
fn complete(properties: &mut Value, today: &str) {
    if let Some(window) = properties.get_mut("maintenanceWindow").and_then(Value::as_object_mut) {
        window.entry("utcOffset").or_insert_with(|| json!("+00:00"));
        window.entry("startDate").or_insert_with(|| json!(today));
    }
}

fn named(kept: &Value, config: &str) -> bool {
    kept["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(config))
}
