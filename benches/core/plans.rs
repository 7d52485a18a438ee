//! How fast a plan is computed.
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::cluster::{Cluster, Mode, Pool, Power, State};
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::offer::{Offer, Offers, RegionVersion, Unread};
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::{Executor, Goal, ImageGoal, Policy, Rollout};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::version::Version;

const OLD: &str = "AKSUbuntu-2204gen2containerd-202610.05.0";
const NEW: &str = "AKSUbuntu-2204gen2containerd-202610.19.0";

/// Three minors for a control plane and a thousand pools: 3,003 steps.
#[divan::bench]
fn plan_1000_pools(bencher: divan::Bencher) {
    let seen = seen();
    let target = "1.36".parse().unwrap();
    let goal = Goal::Kubernetes { target, exclude: [v(36, 9)].into(), allow_preview: false, images: None };
    let policy = policy(goal);
    assert_eq!(plan(&seen, &policy).steps.len(), 3_003);
    bencher.bench(|| plan(&seen, &policy));
}

/// A new node image for each of a thousand pools.
#[divan::bench]
fn plan_1000_images(bencher: divan::Bencher) {
    let seen = seen();
    let policy = policy(Goal::NodeImage(ImageGoal::default()));
    assert_eq!(plan(&seen, &policy).steps.len(), 1_000);
    bencher.bench(|| plan(&seen, &policy));
}

fn v(minor: u64, patch: u64) -> Version {
    format!("1.{minor}.{patch}").parse().unwrap()
}

fn policy(goal: Goal) -> Policy {
    Policy {
        executor: Executor::Terraform,
        goal,
        min_age: Some(SignedDuration::from_hours(14 * 24)),
        rollout: Rollout {
            pool_order: vec![vec!["pool7".to_owned()], vec!["user".to_owned()]],
            ..Rollout::default()
        },
        override_: None,
    }
}

fn cluster() -> Cluster {
    let pool = |number: usize| Pool {
        name: format!("pool{number}"),
        mode: if number.is_multiple_of(10) { Mode::System } else { Mode::User },
        os_type: "Linux".to_owned(),
        os_sku: "Ubuntu".to_owned(),
        count: 10,
        version: v(33, 5),
        unfinished: None,
        image: NodeImage::new(OLD),
        state: State::Succeeded,
        power: Power::Running,
        machines: false,
        version_shown: true,
        snapshot: false,
        spot: false,
        max_surge: Some("33%".to_owned()),
        max_unavailable: None,
        drain_timeout: SignedDuration::from_mins(30),
        node_soak: SignedDuration::ZERO,
        cordons: false,
        blue_green: None,
    };
    Cluster {
        id: "/subscriptions/0".to_owned(),
        name: "prod".to_owned(),
        location: "westeurope".to_owned(),
        version: v(33, 5),
        unfinished: None,
        state: State::Succeeded,
        power: Power::Running,
        lts: false,
        auto_upgrade_channel: None,
        node_os_channel: None,
        auto_provisioning: false,
        pools: (0..1_000).map(pool).collect(),
        update_runs: Vec::new(),
        maintenance: BTreeMap::new(),
    }
}

/// What is seen of it in 2027.
fn seen() -> Seen {
    let cluster = cluster();
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 57);
    Seen { at, offers: offers(&cluster), cluster, pool_ended: None }
}

/// A region of eight minors with ten patches each, as large as Azure's.
fn offers(cluster: &Cluster) -> Offers {
    let all: Vec<Version> = (29..37).flat_map(|minor| (0..10).map(move |patch| v(minor, patch))).collect();
    let follows = |from: &Version, to: &Version| to > from && to.minor().minor <= from.minor().minor + 1;
    let listed = |version: &Version| RegionVersion {
        version: version.clone(),
        preview: false,
        official: version.minor().minor >= 31,
        lts: true,
        upgrades: all.iter().filter(|to| follows(version, to)).cloned().collect(),
    };
    let offered = all.iter().filter(|to| follows(&cluster.version, to));
    Offers {
        upgrades: offered.map(|version| Offer { version: version.clone(), preview: false }).collect(),
        region: Some(all.iter().map(listed).collect()),
        pools: BTreeMap::new(),
        images: cluster.pools.iter().map(|pool| (pool.name.clone(), NodeImage::new(NEW))).collect(),
        no_effect: std::collections::BTreeMap::new(),
        too_old: std::collections::BTreeMap::new(),
        image_failed: std::collections::BTreeMap::new(),
        unread: Unread::default(),
        first_seen: all
            .iter()
            .map(|version| (version.clone(), Timestamp::UNIX_EPOCH))
            .collect::<BTreeMap<_, _>>(),
    }
}
