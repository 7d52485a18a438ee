//! Node image names: every form that was recorded from Azure, and what is no such form.

use std::cmp::Ordering;

use proptest::prelude::*;
use terraform_provider_aks::upgrade::node_image::NodeImage;

#[track_caller]
fn row(text: &str, family: &str, published: &str) {
    let image = NodeImage::new(text);
    assert_eq!(image.family(), Some(family));
    assert_eq!(image.published().map(|date| date.to_string()).as_deref(), Some(published));
    assert_eq!(image.to_string(), text);
}

#[test]
fn recorded_forms() {
    row("AKSUbuntu-2204gen2containerd-202510.29.0", "AKSUbuntu-2204gen2containerd", "2025-10-29");
    row("AKSUbuntu-2204containerd-202507.21.0", "AKSUbuntu-2204containerd", "2025-07-21");
    row("AKSUbuntu-2204gen2arm64containerd-202508.20.1", "AKSUbuntu-2204gen2arm64containerd", "2025-08-20");
    row("AKSUbuntu-2204gen2TLcontainerd-202405.27.0", "AKSUbuntu-2204gen2TLcontainerd", "2024-05-27");
    row("AKSUbuntu-2004gen2fipscontainerd-202508.20.1", "AKSUbuntu-2004gen2fipscontainerd", "2025-08-20");
    row("AKSUbuntu-2404gen2containerd-202607.09.0", "AKSUbuntu-2404gen2containerd", "2026-07-09");
    row("AKSUbuntu-1804gen2containerd-2022.10.03", "AKSUbuntu-1804gen2containerd", "2022-10-03");
    row("AKSAzureLinux-V2gen2-202407.22.0", "AKSAzureLinux-V2gen2", "2024-07-22");
    row("AKSAzureLinux-V3gen2-202508.06.0", "AKSAzureLinux-V3gen2", "2025-08-06");
    row("AKSAzureLinux-OSGuardV3gen2fipsTL-202508.20.1", "AKSAzureLinux-OSGuardV3gen2fipsTL", "2025-08-20");
    row("AKSFlatcar-flatcargen2-202509.11.0", "AKSFlatcar-flatcargen2", "2025-09-11");
    row("AKSWindows-2022-containerd-20348.1787.230614", "AKSWindows-2022-containerd", "2023-06-14");
    row("AKSWindows-2022-containerd-gen2-20348.2402.240410", "AKSWindows-2022-containerd-gen2", "2024-04-10");
    row("AKSWindows-2025-gen2-26100.33158.260715", "AKSWindows-2025-gen2", "2026-07-15");
}

#[test]
fn unknown_forms_are_carried_and_say_nothing() {
    for text in [
        "",
        "latest",
        "AKSUbuntu",
        "AKSUbuntu-2204gen2containerd",
        "AKSUbuntu-2204gen2containerd-",
        "AKSUbuntu-2204gen2containerd-202513.01.0",
        "AKSUbuntu-2204gen2containerd-202502.30.0",
        "AKSUbuntu-2204gen2containerd-202510.29",
        "AKSUbuntu-2204gen2containerd-202510.29.0.1",
        "AKSUbuntu-2204gen2containerd-202510.29.x",
        "AKSUbuntu-2204gen2containerd-٢٠٢٥10.29.0",
        "AKSWindows-2022-containerd-20348.1787.231314",
        "AKSWindows-2022-containerd-20348.230614",
        "my-own-202510.29.0",
        // A node's label, which appends its last security patch; not an image that a pool can be on.
        "AKSUbuntu-2204gen2containerd-202410.27.0-2024.12.01",
    ] {
        let image = NodeImage::new(text);
        assert_eq!((image.as_str(), image.family(), image.published()), (text, None, None));
        assert_eq!(
            image.compare(&NodeImage::new("AKSUbuntu-2204gen2containerd-202510.29.0")),
            None,
            "{text}"
        );
        assert_eq!(image.compare(&image.clone()), Some(Ordering::Equal), "the same text is the same image");
    }
    assert_eq!(NodeImage::new("one").compare(&NodeImage::new("two")), None);
}

#[track_caller]
fn older(older: &str, newer: &str) {
    let (older, newer) = (NodeImage::new(older), NodeImage::new(newer));
    assert_eq!(older.compare(&newer), Some(Ordering::Less));
    assert_eq!(newer.compare(&older), Some(Ordering::Greater));
}

#[test]
fn order_inside_a_family() {
    older("AKSUbuntu-2204gen2containerd-202509.30.0", "AKSUbuntu-2204gen2containerd-202510.03.0");
    older("AKSUbuntu-2204gen2containerd-202508.20.0", "AKSUbuntu-2204gen2containerd-202508.20.1");
    older("AKSUbuntu-2204gen2containerd-202508.20.2", "AKSUbuntu-2204gen2containerd-202508.20.10");
    older("AKSUbuntu-1804gen2containerd-2022.10.24", "AKSUbuntu-1804gen2containerd-202301.10.0");
    older("AKSWindows-2022-containerd-20348.1787.230614", "AKSWindows-2022-containerd-20348.2402.240410");
    older("AKSWindows-2025-gen2-26100.4946.250823", "AKSWindows-2025-gen2-26100.33158.260715");
    older("AKSWindows-2025-gen2-26100.4946.250823", "AKSWindows-2025-gen2-26100.10000.250823");
}

#[test]
fn families_are_not_compared() {
    let image = |text| NodeImage::new(text);
    let gen2 = image("AKSUbuntu-2204gen2containerd-202508.20.0");
    for other in ["AKSUbuntu-2204containerd-202510.20.0", "AKSUbuntu-2404gen2containerd-202510.20.0"] {
        assert_eq!(gen2.compare(&image(other)), None);
    }
}

proptest! {
    #[test]
    fn any_text_is_an_image(text: String) {
        let image = NodeImage::new(text.clone());
        prop_assert_eq!(image.as_str(), text);
        prop_assert_eq!(image.family().is_some(), image.published().is_some());
    }

    #[test]
    fn every_date_is_read_back(year in 2023i16..2100, month in 1i8..=12, day in 1i8..=28, hotfix in 0u64..20) {
        let image = NodeImage::new(format!("AKSAzureLinux-V3gen2-{year}{month:02}.{day:02}.{hotfix}"));
        prop_assert_eq!(image.published(), jiff::civil::Date::new(year, month, day).ok());
    }
}
