//! Operating systems that come and end with a Kubernetes version, as tables.

use terraform_provider_aks::upgrade::cluster::{Mode, Pool};
use terraform_provider_aks::upgrade::node_image::NodeImage;
use terraform_provider_aks::upgrade::os::{comes_with, ends_before};

use crate::upgrade::sample::pool;

fn of(os_sku: &str, version: &str) -> Pool {
    Pool { os_sku: os_sku.to_owned(), ..pool("a", Mode::User, version) }
}

#[track_caller]
fn comes(os_sku: &str, from: &str, to: &str, expected: Option<&str>) {
    let pool = of(os_sku, from);
    assert_eq!(comes_with(&pool, pool.version.minor(), to.parse().unwrap()), expected);
}

#[track_caller]
fn ends(os_sku: &str, to: &str, expected: Option<(&str, &str, bool)>) {
    let end = ends_before(os_sku, to.parse().unwrap());
    let end = end.map(|end| (end.last.to_string(), end.successor, end.in_place));
    assert_eq!(end.as_ref().map(|(last, next, in_place)| (last.as_str(), *next, *in_place)), expected);
}

#[test]
fn an_unversioned_sku_changes_its_system_at_a_minor() {
    comes("Ubuntu", "1.34.8", "1.35", Some("Ubuntu 24.04"));
    comes("Ubuntu", "1.33.5", "1.36", Some("Ubuntu 24.04"));
    comes("Ubuntu", "1.33.5", "1.34", None);
    comes("Ubuntu", "1.35.1", "1.36", None);
    comes("ubuntu", "1.34.8", "1.35", Some("Ubuntu 24.04"));
    comes("AzureLinux", "1.31.12", "1.32", Some("Azure Linux 3.0"));
    comes("CBLMariner", "1.31.12", "1.32", Some("Azure Linux 3.0"));
    comes("AzureLinux", "1.32.9", "1.37", None);
}

#[test]
fn nothing_is_said_where_nothing_is_known() {
    comes("Ubuntu2204", "1.34.8", "1.35", None);
    comes("Windows2022", "1.34.8", "1.36", None);
    comes("Ubuntu", "1.24.9", "1.25", None);
    comes("", "1.34.8", "1.35", None);
    let image = NodeImage::new("AKSUbuntu-2004gen2fipscontainerd-202610.05.0");
    let fips = Pool { image, ..of("Ubuntu", "1.34.8") };
    assert_eq!(comes_with(&fips, fips.version.minor(), "1.35".parse().unwrap()), None);
}

#[test]
fn a_versioned_sku_ends_after_its_last_minor() {
    ends("Windows2019", "1.32", None);
    ends("Windows2019", "1.33", Some(("1.32", "Windows2022", false)));
    ends("Windows2022", "1.36", None);
    ends("Windows2022", "1.37", Some(("1.36", "Windows2025", false)));
    ends("windows2022", "1.40", Some(("1.36", "Windows2025", false)));
    ends("Ubuntu2204", "1.36", None);
    ends("Ubuntu2204", "1.37", Some(("1.36", "Ubuntu", true)));
    ends("Ubuntu2404", "1.39", Some(("1.38", "Ubuntu", true)));
    ends("AzureLinux3", "1.37", Some(("1.36", "AzureLinux", true)));
    for lasting in ["Ubuntu", "AzureLinux", "Windows2025", "Flatcar", ""] {
        ends(lasting, "1.60", None);
    }
}
