//! What a plan tells beside its values.
//!
//! Summaries are constant, so that Terraform folds those of fifty clusters into one; the details
//! are specific.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::limiter::HeldBack;
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::words::{errors, explain, support};
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::duration;
use crate::upgrade::kind::Kind;
use crate::upgrade::plan::images;
use crate::upgrade::promise::OutsideWindow;
use crate::upgrade::step::{Manner, Step, Work};
use crate::upgrade::task::Component;
use crate::upgrade::version::Version;

/// Tells what a plan of an update does not show by its values: one summary per kind of situation.
///
/// What needs a person is never under the summary of what is routine: Terraform shows one warning of a summary and
/// counts the others.
#[must_use]
pub fn of_plan(arguments: &Arguments, assessment: &Assessment) -> Vec<Diagnostic> {
    let mut stuck: Vec<Diagnostic> = unread(assessment).into_iter().chain(stuck(assessment)).collect();
    let pending = pending(assessment);
    // What is pending says it, too, also beside a step that already runs.
    let comes_along = comes_along(assessment).filter(|_| pending.is_none());
    let deferred = match (stuck.last_mut(), pending) {
        // Something else than time stands in the way, and what is pending is told with it.
        (Some(told), Some(pending)) => {
            told.detail.push_str(" Pending: ");
            told.detail.push_str(&pending);
            None
        }
        (None, Some(pending)) => held_up(assessment, &pending),
        (_, None) => None,
    };
    let mut told = of_override(arguments, assessment.at);
    told.extend(stuck);
    told.extend(nameless(assessment));
    told.extend(support::leaves_support(arguments, assessment));
    told.extend(shorter(assessment));
    told.extend(partly(assessment));
    told.extend(to_come(arguments, assessment));
    told.extend(comes_along);
    told.extend(goes_on(arguments, assessment));
    told.extend(of_timeout(arguments, assessment));
    told.extend(deferred);
    told
}

/// Tells what needs a person, one summary per kind of situation.
pub(super) fn stuck(assessment: &Assessment) -> impl Iterator<Item = Diagnostic> {
    let told = [
        fits_nowhere(assessment),
        of_owners(assessment),
        young(assessment),
        blocked(assessment),
        left_out(assessment),
        failed(assessment),
    ];
    told.into_iter().flatten()
}

/// The summary of a plan that cannot act yet, for lack of something that is known.
const NOT_OBSERVED: &str = "Not observed yet";

/// Warns with the sentences of some reasons, the name of the cluster in front; not at all where there is none.
fn of_blocks<'a>(
    summary: &'static str,
    assessment: &Assessment,
    blocks: impl Iterator<Item = &'a Block>,
) -> Option<Diagnostic> {
    let sentences: Vec<String> = blocks.map(|block| explain::block(block, &assessment.windows)).collect();
    let detail = format!("{}: {}", assessment.cluster.name, sentences.join(" "));
    (!sentences.is_empty()).then(|| Diagnostic::warning(summary, detail))
}

/// Tells what a promised step goes on with, because it failed, and no line names: nodes of other pools, and an image that
/// nobody would adopt yet.
fn goes_on(arguments: &Arguments, assessment: &Assessment) -> Option<Diagnostic> {
    let elsewhere = |step: &Step| -> BTreeSet<Component> {
        let own = step.work.component();
        step.resumes.iter().map(|task| task.component.clone()).filter(|part| *part != own).collect()
    };
    let steps = assessment.promise.steps.iter().map(|step| (step, elsewhere(step)));
    let told = steps.filter(|(_, parts)| !parts.is_empty()).map(|(step, parts)| {
        let parts = explain::all_of(&parts.iter().map(explain::component).collect::<Vec<_>>());
        format!(
            "{} goes on with what failed or was cancelled on {parts}, and may replace nodes there.",
            step.work.part()
        )
    });
    let young = assessment.promise.steps.iter().filter_map(|step| brings_along(step, arguments, assessment));
    let sentences: Vec<String> = told.chain(young).collect();
    let detail = format!("{}: {}", assessment.cluster.name, sentences.join(" "));
    (!sentences.is_empty()).then(|| Diagnostic::warning("A step goes on with what failed", detail))
}

/// Tells that the repair of a pool may bring an image that is too young: nobody knows what failed there.
fn brings_along(step: &Step, arguments: &Arguments, assessment: &Assessment) -> Option<String> {
    let Work::Pool { pool, .. } = &step.work else { return None };
    let may_be_image = step.resumes.iter().any(|task| task.kind == Kind::NodeImage);
    let repaired = assessment.cluster.pool(pool).filter(|_| may_be_image && step.manner == Manner::Repair)?;
    let latest = assessment.latest.get(pool)?;
    let young = images::too_young(&arguments.policy, assessment.at, repaired, latest)?;
    let young = explain::block(&young, &assessment.windows);
    Some(format!(
        "{young} Nobody knows what failed on pool {pool}: where it was an image, the repair brings that one all the same."
    ))
}

/// Tells what comes with the versions that this apply goes to, and is in no step.
fn comes_along(assessment: &Assessment) -> Option<Diagnostic> {
    let goes_to =
        |version: &Version| assessment.promise.steps.iter().any(|step| step.work.version() == Some(version));
    let comes = assessment.plan.blocks.iter().filter(|block| block.brought_by().is_some_and(goes_to));
    of_blocks("More comes with the upgrade than a version", assessment, comes)
}

/// Warns about a step that no window can hold. It never fails a plan: an autoscaler must not lock a root module.
fn fits_nowhere(assessment: &Assessment) -> Option<Diagnostic> {
    let never = assessment.blocks().into_iter().filter(|block| block.effect() == Effect::FitsNowhere);
    let told = of_blocks("The work fits into no window", assessment, never);
    told.map(|told| told.at(Path::root("maintenance_window")))
}

/// Warns about whoever else upgrades the cluster.
fn of_owners(assessment: &Assessment) -> Option<Diagnostic> {
    let owners = assessment.plan.blocks.iter().filter(|block| block.is_another_owner());
    of_blocks("Two owners upgrade this cluster", assessment, owners)
}

/// Warns about names that no pool has: a blackout or an `exclude_pools` with a mistyped name keeps nothing away.
pub(super) fn nameless(assessment: &Assessment) -> Option<Diagnostic> {
    let gone = assessment.plan.blocks.iter().chain(&assessment.nameless);
    let gone = gone.filter(|block| matches!(block, Block::PoolGone { .. }));
    let pools = explain::some_of(assessment.cluster.pools.iter().map(|pool| pool.name.clone()));
    let mut told = of_blocks("No pool has this name", assessment, gone)?;
    told.detail.push_str(&format!(" Its pools are {pools}."));
    Some(told)
}

/// Tells that a plan does not act, since an argument names what was never read.
fn unread(assessment: &Assessment) -> Option<Diagnostic> {
    let unread = assessment.plan.blocks.iter().filter(|block| matches!(block, Block::NotObserved { .. }));
    of_blocks(NOT_OBSERVED, assessment, unread)
}

fn blocked(assessment: &Assessment) -> Option<Diagnostic> {
    of_blocks("Upgrade blocked", assessment, assessment.hindrances().filter(|block| !is_told_apart(block)))
}

/// Tells what only has to become older: nobody has to do anything.
fn young(assessment: &Assessment) -> Option<Diagnostic> {
    let young = assessment.plan.blocks.iter().filter(|block| is_young(block));
    of_blocks("Not old enough yet", assessment, young)
}

fn is_young(block: &Block) -> bool {
    matches!(block, Block::TooYoung { .. })
}

/// Tells whether a reason has a summary of its own.
fn is_told_apart(block: &Block) -> bool {
    block.is_another_owner()
        || is_young(block)
        || matches!(block, Block::NotObserved { .. } | Block::PoolGone { .. })
}

/// Tells what keeps a part of the work from being done at all, beside steps that are pending.
fn left_out(assessment: &Assessment) -> Option<Diagnostic> {
    let told: Vec<&Block> = assessment.hindrances().collect();
    let blocks = assessment
        .plan
        .blocks
        .iter()
        .filter(|block| block.concerns() && !told.contains(block) && !is_told_apart(block));
    of_blocks("Not all of the upgrade is possible", assessment, blocks)
}

/// Tells that an earlier operation failed, and whether a step repairs it: one that is too young, too new or left out waits.
fn failed(assessment: &Assessment) -> Option<Diagnostic> {
    let failed = |block: &Block| match block {
        Block::FailedState { component, .. } => Some(component.clone()),
        _ => None,
    };
    let failures = assessment.plan.blocks.iter().filter(|block| failed(block).is_some());
    let mut told = of_blocks("An earlier upgrade failed", assessment, failures.clone())?;
    let repairs = |step: &Step, part: &Component| {
        let own = step.work.component();
        own == *part || own == Component::Cluster || step.resumes.iter().any(|task| task.component == *part)
    };
    let is_repaired = |part: &Component| assessment.plan.steps.iter().any(|step| repairs(step, part));
    told.detail.push_str(match failures.filter_map(failed).all(|part| is_repaired(&part)) {
        true => " What it left undone is planned as a repair; look at the activity log for the cause before.",
        false => {
            " Not all that it left undone is repaired by a step: look at the activity log for the cause."
        }
    });
    Some(told)
}

/// Says what a plan that starts nothing leaves pending: how many steps, for which window they wait, and which windows
/// there are. `None` where nothing is, or where it starts something.
fn pending(assessment: &Assessment) -> Option<String> {
    if assessment.starts() || assessment.remaining().is_empty() {
        return None;
    }
    let waits = assessment.promise.held.iter().filter(|held| held.effect() == Effect::Waits);
    let comes = assessment.plan.blocks.iter().filter(|block| block.brought_by().is_some());
    let steps = explain::steps(assessment.remaining()) + ".";
    let reasons = waits.chain(comes).map(|block| explain::block(block, &assessment.windows));
    let reasons = passed_over(assessment).into_iter().chain(reasons);
    let windows = format!("Windows: {}.", assessment.windows);
    let sentences: Vec<String> = [steps]
        .into_iter()
        .chain(reasons)
        .chain(support::leaves_in_time(assessment))
        .chain([windows])
        .collect();
    Some(sentences.join(" "))
}

/// Says why the first of the pending steps does not start in a window that holds it.
fn passed_over(assessment: &Assessment) -> Option<String> {
    let start = assessment.passed_over()?;
    let could = if start > assessment.at {
        format!("at {}", explain::instant_in(start, &assessment.windows))
    } else {
        "now".to_owned()
    };
    Some(format!(
        "It could start {could}, and is left to what can start within a day of that and leads farther: nothing is drained twice."
    ))
}

/// Tells which steps of the state this apply has no need of: its plan shows them as gone.
fn shorter(assessment: &Assessment) -> Option<Diagnostic> {
    let gone = assessment.left_out();
    let detail = format!(
        "{}: what is open now leads straight to {}. These steps are not needed then, and leave the map: {}.",
        assessment.cluster.name,
        explain::each(&assessment.promise.steps),
        explain::each(&gone),
    );
    (!gone.is_empty()).then(|| Diagnostic::warning("A shorter way than the pending steps", detail))
}

/// Tells that nothing but time stands in the way, or that somebody's choice does: a stopped cluster waits for no window.
fn held_up(assessment: &Assessment, pending: &str) -> Option<Diagnostic> {
    let (name, held) = (&assessment.cluster.name, assessment.promise.held.as_ref()?);
    match held.effect() {
        Effect::Waits => {
            let summary = "Upgrade deferred to the next maintenance window";
            Some(Diagnostic::warning(summary, format!("{name}: {pending}")))
        }
        Effect::Stops => {
            let told = explain::block(held, &assessment.windows);
            Some(Diagnostic::warning("Upgrade blocked", format!("{name}: {told} Pending: {pending}")))
        }
        _ => None,
    }
}

/// Tells which window an apply waits for, or has to be started in, where the promise lies in one to come.
fn to_come(arguments: &Arguments, assessment: &Assessment) -> Option<Diagnostic> {
    let opening = assessment.promise.opening.filter(|opening| opening.start > assessment.at)?;
    let opens = explain::instant_in(opening.start, &assessment.windows);
    let then = match arguments.outside {
        OutsideWindow::Wait => format!("The apply waits for the window that opens at {opens}."),
        _ => format!("An apply before {opens} ends with an error and changes nothing."),
    };
    let detail = format!(
        "{}: {}. {then} Windows: {}.",
        assessment.cluster.name,
        explain::steps(&assessment.promise.steps),
        assessment.windows,
    );
    Some(Diagnostic::warning("Upgrade planned for the next maintenance window", detail))
}

/// Tells how many steps an apply now does and how many are left for later, where that is not all of them.
fn partly(assessment: &Assessment) -> Option<Diagnostic> {
    let (now, later) = (&assessment.promise.steps, assessment.remaining());
    if !assessment.starts() || later.is_empty() {
        return None;
    }
    let reason = match &assessment.promise.held {
        Some(held) if held.effect() == Effect::FitsNowhere => " No window holds what is left.".to_owned(),
        Some(held) => format!(" {}", explain::block(held, &assessment.windows)),
        None => String::new(),
    };
    let detail = format!(
        "{}: {} of {} steps are done now: {}. Left for later: {}.{reason}",
        assessment.cluster.name,
        now.len(),
        now.len() + later.len(),
        explain::each(now),
        explain::each(later),
    );
    Some(Diagnostic::warning("A part of the upgrade is done now", detail))
}

/// Returns how long an apply of the promise takes: the work, the soaks and, where it would wait, the wait for the window.
fn duration_of_apply(arguments: &Arguments, assessment: &Assessment) -> (SignedDuration, &'static str) {
    let steps = &assessment.promise.steps;
    let work = steps.iter().fold(SignedDuration::ZERO, |sum, step| sum.saturating_add(step.estimate));
    let pools = steps.iter().filter(|step| step.work.pool().is_some()).count();
    let pauses = i32::try_from(pools.saturating_sub(1)).unwrap_or(i32::MAX);
    let opening = assessment.promise.opening.filter(|_| arguments.outside == OutsideWindow::Wait);
    let wait = opening.map_or(SignedDuration::ZERO, |opening| {
        opening.start.duration_since(assessment.at).max(SignedDuration::ZERO)
    });
    let waiting = if wait.is_zero() { "" } else { ", waiting for the window included" };
    let soaks = assessment.promise.soak.saturating_mul(pauses);
    (work.saturating_add(soaks).saturating_add(wait), waiting)
}

fn timeout(arguments: &Arguments) -> SignedDuration {
    SignedDuration::try_from(arguments.timeouts.update).unwrap_or(SignedDuration::MAX)
}

/// Warns when what is promised is expected to outlast `timeouts.update`.
fn of_timeout(arguments: &Arguments, assessment: &Assessment) -> Option<Diagnostic> {
    let (steps, timeout) = (&assessment.promise.steps, timeout(arguments));
    let (estimate, waiting) = duration_of_apply(arguments, assessment);
    if steps.is_empty() || estimate <= timeout {
        return None;
    }
    let detail = format!(
        "{}: {} are estimated to take {}{waiting}, and timeouts.update is {}. Make it longer, for example timeouts.update = {:?}; otherwise the apply ends early with an error, and the next one goes on from there.",
        assessment.cluster.name,
        explain::steps(steps),
        duration::display(estimate),
        duration::display(timeout),
        format!("{}h", estimate.as_hours() + 1),
    );
    let path = Path::root("timeouts").attribute("update");
    Some(Diagnostic::warning("The timeout is shorter than the work", detail).at(path))
}

/// How long a job of Azure DevOps may take where nobody says otherwise (`timeoutInMinutes`, learn.microsoft.com).
const JOB_OF_AZURE_DEVOPS: SignedDuration = SignedDuration::from_mins(60);

/// Warns in a pipeline of Azure DevOps about work that outlasts its usual job: the agent would be killed in it.
#[must_use]
pub fn of_azure_devops(arguments: &Arguments, assessment: &Assessment) -> Option<Diagnostic> {
    let (steps, timeout) = (&assessment.promise.steps, timeout(arguments));
    let (estimate, waiting) = duration_of_apply(arguments, assessment);
    if steps.is_empty() || estimate.min(timeout) <= JOB_OF_AZURE_DEVOPS {
        return None;
    }
    let detail = format!(
        "{}: {} are estimated to take {}{waiting}, and a job of Azure DevOps is ended after 60 minutes unless its timeoutInMinutes says more. Set timeoutInMinutes above timeouts.update ({}), or timeouts.update below the end of the job: then the apply ends by itself, and the next one goes on from there.",
        assessment.cluster.name,
        explain::steps(steps),
        duration::display(estimate),
        duration::display(timeout),
    );
    let path = Path::root("timeouts").attribute("update");
    Some(Diagnostic::warning("The job may be shorter than the work", detail).at(path))
}

/// Names an override: what it ignores and until when, or that it has expired.
pub(super) fn of_override(arguments: &Arguments, at: Timestamp) -> Vec<Diagnostic> {
    let Some(over) = &arguments.policy.override_ else { return Vec::new() };
    let (cluster, reason) = (arguments.cluster.name(), &over.reason);
    let expires = explain::instant_in(over.expires, &arguments.windows);
    let (summary, detail) = if over.is_active(at) {
        let ignored = over.ignored().join(", ");
        let detail = format!("{cluster}: the override (\"{reason}\") ignores {ignored} until {expires}.");
        ("An override is active", detail)
    } else {
        let detail = format!(
            "{cluster}: the override (\"{reason}\") expired at {expires} and ignores nothing any more. Remove it."
        );
        ("Override expired", detail)
    };
    vec![Diagnostic::warning(summary, detail).at(Path::root("override"))]
}

/// Tells after a create that a window is open and that the next plan is the one that upgrades.
#[must_use]
pub fn of_adoption(assessment: &Assessment) -> Option<Diagnostic> {
    not_started(assessment, "Adopted, not upgraded yet", "the cluster was adopted and nothing was started")
}

/// Tells the same after an update whose plan could not say its steps.
#[must_use]
pub fn of_saving(assessment: &Assessment) -> Option<Diagnostic> {
    not_started(assessment, "Saved, not upgraded yet", "the arguments were saved and nothing was started")
}

fn not_started(assessment: &Assessment, summary: &'static str, what: &str) -> Option<Diagnostic> {
    let promised = &assessment.promise.steps;
    let opening = assessment.promise.opening.filter(|opening| opening.contains(assessment.at));
    let open = match opening.filter(|opening| opening.end < Timestamp::MAX) {
        Some(_) if is_overridden(assessment) => "An override opens it.".to_owned(),
        Some(opening) => {
            format!("A window is open until {}.", explain::instant_in(opening.end, &assessment.windows))
        }
        None => "It may be upgraded now.".to_owned(),
    };
    let part = match assessment.remaining().len() {
        0 => String::new(),
        left => format!(", {} of {} steps now", promised.len(), promised.len() + left),
    };
    let detail = format!(
        "{}: {what}. {open} Plan and apply again to upgrade it{part}: {}.",
        assessment.cluster.name,
        explain::steps(promised),
    );
    (assessment.starts() && opening.is_some()).then(|| Diagnostic::warning(summary, detail))
}

/// Tells whether an override counts at the instant of the observation, so that an opening is not a window's.
pub(super) fn is_overridden(assessment: &Assessment) -> bool {
    let exemption = assessment.windows.exemption.as_ref();
    exemption.is_some_and(|exemption| {
        assessment.at < exemption.until && (exemption.windows || exemption.blackouts)
    })
}

/// Tells that an import could not take over the window that AKS itself keeps.
#[must_use]
pub fn own_window_not_read(cluster: &ClusterId, error: &Error) -> Diagnostic {
    let detail = format!(
        "Which window AKS keeps for {cluster} could not be read: {} An import writes down Saturday 02:00 to 06:00 UTC; check the maintenance_window of the configuration.",
        errors::sentence(error)
    );
    Diagnostic::warning("The window of AKS was not read", detail).at(Path::root("maintenance_window"))
}

/// Tells that a state has never been refreshed.
#[must_use]
pub fn never_observed() -> Diagnostic {
    let detail = "Nothing that was read from Azure is kept with this state, so no step can be planned. Run the plan without -refresh=false.";
    Diagnostic::warning(NOT_OBSERVED, detail)
}

/// Tells that a plan does not act, since an argument is known only after apply.
#[must_use]
pub fn unknown_argument(cluster: &ClusterId) -> Diagnostic {
    let detail = format!(
        "{}: an argument is known only after apply, so no step is promised: this apply saves the arguments and what Azure shows, and starts nothing. Plan again for the steps.",
        cluster.name(),
    );
    Diagnostic::warning(NOT_OBSERVED, detail)
}

/// Tells that two resources of a run upgrade one cluster.
#[must_use]
pub fn second_owner(cluster: &ClusterId, resource: &str, other: &str) -> Diagnostic {
    let name = cluster.name();
    let detail = if resource == other {
        format!(
            "{name}: this run plans more than one {resource} for it. Each does its own steps, so a pool may be drained twice. Keep one of them; windows can be limited to kinds of work (applies_to) and to pools (node_pools)."
        )
    } else {
        format!(
            "{name}: this run plans an aks_upgrade_policy and an aks_node_image for it. A version step brings the latest image along, so a pool may be drained twice, by either. Keep the images with a block node_image in aks_upgrade_policy, and remove the aks_node_image."
        )
    };
    Diagnostic::warning("Two owners upgrade this cluster", detail).at(Path::root("cluster_id"))
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

/// Tells which of Azure's limits held a run back, and for how long.
#[must_use]
pub fn of_limit(HeldBack { limit, time }: HeldBack) -> Diagnostic {
    let detail = format!(
        "This run waited {} s for Azure's limit of {limit}. Every client of the subscription uses it up: runs at other times, or fewer of them at once, wait less.",
        time.as_secs()
    );
    Diagnostic::warning("Azure's limits held this run back", detail)
}

/// Warns about a machine whose clock is more than five minutes off.
#[must_use]
pub fn of_clock(skew: Option<SignedDuration>) -> Option<Diagnostic> {
    let skew = skew.filter(|skew| skew.unsigned_abs().as_secs() > 300)?;
    let direction = if skew.is_negative() { "ahead of" } else { "behind" };
    let amount = duration::display(SignedDuration::from_mins((skew.abs().as_secs() + 30) / 60));
    let detail = format!(
        "The clock of this machine is {amount} {direction} Azure's. Windows are judged by Azure's clock, so nothing is opened or closed by mistake; correct the machine's clock."
    );
    Some(Diagnostic::warning("Clock is off", detail))
}
