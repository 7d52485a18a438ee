//! Why an apply ends before its promise is kept, as a sentence for the person on call.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::arm::error::Error;
use crate::arm::refusal::asks_for_the_image;
use crate::provider::apply::wait::Interrupt;
use crate::provider::arguments::Arguments;
use crate::provider::words::{errors, explain};
use crate::terraform::diagnostic::Diagnostic;
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::duration;
use crate::upgrade::promise::OutsideWindow;
use crate::upgrade::step::Step;
use crate::upgrade::task::Component;

/// Why an apply ends before its promise is kept.
#[derive(Debug)]
pub enum Stopped {
    /// The first Ctrl-C.
    Interrupted,
    /// The timeout of the resource.
    Deadline,
    /// The timeout of the resource, while another resource of this process worked on the cluster.
    Queued,
    /// The window opens only after the timeout of the resource.
    TooFar {
        /// When it opens.
        opens: Timestamp,
        /// The part that is next, when the window that is open now closes, and by how much it is too short; `None` while
        /// none is open.
        short: Option<(Component, Timestamp, SignedDuration)>,
    },
    /// The soak ends only after the timeout of the resource.
    Soaks(Timestamp),
    /// A rule.
    Refused(Block),
    /// Azure took a pool's settings and did not keep them.
    NotKept {
        /// The step that they were written for.
        step: Step,
        /// What was written, as JSON.
        wanted: String,
        /// What Azure shows, as JSON.
        shown: String,
    },
    /// Azure's answer, or the lack of one.
    Azure(Error),
    /// Azure ran the step, and it failed; in its own words.
    Failed(String),
    /// The step was cancelled, by somebody or by AKS itself; in Azure's words.
    Canceled(String),
}

impl From<Interrupt> for Stopped {
    fn from(interrupt: Interrupt) -> Self {
        match interrupt {
            Interrupt::Stopped => Stopped::Interrupted,
            Interrupt::Deadline => Stopped::Deadline,
        }
    }
}

impl Stopped {
    /// Tells whether Azure names a newer node image as the cure.
    #[must_use]
    pub fn asks_for_the_image(&self) -> bool {
        match self {
            Stopped::Azure(Error::Azure(refusal)) => refusal.asks_for_the_image(),
            Stopped::Failed(message) => asks_for_the_image(message),
            _ => false,
        }
    }
}

/// Tells whether the loop goes on after this error.
///
/// A refusal that Azure's own work explains (another operation, a change meanwhile, throttling) and an
/// outcome that nobody knows always, silence and failures of the service once something was written.
#[must_use]
pub fn is_tolerated(error: &Error, touched: bool) -> bool {
    let explained = matches!(
        error,
        Error::Ambiguous { .. } | Error::Conflict(_) | Error::Precondition(_) | Error::Throttled { .. }
    );
    explained || touched && error.is_passing()
}

/// How far an apply came: what it reports, never what it decides from.
#[derive(Debug, Default)]
pub struct Reached {
    /// Whether anything was written, or may have been.
    pub touched: bool,
    /// The step whose write was sent and whose end was not seen.
    pub running: Option<Step>,
    /// Steps that ended well.
    pub done: usize,
    /// All steps of the promise.
    pub of: usize,
    /// The step that is next.
    pub due: Option<Step>,
    /// What runs in Azure and is waited for, and for how long it has been seen.
    pub other: Option<(String, Duration)>,
    /// Azure's last refusal, or why it could not be asked.
    pub trouble: Option<String>,
}

/// Says why an apply ended: what happened, where, what was not done, and what to do next.
///
/// `image_helps` tells whether Azure offers a newer image where it asks for one, as far as is known.
#[must_use]
pub fn explain(
    stopped: &Stopped,
    reached: &Reached,
    image_helps: bool,
    arguments: &Arguments,
    timeout: Duration,
) -> Diagnostic {
    if let (Stopped::Azure(error), false) = (stopped, reached.touched)
        && !is_refused_write(error)
    {
        return explain::not_observed(&arguments.cluster, error);
    }
    let sentences = [
        what(stopped, arguments, timeout),
        waited(stopped, reached),
        place(reached, arguments),
        next(stopped, image_helps, reached, arguments).to_owned(),
    ];
    let detail = sentences.into_iter().filter(|sentence| !sentence.is_empty()).collect::<Vec<_>>().join(" ");
    Diagnostic::error(headline(stopped, reached), detail)
}

/// Returns the summary; a window that closed under a promise says how far the apply came.
fn headline(stopped: &Stopped, reached: &Reached) -> String {
    match stopped {
        Stopped::Refused(reason) if reason.effect() == Effect::Waits && reached.done > 0 => {
            format!("The window closed with {} of {} steps left", reached.of - reached.done, reached.of)
        }
        _ => summary(stopped).to_owned(),
    }
}

/// Tells whether Azure could be read and would not be written: the first step was refused for a reason of its own.
fn is_refused_write(error: &Error) -> bool {
    matches!(error, Error::Azure(refusal) if !refusal.call.starts_with("GET "))
}

fn summary(stopped: &Stopped) -> &'static str {
    match stopped {
        Stopped::Interrupted => "Upgrade interrupted",
        Stopped::Deadline | Stopped::Queued => "Upgrade not finished in time",
        Stopped::TooFar { .. } => "The window opens too late for this apply",
        Stopped::Soaks(_) => "The soak outlasts this apply",
        Stopped::Refused(reason) => explain::summary(reason),
        Stopped::NotKept { .. } => "Azure did not keep the rollout settings",
        Stopped::Azure(Error::NotFound(_)) => "Cluster or pool not found",
        Stopped::Azure(Error::Forbidden { .. }) => "Not permitted",
        Stopped::Azure(error) if error.is_sign_in() => "No credential works",
        Stopped::Azure(_) => "Azure refused, or could not be asked",
        Stopped::Failed(_) => "Upgrade step failed",
        Stopped::Canceled(_) => "Upgrade step cancelled",
    }
}

fn what(stopped: &Stopped, arguments: &Arguments, timeout: Duration) -> String {
    match stopped {
        Stopped::Interrupted => "The apply was interrupted.".to_owned(),
        Stopped::Deadline => {
            format!("The timeout of this resource, {}, ended (see timeouts).", span(timeout))
        }
        Stopped::Queued => format!(
            "Another resource of this run worked on the cluster until the timeout of this one, {}, ended (see timeouts).",
            span(timeout)
        ),
        Stopped::Soaks(until) => format!(
            "The soak after the last pool ends at {}, after the timeout of this resource, {} (see timeouts).",
            explain::instant_in(*until, &arguments.windows),
            span(timeout)
        ),
        Stopped::TooFar { opens, short } => format!(
            "{}The next window opens at {}, after the timeout of this resource, {} (see timeouts).",
            short.as_ref().map(|short| too_short(short, arguments)).unwrap_or_default(),
            explain::instant_in(*opens, &arguments.windows),
            span(timeout)
        ),
        Stopped::Refused(reason) => explain::block(reason, &arguments.windows),
        Stopped::NotKept { step, wanted, shown } => format!(
            "Azure accepted the upgrade settings {wanted} for pool {}, and shows {shown}. Something sets them back, an Azure Policy perhaps; they are not written twice.",
            step.work.pool().unwrap_or_default()
        ),
        Stopped::Azure(error) => errors::sentence(error),
        Stopped::Failed(message) if message.is_empty() => {
            "Azure ended the step as failed and gave no reason.".to_owned()
        }
        Stopped::Failed(message) => format!("Azure ended the step: {}.", message.trim_end_matches('.')),
        // Recorded for an abort by a person: "Operation is being canceled by user".
        Stopped::Canceled(message) if message.is_empty() || message.contains("by user") => {
            "Somebody cancelled the step in Azure.".to_owned()
        }
        Stopped::Canceled(message) => {
            format!("AKS ended the step as cancelled: {}.", message.trim_end_matches('.'))
        }
    }
}

/// Says that the window which is open does not hold the next step any more.
fn too_short((part, closes, by): &(Component, Timestamp, SignedDuration), arguments: &Arguments) -> String {
    format!(
        "The window that is open until {} is too short for {} by {}. ",
        explain::instant_in(*closes, &arguments.windows),
        explain::component(part),
        duration::display(*by)
    )
}

/// Says what the time went into, where that is not plain from the rest.
fn waited(stopped: &Stopped, reached: &Reached) -> String {
    if !matches!(stopped, Stopped::Deadline | Stopped::Refused(_) | Stopped::Interrupted) {
        return String::new();
    }
    let other = reached.other.as_ref().map(|(operation, seen)| {
        format!("An operation runs in Azure ({operation}, seen for {}).", span(*seen))
    });
    let trouble = reached.trouble.as_ref().map(|trouble| format!("The last error from Azure was: {trouble}"));
    [other, trouble].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn place(reached: &Reached, arguments: &Arguments) -> String {
    let Reached { done, of, .. } = reached;
    let cluster = &arguments.cluster;
    match (&reached.running, &reached.due) {
        (Some(step), _) => {
            format!("It was step {} of {of} on {cluster}: {}.", done + 1, explain::step(step))
        }
        (None, _) if !reached.touched => format!("Nothing was changed on {cluster}."),
        (None, Some(due)) => format!(
            "{done} of {of} steps were done on {cluster}; the next one, {}, was not started.",
            explain::step(due)
        ),
        (None, None) => format!("{done} of {of} steps were done on {cluster}."),
    }
}

fn next(stopped: &Stopped, image_helps: bool, reached: &Reached, arguments: &Arguments) -> &'static str {
    match stopped {
        stopped if stopped.asks_for_the_image() && !image_helps => {
            "No further step was started. Azure asks for a newer node image and offers none: every pool that it may mean runs the latest. Apply again when a newer one is out, or ask Azure's support."
        }
        stopped if stopped.asks_for_the_image() && arguments.policy.executor.is_aks() => {
            "No further step was started. Only a newer node image helps: upgrade those of the pools (az aks nodepool upgrade --node-image-only), and apply again."
        }
        stopped if stopped.asks_for_the_image() => {
            "No further step was started. Only a newer node image helps: the next plan begins with it, so plan and apply again."
        }
        Stopped::Interrupted | Stopped::Deadline if reached.running.is_some() => {
            "What runs in Azure goes on; no further step was started. Apply again: it attaches to what runs and goes on from there."
        }
        Stopped::Interrupted | Stopped::Deadline => "Apply again when you want to go on.",
        Stopped::Queued => "Raise timeouts so that they cover the work of both, or apply again.",
        Stopped::Soaks(_) => {
            "Raise timeouts, or shorten rollout.soak. The next apply waits for the rest of it."
        }
        Stopped::TooFar { .. } => {
            "Raise timeouts, apply closer to the window, or set outside_window = \"defer\"."
        }
        Stopped::NotKept { .. } => "Leave max_surge and drain_timeout out, or find out what sets them back.",
        Stopped::Refused(_) if reached.touched => "Plan again for what is left.",
        Stopped::Refused(block)
            if block.effect() == Effect::Waits && arguments.outside == OutsideWindow::Fail =>
        {
            "A saved plan is used up by an apply, this one too: plan again, let it be approved again, and apply inside the window."
        }
        Stopped::Refused(block) if block.effect() == Effect::Waits => {
            "Plan and apply inside the window, or set outside_window = \"wait\"."
        }
        Stopped::Refused(_) => "Plan again.",
        Stopped::Azure(_) if reached.running.is_some() => {
            "What runs in Azure goes on; no further step was started. Apply again once the cause is gone: it attaches to what runs."
        }
        Stopped::Azure(_) => "No further step was started. Apply again once the cause is gone.",
        Stopped::Failed(_) | Stopped::Canceled(_) => {
            "No further step was started. Remove the cause; the next plan shows what is left, a repair included."
        }
    }
}

/// Writes a duration in whole seconds or minutes, e.g. `2h10m`.
#[must_use]
pub fn span(time: Duration) -> String {
    let seconds = if time.as_secs() < 120 { time.as_secs() } else { time.as_secs() / 60 * 60 };
    duration::display(SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
}
