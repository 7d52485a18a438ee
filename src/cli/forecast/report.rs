//! What came of looking ahead, for one cluster or many.

use crate::arm::id::ClusterId;
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
    /// Creates a report, in which no two clusters are called the same.
    #[must_use]
    pub fn new(mut found: Vec<Found>) -> Self {
        let ids: Vec<Option<ClusterId>> = found.iter().map(|one| one.cluster.parse().ok()).collect();
        for (one, id) in found.iter_mut().zip(&ids) {
            let Some(id) = id else { continue };
            let Some(apart) = apart(one, id, ids.iter().flatten()) else { continue };
            let name = format!("{} ({apart})", id.name());
            if let Ok(outlook) = &mut one.outlook {
                outlook.name.clone_from(&name);
            }
            if one.name == id.name() {
                one.name = name;
            }
        }
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

/// Returns what tells one from others whose clusters have the same name: the address of its resource, else the resource
/// group, and the subscription where groups are called the same, too. `None` where the name does.
fn apart<'a>(one: &Found, id: &ClusterId, all: impl Iterator<Item = &'a ClusterId>) -> Option<String> {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let namesakes: Vec<&ClusterId> = all.filter(|other| same(other.name(), id.name())).collect();
    let group = id.resource_group();
    let mut others = namesakes.iter().filter(|other| **other != id);
    Some(match others.clone().count() {
        _ if namesakes.len() == 1 => return None,
        _ if one.name != id.name() => one.name.clone(),
        0 => return None,
        _ if others.any(|other| same(other.resource_group(), group)) => {
            format!("{group}, {}", id.subscription())
        }
        _ => group.to_owned(),
    })
}

/// Says why nothing is known of a cluster.
#[must_use]
pub fn sentence(name: &str, why: &[Diagnostic]) -> String {
    let said: Vec<String> = why.iter().map(|one| format!("{}: {}", one.summary, one.located())).collect();
    format!("{name}: {}", said.join(" "))
}
