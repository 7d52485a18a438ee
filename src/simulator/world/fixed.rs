//! What a PUT cannot change: fields that count when a cluster or pool is made.

use serde_json::Value;

use crate::simulator::world::cluster::Object;
use crate::simulator::world::refusal::Refusal;

/// Of a cluster; a dot leads into an object.
///
/// The first three: recorded, or descriptions in the OpenAPI of 2026-08-01; `outboundType` too. The others are general
/// knowledge: azurerm makes another cluster instead. Not held, as some changes of them are allowed: `loadBalancerSku`
/// (basic to standard), `networkPlugin` and its mode, `podCidr`, `servicePrincipalProfile` (to a managed identity).
pub(super) const CLUSTER: [&str; 9] = [
    "dnsPrefix",
    "nodeResourceGroup",
    "fqdnSubdomain",
    "networkProfile.outboundType",
    "networkProfile.serviceCidr",
    "networkProfile.dnsServiceIP",
    "enableRBAC",
    "apiServerAccessProfile.enablePrivateCluster",
    "diskEncryptionSetID",
];

/// Of a pool.
///
/// The first six: docs, spot-node-pool, resize-node-pool, configure-azure-cni; the next two: descriptions in the OpenAPI
/// of 2026-08-01. The others are general knowledge: azurerm makes another pool instead.
pub(super) const POOL: [&str; 19] = [
    "osType",
    "scaleSetPriority",
    "scaleSetEvictionPolicy",
    "type",
    "maxPods",
    "vnetSubnetID",
    "osDiskType",
    "hostGroupID",
    "osDiskSizeGB",
    "kubeletDiskType",
    "availabilityZones",
    "gpuInstanceProfile",
    "kubeletConfig",
    "linuxOSConfig",
    "enableUltraSSD",
    "enableEncryptionAtHost",
    "podSubnetID",
    "proximityPlacementGroupID",
    "nodePublicIPPrefixID",
];

/// What Azure does not show although it holds.
const DEFAULTS: [&str; 2] = ["Regular", "Delete"];

/// Refuses what is sent otherwise than it is; `prefix` stands before the name of the field in the refusal.
///
/// What is not sent, null, empty, or a number where none is shown, is no wish.
pub(super) fn judge(before: &Object, sent: &Object, fields: &[&str], prefix: &str) -> Result<(), Refusal> {
    let changed = fields.iter().find(|path| {
        let (own, wanted) = (at(before, path), at(sent, path));
        wanted.is_some_and(|wanted| !is_same(own, wanted))
    });
    changed.map_or(Ok(()), |path| Err(Refusal::fixed(&format!("{prefix}{path}"))))
}

fn at<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    match path.split_once('.') {
        Some((key, rest)) => object.get(key)?.get(rest),
        None => object.get(path),
    }
}

fn is_same(own: Option<&Value>, wanted: &Value) -> bool {
    let own = own.filter(|own| !own.is_null());
    match (own, wanted) {
        (_, Value::Null) => true,
        (Some(Value::String(own)), Value::String(wanted)) => {
            wanted.is_empty() || wanted.eq_ignore_ascii_case(own)
        }
        (None, Value::String(wanted)) => wanted.is_empty() || DEFAULTS.contains(&wanted.as_str()),
        (None, Value::Bool(wanted)) => !wanted,
        (None, Value::Number(_)) => true,
        (Some(Value::Number(_)), Value::Number(wanted)) if wanted.as_i64() == Some(0) => true,
        (Some(Value::Array(own)), Value::Array(wanted)) => {
            own.len() == wanted.len() && wanted.iter().all(|one| own.contains(one))
        }
        (None, Value::Array(wanted)) => wanted.is_empty(),
        (own, Value::Object(wanted)) => {
            wanted.iter().all(|(key, wanted)| is_same(own.and_then(|own| own.get(key)), wanted))
        }
        (Some(own), wanted) => own == wanted,
    }
}
