//! The situation before a recorded request: what earlier pairs of the cassette have shown.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use terraform_provider_aks::simulator::{scenario::Scenario, world::World};

use super::Excluded;
use crate::arm::cassette::Pair;
use crate::simulator::fixture::{Answer, Azure};

/// What was seen of Azure so far in a cassette.
#[derive(Default)]
pub struct Situation {
    /// The last body of each cluster, by its path in lower case.
    clusters: BTreeMap<String, Value>,
    /// The maintenance configurations that were written, by their paths in lower case.
    maintenance: BTreeMap<String, Value>,
    /// The snapshots that there are: path and body.
    snapshots: BTreeMap<String, Value>,
    /// Worlds in which an operation of ours runs, by the id of the recorded one.
    operations: BTreeMap<String, (Azure, Answer)>,
}

impl Situation {
    /// Asks our Azure the recorded request, in the situation of the recording.
    pub fn ask(&mut self, pair: &Pair) -> Result<Answer, Excluded> {
        if let Some((_, id)) = operation(pair.path()) {
            return self.poll(pair, id);
        }
        let mut azure = self.stage(pair);
        let answer = azure.send(request(pair));
        if let Some((_, id)) = pair.header("azure-asyncoperation").and_then(operation) {
            let copy = Answer { headers: answer.headers.clone(), body: Value::Null, status: answer.status };
            self.operations.insert(id.to_owned(), (azure, copy));
        }
        Ok(answer)
    }

    /// Polls our operation at the same stage: still running, or long over.
    fn poll(&mut self, pair: &Pair, id: &str) -> Result<Answer, Excluded> {
        let (azure, begun) = self.operations.get_mut(id).ok_or(Excluded::NoOperation)?;
        let over = match pair.body["status"].as_str() {
            Some(status) => ["Succeeded", "Failed", "Canceled"].contains(&status),
            None => pair.status != 202,
        };
        if over {
            azure.wait(24 * 3600);
        }
        let result = pair.path().to_lowercase().contains("operationresults");
        let header = if result { "location" } else { "azure-asyncoperation" };
        let address = begun.header(header).to_owned();
        if address.is_empty() { Err(Excluded::NoOperation) } else { Ok(azure.follow(&address)) }
    }

    fn stage(&self, pair: &Pair) -> Azure {
        let seeds = self.seeds(pair);
        let named = format!("{} {} {}", json!(pair.sent), pair.body, json!(seeds));
        let mut scenario = Scenario::parse(&offers_in(&named), ".".as_ref()).unwrap();
        for body in seeds {
            scenario.clusters.extend(Scenario::from_body(body).unwrap().clusters);
        }
        // Whether the group exists is not in the path; a neighbour makes it so.
        if !pair.text.contains("ResourceGroupNotFound") {
            scenario.clusters.extend(Scenario::from_body(neighbour(pair)).unwrap().clusters);
        }
        for body in self.snapshots.values() {
            scenario.clusters.extend(Scenario::from_body(source(body)).unwrap().clusters);
        }
        let now = pair.at().or_else(|| day_of(&named)).unwrap_or(scenario.clock.start);
        scenario.clock.start = now;
        let mut azure = Azure { world: World::new(scenario), now };
        self.put_maintenance(&mut azure);
        for (path, body) in &self.snapshots {
            let id = format!("{}/agentPools/pool", source(body)["id"].as_str().unwrap());
            let mut body = body.clone();
            body["properties"]["creationData"]["sourceResourceId"] = json!(id);
            azure.put(path, body).expect(200);
        }
        if is_just_deleted(pair) {
            azure.ask("DELETE", pair.path(), Value::Null, &[]);
            azure.wait(200);
        }
        azure
    }

    /// Returns the clusters that there were.
    fn seeds(&self, pair: &Pair) -> Vec<Value> {
        // A read shows the situation itself.
        let read = pair.method == "GET" && pair.status == 200;
        if pair.path().to_lowercase().contains("/snapshots") {
            return self.source_of(pair);
        }
        let Some(cluster) = cluster_path(pair.path()) else {
            return pair.body["value"].as_array().filter(|_| read).cloned().unwrap_or_default();
        };
        let gone = pair.status == 404 && is_cluster(pair.path()) && !is_just_deleted(pair);
        let new = pair.status == 201 && is_cluster(pair.path());
        match self.clusters.get(&cluster) {
            _ if read && is_cluster(pair.path()) => vec![pair.body.clone()],
            _ if gone || new => vec![],
            Some(body) if read && is_pool(pair.path()) => vec![with_pool(body.clone(), &pair.body)],
            Some(body) if read && pair.body["value"][0].get("id").is_some() => {
                let pools = pair.body["value"].as_array().into_iter().flatten();
                vec![pools.fold(body.clone(), with_pool)]
            }
            Some(body) => vec![body.clone()],
            None if pair.status == 404 || pair.status == 204 => vec![],
            None => panic!("what was before {} is in no recording", pair.path()),
        }
    }

    /// Returns the cluster of which a snapshot is taken.
    fn source_of(&self, pair: &Pair) -> Vec<Value> {
        let source =
            pair.sent.as_ref().and_then(|sent| sent.pointer("/properties/creationData/sourceResourceId"));
        let Some(source) = source.and_then(Value::as_str) else { return vec![] };
        let cluster = cluster_path(source).and_then(|path| self.clusters.get(&path));
        vec![cluster.unwrap().clone()]
    }

    /// Returns the fields that our Azure can know: those of the request and of what was before.
    pub fn known(&self, pair: &Pair) -> String {
        let before = cluster_path(pair.path()).and_then(|path| self.clusters.get(&path));
        format!("{} {}", json!(before), json!(pair.sent))
    }

    fn put_maintenance(&self, azure: &mut Azure) {
        for body in self.maintenance.values() {
            let (path, mut body) = (body["id"].as_str().unwrap(), body.clone());
            if let Some(window) = body.pointer_mut("/properties/maintenanceWindow") {
                // The recorded day is over, or has not begun.
                window.as_object_mut().unwrap().shift_remove("startDate");
            }
            azure.put(path, body);
        }
    }

    /// Remembers what a pair shows.
    pub fn learn(&mut self, pair: &Pair) {
        if pair.status >= 300 {
            return;
        }
        if pair.body["status"] == "Succeeded" {
            self.clusters.values_mut().for_each(settle);
        }
        let path = pair.path().to_lowercase();
        if path.contains("/maintenanceconfigurations/") {
            match pair.method.as_str() {
                "DELETE" => self.maintenance.remove(&path),
                _ => self.maintenance.insert(path, pair.body.clone()),
            };
        } else if path.contains("/snapshots/") {
            match pair.method.as_str() {
                "DELETE" => self.snapshots.remove(&path),
                _ => self.snapshots.insert(path, pair.body.clone()),
            };
        } else if is_pool(&path) && pair.body.get("name").is_some() {
            let cluster = cluster_path(&path).and_then(|path| self.clusters.get_mut(&path));
            if let Some(cluster) = cluster {
                *cluster = with_pool(cluster.take(), &pair.body);
            }
        } else if let Some(power) = power(&path) {
            if let Some(cluster) = cluster_path(&path).and_then(|path| self.clusters.get_mut(&path)) {
                cluster["properties"]["powerState"] = json!({ "code": power });
            }
        } else if is_cluster(&path) && pair.body.get("properties").is_some() {
            self.clusters.insert(path, pair.body.clone());
        }
    }
}

/// Returns a cluster whose pool was as a snapshot shows it.
fn source(snapshot: &Value) -> Value {
    let group = snapshot["id"].as_str().unwrap().split("/snapshots/").next().unwrap();
    let taken = &snapshot["properties"];
    let version = &taken["kubernetesVersion"];
    let pool = json!({
        "name": "pool", "count": 1, "provisioningState": "Succeeded", "osType": taken["osType"],
        "osSKU": taken["osSku"], "vmSize": taken["vmSize"], "nodeImageVersion": taken["nodeImageVersion"],
        "orchestratorVersion": version, "currentOrchestratorVersion": version,
    });
    json!({
        "id": format!("{group}/managedClusters/source"), "name": "source", "location": "nowhere",
        "properties": { "provisioningState": "Succeeded", "kubernetesVersion": version, "agentPoolProfiles": [pool] },
    })
}

/// Puts a pool as it was read into its cluster.
fn with_pool(mut cluster: Value, body: &Value) -> Value {
    if let Some(pools) = cluster["properties"]["agentPoolProfiles"].as_array_mut() {
        let mut profile = body["properties"].clone();
        profile["name"] = body["name"].clone();
        pools.retain(|pool| pool["name"] != body["name"]);
        pools.push(profile);
    }
    cluster
}

/// What a cluster will be after `start` and `stop`.
fn power(path: &str) -> Option<&'static str> {
    match path.rsplit('/').next()? {
        "start" => Some("Running"),
        "stop" => Some("Stopped"),
        _ => None,
    }
}

/// Tells whether the gateway still believed in a cluster that the resource provider had deleted.
fn is_just_deleted(pair: &Pair) -> bool {
    pair.status == 404 && is_cluster(pair.path()) && pair.body["code"] == "NotFound"
}

/// Lets what was going on be done.
fn settle(cluster: &mut Value) {
    let properties = cluster["properties"].as_object_mut().unwrap();
    properties.insert("provisioningState".into(), json!("Succeeded"));
    for pool in properties.get_mut("agentPoolProfiles").and_then(Value::as_array_mut).into_iter().flatten() {
        pool["provisioningState"] = json!("Succeeded");
    }
}

fn request(pair: &Pair) -> Request<Bytes> {
    let body = pair.sent.as_ref().map(Value::to_string).unwrap_or_default();
    Request::builder()
        .method(pair.method.as_str())
        .uri(format!("https://management.azure.com{}", pair.target))
        .header("authorization", "Bearer secret")
        .body(Bytes::from(body))
        .unwrap()
}

/// Returns a day on which versions that are no longer supported were, for recordings without a clock.
fn day_of(all: &str) -> Option<Timestamp> {
    let old = |version: &&str| ["1.28.", "1.29.", "1.30."].iter().any(|minor| version.starts_with(minor));
    let versions = versions_in(all);
    (!versions.is_empty() && versions.iter().all(old)).then(|| "2024-09-01T00:00:00Z".parse().unwrap())
}

fn versions_in(all: &str) -> BTreeSet<&str> {
    all.split('"').filter(|text| is_version(text)).collect()
}

/// Offers every version and image that a text names: the recordings are years old.
pub fn offers_in(all: &str) -> String {
    let versions = versions_in(all);
    let images: Vec<&str> = all.split('"').filter(|text| is_image(text)).collect();
    format!(
        "[service]\ntransient_errors = false\nrefuse_unsupported = false\n[catalogue]\nversions = {}\nimages = {}",
        json!(versions),
        json!(images)
    )
}

fn is_version(text: &str) -> bool {
    let parts: Vec<Result<u32, _>> = text.split('.').map(str::parse).collect();
    matches!(parts.as_slice(), [Ok(1), Ok(10..), Ok(_)])
}

/// Tells whether a text is an image such as `AKSUbuntu-2204gen2containerd-202510.29.0`.
fn is_image(text: &str) -> bool {
    text.starts_with("AKS") && text.rsplit_once('-').is_some_and(|(_, version)| version.contains('.'))
}

pub fn neighbour(pair: &Pair) -> Value {
    let mut words = pair.path().trim_matches('/').split('/').skip(1).step_by(2);
    let subscription = words.next().unwrap_or_default();
    let group = words.next().unwrap_or_default();
    json!({
        "id": format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/neighbour"),
        "name": "neighbour", "location": "nowhere", "properties": { "provisioningState": "Succeeded", "kubernetesVersion": "1.34.2", "agentPoolProfiles": [] },
    })
}

/// Returns `operations` or `operationresults`, and the id.
pub fn operation(address: &str) -> Option<(&str, &str)> {
    let path = address.split('?').next()?;
    let mut words = path.rsplit('/');
    let (id, kind) = (words.next()?, words.next()?);
    (words.nth(1)? == "locations" && kind.starts_with("operation")).then_some((kind, id))
}

fn cluster_path(path: &str) -> Option<String> {
    let lower = path.to_lowercase();
    let mut words = lower.split('/').collect::<Vec<_>>();
    let at = words.iter().position(|word| *word == "managedclusters")?;
    words.get(at + 1)?;
    words.truncate(at + 2);
    Some(words.join("/"))
}

fn is_cluster(path: &str) -> bool {
    cluster_path(path).is_some_and(|cluster| cluster.len() == path.len())
}

fn is_pool(path: &str) -> bool {
    path.split('/').rev().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("agentPools"))
}
