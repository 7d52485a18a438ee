//! Random truth: a seed draws a cluster as odd as they come, what is written about it, and days of hourly pipelines;
//! the laws are held against every request, and the state against Azure after every apply.
//!
//! `cargo test` takes a few seeds, always the same ones. `TRUTH_SECONDS=120` takes more for so long, from
//! `TRUTH_FROM=1000` on where that is set, and `TRUTH_SEED=7` that one alone: a seed that fails prints the line that
//! repeats it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::azure::{Azure, Exchange, PROD};
use super::lines::pending;
use super::opening::is_open;
use super::terraform::{Action, Terraform};

/// Seeds that once failed, and what their worlds were about: a change of what is drawn makes other worlds of them, and
/// the sentence says which one to look for then.
const KEPT: [(u64, &str); 7] = [
    (
        12_464_122_921_415_182_986,
        "a soak, and somebody else who upgrades the next pool meanwhile: it counts from whichever pool ended last",
    ),
    (
        15_212_755_188_474_202_747,
        "the settings before an image fail in a window for images alone: the next call is still that of an image",
    ),
    (
        10_615_391_314_449_192_839,
        "the answer of a pool's repair is lost, and it ends between two looks: the soak is waited all the same",
    ),
    (
        7_531_385_872_562_682_239,
        "two resources on one cluster, each with windows of its own: a write is that of the one that may make it",
    ),
    (
        17_917_622_876_573_827_142,
        "a whole cluster that a blackout of one pool shuts, and an image that it does not: the next window is the image's",
    ),
    (
        8_365_639_664_216_618_804,
        "a pool that a plan found running ends before the apply, which remembers another one: its soak is waited",
    ),
    (
        6_623_126_921_640_071_560,
        "AKS tries the image of a pool by itself every night, and fails for lack of quota: no plan of ours is to blame",
    ),
];

/// How many seeds `cargo test` takes beside those.
const FEW: u64 = 9;

#[derive(Clone, Debug)]
struct World {
    cluster: String,
    /// The type of the resource, and its block.
    block: (&'static str, Json),
    /// What the owners of pools set, which a scenario does not draw: the pool's place, and its properties.
    settings: Vec<(usize, Setting)>,
    /// Another resource on the cluster.
    second: Option<(&'static str, Json)>,
    /// The minutes between a plan and its apply.
    review: u64,
    /// What happens in them, the first time that a plan says something.
    between: Option<Event>,
    /// The hours of a pipeline, and what happens in some of them, at a minute.
    hours: u64,
    events: Vec<(u64, u64, Event)>,
}

/// How the owner of a pool lets it be upgraded.
#[derive(Clone, Copy, Debug)]
enum Setting {
    /// So many nodes may be missing, and none are added.
    MaxUnavailable,
    /// Nodes that cannot be drained are set aside.
    Cordon,
    /// All nodes are made anew beside the old ones.
    BlueGreen,
    /// The pool is made from a snapshot of the first one.
    Snapshot,
}

#[derive(Clone, Debug)]
enum Event {
    /// The next operation ends otherwise than well.
    Ends(&'static str),
    /// The network or Azure misbehaves.
    Fault(&'static str),
    /// Somebody changes a tag, which resumes what failed.
    Tagged,
    /// Somebody brings a pool to the control plane's version.
    Pool(usize),
    /// Somebody brings a pool to the control plane's version, and that fails.
    FailedPool(usize),
    /// Somebody calls for a pool's image, and that fails.
    FailedImage(usize),
    /// The runner is interrupted: the first Ctrl-C.
    Interrupt,
    /// The runner dies, and nothing is saved.
    Kill,
    /// Somebody aborts whatever runs.
    Abort,
}

#[test]
fn the_laws_hold_whatever_the_seed() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("TRUTH_SEED") {
        eprintln!("{:#?}", drawn(seed));
        return assert_eq!(lived(seed), None);
    }
    let kept = KEPT.into_iter().map(|(seed, _)| seed);
    let mut failed: Vec<String> = kept.chain(1..=FEW).filter_map(lived).collect();
    if let Some(seconds) = number("TRUTH_SECONDS") {
        let (began, first) = (Instant::now(), number("TRUTH_FROM").unwrap_or(FEW + 1));
        let seeds = (first..).map(|seed: u64| seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut tried = 0_u32;
        for seed in seeds.take_while(|_| began.elapsed() < Duration::from_secs(seconds)) {
            tried += 1;
            failed.extend(lived(seed));
        }
        let rate = f64::from(tried) / began.elapsed().as_secs_f64();
        eprintln!("{tried} seeds from {first} on, {rate:.1} a second, {} failed", failed.len());
    }
    assert_eq!(failed, [""; 0]);
}

/// Draws the world of a seed.
fn drawn(seed: u64) -> World {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    worlds().new_tree(&mut runner).unwrap().current()
}

/// Lives through the world of a seed; returns the line that repeats it where a law is broken.
fn lived(seed: u64) -> Option<String> {
    let world = drawn(seed);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let lived = runtime.block_on(std::panic::AssertUnwindSafe(live(&world)).catch_unwind());
    let line = format!("TRUTH_SEED={seed} cargo test --test it upgrade_run::truth");
    lived.err().map(|_| {
        eprintln!("{line}");
        line
    })
}

async fn live(world: &World) {
    let azure = Azure::new(&world.cluster);
    let terraform = Terraform::new(&azure).provider("poll_interval", json!("1m"));
    let (kind, block) = &world.block;
    let at = format!("{kind}.prod");
    terraform.write(&at, block.clone());
    if let Some((kind, block)) = &world.second {
        terraform.write(&format!("{kind}.other"), block.clone());
    }
    for (place, setting) in &world.settings {
        set(&azure, *place, *setting);
        azure.wait(Duration::from_secs(3600)).await;
    }
    let (mut checked, mut between, mut idle) = (0, world.between.as_ref(), BTreeSet::new());
    for hour in 0..world.hours {
        let end = azure.now() + jiff::SignedDuration::from_hours(1);
        let events: Vec<_> = world.events.iter().filter(|(when, ..)| *when == hour).collect();
        let open = open_kinds(world, azure.now());
        if hour > 3 && hour % 6 > 0 && events.is_empty() && open.is_subset(&idle) {
            azure.wait(Duration::from_secs(3600)).await;
            continue;
        }
        let (stop, dies) = (CancellationToken::new(), CancellationToken::new());
        let later = async {
            for (_, minute, event) in events {
                azure.wait(Duration::from_secs(60 * minute)).await;
                happens(&azure, event, &stop, &dies);
            }
        };
        let run = async {
            tokio::select! {
                is_empty = pipeline(&azure, &terraform, (&at, world.review, &mut between), &stop) => is_empty,
                () = dies.cancelled() => false,
            }
        };
        let (is_empty, ()) = tokio::join!(run, later);
        idle = if is_empty { open } else { BTreeSet::new() };
        let left = end.duration_since(azure.now());
        azure.wait(Duration::try_from(left).unwrap_or_default()).await;
        assert_eq!(azure.broken_laws_since(checked), [""; 0], "hour {hour}, after {:#?}", recent(&azure));
        checked = azure.calls();
    }
    comes_to_rest(&azure, &terraform, &at).await;
    assert_eq!(azure.broken_laws_since(checked), [""; 0], "at the end, after {:#?}", recent(&azure));
}

/// Says the last writes, with their instants and how Azure answered.
fn recent(azure: &Azure) -> Vec<String> {
    let writes = azure.exchanges().into_iter().filter(Exchange::is_write);
    let mut said: Vec<String> =
        writes.map(|one| format!("{} {} {}", one.at, one.write(), one.status)).collect();
    said.split_off(said.len().saturating_sub(12))
}

/// Words of `blocked_by` that keep nothing from being done.
const TOLD: [&str; 6] = [
    "failed_state",
    "operation_in_progress",
    "os_changes",
    "nodes_follow",
    "fleet_update_run",
    "node_os_channel_on",
];

/// Once nothing disturbs any more, every round in an open window does something, until nothing is pending or a reason says
/// why it stays: no plan is refused by its own apply for ever.
async fn comes_to_rest(azure: &Arc<Azure>, terraform: &Terraform, at: &str) {
    azure.world().faults().clear();
    happens(azure, &Event::Abort, &CancellationToken::new(), &CancellationToken::new());
    azure.wait(Duration::from_secs(7200)).await;
    let (mut refused, mut idle) = (0, 0);
    for _ in 0..30 {
        // Arguments that contradict each other.
        let Ok(plan) = terraform.try_plan().await else { return };
        let shown = plan.of(at).prior();
        let opens = shown["next_window"]["start"].as_str().and_then(|text| text.parse::<Timestamp>().ok());
        let wait = opens.map(|opens| opens.duration_since(azure.now()).as_secs()).filter(|wait| *wait > 0);
        let tried = azure.tried().len();
        if plan.is_empty() {
            let blocks = shown["blocked_by"].as_array().into_iter().flatten();
            let is_told = blocks.into_iter().any(|block| !TOLD.iter().any(|code| block["code"] == *code));
            if pending(&shown["steps"]).is_empty() || is_told {
                return;
            }
            idle += 1;
            assert!(idle < 6, "nobody does what is pending: {shown:#}");
        } else {
            idle = 0;
            match terraform.apply(&plan).await {
                Err(error) if azure.tried().len() == tried => {
                    let is_shut = error.summary == "Outside the maintenance window";
                    // What AKS has begun by itself may end badly every night.
                    refused += usize::from(!is_shut && shown["status"] != "upgrading");
                    assert!(
                        refused < 3,
                        "an undisturbed apply refuses its own plan: {error:#?} of {shown:#}"
                    );
                }
                // What Azure refuses, it may refuse for ever.
                _ => refused = 0,
            }
        }
        let wait = wait.unwrap_or(3600).unsigned_abs();
        azure.wait(Duration::from_secs(wait + 60)).await;
    }
}

/// Returns the kinds of work for which a window is open at some time of the hour after an instant.
///
/// Where none is, or a plan said nothing while all of them were, only every sixth hour is lived through: nothing else
/// has changed.
fn open_kinds(world: &World, now: Timestamp) -> BTreeSet<&'static str> {
    let blocks: Vec<&Json> = world.second.iter().chain([&world.block]).map(|(_, block)| block).collect();
    let moments = || (0..60).step_by(10).map(|minute| now + jiff::SignedDuration::from_mins(minute));
    let is_open = |kind: &&str| blocks.iter().any(|block| moments().any(|at| is_open(block, kind, at)));
    ["minor", "patch", "node_image"].into_iter().filter(is_open).collect()
}

/// One run of a pipeline: a plan, and its apply where it says something. Tells whether the plan said nothing.
async fn pipeline(
    azure: &Arc<Azure>,
    terraform: &Terraform,
    (at, review, between): (&str, u64, &mut Option<&Event>),
    stop: &CancellationToken,
) -> bool {
    let Ok(plan) = terraform.try_plan().await else { return false };
    let before = azure.writes().len();
    let preview = plan.warnings("Upgrade preview").join("\n");
    // Whatever it starts has half of the time to end.
    azure.wait(Duration::from_secs(20 * review)).await;
    if let Some(event) = between.take_if(|_| !plan.is_empty() && !plan.of(at).promised().is_empty()) {
        happens(azure, event, stop, &CancellationToken::new());
    }
    azure.wait(Duration::from_secs(40 * review)).await;
    let (is_new, asked) = (plan.of(at).action == Action::Create, azure.calls());
    let applied = terraform.apply_until(&plan, stop.clone()).await;
    assert!(!plan.is_empty() || azure.writes().len() == before, "an empty plan writes");
    // Where nothing was applied the state is that of the refresh, a review ago.
    let is_fresh = !plan.is_empty() || review == 0;
    let rests = azure.cluster("prod")["properties"]["provisioningState"] == "Succeeded";
    // The image of another resource of the run may end after what this one read last.
    let others = ["aks_upgrade_policy.other", "aks_node_image.other"];
    let is_alone = others.into_iter().all(|other| terraform.state(other).is_null());
    if applied.is_ok() && is_fresh && rests && is_alone {
        is_true(&azure.cluster("prod"), &terraform.state(at));
    }
    if is_alone {
        is_what_was_read(&azure.exchanges_since(asked), &terraform.state(at), stop.is_cancelled());
    }
    if is_new && applied.is_ok() && review == 0 && azure.writes().len() == before {
        was_foretold(&preview, &terraform.state(at));
    }
    plan.is_empty()
}

/// What a create adopts as pending is what its preview listed, unless something happened in between.
fn was_foretold(preview: &str, state: &Json) {
    for line in pending(&state["steps"]) {
        let said = format!("  {}: {} to {}", line.key, line.from, line.to);
        assert!(preview.contains(&said), "{said} is not in {preview}");
    }
}

/// Lets the owner of a pool have his way; Azure may refuse it.
fn set(azure: &Azure, place: usize, setting: Setting) {
    let cluster = azure.cluster("prod");
    let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
    let snapshot = PROD.replace("managedClusters/prod", "snapshots/before");
    if let Setting::Snapshot = setting {
        let first = pools[0]["name"].as_str().unwrap();
        let source = json!({ "sourceResourceId": format!("{PROD}/agentPools/{first}") });
        let body = json!({ "location": "westeurope", "properties": { "creationData": source, "snapshotType": "NodePool" } });
        azure.somebody_else("PUT", &snapshot, &body);
        let properties = json!({ "count": 1, "creationData": { "sourceResourceId": snapshot } });
        azure.somebody_else(
            "PUT",
            &format!("{PROD}/agentPools/golden"),
            &json!({ "properties": properties }),
        );
        return;
    }
    let mut pool = pools[place % pools.len()].clone();
    if pool["mode"] == "Machines" {
        return;
    }
    let name = pool.as_object_mut().unwrap().shift_remove("name").unwrap();
    match setting {
        Setting::MaxUnavailable => {
            pool["upgradeSettings"]["maxSurge"] = "0".into();
            pool["upgradeSettings"]["maxUnavailable"] = "50%".into();
        }
        Setting::Cordon => pool["upgradeSettings"]["undrainableNodeBehavior"] = "Cordon".into(),
        Setting::BlueGreen => {
            pool["upgradeStrategy"] = "BlueGreen".into();
            pool["upgradeSettingsBlueGreen"] =
                json!({ "drainBatchSize": "50%", "batchSoakDurationInMinutes": 5 });
        }
        Setting::Snapshot => {}
    }
    let path = format!("{PROD}/agentPools/{}?api-version=2026-08-02-preview", name.as_str().unwrap());
    azure.somebody_else("PUT", path.split('?').next().unwrap(), &json!({ "properties": pool }));
}

/// However an apply ends, its state is what it read last; one that was interrupted may have read once more.
fn is_what_was_read(asked: &[Exchange], state: &Json, is_interrupted: bool) {
    let is_cluster = |one: &&Exchange| one.method == "GET" && one.path == PROD && one.accepted();
    // Where an answer was wanting the look was not whole.
    let is_whole = asked.iter().all(|one| one.method != "GET" || one.accepted());
    let mut read = asked.iter().filter(is_cluster).rev().map(Exchange::answer).filter(|_| is_whole);
    let Some(last) = read.next().filter(|_| state.is_object()) else { return };
    if !is_interrupted || !read.any(|earlier| untrue(&earlier, state).is_empty()) {
        is_true(&last, state);
    }
}

/// No state holds a version or an image that Azure does not show.
fn is_true(cluster: &Json, state: &Json) {
    assert_eq!(untrue(cluster, state), [""; 0], "{state:#}");
}

/// Returns what a state says of a cluster that is not so.
fn untrue(cluster: &Json, state: &Json) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut tell = |what: &str, said: &Json, shown: &Json| {
        if said.is_string() && shown.is_string() && said != shown {
            wrong.push(format!("{what}: {said}, and Azure shows {shown}"));
        }
    };
    let properties = &cluster["properties"];
    tell("control plane", &state["current_version"], &properties["currentKubernetesVersion"]);
    for pool in properties["agentPoolProfiles"].as_array().unwrap() {
        let name = pool["name"].as_str().unwrap();
        let (version, image) = (&state["node_pools"][name], &state["images"][name]);
        // The pool of node auto-provisioning shows no version.
        tell(name, &version["current_version"], &pool["currentOrchestratorVersion"]);
        tell(name, &version["node_image_version"], &pool["nodeImageVersion"]);
        tell(name, &image["current"], &pool["nodeImageVersion"]);
    }
    wrong
}

fn happens(azure: &Arc<Azure>, event: &Event, stop: &CancellationToken, dies: &CancellationToken) {
    match event {
        Event::Ends(end) => azure.outcome(&format!("ends = {end}\nmessage = \"as the seed says\"")),
        Event::Fault(fault) => azure.fault(fault),
        Event::Tagged => drop(azure.somebody_else("PATCH", PROD, &json!({ "tags": { "seed": "grows" } }))),
        Event::Interrupt => stop.cancel(),
        Event::Kill => dies.cancel(),
        Event::Abort => {
            let cluster = azure.cluster("prod");
            let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
            let paths = pools.iter().filter_map(|pool| pool["name"].as_str());
            let paths = paths.map(|name| format!("{PROD}/agentPools/{name}/abort"));
            for path in paths.chain([format!("{PROD}/abort")]) {
                azure.somebody_else("POST", &path, &json!({}));
            }
        }
        Event::FailedImage(place) => {
            azure.outcome("ends = \"fail\"\nmessage = \"as the seed says\"");
            let cluster = azure.cluster("prod");
            let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
            let name = pools[place % pools.len()]["name"].as_str().unwrap();
            let path = format!("{PROD}/agentPools/{name}/upgradeNodeImageVersion");
            azure.somebody_else("POST", &path, &json!({}));
        }
        Event::FailedPool(place) => {
            azure.outcome("ends = \"fail\"\nmessage = \"as the seed says\"");
            happens(azure, &Event::Pool(*place), stop, dies);
        }
        Event::Pool(place) => {
            let cluster = azure.cluster("prod");
            let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
            let mut pool = pools[place % pools.len()].clone();
            if pool["mode"] == "Machines" {
                return;
            }
            pool["orchestratorVersion"] = cluster["properties"]["currentKubernetesVersion"].clone();
            let name = pool.as_object_mut().unwrap().shift_remove("name").unwrap();
            let path = format!("{PROD}/agentPools/{}", name.as_str().unwrap());
            azure.somebody_else("PUT", &path, &json!({ "properties": pool }));
        }
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let event = prop_oneof![
        select(ENDS.to_vec()).prop_map(Event::Ends),
        select(FAULTS.to_vec()).prop_map(Event::Fault),
        Just(Event::Tagged),
        (0..4usize).prop_map(Event::Pool),
        (0..4usize).prop_map(Event::FailedPool),
        (0..4usize).prop_map(Event::FailedImage),
        Just(Event::Interrupt),
        Just(Event::Kill),
        Just(Event::Abort),
    ];
    let events = vec((0..72u64, 0..50u64, event), 0..6);
    let between = prop_oneof![
        (0..4usize).prop_map(Event::Pool),
        (0..4usize).prop_map(Event::FailedPool),
        (0..4usize).prop_map(Event::FailedImage),
        Just(Event::Tagged),
    ];
    let between = weighted(0.5, between);
    let setting =
        select(vec![Setting::MaxUnavailable, Setting::Cordon, Setting::BlueGreen, Setting::Snapshot]);
    let settings = prop_oneof![3 => Just(vec![]), 1 => vec((0..4usize, setting), 1..3)];
    // Some pipelines run for weeks.
    let hours = prop_oneof![30 => 24..72u64, 1 => 168..500u64];
    let review = prop_oneof![1 => Just(0), 1 => 1..50u64];
    (clusters(), odd_blocks(), weighted(0.15, odd_blocks()), settings, (hours, review, between), events)
        .prop_map(|(cluster, block, second, settings, (hours, review, between), events)| {
            let second = second.filter(|(kind, _)| *kind != block.0);
            let between = between.filter(|_| review > 0);
            World { cluster, block, second, review, between, settings, hours, events }
        })
}

/// How an operation ends other than well, as a scenario says it.
const ENDS: [&str; 9] = [
    "\"fail\"",
    "\"fail\"",
    "\"cancel\"",
    "\"stuck\"",
    "\"hang\"",
    "\"pause\"",
    "\"quarantine\"\nnodes = 1",
    "\"quarantine\"\nnodes = 4",
    "\"fail\"\nkind = \"settings\"",
];

/// What a control plane runs, what was asked for, and what its pools may run with it.
///
/// Of long-term support, in the last months of its community support, and out of any, too.
const VERSIONS: [(&str, &str, &[&str]); 8] = [
    ("1.34.4", "1.34.4", &["1.34.4", "1.34.4", "1.34.2", "1.33.7"]),
    ("1.34.4", "1.33.7", &["1.34.4", "1.34.4"]),
    ("1.35.2", "1.35.2", &["1.35.2", "1.35.2", "1.34.9", "1.33.7"]),
    ("1.35.6", "1.35.2", &["1.35.6", "1.35.2", "1.34.4"]),
    ("1.32.11", "1.32.11", &["1.32.11", "1.32.9"]),
    ("1.33.13", "1.33.11", &["1.33.13", "1.32.11"]),
    ("1.32.100", "1.32.100", &["1.32.100", "1.32.11"]),
    ("1.36.2", "1.36.2", &["1.36.2", "1.35.6"]),
];

/// The row of [`VERSIONS`] whose clusters have long-term support.
const LTS: usize = 6;

/// What happens to offers meanwhile.
const OFFERS: [&str; 4] = [
    "",
    "[[publish]]\nat = \"2026-11-23T03:00:00Z\"\nimage = \"AKSUbuntu-2204gen2containerd-202611.23.0\"\n",
    "[[publish]]\nat = \"2026-11-23T01:20:00Z\"\nversion = \"1.35.7\"\n",
    "[[publish]]\nat = \"2026-11-23T01:20:00Z\"\nwithdraw = \"1.35.6\"\n",
];

/// What limits an upgrade, every now and then: vCPUs, addresses, locks and disruption budgets.
const LIMITS: [&str; 8] = [
    "[[quota]]\nfamily = \"cores\"\nlimit = 44\n",
    "[[quota]]\nfamily = \"standardDDSv5Family\"\nlimit = 44\n",
    "[[subnet]]\nid = \"SUBNET\"\nprefix = \"10.240.0.0/27\"\nused = 16\n",
    "[[lock]]\nscope = \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/MC_rg_prod_westeurope\"\nlevel = \"CanNotDelete\"\n",
    "[[lock]]\nscope = \"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg\"\nlevel = \"ReadOnly\"\n",
    "[[lock]]\nscope = \"/subscriptions/00000000-0000-0000-0000-000000000000\"\nlevel = \"CanNotDelete\"\n",
    "[[budget]]\ncluster = \"prod\"\nname = \"web\"\n",
    "[[budget]]\ncluster = \"prod\"\npool = \"system\"\nname = \"web\"\n",
];

/// The subnet of every pool where one is drawn.
const SUBNET: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net/subnets/aks";

/// What a Fleet does beside the pipelines.
const RUNS: [&str; 4] = [
    "upgrade = \"NodeImageOnly\"\nstate = \"Running\"\n",
    "upgrade = \"NodeImageOnly\"\nimages = \"Consistent\"\nstate = \"Running\"\n",
    "upgrade = \"Full\"\nversion = \"1.35.6\"\nstate = \"Running\"\n",
    "upgrade = \"ControlPlaneOnly\"\nversion = \"1.35.6\"\nstate = \"Running\"\n",
];

/// Tiers and support plans.
const PLANS: [&str; 4] = ["", "tier = \"Free\"\n", "tier = \"Premium\"\n", LONG_TERM];

const LONG_TERM: &str = "tier = \"Premium\"\nsupport_plan = \"AKSLongTermSupport\"\n";

/// Images: the latest, one of some weeks ago, one so old that Azure takes nothing but the image call.
///
/// Of the day of the latest, in another family than that of most versions; and newer than what is offered.
const IMAGES: [&str; 6] = [
    "",
    "image = \"AKSUbuntu-2204gen2containerd-202611.02.0\"\n",
    "image = \"AKSUbuntu-2204gen2containerd-202610.19.0\"\n",
    "image = \"AKSUbuntu-2204gen2containerd-202605.20.0\"\n",
    "image = \"AKSUbuntu-2404gen2containerd-202611.16.0\"\n",
    "image = \"AKSUbuntu-2204gen2containerd-202611.23.0\"\n",
];

/// Every pool is odd in at most one way.
const ODD: [&str; 15] = [
    "",
    "",
    "",
    "",
    "state = \"Failed\"\n",
    "state = \"Canceled\"\n",
    "priority = \"Spot\"\n",
    "power = \"Stopped\"\n",
    "surge = \"50%\"\n",
    "os_sku = \"Windows2022\"\n",
    "os_sku = \"Windows2025\"\n",
    "os_sku = \"AzureLinux\"\n",
    "state = \"Failed\"\nsurge = \"50%\"\n",
    "os_sku = \"Ubuntu2204\"\n",
    "os_sku = \"Ubuntu2404\"\n",
];

pub fn clusters() -> impl Strategy<Value = String> {
    let pool = (0..4usize, 1..9u32, 0..IMAGES.len(), 0..ODD.len(), any::<bool>());
    let around = select(vec![
        "",
        "",
        "",
        "nap = 2\n",
        "upgrade_channel = \"patch\"\n",
        "node_os_channel = \"NodeImage\"\n",
        "node_os_channel = \"Unmanaged\"\n",
        "state = \"Failed\"\n",
    ]);
    let limit = weighted(0.15, select(LIMITS.to_vec()));
    let run = weighted(0.1, select(RUNS.to_vec()));
    let beside = (0..OFFERS.len(), limit, run, any::<bool>());
    let kinds = (0..VERSIONS.len(), select(PLANS.to_vec()));
    (kinds, vec(pool, 1..4), around, beside).prop_map(|((row, plan), pools, around, (offers, limit, run, channels))| {
        let (version, asked, below) = VERSIONS[row];
        let plan = if row == LTS { LONG_TERM } else { plan };
        // Channels that really upgrade do so by themselves: no law of ours counts their versions.
        let service = if channels { "[service]\nchannels = true\n" } else { "" };
        let limit = limit.unwrap_or_default().replace("SUBNET", SUBNET);
        let subnet = if limit.contains(SUBNET) { format!("subnet = \"{SUBNET}\"\n") } else { String::new() };
        let fleet = run.map_or(String::new(), |run| {
            format!("[[fleet]]\nname = \"all\"\nmember = [{{ cluster = \"prod\" }}]\n[[fleet.run]]\nname = \"monthly\"\n{run}")
        });
        let offers = OFFERS[offers];
        let mut text = format!("{service}{offers}{limit}{fleet}[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\nspecified = \"{asked}\"\n{plan}{around}");
        for (place, (lag, count, image, odd, apart)) in pools.into_iter().enumerate() {
            let (name, mode) =
                if place == 0 { ("system".to_owned(), "System") } else { (format!("user{place}"), "User") };
            let (runs, image) = (below[lag % below.len()], IMAGES[image]);
            let image = if ODD[odd].starts_with("os_sku") { "" } else { image };
            let is_users = [6, 7, 9, 10].contains(&odd);
            let odd = if place == 0 && is_users { "" } else { ODD[odd] };
            let name = if odd.contains("Windows") { format!("win{place}") } else { name };
            // An upgrade that failed leaves what was asked for ahead; a channel leaves it behind.
            let asked = match (apart, odd.starts_with("state")) {
                (true, true) => version,
                (true, false) => "1.33.7",
                (false, _) => runs,
            };
            text += &format!(
                "[[cluster.pool]]\nname = \"{name}\"\nmode = \"{mode}\"\ncount = {count}\nversion = \"{runs}\"\nspecified = \"{asked}\"\n{image}{odd}{subnet}"
            );
        }
        text
    })
}

pub fn blocks() -> impl Strategy<Value = (&'static str, Json)> {
    let targets = select(vec![
        ("kubernetes_version", "1.34"),
        ("kubernetes_version", "1.35"),
        ("kubernetes_version", "1.36"),
        ("channel", "patch"),
        ("channel", "stable"),
        ("channel", "rapid"),
    ]);
    let rollouts = select(vec![
        json!({ "soak": "20m" }),
        json!({ "exclude_pools": ["user1"] }),
        json!({ "pool_hops": "fewest" }),
        json!({ "max_surge": "50%", "drain_timeout": "20m" }),
        json!({ "control_plane_only": true }),
        json!({ "whole_cluster": true }),
        json!({ "whole_cluster": true, "soak": "1h", "max_surge": "33%" }),
        json!({ "pool_order": [["user1"], ["system"]], "soak": "30m" }),
        json!({ "include_snapshot_pools": ["golden"] }),
    ]);
    let images_too =
        weighted(0.3, select(vec![json!({}), json!({ "max_age": "7d" }), json!({ "min_age": "3d" })]));
    let versions = (targets, when(), weighted(0.6, rollouts), images_too).prop_map(
        |((name, target), mut block, rollout, images)| {
            block[name] = target.into();
            if let Some(rollout) = rollout {
                block["rollout"] = rollout;
            }
            // Where every pool is left alone no image is kept either: the two are refused together.
            let has_pools = block["rollout"]["control_plane_only"] != true;
            if let Some(images) = images.filter(|_| has_pools) {
                block["node_image"] = images;
            }
            ("aks_upgrade_policy", block)
        },
    );
    let by_aks = select(vec!["patch", "stable", "rapid"]).prop_map(|channel| {
        let window = json!([{ "days": ["saturday"], "start": "02:00", "duration": "8h", "time_zone": "Europe/Berlin" }]);
        ("aks_upgrade_policy", json!({ "channel": channel, "executor": "aks", "maintenance_window": window }))
    });
    let surge = weighted(0.5, Just(json!({ "max_surge": "50%" })));
    let images = (when(), surge).prop_map(|(mut block, rollout)| {
        if let Some(rollout) = rollout {
            block["rollout"] = rollout;
        }
        ("aks_node_image", block)
    });
    prop_oneof![9 => versions, 3 => images, 1 => by_aks]
}

/// Windows that open every night or on some days, for everything or for kinds of work.
fn when() -> impl Strategy<Value = Json> {
    let window = |days: Json, start: &str, duration: &str, kinds: Json| json!({ "days": days, "start": start, "duration": duration, "time_zone": "Europe/Berlin", "applies_to": kinds });
    let windows = select(vec![
        json!([window(json!(["all"]), "02:00", "6h", Json::Null)]),
        json!([window(json!(["all"]), "20:00", "90m", Json::Null)]),
        json!([window(json!(["monday", "tuesday"]), "01:00", "20h", Json::Null)]),
        json!([
            window(json!(["monday"]), "22:00", "8h", json!(["minor"])),
            window(json!(["all"]), "22:00", "4h", json!(["patch", "node_image"])),
        ]),
    ]);
    let outside = weighted(0.3, select(vec!["defer", "fail"]));
    (windows, outside).prop_map(|(windows, outside)| {
        let mut block = json!({ "maintenance_window": windows });
        if let Some(outside) = outside {
            block["outside_window"] = outside.into();
        }
        block
    })
}

/// Blocks with rules for some pools, days without work, an override, versions that are never used and young ones.
fn odd_blocks() -> impl Strategy<Value = (&'static str, Json)> {
    let of_pools = |mut rule: Json| {
        rule["node_pools"] = json!(["user1"]);
        rule
    };
    let zone = "Europe/Berlin";
    let window = |days: Json, start: &str, duration: &str| json!({ "days": days, "start": start, "duration": duration, "time_zone": zone });
    let windows = json!([
        window(json!(["monday", "wednesday"]), "01:00", "8h"),
        of_pools(window(json!(["all"]), "20:00", "3h")),
    ]);
    let blackouts = select(vec![
        json!([{ "from": "2026-11-24", "to": "2026-11-24", "time_zone": zone }]),
        json!([{ "from": "2026-11-23", "to": "2026-11-25", "time_zone": zone, "applies_to": ["minor"] }]),
        json!([of_pools(json!({ "from": "2026-11-23T12:00:00Z", "to": "2026-11-25T12:00:00Z" }))]),
    ]);
    let glass = json!({ "ignore": ["window", "blackout"], "expires": "2026-11-24T18:00:00Z", "reason": "as the seed says" });
    let excluded = select(vec![json!(["1.35.6"]), json!(["1.34.9", "1.35.6", "1.35.7"])]);
    let age = select(vec![json!("1d"), json!("3d")]);
    let rules = (
        weighted(0.15, Just(windows)),
        weighted(0.2, blackouts),
        weighted(0.08, Just(glass)),
        weighted(0.15, excluded),
        weighted(0.1, age),
    );
    (blocks(), rules).prop_map(|((kind, mut block), (windows, blackouts, glass, excluded, age))| {
        let mut set =
            |name: &str, value: Option<Json>| value.into_iter().for_each(|value| block[name] = value);
        set("blackout", blackouts);
        set("override", glass);
        if kind == "aks_upgrade_policy" {
            set("exclude_versions", excluded);
            set("min_age", age);
        }
        if block["executor"].is_null() {
            block["maintenance_window"] = windows.unwrap_or_else(|| block["maintenance_window"].take());
        } else if let Some(block) = block.as_object_mut() {
            // AKS's own windows take no such rules.
            block.retain(|name, _| {
                !["blackout", "override", "exclude_versions", "min_age"].contains(&name.as_str())
            });
        }
        (kind, block)
    })
}

const FAULTS: [&str; 9] = [
    "method = \"GET\"\npath = \"/upgradeProfiles\"\ntimes = 20\ndoes = \"answer\"\nstatus = 403",
    "method = \"GET\"\npath = \"user1/upgradeProfiles\"\ntimes = 20\ndoes = \"answer\"\nstatus = 403",
    "method = \"PUT\"\ndoes = \"cut_after\"",
    "method = \"PUT\"\ndoes = \"cut_before\"",
    "method = \"POST\"\ndoes = \"cut_after\"",
    "method = \"PUT\"\ndoes = \"answer\"\nstatus = 503",
    "method = \"PUT\"\ndoes = \"answer\"\nstatus = 412",
    "method = \"GET\"\ntimes = 5\ndoes = \"answer\"\nstatus = 503",
    "method = \"GET\"\npath = \"operations\"\ntimes = 3\ndoes = \"answer\"\nstatus = 404",
];
