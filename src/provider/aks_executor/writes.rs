//! What Azure does not hold yet: a pure function of the arguments and an observation.

use jiff::Timestamp;

use crate::arm::response::maintenance_configuration;
use crate::provider::aks_executor::Handover;
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::observation::Observation;
use crate::upgrade::block::Block;
use crate::upgrade::cluster::{Cluster, Power};
use crate::upgrade::step::{Component, Kind};
use crate::upgrade::window::aks::AksWindow;
use crate::upgrade::window::translate::translate;

/// One thing to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// What is written.
    pub part: Part,
    /// What Azure holds, for the reader of a plan.
    pub from: String,
    /// What it will hold.
    pub to: String,
    /// Why it cannot be written now; `None` when it can.
    pub held: Option<Block>,
}

/// What is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// The maintenance configuration of that name.
    Window(&'static str, AksWindow),
    /// The channel, with its name in `pending_steps`.
    Channel(&'static str),
}

impl Write {
    /// Returns what is written, as `pending_steps` names it.
    #[must_use]
    pub fn component(&self) -> &'static str {
        match self.part {
            Part::Window(..) => "maintenance_configuration",
            Part::Channel(component) => component,
        }
    }

    /// Tells whether it is the same thing, to the same end.
    pub(super) fn is(&self, other: &Write) -> bool {
        self.component() == other.component() && self.to == other.to
    }
}

/// Turns the assessment of our own steps into that of a cluster which Azure upgrades: what is left to write.
///
/// The version that Azure heads for stays; that its channel is on is what was asked for.
#[must_use]
pub fn hold(
    handover: &Handover,
    arguments: &Arguments,
    seen: &Observation,
    assessment: Assessment,
) -> Assessment {
    let mut assessment = Assessment { writes: writes(handover, arguments, seen), ..assessment };
    assessment.behind = !assessment.plan.steps.is_empty();
    assessment.plan.steps.clear();
    assessment.promise.steps.clear();
    assessment.promise.opening = None;
    assessment.plan.blocks.retain(|block| {
        matches!(
            block,
            Block::FleetUpdateRun { .. }
                | Block::OperationInProgress { .. }
                | Block::FailedState { .. }
                | Block::ClusterStopped
        )
    });
    assessment.promise.held = assessment.writes.iter().find_map(|write| write.held.clone());
    assessment
}

fn writes(handover: &Handover, arguments: &Arguments, seen: &Observation) -> Vec<Write> {
    let window = window(handover, arguments, seen);
    window.into_iter().chain(channel(handover, arguments, &seen.cluster, seen.at)).collect()
}

fn window(handover: &Handover, arguments: &Arguments, seen: &Observation) -> Option<Write> {
    let wanted = translate(&arguments.windows, seen.at).ok()?;
    let name = handover.configuration();
    let held = seen.maintenance().map(|list| maintenance_configuration(list, name));
    let from = match held {
        None => "not read yet".to_owned(),
        Some(None) => "none".to_owned(),
        Some(Some(configuration)) => match configuration.window {
            Some(window) if window.agrees(&wanted, seen.at) => return None,
            Some(window) => window.to_string(),
            None => "in another form".to_owned(),
        },
    };
    let to = wanted.to_string();
    Some(Write { part: Part::Window(name, wanted), from, to, held: None })
}

fn channel(handover: &Handover, arguments: &Arguments, cluster: &Cluster, at: Timestamp) -> Option<Write> {
    let (held, wanted) = (handover.held(cluster), handover.channel());
    if held == Some(wanted) {
        return None;
    }
    Some(Write {
        part: Part::Channel(handover.component()),
        from: held.unwrap_or("none").to_owned(),
        to: wanted.to_owned(),
        held: hindrance(held, arguments, cluster, at),
    })
}

/// Returns when the window closes in which the channel is written; `None` when it may be written at any time.
pub fn closes(
    handover: &Handover,
    arguments: &Arguments,
    cluster: &Cluster,
    at: Timestamp,
) -> Option<Timestamp> {
    let opening = arguments.windows.opening(Kind::Patch, at);
    let end = opening.filter(|_| is_disruptive(handover.held(cluster), cluster))?.end;
    (end < Timestamp::MAX).then_some(end)
}

/// Tells whether a write of the channel replaces nodes, or resumes what failed.
fn is_disruptive(held: Option<&str>, cluster: &Cluster) -> bool {
    let failed = cluster.state.is_failed() || cluster.pools.iter().any(|pool| pool.state.is_failed());
    failed || held == Some("Unmanaged")
}

/// Says why the channel cannot be written now.
///
/// Leaving `Unmanaged` replaces the nodes, and any write to a cluster that failed resumes what failed: both need an
/// open window. Azure writes nothing to a stopped cluster.
fn hindrance(held: Option<&str>, arguments: &Arguments, cluster: &Cluster, at: Timestamp) -> Option<Block> {
    if cluster.power == Power::Stopped {
        return Some(Block::ClusterStopped);
    }
    let (windows, kind, component) = (&arguments.windows, Kind::Patch, Component::Cluster);
    if !is_disruptive(held, cluster) || windows.is_open(kind, at) {
        return None;
    }
    let Some(opening) = windows.opening(kind, at) else {
        return Some(Block::NeverOpens { component, kind });
    };
    let opens = opening.start;
    Some(match windows.blackout_at(kind, at) {
        Some(blackout) => Block::Blackout { component, reason: blackout.spec().reason.clone(), opens },
        None => Block::WindowClosed { component, closed: None, opens },
    })
}

/// Says what is to be written, e.g. `auto_upgrade_channel none -> stable`.
#[must_use]
pub fn sentence(writes: &[Write]) -> String {
    let each = |write: &Write| format!("{} {} -> {}", write.component(), write.from, write.to);
    writes.iter().map(each).collect::<Vec<_>>().join(", then ")
}

/// Says on a create what an apply would write.
#[must_use]
pub fn preview(assessment: &Assessment) -> String {
    let name = &assessment.cluster.name;
    if assessment.writes.is_empty() {
        return format!(
            "{name}: channel and maintenance window are as they should be; AKS upgrades by itself."
        );
    }
    let now: Vec<Write> = assessment.promised_writes().cloned().collect();
    let later = assessment.writes.get(now.len()..).unwrap_or_default();
    let mut text = format!("{name}:");
    if !now.is_empty() {
        text += &format!(" an apply writes {}; AKS then upgrades by itself.", sentence(&now));
    }
    if !later.is_empty() {
        text += &format!(" Not written yet: {}.", sentence(later));
    }
    text
}
