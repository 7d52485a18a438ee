//! The report as a table, as Markdown and as JSON.

use serde_json::{Map, Value as Json, json};

use crate::cli::forecast::report::{Found, Report, sentence};
use crate::cli::table::{HEAD, NOTE, Row, lines};
use crate::provider::outlook::table::plain;
use crate::provider::outlook::{Coming, Outlook, attributes, markdown as of_one, words};
use crate::terraform::value::Value;
use crate::upgrade::duration;

/// Sets a headline for each cluster, its steps with their times, and what stands in the way.
#[must_use]
pub fn table(report: &Report) -> String {
    report.found.iter().map(of_cluster).collect::<Vec<_>>().join("\n")
}

fn of_cluster(found: &Found) -> String {
    let outlook = match &found.outlook {
        Ok(outlook) => outlook,
        Err(_) => return format!("{}: nothing is known, see the error\n", found.name),
    };
    let mut text = format!("{HEAD}{}{HEAD:#}\n", words::headline(outlook));
    let steps = outlook.steps();
    if !steps.is_empty() {
        let rows = steps.iter().map(|coming| Row::new(row(outlook, coming))).collect();
        let table = lines(&["START", "STEP", "FROM", "TO", "ABOUT"], rows);
        text += &table.iter().map(|line| format!("  {line}\n")).collect::<String>();
    }
    for told in outlook.blocks() {
        let (code, sentence) = (told.block.code(), words::reason(outlook, told));
        text += &format!("  {NOTE}{code}{NOTE:#}: {sentence}\n");
    }
    text
}

fn row(outlook: &Outlook, coming: &Coming<'_>) -> [String; 5] {
    let work = &coming.step.work;
    let start = words::start(outlook, coming).unwrap_or_else(|| "-".to_owned());
    [start, work.part(), work.from(), work.to(), duration::display(coming.step.estimate)]
}

/// Writes the Markdown of one cluster after the other; of many, a line for each comes first.
#[must_use]
pub fn markdown(report: &Report) -> String {
    let mut parts = Vec::new();
    if report.found.len() > 1 {
        let line = |found: &Found| match &found.outlook {
            Ok(outlook) => format!("- {}\n", plain(&words::headline(outlook))),
            Err(_) => format!("- {}: nothing is known\n", plain(&found.name)),
        };
        parts.push(report.found.iter().map(line).collect());
    }
    parts.extend(report.found.iter().map(|found| match &found.outlook {
        Ok(outlook) => of_one::summary(outlook),
        Err(why) => format!("### {}\n\n{}\n", plain(&found.name), plain(&sentence(&found.name, why))),
    }));
    parts.join("\n")
}

/// Writes a list with an object for each cluster: the attributes of `aks_upgrade_preview`, and `error`. All have the same
/// keys: of one that cannot be read the lists are empty, and all else is null.
///
/// # Errors
///
/// Never: the values come from memory.
pub fn json(report: &Report) -> serde_json::Result<String> {
    let list: Vec<Json> = report.found.iter().map(object).collect();
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

fn object(found: &Found) -> Json {
    let mut object = json!({ "name": found.name, "cluster_id": found.cluster, "error": null });
    match &found.outlook {
        Ok(outlook) => {
            for (name, value) in attributes::values(outlook) {
                object[name] = plain_json(&value);
            }
        }
        Err(why) => {
            for attribute in attributes::attributes() {
                let is_list = ["steps", "blocked_by"].contains(&attribute.name.as_str());
                object[attribute.name] = if is_list { json!([]) } else { Json::Null };
            }
            object["error"] = sentence(&found.name, why).into();
        }
    }
    object
}

/// Returns a known value as JSON.
fn plain_json(value: &Value) -> Json {
    match value.inner() {
        Value::Bool(flag) => (*flag).into(),
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => serde_json::from_str(&number.to_string()).unwrap_or(Json::Null),
        Value::List(items) => items.iter().map(plain_json).collect(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(name, value)| (name.clone(), plain_json(value)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
        Value::Null | Value::Unknown(_) | Value::Dynamic(..) => Json::Null,
    }
}
