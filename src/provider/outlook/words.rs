//! In a line: what is to come, and each step with its time.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::provider::outlook::{Coming, Outlook, Told};
use crate::provider::words::explain::{self, instant_in, span_in};
use crate::upgrade::forecast::Scheduled;
use crate::upgrade::step::{Manner, Step};

/// Says what is to come: `prod: 3 steps to 1.35.6, done by about Sat 2026-11-28 02:40 Europe/Berlin`.
#[must_use]
pub fn headline(outlook: &Outlook) -> String {
    let windows = &outlook.assessment.windows;
    let What { steps, when, then } = what(outlook, |at| instant_in(at, windows));
    let parts: Vec<String> = Some(steps).into_iter().chain(when).chain(then.map(str::to_owned)).collect();
    format!("{}: {}", outlook.name, parts.join(", "))
}

/// Says the same in few letters, where name, year and zone stand beside it: `3 steps to 1.35.6, done by about Sat 28 Nov 02:40`.
/// That it is blocked comes before the time: the end is what a narrow place cuts.
#[must_use]
pub fn brief(outlook: &Outlook, zone: &TimeZone) -> String {
    let instant = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M").to_string();
    let What { steps, when, then } = what(outlook, instant);
    let parts: Vec<String> = Some(steps).into_iter().chain(then.map(str::to_owned)).chain(when).collect();
    parts.join(", ")
}

/// What is to come, when it is done or not done, and what is then.
struct What {
    steps: String,
    when: Option<String>,
    then: Option<&'static str>,
}

fn what(outlook: &Outlook, instant: impl Fn(Timestamp) -> String) -> What {
    let Outlook { assessment, forecast, until, .. } = outlook;
    let (dated, left, is_held) = (forecast.scheduled.len(), forecast.left.len(), !forecast.held.is_empty());
    let all = dated + left;
    if all == 0 {
        let version = &assessment.cluster.version;
        let steps = match is_held || assessment.status() == "blocked" {
            true => format!("blocked at {version}"),
            false => format!("nothing to do, {version} runs"),
        };
        return What { steps, when: None, then: None };
    }
    let to = forecast.reaches().map(|version| format!(" to {version}")).unwrap_or_default();
    let plural = if all == 1 { "" } else { "s" };
    let of = if is_held && dated > 0 && left > 0 { format!("{dated} of ") } else { String::new() };
    let steps = format!("{of}{all} step{plural}{to}");
    let done = forecast.scheduled.last().map(|last| format!("done by about {}", instant(last.end)));
    match done {
        Some(_) if is_held => What { steps, when: done, then: Some("then blocked") },
        Some(_) if left == 0 => What { steps, when: done, then: None },
        None if is_held => What { steps, when: None, then: Some("blocked") },
        None => What { steps, when: Some(format!("none before {}", instant(*until))), then: None },
        Some(_) => {
            What { steps, when: Some(format!("{left} of them after {}", instant(*until))), then: None }
        }
    }
}

/// Says a step: `control plane 1.34.4 to 1.35.6`.
#[must_use]
pub fn step(step: &Step) -> String {
    let (part, from, to) = (step.work.part(), step.work.from(), step.work.to());
    match step.manner {
        Manner::Upgrade => format!("{part} {from} to {to}"),
        Manner::Repair => format!("{part} {to}, a repair"),
        Manner::Attach => format!("{part} {to}, which runs"),
    }
}

/// Says a step with its time:
/// `prod: control plane 1.34.4 to 1.35.6, Sat 2026-11-28 02:00 to about 02:10 Europe/Berlin`.
#[must_use]
pub fn sentence(outlook: &Outlook, scheduled: &Scheduled) -> String {
    let when = span_in(scheduled.start, scheduled.end, &outlook.assessment.windows);
    format!("{}: {}, {when}", outlook.name, step(&scheduled.step))
}

/// Says when a step starts, or that it runs; `None` when it does not start before the horizon.
#[must_use]
pub fn start(outlook: &Outlook, coming: &Coming<'_>) -> Option<String> {
    let scheduled = coming.scheduled?;
    Some(match coming.step.manner {
        Manner::Attach => "runs".to_owned(),
        _ => instant_in(scheduled.start, &outlook.assessment.windows),
    })
}

/// Says what stands in the way, and from when on: `From Tue 2026-12-01 00:00 UTC on: 1.34.9 is out of support, …`.
#[must_use]
pub fn reason(outlook: &Outlook, told: Told<'_>) -> String {
    let windows = &outlook.assessment.windows;
    let sentence = explain::block(told.block, windows);
    match told.since {
        Some(since) => format!("From {} on: {sentence}", instant_in(since, windows)),
        None => sentence,
    }
}

/// Says the same after its code: `excluded_version: 1.35.6 is excluded.`.
#[must_use]
pub fn block(outlook: &Outlook, told: Told<'_>) -> String {
    format!("{}: {}", told.block.code(), reason(outlook, told))
}
