//! The attributes that every upgrading resource shows: status, pending steps, blocks, next window.

use jiff::Timestamp;

use crate::provider::assessment::Assessment;
use crate::provider::words::explain;
use crate::terraform::schema::{Attribute, Kind, Nesting, Type};
use crate::terraform::value::Value;
use crate::upgrade::block::{Block, Effect};
use crate::upgrade::window::interval::Interval;

/// Returns the schema of the shared computed attributes.
#[must_use]
pub fn computed_attributes() -> Vec<Attribute> {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    let blocks = vec![
        text("code", "A stable code, such as `out_of_support`."),
        text("node_pool", "The pool that it is about; null for the control plane and the whole cluster."),
        text("message", "What it means here, and what to do."),
        Attribute::computed("stops", Type::Bool, "Whether it keeps every step from starting."),
    ];
    let window = vec![
        text("start", "When it opens, or opened; null when it always was open."),
        text("end", "When it closes; null when it stays open."),
    ];
    vec![
        Attribute::computed(
            "id",
            Type::String,
            "The same as `cluster_id`: the resource has no object of its own in Azure.",
        ),
        text("status", "`up_to_date`, `pending`, `upgrading`, `blocked` or `failed`."),
        Attribute::computed(
            "steps",
            Type::Map(Box::new(Type::String)),
            "The steps between the cluster and its target, a line each, in order: `\"01 control plane\" = \"1.34.4 to 1.35.6\"`. The key is a number and the part (`control plane`, `pool NAME`, `image NAME`, `whole cluster`, `maintenance configuration NAME`, `auto-upgrade channel`, `node OS channel`), the value `FROM to TO`, with `, done` once it is done. Of node images it says what tells them apart, such as `202610.19.0 to 202611.16.0`. A plan turns the lines that its apply will do into done ones, and leaves the others.",
        ),
        Attribute::computed(
            "blocked_by",
            Kind::Nested(Nesting::List, blocks),
            "Everything that stands in the way, time aside: closed windows are `next_window`.",
        ),
        Attribute::computed(
            "next_window",
            Kind::Nested(Nesting::Single, window),
            "The opening that is open, else the next one. Null when no window is set.",
        ),
    ]
}

/// Renders the shared computed attributes, `id` and `steps` aside.
#[must_use]
pub fn computed_values(assessment: &Assessment) -> Vec<(&'static str, Value)> {
    let blocks = assessment.blocks().into_iter().filter(|block| block.effect() != Effect::Waits);
    vec![
        ("status", assessment.status().into()),
        (
            "blocked_by",
            Value::List(
                blocks.map(|block| blocked(block, explain::block(block, &assessment.windows))).collect(),
            ),
        ),
        ("next_window", window(assessment.next_window())),
    ]
}

/// Renders a reason with its sentence, as `blocked_by` lists them.
#[must_use]
pub fn blocked(block: &Block, message: String) -> Value {
    Value::object([
        ("code", block.code().into()),
        ("node_pool", block.pool().into()),
        ("message", message.into()),
        ("stops", block.stops().into()),
    ])
}

fn window(opening: Option<Interval>) -> Value {
    let Some(opening) = opening else { return Value::Null };
    let edge = |at: Timestamp, never| (at != never).then(|| at.to_string());
    let (start, end) = (edge(opening.start, Timestamp::MIN), edge(opening.end, Timestamp::MAX));
    Value::object([("start", start.into()), ("end", end.into())])
}

/// Shows a text as Azure sent it; null where it sent none, as for the image of a pool of machines.
pub fn shown(text: &str) -> Value {
    Some(text).filter(|text| !text.is_empty()).map(str::to_owned).into()
}
