//! What is written with `executor = "aks"`, as sentences.

use crate::provider::assessment::Assessment;
use crate::provider::words::explain;
use crate::upgrade::step::Step;

/// Says what is to be written, in order.
#[must_use]
pub fn sentence(steps: &[Step]) -> String {
    steps.iter().map(explain::step).collect::<Vec<_>>().join(", then ")
}

/// Says on a create what an apply would write.
#[must_use]
pub fn preview(assessment: &Assessment) -> String {
    let name = &assessment.cluster.name;
    let (now, later) = (&assessment.promise.steps, assessment.remaining());
    if now.is_empty() && later.is_empty() {
        return format!(
            "{name}: channel and maintenance window are as they should be; AKS upgrades by itself."
        );
    }
    let mut text = format!("{name}:");
    if !now.is_empty() {
        text += &format!(" an apply writes {}; AKS then upgrades by itself.", sentence(now));
    }
    if !later.is_empty() {
        text += &format!(" Not written yet: {}.", sentence(later));
    }
    text
}
