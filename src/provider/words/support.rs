//! The end of support of the running version, told weeks before.

use jiff::Timestamp;

use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::words::explain;
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::kind::Kind;
use crate::upgrade::policy::{Channel, Goal, Target};
use crate::upgrade::step::Step;
use crate::upgrade::support::Leaving;
use crate::upgrade::version::Minor;
use crate::upgrade::window::interval::Interval;

/// Says weeks before that the running minor leaves support, where a step leads away from it in time.
///
/// The step may wait for its window until then, so whoever is told of the step is told of the day.
pub(super) fn leaves_in_time(assessment: &Assessment) -> Option<String> {
    let leaving = assessment.leaving.filter(|leaving| leads_away_in_time(*leaving, assessment))?;
    let ends = ends(leaving, assessment.at);
    let then = if leaving.is_over(assessment.at) {
        String::new()
    } else {
        format!("; the step to {} can come before", leaving.minor.next())
    };
    Some(format!("{} {ends}{then}.", leaving.minor))
}

/// Warns weeks before the running minor leaves support, where no step leads away from it in time.
pub(super) fn leaves_support(arguments: &Arguments, assessment: &Assessment) -> Option<Diagnostic> {
    let policy = &arguments.policy;
    let leaving = assessment.leaving.filter(|_| policy.goal.has_versions() && !policy.executor.is_aks())?;
    let is_over = leaving.is_over(assessment.at);
    // A channel of AKS that is on leads away by itself, and a warning of its own tells of it.
    let is_told = |block: &Block| {
        matches!(
            block,
            Block::OutOfSupport { .. } | Block::WholeClusterOnly { .. } | Block::AutoUpgradeChannelOn { .. }
        )
    };
    if leads_away_in_time(leaving, assessment)
        || assessment.plan.blocks.iter().any(is_told)
        || assessment.is_unread()
    {
        return None;
    }
    let no_step = if is_over || leaving.last_day.is_none() { "" } else { " before" };
    let next = leaving.minor.next();
    let advice = match opening(assessment) {
        Some(late) => format!(
            "The first window for {next} opens at {}, after that: open one before.",
            explain::instant_in(late.start, &assessment.windows)
        ),
        None if way_out(assessment).is_some() || wants(arguments, assessment, next) => {
            format!("What keeps the policy from {next} is told apart.")
        }
        None => format!("Let the policy want {next} or newer."),
    };
    let detail = format!(
        "{}: {} {}, and no step leads away from it{no_step}. Out of support AKS moves a cluster only as a whole, control plane and every pool at once, without pool_order and soak. {advice}",
        assessment.cluster.name,
        leaving.minor,
        ends(leaving, assessment.at),
    );
    Some(Diagnostic::warning("The running version leaves support", detail))
}

/// Says when the support of a minor ends, or ended.
fn ends(leaving: Leaving, at: Timestamp) -> String {
    match leaving.last_day {
        Some(day) if leaving.is_over(at) => format!("has been out of support since {day}"),
        Some(day) => format!("leaves support after {day}"),
        None => "leaves support with the next minor".to_owned(),
    }
}

/// Returns the first step that takes the control plane to another minor.
fn way_out(assessment: &Assessment) -> Option<&Step> {
    assessment.plan.steps.iter().find(|step| step.kind() == Kind::Minor && step.work.pool().is_none())
}

/// Returns the first opening of that step.
fn opening(assessment: &Assessment) -> Option<Interval> {
    way_out(assessment).and_then(|step| assessment.windows.opening(&step.tasks(), assessment.at))
}

/// Tells whether a step leads away from a minor before its support ends; once it has ended, whether one does at all.
fn leads_away_in_time(leaving: Leaving, assessment: &Assessment) -> bool {
    let in_time = |opening: Interval| leaving.is_over(assessment.at) || !leaving.is_over(opening.start);
    opening(assessment).is_some_and(in_time)
}

/// Tells whether a policy means a minor or a newer one, whatever keeps it from going there.
fn wants(arguments: &Arguments, assessment: &Assessment, minor: Minor) -> bool {
    let Goal::Kubernetes { target, .. } = &arguments.policy.goal else { return false };
    match target {
        Target::Minor(wanted) => *wanted >= minor,
        Target::Exact(wanted) => wanted.minor() >= minor,
        Target::Channel(Channel::Patch) => false,
        // Where it leads is known only as far as nothing keeps it from there.
        Target::Channel(Channel::Stable | Channel::Rapid) => {
            let keeps = |block: &Block| matches!(block.effect(), Effect::LeavesOutRest | Effect::Stops);
            assessment.plan.blocks.iter().any(keeps)
        }
    }
}
