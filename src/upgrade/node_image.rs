//! A node image version: family, order inside the family, publication date.
//!
//! The forms that Azure uses, all taken from recorded answers:
//!
//! | form | example | date |
//! |---|---|---|
//! | Linux | `AKSUbuntu-2204gen2containerd-202610.19.0` | `YYYYMM.DD.hotfix` |
//! | Linux before 2023 | `AKSUbuntu-1804gen2containerd-2022.10.03` | `YYYY.MM.DD` |
//! | Windows | `AKSWindows-2022-containerd-gen2-20348.2402.240410` | `build.revision.YYMMDD` |

use std::cmp::Ordering;
use std::fmt;

use jiff::civil::Date;

/// A node image version as Azure spells it, e.g. `AKSUbuntu-2204gen2containerd-202610.19.0`.
///
/// Every text is a node image; one whose form is not known is carried and never compared.
///
/// ```
/// # use terraform_provider_aks::upgrade::node_image::NodeImage;
/// let image = NodeImage::new("AKSWindows-2022-containerd-20348.1787.230614");
/// assert_eq!(image.family(), Some("AKSWindows-2022-containerd"));
/// assert_eq!(image.published().map(|date| date.to_string()).as_deref(), Some("2023-06-14"));
/// assert_eq!(NodeImage::new("my-own-image").published(), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NodeImage {
    text: String,
    form: Option<Form>,
}

/// What the name says; a pure function of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Form {
    /// How many bytes of the text name the family.
    family: usize,
    published: Date,
    /// What tells images of one day apart: the hotfix number, or Windows' build and revision.
    rank: (u64, u64),
}

impl NodeImage {
    /// Takes the text as Azure sent it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        NodeImage { form: form(&text), text }
    }

    /// Returns the text as Azure sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns what comes before the date, e.g. `AKSUbuntu-2204gen2containerd`; `None` when the form is unknown.
    #[must_use]
    pub fn family(&self) -> Option<&str> {
        self.form.and_then(|form| self.text.get(..form.family))
    }

    /// Returns the day on which the image was published, when its version says so.
    #[must_use]
    pub fn published(&self) -> Option<Date> {
        self.form.map(|form| form.published)
    }

    /// Returns what tells two images apart: both without the parts that they begin with, which `-` ends.
    ///
    /// ```
    /// # use terraform_provider_aks::upgrade::node_image::NodeImage;
    /// let image = |text| NodeImage::new(text);
    /// let first = image("AKSUbuntu-2204gen2containerd-202610.19.0");
    /// assert_eq!(first.apart(&image("AKSUbuntu-2204gen2containerd-202611.16.0")), ("202610.19.0", "202611.16.0"));
    /// ```
    #[must_use]
    pub fn apart<'a>(&'a self, other: &'a NodeImage) -> (&'a str, &'a str) {
        let (mut ours, mut theirs) = (self.text.as_str(), other.text.as_str());
        while let (Some((first, rest)), Some((same, others))) = (ours.split_once('-'), theirs.split_once('-'))
            && first == same
        {
            (ours, theirs) = (rest, others);
        }
        (ours, theirs)
    }

    /// Compares two images of one family by date and hotfix; `None` across families and for unknown forms.
    ///
    /// ```
    /// # use std::cmp::Ordering;
    /// # use terraform_provider_aks::upgrade::node_image::NodeImage;
    /// let image = |text| NodeImage::new(text);
    /// let first = image("AKSAzureLinux-V3gen2-202508.06.0");
    /// assert_eq!(first.compare(&image("AKSAzureLinux-V3gen2-202508.06.1")), Some(Ordering::Less));
    /// assert_eq!(first.compare(&image("AKSAzureLinux-V2gen2-202508.11.0")), None);
    /// ```
    #[must_use]
    pub fn compare(&self, other: &NodeImage) -> Option<Ordering> {
        let order = |image: &NodeImage| image.form.map(|form| (form.published, form.rank));
        if self.text == other.text {
            return Some(Ordering::Equal);
        }
        (self.family() == other.family()).then(|| Some(order(self)?.cmp(&order(other)?))).flatten()
    }

    /// Tells whether another image would be newer: by date and hotfix inside a family, by date alone across families.
    ///
    /// Where a date is missing, any other image counts as newer: of its age nothing is known.
    ///
    /// ```
    /// # use terraform_provider_aks::upgrade::node_image::NodeImage;
    /// let image = |text| NodeImage::new(text);
    /// let running = image("AKSUbuntu-2204gen2containerd-202610.19.0");
    /// assert!(running.is_older_than(&image("AKSUbuntu-2404gen2containerd-202610.26.0")));
    /// assert!(!running.is_older_than(&image("AKSUbuntu-2404gen2containerd-202610.19.1")));
    /// ```
    #[must_use]
    pub fn is_older_than(&self, other: &NodeImage) -> bool {
        let order = self.compare(other).or_else(|| Some(self.published()?.cmp(&other.published()?)));
        order.is_none_or(Ordering::is_lt)
    }
}

impl fmt::Display for NodeImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn form(text: &str) -> Option<Form> {
    let (family, version) = text.rsplit_once('-')?;
    let read = if family.starts_with("AKSWindows") { windows } else { linux };
    // A node's own label appends the date of its last security patch to a whole image version.
    let is_label = family.rsplit('-').next().and_then(read).is_some();
    if !family.starts_with("AKS") || is_label {
        return None;
    }
    let (published, rank) = read(version)?;
    Some(Form { family: family.len(), published, rank })
}

/// Reads `YYYYMM.DD.hotfix` or, before 2023, `YYYY.MM.DD`.
fn linux(version: &str) -> Option<(Date, (u64, u64))> {
    let (first, second, third) = parts(version)?;
    match first.len() {
        6 => Some((date(first.get(..4)?, first.get(4..)?, second)?, (digits(third)?, 0))),
        4 => Some((date(first, second, third)?, (0, 0))),
        _ => None,
    }
}

/// Reads `build.revision.YYMMDD`.
fn windows(version: &str) -> Option<(Date, (u64, u64))> {
    let (build, revision, day) = parts(version)?;
    if day.len() != 6 {
        return None;
    }
    let year = format!("20{}", day.get(..2)?);
    Some((date(&year, day.get(2..4)?, day.get(4..)?)?, (digits(build)?, digits(revision)?)))
}

fn parts(version: &str) -> Option<(&str, &str, &str)> {
    let (first, rest) = version.split_once('.')?;
    let (second, third) = rest.split_once('.')?;
    Some((first, second, third))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let small = |text| i8::try_from(digits(text)?).ok();
    Date::new(i16::try_from(digits(year)?).ok()?, small(month)?, small(day)?).ok()
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}
