//! Every fault on the wire, and what the client makes of it.

use super::fixture::PROD;
use clap::{CommandFactory, Parser};
use jiff::SignedDuration;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use terraform_provider_aks::arm::client::{Client, Settings};
use terraform_provider_aks::arm::credential::StaticToken;
use terraform_provider_aks::arm::id::ClusterId;
use terraform_provider_aks::arm::transport::https;
use terraform_provider_aks::cli::simulate::Simulate;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;

use crate::arm::script::settings;

async fn start(faults: &str) -> Simulator {
    let text = format!("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n{faults}");
    let scenario = Scenario::parse(&text, ".".as_ref()).unwrap();
    Simulator::start(scenario, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
}

/// Returns a client that does not ask again.
fn client(simulator: &Simulator) -> Client {
    let token = Arc::new(StaticToken::new("any"));
    let once = Settings { max_retries: 0, ..settings(&simulator.url(), https().unwrap(), token) };
    Client::new(once).unwrap()
}

fn prod() -> ClusterId {
    PROD.parse().unwrap()
}

/// Reads the cluster under a fault; `None` when the answer is whole.
async fn read(fault: &str) -> Option<String> {
    let simulator = start(&format!("[[fault]]\n{fault}")).await;
    let said = match client(&simulator).cluster(&prod()).await {
        Ok(answer) => {
            assert_eq!(answer.body["name"], "prod", "{fault}");
            None
        }
        Err(error) => Some(error.to_string()),
    };
    assert_eq!(simulator.log().len(), 1, "{fault}");
    // Struck once, it is gone.
    assert_eq!(client(&simulator).cluster(&prod()).await.unwrap().body["name"], "prod", "{fault}");
    said
}

async fn says(fault: &str, sentence: &str) {
    assert_eq!(read(fault).await.unwrap_or_default(), sentence.replace("PROD", PROD), "{fault}");
}

#[tokio::test]
async fn answers_in_azures_place() {
    says(
        "does = \"answer\"",
        "Azure refused a request: GET PROD answered 503 ServiceUnavailable: The service is unavailable.",
    )
    .await;
    says(
        "does = \"answer\"\nstatus = 418\nbody = '{\"code\":\"Teapot\",\"message\":\"Short and stout.\"}'",
        "Azure refused a request: GET PROD answered 418 Teapot: Short and stout.",
    )
    .await;
    says(
        "does = \"html\"\nstatus = 502",
        "Azure refused a request: GET PROD answered 502: an HTML page titled \"502 Bad Gateway\".",
    )
    .await;
}

#[tokio::test]
async fn redirects_and_races() {
    let redirect = |status: u16| {
        format!("Azure refused a request: GET PROD answered {status}: a redirect, which is not followed.")
    };
    says("does = \"redirect\"", &redirect(307)).await;
    says("does = \"redirect\"\nstatus = 302\nto = \"http://127.0.0.1:9/\"", &redirect(302)).await;
    says(
        "does = \"etag_mismatch\"",
        "The resource changed after it was read, so nothing was written: GET PROD answered 409 EtagMismatch: Operation is not allowed: Another operation is in progress; rpc error: code = FailedPrecondition desc = Etag mismatched.",
    )
    .await;
}

/// The sentence holds the port of the simulator in its middle.
async fn breaks(does: &str, end: &str) {
    let said = read(&format!("does = \"{does}\"")).await.unwrap();
    assert!(said.starts_with(&format!("GET {PROD} got no answer from 127.0.0.1: ")), "{does}: {said}");
    assert!(said.ends_with(end), "{does}: {said}");
}

#[tokio::test]
async fn connections_that_break() {
    breaks("cut_before", "connection closed before message completed.").await;
    breaks("cut_after", "connection closed before message completed.").await;
    breaks("truncate", "end of file before message length reached.").await;
    breaks("wrong_length", "end of file before message length reached.").await;
    let half = read("does = \"half_body\"").await.unwrap();
    let known =
        format!("GET {PROD} got an answer that cannot be understood: the body is not JSON (EOF while ");
    assert!(half.starts_with(&known), "{half}");
}

#[tokio::test]
async fn slow_answers_are_whole() {
    assert_eq!(read("does = \"delay\"\ndelay = \"2ms\"").await, None);
    assert_eq!(read("does = \"drip\"\ndelay = \"1ms\"").await, None);
}

/// Starts an upgrade under a fault; returns its state after a day, and that of the next one.
async fn upgrade(does: &str) -> [String; 2] {
    let simulator = start(&format!("[[fault]]\nmethod = \"PUT\"\ndoes = \"{does}\"")).await;
    let client = client(&simulator);
    let mut states = vec![];
    for version in ["1.34.9", "1.35.6"] {
        let body = json!({ "location": "westeurope", "properties": { "kubernetesVersion": version } });
        if let Err(error) = client.put_cluster(&prod(), &body).await {
            states.push(error.to_string());
            continue;
        }
        simulator.advance(SignedDuration::from_hours(24));
        let body = client.cluster(&prod()).await.unwrap().body;
        let error = body["properties"]["status"]["provisioningError"]["code"].as_str().unwrap_or("-");
        states.push(format!("{} {error}", body["properties"]["provisioningState"].as_str().unwrap()));
    }
    states.try_into().unwrap()
}

#[tokio::test]
async fn operations_that_fail_and_hang() {
    assert_eq!(upgrade("drain_fails").await, ["Failed UpgradeFailed", "Succeeded -"]);
    let [hangs, next] = upgrade("operation_hangs").await;
    assert_eq!(hangs, "Upgrading -");
    assert!(next.contains("Another operation (Upgrading) is in progress"), "{next}");
}

#[tokio::test]
async fn a_fault_of_operations_is_spent_by_a_request_that_starts_none() {
    let simulator = start("[[fault]]\nmethod = \"GET\"\ndoes = \"operation_hangs\"").await;
    let client = client(&simulator);
    client.cluster(&prod()).await.unwrap();
    client.put_cluster(&prod(), &json!({ "location": "westeurope", "properties": {} })).await.unwrap();
    simulator.advance(SignedDuration::from_hours(1));
    let body = client.cluster(&prod()).await.unwrap().body;
    assert_eq!(body["properties"]["provisioningState"], "Succeeded");
}

/// Which of twelve requests a fault strikes.
async fn struck(choice: &str) -> Vec<usize> {
    let simulator = start(&format!("[[fault]]\n{choice}\ndoes = \"answer\"\nstatus = 400")).await;
    let client = client(&simulator);
    let mut struck = vec![];
    for number in 1..=12 {
        let answer = match number % 2 {
            0 => client.cluster(&prod()).await.map(|_| ()),
            _ => client.upgrade_profile(&prod()).await.map(|_| ()),
        };
        if answer.is_err() {
            struck.push(number);
        }
    }
    struck
}

#[tokio::test]
async fn a_fault_chooses_by_number_path_and_dice() {
    assert_eq!(struck("").await, [1]);
    assert_eq!(struck("nth = 3\ntimes = 2").await, [3, 4]);
    assert_eq!(struck("path = \"UPGRADEPROFILES\"\nnth = 2\ntimes = 2").await, [3, 5]);
    assert_eq!(struck("method = \"PUT\"\ntimes = 100").await, [0; 0]);
    assert_eq!(struck("share = 1.0").await.len(), 12);
    assert_eq!(struck("share = 0.0").await.len(), 0);
    let dice = struck("share = 0.5\nseed = 7").await;
    assert_eq!(struck("share = 0.5\nseed = 7").await, dice, "the same dice fall the same way");
    assert!((3..=9).contains(&dice.len()), "{dice:?}");
    assert_ne!(struck("share = 0.5\nseed = 8").await, dice);
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    _simulate: Simulate,
}

#[test]
fn the_help_names_every_fault() {
    let help = Line::command().render_long_help().to_string();
    for deed in [
        "answer",
        "html",
        "redirect",
        "etag_mismatch",
        "cut_before",
        "cut_after",
        "truncate",
        "half_body",
        "wrong_length",
        "delay",
        "drip",
        "drain_fails",
        "operation_hangs",
    ] {
        assert!(help.contains(&format!("\"{deed}\"")), "{deed}: {help}");
        let text = format!("[[fault]]\ndoes = \"{deed}\"\ndelay = \"5s\"");
        assert_eq!(Scenario::parse(&text, ".".as_ref()).unwrap().faults.len(), 1);
    }
}
