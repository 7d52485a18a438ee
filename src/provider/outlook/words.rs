//! In a line: what is to come, and each step with its time.

use jiff::Timestamp;

use crate::provider::outlook::{Coming, Outlook};
use crate::provider::words::explain::{self, instant_in, span_in, zone_of};
use crate::upgrade::block::Block;
use crate::upgrade::forecast::Scheduled;
use crate::upgrade::step::{Manner, Step};

/// Says what is to come: `prod: 3 steps to 1.35.6, done by about Sat 2026-11-28 02:40 Europe/Berlin`.
#[must_use]
pub fn headline(outlook: &Outlook) -> String {
    let windows = &outlook.assessment.windows;
    format!("{}: {}", outlook.assessment.cluster.name, what(outlook, |at| instant_in(at, windows)))
}

/// Says the same in few letters, where name, year and zone stand beside it: `3 steps to 1.35.6, done by about Sat 28 Nov 02:40`.
#[must_use]
pub fn brief(outlook: &Outlook) -> String {
    let zone = zone_of(&outlook.assessment.windows);
    what(outlook, |at| at.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M").to_string())
}

fn what(outlook: &Outlook, instant: impl Fn(Timestamp) -> String) -> String {
    let Outlook { assessment, forecast, until, .. } = outlook;
    let all = forecast.scheduled.len() + forecast.left.len();
    let is_blocked = assessment.status() == "blocked" || forecast.held.is_some();
    if all == 0 {
        let version = &assessment.cluster.version;
        return match is_blocked {
            true => format!("blocked at {version}"),
            false => format!("nothing to do, {version} runs"),
        };
    }
    let to = forecast.target.as_ref().map(|target| format!(" to {target}")).unwrap_or_default();
    let plural = if all == 1 { "" } else { "s" };
    let when = match (forecast.scheduled.last(), forecast.left.len()) {
        (Some(last), 0) if forecast.held.is_some() => {
            format!("done by about {}, then blocked", instant(last.end))
        }
        (Some(last), 0) => format!("done by about {}", instant(last.end)),
        (_, left) if forecast.held.is_some() && left == all => "blocked".to_owned(),
        (_, left) if forecast.held.is_some() => format!("{left} of them blocked"),
        (_, left) if left == all => format!("none before {}", instant(*until)),
        (_, left) => format!("{left} of them after {}", instant(*until)),
    };
    format!("{all} step{plural}{to}, {when}")
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
    format!("{}: {}, {when}", outlook.assessment.cluster.name, step(&scheduled.step))
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

/// Says what stands in the way, after its code: `excluded_version: 1.35.6 is excluded.`.
#[must_use]
pub fn block(outlook: &Outlook, block: &Block) -> String {
    format!("{}: {}", block.code(), explain::block(block, &outlook.assessment.windows))
}
