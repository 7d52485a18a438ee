//! Random truth: a seed draws a cluster as odd as they come, what is written about it, and days of hourly pipelines;
//! the laws are held against every request, and the state against Azure after every apply.
//!
//! `cargo test` takes a few seeds, always the same ones. `TRUTH_SECONDS=120` takes more for so long, from
//! `TRUTH_FROM=1000` on where that is set, and `TRUTH_SEED=7` that one alone: a seed that fails prints the line that
//! repeats it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::azure::{Azure, PROD};
use super::terraform::Terraform;

/// Seeds that once failed.
const KEPT: [u64; 1] = [12_464_122_921_415_182_986];

/// How many seeds `cargo test` takes beside those.
const FEW: u64 = 24;

#[derive(Clone, Debug)]
struct World {
    cluster: String,
    /// The type of the resource, and its block.
    block: (&'static str, Json),
    /// The hours of a pipeline, and what happens in some of them, at a minute.
    hours: u64,
    events: Vec<(u64, u64, Event)>,
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
    /// The runner is interrupted.
    Interrupt,
}

#[test]
fn the_laws_hold_whatever_the_seed() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("TRUTH_SEED") {
        return holds(seed);
    }
    KEPT.into_iter().chain(1..=FEW).for_each(holds);
    let Some(seconds) = number("TRUTH_SECONDS") else { return };
    let (began, first) = (Instant::now(), number("TRUTH_FROM").unwrap_or(FEW + 1));
    let seeds = (first..).map(|seed: u64| seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let tried = seeds.take_while(|_| began.elapsed() < Duration::from_secs(seconds)).map(holds).count();
    eprintln!("{tried} seeds from {first} on");
}

/// Lives through the world of a seed; a panic says how to repeat it.
fn holds(seed: u64) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let world = worlds().new_tree(&mut runner).unwrap().current();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let lived = runtime.block_on(std::panic::AssertUnwindSafe(live(&world)).catch_unwind());
    if let Err(panic) = lived {
        eprintln!("{world:#?}\nTRUTH_SEED={seed} cargo test --test it upgrade_run::truth");
        std::panic::resume_unwind(panic);
    }
}

async fn live(world: &World) {
    let azure = Azure::new(&world.cluster);
    let terraform = Terraform::new(&azure).provider("poll_interval", json!("1m"));
    let (kind, block) = &world.block;
    let at = format!("{kind}.prod");
    terraform.write(&at, block.clone());
    for hour in 0..world.hours {
        let end = azure.now() + jiff::SignedDuration::from_hours(1);
        let events: Vec<_> = world.events.iter().filter(|(when, ..)| *when == hour).collect();
        let stop = CancellationToken::new();
        let later = async {
            for (_, minute, event) in events {
                azure.wait(Duration::from_secs(60 * minute)).await;
                happens(&azure, event, &stop);
            }
        };
        let ((), ()) = tokio::join!(pipeline(&azure, &terraform, &at, &stop), later);
        let left = end.duration_since(azure.now());
        azure.wait(Duration::try_from(left).unwrap_or_default()).await;
        assert_eq!(azure.broken_laws(), [""; 0], "hour {hour}");
    }
}

/// One run of a pipeline: a plan, and its apply where it says something.
async fn pipeline(azure: &Arc<Azure>, terraform: &Terraform, at: &str, stop: &CancellationToken) {
    let Ok(plan) = terraform.try_plan().await else { return };
    let before = azure.writes().len();
    let applied = terraform.apply_until(&plan, stop.clone()).await;
    assert!(!plan.is_empty() || azure.writes().len() == before, "an empty plan writes");
    if applied.is_ok() && azure.cluster("prod")["properties"]["provisioningState"] == "Succeeded" {
        is_true(azure, &terraform.state(at));
    }
}

/// No state holds a version or an image that Azure does not show.
fn is_true(azure: &Azure, state: &Json) {
    let cluster = azure.cluster("prod");
    let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
    if state["current_version"].is_string() {
        assert_eq!(state["current_version"], cluster["properties"]["currentKubernetesVersion"]);
    }
    for pool in pools {
        let shown = &state["node_pools"][pool["name"].as_str().unwrap()];
        // The pool of node auto-provisioning shows no version.
        if shown.is_object() && pool["currentOrchestratorVersion"].is_string() {
            assert_eq!(shown["current_version"], pool["currentOrchestratorVersion"], "{}", pool["name"]);
            assert_eq!(shown["node_image_version"], pool["nodeImageVersion"], "{}", pool["name"]);
        }
    }
}

fn happens(azure: &Arc<Azure>, event: &Event, stop: &CancellationToken) {
    match event {
        Event::Ends(end) => azure.outcome(&format!("ends = \"{end}\"\nmessage = \"as the seed says\"")),
        Event::Fault(fault) => azure.fault(fault),
        Event::Tagged => drop(azure.somebody_else("PATCH", PROD, &json!({ "tags": { "seed": "grows" } }))),
        Event::Interrupt => stop.cancel(),
        Event::Pool(place) => {
            let cluster = azure.cluster("prod");
            let pools = cluster["properties"]["agentPoolProfiles"].as_array().unwrap();
            let mut pool = pools[place % pools.len()].clone();
            pool["orchestratorVersion"] = cluster["properties"]["currentKubernetesVersion"].clone();
            let name = pool.as_object_mut().unwrap().shift_remove("name").unwrap();
            let path = format!("{PROD}/agentPools/{}", name.as_str().unwrap());
            azure.somebody_else("PUT", &path, &json!({ "properties": pool }));
        }
    }
}

fn worlds() -> impl Strategy<Value = World> {
    let event = prop_oneof![
        select(vec!["fail", "fail", "cancel"]).prop_map(Event::Ends),
        select(FAULTS.to_vec()).prop_map(Event::Fault),
        Just(Event::Tagged),
        (0..4usize).prop_map(Event::Pool),
        Just(Event::Interrupt),
    ];
    let events = vec((0..72u64, 0..50u64, event), 0..6);
    (clusters(), blocks(), 24..72u64, events).prop_map(|(cluster, block, hours, events)| World {
        cluster,
        block,
        hours,
        events,
    })
}

/// What a control plane runs, what was asked for, and what its pools may run with it.
const VERSIONS: [(&str, &str, &[&str]); 4] = [
    ("1.34.4", "1.34.4", &["1.34.4", "1.34.4", "1.34.2", "1.33.7"]),
    ("1.34.4", "1.33.7", &["1.34.4", "1.34.4"]),
    ("1.35.2", "1.35.2", &["1.35.2", "1.35.2", "1.34.9", "1.33.7"]),
    ("1.35.6", "1.35.2", &["1.35.6", "1.35.2", "1.34.4"]),
];

/// Images: the latest, one of some weeks ago, one so old that Azure takes nothing but the image call.
const IMAGES: [&str; 4] = [
    "",
    "image = \"AKSUbuntu-2204gen2containerd-202611.02.0\"\n",
    "image = \"AKSUbuntu-2204gen2containerd-202610.19.0\"\n",
    "image = \"AKSUbuntu-2204gen2containerd-202608.12.0\"\n",
];

/// Every pool is odd in at most one way.
const ODD: [&str; 9] = [
    "",
    "",
    "",
    "",
    "state = \"Failed\"\n",
    "state = \"Canceled\"\n",
    "priority = \"Spot\"\n",
    "power = \"Stopped\"\n",
    "surge = \"50%\"\n",
];

fn clusters() -> impl Strategy<Value = String> {
    let pool = (0..4usize, 1..9u32, 0..IMAGES.len(), 0..ODD.len(), any::<bool>());
    let around = select(vec![
        "",
        "",
        "",
        "nap = 2\n",
        "upgrade_channel = \"patch\"\n",
        "node_os_channel = \"NodeImage\"\n",
    ]);
    (0..VERSIONS.len(), vec(pool, 1..4), around).prop_map(|(version, pools, around)| {
        let (version, asked, below) = VERSIONS[version];
        let mut text = format!("[[cluster]]\nname = \"prod\"\nversion = \"{version}\"\nspecified = \"{asked}\"\n{around}");
        for (place, (lag, count, image, odd, apart)) in pools.into_iter().enumerate() {
            let (name, mode) =
                if place == 0 { ("system".to_owned(), "System") } else { (format!("user{place}"), "User") };
            let (runs, image) = (below[lag % below.len()], IMAGES[image]);
            let odd = if place == 0 && (odd == 6 || odd == 7) { "" } else { ODD[odd] };
            // An upgrade that failed leaves what was asked for ahead; a channel leaves it behind.
            let asked = match (apart, odd.starts_with("state")) {
                (true, true) => version,
                (true, false) => "1.33.7",
                (false, _) => runs,
            };
            text += &format!(
                "[[cluster.pool]]\nname = \"{name}\"\nmode = \"{mode}\"\ncount = {count}\nversion = \"{runs}\"\nspecified = \"{asked}\"\n{image}{odd}"
            );
        }
        text
    })
}

fn blocks() -> impl Strategy<Value = (&'static str, Json)> {
    let targets = select(vec![
        ("kubernetes_version", "1.34"),
        ("kubernetes_version", "1.35"),
        ("kubernetes_version", "1.36"),
        ("channel", "patch"),
        ("channel", "stable"),
    ]);
    let rollouts = select(vec![
        json!({ "soak": "20m" }),
        json!({ "exclude_pools": ["user1"] }),
        json!({ "pool_hops": "fewest" }),
        json!({ "max_surge": "50%", "drain_timeout": "20m" }),
        json!({ "control_plane_only": true }),
        json!({ "whole_cluster": true }),
        json!({ "whole_cluster": true, "soak": "1h", "max_surge": "33%" }),
    ]);
    let versions =
        (targets, when(), weighted(0.6, rollouts)).prop_map(|((name, target), mut block, rollout)| {
            block[name] = target.into();
            if let Some(rollout) = rollout {
                block["rollout"] = rollout;
            }
            ("aks_upgrade_policy", block)
        });
    let surge = weighted(0.5, Just(json!({ "max_surge": "50%" })));
    let images = (when(), surge).prop_map(|(mut block, rollout)| {
        if let Some(rollout) = rollout {
            block["rollout"] = rollout;
        }
        ("aks_node_image", block)
    });
    prop_oneof![3 => versions, 1 => images]
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

const FAULTS: [&str; 7] = [
    "method = \"PUT\"\ndoes = \"cut_after\"",
    "method = \"PUT\"\ndoes = \"cut_before\"",
    "method = \"POST\"\ndoes = \"cut_after\"",
    "method = \"PUT\"\ndoes = \"answer\"\nstatus = 503",
    "method = \"PUT\"\ndoes = \"answer\"\nstatus = 412",
    "method = \"GET\"\ntimes = 5\ndoes = \"answer\"\nstatus = 503",
    "method = \"GET\"\npath = \"operations\"\ntimes = 3\ndoes = \"answer\"\nstatus = 404",
];
