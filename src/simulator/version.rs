//! A Kubernetes version as the simulator orders it.

use std::fmt;
use std::str::FromStr;

/// A full Kubernetes version `1.<minor>.<patch>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The minor, the 34 of `1.34.2`.
    pub minor: u32,
    /// The patch, the 2 of `1.34.2`; LTS-only patches start at 100.
    pub patch: u32,
}

/// What a caller may write where a version is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// `""`: the version that runs.
    Current,
    /// `"1.34"`: the newest supported patch of a minor.
    Alias(u32),
    /// `"1.34.2"`.
    Full(Version),
}

impl FromStr for Version {
    type Err = String;

    /// Reads `1.34.2`.
    ///
    /// # Errors
    ///
    /// A sentence for anything else, for example `1.34`, `v1.34.2` or `2.0.0`.
    fn from_str(text: &str) -> Result<Self, String> {
        match Wish::from_str(text)? {
            Wish::Full(version) => Ok(version),
            _ => Err(format!("\"{text}\" is not a full Kubernetes version such as \"1.34.2\".")),
        }
    }
}

impl FromStr for Wish {
    type Err = String;

    /// Reads an empty string, `1.34` or `1.34.2`.
    ///
    /// # Errors
    ///
    /// A sentence for anything else.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is not a Kubernetes version such as \"1.34.2\" or \"1.34\".");
        // Neither `+34` nor `034`.
        let number = |part: &str| {
            let number = part.parse::<u32>().ok().filter(|number| number.to_string() == part);
            number.ok_or_else(wrong)
        };
        match text.split('.').collect::<Vec<_>>().as_slice() {
            [""] => Ok(Wish::Current),
            ["1", minor] => Ok(Wish::Alias(number(minor)?)),
            ["1", minor, patch] => Ok(Wish::Full(Version { minor: number(minor)?, patch: number(patch)? })),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}.{}", self.minor, self.patch)
    }
}
