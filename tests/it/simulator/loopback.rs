//! The server over real loopback: clock, control, faults, restart.

use super::fixture::PROD;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::net::SocketAddr;
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::{Listen, Simulator};

const STAGE: &str = "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n";

fn anywhere() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

async fn start(scenario: &str) -> Simulator {
    Simulator::start(Scenario::parse(scenario, ".".as_ref()).unwrap(), anywhere()).await.unwrap()
}

async fn ask(
    simulator: &Simulator,
    method: Method,
    path: &str,
    body: Value,
) -> reqwest::Result<(u16, Value)> {
    let url = format!("{}{path}?api-version=2026-08-01", simulator.url());
    let request = Client::builder()
        .no_proxy()
        .build()?
        .request(method, url)
        .bearer_auth("secret")
        .body(body.to_string());
    let response = request.send().await?;
    let status = response.status().as_u16();
    let text = response.bytes().await?;
    Ok((
        status,
        serde_json::from_slice(&text).unwrap_or(Value::String(String::from_utf8_lossy(&text).into())),
    ))
}

async fn state(simulator: &Simulator) -> String {
    let (_, body) = ask(simulator, Method::GET, PROD, Value::Null).await.unwrap();
    let p = &body["properties"];
    format!(
        "{} {}",
        p["provisioningState"].as_str().unwrap(),
        p["currentKubernetesVersion"].as_str().unwrap()
    )
}

fn upgrade() -> Value {
    json!({ "location": "westeurope", "properties": { "kubernetesVersion": "1.35.6" } })
}

#[tokio::test]
async fn an_upgrade_in_virtual_time() {
    let simulator = start(STAGE).await;
    assert_eq!(ask(&simulator, Method::PUT, PROD, upgrade()).await.unwrap().0, 200);
    assert_eq!(state(&simulator).await, "Upgrading 1.35.6");
    simulator.advance(SignedDuration::from_mins(5));
    assert_eq!(state(&simulator).await, "Succeeded 1.35.6");
    let writes: Vec<(u64, Timestamp)> =
        simulator.log().iter().filter(|entry| entry.write).map(|entry| (entry.number, entry.at)).collect();
    assert_eq!(writes, [(1, "2026-11-22T09:00:00Z".parse().unwrap())]);
}

#[tokio::test]
async fn each_request_ticks_a_standing_clock() {
    let simulator = start(&format!("[clock]\ntick = \"1m\"\n{STAGE}")).await;
    for _ in 0..3 {
        state(&simulator).await;
    }
    assert_eq!(simulator.now(), "2026-11-22T09:03:00Z".parse().unwrap());
}

#[tokio::test]
async fn a_token_and_the_endpoints_are_on_our_host() {
    let simulator = start(STAGE).await;
    let (status, token) =
        ask(&simulator, Method::POST, "/tenant/oauth2/v2.0/token", Value::Null).await.unwrap();
    assert_eq!((status, &token["token_type"]), (200, &json!("Bearer")));
    let (_, cloud) = ask(&simulator, Method::GET, "/metadata/endpoints", Value::Null).await.unwrap();
    assert_eq!(cloud["resourceManager"], json!(format!("{}/", simulator.url())));
}

#[tokio::test]
async fn the_clock_faults_and_other_people_are_under_simulator() {
    let simulator = start(STAGE).await;
    let post = |path: &'static str, body: Value| ask(&simulator, Method::POST, path, body);
    let (status, now) = post("/simulator/clock", json!({ "now": "2026-11-28T02:00:00Z" })).await.unwrap();
    assert_eq!((status, &now["now"]), (200, &json!("2026-11-28T02:00:00Z")));
    assert_eq!(
        post("/simulator/clock", json!({ "advance": "2h" })).await.unwrap().1["now"],
        "2026-11-28T04:00:00Z"
    );
    post("/simulator/faults", json!({ "method": "GET", "does": "answer", "status": 502, "retry_after": 1 }))
        .await
        .unwrap();
    assert_eq!(ask(&simulator, Method::GET, PROD, Value::Null).await.unwrap().0, 502);
    let body = json!({ "method": "POST", "path": format!("{PROD}/agentPools/user/upgradeNodeImageVersion") });
    assert_eq!(post("/simulator/clusters", body).await.unwrap().1["status"], 202);
    assert_eq!(ask(&simulator, Method::PUT, PROD, upgrade()).await.unwrap().0, 409);
    let (_, requests) = ask(&simulator, Method::GET, "/simulator/requests", Value::Null).await.unwrap();
    assert_eq!(
        requests.as_array().unwrap().len(),
        2,
        "neither the control nor other people are in the journal"
    );
    assert!(
        post("/simulator/clock", json!({ "back": 1 })).await.unwrap().1["error"]["message"]
            .as_str()
            .unwrap()
            .contains("unknown variant `back`")
    );
}

/// What is added while it serves is judged as in a scenario: what names nothing would change nothing.
#[tokio::test]
async fn outcomes_and_faults_are_judged_when_they_come() {
    let simulator = start(STAGE).await;
    let said = async |path: &str, body: Value| {
        let (status, said) = ask(&simulator, Method::POST, path, body).await.unwrap();
        assert_eq!(status, 400, "{said}");
        said["error"]["message"].as_str().unwrap().to_owned()
    };
    let outcome = async |body: Value| said("/simulator/outcomes", body).await;
    assert_eq!(
        outcome(json!({ "cluster": "prud", "ends": "fail" })).await,
        "[[outcome]] number 1, `cluster`: there is no \"prud\" here; did you mean \"prod\"?"
    );
    assert_eq!(
        outcome(json!([{ "ends": "fail" }, { "pool": "usr", "ends": "fail" }])).await,
        "[[outcome]] number 2, `pool`: there is no \"usr\" here; did you mean \"user\"?"
    );
    assert_eq!(
        outcome(json!({ "ends": "fail", "nodes": 3 })).await,
        "[[outcome]] number 1, `nodes`: only an operation that ends in quarantine or pause leaves nodes."
    );
    assert!(
        outcome(json!({ "clustr": "prod", "ends": "fail" }))
            .await
            .contains("unknown field `clustr`, expected one of `cluster`")
    );
    assert!(
        outcome(json!({ "ends": "fial" })).await.contains("unknown variant `fial`, expected one of `fail`")
    );
    let fault = async |body: Value| said("/simulator/faults", body).await;
    assert_eq!(
        fault(json!({ "method": "GTE", "does": "html" })).await,
        "[[fault]] number 1, `method`: there is no \"GTE\" here; did you mean \"GET\"?"
    );
    assert_eq!(
        fault(json!({ "does": "delay" })).await,
        "[[fault]] number 1, `delay`: it holds nothing back; give one such as \"5s\"."
    );
    assert!(fault(json!({ "dose": "html" })).await.contains("unknown field `dose`"));
    assert_eq!(ask(&simulator, Method::PUT, PROD, upgrade()).await.unwrap().0, 200);
    simulator.advance(SignedDuration::from_hours(2));
    assert_eq!(state(&simulator).await, "Succeeded 1.35.6", "nothing that was refused happens");
}

#[tokio::test]
async fn a_state_file_belongs_to_one_simulator() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("state.json");
    let start = || {
        let listen = Listen { state: Some(file.clone()), ..Listen::from(anywhere()) };
        Simulator::start(Scenario::parse(STAGE, ".".as_ref()).unwrap(), listen)
    };
    let first = start().await.unwrap();
    let said = start().await.unwrap_err().to_string();
    assert_eq!(
        said,
        format!(
            "The simulator cannot start: another simulator keeps its world in {}. End that one, or give another --state.",
            file.display()
        )
    );
    drop(first);
    start().await.unwrap();
    assert!(!dir.path().join("state.json.lock").exists(), "nothing is left beside it");
}

#[tokio::test]
async fn connections_are_cut_before_and_after() {
    let stage = |does: &str| format!("{STAGE}[[fault]]\nmethod = \"PUT\"\ndoes = \"{does}\"\n");
    for (does, after) in [
        ("cut_before", "Succeeded 1.34.2"),
        ("cut_after", "Upgrading 1.35.6"),
        ("truncate", "Upgrading 1.35.6"),
    ] {
        let simulator = start(&stage(does)).await;
        assert!(ask(&simulator, Method::PUT, PROD, upgrade()).await.is_err(), "{does}");
        assert_eq!(state(&simulator).await, after, "{does}");
    }
    let simulator = start(&format!("{STAGE}[[fault]]\ndoes = \"html\"\nstatus = 502\ntimes = 2\n")).await;
    for expected in [502, 502, 200] {
        assert_eq!(ask(&simulator, Method::GET, PROD, Value::Null).await.unwrap().0, expected);
    }
}

#[tokio::test]
async fn the_state_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let listen = || Listen { state: Some(dir.path().join("state.json")), ..Listen::from(anywhere()) };
    let scenario =
        || Scenario::parse(&format!("{STAGE}[[fault]]\nnth = 9\ndoes = \"html\""), ".".as_ref()).unwrap();
    let first = Simulator::start(scenario(), listen()).await.unwrap();
    ask(&first, Method::PUT, PROD, upgrade()).await.unwrap();
    first.advance(SignedDuration::from_mins(2));
    drop(first);
    let second = Simulator::start(scenario(), listen()).await.unwrap();
    assert_eq!(second.now(), "2026-11-22T09:02:00Z".parse().unwrap());
    assert_eq!(state(&second).await, "Upgrading 1.35.6");
    second.advance(SignedDuration::from_mins(3));
    assert_eq!(state(&second).await, "Succeeded 1.35.6");
    assert_eq!(second.log().len(), 3);
}

#[tokio::test]
async fn only_loopback_unless_told() {
    let said =
        Simulator::start(Scenario::default(), "0.0.0.0:0".parse::<SocketAddr>().unwrap()).await.unwrap_err();
    assert_eq!(
        said.to_string(),
        "The simulator lets everybody in and listens on loopback only; 0.0.0.0:0 is no loopback address. Give one such as 127.0.0.1:0, or allow this one explicitly."
    );
}

#[tokio::test]
async fn https_with_an_authority_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    let listen = Listen { ca: Some(ca.clone()), ..Listen::from(anywhere()) };
    let scenario = Scenario::parse(STAGE, ".".as_ref()).unwrap();
    let simulator = Simulator::start(scenario, listen).await.unwrap();
    assert!(simulator.url().starts_with("https://localhost:"));
    let ca = reqwest::Certificate::from_pem(&std::fs::read(&ca).unwrap()).unwrap();
    let trusting = Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap();
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("{}/metadata/endpoints", simulator.url().replace("localhost", host));
        let cloud: Value = trusting.get(&url).send().await.unwrap().json().await.unwrap();
        assert_eq!(
            cloud["authentication"]["loginEndpoint"],
            url.replace("metadata/endpoints", ""),
            "answers name the scheme and host that were asked"
        );
    }
    let stranger = Client::builder().no_proxy().build().unwrap();
    assert!(stranger.get(simulator.url()).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn an_authority_needs_a_folder() {
    let listen = Listen { ca: Some("nowhere/ca.pem".into()), ..Listen::from(anywhere()) };
    let said = Simulator::start(Scenario::default(), listen).await.unwrap_err().to_string();
    assert!(said.starts_with("The simulator cannot start: nowhere/ca.pem cannot be written:"), "{said}");
}
