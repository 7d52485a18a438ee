//! The parts of a body that the parsers read, small enough to be kept as an observation.
//!
//! Parsing the pruned body gives what parsing the whole body gives.

use serde_json::{Map, Value};

use crate::upgrade::version::{Minor, Version};

/// A field to keep, and which of its own fields; none means all of it. Lists are looked through.
struct Keep(&'static str, &'static [Keep]);

const STATUS: Keep = Keep(
    "status",
    &[Keep("provisioningError", &[Keep("code", &[]), Keep("message", &[]), Keep("details", &[])])],
);

const POWER: Keep = Keep("powerState", &[Keep("code", &[])]);

const POOL: &[Keep] = &[
    Keep("name", &[]),
    Keep("mode", &[]),
    Keep("type", &[]),
    Keep("osType", &[]),
    Keep("osSKU", &[]),
    Keep("count", &[]),
    Keep("virtualMachineNodesStatus", &[Keep("count", &[])]),
    Keep("currentOrchestratorVersion", &[]),
    Keep("orchestratorVersion", &[]),
    Keep("nodeImageVersion", &[]),
    Keep("provisioningState", &[]),
    Keep("creationData", &[Keep("sourceResourceId", &[])]),
    Keep("scaleSetPriority", &[]),
    Keep("upgradeStrategy", &[]),
    Keep(
        "upgradeSettings",
        &[
            Keep("maxSurge", &[]),
            Keep("maxUnavailable", &[]),
            Keep("drainTimeoutInMinutes", &[]),
            Keep("nodeSoakDurationInMinutes", &[]),
            Keep("undrainableNodeBehavior", &[]),
        ],
    ),
    Keep(
        "upgradeSettingsBlueGreen",
        &[
            Keep("drainBatchSize", &[]),
            Keep("drainTimeoutInMinutes", &[]),
            Keep("batchSoakDurationInMinutes", &[]),
            Keep("finalSoakDurationInMinutes", &[]),
        ],
    ),
    POWER,
    STATUS,
];

const CLUSTER: &[Keep] = &[
    Keep("location", &[]),
    Keep(
        "properties",
        &[
            Keep("provisioningState", &[]),
            Keep("currentKubernetesVersion", &[]),
            Keep("kubernetesVersion", &[]),
            Keep("supportPlan", &[]),
            Keep("autoUpgradeProfile", &[Keep("upgradeChannel", &[]), Keep("nodeOSUpgradeChannel", &[])]),
            Keep("nodeProvisioningProfile", &[Keep("mode", &[])]),
            Keep("agentPoolProfiles", POOL),
            POWER,
            STATUS,
        ],
    ),
];

const OFFERS: &[Keep] = &[Keep("kubernetesVersion", &[]), Keep("isPreview", &[])];

const UPGRADES: &[Keep] = &[Keep("properties", &[Keep("controlPlaneProfile", &[Keep("upgrades", OFFERS)])])];

const REGION: &[Keep] = &[Keep(
    "values",
    &[Keep("isPreview", &[]), Keep("capabilities", &[Keep("supportPlan", &[])]), Keep("patchVersions", &[])],
)];

const STATE: Keep = Keep("status", &[Keep("state", &[])]);

const UPDATE_RUN: &[Keep] = &[
    Keep("id", &[]),
    Keep(
        "properties",
        &[Keep(
            "status",
            &[
                STATE,
                Keep(
                    "stages",
                    &[Keep("groups", &[Keep("members", &[Keep("clusterResourceId", &[]), STATE])])],
                ),
            ],
        )],
    ),
];

/// Keeps what [`crate::arm::response::update_runs`] reads of an update run.
#[must_use]
pub fn prune_update_run(body: &Value) -> Value {
    keep(body, UPDATE_RUN)
}

/// Keeps what [`crate::arm::response::cluster`] reads.
#[must_use]
pub fn prune_cluster(body: &Value) -> Value {
    keep(body, CLUSTER)
}

/// Keeps what [`crate::arm::response::upgrades`] reads.
#[must_use]
pub fn prune_upgrades(body: &Value) -> Value {
    keep(body, UPGRADES)
}

/// Keeps what [`crate::arm::response::region`] reads of `from` and newer minors; older ones are never upgraded
/// to.
#[must_use]
pub fn prune_region(body: &Value, from: Minor) -> Value {
    let mut body = keep(body, REGION);
    if let Some(minors) = body.get_mut("values").and_then(Value::as_array_mut) {
        minors.retain(|minor| newest(minor) >= Some(from));
    }
    body
}

fn newest(minor: &Value) -> Option<Minor> {
    let patches = minor.get("patchVersions")?.as_object()?;
    patches.keys().filter_map(|text| text.parse::<Version>().ok()).map(|version| version.minor()).max()
}

fn keep(value: &Value, fields: &[Keep]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| keep(item, fields)).collect(),
        Value::Object(object) if !fields.is_empty() => {
            let kept = |Keep(name, inner): &Keep| Some(((*name).to_owned(), keep(object.get(*name)?, inner)));
            Value::Object(fields.iter().filter_map(kept).collect::<Map<_, _>>())
        }
        whole => whole.clone(),
    }
}
