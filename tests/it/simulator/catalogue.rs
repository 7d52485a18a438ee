//! What is offered when.

use terraform_provider_aks::simulator::catalogue::{Catalogue, Support};

#[track_caller]
fn offers(from: &str, long_term: bool, day: &str, newest: &str, oldest: &str) {
    let now = format!("{day}T00:00:00Z").parse().unwrap();
    let offers = Catalogue::default().upgrades(from.parse().unwrap(), long_term, now);
    let shown = |offer: Option<&terraform_provider_aks::simulator::catalogue::Offer>| {
        offer.map_or("-".into(), |offer| offer.version.to_string())
    };
    assert_eq!(
        (shown(offers.first()), shown(offers.last())),
        (newest.to_owned(), oldest.to_owned()),
        "{from} on {day}"
    );
}

#[test]
fn paths_of_a_version() {
    offers("1.34.2", false, "2026-11-22", "1.35.6", "1.34.3");
    offers("1.36.2", false, "2026-11-22", "1.37.1", "1.37.0");
    offers("1.37.1", false, "2026-11-22", "-", "-");
    // Long-term support skips up to three minors; without it, only the oldest community minor is left.
    offers("1.32.11", true, "2026-11-22", "1.35.6", "1.32.100");
    offers("1.32.11", false, "2026-11-22", "1.34.9", "1.34.0");
    // 1.34 leaves community support with November.
    offers("1.33.13", false, "2026-12-01", "1.35.6", "1.35.0");
    // Nine months before, 1.33 was everybody's.
    offers("1.33.6", false, "2026-02-20", "1.34.2", "1.34.0");
}

#[test]
fn support_follows_the_calendar() {
    let catalogue = Catalogue::default();
    let on = |day: &str| format!("{day}T00:00:00Z").parse().unwrap();
    assert_eq!(catalogue.support(34, on("2026-11-30")), Support::Community);
    assert_eq!(catalogue.support(34, on("2026-12-01")), Support::LongTerm);
    assert_eq!(catalogue.support(31, on("2026-12-01")), Support::None);
    assert_eq!(catalogue.default_minor(on("2026-11-22")), Some(36));
    assert!(catalogue.is_preview(37, on("2026-09-15")));
}

#[track_caller]
fn latest(os_sku: &str, minor: u32, running: &str, expected: &str) {
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    assert_eq!(Catalogue::default().latest_image(os_sku, minor, running, now), expected);
}

#[test]
fn the_latest_image_is_of_the_same_kind() {
    let ubuntu = |kind: &str| {
        let name = |day: &str| format!("AKSUbuntu-2204{kind}-{day}.0");
        latest("Ubuntu", 34, &name("202510.29"), &name("202611.16"));
    };
    ubuntu("gen2containerd");
    ubuntu("containerd");
    ubuntu("gen2arm64containerd");
    latest("AzureLinux", 34, "AKSAzureLinux-V3gen2-202508.06.0", "AKSAzureLinux-V3gen2-202611.16.0");
    let windows = "AKSWindows-2022-containerd-gen2";
    latest(
        "Windows2022",
        34,
        &format!("{windows}-20348.2402.240410"),
        &format!("{windows}-20348.5622.261111"),
    );
    latest("Mars", 34, "AKSMars-1-202601.01.0", "AKSMars-1-202601.01.0");
}

/// Docs: upgrade-os-version.
#[test]
fn an_os_sku_means_another_system_from_some_minor_on() {
    let old = "AKSUbuntu-2204gen2containerd-202610.05.0";
    latest("Ubuntu", 34, old, "AKSUbuntu-2204gen2containerd-202611.16.0");
    latest("Ubuntu", 35, old, "AKSUbuntu-2404gen2containerd-202611.16.0");
    latest("Ubuntu2204", 36, old, "AKSUbuntu-2204gen2containerd-202611.16.0");
    latest("Ubuntu2404", 34, old, "AKSUbuntu-2404gen2containerd-202611.16.0");
    latest(
        "Ubuntu",
        35,
        "AKSUbuntu-2204gen2TLcontainerd-202610.05.0",
        "AKSUbuntu-2404gen2TLcontainerd-202611.16.0",
    );
    latest(
        "Ubuntu",
        35,
        "AKSUbuntu-2204gen2arm64containerd-202610.05.0",
        "AKSUbuntu-2404gen2arm64containerd-202611.16.0",
    );
    latest("Ubuntu", 35, "AKSUbuntu-2204containerd-202610.05.0", "AKSUbuntu-2404containerd-202611.16.0");
    latest(
        "Ubuntu",
        35,
        "AKSUbuntu-2204gen2fipscontainerd-202610.05.0",
        "AKSUbuntu-2204gen2fipscontainerd-202611.16.0",
    );
    latest("AzureLinux", 31, "AKSAzureLinux-V2gen2-202508.06.0", "AKSAzureLinux-V2gen2-202512.06.0");
    latest("AzureLinux", 32, "AKSAzureLinux-V2gen2-202512.06.0", "AKSAzureLinux-V3gen2-202611.16.0");
    latest("AzureLinux3", 31, "AKSAzureLinux-V2gen2-202512.06.0", "AKSAzureLinux-V3gen2-202611.16.0");
    latest("AzureLinux", 34, old, "AKSAzureLinux-V3gen2-202611.16.0");
    latest(
        "Windows2025",
        36,
        "AKSWindows-2022-containerd-gen2-20348.5561.261014",
        "AKSWindows-2025-gen2-26100.33648.261111",
    );
}
