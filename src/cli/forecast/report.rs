//! What came of looking ahead, for one cluster or many.

use crate::provider::outlook::Outlook;
use crate::terraform::diagnostic::Diagnostic;

/// What came of looking ahead for one cluster.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is called: the address of the resource, or the name of the cluster.
    pub name: String,
    /// The ARM id of the cluster, as far as it is known.
    pub cluster: String,
    /// What is to come, or why that cannot be said.
    pub outlook: Result<Outlook, Vec<Diagnostic>>,
}

/// What came of looking ahead for all of them, in the order that they were named.
#[derive(Clone, Debug)]
pub struct Report {
    /// One for each cluster.
    pub found: Vec<Found>,
}

impl Report {
    /// Creates a report.
    #[must_use]
    pub fn new(found: Vec<Found>) -> Self {
        Report { found }
    }

    /// Returns what is to come where that can be said.
    pub fn outlooks(&self) -> impl Iterator<Item = &Outlook> {
        self.found.iter().filter_map(|one| one.outlook.as_ref().ok())
    }

    /// Says for which clusters it cannot be said, and why.
    pub fn missing(&self) -> impl Iterator<Item = String> {
        self.found.iter().filter_map(|one| one.outlook.as_ref().err().map(|why| sentence(&one.name, why)))
    }
}

/// Says why nothing is known of a cluster.
#[must_use]
pub fn sentence(name: &str, why: &[Diagnostic]) -> String {
    let said: Vec<String> = why.iter().map(|one| format!("{}: {}", one.summary, one.located())).collect();
    format!("{name}: {}", said.join(" "))
}
