//! What stands around the clusters: tokens, endpoints, subscriptions, resource groups, regions.

use super::refusal::Refusal;
use super::reply::Reply;
use super::route::Route;
use super::{Call, World};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

/// The tenant of every subscription.
const TENANT: &str = "11111111-1111-1111-1111-111111111111";

/// Answers what needs no token: the token itself, and where to ask for it.
pub(super) fn open(call: &Call, now: Timestamp) -> Option<Reply> {
    let reply = match (call.method.as_str(), &call.route) {
        ("POST", Route::Token) => token(&call.base, now),
        ("GET", Route::OpenId { tenant }) => openid(&call.base, tenant),
        ("GET", Route::Metadata) => metadata(call),
        _ => return None,
    };
    Some(Reply::json(200, reply))
}

/// Returns an unsigned token for whoever asks.
fn token(base: &str, now: Timestamp) -> Value {
    let claims = json!({
        "aud": "https://management.azure.com/", "iss": format!("{base}/{TENANT}/v2.0"), "tid": TENANT,
        "oid": "22222222-2222-2222-2222-222222222222", "appid": "33333333-3333-3333-3333-333333333333",
        "iat": now.as_second(), "nbf": now.as_second(), "exp": now.as_second() + 3599,
    });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let token = format!("{}.{}.simulated", part(json!({ "typ": "JWT", "alg": "none" })), part(claims));
    json!({ "token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token })
}

fn openid(base: &str, tenant: &str) -> Value {
    json!({
        "issuer": format!("{base}/{tenant}/v2.0"),
        "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    })
}

/// Returns one cloud, or since 2019 a list of clouds, or since 2022 one again.
fn metadata(call: &Call) -> Value {
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
                let same = |found: &Value| {
                    found["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(group))
                };
                self.groups(subscription).into_iter().find(same).ok_or_else(|| Refusal::no_group(group))?
            }
            _ => return Err(Refusal::no_route(&call.path)),
        };
        Ok(Reply::json(200, body))
    }

    /// Tells whether a resource group exists: it does when a cluster is or was in it.
    pub(super) fn has_group(&self, subscription: &str, group: &str) -> bool {
        let places = self
            .clusters
            .iter()
            .map(|cluster| &cluster.place)
            .chain(self.deleted.iter().map(|(place, _)| place));
        places.into_iter().any(|place| {
            place.group.eq_ignore_ascii_case(group) && place.subscription.eq_ignore_ascii_case(subscription)
        })
    }

    fn subscriptions(&self) -> Vec<&str> {
        let mut ids: Vec<&str> =
            self.clusters.iter().map(|cluster| cluster.place.subscription.as_str()).collect();
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
        groups.sort_unstable();
        groups.dedup_by(|a, b| a.0.eq_ignore_ascii_case(&b.0));
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
