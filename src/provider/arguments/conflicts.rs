//! Arguments that are right one by one and do not go together.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::provider::arguments::Arguments;
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::upgrade::duration;
use crate::upgrade::kind::Kind;
use crate::upgrade::policy::{Goal, Rollout};
use crate::upgrade::task::Task;

const SUMMARY: &str = "Arguments contradict each other";

/// An override that counts for longer is a rule of its own.
const LONGEST_OVERRIDE: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Names of `pool_order` that mean every pool of a mode.
const MODES: [&str; 2] = ["system", "user"];

/// Finds what cannot be meant, whatever the cluster.
#[must_use]
pub fn of(arguments: &Arguments, now: Timestamp) -> Vec<Diagnostic> {
    let rollout = &arguments.policy.rollout;
    let found = [
        excluded_goal(arguments),
        excluded_order(rollout),
        twice(rollout),
        idle_pools(rollout),
        idle_images(arguments),
        ages(arguments),
        cutoff(arguments, now),
        idle_override(arguments),
        lasting_override(arguments, now),
    ];
    found.into_iter().flatten().collect()
}

/// Reports windows that never open from that instant on, whatever the cluster.
#[must_use]
pub fn of_windows(arguments: &Arguments, now: Timestamp) -> Option<Diagnostic> {
    let windows = arguments.lasting_windows();
    let tasks = windows.tasks(kinds(&arguments.policy.goal));
    let never = tasks.into_iter().all(|task| windows.never_opens(&[task], now));
    never.then(|| {
        let detail = format!(
            "The maintenance windows of {} less its blackouts never open again, so it would never be upgraded. Change a maintenance_window or a blackout.",
            arguments.cluster
        );
        Diagnostic::error("The windows never open again", detail).at(Path::root("maintenance_window"))
    })
}

fn excluded_goal(arguments: &Arguments) -> Option<Diagnostic> {
    let pools = arguments.policy.goal.images()?.pools.as_ref()?;
    let pool = pools.intersection(&arguments.policy.rollout.exclude_pools).next()?;
    let detail = format!(
        "Pool {pool:?} is named in node_pools and in rollout.exclude_pools. Remove it from one of them."
    );
    Some(error(rollout_path("exclude_pools"), detail))
}

fn excluded_order(rollout: &Rollout) -> Option<Diagnostic> {
    let mut named = rollout.pool_order.iter().flatten().filter(|name| !MODES.contains(&name.as_str()));
    let pool = named.find(|name| rollout.exclude_pools.contains(*name))?;
    let detail = format!(
        "Pool {pool:?} has a place in rollout.pool_order and is left alone by rollout.exclude_pools. Remove it from one of them."
    );
    Some(error(rollout_path("pool_order"), detail))
}

fn twice(rollout: &Rollout) -> Option<Diagnostic> {
    let mut seen = BTreeSet::new();
    let again = rollout.pool_order.iter().flatten().find(|name| !seen.insert(*name))?;
    let detail = format!("{again:?} has two places in rollout.pool_order. Name it once.");
    Some(error(rollout_path("pool_order"), detail))
}

/// With `control_plane_only` nothing that is about pools has an effect.
fn idle_pools(rollout: &Rollout) -> Option<Diagnostic> {
    if !rollout.control_plane_only {
        return None;
    }
    let idle = [
        ("pool_order", !rollout.pool_order.is_empty()),
        ("exclude_pools", !rollout.exclude_pools.is_empty()),
        ("soak", !rollout.soak.is_zero()),
        ("max_surge", rollout.max_surge.is_some()),
        ("drain_timeout", rollout.drain_timeout.is_some()),
    ];
    let (name, _) = idle.into_iter().find(|(_, set)| *set)?;
    let detail = format!(
        "rollout.control_plane_only leaves every pool alone, so rollout.{name} has no effect. Remove {name}, or control_plane_only."
    );
    Some(error(rollout_path(name), detail))
}

fn idle_images(arguments: &Arguments) -> Option<Diagnostic> {
    let images = arguments.policy.goal.images().filter(|_| arguments.policy.rollout.control_plane_only);
    let detail = "rollout.control_plane_only leaves every pool alone, and node images belong to pools, so node_image has no effect. Remove node_image, or control_plane_only.";
    images.map(|_| error(Path::root("node_image"), detail.to_owned()))
}

fn ages(arguments: &Arguments) -> Option<Diagnostic> {
    let goal = &arguments.policy.goal;
    let (most, least) = (goal.images()?.max_age?, goal.images()?.min_age?);
    if least <= most {
        return None;
    }
    let path = if goal.has_versions() { Path::root("node_image") } else { Path::default() };
    let detail = format!(
        "Images older than max_age ({}) are to be replaced by ones that are at least min_age ({}) old, which is older still. Make min_age the smaller one.",
        duration::display(most),
        duration::display(least)
    );
    Some(error(path.attribute("min_age"), detail))
}

/// A cutoff that no opening can hold means that no step ever starts.
fn cutoff(arguments: &Arguments, now: Timestamp) -> Option<Diagnostic> {
    let (windows, cutoff) = (arguments.lasting_windows(), arguments.windows.cutoff?);
    let tasks = windows.tasks(kinds(&arguments.policy.goal));
    let mut open = tasks.into_iter().map(|task| [task]).filter(|task| !windows.never_opens(task, now));
    let task = open.find(|task| windows.opening_for(task, now, cutoff).is_none())?;
    let (longest, [Task { kind, .. }]) = (windows.longest_opening(&task, now)?.left(now), task);
    let detail = format!(
        "A step starts only if {} of the window are left, and the longest opening for {kind} is {}, so none would ever start. Make cutoff shorter or a window longer.",
        duration::display(cutoff),
        duration::display(longest)
    );
    Some(error(Path::root("cutoff"), detail))
}

/// Returns the kinds of work that the goal may lead to.
fn kinds(goal: &Goal) -> &'static [Kind] {
    match (goal.has_versions(), goal.images()) {
        (true, None) => &[Kind::Minor, Kind::Patch],
        (true, Some(_)) => &Kind::ALL,
        (false, _) => &[Kind::NodeImage],
    }
}

fn idle_override(arguments: &Arguments) -> Option<Diagnostic> {
    let glass = arguments.policy.override_.as_ref()?;
    if glass.ignored().is_empty() {
        let detail = "override.ignore names no rule, so the override ignores nothing. Write for example ignore = [\"window\"].";
        return Some(error(Path::root("override").attribute("ignore"), detail.to_owned()));
    }
    let policy = &arguments.policy;
    let has_min_age =
        policy.min_age.is_some() || policy.goal.images().is_some_and(|images| images.min_age.is_some());
    let effective = glass.window && !arguments.windows.windows.is_empty()
        || glass.blackout && !arguments.windows.blackouts.is_empty()
        || glass.min_age && has_min_age
        || glass.cutoff && arguments.windows.cutoff.is_some();
    let detail =
        "None of the rules in override.ignore is set here, so the override changes nothing. Remove it.";
    let warning = Diagnostic::warning("Override without effect", detail);
    (!effective).then(|| warning.at(Path::root("override").attribute("ignore")))
}

fn lasting_override(arguments: &Arguments, now: Timestamp) -> Option<Diagnostic> {
    let glass = arguments.policy.override_.as_ref()?;
    let detail = format!(
        "The override (\"{}\") expires at {}, more than 30 days ahead, and ignores {} until then. Write a nearer instant; for good change the windows themselves.",
        glass.reason,
        glass.expires,
        glass.ignored().join(", "),
    );
    let warning = Diagnostic::warning("Override for long", detail);
    let lasts = glass.expires.duration_since(now) > LONGEST_OVERRIDE && !glass.ignored().is_empty();
    lasts.then(|| warning.at(Path::root("override").attribute("expires")))
}

fn error(path: Path, detail: String) -> Diagnostic {
    Diagnostic::error(SUMMARY, detail).at(path)
}

fn rollout_path(name: &str) -> Path {
    Path::root("rollout").attribute(name)
}
