//! Sizes of virtual machines: their family, by which quota counts, and their vCPUs.
//!
//! A size is read from its name, as Microsoft makes them (docs: virtual-machines/vm-naming-conventions):
//! `Standard_D4s_v5` has 4 vCPUs and belongs to `standardDSv5Family`.

/// A size, as far as quota knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub family: String,
    pub cpus: u64,
}

impl Size {
    /// Reads a name; one that is not made so has two vCPUs and a family of its own.
    pub(crate) fn of(name: &str) -> Self {
        Self::parse(name).unwrap_or_else(|| Size { family: format!("{}Family", lowered(name)), cpus: 2 })
    }

    fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('_');
        let (tier, middle) = (parts.next()?, parts.next()?);
        let version = parts.next_back().unwrap_or_default();
        let digits = middle.find(|c: char| c.is_ascii_digit())?;
        let (letters, rest) = middle.split_at(digits);
        let after = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (cpus, features) = rest.split_at(after);
        let cpus = cpus.parse().ok()?;
        let family = format!(
            "{}{letters}{}{version}Family",
            lowered(tier),
            features.trim_start_matches('-').to_uppercase()
        );
        Some(Size { family, cpus })
    }
}

fn lowered(word: &str) -> String {
    word.to_ascii_lowercase()
}
