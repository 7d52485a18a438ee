//! Steps to a Kubernetes version, as tables.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, Mode, Power, State};
use terraform_provider_aks::upgrade::os::ends_before;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::{Goal, Override, Policy, PoolHops, Target};

use super::{row, row_of, row_with};
use crate::upgrade::sample::{
    at, cluster, edit, excluding, kubernetes, now, offers, pool, rollout, seen, seen_with, steps, v, with,
};

#[test]
fn one_minor_takes_the_control_plane_then_system_then_user() {
    row(
        &cluster("1.33.5", "b:1.33.5 a:1.33.5 sys:1.33.5"),
        &kubernetes("1.34"),
        &["cp 1.33.5 > 1.34.8", "sys 1.33.5 > 1.34.8", "a 1.33.5 > 1.34.8", "b 1.33.5 > 1.34.8"],
        &[],
    );
}

#[test]
fn each_minor_is_finished_before_the_next() {
    row(
        &cluster("1.33.5", "sys:1.33.5 a:1.33.5"),
        &kubernetes("1.36"),
        &[
            "cp 1.33.5 > 1.34.8",
            "sys 1.33.5 > 1.34.8",
            "a 1.33.5 > 1.34.8",
            "cp 1.34.8 > 1.35.5",
            "sys 1.34.8 > 1.35.5",
            "a 1.34.8 > 1.35.5",
            "cp 1.35.5 > 1.36.2",
            "sys 1.35.5 > 1.36.2",
            "a 1.35.5 > 1.36.2",
        ],
        &[],
    );
}

#[test]
fn fewest_pool_hops_jump_as_far_as_the_skew_rule_allows() {
    let fewest = |policy| rollout(policy, |rollout| rollout.pool_hops = PoolHops::Fewest);
    row(
        &cluster("1.33.5", "sys:1.33.5 a:1.33.5"),
        &fewest(kubernetes("1.36")),
        &[
            "cp 1.33.5 > 1.34.8",
            "cp 1.34.8 > 1.35.5",
            "cp 1.35.5 > 1.36.2",
            "sys 1.33.5 > 1.36.2",
            "a 1.33.5 > 1.36.2",
        ],
        &[],
    );
    // One minor further back, and the pool must be caught up on the way.
    row(
        &cluster("1.33.5", "a:1.32.9"),
        &fewest(kubernetes("1.36")),
        &[
            "cp 1.33.5 > 1.34.8",
            "cp 1.34.8 > 1.35.5",
            "a 1.32.9 > 1.35.5",
            "cp 1.35.5 > 1.36.2",
            "a 1.35.5 > 1.36.2",
        ],
        &[],
    );
}

#[test]
fn an_alias_means_at_least_and_takes_newer_patches() {
    row(&cluster("1.34.8", "a:1.34.8"), &kubernetes("1.34"), &[], &[]);
    row(
        &cluster("1.34.2", "a:1.34.2"),
        &kubernetes("1.34"),
        &["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"],
        &[],
    );
    row(&cluster("1.35.1", "a:1.35.1"), &kubernetes("1.34"), &[], &[]);
    row(&cluster("1.35.1", "a:1.34.2"), &kubernetes("1.33"), &[], &[]);
}

#[test]
fn an_exact_version_means_at_least_that_patch() {
    row(&cluster("1.34.3", "a:1.34.3"), &kubernetes("1.34.2"), &[], &[]);
    row(
        &cluster("1.34.2", "a:1.34.2"),
        &kubernetes("1.34.3"),
        &["cp 1.34.2 > 1.34.3", "a 1.34.2 > 1.34.3"],
        &[],
    );
    row(
        &cluster("1.33.5", "a:1.33.5"),
        &kubernetes("1.35.1"),
        &["cp 1.33.5 > 1.34.8", "a 1.33.5 > 1.34.8", "cp 1.34.8 > 1.35.1", "a 1.34.8 > 1.35.1"],
        &[],
    );
    row(&cluster("1.34.2", "a:1.34.2"), &kubernetes("1.34.7"), &[], &["version_not_offered"]);
}

#[test]
fn channels_follow_the_newest_generally_available_minor() {
    let from = || cluster("1.34.2", "a:1.34.2");
    row(&from(), &kubernetes("patch"), &["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"], &[]);
    row(&from(), &kubernetes("stable"), &["cp 1.34.2 > 1.35.5", "a 1.34.2 > 1.35.5"], &[]);
    row(
        &from(),
        &kubernetes("rapid"),
        &["cp 1.34.2 > 1.35.5", "a 1.34.2 > 1.35.5", "cp 1.35.5 > 1.36.2", "a 1.35.5 > 1.36.2"],
        &[],
    );
    row(&cluster("1.36.2", "a:1.36.2"), &kubernetes("stable"), &[], &[]);
}

#[test]
fn the_target_that_was_resolved_is_named() {
    let target = |version: &str, wanted: &str| {
        let cluster = cluster(version, "a:1.34.2");
        plan(&seen(&cluster), &kubernetes(wanted)).target.map(|target| target.to_string())
    };
    assert_eq!(target("1.34.2", "1.35").as_deref(), Some("1.35.5"));
    assert_eq!(target("1.34.8", "1.34").as_deref(), Some("1.34.8"));
    assert_eq!(target("1.36.1", "1.34").as_deref(), Some("1.36.1"), "ahead of the target");
    assert_eq!(target("1.34.2", "1.40"), None);
}

#[test]
fn excluded_versions_are_neither_target_nor_hop() {
    let from = || cluster("1.33.5", "a:1.33.5");
    row(&from(), &excluding("1.34", &["1.34.8"]), &["cp 1.33.5 > 1.34.3", "a 1.33.5 > 1.34.3"], &[]);
    row(
        &from(),
        &excluding("1.35", &["1.34.8", "1.34.3"]),
        &["cp 1.33.5 > 1.34.2", "a 1.33.5 > 1.34.2", "cp 1.34.2 > 1.35.5", "a 1.34.2 > 1.35.5"],
        &[],
    );
    row(&from(), &excluding("1.35", &["1.34.8", "1.34.3", "1.34.2"]), &[], &["excluded_version"]);
    row(&from(), &excluding("1.34.3", &["1.34.3"]), &[], &["excluded_version"]);
    let policy = excluding("1.35", &["1.34.8", "1.34.3", "1.34.2"]);
    let blocks = plan(&seen(&from()), &policy).blocks;
    let wanted = "1.35".parse().unwrap();
    assert_eq!(
        blocks,
        [Block::ExcludedVersion { wanted, versions: vec![v("1.34.2"), v("1.34.3"), v("1.34.8")] }]
    );
    // One version was asked for by name; the others are of no interest.
    let blocks = plan(&seen(&from()), &excluding("1.34.3", &["1.34.3", "1.34.8"])).blocks;
    let wanted = "1.34.3".parse().unwrap();
    assert_eq!(blocks, [Block::ExcludedVersion { wanted, versions: vec![v("1.34.3")] }]);
}

#[test]
fn pools_do_not_follow_to_an_excluded_version() {
    row(&cluster("1.34.8", "a:1.33.5"), &excluding("1.34", &["1.34.8"]), &["a 1.33.5 > 1.34.3"], &[]);
    row(&cluster("1.34.8", "a:1.34.3"), &excluding("1.34", &["1.34.8"]), &[], &["excluded_version"]);
}

#[test]
fn previews_need_permission() {
    let from = || cluster("1.36.2", "a:1.36.2");
    row(&from(), &kubernetes("1.37"), &[], &["preview_version"]);
    let mut policy = kubernetes("1.37");
    if let Goal::Kubernetes { allow_preview, .. } = &mut policy.goal {
        *allow_preview = true;
    }
    row(&from(), &policy, &["cp 1.36.2 > 1.37.1", "a 1.36.2 > 1.37.1"], &[]);
}

fn aged(target: &str, days: i64) -> Policy {
    Policy { min_age: Some(SignedDuration::from_hours(24 * days)), ..kubernetes(target) }
}

#[test]
fn a_version_without_a_record_is_not_old_enough() {
    row(&cluster("1.33.5", "a:1.33.5"), &aged("1.34", 14), &[], &["too_young"]);
}

#[test]
fn the_newest_version_that_is_old_enough_is_taken_and_the_younger_one_reported() {
    let cluster = cluster("1.33.5", "a:1.33.5");
    let mut offers = offers(&cluster);
    offers.first_seen.insert(v("1.34.3"), at("2026-11-14T01:00:00Z"));
    offers.first_seen.insert(v("1.34.8"), at("2026-11-14T01:00:01Z"));
    row_with(
        &cluster,
        &aged("1.34", 14),
        &offers,
        &["cp 1.33.5 > 1.34.3", "a 1.33.5 > 1.34.3"],
        &["too_young"],
    );
    assert_eq!(
        plan(&seen_with(&cluster, &offers), &aged("1.34", 14)).blocks,
        [Block::TooYoung {
            version: v("1.34.8"),
            first_seen: Some(at("2026-11-14T01:00:01Z")),
            old_enough_at: Some(at("2026-11-28T01:00:01Z")),
        }]
    );
}

#[test]
fn an_active_override_ignores_the_age() {
    let over = |expires: &str| Override {
        reason: "CVE".to_owned(),
        expires: at(expires),
        window: false,
        blackout: false,
        min_age: true,
        cutoff: false,
    };
    let policy = |expires| Policy { override_: Some(over(expires)), ..aged("1.34", 14) };
    let from = cluster("1.33.5", "");
    row(&from, &policy("2026-11-28T01:00:01Z"), &["cp 1.33.5 > 1.34.8"], &[]);
    row(&from, &policy("2026-11-28T01:00:00Z"), &[], &["too_young"]);
}

#[test]
fn a_version_that_nobody_lists_is_not_invented() {
    let from = || cluster("1.35.1", "a:1.35.1");
    // The region is known and has no 1.40: a slip of the pen moves nothing.
    row(&from(), &kubernetes("1.40"), &[], &["version_not_offered"]);
    // The region is unknown: as far as the upgrade profile shows.
    let mut blind = offers(&from());
    blind.region = None;
    row_with(
        &from(),
        &kubernetes("1.40"),
        &blind,
        &["cp 1.35.1 > 1.36.2", "a 1.35.1 > 1.36.2"],
        &["version_not_offered"],
    );
    // Azure offers nothing at all.
    blind.upgrades.clear();
    row_with(&from(), &kubernetes("1.36"), &blind, &[], &["version_not_offered"]);
    row_with(&from(), &kubernetes("rapid"), &blind, &[], &["versions_not_listed"]);
}

/// Found with a role that may not list the region's versions: `stable` became another version, without a word.
#[test]
fn a_channel_without_the_regions_list_has_no_target() {
    for (channel, from, known) in [("stable", "1.33.5", "1.35.5"), ("rapid", "1.35.1", "1.36.2")] {
        let from = cluster(from, "sys:1.33.5 a:1.33.5");
        let listed = plan(&seen(&from), &kubernetes(channel));
        assert_eq!(listed.target, Some(v(known)));
        let mut blind = seen(&from);
        blind.offers.region = None;
        let plan = plan(&blind, &kubernetes(channel));
        let (wanted, location) = (Target::Channel(channel.parse().unwrap()), "westeurope".to_owned());
        assert_eq!(plan.blocks, [Block::VersionsNotListed { wanted, location, by_aks: false }]);
        assert!(plan.blocks[0].stops() && plan.target.is_none() && plan.steps.is_empty());
    }
    // What the cluster's own offers show needs no list.
    let mut blind = offers(&cluster("1.33.5", "a:1.33.5"));
    blind.region = None;
    let patch = ["cp 1.33.5 > 1.33.10", "a 1.33.5 > 1.33.10"];
    row_with(&cluster("1.33.5", "a:1.33.5"), &kubernetes("patch"), &blind, &patch, &[]);
    let minor = ["cp 1.33.5 > 1.34.8", "a 1.33.5 > 1.34.8"];
    row_with(&cluster("1.33.5", "a:1.33.5"), &kubernetes("1.34"), &blind, &minor, &[]);
}

#[test]
fn the_block_says_what_azure_offers_instead() {
    let from = cluster("1.34.8", "");
    let blocks = plan(&seen(&from), &kubernetes("1.40.1")).blocks;
    let offered = vec![v("1.35.1"), v("1.35.5")];
    assert_eq!(blocks, [Block::VersionNotOffered { pool: None, wanted: "1.40.1".parse().unwrap(), offered }]);
}

#[test]
fn the_upgrade_profile_is_the_authority_for_the_next_hop() {
    let from = cluster("1.33.5", "a:1.33.5");
    let mut narrow = offers(&from);
    // This cluster must take a patch first, whatever the region's list says.
    narrow.upgrades.retain(|offer| offer.version == v("1.33.10"));
    row_with(
        &from,
        &kubernetes("1.34"),
        &narrow,
        &["cp 1.33.5 > 1.33.10", "cp 1.33.10 > 1.34.8", "a 1.33.5 > 1.34.8"],
        &[],
    );
    narrow.upgrades.clear();
    row_with(&from, &kubernetes("1.34"), &narrow, &[], &["version_not_offered"]);
}

#[test]
fn pools_that_lag_are_caught_up_and_pools_ahead_are_left_alone() {
    row(&cluster("1.34.8", "a:1.33.5 b:1.34.8"), &kubernetes("1.34"), &["a 1.33.5 > 1.34.8"], &[]);
    row(
        &cluster("1.35.5", "a:1.33.5 b:1.34.2"),
        &kubernetes("1.34"),
        &["a 1.33.5 > 1.34.8", "b 1.34.2 > 1.34.8"],
        &[],
    );
    row(&cluster("1.34.8", "a:1.34.3"), &kubernetes("1.34.2"), &[], &[]);
    row(
        &cluster("1.34.8", "a:1.33.5 b:1.34.2"),
        &kubernetes("1.35"),
        &["a 1.33.5 > 1.34.8", "cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5", "b 1.34.2 > 1.35.5"],
        &[],
    );
    // Two minors behind: through each minor, together.
    row(
        &cluster("1.35.5", "a:1.33.5 b:1.34.2"),
        &kubernetes("1.35"),
        &["a 1.33.5 > 1.34.8", "b 1.34.2 > 1.34.8", "a 1.34.8 > 1.35.5", "b 1.34.8 > 1.35.5"],
        &[],
    );
}

#[test]
fn the_order_of_pools_is_the_users() {
    let order = |groups: &[&[&str]]| {
        let groups = groups.iter().map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let policy = rollout(kubernetes("1.34"), |rollout| rollout.pool_order = groups.collect());
        let cluster = cluster("1.34.8", "b:1.33.5 sys2:1.33.5 c:1.33.5 a:1.33.5 sys1:1.33.5");
        let steps = steps(&plan(&seen(&cluster), &policy));
        steps.iter().map(|step| step.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order(&[]), "sys1 sys2 a b c");
    assert_eq!(order(&[&["user"], &["system"]]), "a b c sys1 sys2");
    assert_eq!(order(&[&["c"], &["system"], &["b", "a"]]), "c sys1 sys2 b a");
    assert_eq!(order(&[&["sys2"], &["user"]]), "sys2 a b c sys1", "not named: after, in the usual order");
    assert_eq!(order(&[&["user"], &["a"]]), "b c a sys1 sys2", "a name counts more than its mode");
    assert_eq!(order(&[&["nobody", "c"]]), "c sys1 sys2 a b");
}

#[test]
fn a_pool_that_stays_behind_holds_the_control_plane_at_the_skew_rule() {
    let policy =
        rollout(kubernetes("1.36"), |rollout| rollout.exclude_pools = BTreeSet::from(["old".to_owned()]));
    let from = cluster("1.33.5", "a:1.33.5 old:1.32.9");
    row(
        &from,
        &policy,
        &["cp 1.33.5 > 1.34.8", "a 1.33.5 > 1.34.8", "cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"],
        &["skew"],
    );
    let blocks = plan(&seen(&from), &policy).blocks;
    let (pool, version, control_plane) = ("old".to_owned(), v("1.32.9"), v("1.36.2"));
    assert_eq!(blocks, [Block::Skew { pool, version, control_plane, allowed: 3 }]);
}

#[test]
fn before_1_28_a_pool_may_be_two_minors_behind() {
    let minors = ["1.25.5", "1.26.5", "1.27.5", "1.28.5"];
    let upgrade = |from: &str, to: &str, pools: &str| {
        let cluster = cluster(from, pools);
        let policy = rollout(kubernetes(to), |rollout| rollout.control_plane_only = true);
        let mut offers = offers(&cluster);
        offers.region = None;
        offers.upgrades = minors
            .iter()
            .map(|text| terraform_provider_aks::upgrade::offer::Offer { version: v(text), preview: false })
            .collect();
        plan(&seen_with(&cluster, &offers), &policy).blocks.first().map(Block::code)
    };
    assert_eq!(upgrade("1.26.5", "1.27", "a:1.25.5"), None);
    assert_eq!(upgrade("1.26.5", "1.27", "a:1.24.5"), Some("skew"));
    assert_eq!(upgrade("1.27.5", "1.28", "a:1.25.5"), None);
    assert_eq!(upgrade("1.27.5", "1.28", "a:1.24.5"), Some("skew"));
}

#[test]
fn the_control_plane_alone_goes_as_far_as_its_pools_let_it() {
    let alone = |target| rollout(kubernetes(target), |rollout| rollout.control_plane_only = true);
    row(&cluster("1.33.5", "a:1.33.5"), &alone("1.34"), &["cp 1.33.5 > 1.34.8"], &[]);
    row(
        &cluster("1.33.5", "a:1.32.9"),
        &alone("1.36"),
        &["cp 1.33.5 > 1.34.8", "cp 1.34.8 > 1.35.5"],
        &["skew"],
    );
}

#[test]
fn pools_that_cannot_move_are_reported_when_they_should() {
    let from = || cluster("1.33.5", "a:1.33.5 b:1.33.5");
    let rest = ["cp 1.33.5 > 1.34.8", "a 1.33.5 > 1.34.8"];
    row(&with(from(), "b", |b| b.machines = true), &kubernetes("1.34"), &rest, &["machines_pool"]);
    row(&with(from(), "b", |b| b.snapshot = true), &kubernetes("1.34"), &rest, &["snapshot_bound"]);
    row(&with(from(), "b", |b| b.power = Power::Stopped), &kubernetes("1.34"), &rest, &["pool_stopped"]);
    // At its target it is in nobody's way.
    let done = cluster("1.34.8", "a:1.34.8 b:1.34.8");
    row(&with(done, "b", |b| b.machines = true), &kubernetes("1.34"), &[], &[]);
    // The user asked to leave it alone.
    let policy =
        rollout(kubernetes("1.34"), |rollout| rollout.exclude_pools = BTreeSet::from(["b".to_owned()]));
    row(&with(from(), "b", |b| b.machines = true), &policy, &rest, &[]);
}

#[test]
fn a_stopped_cluster_stops_the_plan_but_still_shows_it() {
    let stopped = edit(cluster("1.33.5", "a:1.33.5"), |cluster| cluster.power = Power::Stopped);
    row(&stopped, &kubernetes("1.34"), &["cp 1.33.5 > 1.34.8", "a 1.33.5 > 1.34.8"], &["cluster_stopped"]);
    assert!(Block::ClusterStopped.stops());
}

#[test]
fn other_owners_and_running_operations_are_told() {
    let channel = |name: &str| {
        edit(cluster("1.34.8", "a:1.34.8"), |cluster| cluster.auto_upgrade_channel = Some(name.to_owned()))
    };
    row(&channel("stable"), &kubernetes("1.34"), &[], &["auto_upgrade_channel_on"]);
    row(&channel("none"), &kubernetes("1.34"), &[], &[]);
    row(&channel("node-image"), &kubernetes("1.34"), &[], &[]);
    let busy = with(cluster("1.34.8", "a:1.34.8"), "a", |a| a.state = State::Busy("Scaling".to_owned()));
    row(&busy, &kubernetes("1.34"), &[], &["operation_in_progress"]);
    let blocks = plan(&seen(&busy), &kubernetes("1.34")).blocks;
    let operation = "Scaling".to_owned();
    assert_eq!(blocks, [Block::OperationInProgress { pool: Some("a".to_owned()), operation }]);
}

#[test]
fn an_upgrade_that_runs_comes_first_and_is_not_done() {
    let upgrading = || State::Busy("Upgrading".to_owned());
    let done = || cluster("1.34.8", "a:1.34.8 b:1.34.8");
    let (told, twice) = (["operation_in_progress"], ["operation_in_progress"; 2]);
    let b = |cluster| with(cluster, "b", |b| b.state = upgrading());
    row(&b(done()), &kubernetes("1.34"), &["attach b 1.34.8"], &told);
    // A version upgrade of a pool shows at the cluster, too.
    let shown = edit(b(done()), |cluster| cluster.state = upgrading());
    row(&shown, &kubernetes("1.34"), &["attach b 1.34.8"], &twice);
    let control_plane = edit(cluster("1.34.8", "a:1.33.5"), |cluster| cluster.state = upgrading());
    row(&control_plane, &kubernetes("1.34"), &["attach cp 1.34.8", "a 1.33.5 > 1.34.8"], &told);
    row(
        &b(cluster("1.34.8", "a:1.33.5 b:1.34.8")),
        &kubernetes("1.34"),
        &["attach b 1.34.8", "a 1.33.5 > 1.34.8"],
        &told,
    );
    // A pool that is left alone is nobody's to finish, nor is an image.
    let left = rollout(kubernetes("1.34"), |rollout| rollout.exclude_pools = ["b".to_owned()].into());
    row(&shown, &left, &[], &twice);
    let image = State::Busy("UpgradingNodeImageVersion".to_owned());
    row(&with(done(), "b", |b| b.state = image), &kubernetes("1.34"), &[], &told);
}

#[test]
fn failures_at_the_target_are_repaired() {
    let failed = || State::Failed(Some("PodDrainFailure".to_owned()));
    let done = || cluster("1.34.8", "a:1.34.8 b:1.34.8");
    row(
        &with(done(), "a", |a| a.state = failed()),
        &kubernetes("1.34"),
        &["repair a 202610.19.0"],
        &["failed_state"],
    );
    row(
        &edit(done(), |cluster| cluster.state = State::Canceled(None)),
        &kubernetes("1.34"),
        &["repair cp 1.34.8"],
        &["failed_state"],
    );
    // In its turn, not after the others.
    row(
        &with(cluster("1.34.8", "a:1.34.8 b:1.33.5"), "a", |a| a.state = failed()),
        &kubernetes("1.34"),
        &["repair a 202610.19.0", "b 1.33.5 > 1.34.8"],
        &["failed_state"],
    );
    let cancelled = with(done(), "b", |b| b.state = State::Canceled(None));
    let blocks = plan(&seen(&cancelled), &kubernetes("1.34")).blocks;
    let component = terraform_provider_aks::upgrade::task::Component::Pool("b".to_owned());
    assert_eq!(blocks, [Block::FailedState { component, state: "Canceled", message: None }]);
}

#[test]
fn failures_on_the_way_are_resumed_before_the_next_minor() {
    let failed = || State::Failed(None);
    // A pool that failed below the control plane: its own step resumes it.
    row(
        &with(cluster("1.34.8", "a:1.33.5"), "a", |a| a.state = failed()),
        &kubernetes("1.34"),
        &["a 1.33.5 > 1.34.8"],
        &["failed_state"],
    );
    // One that failed at the running minor is not left half done.
    row(
        &with(cluster("1.34.8", "a:1.34.8 b:1.34.8"), "a", |a| a.state = failed()),
        &kubernetes("1.35"),
        &["repair a 202610.19.0", "cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5", "b 1.34.8 > 1.35.5"],
        &["failed_state"],
    );
    row(
        &edit(cluster("1.34.8", "a:1.33.10"), |cluster| cluster.state = failed()),
        &kubernetes("1.35"),
        &["repair cp 1.34.8", "a 1.33.10 > 1.34.8", "cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"],
        &["failed_state"],
    );
}

#[test]
fn long_term_support_jumps_and_community_support_does_not() {
    let lts = |version: &str, pools: &str| edit(cluster(version, pools), |cluster| cluster.lts = true);
    row(
        &lts("1.30.100", "a:1.30.100 b:1.29.15"),
        &kubernetes("1.33"),
        &["b 1.29.15 > 1.30.100", "cp 1.30.100 > 1.33.10", "a 1.30.100 > 1.33.10", "b 1.30.100 > 1.33.10"],
        &[],
    );
    row(
        &lts("1.30.100", "a:1.30.100"),
        &kubernetes("patch"),
        &["cp 1.30.100 > 1.30.101", "a 1.30.100 > 1.30.101"],
        &[],
    );
    row(&cluster("1.33.10", "a:1.33.10"), &kubernetes("1.32"), &[], &[]);
}

#[test]
fn a_minor_under_long_term_support_alone_needs_that_plan() {
    row(&cluster("1.31.13", "a:1.31.13"), &kubernetes("1.32"), &[], &["lts_only", "out_of_support"]);
    // Azure does not offer it to a cluster on community support, and the region's list says why.
    let from = cluster("1.31.13", "a:1.31.13");
    let mut community = seen(&from);
    community.offers.upgrades.retain(|offer| offer.version >= v("1.33.5"));
    // Also of a patch that is not listed any more.
    for target in ["1.32", "1.32.9", "1.32.5"] {
        row_of(&community, &kubernetes(target), &[], &["lts_only", "out_of_support"]);
    }
    let blocks = plan(&community, &kubernetes("1.32")).blocks;
    let wanted = "1.32".parse().unwrap();
    assert_eq!(blocks[0], Block::LtsOnly { wanted, version: v("1.32.11") });
}

#[test]
fn out_of_support_the_whole_cluster_moves_to_the_oldest_supported_minor() {
    row(
        &cluster("1.29.4", "a:1.29.4 b:1.28.9"),
        &kubernetes("1.34"),
        &["all 1.29.4 > 1.33.10", "cp 1.33.10 > 1.34.8", "a 1.33.10 > 1.34.8", "b 1.33.10 > 1.34.8"],
        &[],
    );
    row(
        &edit(cluster("1.29.4", "a:1.29.4"), |cluster| cluster.state = State::Failed(None)),
        &kubernetes("1.33"),
        &["all 1.29.4 > 1.33.10"],
        &["failed_state"],
    );
}

#[test]
fn out_of_support_with_a_pool_that_must_stay_is_blocked() {
    let policy = kubernetes("1.33");
    let from = with(cluster("1.29.4", "a:1.29.4 b:1.29.4"), "b", |b| b.power = Power::Stopped);
    row(&from, &policy, &[], &["whole_cluster_only", "pool_stopped"]);
    let (version, staying) = (v("1.29.4"), vec!["b".to_owned()]);
    assert_eq!(
        plan(&seen(&from), &policy).blocks[0],
        Block::WholeClusterOnly { version, channel: None, asked: vec![], staying }
    );
    let alone = rollout(kubernetes("1.33"), |rollout| rollout.control_plane_only = true);
    row(&from, &alone, &[], &["whole_cluster_only"]);
    // Satisfied, but out of support: nothing to do, and something to know.
    row(&from, &kubernetes("patch"), &[], &["out_of_support"]);
}

#[test]
fn estimates_are_minutes_for_small_pools() {
    let from = edit(cluster("1.33.5", "a:1.33.5"), |cluster| {
        cluster.pools.push(terraform_provider_aks::upgrade::cluster::Pool {
            count: 100,
            ..pool("big", Mode::User, "1.33.5")
        });
    });
    let plan = plan(&seen(&from), &kubernetes("1.34"));
    let minutes: Vec<i64> = plan.steps.iter().map(|step| step.estimate.as_mins()).collect();
    assert_eq!(minutes, [10, 15, 43]);
    assert_eq!(plan.soak, SignedDuration::ZERO);
    assert_eq!(now(), seen(&from).at);
}

fn with_os(cluster: Cluster, name: &str, os_sku: &str) -> Cluster {
    with(cluster, name, |pool| {
        pool.os_sku = os_sku.to_owned();
        pool.os_type = if os_sku.starts_with("Windows") { "Windows" } else { "Linux" }.to_owned();
    })
}

fn previews(target: &str) -> Policy {
    let mut policy = kubernetes(target);
    if let Goal::Kubernetes { allow_preview, .. } = &mut policy.goal {
        *allow_preview = true;
    }
    policy
}

/// Reported (Azure/AKS#4168): Windows Server 2022 is not supported from 1.37 on, and its pools are stranded there.
#[test]
fn a_pool_whose_operating_system_ends_holds_the_control_plane_before_it_leaves() {
    let from = with_os(cluster("1.36.1", "sys:1.36.1 win:1.36.1"), "win", "Windows2022");
    row(&from, &previews("1.37"), &[], &["os_not_supported"]);
    let from = with_os(cluster("1.35.5", "sys:1.35.5 win:1.35.5"), "win", "Windows2022");
    let first = ["cp 1.35.5 > 1.36.2", "sys 1.35.5 > 1.36.2", "win 1.35.5 > 1.36.2"];
    row(&from, &previews("1.37"), &first, &["os_not_supported"]);
    let blocks = plan(&seen(&from), &previews("1.37")).blocks;
    let end = ends_before("Windows2022", v("1.37.1").minor()).unwrap();
    let (pool, os_sku) = ("win".to_owned(), "Windows2022".to_owned());
    assert_eq!(blocks, [Block::OsNotSupported { pool, os_sku, version: v("1.37.1"), end, holds: true }]);
    // Azure refuses the control plane also where the pool is left alone; a Linux pool only waits.
    let left = |name: &str| {
        rollout(previews("1.37"), |rollout| rollout.exclude_pools = BTreeSet::from([name.to_owned()]))
    };
    row(&from, &left("win"), &first[..2], &["os_not_supported"]);
    let linux = with_os(cluster("1.36.2", "a:1.36.2 b:1.36.2"), "b", "AzureLinux3");
    row(&linux, &previews("1.37"), &[], &["os_not_supported"]);
    row(&linux, &left("b"), &["cp 1.36.2 > 1.37.1", "a 1.36.2 > 1.37.1"], &[]);
}

#[test]
fn a_pool_that_was_stranded_before_is_left_out() {
    let from = with_os(cluster("1.33.10", "a:1.32.11 win:1.32.11"), "win", "Windows2019");
    row(&from, &kubernetes("1.33"), &["a 1.32.11 > 1.33.10"], &["os_not_supported"]);
    let blocks = plan(&seen(&from), &kubernetes("1.33")).blocks;
    assert!(matches!(blocks[..], [Block::OsNotSupported { holds: false, .. }]), "{blocks:?}");
    let whole = with_os(cluster("1.29.4", "a:1.29.4 win:1.29.4"), "win", "Windows2019");
    row(&whole, &kubernetes("1.33"), &[], &["os_not_supported"]);
}

#[test]
fn what_comes_with_a_version_is_told_once() {
    let ubuntu = |from: Cluster, name| with_os(from, name, "Ubuntu");
    let from = ubuntu(ubuntu(cluster("1.34.8", "sys:1.34.8 a:1.34.8"), "sys"), "a");
    let steps = ["cp 1.34.8 > 1.35.5", "sys 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"];
    let changes = |pools: &[&str]| Block::OsChanges {
        pools: pools.iter().map(|pool| (*pool).to_owned()).collect(),
        system: "Ubuntu 24.04",
        version: v("1.35.5"),
    };
    row(&from, &kubernetes("1.35"), &steps, &["os_changes"]);
    let blocks = plan(&seen(&from), &kubernetes("1.36")).blocks;
    assert_eq!(blocks, [changes(&["sys", "a"])], "at 1.35, and not again at 1.36");
    let karpenter = edit(cluster("1.33.5", ""), |cluster| cluster.auto_provisioning = true);
    let blocks = plan(&seen(&karpenter), &kubernetes("1.35")).blocks;
    assert_eq!(blocks, [Block::NodesFollow { version: v("1.35.5") }]);
    row(&karpenter, &kubernetes("1.33.5"), &[], &[]);
    let whole = plan(&seen(&ubuntu(cluster("1.29.4", "a:1.29.4"), "a")), &kubernetes("1.35")).blocks;
    assert_eq!(whole, [changes(&["a"])]);
}
