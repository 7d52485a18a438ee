//! `terraform-provider-aks status`: the real binary beside a simulator on which somebody else works.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use terraform_provider_aks::arm::operation::Nodes;
use terraform_provider_aks::arm::response::{NodeTarget, intended_version, nodes_done};
use terraform_provider_aks::simulator::scenario::Scenario;
use terraform_provider_aks::simulator::server::Simulator;
use tokio::process::Command;

const SCENARIO: &str = r#"
    [clock]
    start = "2026-11-28T02:00:00Z"
    tick  = "10s"
    [durations]
    node_upgrade = "2m"
    node_image   = "2m"
    [service]
    page_size = 2
    [[cluster]]
    name = "prod"
    version = "1.34.2"
    [[cluster.pool]]
    name = "user"
    mode = "System"
    count = 3
    surge = "1"
    image = "AKSUbuntu-2204gen2containerd-202610.19.0"
"#;

const ID: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/\
                  Microsoft.ContainerService/managedClusters/prod";

async fn azure() -> Simulator {
    let scenario = Scenario::parse(SCENARIO, Path::new(".")).unwrap();
    Simulator::start(scenario, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap()
}

/// Runs `status`, and returns its exit code, what it printed, and what it complained about.
async fn status(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .arg("status")
        .args(arguments)
        .env_remove("ARM_RESOURCE_MANAGER_ENDPOINT")
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Lets somebody else write, and returns what Azure answered.
fn writes(azure: &Simulator, method: &str, path: &str, body: &Value) -> Value {
    let now = azure.now();
    let answer = azure.with_world(|world| world.ask_as_somebody_else(method, path, body, now)).unwrap();
    assert!(answer["status"].as_u64().unwrap() < 300, "{answer}");
    answer["body"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_cluster_is_shown_once() {
    let azure = azure().await;
    for more in [&[][..], &["--watch"]] {
        let (code, said, _) = status(&[&[ID, "--endpoint", &azure.url()], more].concat()).await;
        let (head, table) = said.split_once("\n\n").unwrap();
        assert!(head.starts_with("prod in westeurope: Kubernetes 1.34.2, idle (2026-11-28 02:0"), "{said}");
        let wanted = "POOL  VERSION  NODES  STATE  NODE IMAGE\n\
                      user  1.34.2   3      idle   AKSUbuntu-2204gen2containerd-202610.19.0\n";
        assert_eq!((code, table), (Some(0), wanted));
    }
    assert!(azure.log().iter().all(|entry| entry.method == "GET" && !entry.path.contains("machines")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_is_watched_to_its_end() {
    let azure = azure().await;
    let pool = format!("{ID}/agentPools/user");
    writes(&azure, "POST", &format!("{pool}/upgradeNodeImageVersion"), &Value::Null);
    let arguments = [ID, "--endpoint", &azure.url(), "--watch", "--poll-interval", "1ms"];
    let (code, said, _) = status(&arguments).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("UpgradingNodeImageVersion  [....................] 0/3 nodes"), "{said}");
    let news: Vec<&str> = said.lines().skip(4).map(|line| line.split_once(' ').unwrap().1).collect();
    let old = "pool user: 1.34.2 AKSUbuntu-2204gen2containerd-202610.19.0";
    for done in [1, 2] {
        let wanted = format!("{old} UpgradingNodeImageVersion, {done} of 3 nodes done");
        assert!(news.contains(&wanted.as_str()), "{said}");
    }
    assert!(news.last().unwrap().ends_with(" idle"), "{said}");
    assert!(azure.log().iter().all(|entry| entry.method == "GET"), "it only reads");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_watched_too() {
    let azure = azure().await;
    let mut cluster = azure.with_world(|world| world.cluster("prod").unwrap());
    let offered = "1.34.8";
    cluster["properties"]["kubernetesVersion"] = json!(offered);
    cluster["properties"]["agentPoolProfiles"][0]["orchestratorVersion"] = json!(offered);
    let version = azure
        .with_world(|world| world.cluster("prod").unwrap()["properties"]["currentKubernetesVersion"].clone());
    assert_eq!(version, "1.34.2");
    writes(&azure, "PUT", ID, &cluster);
    let arguments = [ID, "--endpoint", &azure.url(), "--watch", "--poll-interval", "1ms"];
    let (code, said, _) = status(&arguments).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("of 3 nodes done"), "{said}");
    assert!(said.trim_end().ends_with("idle") && said.contains(&format!("prod: {offered} idle")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_said() {
    let azure = azure().await;
    let (code, said, told) = status(&["prod", "--endpoint", &azure.url()]).await;
    assert_eq!((code, said.as_str()), (Some(2), ""));
    assert!(told.contains("invalid value 'prod' for '<CLUSTER_ID>'"), "{told}");
    let (code, said, told) = status(&[&ID.replace("/prod", "/other"), "--endpoint", &azure.url()]).await;
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(told.starts_with("Error: ") && told.contains("managedClusters/other"), "{told}");
    let (code, _, told) = status(&[ID, "--endpoint", "http://example.com"]).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("over plain http a token may only go to this machine"), "{told}");
    let (code, _, told) = status(&[ID, "--endpoint", &azure.url(), "--poll-interval", "soon"]).await;
    assert_eq!(code, Some(1));
    assert!(told.starts_with("Error: Invalid duration: \"soon\" is not a duration"), "{told}");
}

fn machine(version: &str, image: &str) -> Value {
    json!({ "properties": { "nodeImageVersion": image, "kubernetes": { "currentOrchestratorVersion": version } } })
}

#[test]
fn nodes_that_carry_what_is_wanted_are_done() {
    let machines = json!({ "value": [machine("1.35.1", "new"), machine("1.35.1", "old"), machine("1.34.2", "old"), {}] });
    let count = |version: Option<&str>, image: Option<&str>| {
        let wanted = NodeTarget { version: version.map(str::to_owned), image: image.map(str::to_owned) };
        let Nodes { done, of } = nodes_done(&machines, &wanted);
        assert_eq!(of, 4);
        done
    };
    assert_eq!(
        [count(Some("1.35.1"), None), count(None, Some("new")), count(Some("1.34.2"), Some("old"))],
        [2, 1, 1]
    );
    assert_eq!(nodes_done(&json!({}), &NodeTarget::default()), Nodes { done: 0, of: 0 });

    let cluster = |version: &str| json!({ "properties": { "agentPoolProfiles": [{ "name": "a", "orchestratorVersion": version }] } });
    assert_eq!(intended_version(&cluster("1.35.1"), "a").as_deref(), Some("1.35.1"));
    assert_eq!(intended_version(&cluster("1.35"), "a"), None);
    assert_eq!(intended_version(&cluster("1.35.1"), "b"), None);
}
