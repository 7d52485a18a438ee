//! `/simulator`: what a test or a person can ask of the simulator itself.
//!
//! ```text
//! GET  /simulator/requests   the log: every request that was served
//! GET  /simulator/clock      {"now": …, "speed": …}
//! POST /simulator/clock      {"now": "2026-11-28T02:00:00Z"} | {"advance": "2h"} | {"speed": 60}
//! POST /simulator/faults     one fault or a list, as in a scenario; [] forgets the script
//! POST /simulator/outcomes   one outcome or a list, as in a scenario
//! GET  /simulator/world      a snapshot
//! POST /simulator/world      puts a snapshot back
//! POST /simulator/clusters   {"method", "path", "body"}: somebody else asks, for example upgrades a pool;
//!                            the answer is Azure's, and the log does not hold the request
//! ```

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::simulator::faults::Fault;
use crate::simulator::outcome::Outcome;
use crate::simulator::scenario::{check_speed, judge_faults, judge_outcomes};
use crate::simulator::server::{Shared, Stage, lock, refuse};
use crate::simulator::world::later;

/// A move of the clock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Move {
    Now(Timestamp),
    Advance(SignedDuration),
    Speed(f64),
}

/// What somebody else asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    method: String,
    path: String,
    #[serde(default)]
    body: Value,
}

/// Answers a request under `/simulator`.
pub(super) fn answer(stage: &Shared, parts: &Parts, body: &Bytes) -> Response {
    let mut stage = lock(stage);
    let answer = match (parts.method.as_str(), parts.uri.path().trim_end_matches('/')) {
        ("GET", "/simulator/requests") => Ok(json!(stage.world.request_log())),
        ("GET", "/simulator/clock") => Ok(now(&stage)),
        ("POST", "/simulator/clock") => read(body).and_then(|step| move_clock(&mut stage, step)),
        ("POST", "/simulator/faults") => few(body).and_then(|faults| script(&mut stage, faults)),
        ("POST", "/simulator/outcomes") => few(body).and_then(|outcomes| expect(&mut stage, outcomes)),
        ("GET", "/simulator/world") => snapshot(&stage),
        ("POST", "/simulator/world") => {
            stage.restore(body).map(|()| json!({})).map_err(|error| error.to_string())
        }
        ("POST", "/simulator/clusters") => read(body).and_then(|foreign| ask(&mut stage, foreign)),
        (method, path) => return refuse(404, &format!("The simulator has no {method} {path}.")),
    };
    match answer {
        Ok(value) => Response::new(Body::from(value.to_string())),
        Err(why) => refuse(400, &why),
    }
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("The body is not what is expected here: {error}."))
}

/// Reads one, or a list.
fn few<T: DeserializeOwned>(body: &Bytes) -> Result<Vec<T>, String> {
    let list = match read(body)? {
        Value::Array(list) => list,
        one => vec![one],
    };
    let item = |value| {
        serde_json::from_value(value)
            .map_err(|error| format!("The body is not what is expected here: {error}."))
    };
    list.into_iter().map(item).collect()
}

fn now(stage: &Stage) -> Value {
    json!({ "now": stage.clock.now(), "speed": stage.clock.speed() })
}

fn move_clock(stage: &mut Stage, step: Move) -> Result<Value, String> {
    match step {
        Move::Now(at) => stage.clock.go_to(at)?,
        // A clock that runs has moved on before it is read again.
        Move::Advance(by) if !by.is_negative() => stage.clock.advance(by),
        Move::Advance(by) => stage.clock.go_to(later(stage.clock.now(), by))?,
        Move::Speed(speed) => stage.clock.set_speed(check_speed(speed)?),
    }
    stage.catch_up();
    Ok(now(stage))
}

fn script(stage: &mut Stage, faults: Vec<Fault>) -> Result<Value, String> {
    judge_faults(&faults)?;
    if faults.is_empty() {
        stage.world.faults().clear();
    }
    faults.into_iter().for_each(|fault| stage.world.faults().add(fault));
    stage.keep();
    Ok(json!({}))
}

fn expect(stage: &mut Stage, outcomes: Vec<Outcome>) -> Result<Value, String> {
    judge_outcomes(&outcomes, &stage.world.pools_by_cluster())?;
    outcomes.into_iter().for_each(|outcome| stage.world.expect(outcome));
    stage.keep();
    Ok(json!({}))
}

fn snapshot(stage: &Stage) -> Result<Value, String> {
    let text = stage.snapshot().map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

fn ask(stage: &mut Stage, foreign: Foreign) -> Result<Value, String> {
    let Foreign { method, path, body } = foreign;
    let at = stage.clock.now();
    let response = stage.world.ask_as_somebody_else(&method, &path, &body, at)?;
    stage.keep();
    Ok(response)
}
