//! Which operating system an OS SKU means, by the minor of Kubernetes, and what its images are called.
//!
//! Docs: upgrade-os-version, node-images; AKS release notes of 2026-01-04 (Ubuntu 24.04 from 1.35).

/// What one OS SKU means from one minor to another, both included.
struct Generation {
    sku: &'static str,
    minors: (u32, u32),
    system: System,
}

/// An operating system, as the names of its images begin.
#[derive(Clone, Copy, PartialEq, Eq)]
struct System(&'static str);

const ANY: u32 = u32::MAX;
const UBUNTU_1804: System = System("AKSUbuntu-1804");
const UBUNTU_2204: System = System("AKSUbuntu-2204");
const UBUNTU_2404: System = System("AKSUbuntu-2404");
const AZURE_LINUX_2: System = System("AKSAzureLinux-V2");
const AZURE_LINUX_3: System = System("AKSAzureLinux-V3");
const WINDOWS_2019: System = System("AKSWindows-2019");
const WINDOWS_2022: System = System("AKSWindows-2022");
const WINDOWS_2025: System = System("AKSWindows-2025");
const OS_GUARD: System = System("AKSAzureLinux-OSGuardV3");
const FLATCAR: System = System("AKSFlatcar-flatcar");

const GENERATIONS: [Generation; 18] = [
    generation("Ubuntu", 0, 24, UBUNTU_1804),
    generation("Ubuntu", 25, 34, UBUNTU_2204),
    generation("Ubuntu", 35, ANY, UBUNTU_2404),
    generation("Ubuntu2204", 25, 36, UBUNTU_2204),
    generation("Ubuntu2404", 32, 38, UBUNTU_2404),
    generation("AzureLinux", 0, 31, AZURE_LINUX_2),
    generation("AzureLinux", 32, ANY, AZURE_LINUX_3),
    generation("CBLMariner", 0, 31, AZURE_LINUX_2),
    generation("CBLMariner", 32, ANY, AZURE_LINUX_3),
    generation("AzureLinux3", 28, ANY, AZURE_LINUX_3),
    generation("Windows2019", 14, 32, WINDOWS_2019),
    generation("Windows2022", 23, 36, WINDOWS_2022),
    generation("Windows2025", 32, ANY, WINDOWS_2025),
    // Recorded: its images are those of Windows Server 2022.
    generation("WindowsAnnual", 0, ANY, WINDOWS_2022),
    generation("Mariner", 0, 31, AZURE_LINUX_2),
    generation("AzureLinuxOSGuard", 0, ANY, OS_GUARD),
    generation("AzureLinux3OSGuard", 0, ANY, OS_GUARD),
    generation("Flatcar", 0, ANY, FLATCAR),
];

const fn generation(sku: &'static str, from: u32, to: u32, system: System) -> Generation {
    Generation { sku, minors: (from, to), system }
}

/// Tells whether nodes of an OS SKU can run a minor; one that is not known here can run any.
pub(crate) fn runs(sku: &str, minor: u32) -> bool {
    let mut known = GENERATIONS.iter().filter(|entry| entry.sku.eq_ignore_ascii_case(sku)).peekable();
    known.peek().is_none() || known.any(|entry| (entry.minors.0..=entry.minors.1).contains(&minor))
}

/// Returns the OS SKU of a pool that names none.
///
/// ```text
/// Linux    Ubuntu
/// Windows  Windows2019 up to 1.24, Windows2022 up to 1.36, Windows2025 from 1.37
/// ```
pub(crate) fn default_sku(os_type: &str, minor: u32) -> &'static str {
    match (os_type.eq_ignore_ascii_case("Windows"), minor) {
        (false, _) => "Ubuntu",
        (true, ..=24) => "Windows2019",
        (true, 25..=36) => "Windows2022",
        (true, _) => "Windows2025",
    }
}

/// Returns the family of the images that an OS SKU means on a minor, of the same kind as `family`
/// (generation of the machine, Arm, FIPS, trusted launch); none where it means no other than that.
pub(super) fn family(sku: &str, minor: u32, family: &str) -> Option<String> {
    let fits = |entry: &&Generation| {
        entry.sku.eq_ignore_ascii_case(sku) && (entry.minors.0..=entry.minors.1).contains(&minor)
    };
    let System(wanted) = GENERATIONS.iter().find(fits)?.system;
    // FIPS is not to be had on Ubuntu 24.04 (docs: upgrade-os-version).
    if family.starts_with(wanted) || (wanted == UBUNTU_2404.0 && family.contains("fips")) {
        return None;
    }
    Some(format!("{wanted}{}", kind(wanted, family)))
}

/// Returns an image of the kind that machines need, from which that of every system is reached.
pub(crate) fn first_image(size: &str, fips: bool) -> &'static str {
    match (is_arm(size), fips) {
        (true, _) => "AKSUbuntu-2204gen2arm64containerd-202607.09.0",
        (false, true) => "AKSUbuntu-2204gen2fipscontainerd-202607.09.0",
        (false, false) => "AKSUbuntu-2204gen2containerd-202607.09.0",
    }
}

/// Tells whether machines of a size are Arm: they have a `p` after the number, such as `Standard_D4pds_v5`
/// (docs: vm-naming-conventions).
fn is_arm(size: &str) -> bool {
    let name = size.split('_').nth(1).unwrap_or_default().to_ascii_lowercase();
    name.trim_start_matches(|c: char| c.is_ascii_alphabetic()).contains('p')
}

/// Returns the end of a family's name.
fn kind(system: &str, family: &str) -> String {
    let has = |word: &'static str| if family.contains(word) { word } else { "" };
    let machine = format!("{}{}{}", has("arm64"), has("fips"), has("TL"));
    match system.split('-').next() {
        Some("AKSUbuntu") => format!("{}{machine}containerd", if is_first(family) { "" } else { "gen2" }),
        _ if system == OS_GUARD.0 => "gen2fipsTL".into(),
        Some("AKSWindows") if system == WINDOWS_2025.0 => "-gen2".into(),
        Some("AKSWindows") if is_first(family) || system == WINDOWS_2019.0 => "-containerd".into(),
        Some("AKSWindows") => "-containerd-gen2".into(),
        _ => format!("gen2{machine}"),
    }
}

/// Tells whether a family is for machines of the first generation.
fn is_first(family: &str) -> bool {
    !family.is_empty() && !family.contains("gen2")
}
