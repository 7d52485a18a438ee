//! Steps to a node image, as tables.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, Power, State};
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::{Goal, Policy};
use terraform_provider_aks::upgrade::seen::Seen;

use super::{row, row_of, row_with};

use crate::upgrade::sample::{NEW, OLD, at, cluster, edit, images, offers, rollout, seen, with};

fn two() -> Cluster {
    cluster("1.34.8", "a:1.34.8 sys:1.34.8")
}

fn of(pools: &[&str]) -> Policy {
    let pools = Some(pools.iter().map(|name| (*name).to_owned()).collect());
    Policy { goal: Goal::NodeImage { pools, max_age: None }, ..images() }
}

fn aged(min: Option<i64>, max: Option<i64>) -> Policy {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    Policy {
        goal: Goal::NodeImage { pools: None, max_age: max.map(days) },
        min_age: min.map(days),
        ..images()
    }
}

#[test]
fn every_pool_that_is_behind_gets_the_latest_image() {
    let sys = "sys 202610.05.0 > 202610.19.0";
    let a = "a 202610.05.0 > 202610.19.0";
    row(&two(), &images(), &[sys, a], &[]);
    row(&with(two(), "a", |a| a.image = NodeImage::new(NEW)), &images(), &[sys], &[]);
    row(&two(), &of(&["a"]), &[a], &[]);
    row(&two(), &of(&["a", "zzz"]), &[a], &["pool_gone"]);
    let policy = rollout(images(), |rollout| rollout.exclude_pools = BTreeSet::from(["a".to_owned()]));
    row(&two(), &policy, &[sys], &[]);
}

#[test]
fn an_image_is_never_put_back() {
    let newer = "AKSUbuntu-2204gen2containerd-202611.02.0";
    row(&with(two(), "a", |a| a.image = NodeImage::new(newer)), &of(&["a"]), &[], &[]);
}

#[test]
fn another_family_or_an_unknown_form_differs_and_is_replaced() {
    let other = "AKSUbuntu-2004gen2containerd-202611.02.0";
    row(
        &with(two(), "a", |a| a.image = NodeImage::new(other)),
        &of(&["a"]),
        &["a 202611.02.0 > 202610.19.0"],
        &[],
    );
    row(
        &with(two(), "a", |a| a.image = NodeImage::new("custom")),
        &of(&["a"]),
        &["a custom > 202610.19.0"],
        &[],
    );
}

#[test]
fn max_age_leaves_young_images_alone() {
    // 5 October is 54 days and one hour ago.
    let step = "a 202610.05.0 > 202610.19.0";
    let one = || cluster("1.34.8", "a:1.34.8");
    row(&one(), &aged(None, Some(54)), &[step], &[]);
    row(&one(), &aged(None, Some(55)), &[], &["not_old_enough"]);
    assert_eq!(
        plan(&seen(&one()), &aged(None, Some(55))).blocks,
        [Block::NotOldEnough {
            pool: "a".to_owned(),
            image: NodeImage::new(OLD),
            old_enough_at: Some(at("2026-11-29T00:00:00Z"))
        }]
    );
    row(
        &with(one(), "a", |a| a.image = NodeImage::new("custom")),
        &aged(None, Some(1)),
        &[],
        &["not_old_enough"],
    );
}

#[test]
fn max_age_counts_older_than_and_min_age_counts_at_least() {
    let one = cluster("1.34.8", "a:1.34.8");
    let seen = Seen { at: at("2026-10-29T00:00:00Z"), ..seen(&one) };
    // The running image is exactly 24 days old, the latest exactly 10.
    row_of(&seen, &aged(None, Some(24)), &[], &["not_old_enough"]);
    row_of(&seen, &aged(Some(10), None), &["a 202610.05.0 > 202610.19.0"], &[]);
    row_of(&seen, &aged(Some(11), None), &[], &["image_too_young"]);
}

#[test]
fn an_image_without_a_date_is_never_old_enough_to_adopt() {
    let one = cluster("1.34.8", "a:1.34.8");
    let mut offers = offers(&one);
    offers.images.insert("a".to_owned(), NodeImage::new("custom"));
    row_with(&one, &images(), &offers, &["a 202610.05.0 > custom"], &[]);
    row_with(&one, &aged(Some(1), None), &offers, &[], &["image_too_young"]);
}

#[test]
fn pools_that_have_no_image_to_get_are_skipped_with_a_reason() {
    let one = || cluster("1.34.8", "a:1.34.8");
    row(&with(one(), "a", |a| a.machines = true), &images(), &[], &["machines_pool"]);
    row(&with(one(), "a", |a| a.snapshot = true), &images(), &[], &["snapshot_bound"]);
    row(&with(one(), "a", |a| a.power = Power::Stopped), &images(), &[], &["pool_stopped"]);
    let mut none = offers(&one());
    none.images.clear();
    row_with(&one(), &images(), &none, &[], &["image_not_offered"]);
    row_with(&with(one(), "a", |a| a.machines = true), &images(), &none, &[], &["machines_pool"]);
}

#[test]
fn a_failure_at_the_latest_image_is_repaired_whatever_its_age() {
    let failed = |image: &str| {
        with(cluster("1.34.8", "a:1.34.8"), "a", |a| {
            a.image = NodeImage::new(image);
            a.state = State::Failed(None);
        })
    };
    row(&failed(NEW), &images(), &["repair a 202610.19.0"], &["failed_state"]);
    row(&failed(NEW), &aged(Some(365), Some(365)), &["repair a 202610.19.0"], &["failed_state"]);
    row(&failed(OLD), &images(), &["a 202610.05.0 > 202610.19.0"], &["failed_state"]);
}

#[test]
fn channels_that_move_images_are_told() {
    let channel = |os: &str, upgrade: &str| {
        edit(with(cluster("1.34.8", "a:1.34.8"), "a", |a| a.image = NodeImage::new(NEW)), |cluster| {
            cluster.node_os_channel = Some(os.to_owned());
            cluster.auto_upgrade_channel = Some(upgrade.to_owned());
        })
    };
    row(&channel("NodeImage", "none"), &images(), &[], &["node_os_channel_on"]);
    row(&channel("SecurityPatch", "stable"), &images(), &[], &["node_os_channel_on"]);
    row(&channel("Unmanaged", "node-image"), &images(), &[], &["auto_upgrade_channel_on"]);
    row(&channel("None", "none"), &images(), &[], &[]);
}
