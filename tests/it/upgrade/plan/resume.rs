//! What a write can resume: it comes after the repair of its pool, or not at all, and needs the strictest window.

use std::collections::BTreeSet;

use proptest::prelude::*;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, Pool, Power, State};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::Policy;
use terraform_provider_aks::upgrade::step::{Step, Work};
use terraform_provider_aks::upgrade::task::{Component, Task};

use super::laws::{clusters, policies};
use super::row;
use crate::upgrade::sample::{NEW, OLD, cluster, edit, images, kubernetes, rollout, seen, v, with};

/// A pool that failed on the latest image, so that only its version is in question.
fn failed(pool: &mut Pool) {
    pool.state = State::Failed(None);
    pool.image = NodeImage::new(NEW);
}

fn without(pool: &str, policy: Policy) -> Policy {
    rollout(policy, |rollout| rollout.exclude_pools = BTreeSet::from([pool.to_owned()]))
}

#[test]
fn a_pool_is_repaired_before_the_control_plane_is_written_to() {
    // A patch leaves no pool half done either.
    row(
        &with(cluster("1.34.2", "a:1.34.2 b:1.34.2"), "b", failed),
        &kubernetes("1.34"),
        &["repair b 1.34.2", "cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8", "b 1.34.2 > 1.34.8"],
        &["failed_state"],
    );
    // The repair of the control plane is such a write, too.
    let both = edit(with(cluster("1.34.8", "a:1.34.8"), "a", failed), |one| one.state = State::Failed(None));
    row(
        &both,
        &kubernetes("1.34"),
        &["repair a 1.34.8", "repair cp 1.34.8"],
        &["failed_state", "failed_state"],
    );
}

#[test]
fn a_pool_that_is_left_alone_keeps_the_control_plane_where_it_is() {
    let from = with(cluster("1.34.2", "a:1.34.2 b:1.34.2"), "b", failed);
    row(&from, &without("b", kubernetes("1.34")), &[], &["failed_state", "resumes_pool"]);
    // Pools below the control plane still follow it.
    let behind = with(cluster("1.34.2", "a:1.33.5 b:1.34.2"), "b", failed);
    row(
        &behind,
        &without("b", kubernetes("1.34")),
        &["a 1.33.5 > 1.34.2"],
        &["failed_state", "resumes_pool"],
    );
    let broken =
        edit(with(cluster("1.34.8", "a:1.34.8"), "a", failed), |one| one.state = State::Canceled(None));
    row(&broken, &without("a", kubernetes("1.34")), &[], &["failed_state", "failed_state", "resumes_pool"]);
    // None follows a control plane that stays as it failed, and none goes farther than the target asks for.
    let stuck = edit(with(cluster("1.34.8", "a:1.33.5 b:1.34.8"), "b", failed), |one| {
        one.state = State::Failed(None)
    });
    for target in ["1.34", "1.33"] {
        row(
            &stuck,
            &without("b", kubernetes(target)),
            &[],
            &["failed_state", "failed_state", "resumes_pool"],
        );
    }
    // Nothing runs in a pool that is stopped.
    let stopped = with(from, "b", |b| b.power = Power::Stopped);
    row(
        &stopped,
        &without("b", kubernetes("1.34")),
        &["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"],
        &["failed_state"],
    );
}

/// The cure is where the pool is left out, and the snapshot is what leaves it out.
#[test]
fn a_failed_pool_that_is_left_out_says_what_leaves_it_out() {
    let from = with(cluster("1.34.2", "a:1.34.2 b:1.34.2"), "b", |b| {
        failed(b);
        b.snapshot = true;
    });
    row(&from, &kubernetes("1.34"), &[], &["failed_state", "snapshot_bound", "resumes_pool"]);
    let by_choice = |policy: &Policy| {
        let is_so = |block: &Block| matches!(block, Block::ResumesPool { by_choice: true, .. });
        plan(&seen(&from), policy).blocks.iter().any(is_so)
    };
    assert!(!by_choice(&kubernetes("1.34")) && by_choice(&without("b", kubernetes("1.34"))));
}

#[test]
fn an_upgrade_of_the_control_plane_that_failed_goes_on_with_the_next_hop() {
    let asked = |to: &str| {
        edit(cluster("1.34.2", "a:1.34.2"), |one| {
            one.state = State::Failed(None);
            one.unfinished = Some(v(to));
        })
    };
    let rest = ["cp 1.34.2 > 1.35.5", "a 1.34.2 > 1.35.5"];
    row(&asked("1.35.1"), &kubernetes("1.35"), &rest, &["failed_state"]);
    // Where the policy does not lead so far, what runs is repaired.
    row(
        &asked("1.35.1"),
        &kubernetes("1.34"),
        &["repair cp 1.34.2", "cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"],
        &["failed_state"],
    );
}

#[test]
fn a_pool_at_its_version_and_behind_on_its_image_is_repaired_by_the_image_call() {
    let behind = |a: &mut Pool| a.state = State::Failed(None);
    let from = with(cluster("1.34.8", "a:1.34.8"), "a", behind);
    row(&from, &kubernetes("1.34"), &["repair a 202610.19.0"], &["failed_state"]);
    let unfinished = with(from, "a", |a| (a.version, a.unfinished) = (v("1.34.2"), Some(v("1.34.8"))));
    row(&unfinished, &kubernetes("1.34"), &["a 1.34.2 > 1.34.8"], &["failed_state"]);
}

#[test]
fn an_image_call_leaves_an_unfinished_upgrade_alone() {
    let unfinished = |a: &mut Pool| {
        a.state = State::Failed(None);
        a.unfinished = Some(v("1.35.5"));
    };
    let from = with(cluster("1.35.5", "a:1.34.8 b:1.34.8"), "a", unfinished);
    row(&from, &images(), &["b 202610.05.0 > 202610.19.0"], &["failed_state", "unfinished_upgrade"]);
}

/// Returns the work that the first write to a pool may go on with, by the law.
fn of_pool(pool: &Pool) -> Vec<Task> {
    let kinds =
        [Kind::Minor, Kind::Patch].into_iter().chain((pool.image.as_str() == OLD).then_some(Kind::NodeImage));
    kinds.map(|kind| Task { component: Component::Pool(pool.name.clone()), kind }).collect()
}

fn failed_pools(cluster: &Cluster) -> impl Iterator<Item = &Pool> {
    cluster
        .pools
        .iter()
        .filter(|pool| pool.state.is_failed() && !pool.machines && pool.power == Power::Running)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No write to the cluster meets a pool that failed, except the one that moves every pool; and every write to what
    /// failed needs all that it may turn out to be.
    #[test]
    fn nothing_is_resumed_that_the_plan_does_not_name(start in clusters(), policy in policies()) {
        let plan = plan(&seen(&start), &policy);
        for steps in std::iter::once(plan.steps).chain(plan.meanwhile) {
            names_what_it_resumes(start.clone(), steps)?;
        }
    }
}

fn names_what_it_resumes(mut now: Cluster, steps: Vec<Step>) -> Result<(), TestCaseError> {
    for step in steps {
        let tasks = step.tasks();
        let needs = |wanted: Vec<Task>| wanted.into_iter().all(|task| tasks.contains(&task));
        match &step.work {
            Work::ControlPlane { .. } if !step.is_running() => {
                let left: Vec<&Pool> = failed_pools(&now).collect();
                prop_assert!(left.is_empty(), "{step:?} goes on with {left:?}");
            }
            Work::Cluster { .. } => {
                for pool in failed_pools(&now) {
                    prop_assert!(needs(of_pool(pool)), "{step:?} and {pool:?}");
                }
            }
            _ => {}
        }
        if let Some(pool) =
            step.work.pool().and_then(|name| now.pool(name)).filter(|pool| pool.state.is_failed())
        {
            prop_assert!(needs(of_pool(pool)), "{step:?} and {pool:?}");
        }
        step.take(&mut now);
    }
    Ok(())
}
