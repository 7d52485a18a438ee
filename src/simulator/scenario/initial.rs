//! A cluster taken from a body that Azure or its command line gave.

use serde_json::{Map, Value, json};

/// A cluster as it stands before the first request.
#[derive(Clone, Debug, PartialEq)]
pub struct InitialCluster {
    /// The subscription of its id.
    pub subscription: String,
    /// The resource group of its id.
    pub group: String,
    /// Its name.
    pub name: String,
    /// The whole body, with `properties` and `properties.agentPoolProfiles`.
    pub body: Map<String, Value>,
    /// How many nodes node auto-provisioning keeps, where it is on.
    pub nodes_of_nap: Option<u32>,
}

/// What stands beside `properties` in a body; the command line flattens the rest to this level.
const OUTER: &[&str] = &[
    "id",
    "name",
    "type",
    "location",
    "tags",
    "eTag",
    "kind",
    "sku",
    "identity",
    "systemData",
    "extendedLocation",
    "zones",
];

impl InitialCluster {
    /// Reads a body of `az rest`, of `az aks show`, or a recorded pair.
    ///
    /// # Errors
    ///
    /// A sentence when the body is no object, has no `id` of a managed cluster, or a pool with a `count` such as
    /// `"three"`.
    pub fn from_body(body: Value) -> Result<Self, String> {
        let body = unpack(body);
        if let Some(error) = body
            .get("error")
            .or_else(|| body.pointer("/properties/error"))
            .filter(|_| body.get("id").is_none())
        {
            let said = [&error["code"], &error["message"]].map(|word| word.as_str().unwrap_or("-"));
            return Err(format!(
                "it is no cluster but what Azure refused: {}.",
                said.join(": ").trim_end_matches('.')
            ));
        }
        if !body.is_object() {
            return Err(format!("it holds {} where a managed cluster is expected.", short(&body)));
        }
        let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
        let (subscription, group, name) = parts(id).ok_or_else(|| no_cluster(id))?;
        let Value::Object(body) = body else { return Err(no_cluster("")) };
        let body = if body.contains_key("properties") { body } else { unflatten(body) };
        let cluster = InitialCluster { subscription, group, name, body, nodes_of_nap: None };
        cluster.pools().try_for_each(check_count)?;
        Ok(cluster)
    }

    /// Returns its pools.
    pub(super) fn pools(&self) -> impl Iterator<Item = &Value> {
        let properties = self.body.get("properties");
        let pools = properties.and_then(|properties| properties["agentPoolProfiles"].as_array());
        pools.into_iter().flatten()
    }

    /// Tells whether it stands at the same place; Azure does not tell names apart by their case.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let place = |one: &Self| [&one.subscription, &one.group, &one.name].map(|word| word.to_lowercase());
        place(self) == place(other)
    }
}

/// Refuses a number of nodes that is none; everything else of a body is served back as it is.
fn check_count(pool: &Value) -> Result<(), String> {
    let count = &pool["count"];
    if count.is_null() || count.is_u64() {
        return Ok(());
    }
    Err(format!("pool {} has the count {}, which is no number of nodes.", pool["name"], short(count)))
}

fn unpack(mut body: Value) -> Value {
    match body.pointer_mut("/response/body") {
        Some(inner) => inner.take(),
        None => body,
    }
}

/// Puts back what `az aks show` lifted out of `properties`.
///
/// The command line also adds `resourceGroup`, which Azure does not send.
fn unflatten(flat: Map<String, Value>) -> Map<String, Value> {
    let mut outer = Map::new();
    let mut properties = Map::new();
    for (key, value) in flat.into_iter().filter(|(key, value)| key != "resourceGroup" && !value.is_null()) {
        let room = if OUTER.contains(&key.as_str()) { &mut outer } else { &mut properties };
        room.insert(key, value);
    }
    outer.insert("properties".into(), Value::Object(properties));
    outer
}

fn parts(id: &str) -> Option<(String, String, String)> {
    let segments: Vec<&str> = id.trim_matches('/').split('/').collect();
    let [subscriptions, subscription, groups, group, _, provider, kind, name] = segments.as_slice() else {
        return None;
    };
    let is = |word: &str, expected: &str| word.eq_ignore_ascii_case(expected);
    let fits = is(subscriptions, "subscriptions")
        && is(groups, "resourceGroups")
        && is(provider, "Microsoft.ContainerService")
        && is(kind, "managedClusters");
    fits.then(|| ((*subscription).into(), (*group).into(), (*name).into()))
}

/// Returns the beginning of a value.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let cut: String = text.chars().take(40).collect();
    if cut == text { cut } else { format!("{cut}…") }
}

fn no_cluster(id: &str) -> String {
    let example =
        json!("/subscriptions/…/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod");
    let has = match id {
        "" => "the body has no \"id\"".to_owned(),
        id => format!("the body's \"id\" is \"{id}\""),
    };
    format!("{has}; a managed cluster's is such as {example}.")
}
