//! Kubernetes versions: parse, order, one minor up.
//!
//! Azure writes versions in three parts (`1.34.2`), previews as semver pre-releases (`1.37.0-preview`)
//! and long-term-support patches with patch numbers from 100 on (`1.28.100`). What it calls an alias,
//! `1.34`, is a [`Minor`] here, so that the two are never mistaken for each other.

use std::fmt;
use std::str::FromStr;

/// A full Kubernetes version such as `1.34.2`, ordered as semver orders it.
///
/// Parsing and printing are inverse to each other.
///
/// ```
/// # use terraform_provider_aks::upgrade::version::Version;
/// let (old, new): (Version, Version) = ("1.9.10".parse()?, "1.10.2".parse()?);
/// assert!(old < new, "numbers are compared as numbers");
/// assert_eq!(new.to_string(), "1.10.2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(semver::Version);

/// A Kubernetes minor such as `1.34`, which AKS calls an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minor {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
}

/// Why a text is not a version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct VersionError {
    reason: String,
}

impl Version {
    /// Returns the minor that this version belongs to.
    #[must_use]
    pub fn minor(&self) -> Minor {
        Minor { major: self.0.major, minor: self.0.minor }
    }

    /// Returns the lowest version of a minor, e.g. `1.34.0`, whether or not anybody offers it.
    #[must_use]
    pub fn first_of(minor: Minor) -> Self {
        Version(semver::Version::new(minor.major, minor.minor, 0))
    }

    /// Tells whether this is a pre-release such as `1.37.0-preview`.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        !self.0.pre.is_empty()
    }
}

impl Minor {
    /// What nobody asks for: AKS has offered nothing older since 2019 (its release notes), and Terraform reads a number
    /// such as 1.30 as 1.3.
    pub const OLDEST: Minor = Minor { major: 1, minor: 10 };

    /// Returns the minor that follows, e.g. `1.35` after `1.34`.
    #[must_use]
    pub fn next(self) -> Minor {
        Minor { minor: self.minor.saturating_add(1), ..self }
    }

    /// Returns the minor before, e.g. `1.33` before `1.34`; `None` before `1.0`.
    #[must_use]
    pub fn previous(self) -> Option<Minor> {
        self.minor.checked_sub(1).map(|minor| Minor { minor, ..self })
    }
}

impl FromStr for Version {
    type Err = VersionError;

    /// Parses a full version.
    ///
    /// # Errors
    ///
    /// `"v1.33.5"` (a leading `v`), `"1.33"` (an alias), `"01.33.0"` (a leading zero), `"1.33.5 "` (a space),
    /// `"1.３3.5"` (a digit outside ASCII), `"1.33.5+build"` (build metadata, which AKS never uses).
    fn from_str(text: &str) -> Result<Self, VersionError> {
        match semver::Version::parse(text) {
            Ok(version) if version.build.is_empty() => Ok(Version(version)),
            _ if Minor::from_str(text).is_ok() => Err(refuse(
                text,
                "a full Kubernetes version",
                "it is a minor and lacks the patch number",
                "\"1.34.2\"",
            )),
            _ => Err(refuse(text, "a Kubernetes version", fault(text), "\"1.34.2\"")),
        }
    }
}

impl FromStr for Minor {
    type Err = VersionError;

    /// Parses a minor.
    ///
    /// # Errors
    ///
    /// `"1.34.2"` (a full version), `"v1.34"`, `"1"`, `"1.034"` (a leading zero), `" 1.34"`, `"1.x"`.
    fn from_str(text: &str) -> Result<Self, VersionError> {
        let numbers = text.split_once('.').and_then(|(major, minor)| Some((number(major)?, number(minor)?)));
        match numbers {
            Some((major, minor)) => Ok(Minor { major, minor }),
            None if semver::Version::parse(text).is_ok() => {
                Err(refuse(text, "a Kubernetes minor", "it names a patch as well", "\"1.34\""))
            }
            None => Err(refuse(text, "a Kubernetes minor", fault(text), "\"1.34\"")),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl VersionError {
    /// Says that a text is neither a full version nor a minor.
    pub(super) fn neither(text: &str) -> Self {
        let example = "\"1.34.2\" or, for the newest patch of a minor, as \"1.34\"";
        refuse(text, "a Kubernetes version", fault(text), example)
    }

    /// Says that a minor is older than any on offer, which is what Terraform makes of a number that ends in 0.
    pub(super) fn shortened(minor: Minor) -> Self {
        VersionError::new(format!(
            "\"{minor}\" is older than anything that AKS offers. Terraform reads a number such as {minor}0 as {minor}: \
             write the version in quotes, \"{minor}0\"."
        ))
    }

    /// Takes a finished sentence.
    pub(super) fn new(reason: String) -> Self {
        VersionError { reason }
    }
}

fn refuse(text: &str, expected: &str, fault: &str, example: &str) -> VersionError {
    VersionError::new(format!("{text:?} is not {expected}: {fault}; write it as {example}."))
}

/// Names the first thing that is wrong with a text that should consist of numbers and dots.
fn fault(text: &str) -> &'static str {
    let leading_zero = |part: &str| part.len() > 1 && part.starts_with('0');
    if text.is_empty() {
        "it is empty"
    } else if text.chars().any(char::is_whitespace) {
        "it contains a space"
    } else if text.starts_with(['v', 'V']) {
        "it starts with \"v\""
    } else if !text.is_ascii() {
        "it contains a character outside ASCII"
    } else if text.contains('+') {
        "it carries build metadata"
    } else if text.split('.').any(leading_zero) {
        "a number has a leading zero"
    } else {
        "it is not made of numbers separated by dots"
    }
}

/// Parses a decimal number without sign and without leading zero.
fn number(text: &str) -> Option<u64> {
    let plain = text == "0" || !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Returns how many minors a pool may be behind a control plane of that minor: 3 from 1.28 on, 2 before.
///
/// Source: kubernetes.io/releases/version-skew-policy and AKS's error `NodePoolMcVersionIncompatible`.
#[must_use]
pub fn allowed_skew(control_plane: Minor) -> u64 {
    if control_plane >= (Minor { major: 1, minor: 28 }) { 3 } else { 2 }
}

/// Tells whether a pool would be too far behind a control plane.
#[must_use]
pub fn breaks_skew(pool: &Version, control_plane: &Version) -> bool {
    let behind = control_plane.minor().minor.saturating_sub(pool.minor().minor);
    behind > allowed_skew(control_plane.minor())
}
