//! What a plan tells beside its values.
//!
//! Summaries are constant, so that Terraform folds those of fifty clusters into one; the details
//! are specific.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::words::{errors, explain, settings};
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::upgrade::block::Block;
use crate::upgrade::duration;
use crate::upgrade::policy::Executor;
use crate::upgrade::promise::{OutsideWindow, impossible};

/// Warns on a create about what the arguments alone show.
#[must_use]
pub fn of_arguments(arguments: &Arguments) -> Option<Diagnostic> {
    let free = arguments.windows.windows.is_empty();
    free.then(|| {
        let detail = format!(
            "No maintenance_windows are set for {}, so an apply upgrades it whenever it runs. Set maintenance_windows to say when it may.",
            arguments.cluster
        );
        Diagnostic::warning("No maintenance window", detail).at(Path::root("maintenance_windows"))
    })
}

/// Reports what stands in the way of an update.
#[must_use]
pub fn of_plan(arguments: &Arguments, assessment: &Assessment) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = override_expired(arguments, assessment.at).into_iter().collect();
    if let Some(never) = fits_nowhere(assessment) {
        told.push(never);
        return told;
    }
    told.extend(written(assessment));
    told.extend(comes_along(assessment));
    told.extend(of_timeout(arguments, assessment, "update", arguments.timeouts.update));
    let aks = arguments.policy.executor.is_aks();
    let waits = aks && !assessment.remaining().is_empty();
    let hindrances: Vec<String> =
        assessment.hindrances().map(|block| explain::block(block, &assessment.windows)).collect();
    if !hindrances.is_empty() {
        let detail = format!("{}: {}", assessment.cluster.name, hindrances.join(" "));
        told.push(Diagnostic::warning("Upgrade blocked", detail));
    } else if let Some(held) =
        assessment.promise.held.as_ref().filter(|_| waits || !aks && !assessment.starts())
    {
        let steps = if waits {
            settings::sentence(&assessment.plan.steps)
        } else {
            explain::steps(assessment.remaining())
        };
        let detail =
            format!("{}: {steps}. {}", assessment.cluster.name, explain::block(held, &assessment.windows));
        told.push(Diagnostic::warning("Upgrade deferred to the next maintenance window", detail));
    }
    told
}

/// Reports a step that no window can hold.
#[must_use]
pub fn fits_nowhere(assessment: &Assessment) -> Option<Diagnostic> {
    let never = impossible(&assessment.plan, &assessment.windows, assessment.at)?;
    let detail = format!("{}: {}", assessment.cluster.name, explain::block(&never, &assessment.windows));
    let error = Diagnostic::error("The work fits into no window", detail);
    Some(error.at(Path::root("maintenance_windows")))
}

/// Tells what comes with the versions that are planned, and is in no step.
fn comes_along(assessment: &Assessment) -> Option<Diagnostic> {
    let comes = |block: &&Block| matches!(block, Block::OsChanges { .. } | Block::NodesFollow { .. });
    let told: Vec<String> = assessment
        .plan
        .blocks
        .iter()
        .filter(comes)
        .map(|block| explain::block(block, &assessment.windows))
        .collect();
    let detail = format!("{}: {}", assessment.cluster.name, told.join(" "));
    (!told.is_empty()).then(|| Diagnostic::warning("More comes with the upgrade than a version", detail))
}

/// Tells what an apply writes for `executor = "aks"`: an edited block shows it nowhere else.
fn written(assessment: &Assessment) -> Option<Diagnostic> {
    let promised = &assessment.promise.steps;
    let writes = promised.iter().any(|step| step.work.setting().is_some());
    let detail = format!("{}: an apply writes {}.", assessment.cluster.name, settings::sentence(promised));
    writes.then(|| Diagnostic::warning("AKS's own upgrades will be configured", detail))
}

/// Warns when what is promised is expected to outlast the timeout of the call that does it.
///
/// `call` is the name of that timeout, e.g. `update`. Waiting for a window counts, where an apply would.
#[must_use]
pub fn of_timeout(
    arguments: &Arguments,
    assessment: &Assessment,
    call: &str,
    timeout: Duration,
) -> Option<Diagnostic> {
    let steps = &assessment.promise.steps;
    let work = steps.iter().fold(SignedDuration::ZERO, |sum, step| sum.saturating_add(step.estimate));
    let pools = steps.iter().filter(|step| step.work.pool().is_some()).count();
    let pauses = i32::try_from(pools.saturating_sub(1)).unwrap_or(i32::MAX);
    let opening = assessment.promise.opening.filter(|_| arguments.outside == OutsideWindow::Wait);
    let wait = opening.map_or(SignedDuration::ZERO, |opening| {
        opening.start.duration_since(assessment.at).max(SignedDuration::ZERO)
    });
    let estimate = work.saturating_add(assessment.promise.soak.saturating_mul(pauses)).saturating_add(wait);
    let timeout = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
    if steps.is_empty() || estimate <= timeout {
        return None;
    }
    let waiting = if wait.is_zero() { "" } else { ", waiting for the window included" };
    let detail = format!(
        "{}: {} are estimated to take {}{waiting}, and timeouts.{call} is {}. Make it longer, for example timeouts = {{ {call} = {:?} }}; otherwise the apply ends early with an error, and the next one goes on from there.",
        assessment.cluster.name,
        explain::steps(steps),
        duration::display(estimate),
        duration::display(timeout),
        format!("{}h", estimate.as_hours() + 1),
    );
    let path = Path::root("timeouts").attribute(call);
    Some(Diagnostic::warning("The timeout is shorter than the work", detail).at(path))
}

fn override_expired(arguments: &Arguments, at: Timestamp) -> Option<Diagnostic> {
    let glass = arguments.policy.override_.as_ref().filter(|glass| !glass.is_active(at))?;
    let detail = format!(
        "The override of {} (\"{}\") expired at {} and ignores nothing any more. Remove it.",
        arguments.cluster, glass.reason, glass.expires
    );
    Some(Diagnostic::warning("Override expired", detail).at(Path::root("override")))
}

/// Tells on a create what an apply would do.
#[must_use]
pub fn preview(arguments: &Arguments, assessment: &Assessment) -> Diagnostic {
    let detail = match &arguments.policy.executor {
        Executor::Aks(_) => settings::preview(assessment),
        Executor::Terraform => explain::preview(arguments, assessment),
    };
    Diagnostic::warning("Upgrade preview", detail)
}

/// Tells on a create why it cannot be told what an apply would do.
#[must_use]
pub fn no_preview(id: &ClusterId, error: &Error) -> Diagnostic {
    let detail = format!(
        "What an apply would do to {id} cannot be said yet: {} The plan does not depend on it; the apply will need it.",
        errors::sentence(error)
    );
    Diagnostic::warning("No upgrade preview", detail)
}

/// Tells that a state has never been refreshed.
#[must_use]
pub fn never_observed() -> Diagnostic {
    let detail = "Nothing that was read from Azure is kept with this state, so no step can be planned. Run the plan without -refresh=false.";
    Diagnostic::warning("Nothing observed yet", detail)
}

/// Tells that the destroy of a resource with `executor = "aks"` leaves AKS upgrading.
#[must_use]
pub fn destroy_handed_over(resource: &str) -> Diagnostic {
    let detail = format!(
        "Destroying this {resource} leaves AKS's channel and its maintenance configuration as they are: AKS goes on upgrading the cluster by itself, with an offset from UTC that nobody adapts to daylight saving time any more. Set the channel to none where that is not wanted."
    );
    Diagnostic::warning("Nothing changes in Azure", detail)
}

/// Tells that a destroy is harmless.
#[must_use]
pub fn destroy(resource: &str) -> Diagnostic {
    let detail = format!(
        "Destroying an {resource} only ends Terraform's care for the cluster: its versions, images, channels and maintenance configurations stay as they are."
    );
    Diagnostic::warning("Nothing changes in Azure", detail)
}

/// Warns about a machine whose clock is more than five minutes off.
#[must_use]
pub fn of_clock(skew: Option<SignedDuration>) -> Option<Diagnostic> {
    let skew = skew.filter(|skew| skew.unsigned_abs().as_secs() > 300)?;
    let (amount, direction) =
        (skew.unsigned_abs().as_secs() / 60, if skew.is_negative() { "ahead of" } else { "behind" });
    let detail = format!(
        "The clock of this machine is {amount} minutes {direction} Azure's. Windows are judged by Azure's clock, so nothing is opened or closed by mistake; correct the machine's clock."
    );
    Some(Diagnostic::warning("Clock is off", detail))
}
