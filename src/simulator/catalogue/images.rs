//! Node images: the name forms that Azure was recorded with, and a release calendar.

use jiff::civil::date;

use crate::simulator::catalogue::Image;
use crate::simulator::catalogue::minors::midnight;

/// Linux families, released together about once a week.
const LINUX: &[&str] = &[
    "AKSUbuntu-2204gen2containerd",
    "AKSUbuntu-2204containerd",
    "AKSUbuntu-2204gen2arm64containerd",
    "AKSUbuntu-2204gen2TLcontainerd",
    "AKSUbuntu-2204gen2fipscontainerd",
    "AKSUbuntu-2004gen2fipscontainerd",
    "AKSUbuntu-2404gen2containerd",
    "AKSUbuntu-2404containerd",
    "AKSUbuntu-2404gen2arm64containerd",
    "AKSUbuntu-2404gen2TLcontainerd",
    "AKSAzureLinux-V3gen2",
    "AKSAzureLinux-V3gen2arm64",
    "AKSAzureLinux-V3gen2TL",
    "AKSAzureLinux-OSGuardV3gen2fipsTL",
    "AKSFlatcar-flatcargen2",
];

/// Windows families: name, build before the revision.
const WINDOWS: &[(&str, &str)] = &[
    ("AKSWindows-2019-containerd", "17763"),
    ("AKSWindows-2022-containerd", "20348"),
    ("AKSWindows-2022-containerd-gen2", "20348"),
    ("AKSWindows-2025-gen2", "26100"),
];

/// Returns the family of a node image: its name without the date or build at its end.
///
/// ```
/// use terraform_provider_aks::simulator::catalogue::family;
/// assert_eq!(family("AKSUbuntu-2204gen2containerd-202510.29.0"), "AKSUbuntu-2204gen2containerd");
/// assert_eq!(family("AKSWindows-2022-containerd-gen2-20348.2402.240410"), "AKSWindows-2022-containerd-gen2");
/// ```
#[must_use]
pub fn family(image: &str) -> &str {
    image.rsplit_once('-').map_or(image, |(family, _)| family)
}

/// Checks that a text is the name of a node image: a family, and the numbers of a date or build.
///
/// # Errors
///
/// A sentence for anything else, such as `banana`.
pub(crate) fn image_name(image: &str) -> Result<(), String> {
    let number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let version = image.strip_prefix(family(image)).and_then(|rest| rest.strip_prefix('-'));
    let fits =
        version.is_some_and(|version| version.split('.').count() == 3 && version.split('.').all(number));
    if fits && image.starts_with("AKS") {
        return Ok(());
    }
    Err(format!("\"{image}\" is no node image such as \"AKSUbuntu-2204gen2containerd-202611.16.0\"."))
}

/// Tells whether an image is newer than another one of its family: by the numbers of its date or build.
///
/// ```
/// use terraform_provider_aks::simulator::catalogue::is_newer;
/// let image = |version: &str| format!("AKSUbuntu-2204gen2containerd-{version}");
/// assert!(is_newer(&image("202610.29.0"), &image("202610.05.2")));
/// assert!(!is_newer(&image("202610.29.0"), "AKSUbuntu-2404gen2containerd-202601.05.0"));
/// ```
#[must_use]
pub fn is_newer(image: &str, than: &str) -> bool {
    let numbers = |image: &str| -> Vec<u64> {
        image[family(image).len()..].split(['-', '.']).filter_map(|number| number.parse().ok()).collect()
    };
    family(image) == family(than) && numbers(image) > numbers(than)
}

/// Returns the built-in releases: Linux on Mondays of the autumn of 2026, Windows monthly.
pub(super) fn recorded() -> Vec<Image> {
    let mut images = vec![];
    for (month, day) in [(7, 9), (8, 10), (9, 14), (10, 5), (10, 19), (11, 2), (11, 9), (11, 16)] {
        images.extend(
            LINUX.iter().map(|family| image(family, format!("2026{month:02}.{day:02}.0"), month, day)),
        );
    }
    // Azure Linux 2.0 was frozen with this one (docs: upgrade-os-version).
    images.push(Image {
        family: "AKSAzureLinux-V2gen2".into(),
        version: "202512.06.0".into(),
        from: midnight(date(2025, 12, 11)),
    });
    for (month, day, server_2019, server_2022, server_2025) in [
        (7, 15, 7558, 5386, 33158),
        (9, 9, 7792, 5499, 33401),
        (10, 14, 7919, 5561, 33520),
        (11, 11, 8027, 5622, 33648),
    ] {
        images.extend(WINDOWS.iter().map(|(family, build)| {
            let revision = match *build {
                "17763" => server_2019,
                "20348" => server_2022,
                _ => server_2025,
            };
            image(family, format!("{build}.{revision}.26{month:02}{day:02}"), month, day)
        }));
    }
    images
}

fn image(family: &str, version: String, month: i8, day: i8) -> Image {
    // A week passes between the date in the name and the day a region has the image.
    let from = midnight(date(2026, month, day).saturating_add(jiff::Span::new().days(5)));
    Image { family: family.to_owned(), version, from }
}
