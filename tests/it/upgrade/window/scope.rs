//! What windows and blackouts are limited to: kinds of work, and pools.

use terraform_provider_aks::upgrade::kind::Kind;
use terraform_provider_aks::upgrade::task::Task;

use super::{at, on, windows};

/// Asserts on which of a Saturday, Sunday and Monday at 03:00 all the tasks may start.
#[track_caller]
fn may_start(lines: &str, tasks: &[Task], expected: [bool; 3]) {
    let windows = windows(lines);
    let open = ["2026-11-28", "2026-11-29", "2026-11-30"]
        .map(|day| windows.is_open(tasks, at(&format!("{day}T03:00:00Z"))));
    assert_eq!(open, expected, "{tasks:?}");
}

const QUIET_HOURS: &str = "window days=saturday start=02:00
                           window days=sunday start=02:00 node_pools=batch
                           window days=monday start=02:00 node_pools=batch applies_to=node_image";

#[test]
fn a_window_of_pools_opens_for_nothing_else() {
    may_start(QUIET_HOURS, &[on("control plane", Kind::Minor)], [true, false, false]);
    may_start(QUIET_HOURS, &[on("cluster", Kind::Minor)], [true, false, false]);
    may_start(QUIET_HOURS, &[on("web", Kind::NodeImage)], [true, false, false]);
    may_start(QUIET_HOURS, &[on("batch", Kind::Patch)], [true, true, false]);
    may_start(QUIET_HOURS, &[on("batch", Kind::NodeImage)], [true, true, true]);
}

const FREEZE: &str = "blackout from=2026-11-28 to=2026-11-28 node_pools=stateful
                      blackout from=2026-11-29 to=2026-11-29 node_pools=stateful applies_to=minor";

#[test]
fn a_blackout_of_pools_denies_the_whole_cluster_too() {
    may_start(FREEZE, &[on("stateful", Kind::Minor)], [false, false, true]);
    may_start(FREEZE, &[on("stateful", Kind::Patch)], [false, true, true]);
    may_start(FREEZE, &[on("cluster", Kind::Minor)], [false, false, true]);
    may_start(FREEZE, &[on("cluster", Kind::Patch)], [false, true, true]);
    may_start(FREEZE, &[on("control plane", Kind::Minor)], [true, true, true]);
    may_start(FREEZE, &[on("web", Kind::Minor)], [true, true, true]);
}

#[test]
fn what_may_turn_out_to_be_several_things_needs_all_of_them_open() {
    let windows = "window days=saturday start=02:00 applies_to=minor
                   window days=saturday,sunday start=02:00 applies_to=patch
                   window days=all start=02:00 applies_to=node_image";
    let (minor, patch) = (on("web", Kind::Minor), on("web", Kind::Patch));
    may_start(windows, &[minor.clone(), patch.clone()], [true, false, false]);
    may_start(windows, &[patch.clone(), on("web", Kind::NodeImage)], [true, true, false]);
    may_start(windows, &[patch, minor.clone(), on("web", Kind::NodeImage)], [true, false, false]);
    may_start(
        QUIET_HOURS,
        &[on("batch", Kind::Patch), on("control plane", Kind::Patch)],
        [true, false, false],
    );
    may_start(windows, &[], [false, false, false]);
}

#[test]
fn tasks_whose_windows_never_meet_never_start() {
    let apart = windows(
        "window days=saturday start=02:00 applies_to=minor
         window days=sunday start=02:00 applies_to=patch",
    );
    let tasks = [on("web", Kind::Minor), on("web", Kind::Patch)];
    assert!(apart.never_opens(&tasks, at("2026-11-28T03:00:00Z")));
    assert!(!apart.never_opens(&tasks[..1], at("2026-11-28T03:00:00Z")));
}

#[test]
fn every_part_that_is_told_apart_is_known() {
    let windows = windows(&format!("{QUIET_HOURS}\n{FREEZE}"));
    assert_eq!(
        windows.tasks(&[Kind::Patch]),
        ["control plane", "", "batch", "stateful"].map(|part| on(part, Kind::Patch))
    );
}
