//! Where Azure moves the whole cluster at once: out of support, and beside a channel of AKS that stays on.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use terraform_provider_aks::upgrade::aks_channel::AksChannel;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, HeldWindow, Power};
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::{AutoUpgrade, Executor, Goal, ImageGoal, Policy, Rollout};

use super::row;
use crate::upgrade::sample::{
    cluster, codes, edit, images, kubernetes, rollout, saturdays, seen, v, windows, with,
};

fn unsupported() -> Cluster {
    cluster("1.29.4", "a:1.29.4 b:1.29.4")
}

const ALL: [&str; 1] = ["all 1.29.4 > 1.33.10"];

fn wants(change: impl Fn(&mut Rollout)) -> Policy {
    rollout(kubernetes("1.33"), change)
}

#[test]
fn what_cannot_be_kept_is_accepted_or_nothing_moves() {
    let asked = [
        ("pool_order", Rollout { pool_order: vec![vec!["b".to_owned()]], ..Rollout::default() }),
        ("soak", Rollout { soak: SignedDuration::from_hours(2), ..Rollout::default() }),
        ("exclude_pools", Rollout { exclude_pools: BTreeSet::from(["b".to_owned()]), ..Rollout::default() }),
    ];
    for (name, asked) in asked {
        let policy = Policy { rollout: asked, ..kubernetes("1.33") };
        row(&unsupported(), &policy, &[], &["whole_cluster_only"]);
        let blocks = plan(&seen(&unsupported()), &policy).blocks;
        let (version, asked) = (v("1.29.4"), vec![name]);
        assert_eq!(blocks, [Block::WholeClusterOnly { version, channel: None, asked, staying: vec![] }]);
        let accepted = rollout(policy, |rollout| rollout.whole_cluster = true);
        row(&unsupported(), &accepted, &ALL, &[]);
    }
    row(&unsupported(), &kubernetes("1.33"), &ALL, &[]);
    // A pool that is not there is no exception.
    let mistyped = wants(|rollout| rollout.exclude_pools = BTreeSet::from(["x".to_owned()]));
    row(&unsupported(), &mistyped, &ALL, &[]);
}

/// A pool that is excluded moves all the same, and gets its new system all the same.
#[test]
fn what_comes_with_a_version_comes_to_an_excluded_pool_too() {
    let ubuntu = |cluster: Cluster, name| with(cluster, name, |pool| pool.os_sku = "Ubuntu".to_owned());
    let from = ubuntu(ubuntu(cluster("1.34.8", "a:1.34.8 b:1.34.8"), "a"), "b");
    let from = edit(from, |one| one.auto_upgrade_channel = Some("patch".to_owned()));
    let policy = rollout(kubernetes("1.35"), |rollout| {
        rollout.whole_cluster = true;
        rollout.exclude_pools = BTreeSet::from(["b".to_owned()]);
    });
    let told = plan(&seen(&from), &policy).blocks;
    let pools = vec!["a".to_owned(), "b".to_owned()];
    assert!(
        told.contains(&Block::OsChanges { pools, system: "Ubuntu 24.04", version: v("1.35.5") }),
        "{told:?}"
    );
}

/// `SpotPoolUpgradeNotAllowedDuringClusterUpgradeAll`.
#[test]
fn a_spot_pool_keeps_the_whole_cluster_where_it_is() {
    let spot = |cluster: Cluster| with(cluster, "b", |b| b.spot = true);
    row(&spot(unsupported()), &kubernetes("1.33"), &[], &["spot_pool"]);
    let supported = spot(cluster("1.33.5", "a:1.33.5 b:1.33.5"));
    let steps = ["cp 1.33.5 > 1.33.10", "a 1.33.5 > 1.33.10", "b 1.33.5 > 1.33.10"];
    row(&supported, &kubernetes("1.33"), &steps, &[]);
}

#[test]
fn beside_a_channel_everything_moves_at_once_or_nothing() {
    let on = |cluster: Cluster| edit(cluster, |one| one.auto_upgrade_channel = Some("patch".to_owned()));
    let from = on(cluster("1.34.8", "a:1.34.8 b:1.34.8"));
    row(&from, &kubernetes("1.35"), &[], &["auto_upgrade_channel_on"]);
    let whole = |target| rollout(kubernetes(target), |rollout| rollout.whole_cluster = true);
    row(&from, &whole("1.35"), &["all 1.34.8 > 1.35.5"], &["auto_upgrade_channel_on"]);
    row(&from, &whole("1.36"), &["all 1.34.8 > 1.35.5", "all 1.35.5 > 1.36.2"], &["auto_upgrade_channel_on"]);
    // A pool that lags is brought on by itself.
    let lags = on(cluster("1.34.8", "a:1.34.8 b:1.34.2"));
    row(&lags, &whole("1.34"), &["b 1.34.2 > 1.34.8"], &["auto_upgrade_channel_on"]);
    // So is one without that, and so are images: Azure refuses the control plane alone.
    row(&lags, &kubernetes("1.35"), &["b 1.34.2 > 1.34.8"], &["auto_upgrade_channel_on"]);
    let images = ["a 202610.05.0 > 202610.19.0", "b 202610.05.0 > 202610.19.0"];
    let mut both = kubernetes("1.35");
    if let Goal::Kubernetes { images, .. } = &mut both.goal {
        *images = Some(ImageGoal::default());
    }
    row(&from, &both, &images, &["auto_upgrade_channel_on"]);
    let spot = with(from.clone(), "b", |b| b.spot = true);
    row(&spot, &whole("1.35"), &[], &["auto_upgrade_channel_on", "spot_pool"]);
    // What would stay is told as what it is, and so is the reason.
    let stopped = with(from.clone(), "b", |b| b.power = Power::Stopped);
    row(&stopped, &whole("1.35"), &[], &["auto_upgrade_channel_on", "whole_cluster_only", "pool_stopped"]);
    // All that is in the way is told at once: a Spot pool that is started is still one.
    let both = with(stopped, "b", |b| b.spot = true);
    let told = ["auto_upgrade_channel_on", "whole_cluster_only", "pool_stopped", "spot_pool"];
    row(&both, &whole("1.35"), &[], &told);
    let alone = rollout(whole("1.35"), |rollout| rollout.control_plane_only = true);
    let blocks = plan(&seen(&from), &alone).blocks;
    let because = |block: &Block| matches!(block, Block::WholeClusterOnly { channel: Some(channel), asked, .. } if channel == "patch" && *asked == ["control_plane_only"]);
    assert!(blocks.iter().any(because), "{blocks:?}");
}

#[test]
fn with_long_term_support_aks_takes_the_channel_patch_alone() {
    let handed = |channel: &'static str| Policy {
        executor: Executor::Aks(AutoUpgrade {
            channels: vec![AksChannel::Versions(channel)],
            windows: windows(vec![saturdays(4, &[])]),
        }),
        ..kubernetes(channel)
    };
    let lts = edit(cluster("1.33.10", "a:1.33.10"), |one| {
        one.lts = true;
        one.maintenance = AksChannel::CONFIGURATIONS.map(|name| (name, HeldWindow::Missing)).into();
    });
    for (channel, expected) in
        [("stable", vec!["lts_channel"]), ("rapid", vec!["lts_channel"]), ("patch", vec![])]
    {
        let plan = plan(&seen(&lts), &handed(channel));
        assert_eq!(codes(&plan), expected, "{channel}");
        assert_eq!(
            plan.steps.iter().any(|step| step.work.setting() == Some("auto_upgrade_channel")),
            channel == "patch"
        );
    }
}

/// A pool that was made from a snapshot stays on it, unless the rollout lets it leave.
#[test]
fn a_pool_leaves_its_snapshot_where_that_is_asked_for() {
    let bound = with(cluster("1.34.2", "a:1.34.2 b:1.34.2"), "b", |b| b.snapshot = true);
    row(&bound, &kubernetes("1.34"), &["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8"], &["snapshot_bound"]);
    let leave =
        |policy| rollout(policy, |rollout| rollout.include_snapshot_pools = BTreeSet::from(["b".to_owned()]));
    let steps = ["cp 1.34.2 > 1.34.8", "a 1.34.2 > 1.34.8", "b 1.34.2 > 1.34.8"];
    row(&bound, &leave(kubernetes("1.34")), &steps, &[]);
    let behind = ["a 202610.05.0 > 202610.19.0", "b 202610.05.0 > 202610.19.0"];
    row(&bound, &leave(images()), &behind, &[]);
    row(&bound, &images(), &behind[..1], &["snapshot_bound"]);
}
