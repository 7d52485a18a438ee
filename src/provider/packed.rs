//! What is kept beside a state, small: every state file carries it, once per cluster.
//!
//! Most of it is the same for all clusters: names of fields, usual values. So it is compressed behind a text that both
//! sides know ([`COMMON`]) and that is left away: what a cluster keeps is what differs.
//!
//! ```text
//! ┌────────────┬──────────────────────────────────────────────────┐
//! │ CRC 32     │ DEFLATE, which goes on behind that of COMMON     │
//! └────────────┴──────────────────────────────────────────────────┘
//! ```
//!
//! The checksum is that of the text, so that bytes packed behind another text, by an older or a newer provider, are
//! seen to be foreign.

use std::io::{Read, Write};

use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// What most observations have in common; what comes last is found first. Another text makes older bytes foreign.
const COMMON: &str = r#""isPreview":true,"maxSurge":"33%","drainTimeoutInMinutes":30,"nodeSoakDurationInMinutes":0,"undrainableNodeBehavior":"Schedule","scaleSetPriority":"Spot","creationData":{"sourceResourceId":"/subscriptions/"virtualMachineNodesStatus":"AzureLinux","osSKU":"Windows2022","AKSAzureLinux-V3gen2-AKSWindows-2022-containerd-gen2-20348."Stopped"Failed"Upgrading"Updating{"v":1,"at":"2026-,"cluster":{"location":"westeurope","properties":{"provisioningState":"Succeeded","currentKubernetesVersion":"1.34.","kubernetesVersion":"1.34.","supportPlan":"KubernetesOfficial","autoUpgradeProfile":{"upgradeChannel":"none","nodeOSUpgradeChannel":"NodeImage"},"nodeProvisioningProfile":{"mode":"Manual"},"agentPoolProfiles":[{"name":"system","mode":"System","type":"VirtualMachineScaleSets","osType":"Linux","osSKU":"Ubuntu","count":3,"currentOrchestratorVersion":"1.34.","orchestratorVersion":"1.34.","nodeImageVersion":"AKSUbuntu-2204gen2containerd-2026","provisioningState":"Succeeded","upgradeStrategy":"Rolling","upgradeSettings":{"maxSurge":"10%","maxUnavailable":"0"},"powerState":{"code":"Running"}},{"name":"user","mode":"User","type":"VirtualMachineScaleSets","osType":"Windows","powerState":{"code":"Running"}}],"powerState":{"code":"Running"}}},"upgrades":{"properties":{"controlPlaneProfile":{"upgrades":[{"kubernetesVersion":"1.35.6"},{"kubernetesVersion":"1.35.5"}]}}},"region":{"values":[{"capabilities":{"supportPlan":["KubernetesOfficial","AKSLongTermSupport"]},"patchVersions":{"1.35.0":{"upgrades":["1.35.6","1.35.5","1.36.1","1.36.0"]},"1.36.0":{"upgrades":[]}}}]},"upgrades":null,"region":null,"images":{"system":"AKSUbuntu-2404gen2containerd-2026},"images":{},"every_image":true,"every_image":false,"maintenance":null,"update_runs":[],"first_seen":{"1.35.0":"2026-Z"},"first_seen":{},"pool_ended":null,"no_effect":{}}"#;

/// More than that is not unpacked: a cluster of a hundred pools takes some 60 KiB.
const LARGEST: usize = 4 << 20;

/// Packs a text.
///
/// ```
/// use terraform_provider_aks::provider::packed::{pack, unpack};
///
/// let packed = pack(br#"{"v":1,"powerState":{"code":"Running"}}"#);
/// assert!(packed.len() < 20);
/// assert_eq!(unpack(&packed).as_deref(), Some(&br#"{"v":1,"powerState":{"code":"Running"}}"#[..]));
/// assert_eq!(unpack(b"foreign"), None);
/// ```
#[must_use]
pub fn pack(text: &[u8]) -> Vec<u8> {
    let mut encoder = behind_common();
    let begins = encoder.get_ref().len();
    // Writing to memory does not fail.
    let all = encoder.write_all(text).and_then(|()| encoder.finish()).unwrap_or_default();
    [&checksum(text)[..], all.get(begins..).unwrap_or_default()].concat()
}

/// Unpacks a text; `None` for bytes that are foreign, damaged or larger than any observation.
#[must_use]
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (sum, rest) = packed.split_at_checked(4)?;
    let common = behind_common();
    let stream = common.get_ref().chain(rest);
    let mut text = Vec::new();
    let most = COMMON.len() + LARGEST;
    DeflateDecoder::new(stream).take(most as u64).read_to_end(&mut text).ok()?;
    let text = text.get(COMMON.len()..)?.to_vec();
    (checksum(&text) == sum).then_some(text)
}

/// Begins a stream whose whole bytes so far are those of [`COMMON`].
fn behind_common() -> DeflateEncoder<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let _ = encoder.write_all(COMMON.as_bytes()).and_then(|()| encoder.flush());
    encoder
}

fn checksum(text: &[u8]) -> [u8; 4] {
    let mut sum = Crc::new();
    sum.update(text);
    sum.sum().to_be_bytes()
}
