//! What is told with the plan of a create, which knows nothing: what is there to do, or why that cannot be said.

use jiff::Timestamp;

use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::provider::arguments::Arguments;
use crate::provider::assessment::Assessment;
use crate::provider::steps::Steps;
use crate::provider::words::{errors, explain, support, warnings};
use crate::terraform::diagnostic::{Diagnostic, Path};
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::duration;

/// Tells what a create finds: the steps, a line each, and the first window. What needs a person has summaries of
/// its own.
#[must_use]
pub fn of_create(arguments: &Arguments, assessment: &Assessment) -> Vec<Diagnostic> {
    let mut told = warnings::of_override(arguments, assessment.at);
    told.push(Diagnostic::warning("Upgrade preview", preview(arguments, assessment)));
    told.extend(warnings::stuck(assessment));
    told.extend(warnings::nameless(assessment));
    told.extend(support::leaves_support(arguments, assessment));
    told
}

/// Says what a create finds, for the reader of its plan: it adopts, and the next plan is the promise.
fn preview(arguments: &Arguments, assessment: &Assessment) -> String {
    let mut paragraphs = vec![headline(arguments, assessment)];
    let lines = Steps::default().refreshed(&assessment.lines());
    let lines = lines.lines().zip(assessment.way());
    paragraphs.extend(lines.map(|((key, text), step)| {
        // Terraform leaves lines alone that begin with a space.
        format!("  {key}: {text}, about {}", duration::display(step.estimate))
    }));
    paragraphs.push(window(arguments, assessment));
    let told_apart = |block: &&Block| {
        block.is_another_owner()
            || block.concerns()
            || matches!(block, Block::PoolGone { .. } | Block::FailedState { .. })
            || matches!(block.effect(), Effect::Waits | Effect::FitsNowhere)
    };
    let hindrances: Vec<&Block> = assessment.hindrances().collect();
    let blocks =
        assessment.blocks().into_iter().filter(|block| !told_apart(block) && !hindrances.contains(block));
    let sentences: Vec<String> = blocks.map(|block| explain::block(block, &arguments.windows)).collect();
    paragraphs.extend((!sentences.is_empty()).then(|| sentences.join(" ")));
    paragraphs.extend(support::leaves_in_time(assessment));
    paragraphs.join("\n")
}

fn headline(arguments: &Arguments, assessment: &Assessment) -> String {
    let (name, steps) = (&assessment.cluster.name, assessment.way().len());
    let pending = match steps {
        0 if assessment.hindrances().next().is_some() => return format!("{name}: the upgrade is blocked."),
        0 if arguments.policy.executor.is_aks() => {
            return format!(
                "{name}: channel and maintenance window are as they should be; AKS upgrades by itself."
            );
        }
        0 => return format!("{name}: nothing to do."),
        1 => "1 step is pending".to_owned(),
        all => format!("{all} steps are pending"),
    };
    match assessment.quiet_settings().map_or(0, |quiet| quiet.steps.len()) {
        0 if assessment.is_shut_out() => {
            format!("{name}: {pending}, and no window ever holds the first one. This create starts nothing.")
        }
        0 if steps == 1 => {
            format!("{name}: {pending}. This create starts nothing; the next plan promises it.")
        }
        0 => format!("{name}: {pending}. This create starts nothing; the next plan promises them."),
        quiet if quiet == steps => {
            format!(
                "{name}: {pending}. This create writes what disrupts nothing, which is all of it; AKS then upgrades by itself."
            )
        }
        quiet => format!(
            "{name}: {pending}. This create writes what disrupts nothing, the first {quiet}; the next plan promises the rest."
        ),
    }
}

/// Says the windows in words, and the opening that is open or comes first.
fn window(arguments: &Arguments, assessment: &Assessment) -> String {
    let at = |instant| explain::instant_in(instant, &arguments.windows);
    let first = match assessment.next_window().filter(|opening| opening.end < Timestamp::MAX) {
        Some(open) if open.contains(assessment.at) && warnings::is_overridden(assessment) => {
            format!(" An override opens it until {}.", at(open.end))
        }
        Some(open) if open.contains(assessment.at) => format!(" A window is open until {}.", at(open.end)),
        Some(next) => format!(" The first window is from {} to {}.", at(next.start), at(next.end)),
        None => String::new(),
    };
    format!("Windows: {}.{first}", arguments.windows)
}

/// Tells why a create has no preview.
///
/// A cluster that cannot be read (yet) never fails the plan; a sign-in or an endpoint that fails does, for nothing
/// can come of the apply then. `is_silent` says that Azure has answered nothing at all.
#[must_use]
pub fn missing(cluster: &ClusterId, error: &Error, is_silent: bool) -> Diagnostic {
    let cause = explain::cause(error);
    if error.is_sign_in() || is_nobody(cause, is_silent) {
        return explain::not_observed(cluster, error);
    }
    let what = match cause {
        Error::NotFound(_) => NOT_KNOWN,
        Error::Azure(refusal) if refusal.status == 404 => NOT_KNOWN,
        Error::Forbidden(_) => (
            "Not permitted to read the cluster",
            "Grant the role, unless this run does; the apply will need it.",
        ),
        _ => ("No upgrade preview", "The plan does not depend on it; the apply will need it."),
    };
    let (summary, advice) = what;
    let detail =
        format!("What there is to do on {cluster} cannot be said: {}\n{advice}", errors::sentence(error));
    Diagnostic::warning(summary, detail).at(Path::root("cluster_id"))
}

/// Tells that there is no preview while the provider block is not known.
#[must_use]
pub fn not_configured(cluster: &ClusterId, reason: &Diagnostic) -> Diagnostic {
    let detail = format!("What there is to do on {cluster} cannot be said: {}", reason.detail);
    Diagnostic::warning("No upgrade preview", detail)
}

/// The summary and the advice about a cluster that Azure does not know.
const NOT_KNOWN: (&str, &str) = (
    "Azure does not know this cluster",
    "Check cluster_id, unless this run creates the cluster; the apply will need it.",
);

/// Tells whether whoever was asked is not Azure, or nobody. What Azure has answered before, it is a passing fault of.
fn is_nobody(cause: &Error, is_silent: bool) -> bool {
    match cause {
        Error::Unreachable { .. } => is_silent,
        Error::Malformed { .. } => is_silent && explain::is_wrong_place(cause),
        Error::Azure(refusal) if refusal.is_redirect() => true,
        cause => explain::is_wrong_place(cause),
    }
}
