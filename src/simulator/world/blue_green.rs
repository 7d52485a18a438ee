//! Blue-green upgrades: new nodes beside the old ones, which are drained in batches and removed in the end.
//!
//! Recorded (2025-09, two nodes, a batch of one): the new nodes are made, each batch but the last soaks, all of
//! them soak once more, then they take over.

use jiff::SignedDuration;
use serde_json::Value;

use crate::simulator::world::cluster::{Object, share_of, text};
use crate::simulator::world::operation::Work;

/// Returns the parts of the upgrade of a pool's nodes, and how long each takes.
pub(super) fn phases(
    pool: &Object,
    nodes: u32,
    image: String,
    making: SignedDuration,
    committing: SignedDuration,
) -> Vec<(Work, SignedDuration)> {
    let settings = pool.get("upgradeSettingsBlueGreen");
    let minutes = |key: &str, default: i64| {
        let set = settings.and_then(|settings| settings[key].as_i64());
        SignedDuration::from_mins(set.unwrap_or(default))
    };
    let size = settings.and_then(|settings| settings["drainBatchSize"].as_str()).unwrap_or("10%");
    let batch = share_of(size, nodes).max(1);
    let (soak, last) = (minutes("batchSoakDurationInMinutes", 15), minutes("finalSoakDurationInMinutes", 60));
    let phase = |status: String, lasts| (Work::Phase(status), lasts);
    let drained = (1..nodes.div_ceil(batch)).map(|number| number * batch);
    let mut parts = vec![phase("BlueGreenCreatingGreenNodes".into(), making)];
    parts.extend(
        drained.map(|done| phase(format!("BlueGreenSoakingBatch: {done}/{nodes} nodes completed"), soak)),
    );
    parts.push(phase("BlueGreenSoakingFinal".into(), last));
    let pool = text(pool, "name").to_owned();
    parts.push((Work::Nodes { pool, image, nodes, batch: nodes.max(1), green: true }, committing));
    parts
}

/// Fills in what Azure shows of a pool that is upgraded so (OpenAPI of 2026-08-02-preview).
pub(super) fn complete(pool: &mut Object) {
    if text(pool, "upgradeStrategy") != "BlueGreen" {
        return;
    }
    let settings = pool.entry("upgradeSettingsBlueGreen").or_insert_with(|| Value::Object(Object::new()));
    let Some(settings) = settings.as_object_mut() else { return };
    let defaults = [
        ("drainTimeoutInMinutes", 30),
        ("batchSoakDurationInMinutes", 15),
        ("finalSoakDurationInMinutes", 60),
    ];
    settings.entry("drainBatchSize").or_insert_with(|| "10%".into());
    for (key, minutes) in defaults {
        settings.entry(key).or_insert_with(|| minutes.into());
    }
}
