//! `terraform-provider-aks status`: the real binary beside a simulator on which somebody else works.

use serde_json::{Value, json};
use terraform_provider_aks::arm::operation::Nodes;
use terraform_provider_aks::arm::response::{NodeTarget, intended_version, nodes_done};
use terraform_provider_aks::simulator::server::Simulator;
use tokio::process::Command;

use super::{Ended, provider, simulated};

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
    simulated(SCENARIO).await
}

/// Runs `status`.
async fn status(arguments: &[&str]) -> Ended {
    provider(&[&["status"], arguments].concat()).await
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
    assert!(told.contains("invalid value 'prod' for '[CLUSTER_ID]...'"), "{told}");
    let (code, said, told) = status(&[&ID.replace("/prod", "/other"), "--endpoint", &azure.url()]).await;
    assert_eq!((code, said.as_str()), (Some(1), ""));
    assert!(told.starts_with("Error: ") && told.contains("managedClusters/other"), "{told}");
    let (code, _, told) = status(&[ID, "--endpoint", "http://example.com"]).await;
    assert_eq!(code, Some(2));
    assert!(told.contains("over plain http a token may only go to this machine"), "{told}");
    let (code, _, told) = status(&[ID, "--endpoint", &azure.url(), "--poll-interval", "soon"]).await;
    assert_eq!(code, Some(2));
    assert!(told.starts_with("Error: Invalid duration: \"soon\" is not a duration"), "{told}");
}

const ESTATE: &str = r#"
    [clock]
    start = "2026-11-28T02:00:00Z"
    speed = 0
    [[cluster]]
    name = "prod"
    version = "1.34.2"
    [[cluster.pool]]
    name = "user"
    mode = "System"
    [[cluster]]
    name = "test"
    resource_group = "other"
    version = "1.34.2"
    [[cluster.pool]]
    name = "system"
    mode = "System"
    [[cluster.pool]]
    name = "batch"
    version = "1.33.5"
"#;

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

async fn estate() -> Simulator {
    simulated(ESTATE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_is_a_row_for_each_cluster() {
    let azure = estate().await;
    let (code, said, told) =
        status(&["--subscription", SUBSCRIPTION, "--endpoint", &azure.url(), "--exit-code"]).await;
    let wanted = "2 clusters, 0 busy, 1 to look at (2026-11-28 02:00:00 UTC)\n\n\
                  CLUSTER  RESOURCE GROUP  LOCATION    VERSION  POOLS  STATE\n\
                  prod     rg              westeurope  1.34.2   1      idle\n\
                  test     other           westeurope  1.34.2   2      pool batch behind at 1.33.5\n";
    assert_eq!((code, said.as_str(), told.as_str()), (Some(3), wanted, ""));
    let group = ["--resource-group", "rg", "--subscription", SUBSCRIPTION, "--endpoint", &azure.url()];
    let (code, said, _) = status(&[&group[..], &["--exit-code", "--json"]].concat()).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, said["clusters"].as_array().unwrap().len()), (Some(0), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_the_same_as_json() {
    let azure = estate().await;
    let other = ID.replace("/rg/", "/other/").replace("/prod", "/test");
    let gone = ID.replace("/prod", "/gone");
    let (code, said, _) = status(&[&other, &gone, "--endpoint", &azure.url(), "--output", "json"]).await;
    let mut said: Value = serde_json::from_str(&said).unwrap();
    let error = said["clusters"][1]["error"].take();
    assert!(error.as_str().unwrap().contains("managedClusters/gone"), "{error}");
    let pool = |name: &str, mode: &str, version: &str, behind: bool, image: &Value| {
        json!({ "name": name, "mode": mode, "kubernetes_version": version, "behind": behind,
                "node_image_version": image, "node_count": 3, "state": "idle", "detail": null, "nodes_done": null })
    };
    let image = |at: usize| said["clusters"][0]["node_pools"][at]["node_image_version"].clone();
    let wanted = json!({
        "at": "2026-11-28T02:00:00Z",
        "clusters": [
            { "id": other, "name": "test", "resource_group": "other", "location": "westeurope",
              "kubernetes_version": "1.34.2", "state": "idle", "detail": null,
              "node_pools": [pool("system", "System", "1.34.2", false, &image(0)),
                             pool("batch", "User", "1.33.5", true, &image(1))],
              "error": null },
            { "id": gone, "name": "gone", "resource_group": "rg", "error": null },
        ]
    });
    assert_eq!((code, &said), (Some(0), &wanted), "{said:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_of_many_is_a_line_of_json_for_each_look() {
    let azure = azure().await;
    writes(&azure, "POST", &format!("{ID}/agentPools/user/upgradeNodeImageVersion"), &Value::Null);
    let arguments = ["--subscription", SUBSCRIPTION, "--endpoint", &azure.url(), "--watch", "--json"];
    let (code, said, _) = status(&[&arguments[..], &["--poll-interval", "1ms"]].concat()).await;
    let looks: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let pool = |look: &Value| look["clusters"][0]["node_pools"][0].clone();
    let (first, last) = (pool(&looks[0]), pool(looks.last().unwrap()));
    assert_eq!((code, &first["state"], &last["state"]), (Some(0), &json!("busy"), &json!("idle")));
    assert_eq!(first["detail"], "UpgradingNodeImageVersion");
    assert_eq!(first["nodes_done"], json!({ "done": 0, "of": 3 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn which_clusters_has_to_be_said() {
    let (code, _, told) = status(&["--resource-group", "rg"]).await;
    let wanted = "Error: A resource group is looked for in one subscription: write --subscription, or set \
                  ARM_SUBSCRIPTION_ID.\n";
    assert_eq!((code, told.as_str()), (Some(2), wanted));
    let (code, _, told) = status(&[]).await;
    assert!(code == Some(2) && told.contains("required arguments were not provided"), "{told}");
    let (code, _, told) = status(&[ID, "--subscription", SUBSCRIPTION]).await;
    assert!(code == Some(2) && told.contains("cannot be used with"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_those_who_see_them() {
    let azure = estate().await;
    let painted = async |name: &str, value: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
            .args(["status", ID, "--endpoint", &azure.url()])
            .env_remove("NO_COLOR")
            .env(name, value)
            .output();
        output.await.unwrap().stdout.contains(&0x1b)
    };
    assert_eq!((painted("CLICOLOR_FORCE", "1").await, painted("NO_COLOR", "1").await), (true, false));
    assert!(!painted("TERM", "xterm-256color").await, "a pipe is no terminal");
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
