//! The codes that users match on.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use terraform_provider_aks::upgrade::block::{Block, Cause, Effect};
use terraform_provider_aks::upgrade::cluster::UpdateRun;
use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::os::ends_before;
use terraform_provider_aks::upgrade::policy::Target;
use terraform_provider_aks::upgrade::step::Work;
use terraform_provider_aks::upgrade::task::Component;

use crate::upgrade::sample::{NEW, at, now, v};

/// The table in the documentation of the module, which users read.
fn documented() -> Vec<(String, String)> {
    let source = include_str!("../../../src/upgrade/block.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let cells = rows.filter_map(|row| row.split_once("` | ")).map(|(code, rest)| {
        let effect = rest.trim_end_matches(" |").rsplit(" | ").next().unwrap_or_default();
        (code.to_owned(), effect.to_owned())
    });
    cells.collect()
}

#[test]
fn every_variant_has_a_code_of_the_table() {
    let source = include_str!("../../../src/upgrade/block.rs");
    let natures =
        source.lines().filter_map(|line| line.split_once("(\"")).filter(|(_, rest)| rest.contains("Cause::"));
    let mut codes: Vec<&str> = natures.filter_map(|(_, rest)| rest.split('"').next()).collect();
    // One variant has two natures.
    codes.dedup();
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    let documented: Vec<String> = documented().into_iter().map(|(code, _)| code).collect();
    assert_eq!(codes, documented);
    assert_eq!(samples().iter().map(Block::code).collect::<Vec<_>>(), documented);
}

/// One of each reason, in the order of the table.
fn samples() -> Vec<Block> {
    let (component, kind) = (Component::ControlPlane, Kind::Minor);
    let (opens, pool) = (at("2026-12-05T02:00:00Z"), "a".to_owned());
    let (wanted, version, image) = (Target::Exact(v("1.34.8")), v("1.34.8"), NodeImage::new(NEW));
    let (needs, longest) = (SignedDuration::from_mins(25), SignedDuration::from_mins(20));
    let of = |component: &Component| component.clone();
    vec![
        Block::WindowClosed { component: of(&component), closed: None, opens },
        Block::Blackout { component: of(&component), reason: None, opens },
        Block::Cutoff { component: of(&component), closes: opens, needs, opens },
        Block::FitsNowhere {
            component: of(&component),
            others: vec![],
            kinds: vec![kind],
            needs,
            longest: Some(longest),
        },
        Block::AutoUpgradeChannelOn { channel: "stable".to_owned(), whole: false, holds: true },
        Block::NodeOsChannelOn { channel: "NodeImage".to_owned() },
        Block::FleetUpdateRun {
            run: UpdateRun { fleet: "f".to_owned(), name: "r".to_owned(), state: "Running".to_owned() },
        },
        Block::LeftToAks { steps: vec![] },
        Block::OperationInProgress { pool: None, operation: "Upgrading".to_owned() },
        Block::ClusterStopped,
        Block::PoolStopped { pool: pool.clone() },
        Block::MachinesPool { pool: pool.clone() },
        Block::SnapshotBound { pool: pool.clone() },
        Block::PoolGone { pool: pool.clone() },
        Block::UnfinishedUpgrade { pool: pool.clone(), running: version.clone(), version: version.clone() },
        Block::VersionNotOffered { pool: None, wanted: wanted.clone(), offered: vec![] },
        Block::VersionsNotListed { wanted: wanted.clone(), location: "westeurope".to_owned(), by_aks: false },
        Block::OffersNotRead { pool: None, by_aks: false },
        Block::ExcludedVersion { wanted: wanted.clone(), versions: vec![version.clone()] },
        Block::PreviewVersion { wanted: wanted.clone(), version: version.clone() },
        Block::LtsOnly { wanted, version: version.clone() },
        Block::TooYoung { version: version.clone(), first_seen: None, old_enough_at: None },
        Block::OutOfSupport { version: version.clone(), offered: vec![] },
        Block::WholeClusterOnly {
            version: version.clone(),
            channel: None,
            asked: vec!["soak"],
            staying: vec![],
        },
        Block::SpotPool { pool: pool.clone() },
        Block::LtsChannel { channel: "stable" },
        Block::ResumesPool { pool: pool.clone(), state: "Failed", by_choice: true },
        Block::skew("a", &v("1.30.1"), &version),
        Block::OsNotSupported {
            pool: pool.clone(),
            os_sku: "Windows2022".to_owned(),
            version: version.clone(),
            end: ends_before("Windows2022", "1.37".parse().unwrap()).unwrap(),
            holds: true,
        },
        Block::OsChanges { pools: vec![pool.clone()], system: "Ubuntu 24.04", version: version.clone() },
        Block::NodesFollow { version: version.clone() },
        Block::AboveControlPlane { pool: pool.clone(), version: version.clone(), control_plane: v("1.33.5") },
        Block::ImageNotOffered { pool: pool.clone() },
        Block::ImageTooYoung { pool: pool.clone(), image: image.clone(), old_enough_at: None },
        Block::NotOldEnough { pool: pool.clone(), image: image.clone(), old_enough_at: now() },
        Block::ImageMovedOn { pool, planned: image, latest: None },
        Block::SettingsMovedOn { due: vec![] },
        Block::NotObserved { argument: "executor" },
        Block::FailedState { component: of(&component), state: "Failed", message: None },
        Block::NoEffect {
            work: Work::ControlPlane { from: v("1.33.5"), to: version },
            found: "1.33.5".to_owned(),
        },
    ]
}

#[test]
fn the_table_says_what_each_reason_does() {
    let said: Vec<(String, String)> =
        samples().iter().map(|block| (block.code().to_owned(), block.effect().to_string())).collect();
    // What an apply makes of a reason, or a resource of images, stands behind a semicolon.
    let first = |effect: &str| effect.split("; ").next().unwrap().to_owned();
    let documented: Vec<_> = documented().into_iter().map(|(code, effect)| (code, first(&effect))).collect();
    assert_eq!(said, documented);
}

#[test]
fn an_upgrade_channel_leaves_out_the_control_plane_and_the_one_of_images_only_tells() {
    assert!(Block::ClusterStopped.stops());
    let channel =
        |name: &str, holds| Block::AutoUpgradeChannelOn { channel: name.to_owned(), whole: false, holds };
    assert_eq!(
        channel("stable", true).effect(),
        Effect::LeavesOutRest,
        "Azure refuses a control plane upgrade while it is on"
    );
    assert_eq!(channel("stable", false).effect(), Effect::Tells, "no control plane waits for its end");
    assert_eq!(channel("node-image", false).effect(), Effect::Tells);
}

#[test]
fn what_somebody_chose_and_what_hinders_nothing_is_no_concern() {
    let idle: Vec<&str> =
        samples().iter().filter(|block| !block.concerns()).map(|block| block.code()).collect();
    assert_eq!(
        idle,
        [
            "node_os_channel_on",
            "fleet_update_run",
            "left_to_aks",
            "operation_in_progress",
            "cluster_stopped",
            "machines_pool",
            "os_changes",
            "nodes_follow",
            "image_too_young",
            "not_old_enough",
            "failed_state",
        ]
    );
}

/// The rest is about the control plane, the whole cluster or several pools.
#[test]
fn a_reason_about_one_pool_names_it() {
    let about_one: Vec<&str> =
        samples().iter().filter(|block| block.pool() == Some("a")).map(|block| block.code()).collect();
    assert_eq!(
        about_one,
        [
            "pool_stopped",
            "machines_pool",
            "snapshot_bound",
            "pool_gone",
            "unfinished_upgrade",
            "spot_pool",
            "resumes_pool",
            "skew",
            "os_not_supported",
            "above_control_plane",
            "image_not_offered",
            "image_too_young",
            "not_old_enough",
            "image_moved_on",
        ]
    );
    let (pool, wanted) = (Some("a".to_owned()), Target::Exact(v("1.34.8")));
    assert_eq!(Block::VersionNotOffered { pool, wanted, offered: vec![] }.pool(), Some("a"));
}

/// The recipe for many clusters shows whatever is not in its list, which holds what nobody has to look at.
#[test]
fn the_recipe_calls_routine_what_tells_or_was_chosen_and_nothing_else() {
    let guide = include_str!("../../../docs/guides/what-to-look-at.md");
    let listed = guide.split("routine = [").nth(1).unwrap().split(']').next().unwrap();
    let listed: BTreeSet<&str> = listed.split('"').skip(1).step_by(2).collect();
    // Time alone is not in `blocked_by`, except an age.
    let only_waits = |block: &Block| matches!(block, Block::TooYoung { .. });
    let needs_a_person = |block: &&Block| {
        let concerns = block.concerns() && !only_waits(block) || block.cause() == Cause::Failure;
        concerns || block.is_another_owner()
    };
    let in_a_state = |block: &&Block| !matches!(block.effect(), Effect::Waits | Effect::StopsApply);
    let samples = samples();
    let routine: BTreeSet<&str> =
        samples.iter().filter(in_a_state).filter(|block| !needs_a_person(block)).map(Block::code).collect();
    assert_eq!(listed, routine);
}
