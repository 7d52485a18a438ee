//! How often Azure is asked: few calls for many clusters, and none too old to be true.
//!
//! The table goes into `docs/guides/many-clusters.md`. `UPDATE_DOCS=1` writes the page anew.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use terraform_provider_aks::terraform::diagnostic::Diagnostic;

use super::azure::{Azure, Exchange, Fate, PROD};
use super::terraform::Terraform;

const POLICY: &str = "aks_upgrade_policy";
const IMAGE: &str = "aks_node_image";

/// Two Linux pools of one image family, and a Windows pool.
const POOLS: &str = r#"
pool = [
    { name = "system", mode = "System" },
    { name = "user", mode = "User" },
    { name = "win", mode = "User", os_sku = "Windows2022" },
]
"#;

fn id(cluster: usize) -> String {
    format!("{}c{cluster}", PROD.trim_end_matches("prod"))
}

/// Sets the stage for that many clusters of one subscription, at rest.
fn clusters(number: usize) -> Arc<Azure> {
    clusters_of(number, "1.35.6")
}

fn clusters_of(number: usize, version: &str) -> Arc<Azure> {
    let cluster = |index| format!("[[cluster]]\nname = \"c{index}\"\nversion = \"{version}\"{POOLS}\n");
    let clusters: String = (0..number).map(cluster).collect();
    Azure::new(&format!("[service]\nthrottle = true\n{clusters}"))
}

/// What a refresh asks for.
#[derive(Debug, Default, PartialEq)]
struct Calls {
    clusters: usize,
    lists: usize,
    profiles: usize,
    images: usize,
    versions: usize,
    fleets: usize,
    other: usize,
}

impl Calls {
    fn all(&self) -> usize {
        let Calls { clusters, lists, profiles, images, versions, fleets, other } = self;
        clusters + lists + profiles + images + versions + fleets + other
    }

    fn since(azure: &Azure, from: usize) -> Self {
        let mut calls = Calls::default();
        for one in &azure.exchanges()[from..] {
            let path = one.path.as_str();
            let counter = match path.split('/').count() {
                _ if path.ends_with("/kubernetesVersions") => &mut calls.versions,
                _ if path.contains("/agentPools/") && path.ends_with("/upgradeProfiles/default") => {
                    &mut calls.images
                }
                _ if path.ends_with("/upgradeProfiles/default") => &mut calls.profiles,
                6 if path.ends_with("/managedClusters") => &mut calls.lists,
                6 if path.ends_with("/fleets") => &mut calls.fleets,
                9 => &mut calls.clusters,
                _ => &mut calls.other,
            };
            *counter += 1;
        }
        calls
    }
}

/// Writes a block of a type for each of that many clusters.
fn blocks(azure: &Arc<Azure>, kind: &str, number: usize) -> Terraform {
    let terraform = Terraform::new(azure);
    for index in 0..number {
        let mut block = json!({ "cluster_id": id(index) });
        if kind == POLICY {
            block["kubernetes_version"] = "1.35".into();
        }
        terraform.write(&format!("{kind}.c{index:04}"), block);
    }
    terraform
}

/// Plans what was applied before and finds nothing to do: one refresh. Returns its calls and the time that it took.
async fn refresh(azure: &Arc<Azure>, terraform: &Terraform) -> (Calls, Duration) {
    terraform.applied_before();
    let (from, began) = (azure.calls(), azure.now());
    assert!(terraform.plan().await.is_empty());
    since(azure, from, began)
}

/// As [`refresh`], whatever there is to do.
async fn refresh_of(azure: &Arc<Azure>, terraform: &Terraform) -> (Calls, Duration) {
    terraform.applied_before();
    let (from, began) = (azure.calls(), azure.now());
    terraform.plan().await;
    since(azure, from, began)
}

fn since(azure: &Arc<Azure>, from: usize, began: Timestamp) -> (Calls, Duration) {
    let took = Duration::try_from(azure.now().duration_since(began)).unwrap();
    (Calls::since(azure, from), took)
}

fn row(number: usize, kind: &str, calls: &Calls, took: Duration) -> String {
    let Calls { clusters, lists, profiles, images, versions, fleets, other } = calls;
    assert_eq!(*other, 0);
    let (all, took) = (calls.all(), took.as_secs());
    let took = if took == 0 { "less than a second".to_owned() } else { format!("{took} s") };
    format!(
        "| {number} | `{kind}` | {clusters} | {lists} | {profiles} | {images} | {versions} | {fleets} | **{all}** | {took} |"
    )
}

/// A window that does not open before tomorrow.
fn tomorrow(azure: &Azure) -> Json {
    let day = (azure.now() + SignedDuration::from_hours(24)).to_zoned(TimeZone::UTC).date();
    json!([{ "days": ["all"], "start": "02:00", "duration": "4h", "time_zone": "UTC", "start_date": day.to_string() }])
}

/// Plans clusters whose upgrade waits for its window: the preview of their create, the create, and the plan after it.
async fn pending(number: usize) -> [(Calls, Duration); 3] {
    let azure = clusters_of(number, "1.34.4");
    let terraform = Terraform::new(&azure);
    for index in 0..number {
        let block = json!({ "cluster_id": id(index), "kubernetes_version": "1.35", "maintenance_window": tomorrow(&azure) });
        terraform.write(&format!("{POLICY}.c{index:04}"), block);
    }
    let (from, began) = (azure.calls(), azure.now());
    let plan = terraform.plan().await;
    let preview = since(&azure, from, began);
    let (from, began) = (azure.calls(), azure.now());
    terraform.apply(&plan).await.unwrap();
    let create = since(&azure, from, began);
    let (from, began) = (azure.calls(), azure.now());
    let plan = terraform.plan().await;
    assert!(plan.is_empty(), "its window is closed");
    [preview, create, since(&azure, from, began)]
}

/// From the day of a release until its window opens, a whole fleet has work pending.
#[tokio::test(start_paused = true)]
async fn a_fleet_that_waits_for_its_window_costs_as_few_calls() {
    let (few, many) = (pending(12).await, pending(100).await);
    for ((few, _), (many, took)) in few.iter().zip(&many) {
        assert_eq!(few, many);
        assert!(
            many.images <= 4,
            "one profile of a pool for each OS SKU, for versions and for images: {many:?}"
        );
        assert!(many.all() <= 15 && *took < Duration::from_secs(3), "{many:?} {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_of_many_clusters_is_true() {
    let mut rows = Vec::new();
    for number in [1, 10, 100, 1000] {
        for kind in [POLICY, IMAGE] {
            let azure = clusters(number);
            let (calls, took) = refresh(&azure, &blocks(&azure, kind, number)).await;
            let refused = azure.exchanges().iter().filter(|one| one.status == 429).count();
            assert_eq!(refused, 0, "{number} {kind}");
            rows.push(row(number, kind, &calls, took));
        }
    }
    let page = format!("{HEAD}\n{}\n{TAIL}", rows.join("\n"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/many-clusters.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file, &page).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        written == page,
        "docs/guides/many-clusters.md is not what the tests show; run them with UPDATE_DOCS=1"
    );
}

/// Makes the list of clusters something else.
fn list_becomes(azure: &Azure, change: fn(http::Response<Bytes>) -> http::Response<Bytes>) {
    azure.accidents(move |call| match call.path.ends_with("/managedClusters") {
        true => Fate::Rewrite(Box::new(change)),
        false => Fate::Pass,
    });
}

#[tokio::test(start_paused = true)]
async fn who_may_not_list_reads_one_by_one() {
    let azure = clusters(20);
    list_becomes(&azure, |answer| {
        let body = br#"{"error":{"code":"AuthorizationFailed","message":"The client 'c' does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/read' over scope '/subscriptions/s'."}}"#;
        let mut answer = answer.map(|_| Bytes::from_static(body));
        *answer.status_mut() = http::StatusCode::FORBIDDEN;
        answer
    });
    let (calls, _) = refresh(&azure, &blocks(&azure, IMAGE, 20)).await;
    assert_eq!(calls, Calls { clusters: 20, lists: 1, images: 2, fleets: 1, ..Calls::default() });
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_is_left() {
    let azure = clusters(20);
    list_becomes(&azure, |answer| {
        let link = "http://127.0.0.1:8080/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.ContainerService/managedClusters?api-version=2026-08-01";
        let mut body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        body["nextLink"] = link.into();
        answer.map(|_| body.to_string().into())
    });
    let (calls, _) = refresh(&azure, &blocks(&azure, IMAGE, 20)).await;
    assert_eq!((calls.clusters, calls.images), (20, 2));
    assert!(calls.lists <= 2, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn what_the_list_lacks_is_read_by_itself() {
    let azure = clusters(20);
    list_becomes(&azure, |answer| {
        let mut body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        let clusters = body["value"].as_array_mut().unwrap();
        // Two are not shown; one is shown without its pools; ids come in the casing that Azure likes today.
        clusters.retain(|one| one["name"] != "c15" && one["name"] != "c16");
        for one in clusters {
            one["id"] = one["id"].as_str().unwrap().to_uppercase().into();
            if one["name"] == "c17" {
                one["properties"].as_object_mut().unwrap().remove("agentPoolProfiles");
            }
        }
        answer.map(|_| body.to_string().into())
    });
    let (calls, _) = refresh(&azure, &blocks(&azure, IMAGE, 20)).await;
    assert_eq!(calls, Calls { clusters: 3 + 3, lists: 1, images: 2, fleets: 1, ..Calls::default() });
}

#[tokio::test(start_paused = true)]
async fn an_apply_asks_azure_itself() {
    let azure = Azure::new(
        &(0..12)
            .map(|index| format!("[[cluster]]\nname = \"c{index}\"\nversion = \"1.34.9\"\n"))
            .collect::<String>(),
    );
    let terraform = blocks(&azure, POLICY, 12);
    terraform.applied_before();
    let plan = terraform.plan().await;
    let from = azure.calls();
    terraform.apply(&plan).await.unwrap();
    let calls = Calls::since(&azure, from);
    assert_eq!(calls.lists, 0);
    for cluster in 0..12 {
        let of = id(cluster).to_lowercase();
        let seen = azure.exchanges().split_off(from);
        let mine: Vec<&Exchange> = seen.iter().filter(|one| one.cluster() == of.as_str()).collect();
        let write = mine.iter().position(|one| one.is_write()).unwrap();
        let reads = |one: &&&Exchange| !one.is_write() && one.path.to_lowercase() == of;
        assert!(mine[..write].iter().any(|one| reads(&one)), "read before it is written");
        assert!(mine[write..].iter().any(|one| reads(&one)), "read after it was written");
    }
}

/// Returns the clusters whose own upgrade profile was asked for.
fn profiles_of(azure: &Azure, from: usize) -> Vec<String> {
    let asked = azure.exchanges().split_off(from);
    let profile = |one: &&Exchange| {
        one.path.ends_with("/upgradeProfiles/default") && !one.path.contains("/agentPools/")
    };
    asked.iter().filter(profile).map(|one| one.cluster().to_owned()).collect()
}

/// Sets the stage for clusters of several versions, regions and support plans, two of each.
fn varied() -> Arc<Azure> {
    let kinds = [
        ("1.34.9", ""),
        ("1.34.4", ""),
        ("1.34.9", "location = \"northeurope\"\n"),
        ("1.34.9", "tier = \"Premium\"\nsupport_plan = \"AKSLongTermSupport\"\n"),
    ];
    let clusters: String = (0..8)
        .map(|index| {
            let (version, rest) = kinds[index % 4];
            format!("[[cluster]]\nname = \"c{index}\"\nversion = \"{version}\"\n{rest}")
        })
        .collect();
    Azure::new(&clusters)
}

#[tokio::test(start_paused = true)]
async fn offers_are_shared_by_what_azure_makes_them_from() {
    let azure = varied();
    let (calls, _) = refresh_of(&azure, &blocks(&azure, POLICY, 8)).await;
    assert_eq!((calls.profiles, calls.versions), (4, 2), "{calls:?}");
}

/// What another cluster was offered decides what a plan shows, and nothing that an apply does.
#[tokio::test(start_paused = true)]
async fn an_apply_asks_for_the_offers_of_its_own_cluster() {
    let azure = varied();
    let terraform = blocks(&azure, POLICY, 8);
    terraform.applied_before();
    let plan = terraform.plan().await;
    let from = azure.calls();
    terraform.apply(&plan).await.unwrap();
    let mut asked = profiles_of(&azure, from);
    asked.sort_unstable();
    asked.dedup();
    let all: Vec<String> = (0..8).map(|cluster| id(cluster).to_lowercase()).collect();
    assert_eq!(asked, all);
}

#[tokio::test(start_paused = true)]
async fn offers_are_not_asked_for_where_nothing_follows_in_the_region() {
    let azure = clusters(5);
    azure.accidents(|call| match call.path.ends_with("/kubernetesVersions") {
        true => Fate::Rewrite(Box::new(|answer| {
            let minor = json!({
                "version": "1.35",
                "capabilities": { "supportPlan": ["KubernetesOfficial"] },
                "patchVersions": { "1.35.6": { "upgrades": [] } },
            });
            answer.map(|_| json!({ "values": [minor] }).to_string().into())
        })),
        false => Fate::Pass,
    });
    let (calls, _) = refresh(&azure, &blocks(&azure, POLICY, 5)).await;
    assert_eq!(calls.profiles, 0, "{calls:?}");
}

#[tokio::test(start_paused = true)]
async fn pools_of_machines_are_not_asked() {
    let azure = clusters(1);
    azure.accidents(|call| {
        // The simulator has no such pools; Azure shows them like this.
        if call.path.split('/').count() != 9 {
            return Fate::Pass;
        }
        Fate::Rewrite(Box::new(|answer| {
            let mut body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
            let pools = body["properties"]["agentPoolProfiles"].as_array_mut().unwrap();
            pools[0]["creationData"] = json!({ "sourceResourceId": "/subscriptions/s/snapshots/one" });
            pools[1]["type"] = "Machines".into();
            answer.map(|_| body.to_string().into())
        }))
    });
    let terraform = blocks(&azure, IMAGE, 1);
    terraform.applied_before();
    terraform.plan().await;
    let asked: Vec<String> =
        azure.exchanges().iter().filter_map(|one| one.pool().map(str::to_owned)).collect();
    // One that is bound to a snapshot is: how far it is behind is told.
    assert_eq!(asked, ["system", "win"]);
}

#[tokio::test(start_paused = true)]
async fn a_preview_does_not_wait_for_what_somebody_else_asks() {
    let azure = clusters(5);
    azure.accidents(|call| match call.path.ends_with("/kubernetesVersions") {
        true => Fate::Hang,
        false => Fate::Pass,
    });
    let (terraform, began) = (blocks(&azure, POLICY, 5), azure.now());
    terraform.plan().await;
    let took = azure.now().duration_since(began);
    assert!(took.as_secs() <= 10, "{took:?}");
}

/// Lets every cluster run a version of its own, so that none shares its offers with another.
fn each_runs_a_version_of_its_own(azure: &Azure) {
    list_becomes(azure, |answer| {
        let mut body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
        for (index, one) in body["value"].as_array_mut().unwrap().iter_mut().enumerate() {
            one["properties"]["currentKubernetesVersion"] = format!("1.34.{}", 100 + index).into();
        }
        answer.map(|_| body.to_string().into())
    });
}

/// Writes a window of a day: that of the clock's start, or the day before it.
fn window(is_open: bool) -> serde_json::Value {
    let day = if is_open { "friday" } else { "thursday" };
    json!([{ "days": [day], "start": "00:00", "duration": "24h", "time_zone": "Etc/UTC" }])
}

#[tokio::test(start_paused = true)]
async fn clusters_with_an_open_window_are_read_first() {
    let azure = clusters(60);
    azure.wait_until("2026-11-27T12:00:00Z").await;
    each_runs_a_version_of_its_own(&azure);
    let terraform = Terraform::new(&azure);
    // Terraform asks in the order of names; of ten that wait, each second one may work now.
    for index in 0..60 {
        terraform.write(
            &format!("{POLICY}.c{index:04}"),
            json!({ "cluster_id": id(index), "kubernetes_version": "1.35", "maintenance_window": window(index % 10 == 9) }),
        );
    }
    let (_, took) = refresh_of(&azure, &terraform).await;
    assert!(took > Duration::from_secs(30), "limits count: {took:?}");
    let asked = profiles_of(&azure, 0);
    let place = |cluster: usize| asked.iter().position(|one| *one == id(cluster).to_lowercase()).unwrap();
    for open in [39, 49, 59] {
        let before = (open - 9..open).filter(|closed| place(*closed) < place(open)).count();
        assert!(before <= 2, "{open} waited for {before} that cannot be worked on: {asked:?}");
    }
}

/// Returns what is said of Azure's limits.
fn of_limits(told: &[Diagnostic]) -> Vec<&str> {
    let of_limits = told.iter().filter(|one| one.summary == "Azure's limits held this run back");
    of_limits.map(|one| one.detail.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_held_back_says_so_once_at_its_end() {
    let azure = clusters(60);
    let terraform = blocks(&azure, POLICY, 60);
    terraform.applied_before();
    assert_eq!(of_limits(&terraform.plan().await.diagnostics), [""; 0], "nobody waited");
    each_runs_a_version_of_its_own(&azure);
    terraform.applied_before();
    let told = terraform.plan().await.diagnostics;
    assert_eq!(
        of_limits(&told),
        [
            "This run waited 40 s for Azure's limit of 60 further AKS requests of a subscription in a region, then one \
             every 1s. Every client of the subscription uses it up: runs at other times, or fewer of them at once, wait less."
        ]
    );
}

const HEAD: &str = r#"---
page_title: "Many clusters"
subcategory: ""
description: |-
  How many calls a refresh of many clusters makes, how long it takes, and what is shared.
---

# Many clusters

For whoever has hundreds of clusters in a state, or fears for the request limits of others.

Azure lets only so many requests through, per subscription, per cluster and per caller. This page says how many calls a
refresh makes and how long it takes at least: a test measures both on the request log of the simulator, which refuses
what Azure would refuse. Every cluster has three pools, two of one image family and one of another; all are in one
subscription and one region; Terraform reads ten resources at a time, its default.

| clusters | resource | GET of a cluster | pages of the list | upgrade profiles | image profiles | region's versions | Fleets | calls | takes |
|---|---|---|---|---|---|---|---|---|---|"#;

const TAIL: &str = "
## Why so few

- The first three clusters of a subscription are read one by one. From the fourth on, all of them come from one list.
- The latest node image is asked for once per image family, OS SKU, Kubernetes minor and region, not per pool and not per cluster.
- The versions of a region are listed once per run.
- The Fleets of a subscription are listed once, and the update runs of each. Where a role may not, no update run is told in `blocked_by`, and nothing else changes.
- The upgrade profile, the versions on offer, is asked for once per running version, support plan and region, and not at all where
  the region lists the running version and nothing that follows it.
- While an upgrade waits for its window, the versions on offer to a pool are asked for once per version and OS SKU of such clusters;
  once its window is open, a plan asks each pool that waits, since its apply may start there.

| shared | between clusters of one | for | what if one of them differs after all |
|---|---|---|---|
| the list of clusters | subscription | two minutes | A cluster that the list lacks, or shows in part, is read by itself. |
| versions on offer | subscription, region, running version, support plan | two minutes | The plan shows a step that this cluster is not offered, and its apply refuses before it writes. |
| versions on offer to a pool | the same, the pool's version and OS SKU | two minutes, and until the window opens | The plan in the window asks the pool itself. |
| versions of a region | subscription, region | the run | They only predict the steps after the next one. |
| latest node image | subscription, region, image family, OS SKU, minor | two minutes | The apply finds another image than the plan names, and refuses. |
| Fleets and their update runs | subscription | the run | They only warn. |
| limits, and who waits | subscription, region | the process | |

Why that is safe: Azure offers versions by what runs, where, and on which support plan; and what is shared only decides what a plan
*shows*. A list, offers and an image that were asked for in the last two minutes of the same run serve the next resource, too: in a refresh, in
the warnings of a create, and in a create, which starts nothing. **An apply with work shares nothing**: it reads the cluster and its own offers before each step,
reads it again after it, and refuses when something differs from the plan. A new Terraform command starts from nothing.

A role on single clusters is enough: where the subscription may not be listed, or its list lacks a cluster, clusters are read one by one.

## Why it takes as long as it takes

The provider stays a tenth below the limits that Azure publishes instead of running into them, for each subscription:

| limit | at once | then one every |
|---|---|---|
| reads, writes, deletions through Azure Resource Manager | 250, 200, 200 | 40, 100, 100 ms |
| lists of a subscription's clusters | 500 | 1 s |
| reads of one cluster | 60 | 1 s |
| writes to one cluster, to one node pool | 20 | 60 s |
| looks at running operations | 200 | 0.5 s |
| everything else of AKS, upgrade profiles among it | 60 | 1 s |

Every subscription has these limits for itself, and the last two rows count each region
of it by itself. A process begins with a third of each, since the command before it may have used them up, and believes what Azure says is left.
Clusters whose window is open go first: a request for one of them stands in the queue as if it had come half a minute earlier.
Once limits have held a process back for ten seconds it says so in the log, with the limit, and a warning at the end of the run names the
limit and the time. A wait never outlasts the timeout of the resource.

azurerm and other pipelines use the same limits. When Azure answers 429 to one request, all requests of the process that need the same
limit wait as long as Azure asks, and then follow one by one.

Raising `-parallelism` changes little. `-refresh=false` plans from what the last refresh saw, and the apply looks for itself.
";
