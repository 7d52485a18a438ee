//! What stands around the clusters: endpoints, tenants, subscriptions, resource groups, regions.

use serde_json::{Value, json};

use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::reply::Reply;
use crate::simulator::world::route::{Route, same};
use crate::simulator::world::{Call, World};

/// The tenant of every subscription.
pub(super) const TENANT: &str = "11111111-1111-1111-1111-111111111111";

/// Returns one cloud, or since 2019 a list of clouds, or since 2022 one again.
pub(super) fn metadata(call: &Call) -> Value {
    let base = &call.base;
    let cloud = json!({
        "name": "SimCloud",
        "portal": base,
        "resourceManager": format!("{base}/"),
        "microsoftGraphResourceId": format!("{base}/"),
        "graph": format!("{base}/"),
        "graphAudience": format!("{base}/"),
        "authentication": {
            "loginEndpoint": format!("{base}/"),
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD"
        },
        "suffixes": { "storage": "core.windows.net", "keyVaultDns": "vault.azure.net", "acrLoginServer": "azurecr.io" },
    });
    let list = call.parameter("api-version").is_some_and(|version| version.starts_with("2019"));
    if list { json!([cloud]) } else { cloud }
}

impl World {
    pub(super) fn account(&self, call: &Call) -> Result<Reply, Refusal> {
        let body = match &call.route {
            Route::Tenants => {
                json!({ "value": [{ "id": format!("/tenants/{TENANT}"), "tenantId": TENANT, "displayName": "Simulated" }] })
            }
            Route::Subscriptions => {
                json!({ "value": self.subscriptions().iter().map(|id| subscription(id)).collect::<Vec<_>>() })
            }
            Route::Subscription(id) => subscription(id),
            Route::Locations(id) => json!({ "value": self.locations(id) }),
            Route::Groups(id) => json!({ "value": self.groups(id) }),
            Route::Group { subscription, group } => {
                let same = |found: &Value| found["name"].as_str().is_some_and(|name| same(name, group));
                self.groups(subscription).into_iter().find(same).ok_or_else(|| Refusal::no_group(group))?
            }
            _ => return Err(Refusal::no_route(&call.path)),
        };
        Ok(Reply::json(200, body))
    }

    /// Refuses a list of a group that does not exist.
    pub(super) fn group_exists(&self, subscription: &str, group: Option<&str>) -> Result<(), Refusal> {
        let missing = group.filter(|group| !self.has_group(subscription, group));
        missing.map_or(Ok(()), |group| Err(Refusal::no_group(group)))
    }

    /// Tells whether a resource group exists: it does when a cluster is or was in it, or a Fleet is.
    pub(super) fn has_group(&self, subscription: &str, group: &str) -> bool {
        let made = self
            .groups
            .iter()
            .any(|(own, name, _)| own.eq_ignore_ascii_case(subscription) && same(name, group));
        let places = self
            .clusters
            .iter()
            .map(|cluster| &cluster.place)
            .chain(self.deleted.iter().map(|(place, _)| place))
            .chain(self.fleets.places());
        made || places
            .into_iter()
            .any(|place| same(&place.group, group) && place.subscription.eq_ignore_ascii_case(subscription))
    }

    /// Tells whether a cluster can be made in a resource group; in any while none is known.
    pub(super) fn takes_group(&self, subscription: &str, group: &str) -> bool {
        self.groups(subscription).is_empty() || self.has_group(subscription, group)
    }

    /// General knowledge of Resource Manager.
    pub(super) fn head_group(&self, subscription: &str, group: &str) -> Reply {
        Reply::empty(if self.has_group(subscription, group) { 204 } else { 404 })
    }

    pub(super) fn put_group(
        &mut self,
        call: &Call,
        subscription: &str,
        name: &str,
    ) -> Result<Reply, Refusal> {
        let body = call.json()?;
        let location = body.get("location").and_then(Value::as_str).ok_or_else(Refusal::no_location)?;
        let known = self.has_group(subscription, name);
        if !known {
            self.groups.push((subscription.to_owned(), name.to_owned(), location.to_owned()));
        }
        Ok(Reply::json(if known { 200 } else { 201 }, group(subscription, name, location)))
    }

    /// Tells whether a subscription is known; all are while there is no cluster.
    pub(super) fn has_subscription(&self, id: &str) -> bool {
        let known = self.subscriptions();
        let gone = self.deleted.iter().map(|(place, _)| place.subscription.as_str());
        known.is_empty() || known.into_iter().chain(gone).any(|known| known.eq_ignore_ascii_case(id))
    }

    fn subscriptions(&self) -> Vec<&str> {
        let places = self.clusters.iter().map(|cluster| &cluster.place).chain(self.fleets.places());
        let mut ids: Vec<&str> = places.map(|place| place.subscription.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn locations(&self, id: &str) -> Vec<Value> {
        let location = |name: &String| json!({ "id": format!("/subscriptions/{id}/locations/{name}"), "name": name, "displayName": name });
        self.catalogue.regions().iter().map(location).collect()
    }

    fn groups(&self, id: &str) -> Vec<Value> {
        let mut groups: Vec<(String, String)> = self
            .clusters
            .iter()
            .filter(|cluster| cluster.place.subscription.eq_ignore_ascii_case(id))
            .map(|cluster| (cluster.place.group.clone(), cluster.location().to_owned()))
            .collect();
        let made = self.groups.iter().filter(|(own, _, _)| own.eq_ignore_ascii_case(id));
        groups.extend(made.map(|(_, name, location)| (name.clone(), location.clone())));
        groups.sort_unstable();
        groups.dedup_by(|a, b| same(&a.0, &b.0));
        groups.iter().map(|(name, location)| group(id, name, location)).collect()
    }
}

fn subscription(id: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}"), "subscriptionId": id, "tenantId": TENANT,
        "displayName": "Simulated", "state": "Enabled", "authorizationSource": "RoleBased",
    })
}

fn group(id: &str, name: &str, location: &str) -> Value {
    json!({
        "id": format!("/subscriptions/{id}/resourceGroups/{name}"), "name": name, "location": location,
        "type": "Microsoft.Resources/resourceGroups", "properties": { "provisioningState": "Succeeded" },
    })
}
