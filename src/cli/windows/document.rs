//! Openings and schedules as JSON; `docs/guides/command-line.md` promises the shape.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::windows::cron::{Line, Schedule};
use crate::cli::windows::openings::{Ahead, Closed, Limit, Opening};
use crate::cli::windows::policies::Policy;
use crate::cli::windows::view::{closed, part};
use crate::upgrade::window::interval::Interval;
use crate::upgrade::window::zone;

/// Returns what is true of a policy before anything is asked.
fn policy(policy: &Policy) -> Value {
    let windows = &policy.calendar.windows;
    json!({
        "address": policy.address,
        "windows": windows.windows.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "blackouts": windows.blackouts.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Returns a policy with its openings.
#[must_use]
pub fn openings(of: &Policy, ahead: &Ahead) -> Value {
    let mut document = policy(of);
    document["openings"] = ahead.openings.iter().map(opening).collect();
    document["denied"] = ahead.denied.iter().map(opening).collect();
    document
}

fn opening(opening: &Opening) -> Value {
    let Interval { start, end } = opening.interval;
    let local = |at: Timestamp| {
        let is_known = at != Timestamp::MIN && at != Timestamp::MAX;
        is_known.then(|| at.to_zoned(opening.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    };
    json!({
        "start": instant(start),
        "end": instant(end),
        "local_start": local(start),
        "local_end": local(end),
        "time_zone": zone::display(&opening.zone),
        "limits": opening.limits.iter().map(limit).collect::<Vec<_>>(),
        "closed_by": opening.closed_by.as_ref().map(closing),
    })
}

/// Returns an instant; null for the ends of time.
fn instant(at: Timestamp) -> Option<String> {
    (at != Timestamp::MIN && at != Timestamp::MAX).then(|| at.to_string())
}

fn limit(limit: &Limit) -> Value {
    json!({
        "applies_to": limit.kinds.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "parts": limit.parts.iter().map(part).collect::<Vec<_>>(),
    })
}

fn closing(by: &Closed) -> Value {
    let (kind, reason) = match by {
        Closed::Blackout(blackout) => ("blackout", blackout.spec().reason.as_deref()),
        Closed::Override(reason) => ("override", Some(reason.as_str())),
    };
    json!({ "kind": kind, "reason": reason, "description": closed(by) })
}

/// Returns a policy with the schedule that hits its openings.
#[must_use]
pub fn schedule(of: &Policy, schedule: &Schedule) -> Value {
    let line = |line: &Line| {
        let offsets =
            line.offsets.iter().map(|(zone, offset)| json!({ "time_zone": zone, "offset": offset }));
        json!({ "cron": line.cron.to_string(), "while": offsets.collect::<Vec<_>>() })
    };
    let missed =
        |Interval { start, end }: &Interval| json!({ "start": instant(*start), "end": instant(*end) });
    let mut document = policy(of);
    document["crons"] = schedule.lines.iter().map(line).collect();
    document["inexact"] = schedule.inexact.iter().map(ToString::to_string).collect();
    document["missed"] = schedule.missed.iter().map(missed).collect();
    document
}
