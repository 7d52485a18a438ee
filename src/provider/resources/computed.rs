//! The attributes that every upgrading resource shows: status, pending steps, blocks, next window.

use jiff::Timestamp;

use crate::provider::assessment::Assessment;
use crate::provider::words::explain;
use crate::terraform::schema::{Attribute, Kind, Nesting, Type};
use crate::terraform::value::Value;
use crate::upgrade::block::Block;
use crate::upgrade::duration;
use crate::upgrade::step::{Component, Manner, Step};
use crate::upgrade::window::interval::Interval;

/// Returns the schema of the shared computed attributes.
#[must_use]
pub fn computed_attributes() -> Vec<Attribute> {
    let text = |name, description| Attribute::computed(name, Type::String, description);
    let steps = vec![
        text(
            "component",
            "`control_plane`, `node_pool`, or `cluster` for everything at once; with `executor = \"aks\"` `maintenance_configuration`, `auto_upgrade_channel` or `node_os_channel`.",
        ),
        text("node_pool", "The pool; null for the control plane."),
        text("from", "What runs, or what Azure holds."),
        text("to", "What will run, or what Azure will hold."),
        text(
            "kind",
            "`minor`, `patch`, `node_image`, `repair` where earlier work failed, `running` where only its end is waited for, or `setting`.",
        ),
        text("estimated_duration", "How long it will take, such as `15m`."),
    ];
    let blocks = vec![
        text("code", "A stable code, such as `window_closed`."),
        text("message", "What it means here, and what to do."),
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
            "pending_steps",
            Kind::Nested(Nesting::List, steps),
            "The steps between the cluster and its target, as last observed, in order. With `executor = \"aks\"`: what is to be written so that AKS upgrades by itself.",
        ),
        Attribute::computed(
            "blocked_by",
            Kind::Nested(Nesting::List, blocks),
            "Everything that stands in the way.",
        ),
        Attribute::computed(
            "next_window",
            Kind::Nested(Nesting::Single, window),
            "The opening that is open, else the next one. Null when no window is set.",
        ),
    ]
}

/// Renders the shared computed attributes, `id` aside.
#[must_use]
pub fn computed_values(assessment: &Assessment) -> Vec<(&'static str, Value)> {
    let blocks = assessment.blocks();
    vec![
        ("status", assessment.status().into()),
        ("pending_steps", Value::List(assessment.plan.steps.iter().map(step).collect())),
        ("blocked_by", Value::List(blocks.into_iter().map(|block| blocked(block, assessment)).collect())),
        ("next_window", window(assessment.next_window())),
    ]
}

fn step(step: &Step) -> Value {
    let component = step.work.setting().unwrap_or(match step.work.component() {
        Component::Cluster => "cluster",
        Component::ControlPlane => "control_plane",
        Component::Pool(_) => "node_pool",
    });
    let kind = match step.manner {
        Manner::Upgrade if step.work.setting().is_some() => "setting".to_owned(),
        Manner::Upgrade => step.kind().to_string(),
        Manner::Repair => "repair".to_owned(),
        Manner::Attach => "running".to_owned(),
    };
    Value::object([
        ("component", component.into()),
        ("node_pool", step.work.pool().into()),
        ("from", step.work.from().into()),
        ("to", step.work.to().into()),
        ("kind", kind.into()),
        ("estimated_duration", duration::display(step.estimate).into()),
    ])
}

fn blocked(block: &Block, assessment: &Assessment) -> Value {
    let message = explain::block(block, &assessment.windows);
    Value::object([("code", block.code().into()), ("message", message.into())])
}

fn window(opening: Option<Interval>) -> Value {
    let Some(opening) = opening else { return Value::Null };
    let edge = |at: Timestamp, never| (at != never).then(|| at.to_string());
    let (start, end) = (edge(opening.start, Timestamp::MIN), edge(opening.end, Timestamp::MAX));
    Value::object([("start", start.into()), ("end", end.into())])
}
