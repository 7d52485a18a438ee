//! What holds for every plan: simulated on paper, step by step.

use std::collections::BTreeSet;

use proptest::prelude::*;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, Pool, Power, State};
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::offer::Offers;
use terraform_provider_aks::upgrade::os::ends_before;
use terraform_provider_aks::upgrade::plan::{Plan, plan};
use terraform_provider_aks::upgrade::policy::{Goal, Policy, PoolHops};
use terraform_provider_aks::upgrade::step::{Manner, Step, Work};
use terraform_provider_aks::upgrade::task::Component;
use terraform_provider_aks::upgrade::version::{Version, breaks_skew};

use crate::upgrade::sample::{
    NEW, apply, cluster, excluding, images, kubernetes, offers, region, rollout, seen, seen_with, v,
};

const TARGETS: [&str; 14] = [
    "1.31", "1.32", "1.33", "1.33.6", "1.34", "1.34.3", "1.35", "1.36", "1.36.2", "1.37", "1.40", "patch",
    "stable", "rapid",
];
const RUNNING: [&str; 14] = [
    "1.29.4", "1.30.100", "1.31.12", "1.32.9", "1.32.11", "1.33.5", "1.33.7", "1.33.10", "1.34.2", "1.34.8",
    "1.35.1", "1.35.5", "1.36.1", "1.36.2",
];

/// Most pools run what never ends.
const SKUS: [&str; 12] = [
    "Ubuntu",
    "Ubuntu",
    "Ubuntu",
    "Ubuntu",
    "AzureLinux",
    "Ubuntu",
    "AzureLinux3",
    "Windows2019",
    "Ubuntu",
    "Windows2022",
    "Ubuntu",
    "Ubuntu2204",
];

/// A cluster that could exist: no pool above the control plane, none beyond the skew rule.
pub fn clusters() -> impl Strategy<Value = Cluster> {
    let pool =
        (0..6usize, any::<[bool; 4]>().prop_map(|flags| flags.map(|flag| flag as u8)), 0..12u8, 0..12u8);
    let pools = proptest::collection::vec(pool, 0..5);
    (0..RUNNING.len(), pools, any::<bool>(), 0..12u8).prop_map(|(running, pools, lts, state)| {
        let mut made = cluster(RUNNING[running], "");
        made.lts = lts;
        let behind = |steps: usize| {
            let at_most = RUNNING[..=running].iter().rev().map(|text| v(text));
            let allowed: Vec<Version> =
                at_most.filter(|version| !breaks_skew(version, &v(RUNNING[running]))).collect();
            allowed[steps.min(allowed.len() - 1)].clone()
        };
        for (place, (lag, [system, _, new, _], oddity, state)) in pools.into_iter().enumerate() {
            let name = format!("{}{place}", if system == 1 { "s" } else { "u" });
            let mut pool = cluster("1.30.100", &format!("{name}:{}", behind(lag))).pools.remove(0);
            pool.os_sku = SKUS[(usize::from(state) + usize::from(oddity) * 5) % SKUS.len()].to_owned();
            pool.os_type = if pool.os_sku.starts_with("Windows") { "Windows" } else { "Linux" }.to_owned();
            pool.machines = oddity == 0;
            pool.snapshot = oddity == 1;
            pool.power = if oddity == 2 { Power::Stopped } else { Power::Running };
            pool.state = shown(state, State::Canceled(None));
            pool.image = NodeImage::new(if new == 1 { NEW.to_owned() } else { pool.image.to_string() });
            made.pools.push(pool);
        }
        // A version upgrade of a pool shows at the cluster, too.
        let follows = made.pools.iter().any(|pool| pool.state.is_upgrading());
        made.state = shown(if follows { 1 } else { state }, State::Failed(None));
        made
    })
}

/// One of three states, at rest mostly.
fn shown(number: u8, failed: State) -> State {
    match number {
        0 => failed,
        1 => State::Busy("Upgrading".to_owned()),
        _ => State::Succeeded,
    }
}

pub fn policies() -> impl Strategy<Value = Policy> {
    let excluded = proptest::sample::subsequence(region(), 0..4);
    let parts = (0..TARGETS.len() + 2, excluded, any::<[bool; 4]>(), proptest::option::of(0..5usize));
    parts.prop_map(|(target, excluded, [fewest, alone, preview, reverse], left)| {
        let texts: Vec<String> = excluded.iter().map(|one| one.version.to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let mut policy = TARGETS.get(target).map_or_else(images, |target| excluding(target, &texts));
        if let Goal::Kubernetes { allow_preview, .. } = &mut policy.goal {
            *allow_preview = preview;
        }
        rollout(policy, |rollout| {
            rollout.pool_hops = if fewest { PoolHops::Fewest } else { PoolHops::Each };
            rollout.control_plane_only = alone && target % 3 == 0;
            rollout.pool_order = if reverse { vec![vec!["user".to_owned()]] } else { vec![] };
            rollout.exclude_pools = left.iter().map(|place| format!("u{place}")).collect();
        })
    })
}

fn listed(offers: &Offers) -> BTreeSet<&Version> {
    let own = offers.upgrades.iter().map(|offer| &offer.version);
    own.chain(offers.region.iter().flatten().map(|listed| &listed.version)).collect()
}

/// Tells whether Azure lists the hop: in the cluster's profile for the first, in the region's graph afterwards.
fn lists(offers: &Offers, start: &Version, from: &Version, to: &Version) -> bool {
    if from == start {
        return offers.upgrades.iter().any(|offer| offer.version == *to);
    }
    offers.region.iter().flatten().any(|listed| listed.version == *from && listed.upgrades.contains(to))
}

fn excluded(policy: &Policy) -> BTreeSet<Version> {
    match &policy.goal {
        Goal::Kubernetes { exclude, .. } => exclude.clone(),
        Goal::NodeImage(_) => BTreeSet::new(),
    }
}

/// Tells whether a step leads a pool, or leaves one of Windows behind, where its operating system has ended.
fn outlives(step: &Step, now: &Cluster, policy: &Policy) -> bool {
    let Some(to) = step.work.version().filter(|_| step.manner == Manner::Upgrade) else { return false };
    let left =
        |pool: &Pool| policy.rollout.control_plane_only || policy.rollout.exclude_pools.contains(&pool.name);
    let idle = |pool: &Pool| pool.machines || pool.snapshot || pool.power == Power::Stopped;
    let counts = |pool: &&Pool| match &step.work {
        Work::Pool { pool: name, .. } => *name == pool.name,
        Work::ControlPlane { .. } if pool.os_type == "Windows" => to.minor() > now.version.minor(),
        Work::ControlPlane { .. } => to.minor() > now.version.minor() && !left(pool) && !idle(pool),
        Work::Cluster { .. } => !pool.machines,
        _ => false,
    };
    now.pools.iter().filter(counts).any(|pool| ends_before(&pool.os_sku, to.minor()).is_some())
}

/// Checks one step against the cluster it would be started on.
fn check(
    step: &Step,
    now: &Cluster,
    start: &Cluster,
    policy: &Policy,
    offers: &Offers,
) -> Result<(), TestCaseError> {
    prop_assert!(!outlives(step, now, policy), "{step:?} outlives an operating system");
    let name = match step.work.component() {
        Component::Pool(name) => {
            prop_assert!(!policy.rollout.control_plane_only && !policy.rollout.exclude_pools.contains(&name));
            let pool = now.pool(&name).unwrap();
            prop_assert!(!pool.machines && !pool.snapshot && pool.power == Power::Running);
            Some(pool)
        }
        _ => None,
    };
    let (Work::Cluster { from, to } | Work::ControlPlane { from, to } | Work::Pool { from, to, .. }) =
        &step.work
    else {
        return Ok(());
    };
    prop_assert_eq!(
        from,
        name.map_or(&now.version, |pool| &pool.version),
        "a step starts where the last one ended"
    );
    let starts = step.manner == Manner::Upgrade;
    prop_assert!(to > from || !starts && to == from, "no downgrade");
    prop_assert!(!starts || !excluded(policy).contains(to), "no excluded version");
    match name {
        Some(_) => {
            prop_assert!(to <= &now.version, "no pool above the control plane");
            prop_assert!(
                !starts || listed(offers).contains(to) || *to == now.version,
                "only offered versions"
            );
        }
        None if !starts => {}
        None => {
            prop_assert!(lists(offers, &start.version, from, to), "every hop is listed: {from} > {to}");
            let minors = to.minor().minor - from.minor().minor;
            prop_assert!(
                now.lts || step.work.component() == Component::Cluster || minors <= 1,
                "no minor is skipped"
            );
            for pool in now.pools.iter().filter(|_| step.work.component() == Component::ControlPlane) {
                prop_assert!(!breaks_skew(&pool.version, to), "{} is left too far behind", pool.name);
            }
        }
    }
    Ok(())
}

fn run(from: &Cluster, plan: &Plan, steps: usize) -> Cluster {
    let mut cluster = from.clone();
    plan.steps.iter().take(steps).for_each(|step| apply(step, &mut cluster));
    cluster
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_step_of_every_plan_is_legal(start in clusters(), policy in policies()) {
        let offers = offers(&start);
        let plan = plan(&seen_with(&start, &offers), &policy);
        let mut now = start.clone();
        for step in &plan.steps {
            check(step, &now, &start, &policy, &offers)?;
            apply(step, &mut now);
        }
    }

    #[test]
    fn the_same_input_gives_the_same_plan(start in clusters(), policy in policies()) {
        let offers = offers(&start);
        let mut turned = start.clone();
        turned.pools.reverse();
        prop_assert_eq!(plan(&seen_with(&start, &offers), &policy), plan(&seen_with(&start, &offers), &policy));
        prop_assert_eq!(plan(&seen_with(&start, &offers), &policy).steps, plan(&seen_with(&turned, &offers), &policy).steps, "whatever Azure's order");
    }

    #[test]
    fn a_plan_that_was_carried_out_leaves_nothing_to_do(start in clusters(), policy in policies()) {
        let done = run(&start, &plan(&seen(&start), &policy), usize::MAX);
        prop_assert_eq!(plan(&seen(&done), &policy).steps, vec![]);
    }

    #[test]
    fn interrupted_anywhere_and_planned_again_it_ends_in_the_same_place(
        start in clusters(), policy in policies(), after in 0..12usize
    ) {
        let whole = plan(&seen(&start), &policy);
        let stopped = run(&start, &whole, after);
        let rest = plan(&seen(&stopped), &policy);
        prop_assert_eq!(run(&stopped, &rest, usize::MAX), run(&start, &whole, usize::MAX));
    }

    /// What cannot be read is unknown: a channel never means another version instead.
    #[test]
    fn an_unreadable_list_leaves_a_channel_without_a_target(start in clusters(), policy in policies(), rapid in any::<bool>()) {
        let mut blind = seen(&start);
        blind.offers.region = None;
        let channel = kubernetes(if rapid { "rapid" } else { "stable" });
        let plan = plan(&blind, &Policy { rollout: policy.rollout, ..channel });
        let moves = plan.steps.iter().any(|step| {
            step.manner == Manner::Upgrade && !matches!(step.work, Work::Pool { .. })
        });
        prop_assert!(plan.target.is_none() && !moves && plan.blocks.iter().any(Block::stops), "{:?}", plan);
    }

    #[test]
    fn no_block_repeats_itself(start in clusters(), policy in policies()) {
        let blocks = plan(&seen(&start), &policy).blocks;
        for (place, block) in blocks.iter().enumerate() {
            prop_assert!(!blocks[..place].contains(block), "{:?}", block);
        }
    }
}
