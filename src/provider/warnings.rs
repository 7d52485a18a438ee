//! What a plan tells beside its values.
//!
//! Summaries are constant, so that Terraform folds those of fifty clusters into one; the details
//! are specific.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::upgrade::duration;
use crate::upgrade::plan::{Component, Work};
use crate::upgrade::promise::{OutsideWindow, impossible};

use super::arguments::Arguments;
use super::explain;
use super::handover;
use super::outlook::Outlook;

/// Windows are judged from here on when there is nobody to ask for the time: no legal recurrence
/// that opened before it stops opening after it.
pub const ANY_TIME: Timestamp = Timestamp::constant(1_767_225_600, 0);

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

/// Reports windows that never open, whatever the cluster.
#[must_use]
pub fn of_windows(arguments: &Arguments) -> Option<Diagnostic> {
    let works = [Work::Minor, Work::Patch, Work::NodeImage];
    let windows = arguments.lasting_windows();
    let never = works.iter().all(|work| windows.opening(*work, ANY_TIME).is_none());
    never.then(|| {
        let detail = format!(
            "The maintenance windows of {} less its blackouts never open, so it would never be upgraded. Change maintenance_windows or blackouts.",
            arguments.cluster
        );
        Diagnostic::error("The windows never open", detail).at(Path::root("maintenance_windows"))
    })
}

/// Reports what stands in the way of an update.
#[must_use]
pub fn of_plan(arguments: &Arguments, outlook: &Outlook) -> Vec<Diagnostic> {
    let mut told: Vec<Diagnostic> = override_expired(arguments, outlook.at).into_iter().collect();
    if let Some(never) = fits_nowhere(outlook) {
        told.push(never);
        return told;
    }
    told.extend(written(outlook));
    told.extend(of_timeout(arguments, outlook, "update", arguments.timeouts.update));
    let waits = outlook.writes.iter().any(|write| write.held.is_some());
    let hindrances: Vec<String> =
        outlook.hindrances().map(|block| explain::block(block, &outlook.windows)).collect();
    if !hindrances.is_empty() {
        let detail = format!("{}: {}", outlook.cluster.name, hindrances.join(" "));
        told.push(Diagnostic::warning("Upgrade blocked", detail));
    } else if let Some(held) = outlook.promise.held.as_ref().filter(|_| !outlook.starts() || waits) {
        let steps =
            if waits { handover::sentence(&outlook.writes) } else { explain::steps(outlook.remaining()) };
        let detail = format!("{}: {steps}. {}", outlook.cluster.name, explain::block(held, &outlook.windows));
        told.push(Diagnostic::warning("Upgrade deferred to the next maintenance window", detail));
    }
    told
}

/// Reports a step that no window can hold.
#[must_use]
pub fn fits_nowhere(outlook: &Outlook) -> Option<Diagnostic> {
    let never = impossible(&outlook.plan, &outlook.windows, outlook.at)?;
    let detail = format!("{}: {}", outlook.cluster.name, explain::block(&never, &outlook.windows));
    let error = Diagnostic::error("The work fits into no window", detail);
    Some(error.at(Path::root("maintenance_windows")))
}

/// Tells what an apply writes for `executor = "aks"`: an edited block shows it nowhere else.
fn written(outlook: &Outlook) -> Option<Diagnostic> {
    let writes: Vec<_> = outlook.promised_writes().cloned().collect();
    let detail = format!("{}: an apply writes {}.", outlook.cluster.name, handover::sentence(&writes));
    (!writes.is_empty()).then(|| Diagnostic::warning("AKS's own upgrades will be configured", detail))
}

/// Warns when what is promised is expected to outlast the timeout of the call that does it.
///
/// `call` is the name of that timeout, e.g. `update`. Waiting for a window counts, where an apply would.
#[must_use]
pub fn of_timeout(
    arguments: &Arguments,
    outlook: &Outlook,
    call: &str,
    timeout: Duration,
) -> Option<Diagnostic> {
    let steps = &outlook.promise.steps;
    let work = steps.iter().fold(SignedDuration::ZERO, |sum, step| sum.saturating_add(step.estimate));
    let pools = steps.iter().filter(|step| matches!(step.component, Component::Pool(_))).count();
    let pauses = i32::try_from(pools.saturating_sub(1)).unwrap_or(i32::MAX);
    let opening = outlook.promise.opening.filter(|_| arguments.outside == OutsideWindow::Wait);
    let wait = opening.map_or(SignedDuration::ZERO, |opening| {
        opening.start.duration_since(outlook.at).max(SignedDuration::ZERO)
    });
    let estimate = work.saturating_add(outlook.promise.soak.saturating_mul(pauses)).saturating_add(wait);
    let timeout = SignedDuration::try_from(timeout).unwrap_or(SignedDuration::MAX);
    if steps.is_empty() || estimate <= timeout {
        return None;
    }
    let waiting = if wait.is_zero() { "" } else { ", waiting for the window included" };
    let detail = format!(
        "{}: {} are estimated to take {}{waiting}, and timeouts.{call} is {}. Make it longer, for example timeouts = {{ {call} = {:?} }}; otherwise the apply ends early with an error, and the next one goes on from there.",
        outlook.cluster.name,
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
pub fn preview(arguments: &Arguments, outlook: &Outlook) -> Diagnostic {
    let detail = match &arguments.handover {
        Some(_) => handover::preview(outlook),
        None => explain::preview(arguments, outlook),
    };
    Diagnostic::warning("Upgrade preview", detail)
}

/// Tells on a create why it cannot be told what an apply would do.
#[must_use]
pub fn no_preview(id: &ClusterId, error: &Error) -> Diagnostic {
    let detail = format!(
        "What an apply would do to {id} cannot be said yet: {error} The plan does not depend on it; the apply will need it."
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
