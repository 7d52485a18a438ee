//! Steps to a node image, as tables.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;
use terraform_provider_aks::upgrade::action::{Action, next};
use terraform_provider_aks::upgrade::attempted::Attempted;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, Power, State};
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::offer::Offers;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::{Goal, ImageGoal, Policy};
use terraform_provider_aks::upgrade::promise::{OutsideWindow, Promise, promise};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::step::{Manner, Work};
use terraform_provider_aks::upgrade::window::Windows;

use super::{row, row_of, row_with};

use crate::upgrade::plan::laws::{clusters, policies};
use crate::upgrade::sample::{
    NEW, OLD, at, cluster, edit, images, kubernetes, offers, on, rollout, saturdays, seen, steps, text,
    windows, with,
};

fn two() -> Cluster {
    cluster("1.34.8", "a:1.34.8 sys:1.34.8")
}

fn of(pools: &[&str]) -> Policy {
    let pools = Some(pools.iter().map(|name| (*name).to_owned()).collect());
    Policy { goal: Goal::NodeImage(ImageGoal { pools, ..ImageGoal::default() }), ..images() }
}

fn aged(min: Option<i64>, max: Option<i64>) -> Policy {
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    Policy {
        goal: Goal::NodeImage(ImageGoal { pools: None, max_age: max.map(days), min_age: min.map(days) }),
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
fn other_families_are_compared_by_date() {
    let runs = |image: &str| with(two(), "a", |a| a.image = NodeImage::new(image));
    let behind = ["a 202610.12.0 > 202610.19.0"];
    row(&runs("AKSUbuntu-2004gen2containerd-202610.12.0"), &of(&["a"]), &behind, &[]);
    row(&runs("AKSUbuntu-2004gen2containerd-202610.19.5"), &of(&["a"]), &[], &[]);
    row(&runs("AKSUbuntu-2004gen2containerd-202611.02.0"), &of(&["a"]), &[], &[]);
    row(&runs("AKSAzureLinux-V3gen2-202610.12.0"), &of(&["a"]), &behind, &[]);
}

#[test]
fn an_unknown_form_differs_and_is_replaced() {
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
            old_enough_at: at("2026-11-29T00:00:00Z")
        }]
    );
    // One without a date is of any age: it would never become old enough.
    row(
        &with(one(), "a", |a| a.image = NodeImage::new("custom")),
        &aged(None, Some(1)),
        &["a custom > 202610.19.0"],
        &[],
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

/// An image of another family and the same day is behind nothing: the call repairs the pool where it stands.
#[test]
fn a_failure_is_repaired_by_the_image_call_although_no_image_is_newer() {
    let failed = with(cluster("1.34.8", "a:1.34.8"), "a", |a| {
        a.image = NodeImage::new("AKSUbuntu-2404gen2containerd-202610.19.0");
        a.state = State::Failed(None);
    });
    row(&failed, &images(), &["repair a 202610.19.0"], &["failed_state"]);
    row(&failed, &aged(Some(365), Some(365)), &["repair a 202610.19.0"], &["failed_state"]);
}

/// A call brings Azure's latest, and an image that is older than the running one is no repair.
#[test]
fn a_failure_on_an_image_newer_than_the_offered_one_is_not_led_back() {
    for runs in ["AKSUbuntu-2404gen2containerd-202611.02.0", "AKSUbuntu-2204gen2containerd-202611.02.0"] {
        let failed = with(cluster("1.34.8", "a:1.34.8"), "a", |a| {
            a.image = NodeImage::new(runs);
            a.state = State::Failed(None);
        });
        row(&failed, &images(), &[], &["failed_state"]);
        row(&failed, &aged(Some(365), Some(365)), &[], &["failed_state"]);
    }
}

/// An image that is too young for healthy pools is too young for one that failed. What nobody knows to be an image is
/// a version step, which no rule of images holds.
#[test]
fn no_repair_adopts_an_image_younger_than_min_age() {
    let failed = |version: &str| {
        with(cluster("1.34.8", &format!("a:{version}")), "a", |a| a.state = State::Failed(None))
    };
    let days = |days: i64| Some(SignedDuration::from_hours(24 * days));
    let aged = |least: i64| both("1.34", ImageGoal { min_age: days(least), ..ImageGoal::default() });
    let (image, held) = (["repair a 202610.19.0"], ["failed_state", "image_too_young"]);
    // Azure's latest is of 19 October, forty days ago.
    row(&failed("1.34.8"), &aged(30), &image, &["failed_state"]);
    row(&failed("1.34.8"), &aged(60), &["repair a 1.34.8"], &["failed_state"]);
    let of_image = |cluster: &Cluster| {
        let mut offers = offers(cluster);
        offers.image_failed.insert("a".to_owned(), cluster.pools[0].version.clone());
        offers
    };
    let too_old = |cluster: &Cluster| {
        let mut offers = offers(cluster);
        offers.too_old.insert("a".to_owned(), NodeImage::new(OLD));
        offers
    };
    for offers in [&of_image as &dyn Fn(&Cluster) -> Offers, &too_old] {
        let failed = failed("1.34.8");
        row_with(&failed, &aged(30), &offers(&failed), &image, &["failed_state"]);
        row_with(&failed, &aged(60), &offers(&failed), &[], &held);
        // A write to the control plane would go on with it, too.
        let wish = both("1.35", ImageGoal { min_age: days(60), ..ImageGoal::default() });
        row_with(&failed, &wish, &offers(&failed), &[], &["failed_state", "image_too_young", "resumes_pool"]);
    }
    // The version that is due brings the image along, unless Azure takes nothing but the image.
    let behind = failed("1.34.2");
    row_with(&behind, &aged(60), &of_image(&behind), &["a 1.34.2 > 1.34.8"], &["failed_state"]);
    row_with(&behind, &aged(60), &too_old(&behind), &[], &held);
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

#[test]
fn the_oldest_image_goes_first_where_nothing_else_is_said() {
    let dated = |pools: &[(&str, &str)]| {
        let names: Vec<String> = pools.iter().map(|(name, _)| format!("{name}:1.34.8")).collect();
        let made = cluster("1.34.8", &names.join(" "));
        pools.iter().fold(made, |made, (name, date)| {
            with(made, name, |pool| {
                pool.image = NodeImage::new(format!("AKSUbuntu-2204gen2containerd-{date}"))
            })
        })
    };
    let from =
        dated(&[("sys", "202610.12.0"), ("a", "202610.05.1"), ("b", "202610.05.0"), ("c", "202609.28.0")]);
    let order = |policy: &Policy| {
        let steps = steps(&plan(&seen(&from), policy));
        steps.iter().map(|step| step.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order(&images()), "c a b sys");
    let named = |groups: &[&str]| {
        let groups = groups.iter().map(|name| vec![(*name).to_owned()]).collect();
        rollout(images(), |rollout| rollout.pool_order = groups)
    };
    assert_eq!(order(&named(&["system", "user"])), "sys c a b", "what the user says comes first");
    assert_eq!(order(&named(&["b"])), "b c a sys");
}

/// Images come every week, and a window holds so many pools.
fn weeks(pools: usize, held: usize, weeks: usize) -> Vec<usize> {
    let names: Vec<String> =
        (0..pools).map(|place| format!("{}{place}:1.34.8", if place == 0 { "s" } else { "u" })).collect();
    let mut cluster = cluster("1.34.8", &names.join(" "));
    let mut waited = vec![0; pools];
    let mut longest = vec![0; pools];
    for week in 0..weeks {
        let date = jiff::civil::date(2026, 11, 23)
            .checked_add(jiff::Span::new().weeks(i64::try_from(week).unwrap()))
            .unwrap();
        let latest = NodeImage::new(format!("AKSUbuntu-2204gen2containerd-{}.0", date.strftime("%Y%m.%d")));
        let mut offers = offers(&cluster);
        offers.images.values_mut().for_each(|image| image.clone_from(&latest));
        let plan = plan(&Seen { offers, ..seen(&cluster) }, &images());
        let done: Vec<String> =
            plan.steps.iter().take(held).filter_map(|step| step.work.pool().map(str::to_owned)).collect();
        for (place, pool) in cluster.pools.iter_mut().enumerate() {
            if done.contains(&pool.name) {
                pool.image.clone_from(&latest);
                waited[place] = 0;
            } else {
                waited[place] += 1;
                longest[place] = longest[place].max(waited[place]);
            }
        }
    }
    longest
}

/// Reported: three pools, a window for two of them, a new image each week; the last pool never got one.
#[test]
fn a_window_too_short_for_all_pools_serves_them_in_turn() {
    assert_eq!(weeks(3, 2, 8), [0, 1, 1]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_pool_waits_longer_than_the_others_take(pools in 1..9usize, held in 1..9usize) {
        for waited in weeks(pools, held, 30) {
            prop_assert!(waited <= pools.div_ceil(held).saturating_sub(1), "{waited} weeks of {pools} pools, {held} a week");
        }
    }

    /// Azure may bring an image of another family than it offers, of the same day or newer.
    #[test]
    fn whatever_family_arrives_a_pool_is_drained_once(
        running in image(), offered in image(), (family, days) in (0..FAMILIES.len(), 0..9i64)
    ) {
        let from = with(cluster("1.34.8", "a:1.34.8"), "a", |a| a.image = named(running.0, running.1));
        let mut seen = seen(&from);
        seen.offers.images.insert("a".to_owned(), named(offered.0, offered.1));
        let planned = plan(&seen, &images());
        prop_assert!(planned.steps.len() <= 1);
        if planned.steps.len() == 1 {
            seen.cluster.pools[0].image = named(family, offered.1 + days);
            prop_assert_eq!(plan(&seen, &images()).steps, vec![]);
            let promise = Promise { steps: planned.steps, left: vec![], opening: None, held: None, soak: SignedDuration::ZERO, soaked_at: None };
            let next = next(&promise, &seen, &Windows::default(), OutsideWindow::Defer, &Attempted::default());
            prop_assert_eq!(next, Action::Finish);
        }
    }
}

const FAMILIES: [&str; 4] = [
    "AKSUbuntu-2204gen2containerd",
    "AKSUbuntu-2404gen2containerd",
    "AKSAzureLinux-V3gen2",
    "AKSUbuntu-2204containerd",
];

fn image() -> impl Strategy<Value = (usize, i64)> {
    (0..FAMILIES.len(), 0..60i64)
}

/// An image of a family, so many days after the first of September.
fn named(family: usize, days: i64) -> NodeImage {
    let date = jiff::civil::date(2026, 9, 1).checked_add(jiff::Span::new().days(days)).unwrap();
    NodeImage::new(format!("{}-{}.0", FAMILIES[family], date.strftime("%Y%m.%d")))
}

/// A policy that keeps both: versions up to a target, and the images of these pools.
fn both(target: &str, wanted: ImageGoal) -> Policy {
    let mut policy = kubernetes(target);
    if let Goal::Kubernetes { images, .. } = &mut policy.goal {
        *images = Some(wanted);
    }
    policy
}

#[test]
fn a_version_step_brings_the_image_along() {
    let every = || both("1.34", ImageGoal::default());
    let image = |pool: &str| format!("{pool} 202610.05.0 > 202610.19.0");
    row(
        &cluster("1.34.2", "a:1.34.2 sys:1.34.8"),
        &every(),
        &["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8", &image("sys")],
        &[],
    );
    row(&two(), &every(), &[&image("sys"), &image("a")], &[]);
    // The image that may not be adopted yet comes with the version all the same, and is no reason to wait.
    let patient = ImageGoal { min_age: Some(SignedDuration::from_hours(24 * 365)), ..ImageGoal::default() };
    row(
        &cluster("1.34.2", "a:1.34.2"),
        &both("1.34", patient.clone()),
        &["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"],
        &[],
    );
    row(&cluster("1.34.8", "a:1.34.8"), &both("1.34", patient), &[], &["image_too_young"]);
    let one = ImageGoal { pools: Some(BTreeSet::from(["a".to_owned()])), ..ImageGoal::default() };
    row(&two(), &both("1.34", one), &[&image("a")], &[]);
    let excluding = rollout(every(), |rollout| rollout.exclude_pools = BTreeSet::from(["a".to_owned()]));
    row(&two(), &excluding, &[&image("sys")], &[]);
}

#[test]
fn images_do_not_wait_for_a_version_whose_window_is_far() {
    let from = cluster("1.34.8", "a:1.34.8");
    let windows = windows(vec![saturdays(6, &[Kind::Minor, Kind::Patch]), on(&[], 3, &[Kind::NodeImage])]);
    let promised = |now: &str| {
        let plan = plan(&seen(&from), &both("1.35", ImageGoal::default()));
        let promise = promise(&plan, &windows, OutsideWindow::Defer, at(now));
        promise.steps.iter().map(text).collect::<Vec<_>>()
    };
    let versions = ["cp 1.34.8 > 1.35.5", "a 1.34.8 > 1.35.5"];
    assert_eq!(promised("2026-11-24T02:00:00Z"), ["a 202610.05.0 > 202610.19.0"]);
    assert_eq!(
        promised("2026-11-27T02:30:00Z"),
        [""; 0],
        "the version comes within a day, and brings it along"
    );
    assert_eq!(promised("2026-11-28T02:00:00Z"), versions);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// One owner: on no way is a pool drained for an image that a version step brings along.
    #[test]
    fn no_pool_is_drained_for_a_version_and_then_for_an_image(start in clusters(), policy in policies()) {
        let mut policy = policy;
        if let Goal::Kubernetes { images, .. } = &mut policy.goal {
            *images = Some(ImageGoal::default());
        }
        let plan = plan(&seen(&start), &policy);
        for (way, steps) in std::iter::once(&plan.steps).chain(&plan.meanwhile).enumerate() {
            for (place, step) in steps.iter().enumerate() {
                let Work::Image { pool, .. } = &step.work else { continue };
                let before = steps.iter().take(place).filter(|step| step.manner == Manner::Upgrade);
                let moved = before.filter(|step| matches!(step.work, Work::Cluster { .. }) || step.work.pool() == Some(pool));
                prop_assert_eq!(moved.count(), 0, "way {}: {:?}", way, steps);
            }
        }
    }
}
