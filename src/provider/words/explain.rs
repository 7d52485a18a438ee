//! Reasons and errors as sentences, for the person on call.
//!
//! The one place that turns the core's codes and Azure's answers into words: what happened, to
//! which cluster and pool, what was not done, what to do next.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::arm::error::{Error, Flaw};
use crate::arm::id::ClusterId;
use crate::provider::words::errors;
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::duration;
use crate::upgrade::os;
use crate::upgrade::policy::{Channel, Target};
use crate::upgrade::step::{Manner, Step, Work};
use crate::upgrade::task::Component;
use crate::upgrade::version::Version;
use crate::upgrade::window::Windows;
use crate::upgrade::window::zone;

/// Says why a step cannot run, and what to do about it.
#[must_use]
pub fn block(block: &Block, windows: &Windows) -> String {
    when(block, windows)
        .or_else(|| who(block))
        .or_else(|| version(block, windows))
        .unwrap_or_else(|| pool(block, windows))
}

/// Sentences about time.
fn when(block: &Block, windows: &Windows) -> Option<String> {
    let at = |instant: &Timestamp| instant_in(*instant, windows);
    Some(match block {
        Block::WindowClosed { component: part, closed: Some(closed), opens } => format!(
            "The window for {} closed at {}; the next one opens at {}.",
            component(part),
            at(closed),
            at(opens)
        ),
        Block::WindowClosed { component: part, closed: None, opens } => {
            format!("No window for {} is open; the next one opens at {}.", component(part), at(opens))
        }
        Block::Blackout { component: part, reason, opens } => {
            let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let part = component(part);
            format!("A blackout{reason} forbids work on {part}; the next window opens at {}.", at(opens))
        }
        Block::Cutoff { component: part, closes, needs, opens } => format!(
            "The window closes at {}, and {} needs {} of it; the next window opens at {}.",
            at(closes),
            component(part),
            duration::display(*needs),
            at(opens)
        ),
        Block::FitsNowhere { component: part, others, kinds, longest: None, .. } => match kinds.as_slice() {
            [kind] => format!(
                "No window ever opens for {kind} work on {}: change a maintenance_window, a blackout, their applies_to or their node_pools.",
                some_of(std::iter::once(part).chain(others).map(component))
            ),
            kinds if *part == Component::Cluster => format!(
                "The step on the whole cluster goes on with what failed, which may turn out to be {}, so it needs a moment in which windows for all of them are open, and none ever comes. Let such windows overlap, or repair by hand (az aks nodepool upgrade).",
                any_of(kinds)
            ),
            kinds => format!(
                "What failed on {0} may turn out to be {1}, so its repair needs a moment in which windows for all of them are open, and none ever comes. Let such windows overlap, or repair by hand (az aks nodepool upgrade).",
                some_of(std::iter::once(part).chain(others).map(component)),
                any_of(kinds)
            ),
        },
        Block::FitsNowhere { component: part, kinds, needs, longest: Some(longest), .. } => format!(
            "The longest window to come for {} is {}, and {} needs {}. Make a window longer, set cutoff, or let Azure replace more of the pool's nodes at a time.",
            all_of(kinds),
            duration::display(*longest),
            component(part),
            duration::display(*needs)
        ),
        _ => return None,
    })
}

/// Sentences about somebody else.
fn who(block: &Block) -> Option<String> {
    Some(match block {
        Block::AutoUpgradeChannelOn { channel, whole: true, .. } => format!(
            "AKS upgrades this cluster by itself, too: its auto-upgrade channel is {channel:?}. While it is on Azure takes an upgrade of the whole cluster only, so this policy moves control plane and pools at once."
        ),
        Block::AutoUpgradeChannelOn { channel, .. } if channel == "node-image" => format!(
            "AKS replaces node images by itself: its auto-upgrade channel is {channel:?}. Turn it off (\"none\") so that only Terraform decides."
        ),
        Block::AutoUpgradeChannelOn { channel, holds: false, .. } => format!(
            "AKS upgrades this cluster by itself: its auto-upgrade channel is {channel:?}. While it is on Azure refuses to upgrade the control plane alone; nothing waits for that now. Turn it off (\"none\") so that only this policy decides."
        ),
        Block::AutoUpgradeChannelOn { channel, .. } => format!(
            "AKS upgrades this cluster by itself: its auto-upgrade channel is {channel:?}. While it is on Azure refuses to upgrade the control plane alone, so only what lags behind it moves. Turn it off (\"none\") so that only this policy decides, or let this policy move control plane and pools at once (rollout.whole_cluster = true)."
        ),
        Block::NodeOsChannelOn { channel } => format!(
            "AKS replaces node images by itself: the node OS channel is {channel:?}. Set it to \"None\" so that only Terraform decides."
        ),
        Block::FleetUpdateRun { run } => format!(
            "The update run {} of the Fleet {} has this cluster on its list ({}) and upgrades it by itself; an apply waits for what it starts. Stop the run, or let it do this work.",
            run.name, run.fleet, run.state
        ),
        Block::LeftToAks { steps } => {
            format!("AKS has this to do, by itself and in its window: {}.", some_of(steps.iter().map(step)))
        }
        Block::OperationInProgress { pool: None, operation } => {
            format!("An operation runs on the cluster ({operation}); an apply waits for it.")
        }
        Block::OperationInProgress { pool: Some(pool), operation } => {
            format!("An operation runs on pool {pool} ({operation}); an apply waits for it.")
        }
        Block::FailedState { component: part, state, message } => format!(
            "An earlier operation on {} ended as {state}{}.",
            component(part),
            own_words(message.as_deref())
        ),
        Block::SettingsMovedOn { due } => {
            let due: Vec<String> =
                due.iter().map(|work| setting(work.setting().unwrap_or_default(), work)).collect();
            format!("Since the plan was made, what has to be written became: {}.", due.join(", then "))
        }
        Block::NoEffect { work, found } => match work.setting() {
            Some(name) => format!(
                "Azure accepted {name} = {}, but it shows {found}. Look at its activity log before trying again.",
                work.to()
            ),
            None => format!(
                "Azure reported success for {}, but it runs {found} and not {}. Look at its activity log before trying again.",
                component(&work.component()),
                work.to()
            ),
        },
        Block::NotObserved { argument } => format!(
            "The last refresh did not read what {argument} names now, so this apply saves the arguments, reads it, and starts nothing. Plan again for the steps."
        ),
        Block::ClusterStopped => {
            "The cluster is stopped, and a stopped cluster cannot be upgraded. Start it with az aks start."
                .to_owned()
        }
        _ => return None,
    })
}

/// The permission to list the versions of a region; it counts at the scope of the subscription only.
const LIST_VERSIONS: &str = "Microsoft.ContainerService/locations/kubernetesVersions/read";

/// The permission to read what Azure offers a cluster.
const READ_OFFERS: &str = "Microsoft.ContainerService/managedClusters/upgradeProfiles/read";

/// The permission to read what Azure offers a pool: versions, and the latest image.
const READ_OFFERS_OF_POOL: &str =
    "Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles/read";

/// Sentences about versions.
fn version(block: &Block, windows: &Windows) -> Option<String> {
    Some(match block {
        Block::VersionNotOffered { pool: None, wanted, offered } => {
            format!("Azure does not offer {} to this cluster. {}", target(wanted), offers(offered))
        }
        Block::VersionNotOffered { pool: Some(pool), wanted, offered } => {
            format!("Azure does not offer {} to pool {pool}. {}", target(wanted), offers(offered))
        }
        Block::VersionsNotListed { wanted, location, by_aks } => format!(
            "Which version {} means is not known: the versions of {location} could not be listed. Grant {LIST_VERSIONS} on the subscription (the log has Azure's answer){}.",
            target(wanted),
            if *by_aks { "; AKS itself upgrades all the same" } else { ", or name a kubernetes_version" }
        ),
        Block::OffersNotRead { pool, by_aks } => {
            let (whom, permission) = match pool {
                None => ("this cluster".to_owned(), READ_OFFERS),
                Some(pool) => (format!("pool {pool}"), READ_OFFERS_OF_POOL),
            };
            let but = if *by_aks { "; AKS itself upgrades all the same" } else { "" };
            format!(
                "What Azure offers {whom} is not known: its upgrade profile could not be read. Grant {permission} on the cluster (the log has Azure's answer){but}."
            )
        }
        Block::ExcludedVersion { wanted, versions } => format!(
            "The way to {} needs {}, which exclude_versions forbids.",
            target(wanted),
            one_of(versions)
        ),
        Block::PreviewVersion { wanted, version } => format!(
            "The way to {} needs {version}, which is a preview. Set allow_preview = true to use it.",
            target(wanted)
        ),
        Block::LtsOnly { wanted, version } => format!(
            "The way to {} needs {version}, which Azure offers with long-term support only. Put the cluster on the Premium tier and the AKSLongTermSupport plan to use it.",
            target(wanted)
        ),
        Block::TooYoung { version, old_enough_at: Some(instant), .. } => {
            format!("{version} is younger than min_age until {}.", instant_in(*instant, windows))
        }
        Block::TooYoung { version, .. } => format!(
            "{version} counts as younger than min_age: no refresh has seen it offered before. Its age counts from now on."
        ),
        Block::OutOfSupport { version, offered } => format!(
            "{version} is out of support, and AKS lets such a cluster move only as a whole to a supported version. {}",
            offers(offered)
        ),
        Block::WholeClusterOnly { version, channel, asked, staying } => {
            let why = match channel {
                Some(channel) => format!("AKS's auto-upgrade channel {channel:?} is on"),
                None => format!("{version} is out of support"),
            };
            let but = match (asked.as_slice(), staying.as_slice()) {
                (["control_plane_only"], _) => {
                    "control_plane_only cannot be kept. Lift it, or upgrade by hand.".to_owned()
                }
                ([], staying) => format!("{} would stay. Change that, or upgrade by hand.", all_of(staying)),
                (asked, _) => format!(
                    "{} cannot be kept. Set rollout.whole_cluster = true to accept that, or upgrade by hand.",
                    all_of(asked)
                ),
            };
            format!(
                "{why}, and AKS lets such a cluster move only as a whole, control plane and every pool at once: {but}"
            )
        }
        Block::SpotPool { pool } => format!(
            "AKS lets this cluster move only as a whole, and refuses that while it has a Spot pool (SpotPoolUpgradeNotAllowedDuringClusterUpgradeAll). Remove pool {pool}, plan again, and add it afterwards."
        ),
        Block::LtsChannel { channel } => format!(
            "The cluster has long-term support, and AKS upgrades such a cluster on the channel patch only, not {channel}. Write channel = \"patch\", or use executor = \"terraform\"."
        ),
        Block::ResumesPool { pool, state, by_choice } => format!(
            "Pool {pool} is {state}, and any write to the control plane goes on with what failed there, although the pool is left {}",
            if *by_choice {
                "alone. Repair it first (az aks nodepool upgrade), or let this policy do it: take it out of exclude_pools and control_plane_only."
            } else {
                "out. Repair it first (az aks nodepool upgrade), or end what leaves it out."
            }
        ),
        Block::Skew { pool, version, control_plane, allowed } => format!(
            "Pool {pool} stays at {version}, and the control plane may be at most {allowed} minors ahead of it, so it cannot go to {control_plane}. Upgrade the pool first."
        ),
        Block::OsNotSupported { pool, os_sku, version, end, holds } => format!(
            "Pool {pool} runs {os_sku}, which AKS supports up to {} only, so {}. {}",
            end.last,
            match holds {
                true => format!("nothing goes to {version}: the control plane could not come back"),
                false => format!("it cannot follow the control plane to {version}"),
            },
            way_out(pool, end)
        ),
        Block::OsChanges { pools, system, version } => match pools.as_slice() {
            [pool] => {
                format!("Pool {pool} gets {system} with {version}, on which its workloads have to run.")
            }
            pools => format!(
                "Pools {} get {system} with {version}, on which their workloads have to run.",
                some_of(pools.iter().cloned())
            ),
        },
        Block::NodesFollow { version } => format!(
            "Node auto-provisioning (Karpenter) replaces its nodes after the control plane goes to {version}, at its own pace and whatever the windows of this policy say; budgets in its NodePools slow it down."
        ),
        Block::AboveControlPlane { pool, version, control_plane } => {
            format!("Pool {pool} cannot go to {version} while the control plane runs {control_plane}.")
        }
        _ => return None,
    })
}

/// Says what to do about a pool whose OS SKU ends.
fn way_out(pool: &str, end: &os::End) -> String {
    let next = end.successor;
    if end.in_place {
        format!("Set the pool's os_sku to {next} (az aks nodepool update --os-sku {next}), and plan again.")
    } else {
        format!("Add a pool with {next}, move the workloads, remove {pool}, and plan again.")
    }
}

/// Sentences about pools.
fn pool(block: &Block, windows: &Windows) -> String {
    let from = |instant: &Option<Timestamp>| match instant {
        Some(instant) => format!(" until {}", instant_in(*instant, windows)),
        None => " (its version carries no date)".to_owned(),
    };
    match block {
        Block::PoolStopped { pool } => {
            format!("Pool {pool} is stopped and was left out. Start it to upgrade it.")
        }
        Block::MachinesPool { pool } => {
            format!("Pool {pool} was left out: Azure upgrades its machines one by one, not the pool.")
        }
        Block::SnapshotBound { pool } => format!(
            "Pool {pool} was left out: it is bound to a node pool snapshot, which decides its version and image. Let it leave the snapshot with rollout.include_snapshot_pools, or make a new pool."
        ),
        Block::PoolGone { pool } => {
            format!("There is no pool {pool} in this cluster. Correct the name, unless the pool was removed.")
        }
        Block::UnfinishedUpgrade { pool, running, version } => format!(
            "Pool {pool} was left out: its upgrade from {running} to {version} failed, and an image call would go on with it. Finish that upgrade first, with a policy that leads to {version} or with az aks nodepool upgrade."
        ),
        Block::ImageNotOffered { pool } => format!("Azure names no latest node image for pool {pool}."),
        Block::ImageTooYoung { pool, image, old_enough_at } => {
            format!(
                "The latest node image of pool {pool}, {image}, is younger than min_age{}.",
                from(old_enough_at)
            )
        }
        Block::NotOldEnough { pool, image, old_enough_at } => {
            format!(
                "Pool {pool} runs {image}, which is not older than max_age until {}.",
                instant_in(*old_enough_at, windows)
            )
        }
        Block::ImageMovedOn { pool, planned, latest } => {
            let now = latest.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
            format!("Azure's latest node image for pool {pool} is now {now}, and {planned} was planned.")
        }
        other => format!("The work is blocked ({}).", other.code()),
    }
}

/// Writes an instant in the zone of the first window, else of the first blackout between days, else in UTC, e.g.
/// `Sat 2026-11-28 02:00 Europe/Berlin`.
#[must_use]
pub fn instant_in(instant: Timestamp, windows: &Windows) -> String {
    let zoned = instant.to_zoned(zone_of(windows));
    format!("{} {}", zoned.strftime("%a %Y-%m-%d %H:%M"), zone::display(zoned.time_zone()))
}

/// Returns the zone that instants are written in: the [`own_zone`], else UTC.
#[must_use]
pub fn zone_of(windows: &Windows) -> TimeZone {
    own_zone(windows).unwrap_or(TimeZone::UTC)
}

/// Returns the zone of the first window, else of the first blackout between days; `None` where none is written.
#[must_use]
pub fn own_zone(windows: &Windows) -> Option<TimeZone> {
    let of_windows = windows.windows.iter().map(|window| window.spec().zone.clone());
    let of_blackouts = windows.blackouts.iter().filter_map(|blackout| blackout.spec().zone.clone());
    of_windows.chain(of_blackouts).next()
}

/// Writes a span of time likewise, e.g. `Sat 2026-11-28 02:00 to about 02:10 Europe/Berlin`.
#[must_use]
pub fn span_in(start: Timestamp, end: Timestamp, windows: &Windows) -> String {
    let zone = zone_of(windows);
    let (start, end) = (start.to_zoned(zone.clone()), end.to_zoned(zone));
    let day = if start.date() == end.date() { "" } else { "%a %Y-%m-%d " };
    let until = end.strftime(&format!("{day}%H:%M")).to_string();
    format!("{} to about {until} {}", start.strftime("%a %Y-%m-%d %H:%M"), zone::display(end.time_zone()))
}

/// Names a part of a cluster.
#[must_use]
pub fn component(component: &Component) -> String {
    match component {
        Component::Cluster => "the whole cluster".to_owned(),
        Component::ControlPlane => "the control plane".to_owned(),
        Component::Pool(name) => format!("pool {name}"),
    }
}

/// Says a step, e.g. `pool user1 1.33.5 -> 1.34.2`.
#[must_use]
pub fn step(step: &Step) -> String {
    if let Some(name) = step.work.setting() {
        return setting(name, &step.work);
    }
    let (from, to) = (step.work.from(), step.work.to());
    let part = component(&step.work.component());
    match step.manner {
        Manner::Upgrade => format!("{part} {from} -> {to}"),
        Manner::Repair => format!("{part} {to} (repair)"),
        Manner::Attach => format!("{part} {to} (running)"),
    }
}

/// Says one setting, e.g. `auto_upgrade_channel none -> stable`; of a maintenance configuration, which one.
fn setting(name: &str, work: &Work) -> String {
    let which = match work {
        Work::MaintenanceConfiguration { name, .. } => format!(" {name}"),
        _ => String::new(),
    };
    format!("{name}{which} {} -> {}", work.from(), work.to())
}

/// Says how many steps there are and the first of them.
#[must_use]
pub fn steps(steps: &[Step]) -> String {
    match steps {
        [] => "no step".to_owned(),
        [only] => format!("1 step, {}", step(only)),
        [first, ..] => format!("{} steps, first {}", steps.len(), step(first)),
    }
}

/// Says steps, from what to what, with the time that each is estimated to take:
/// `the control plane 1.34.4 -> 1.35.6 (10m), pool system 1.34.4 -> 1.35.6 (15m)`; of many the first ones, and the
/// time of all.
#[must_use]
pub fn each(steps: &[Step]) -> String {
    let each = |one: &Step| format!("{} ({})", step(one), duration::display(one.estimate));
    let listed = some_of(steps.iter().map(each));
    if steps.len() <= LISTED {
        return listed;
    }
    let all = steps.iter().fold(SignedDuration::ZERO, |sum, step| sum.saturating_add(step.estimate));
    format!("{listed} ({} together)", duration::display(all))
}

/// Says that a create was interrupted.
#[must_use]
pub fn not_adopted(cluster: &ClusterId) -> Diagnostic {
    let detail = format!(
        "The apply was interrupted while it read {cluster}. Nothing was changed in Azure, and nothing was saved. Apply again."
    );
    Diagnostic::error("Interrupted", detail)
}

/// A version that is not the promised one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The part of the cluster, in words.
    pub part: String,
    /// What the plan promised.
    pub planned: String,
    /// What Azure shows.
    pub found: String,
}

/// Says that an apply ended with other versions than its plan promised: somebody else moved the cluster, too.
#[must_use]
pub fn other_version(cluster: &ClusterId, found: &[Mismatch]) -> Diagnostic {
    let each = |one: &Mismatch| format!("{} runs {} and not {}", one.part, one.found, one.planned);
    let detail = format!(
        "On {cluster}, {}. The steps of the plan are done or were not needed any more; somebody else upgraded the cluster meanwhile. The state holds what Azure shows. Plan again.",
        found.iter().map(each).collect::<Vec<_>>().join(", ")
    );
    Diagnostic::error("Azure shows another version than the plan promised", detail)
}

/// Returns what went wrong last, where the deadline came in between.
#[must_use]
pub fn cause(error: &Error) -> &Error {
    match error {
        Error::Deadline { last, .. } => cause(last),
        other => other,
    }
}

/// Says why a cluster could not be observed.
#[must_use]
pub fn not_observed(cluster: &ClusterId, error: &Error) -> Diagnostic {
    let (summary, advice) = match error {
        Error::NotFound(_) => {
            ("Cluster not found", "Check cluster_id, and the subscription that you are logged in to.")
        }
        Error::Forbidden { .. } => {
            ("Not permitted", "Grant the role, and wait a few minutes for it to take effect.")
        }
        error if error.is_sign_in() => ("No credential works", "Nothing was changed."),
        error if matches!(cause(error), Error::Unreachable { .. }) => {
            ("Azure cannot be reached", "Check the endpoint, the network and the proxy; nothing was changed.")
        }
        error if is_wrong_place(cause(error)) => (
            "Azure cannot be reached",
            "That is no answer of Azure Resource Manager: check the endpoint, its path too, and the proxy; nothing was changed.",
        ),
        _ => ("Cluster could not be read", "Nothing was changed."),
    };
    Diagnostic::error(summary, format!("{cluster}: {} {advice}", errors::sentence(error)))
}

/// Tells whether whoever answered is not Azure.
#[must_use]
pub fn is_wrong_place(cause: &Error) -> bool {
    match cause {
        Error::Malformed { flaw: Flaw::NotJson(_) | Flaw::NoDate, .. } => true,
        Error::Azure(refusal) => refusal.is_from_elsewhere(),
        _ => false,
    }
}

/// Says that a state names no cluster.
#[must_use]
pub fn no_cluster_id() -> Diagnostic {
    Diagnostic::error(
        "No cluster id",
        "The state names no cluster. Remove the resource from the state and import it again.",
    )
    .at(Path::root("cluster_id"))
}

/// Names the kind of a refusal: the same for every cluster.
#[must_use]
pub fn summary(reason: &Block) -> &'static str {
    match reason {
        reason if reason.effect() == Effect::Waits => "Outside the maintenance window",
        reason if reason.effect() == Effect::FitsNowhere => "The work fits into no window",
        reason if reason.came_of_a_step() => "Upgrade step failed",
        reason if reason.breaks_the_plan() => "The plan no longer holds",
        _ => "Upgrade blocked",
    }
}

fn own_words(message: Option<&str>) -> String {
    message.map(|message| format!("; Azure says: {}", message.trim_end_matches('.'))).unwrap_or_default()
}

fn offers(offered: &[Version]) -> String {
    if offered.is_empty() {
        return "It offers no upgrade at the moment.".to_owned();
    }
    let list: Vec<String> = offered.iter().map(ToString::to_string).collect();
    format!("It offers {}.", list.join(", "))
}

fn one_of(versions: &[Version]) -> String {
    match versions {
        [only] => only.to_string(),
        versions => format!("one of {}", all_of(versions)),
    }
}

/// Joins things of which one is meant: `minor, patch or node_image`.
fn any_of<T: ToString>(things: &[T]) -> String {
    let all = all_of(things);
    match all.rsplit_once(" and ") {
        Some((others, last)) => format!("{others} or {last}"),
        None => all,
    }
}

/// Joins things as people do: `a, b and c`.
pub(super) fn all_of<T: ToString>(things: &[T]) -> String {
    let list: Vec<String> = things.iter().map(ToString::to_string).collect();
    match list.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// How many things of a list are named.
const LISTED: usize = 8;

/// Joins things as [`all_of`] does, as many as somebody reads: `a, b, c, d, e, f, g, h and 91 more`.
pub(super) fn some_of(things: impl Iterator<Item = String>) -> String {
    let mut list: Vec<String> = things.collect();
    if let Some(more) = list.len().checked_sub(LISTED).filter(|more| *more > 0) {
        list.truncate(LISTED);
        list.push(format!("{more} more"));
    }
    all_of(&list)
}

fn target(target: &Target) -> String {
    match target {
        Target::Minor(minor) => minor.to_string(),
        Target::Exact(version) => version.to_string(),
        Target::Channel(Channel::Patch) => "the newest patch".to_owned(),
        Target::Channel(Channel::Stable) => "the stable channel".to_owned(),
        Target::Channel(Channel::Rapid) => "the rapid channel".to_owned(),
    }
}
