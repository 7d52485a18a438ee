//! A forecast is kept: each step of an upgrade that is really run starts and ends in the opening that was named.
//!
//! Whatever is drawn, the forecast comes first; then pipelines run, one for each opening, until nothing is left.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};
use terraform_provider_aks::provider::arguments::ahead::Ahead;
use terraform_provider_aks::upgrade::aks_channel::AksChannel;
use terraform_provider_aks::upgrade::forecast::Scheduled;
use terraform_provider_aks::upgrade::step::Work;
use terraform_provider_aks::upgrade::window::interval::Interval;

use super::azure::Azure;
use super::terraform::Terraform;
use super::truth::{blocks, clusters};

/// How many seeds `cargo test` takes.
const FEW: u64 = 28;

/// What may make an upgrade fail: then what was done until that is what was named.
const LIMITS: [&str; 4] = ["[[quota]]", "[[subnet]]", "[[lock]]", "[[budget]]"];

/// When everything is published that a cluster is drawn with.
const PUBLISHED: &str = "2026-11-23T04:00:00Z";

/// A step of a forecast: the write that starts it, and the opening that it is to start in.
#[derive(Debug)]
struct Named {
    write: String,
    starts: Timestamp,
    opens: Timestamp,
    closes: Timestamp,
}

impl Named {
    /// Tells whether a write starts the step. Where only the state of an image is to be mended, the write of the settings
    /// that go with it has done that already.
    fn is(&self, write: &str) -> bool {
        if self.write.contains(" aksManaged") {
            return write.starts_with(&self.write);
        }
        let settings = self.write.strip_prefix("POST").and_then(|rest| rest.strip_suffix("image"));
        write == self.write || settings.is_some_and(|pool| write.starts_with(&format!("PUT{pool}")))
    }
}

/// A write as it was done.
#[derive(Debug)]
struct Done {
    write: String,
    at: Timestamp,
}

#[test]
fn each_step_starts_and_ends_in_the_opening_that_was_named() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    match number("FORECAST_SEED") {
        Some(seed) => drop(is_kept(seed)),
        None => {
            let steps: usize = (1..=number("FORECAST_SEEDS").unwrap_or(FEW)).map(is_kept).sum();
            assert!(steps > 30, "too little was forecast: {steps} steps");
        }
    }
}

/// Runs what a seed draws, and returns how many steps were forecast; a panic says how to repeat it.
fn is_kept(seed: u64) -> usize {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    // Some ages end after the support of 1.34 does, on 30 November.
    let age = weighted(0.2, select(vec!["1d", "4d", "12d"]));
    let drawn = (clusters(), blocks(), 0..10_080u64, age).new_tree(&mut runner).unwrap().current();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    eprintln!("FORECAST_SEED={seed} cargo test --test it upgrade_run::forecast");
    runtime.block_on(lived(drawn))
}

type Drawn = (String, (&'static str, Json), u64, Option<&'static str>);

async fn lived((cluster, (kind, mut block), minutes, age): Drawn) -> usize {
    let by_aks = block["executor"] == "aks";
    if let Some(age) = age.filter(|_| kind == "aks_upgrade_policy" && !by_aks) {
        block["min_age"] = age.into();
    }
    eprintln!("{cluster}\n{kind} {block:#} after {minutes} minutes");
    // What AKS does by itself, or a Fleet, has no openings of ours; what Azure publishes nobody knows beforehand.
    let by_channel = cluster.contains("_channel = \"") || by_aks;
    let by_others = cluster.contains("channels = true") && by_channel || cluster.contains("[[fleet]]");
    if by_others {
        return 0;
    }
    let has_ages = block.to_string().contains("_age");
    // Azure takes no channel of a cluster whose version only long-term support covers, without that.
    // Nor does anybody know beforehand which image is too old for Azure's own scripts.
    let may_fail =
        by_aks || cluster.contains("202605.20.0") || LIMITS.iter().any(|table| cluster.contains(table));
    let azure = Azure::new(&cluster);
    azure.wait(Duration::from_secs(60 * minutes)).await;
    if cluster.contains("[[publish]]") && azure.now() < PUBLISHED.parse().unwrap() {
        return 0;
    }
    block["outside_window"] = if by_aks { Json::Null } else { "wait".into() };
    block["timeouts"] = json!({ "update": "60d" });
    let at = format!("{kind}.prod");
    let terraform = Terraform::new(&azure).provider("poll_interval", json!("1m"));
    terraform.write(&at, block);
    let ahead = Ahead { as_of: None, horizon: SignedDuration::from_hours(24 * 60) };
    let created = terraform.apply(&terraform.plan().await).await;
    if created.is_err() && may_fail {
        return 0;
    }
    created.unwrap();
    let outlook = terraform.outlook(&at, ahead).await.unwrap();
    let named: Vec<Named> = outlook.forecast.scheduled.iter().filter_map(named).collect();
    // A create with executor = "aks" has written what disrupts nothing.
    let first = azure.exchanges().len();
    let is_whole = runs(&azure, &terraform, &named, has_ages, may_fail).await;
    let done = done(&azure, first);
    let same = done.iter().zip(&named).all(|(done, named)| named.is(&done.write));
    let all = done.len() == named.len() || !is_whole && done.len() < named.len();
    assert!(same && all, "{named:#?} {done:#?} {:#?}", outlook.forecast.held);
    let mut reached = Timestamp::MAX;
    for (one, named) in done.iter().zip(&named) {
        // A plan that is made for an age in an opening goes on in it where steps took less than their estimates.
        let opens = if has_ages { named.opens.min(reached) } else { named.opens };
        let is_kept = opens <= one.at + SignedDuration::from_mins(1) && one.at < named.closes;
        assert!(is_kept, "{one:?} {named:?} {done:#?}");
        reached = if one.at < named.opens { opens } else { named.opens };
    }
    named.len()
}

/// Runs one pipeline in each opening that has work, until nothing is left. A step begins when the one before it has ended,
/// and a pipeline ends with its last one: so each of them ends in its opening. Tells whether none has failed.
///
/// Where ages count, a step may be too young to be planned before its time, and an earlier plan does not hold it.
async fn runs(
    azure: &Arc<Azure>,
    terraform: &Terraform,
    named: &[Named],
    has_ages: bool,
    may_fail: bool,
) -> bool {
    let first = azure.exchanges().len();
    let until = async |at: Timestamp| {
        azure.wait(Duration::try_from(at.duration_since(azure.now())).unwrap_or_default()).await;
    };
    for _ in 0..60 {
        let next = named.get(done(azure, first).len());
        if let Some(next) = next.filter(|_| has_ages) {
            until(next.starts).await;
        }
        let plan = terraform.plan().await;
        match next.filter(|next| azure.now() < next.opens && plan.is_empty()) {
            Some(next) => {
                until(next.opens).await;
                continue;
            }
            None if plan.is_empty() => return true,
            None => {}
        }
        match terraform.apply(&plan).await {
            Err(_) if may_fail => return false,
            applied => drop(applied.unwrap_or_else(|error| panic!("{error:#?}"))),
        }
        let done = done(azure, first);
        let Some(last) = done.len().checked_sub(1).and_then(|last| named.get(last)) else { continue };
        assert!(azure.now() <= last.closes, "{last:?} ended at {}: {named:#?} {done:#?}", azure.now());
        if named.get(done.len()).is_some_and(|next| next.opens > last.opens) {
            until(last.closes.min(named[done.len()].opens)).await;
        }
    }
    panic!("there is no end to it");
}

/// Returns what a step of a forecast does; `None` for one that runs already.
fn named(scheduled: &Scheduled) -> Option<Named> {
    let write = match &scheduled.step.work {
        _ if scheduled.step.is_running() => return None,
        Work::Cluster { to, .. } | Work::ControlPlane { to, .. } => format!("PUT prod {to}"),
        Work::Pool { pool, to, .. } => format!("PUT prod/{pool} {to}"),
        Work::Image { pool, .. } => format!("POST prod/{pool} image"),
        Work::MaintenanceConfiguration { name, .. } => format!("PUT prod {name}"),
        Work::Channel { to: AksChannel::Versions(to), .. } => format!("PUT prod upgradeChannel {to}"),
        Work::Channel { to: AksChannel::Images(to), .. } => format!("PUT prod nodeOSUpgradeChannel {to}"),
    };
    let Interval { start: opens, end: closes } = scheduled.opening;
    Some(Named { write, starts: scheduled.start, opens, closes })
}

/// Returns the writes that start a step, from a request on. What precedes an image call on its pool are the settings that go with it.
fn done(azure: &Azure, first: usize) -> Vec<Done> {
    let writes = azure.exchanges().into_iter().skip(first).filter(|one| one.is_write() && one.accepted());
    let all: Vec<Done> = writes.map(|one| Done { write: one.write(), at: one.at }).collect();
    let target = |one: &Done| one.write.split(' ').nth(1).unwrap_or_default().to_owned();
    let is_setting = |place: usize| {
        all.get(place + 1)
            .is_some_and(|next| next.write.starts_with("POST") && target(next) == target(&all[place]))
    };
    let keep: Vec<bool> = (0..all.len()).map(|place| !is_setting(place)).collect();
    all.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(one, _)| one).collect()
}
