//! A Kubernetes version: parse, order, one minor up.

use std::fmt;
use std::str::FromStr;

/// A full Kubernetes version such as `1.34.2`, ordered as semver orders it.
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
}

impl FromStr for Version {
    type Err = VersionError;
    fn from_str(text: &str) -> Result<Self, VersionError> {
        semver::Version::parse(text).map(Version).map_err(|e| VersionError { reason: e.to_string() })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Minor {
    type Err = VersionError;
    fn from_str(text: &str) -> Result<Self, VersionError> {
        todo!("{text}")
    }
}

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
