//! Which operating system comes with a Kubernetes version, and which one ends with it.
//!
//! AKS ties a pool's operating system to its OS SKU and its Kubernetes minor. An unversioned SKU changes its
//! system at some minor (*comes*: worth telling); a versioned one stays what it is and is refused from some
//! minor on (*ends*: to be known before the control plane leaves, which cannot come back).
//!
//! | OS SKU | system, from that minor on | last minor |
//! |---|---|---|
//! | `Ubuntu` | Ubuntu 22.04 from 1.25, Ubuntu 24.04 from 1.35 | none |
//! | `AzureLinux`, `CBLMariner` | Azure Linux 2.0 from 1.27, Azure Linux 3.0 from 1.32 | none |
//! | `Ubuntu2204` | Ubuntu 22.04 | 1.36 |
//! | `Ubuntu2404` | Ubuntu 24.04 | 1.38 |
//! | `AzureLinux3` | Azure Linux 3.0 | 1.36 |
//! | `Windows2019` | Windows Server 2019 | 1.32 |
//! | `Windows2022` | Windows Server 2022 | 1.36 |
//! | `Windows2025` | Windows Server 2025 | none |
//!
//! Sources: learn.microsoft.com, "Upgrade operating system (OS) versions in AKS" (the Linux rows; where that page
//! gives two limits for one SKU, the later one), Azure/AKS#4268 (Windows Server 2019), AKS release notes of
//! 2026-06-19 (Windows Server 2022). `CBLMariner` is the old name of `AzureLinux` (OpenAPI description of `osSKU`).

use crate::upgrade::cluster::Pool;
use crate::upgrade::version::Minor;

/// An operating system that nodes run from a minor on.
struct Generation {
    sku: &'static str,
    from: Minor,
    system: &'static str,
}

/// The systems of the unversioned SKUs, of each SKU in ascending order.
const GENERATIONS: [Generation; 6] = [
    comes("Ubuntu", 25, "Ubuntu 22.04"),
    comes("Ubuntu", 35, "Ubuntu 24.04"),
    comes("AzureLinux", 27, "Azure Linux 2.0"),
    comes("AzureLinux", 32, "Azure Linux 3.0"),
    comes("CBLMariner", 27, "Azure Linux 2.0"),
    comes("CBLMariner", 32, "Azure Linux 3.0"),
];

/// Where a versioned SKU ends, and what goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// The last minor that supports the SKU.
    pub last: Minor,
    /// The SKU to change to.
    pub successor: &'static str,
    /// Whether Azure changes the SKU of a pool that exists; otherwise a new pool has to replace it.
    pub in_place: bool,
}

const ENDS: [(&str, End); 5] = [
    ("Ubuntu2204", ends(36, "Ubuntu", true)),
    ("Ubuntu2404", ends(38, "Ubuntu", true)),
    ("AzureLinux3", ends(36, "AzureLinux", true)),
    ("Windows2019", ends(32, "Windows2022", false)),
    ("Windows2022", ends(36, "Windows2025", false)),
];

const fn comes(sku: &'static str, minor: u64, system: &'static str) -> Generation {
    Generation { sku, from: Minor { major: 1, minor }, system }
}

const fn ends(minor: u64, successor: &'static str, in_place: bool) -> End {
    End { last: Minor { major: 1, minor }, successor, in_place }
}

/// Returns the operating system that a pool gets on its way from one minor to another; `None` when it keeps its own.
///
/// FIPS pools have systems of their own, of which too little is documented; nothing is said of them.
#[must_use]
pub fn comes_with(pool: &Pool, from: Minor, to: Minor) -> Option<&'static str> {
    let is_fips = pool.image.as_str().contains("fips");
    let (old, new) = (system(&pool.os_sku, from)?, system(&pool.os_sku, to)?);
    (old != new && !is_fips).then_some(new)
}

/// Returns where the OS SKU ends, when a minor lies beyond it.
#[must_use]
pub fn ends_before(os_sku: &str, to: Minor) -> Option<&'static End> {
    let end = ENDS.iter().find(|(sku, _)| sku.eq_ignore_ascii_case(os_sku)).map(|(_, end)| end)?;
    (to > end.last).then_some(end)
}

/// Returns the system of an unversioned SKU at a minor.
fn system(os_sku: &str, minor: Minor) -> Option<&'static str> {
    let known = |one: &&Generation| one.sku.eq_ignore_ascii_case(os_sku) && one.from <= minor;
    GENERATIONS.iter().rfind(known).map(|one| one.system)
}
