//! When something may start: windows less blackouts, asked without a cloud.

use std::slice;

use jiff::Timestamp;

use crate::provider::arguments::calendar::{given_blackouts, given_windows};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::function::{Function, FunctionError, Parameter, Signature};
use crate::terraform::schema::Type;
use crate::terraform::value::Value;
use crate::upgrade::kind::Kind;
use crate::upgrade::task::Task;
use crate::upgrade::window::Windows;
use crate::upgrade::window::interval::Interval;

/// The most openings that are told at once: nineteen years of weeks.
const MOST: i64 = 1000;

/// `next_windows(windows, blackouts, after, count)`: the openings to come.
pub struct NextWindows;

/// `in_window(windows, blackouts, at)`: whether anything may start at an instant.
pub struct InWindow;

impl Function for NextWindows {
    fn name(&self) -> &'static str {
        "next_windows"
    }

    fn signature(&self) -> Signature {
        let opening = Type::Object(vec![("start".into(), Type::String), ("end".into(), Type::String)]);
        let [windows, blackouts] = rules();
        Signature {
            summary: "Returns the next openings of maintenance windows.".into(),
            description: "Returns the openings that contain `after` or follow it, in order, each with `start` and \
                          `end` in UTC, null for an opening that always was open or never closes: windows that overlap or touch are one opening, and blackouts are cut out. \
                          An opening is one in which anything may start; limits by `applies_to` and `node_pools` \
                          are not told apart. Fewer than `count` where the windows never open again."
                .into(),
            parameters: vec![
                windows,
                blackouts,
                Parameter::new("after", Type::String, "An instant, such as `2026-11-28T02:00:00Z` or `plantimestamp()`."),
                Parameter::new("count", Type::Number, "How many openings, from 1 to 1000."),
            ],
            variadic: None,
            returns: Type::List(Box::new(opening)),
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let windows = read(&arguments)?;
        let after = instant(&arguments, 2)?;
        let count = arguments.get(3).and_then(Value::as_i64).filter(|count| (1..=MOST).contains(count));
        let count = count.and_then(|count| usize::try_from(count).ok()).ok_or_else(|| {
            FunctionError::at(3, format!("The number of openings has to be a whole number from 1 to {MOST}."))
        })?;
        let tasks = windows.tasks(&Kind::ALL);
        let first = union(&windows, &tasks, after);
        let openings = std::iter::successors(first, |last| union(&windows, &tasks, last.end));
        Ok(openings.take(count).map(opening).collect::<Vec<_>>().into())
    }
}

impl Function for InWindow {
    fn name(&self) -> &'static str {
        "in_window"
    }

    fn signature(&self) -> Signature {
        let [windows, blackouts] = rules();
        Signature {
            summary: "Tells whether maintenance windows are open at an instant.".into(),
            description:
                "Returns true where anything may start at that instant: a window is open, and no blackout \
                          denies it. A window is closed at the very instant at which it ends."
                    .into(),
            parameters: vec![
                windows,
                blackouts,
                Parameter::new(
                    "at",
                    Type::String,
                    "An instant, such as `2026-11-28T02:00:00Z` or `plantimestamp()`.",
                ),
            ],
            variadic: None,
            returns: Type::Bool,
        }
    }

    fn call(&self, arguments: Vec<Value>) -> Result<Value, FunctionError> {
        let windows = read(&arguments)?;
        let at = instant(&arguments, 2)?;
        Ok(windows.is_open_to_any(at).into())
    }
}

fn rules() -> [Parameter; 2] {
    let windows = "A list of objects as `maintenance_window` takes them, such as `aks_upgrade_policy.prod.maintenance_window`.";
    let blackouts = "A list of objects as `blackout` takes them; `[]` for none.";
    [Parameter::new("windows", Type::Dynamic, windows), Parameter::new("blackouts", Type::Dynamic, blackouts)]
}

/// Reads the first two arguments as the blocks of a policy are read.
fn read(arguments: &[Value]) -> Result<Windows, FunctionError> {
    let given = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
    let windows = given_windows(given(0)).map_err(|found| refused(0, &found))?;
    if windows.is_empty() {
        return Err(FunctionError::at(0, "There is no window, so nothing says when work may start."));
    }
    let blackouts = given_blackouts(given(1)).map_err(|found| refused(1, &found))?;
    Ok(Windows { windows, blackouts, ..Windows::default() })
}

fn refused(index: usize, found: &[Diagnostic]) -> FunctionError {
    FunctionError::of(index, found).unwrap_or_else(|| FunctionError::at(index, "It cannot be read."))
}

fn instant(arguments: &[Value], index: usize) -> Result<Timestamp, FunctionError> {
    let text = arguments.get(index).and_then(Value::as_str).unwrap_or_default();
    text.parse().map_err(|_| {
        FunctionError::at(index, format!("{text:?} is not an instant; write it as \"2026-11-28T02:00:00Z\"."))
    })
}

/// Returns the opening of anything that contains an instant or follows it.
fn union(windows: &Windows, tasks: &[Task], at: Timestamp) -> Option<Interval> {
    let openings = |at| tasks.iter().filter_map(move |task| windows.opening(slice::from_ref(task), at));
    let first = openings(at).min_by_key(|opening| opening.start)?;
    let mut end = first.end;
    while let Some(longest) = openings(end).filter(|next| next.start <= end).map(|next| next.end).max() {
        if longest <= end {
            break;
        }
        end = longest;
    }
    Some(Interval { end, ..first })
}

fn opening(opening: Interval) -> Value {
    let edge = |at: Timestamp, never| Value::from((at != never).then(|| at.to_string()));
    Value::object([
        ("start", edge(opening.start, Timestamp::MIN)),
        ("end", edge(opening.end, Timestamp::MAX)),
    ])
}
