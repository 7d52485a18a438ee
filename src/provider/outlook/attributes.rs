//! As values of Terraform: what `aks_upgrade_preview` shows, and `forecast --output json`.

use jiff::Timestamp;

use crate::provider::outlook::calendar::calendar;
use crate::provider::outlook::markdown::summary;
use crate::provider::outlook::{Coming, Outlook, words};
use crate::provider::resources::computed::{blocked, computed_attributes, computed_values};
use crate::terraform::schema::{Attribute, Kind, Nesting, Type};
use crate::terraform::value::Value;
use crate::upgrade::duration;
use crate::upgrade::step::Manner;
use crate::upgrade::window::interval::Interval;

/// The computed attributes of the resources that mean the same here.
const SHARED: [&str; 3] = ["status", "blocked_by", "next_window"];

/// Returns the schema.
#[must_use]
pub fn attributes() -> Vec<Attribute> {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    let window = vec![
        text("start", "When it opens; null when it always was open."),
        text("end", "When it closes; null when it stays open."),
    ];
    let steps = vec![
        text("key", "The key of its line in the resource's `steps`, such as `01 control plane`."),
        text(
            "part",
            "What it is done on: `control plane`, `pool NAME`, `image NAME`, `whole cluster`, or a setting of AKS.",
        ),
        text("node_pool", "The pool; null where it is no single one."),
        text("kind", "`minor`, `patch` or `node_image`, as in `applies_to`."),
        text("manner", "`upgrade`; `repair` of what failed; `attach` to what runs already."),
        text("from", "What runs."),
        text("to", "What will run."),
        text("estimate", "How long it takes, such as `15m`, at the upper end of what was recorded."),
        text("start", "When it can start; null when that is not before the horizon."),
        text(
            "end",
            "When it will have ended, by the estimate. May lie after its window: a running step is finished.",
        ),
        Attribute::computed(
            "window",
            Kind::Nested(Nesting::Single, window),
            "The opening that it starts in; null for a step that needs none, or has no `start`.",
        ),
    ];
    let mut attributes = vec![
        text("at", "The instant that this is seen from: `as_of`, or now by Azure's clock."),
        text("current_version", "The Kubernetes version that the control plane runs."),
        text("target_version", "The version that the arguments resolve to; null when there is none."),
        Attribute::computed(
            "steps",
            Kind::Nested(Nesting::List, steps),
            "The steps to the target, in the order in which applies will do them, laid over the openings of the windows: each as early as it can start.",
        ),
        text("summary", "All of it in Markdown, fit for a pull request."),
        text("calendar", "The steps that have a date as iCalendar, fit for a file that ends in `.ics`."),
    ];
    attributes.extend(computed_attributes().into_iter().filter(|one| SHARED.contains(&one.name.as_str())));
    attributes
}

/// Renders the values.
#[must_use]
pub fn values(outlook: &Outlook) -> Vec<(&'static str, Value)> {
    let assessment = &outlook.assessment;
    let target = assessment.plan.target.as_ref().map(ToString::to_string);
    let mut values = computed_values(assessment);
    values.retain(|(name, _)| SHARED.contains(name) && *name != "blocked_by");
    let told = outlook.blocks().into_iter().map(|told| blocked(told.block, words::reason(outlook, told)));
    values.extend([
        ("blocked_by", Value::List(told.collect())),
        ("at", outlook.at().to_string().into()),
        ("current_version", assessment.cluster.version.to_string().into()),
        ("target_version", target.into()),
        ("steps", Value::List(outlook.steps().iter().map(step).collect())),
        ("summary", summary(outlook).into()),
        ("calendar", calendar([outlook]).into()),
    ]);
    values
}

fn step(coming: &Coming<'_>) -> Value {
    let Coming { key, step, scheduled } = coming;
    let manner = match step.manner {
        Manner::Upgrade => "upgrade",
        Manner::Repair => "repair",
        Manner::Attach => "attach",
    };
    let instant = |at: Option<Timestamp>| Value::from(at.map(|at| at.to_string()));
    let window = scheduled.filter(|_| step.needs_opening()).map(|scheduled| scheduled.opening);
    Value::object([
        ("key", key.as_str().into()),
        ("part", step.work.part().into()),
        ("node_pool", step.work.pool().into()),
        ("kind", step.kind().to_string().into()),
        ("manner", manner.into()),
        ("from", step.work.from().into()),
        ("to", step.work.to().into()),
        ("estimate", duration::display(step.estimate).into()),
        ("start", instant(scheduled.map(|scheduled| scheduled.start))),
        ("end", instant(scheduled.map(|scheduled| scheduled.end))),
        ("window", window.map_or(Value::Null, opening)),
    ])
}

fn opening(opening: Interval) -> Value {
    let edge = |at: Timestamp, never| Value::from((at != never).then(|| at.to_string()));
    Value::object([
        ("start", edge(opening.start, Timestamp::MIN)),
        ("end", edge(opening.end, Timestamp::MAX)),
    ])
}
