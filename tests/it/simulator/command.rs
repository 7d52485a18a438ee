//! `simulate` as a person starts it, and as another terminal moves its clock.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Parser;
use serde_json::json;
use terraform_provider_aks::cli::simulate::{Served, Simulate, note_file, run, step};
use terraform_provider_aks::simulator::scenario::{InitialCluster, Scenario};
use terraform_provider_aks::simulator::server::Simulator;

use super::fixture::{Azure, PROD};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    simulate: Simulate,
}

/// Runs a command line in a home of its own.
async fn start(home: &Path, arguments: &[&str]) -> Result<anyhow::Result<()>, tokio::time::error::Elapsed> {
    let line = Line::try_parse_from([&["simulate"], arguments].concat()).unwrap();
    let home = home.to_str().unwrap().to_owned();
    let variable = move |name: &str| (name == "HOME").then(|| home.clone());
    tokio::time::timeout(Duration::from_millis(200), run(line.simulate, variable)).await
}

#[tokio::test]
async fn it_serves_until_it_is_stopped_and_notes_where() {
    let home = tempfile::tempdir().unwrap();
    assert!(start(home.path(), &["--clock", "2026-11-28T02:00:00Z", "--speed", "0"]).await.is_err());
    let note = note_file(|name| (name == "HOME").then(|| home.path().to_str().unwrap().to_owned()));
    assert!(Served::noted(&note)[0].url.starts_with("http://127.0.0.1:"));
}

#[tokio::test]
async fn it_says_what_it_cannot_read() {
    let home = tempfile::tempdir().unwrap();
    let said = start(home.path(), &["--scenario", "nowhere.toml"]).await.unwrap().unwrap_err();
    assert_eq!(said.to_string(), "nowhere.toml cannot be read");
    let cluster = home.path().join("one.json");
    let body = json!({ "id": PROD, "name": "prod", "properties": {} });
    std::fs::write(&cluster, body.to_string()).unwrap();
    let file = cluster.to_str().unwrap();
    let said = start(home.path(), &["--from", file, file]).await.unwrap().unwrap_err();
    assert_eq!(
        said.to_string(),
        format!(
            "--from {file}: the cluster prod in resource group rg of subscription 00000000-0000-0000-0000-000000000000 is given twice."
        )
    );
    for (line, said) in [
        ("--speed=-5", "a clock does not run at speed -5; 0 stands still, 60 makes a minute of an hour"),
        (
            "--speed=1e300",
            "a clock does not run faster than 86400, a day in a second; move it instead: simulate clock +2d",
        ),
        ("--speed=fast", "\"fast\" is no number such as 60"),
        ("--clock=tomorrow", "\"tomorrow\" is no instant such as 2026-11-28T02:00Z"),
    ] {
        let refused = Line::try_parse_from(["simulate", line]).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains(said), "{refused}");
    }
    let said = start(home.path(), &["--listen", "0.0.0.0:0"]).await.unwrap().unwrap_err();
    assert!(said.to_string().contains("0.0.0.0:0 is no loopback address"), "{said}");
}

/// Who follows the hints that are printed at the start stays with a version that Azure supports.
#[test]
fn the_first_rehearsal_stays_in_support() {
    let mut azure = Azure::new(include_str!("../../../examples/simulator/scenario.toml"));
    assert_eq!(azure.now.to_string(), "2026-11-21T02:00:00Z");
    azure.now = "2026-11-28T08:00:00Z".parse().unwrap();
    azure.put(PROD, json!({})).expect(200);
    azure.now = "2026-12-05T02:00:00Z".parse().unwrap();
    let refusal = azure.put(PROD, json!({})).refusal();
    assert!(refusal.starts_with("400 K8sVersionNotSupported"), "a judge that would let it pass: {refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_terminal_moves_the_clock_forward_and_not_back() {
    let home = tempfile::tempdir().unwrap();
    let scenario =
        Scenario::parse("[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"", ".".as_ref()).unwrap();
    let simulator =
        Simulator::start(scenario, std::net::SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let url = simulator.url();
    let moved = async |to: &str| start_slowly(home.path(), &["clock", to, "--endpoint", &url]).await;
    moved("+2d").await.unwrap();
    assert_eq!(simulator.now().to_string(), "2026-11-24T09:00:00Z");
    moved("2026-11-28T02:00Z").await.unwrap();
    assert_eq!(simulator.now().to_string(), "2026-11-28T02:00:00Z");
    let said = moved("2026-11-26T14:00:00Z").await.unwrap_err().to_string();
    assert_eq!(
        said,
        "It is 2026-11-28T02:00:00Z here, and the clock cannot go back to 2026-11-26T14:00:00Z: what has happened stays. Start a new simulator for that."
    );
    assert_eq!(simulator.now().to_string(), "2026-11-28T02:00:00Z");
    // The one that was started last is meant, unless an address is given.
    let note = note_file(|name| (name == "HOME").then(|| home.path().to_str().unwrap().to_owned()));
    Served { url: url.clone(), ca: None }.note(&note).unwrap();
    start_slowly(home.path(), &["clock", "+90m", "--speed", "600"]).await.unwrap();
    assert!(simulator.now() >= "2026-11-28T03:30:00Z".parse::<jiff::Timestamp>().unwrap());
    assert_eq!(simulator.speed(), 600.0);
}

async fn start_slowly(home: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    start_towards(home, None, arguments).await
}

/// Runs a command line with an address in the variable that Terraform's provider reads.
async fn start_towards(home: &Path, endpoint: Option<&str>, arguments: &[&str]) -> anyhow::Result<()> {
    let line = Line::try_parse_from([&["simulate"], arguments].concat()).unwrap();
    let (home, endpoint) = (home.to_str().unwrap().to_owned(), endpoint.map(str::to_owned));
    let variable = move |name: &str| match name {
        "HOME" => Some(home.clone()),
        "ARM_RESOURCE_MANAGER_ENDPOINT" => endpoint.clone(),
        _ => None,
    };
    run(line.simulate, variable).await
}

/// The simulator that Terraform talks to is meant, and not one that somebody else started since.
#[tokio::test(flavor = "multi_thread")]
async fn the_simulator_of_the_variable_goes_before_the_one_that_was_started_last() {
    let home = tempfile::tempdir().unwrap();
    let note = note_file(|name| (name == "HOME").then(|| home.path().to_str().unwrap().to_owned()));
    let addr = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let own = Simulator::start(Scenario::default(), addr).await.unwrap();
    let last = Simulator::start(Scenario::default(), addr).await.unwrap();
    Served { url: last.url(), ca: None }.note(&note).unwrap();
    let own_url = format!("{}/", own.url());
    start_towards(home.path(), Some(&own_url), &["clock", "+1h"]).await.unwrap();
    assert_eq!(own.now().to_string(), "2026-11-22T10:00:00Z");
    start_towards(home.path(), Some(&own_url), &["clock", "+2h", "--endpoint", &last.url()]).await.unwrap();
    start_towards(home.path(), Some(""), &["clock", "+1h"]).await.unwrap();
    assert_eq!(last.now().to_string(), "2026-11-22T12:00:00Z");
    assert_eq!(own.now().to_string(), "2026-11-22T10:00:00Z");
}

/// A simulator that was killed leaves its note: the first that answers is meant.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_note_does_not_hide_a_simulator_that_serves() {
    let home = tempfile::tempdir().unwrap();
    let note = note_file(|name| (name == "HOME").then(|| home.path().to_str().unwrap().to_owned()));
    let addr = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let older = Simulator::start(Scenario::default(), addr).await.unwrap();
    let newer = Simulator::start(Scenario::default(), addr).await.unwrap();
    let served = |url: String| Served { url, ca: None };
    for url in [older.url(), newer.url(), "http://127.0.0.1:1".into()] {
        served(url).note(&note).unwrap();
    }
    start_slowly(home.path(), &["clock", "+1h"]).await.unwrap();
    assert_eq!(newer.now().to_string(), "2026-11-22T10:00:00Z");
    // One that ends by itself leaves the others.
    served(newer.url()).forget(&note).unwrap();
    start_slowly(home.path(), &["clock", "+2h"]).await.unwrap();
    assert_eq!(older.now().to_string(), "2026-11-22T11:00:00Z");
    assert_eq!(newer.now().to_string(), "2026-11-22T10:00:00Z");
    let said = start_slowly(home.path(), &["clock", "--endpoint", "http://127.0.0.1:1"]).await.unwrap_err();
    assert_eq!(format!("{said:#}"), "No simulator answers at http://127.0.0.1:1: nothing serves there.");
}

/// What an existing state cannot take is refused; what it can, it takes.
#[tokio::test]
async fn a_state_that_is_there_goes_on_and_says_what_it_cannot_take() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let (state, other) = (file("state.json"), file("other.toml"));
    std::fs::write(&other, "[[cluster]]\nname = \"blue\"\nversion = \"1.35.1\"").unwrap();
    let clock = |at: &'static str| ["--state", &state, "--speed", "0", "--clock", at].map(str::to_owned);
    let begun = clock("2026-11-28T02:00:00Z");
    let begun: Vec<&str> = begun.iter().map(String::as_str).collect();
    assert!(start(home.path(), &begun).await.is_err(), "it serves");
    let refused = async |more: &[&str]| {
        let arguments = [&["--state", state.as_str()], more].concat();
        start(home.path(), &arguments).await.unwrap().unwrap_err().to_string()
    };
    let held = |argument: &str| {
        format!(
            "{state} holds a simulator that goes on from 2026-11-28T02:00:00Z, with the clusters that it has: {argument} has no effect on it. Leave {argument} out to go on, or remove {state} to start anew."
        )
    };
    assert_eq!(refused(&["--scenario", &other]).await, held("--scenario"));
    std::fs::write(file("one.json"), json!({ "id": PROD, "name": "prod", "properties": {} }).to_string())
        .unwrap();
    assert_eq!(refused(&["--from", &file("one.json")]).await, held("--from"));
    assert_eq!(
        refused(&["--clock", "2026-11-01T02:00:00Z"]).await,
        format!(
            "--clock: It is 2026-11-28T02:00:00Z here, and the clock cannot go back to 2026-11-01T02:00:00Z: what has happened stays. Start a new simulator for that. Or leave --clock out to go on with {state}."
        )
    );
    let on = ["--state", &state, "--clock", "2026-12-05T02:00:00Z", "--speed", "0", "--tick", "5s"];
    assert!(start(home.path(), &on).await.is_err(), "it serves");
    let kept: serde_json::Value = serde_json::from_slice(&std::fs::read(&state).unwrap()).unwrap();
    assert_eq!(kept["clock"]["virtually"], "2026-12-05T02:00:00Z");
    std::fs::write(&state, "{\"clock\": 1}").unwrap();
    let said = start(home.path(), &["--state", &state]).await.unwrap().unwrap_err();
    assert_eq!(format!("{said:#}").matches("is no state of a simulator").count(), 1, "{said:#}");
    let said = start(home.path(), &["--state", &file("none/x.json")]).await.unwrap().unwrap_err();
    assert_eq!(
        format!("{said:#}"),
        format!("The simulator cannot start: {} cannot be written: entity not found", file("none/x.json"))
    );
}

#[tokio::test]
async fn no_simulator_is_said_to_be_none() {
    let home = tempfile::tempdir().unwrap();
    let said = start_slowly(home.path(), &["clock"]).await.unwrap_err().to_string();
    assert_eq!(
        said,
        "No simulator is running that this machine knows of. Start one, or give its --endpoint."
    );
}

#[test]
fn a_step_of_the_clock() {
    assert_eq!(step("+2d").unwrap(), json!({ "advance": "PT48H" }));
    assert_eq!(step("+90m").unwrap(), json!({ "advance": "PT1H30M" }));
    assert_eq!(step("2026-11-28T02:00Z").unwrap(), json!({ "now": "2026-11-28T02:00:00Z" }));
    for (to, said) in [
        (
            "-1h",
            "The clock of a simulator cannot go back: what has happened stays. Start a new simulator for that.",
        ),
        (
            "tomorrow",
            "\"tomorrow\" is neither a span such as +2d or +90m nor an instant such as 2026-11-28T02:00Z.",
        ),
        ("+soon", "\"+soon\" is no span such as +2d, +90m or +1d12h."),
    ] {
        assert_eq!(step(to).unwrap_err().to_string(), said);
    }
}

/// Every way in which a shell writes what `az` prints.
#[test]
fn clusters_are_read_from_lists_pages_folders_and_both_encodings() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = |name: &str| json!({ "id": format!("/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/{name}"), "name": name, "properties": {} });
    let wide = |text: &str| {
        [&[0xff, 0xfe][..], &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
    };
    let files: [(&str, Vec<u8>); 6] = [
        ("1.json", cluster("one").to_string().into_bytes()),
        ("2.json", json!([cluster("two"), cluster("three")]).to_string().into_bytes()),
        ("3.json", json!({ "value": [cluster("four")] }).to_string().into_bytes()),
        ("4.json", [&[0xef, 0xbb, 0xbf][..], cluster("five").to_string().as_bytes()].concat()),
        ("5.json", wide(&cluster("six").to_string())),
        ("6.json", format!("WARNING: a word before\n{}", cluster("seven")).into_bytes()),
    ];
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("notes.txt"), "no cluster").unwrap();
    std::fs::write(folder.path().join(".hidden.json"), "what an editor left").unwrap();
    let names: Vec<String> =
        InitialCluster::from_path(folder.path()).unwrap().into_iter().map(|cluster| cluster.name).collect();
    assert_eq!(names, ["one", "two", "three", "four", "five", "six", "seven"]);
    let empty = folder.path().join("empty.json");
    std::fs::write(&empty, "[]").unwrap();
    let said = InitialCluster::from_path(&empty).unwrap_err().to_string();
    assert_eq!(said, format!("The scenario cannot be read: {} holds no cluster.", empty.display()));
}

/// What a person pastes: ids, a provider and a resource.
#[test]
fn it_prints_what_to_begin_with() {
    let home = tempfile::tempdir().unwrap();
    let scenario = home.path().join("scenario.toml");
    std::fs::write(&scenario, "[[cluster]]\nname = \"prod\"\nversion = \"1.34.2\"\n").unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .args(["simulate", "--clock", "2026-11-22T09:00:00Z", "--speed", "600", "--scenario"])
        .arg(&scenario)
        .env("HOME", home.path())
        .env_remove("XDG_RUNTIME_DIR")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut ends = 0;
    let told: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| {
            ends += i32::from(line == "}");
            ends < 3
        })
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    let told = told.join("\n");
    let url = told.lines().next().unwrap().strip_prefix("SIMULATED Azure at ").unwrap().to_owned();
    let expected = format!(
        r#"SIMULATED Azure at {url}
requests: {url}/simulator/requests   clock: {url}/simulator/clock
It is 2026-11-22T09:00:00Z there; the clock runs 600 times as fast as yours. From another terminal:
  terraform-provider-aks simulate clock +2d
  terraform-provider-aks simulate clock 2026-11-28T02:00Z   # into the window below
At this speed two real seconds are 20 virtual minutes: what is polled every few seconds is seen that much later, and steps of an upgrade that come in between are not seen at all. 300 and less shows them.

prod runs 1.34.2: {PROD}

terraform {{
  required_providers {{
    aks = {{
      source = "aks-upgrades/aks"
    }}
  }}
}}

provider "aks" {{
  endpoint = "{url}"
}}

resource "aks_upgrade_policy" "prod" {{
  cluster_id         = "{PROD}"
  kubernetes_version = "1.35"

  maintenance_window {{
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "UTC"
  }}"#
    );
    // The clock has moved on a little meanwhile.
    let hour = |text: &str| {
        text.replacen(text.split("It is 2026-11-22T09:").nth(1).unwrap().split(' ').next().unwrap(), "", 1)
    };
    assert_eq!(hour(&told), hour(&expected));
}

/// A clock that ticks with each request does not say that it stands still.
#[test]
fn it_says_how_the_clock_moves() {
    let home = tempfile::tempdir().unwrap();
    for (tick, pace) in
        [("0s", "stands still until it is moved"), ("30s", "moves on by 30s with each request")]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
            .args(["simulate", "--speed", "0", "--tick", tick])
            .env("HOME", home.path())
            .env_remove("XDG_RUNTIME_DIR")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let third = BufReader::new(child.stdout.take().unwrap()).lines().nth(2).unwrap().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(third.ends_with(&format!("the clock {pace}. From another terminal:")), "{third}");
    }
}
