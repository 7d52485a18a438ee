//! `executor = "aks"`: what Azure does not hold yet, and when it may be written.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use terraform_provider_aks::upgrade::action::{Action, next};
use terraform_provider_aks::upgrade::aks_channel::AksChannel;
use terraform_provider_aks::upgrade::attempted::Attempted;
use terraform_provider_aks::upgrade::block::Block;
use terraform_provider_aks::upgrade::cluster::{Cluster, HeldWindow, Pool, Power, State};
use terraform_provider_aks::upgrade::plan::{Plan, plan};
use terraform_provider_aks::upgrade::policy::{AutoUpgrade, Executor, Policy};
use terraform_provider_aks::upgrade::promise::{OutsideWindow, Promise, promise};
use terraform_provider_aks::upgrade::seen::Seen;
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::translate::translate;

use crate::upgrade::sample::{at, cluster, codes, edit, kubernetes, saturdays, seen, v, windows, with};

/// A Saturday night, an hour before the window opens, and within it.
const EARLY: &str = "2026-11-28T01:00:00Z";
const OPEN: &str = "2026-11-28T02:00:00Z";

fn four_hours() -> Windows {
    windows(vec![saturdays(4, &[])])
}

fn wanted(channel: AksChannel) -> Policy {
    Policy {
        executor: Executor::Aks(AutoUpgrade { channels: vec![channel], windows: four_hours() }),
        ..kubernetes("stable")
    }
}

fn stable() -> Policy {
    wanted(AksChannel::Versions("stable"))
}

/// A cluster without a channel, whose maintenance configurations were read and are missing.
fn bare() -> Cluster {
    edit(cluster("1.34.8", "a:1.34.8"), |cluster| {
        cluster.maintenance = AksChannel::CONFIGURATIONS.map(|name| (name, HeldWindow::Missing)).into();
    })
}

/// The same with the window that is wanted.
fn restrained() -> Cluster {
    let window = translate(&four_hours(), at(EARLY)).unwrap();
    edit(bare(), |cluster| {
        let held = AksChannel::CONFIGURATIONS.map(|name| (name, HeldWindow::Window(window.clone())));
        cluster.maintenance = BTreeMap::from(held);
    })
}

fn says(plan: &Plan) -> Vec<String> {
    let says = |work: &terraform_provider_aks::upgrade::step::Work| {
        format!("{} {} > {}", work.setting().unwrap(), work.from(), work.to())
    };
    plan.steps.iter().map(|step| says(&step.work)).collect()
}

const WINDOW: &str = "maintenance_configuration none > every saturday 02:00 +00:00 for 4h";
const CHANNEL: &str = "auto_upgrade_channel none > stable";

fn promised(cluster: &Cluster, policy: &Policy, now: &str) -> (Plan, Promise) {
    let plan = plan(&Seen { at: at(now), ..seen(cluster) }, policy);
    let promise = promise(&plan, &four_hours(), OutsideWindow::Defer, at(now));
    (plan, promise)
}

#[test]
fn the_window_comes_before_the_channel_and_what_is_held_is_left() {
    let of = |cluster: &Cluster| says(&plan(&seen(cluster), &stable()));
    assert_eq!(of(&bare()), [WINDOW, CHANNEL]);
    assert_eq!(of(&restrained()), [CHANNEL]);
    let on =
        |cluster: Cluster| edit(cluster, |cluster| cluster.auto_upgrade_channel = Some("stable".to_owned()));
    assert_eq!(of(&on(bare())), [WINDOW]);
    assert_eq!(of(&on(restrained())), [""; 0]);
    let unread = edit(bare(), |cluster| cluster.maintenance = BTreeMap::new());
    let unread = plan(&seen(&unread), &stable());
    assert_eq!(unread.blocks, [Block::NotObserved { argument: "executor" }]);
    assert_eq!(unread.steps, []);
}

#[test]
fn what_azure_upgrades_itself_is_no_step_and_the_target_stays() {
    let of = |version: &str| {
        let cluster = edit(cluster(version, ""), |cluster| cluster.maintenance = bare().maintenance);
        plan(&seen(&cluster), &stable())
    };
    assert_eq!(of("1.34.8").target, Some(v("1.35.5")));
    assert_eq!((codes(&of("1.34.8")), codes(&of("1.35.5"))), (vec!["left_to_aks"], vec![""; 0]));
    assert_eq!(says(&of("1.34.8")), [WINDOW, CHANNEL]);
}

/// What keeps a pool or the target from AKS as it would from us is told, and holds back no setting.
#[test]
fn what_stands_in_the_way_of_aks_is_told_beside_the_settings() {
    let at_rest = |cluster| edit(cluster, |cluster| cluster.maintenance = bare().maintenance);
    let row = |cluster: Cluster, expected: &[&str]| {
        let plan = plan(&seen(&at_rest(cluster)), &stable());
        assert_eq!(codes(&plan), expected);
        assert_eq!(says(&plan), [WINDOW, CHANNEL]);
        assert!(!plan.blocks.iter().any(Block::stops));
    };
    let behind = |change: fn(&mut Pool)| with(cluster("1.35.5", "a:1.35.5 b:1.34.8"), "b", change);
    row(behind(|b| b.power = Power::Stopped), &["pool_stopped"]);
    row(behind(|b| b.snapshot = true), &["snapshot_bound"]);
    let windows =
        with(cluster("1.32.11", "a:1.32.11 w:1.32.11"), "w", |w| w.os_sku = "Windows2019".to_owned());
    row(windows, &["os_not_supported"]);
    // What AKS does by itself is no block: it leaves an unsupported version, and goes on with what failed.
    row(
        with(cluster("1.34.8", "a:1.34.8"), "a", |a| a.state = State::Failed(None)),
        &["failed_state", "left_to_aks"],
    );
    row(with(cluster("1.29.4", "a:1.29.4"), "a", |a| a.spot = true), &[]);
}

/// Nobody knows what a channel means without the region's list: that is not nothing to do.
#[test]
fn a_target_that_is_not_known_is_left_to_aks_and_told() {
    let mut blind = seen(&bare());
    blind.offers.region = None;
    let plan = plan(&blind, &stable());
    assert_eq!(
        (codes(&plan), says(&plan)),
        (vec!["versions_not_listed"], vec![WINDOW.to_owned(), CHANNEL.to_owned()])
    );
    assert!(plan.blocks[0].leaves_to_aks() && plan.target.is_none() && !plan.blocks[0].stops());
}

#[test]
fn what_disrupts_nothing_is_promised_at_once() {
    let (plan, promise) = promised(&bare(), &stable(), EARLY);
    assert_eq!(promise.steps, plan.steps);
    assert_eq!((promise.opening, promise.held), (None, None));
}

#[test]
fn a_write_that_disrupts_waits_for_the_window_and_the_configuration_does_not() {
    let unmanaged = edit(bare(), |cluster| cluster.node_os_channel = Some("Unmanaged".to_owned()));
    let failed = with(bare(), "a", |a| a.state = State::Failed(None));
    let images = wanted(AksChannel::Images("NodeImage"));
    for (cluster, policy) in [(unmanaged, images), (failed, stable())] {
        let (plan, promise) = promised(&cluster, &policy, EARLY);
        assert_eq!((plan.steps.len(), promise.steps.len()), (2, 1));
        assert_eq!(promise.held.unwrap().code(), "window_closed");
        let (_, promise) = promised(&cluster, &policy, OPEN);
        assert_eq!(promise.steps.len(), 2);
    }
}

#[test]
fn a_stopped_cluster_gets_its_window_alone() {
    let stopped = edit(bare(), |cluster| cluster.power = Power::Stopped);
    let (plan, promise) = promised(&stopped, &stable(), OPEN);
    assert_eq!(codes(&plan), ["cluster_stopped", "left_to_aks"]);
    assert_eq!((promise.steps.len(), promise.held), (1, Some(Block::ClusterStopped)));
}

/// The next action for a promise that was made of a bare cluster.
#[track_caller]
fn row(now: &Cluster, instant: Timestamp, attempted: usize, expected: &str) {
    let (_, promise) = promised(&bare(), &stable(), EARLY);
    let mut tried = Attempted::default();
    for step in promise.steps.iter().take(attempted) {
        tried.sent(step);
        tried.ended(step, at(EARLY));
    }
    let seen = Seen { at: instant, ..seen(now) };
    let found = match next(&promise, &seen, &four_hours(), OutsideWindow::Defer, &tried) {
        Action::Start(step) => format!("start {}", step.work.setting().unwrap()),
        Action::Poll(operation) => format!("poll {operation}"),
        Action::WaitUntil(instant) => format!("wait {instant}"),
        Action::Finish => "finish".to_owned(),
        Action::Stop(block) => format!("stop {}", block.code()),
    };
    assert_eq!(found, expected);
}

#[test]
fn the_same_loop_carries_settings() {
    let early = at(EARLY);
    let set = |state: State| {
        edit(restrained(), |cluster| {
            cluster.auto_upgrade_channel = Some("stable".to_owned());
            cluster.state = state;
        })
    };
    let busy = |word: &str| State::Busy(word.to_owned());
    row(&bare(), early, 0, "start maintenance_configuration");
    row(&restrained(), early, 0, "start auto_upgrade_channel");
    row(&set(State::Succeeded), early, 0, "finish");
    // Somebody's operation is waited for before the channel, not before the configuration.
    row(
        &edit(bare(), |cluster| cluster.state = busy("Upgrading")),
        early,
        0,
        "start maintenance_configuration",
    );
    row(&edit(restrained(), |cluster| cluster.state = busy("Upgrading")), early, 0, "poll Upgrading");
    // The channel is shown at once; its operation has to end, and well.
    row(&set(busy("Updating")), early, 2, "poll Updating");
    row(&set(State::Failed(None)), early, 2, "stop failed_state");
    row(&set(State::Canceled(None)), early, 2, "stop failed_state");
    // Taken and without effect.
    row(&restrained(), early, 2, "stop no_effect");
    row(&bare(), early, 1, "stop no_effect");
}

#[test]
fn what_has_to_be_written_is_what_was_planned_or_nothing_is() {
    // With the clocks the wanted window changes: here, that of another policy stands for it.
    let (_, promise) = promised(&bare(), &stable(), EARLY);
    let other = windows(vec![saturdays(5, &[])]);
    let action = next(&promise, &seen(&bare()), &other, OutsideWindow::Defer, &Attempted::default());
    let Action::Stop(Block::SettingsMovedOn { due }) = action else { panic!("{action:?}") };
    assert_eq!(due.len(), 2);
    // A channel whose window somebody deleted is not switched on.
    let (_, channel) = promised(&restrained(), &stable(), EARLY);
    let action = next(&channel, &seen(&bare()), &four_hours(), OutsideWindow::Defer, &Attempted::default());
    let Action::Stop(Block::SettingsMovedOn { due }) = action else { panic!("{action:?}") };
    assert_eq!(
        due.iter().map(|work| work.setting().unwrap()).collect::<Vec<_>>(),
        ["maintenance_configuration", "auto_upgrade_channel"]
    );
    // What failed meanwhile would be resumed by it, and no plan named that.
    let failed = edit(restrained(), |cluster| cluster.state = State::Failed(None));
    let late = at(EARLY) + SignedDuration::from_hours(6);
    row(&failed, late, 1, "stop failed_state");
    row(&with(restrained(), "a", |a| a.state = State::Failed(None)), late, 1, "stop failed_state");
}
