//! Recorded Azure traffic, served to our client as an endpoint: every read is understood, and every
//! operation is followed over its recorded polls to its recorded end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, Url};
use serde_json::Value;
use terraform_provider_aks::arm::client::Client;
use terraform_provider_aks::arm::id::{ClusterId, FleetId};
use terraform_provider_aks::arm::operation::{Operation, Progress};
use terraform_provider_aks::arm::{request, response};

use super::script::{Canaries, settings};
use crate::arm::cassette::{self, Pair};

/// An Azure that plays a tape: each question gets its next recorded answer.
#[derive(Debug)]
struct Player(Mutex<VecDeque<Pair>>);

#[async_trait]
impl HttpClient for Player {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut tape = self.0.lock().unwrap();
        let path = request.url().path();
        let fits =
            |pair: &Pair| pair.method == request.method().as_ref() && pair.path().eq_ignore_ascii_case(path);
        let next = tape.iter().position(fits).expect(path);
        let pair = tape.remove(next).unwrap();
        let mut headers = Headers::new();
        for (name, value) in &pair.headers {
            headers.insert(name.clone(), value.clone());
        }
        if pair.header("date").is_none() {
            headers.insert("date", "Mon, 06 Oct 2025 20:14:40 GMT");
        }
        Ok(AsyncRawResponse::from_bytes(pair.status.into(), headers, pair.text.into_bytes()))
    }
}

fn player(pairs: &[Pair]) -> Client {
    let player = Arc::new(Player(Mutex::new(pairs.iter().cloned().collect())));
    let credential = Canaries::living(std::time::Duration::from_secs(360_000));
    Client::new(settings("https://management.azure.com/", player, credential)).unwrap()
}

/// Returns the words of the path and, in lower case, those that are fixed.
fn words(pair: &Pair) -> (Vec<&str>, String) {
    let words = pair.words().unwrap_or_default();
    let kind = words.iter().step_by(2).copied().collect::<Vec<_>>().join("/").to_lowercase();
    (words, kind)
}

fn cluster_id(pair: &Pair) -> Option<ClusterId> {
    let path: Vec<&str> = pair.path().split('/').take(9).collect();
    path.join("/").parse().ok()
}

/// What came of all tapes: how often each kind of exchange went well.
type Tally = BTreeMap<String, usize>;

async fn read(pair: &Pair, tally: &mut Tally) {
    let (words, kind) = words(pair);
    let client = player(std::slice::from_ref(pair));
    let subscription = pair.path().split('/').nth(2).unwrap();
    let id = cluster_id(pair);
    match (kind.as_str(), words.as_slice(), id) {
        ("managedclusters", [_, _], Some(id)) => {
            let body = client.cluster(&id).await.unwrap().body;
            let cluster = response::cluster(&id, &body).unwrap();
            assert_eq!(
                cluster.pools.len(),
                body["properties"]["agentPoolProfiles"].as_array().map_or(0, Vec::len)
            );
        }
        ("managedclusters/agentpools", [_, _, _, pool], Some(id)) => {
            let body = client.pool(&id, pool).await.unwrap().body;
            let read = response::pool(&body);
            // Pools of single machines (previews) have no version of their own.
            assert!(read.is_ok() || body["properties"]["mode"] == "Machines", "{read:?}");
        }
        ("managedclusters/upgradeprofiles", _, Some(id)) => {
            let body = client.upgrade_profile(&id).await.unwrap().body;
            assert!(!response::upgrades(&body).is_empty());
        }
        ("managedclusters/agentpools/upgradeprofiles", [_, _, _, pool, ..], Some(id)) => {
            let body = client.pool_upgrade_profile(&id, pool).await.unwrap().body;
            assert!(response::latest_image(&body).is_some());
        }
        ("managedclusters/maintenanceconfigurations", [_, _, _], Some(id)) => {
            client.maintenance_configurations(&id).await.unwrap();
        }
        ("locations/kubernetesversions", [_, location, _], _) => {
            let body = client.region_versions(subscription, location).await.unwrap().body;
            assert!(response::region(&body).len() > 3);
        }
        ("fleets", [_], _) => {
            // The list of a resource group is asked for by other clients only.
            let own = !pair.path().to_lowercase().contains("/resourcegroups/");
            let body = if own { client.fleets(subscription).await.unwrap().body } else { pair.body.clone() };
            assert_eq!(response::fleets(&body).len(), body["value"].as_array().unwrap().len());
        }
        ("fleets/updateruns", [_, _, _], _) => {
            let path: Vec<&str> = pair.path().split('/').take(9).collect();
            let fleet = FleetId::parse(&path.join("/")).unwrap();
            let body = client.update_runs(&fleet).await.unwrap().body;
            body["value"].as_array().unwrap().iter().for_each(run_of_each_member);
        }
        ("fleets/updateruns", [_, _, _, _], _) => run_of_each_member(&pair.body),
        _ => return,
    }
    *tally.entry(format!("GET {kind}")).or_default() += 1;
}

/// A run that has work to do on a cluster is told by its Fleet, its name and its state.
fn run_of_each_member(run: &Value) {
    let each = |owner: &Value, list: &str| owner[list].as_array().cloned().unwrap_or_default();
    let status = &run["properties"]["status"];
    let groups = each(status, "stages").into_iter().flat_map(|stage| each(&stage, "groups"));
    let members: Vec<Value> = groups.flat_map(|group| each(&group, "members")).collect();
    assert!(!members.is_empty(), "{run}");
    for member in members {
        let cluster = member["clusterResourceId"].as_str().unwrap();
        let over = ["Completed", "Skipped"].contains(&member["status"]["state"].as_str().unwrap());
        let told = response::update_runs(cluster, [run]).pop();
        assert_eq!(told.is_none(), over, "{member}");
        let Some(told) = told else { continue };
        assert_eq!(run["id"].as_str().unwrap().rsplit('/').nth(2), Some(told.fleet.as_str()));
        assert_eq!(run["name"].as_str(), Some(told.name.as_str()));
        assert_eq!(status["status"]["state"].as_str(), Some(told.state.as_str()));
    }
}

#[tokio::test(start_paused = true)]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS"]
async fn every_answer_parses() {
    let mut tally = Tally::new();
    for name in cassette::names() {
        for pair in cassette::read(&name).iter().filter(|pair| pair.method == "GET" && pair.status == 200) {
            read(pair, &mut tally).await;
        }
    }
    assert_eq!((tally.len(), tally.values().sum::<usize>()), (8, 482), "{tally:#?}");
}

/// How an operation ended by its recording: the last status, or none when the tape ends before.
fn recorded_end<'a>(tape: &'a [Pair], address: &str) -> Option<&'a str> {
    let path = address.split('?').next()?.trim_start_matches("https://management.azure.com");
    let polls = tape.iter().filter(|pair| pair.path() == path && pair.status == 200);
    let ends = polls.filter_map(|pair| pair.body["status"].as_str());
    ends.into_iter().find(|status| ["Succeeded", "Failed", "Canceled"].contains(status))
}

/// Sends what the tape sent and follows the operation to its end.
async fn follow(tape: &[Pair], at: usize) -> Option<(String, String)> {
    let pair = &tape[at];
    let address = pair.header("azure-asyncoperation")?;
    let end = recorded_end(&tape[at..], address)?;
    let (words, kind) = words(pair);
    let id = cluster_id(pair)?;
    let client = player(&tape[at..]);
    let sent = pair.sent.clone().unwrap_or_default();
    let mut operation = match (pair.method.as_str(), kind.as_str()) {
        ("PUT", "managedclusters") => client.put_cluster(&id, &sent).await.unwrap().operation.unwrap(),
        ("PUT", "managedclusters/agentpools") => {
            client.put_pool(&id, words[3], &sent).await.unwrap().operation.unwrap()
        }
        ("POST", "managedclusters/agentpools/upgradenodeimageversion") => {
            client.upgrade_node_image(&id, words[3]).await.unwrap().operation.unwrap()
        }
        // We start none of these, and may come to follow one.
        _ => {
            let endpoint = Url::parse("https://management.azure.com/").unwrap();
            Operation::new(&endpoint, request::cluster(&id), Some(address), pair.header("location"))
        }
    };
    let progress = loop {
        match client.poll(&mut operation).await.unwrap() {
            Progress::Running { .. } => {}
            end => break end,
        }
    };
    let ours = match progress {
        Progress::Succeeded => "Succeeded",
        Progress::Failed { .. } => "Failed",
        Progress::Canceled { .. } => "Canceled",
        other => panic!("{other:?}"),
    };
    assert_eq!(ours, end, "{} {}", pair.method, pair.path());
    Some((format!("{} {kind}", pair.method), end.to_owned()))
}

#[tokio::test(start_paused = true)]
#[ignore = "needs recorded Azure traffic: set AZURE_RECORDINGS"]
async fn every_operation_ends_as_recorded() {
    let mut tally = Tally::new();
    for name in cassette::names() {
        let tape = cassette::read(&name);
        for (at, pair) in tape.iter().enumerate() {
            let write = pair.method != "GET" && pair.status < 300;
            if write
                && words(pair).1.starts_with("managedclusters")
                && let Some((act, end)) = follow(&tape, at).await
            {
                *tally.entry(format!("{act} {end}")).or_default() += 1;
            }
        }
    }
    assert_eq!(tally.values().sum::<usize>(), 267, "{tally:#?}");
}
