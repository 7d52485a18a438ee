//! The ARM id of a cluster: parse, compare, print.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// The ARM id of an AKS cluster.
///
/// Azure answers with another casing than it was asked with (`resourcegroups`, `ManagedClusters`), so ids
/// are equal when they differ in casing only. Printing gives the canonical spelling.
///
/// ```
/// use terraform_provider_aks::arm::id::ClusterId;
///
/// let text = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/Microsoft.ContainerService/ManagedClusters/prod";
/// let id: ClusterId = text.parse().unwrap();
/// assert_eq!(id.name(), "prod");
/// assert_eq!(id.to_string(), text.replace("resourcegroups", "resourceGroups").replace("Managed", "managed"));
/// ```
#[derive(Clone, Debug)]
pub struct ClusterId {
    subscription: String,
    resource_group: String,
    name: String,
}

/// Why a text is not the ARM id of a cluster, or not a name that may stand in one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given} is not {wanted}: {reason}. A correct example is {example}.")]
pub struct IdError {
    given: String,
    wanted: &'static str,
    reason: String,
    example: &'static str,
}

const EXAMPLE: &str = "\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-group/providers/Microsoft.ContainerService/managedClusters/my-cluster\"";

impl ClusterId {
    /// Returns the subscription's GUID as it was written.
    #[must_use]
    pub fn subscription(&self) -> &str {
        &self.subscription
    }

    /// Returns the resource group's name as it was written.
    #[must_use]
    pub fn resource_group(&self) -> &str {
        &self.resource_group
    }

    /// Returns the cluster's name as it was written.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn folded(&self) -> [String; 3] {
        [&self.subscription, &self.resource_group, &self.name].map(|part| part.to_lowercase())
    }
}

/// Parses an ARM id; keywords in any casing.
///
/// # Errors
///
/// - `…/managedClusters/prod/` — a slash at the end
/// - `…/managedClusters/prod/agentPools/system` — the id of an agent pool
/// - `…/providers/Microsoft.Compute/virtualMachines/vm` — another type
/// - `…/resourceGroups/../…`, `%2f`, `?`, `#`, a newline — a name that Azure would not accept
impl FromStr for ClusterId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let refuse = |reason: String| IdError {
            given: quote(text),
            wanted: "the id of an AKS cluster",
            reason,
            example: EXAMPLE,
        };
        let parts: Vec<&str> = text.split('/').collect();
        let (subscription, resource_group, name) = names(&parts).map_err(refuse)?;
        check_subscription(subscription).map_err(refuse)?;
        check_resource_group(resource_group).map_err(refuse)?;
        check_cluster(name).map_err(refuse)?;
        Ok(ClusterId {
            subscription: subscription.into(),
            resource_group: resource_group.into(),
            name: name.into(),
        })
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClusterId { subscription, resource_group, name } = self;
        write!(f, "/subscriptions/{subscription}/resourceGroups/{resource_group}")?;
        write!(f, "/providers/Microsoft.ContainerService/managedClusters/{name}")
    }
}

impl PartialEq for ClusterId {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for ClusterId {}

impl Hash for ClusterId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

/// The ARM id of a Fleet, as a list of Azure's gives it.
#[derive(Clone, Debug)]
pub struct FleetId {
    subscription: String,
    resource_group: String,
    name: String,
}

impl FleetId {
    /// Parses an ARM id; `None` for anything else, such as the id of a Fleet's member.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').collect();
        let ["", subscriptions, subscription, groups, group, providers, space, kind, name] = parts[..] else {
            return None;
        };
        let keywords = [subscriptions, groups, providers, space, kind];
        let expected =
            ["subscriptions", "resourceGroups", "providers", "Microsoft.ContainerService", "fleets"];
        let is_fleet =
            keywords.iter().zip(expected).all(|(keyword, wanted)| keyword.eq_ignore_ascii_case(wanted));
        check_subscription(subscription).ok().filter(|()| is_fleet)?;
        check_resource_group(group).ok()?;
        check_cluster(name).ok()?;
        Some(FleetId { subscription: subscription.into(), resource_group: group.into(), name: name.into() })
    }
}

impl fmt::Display for FleetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FleetId { subscription, resource_group, name } = self;
        write!(f, "/subscriptions/{subscription}/resourceGroups/{resource_group}")?;
        write!(f, "/providers/Microsoft.ContainerService/fleets/{name}")
    }
}

/// Checks the name of a node pool: `^[a-z][a-z0-9]{0,11}$`.
///
/// # Errors
///
/// `""`, `"Pool"`, `"my-pool"`, `"averylongpoolname"`, `"../other"`.
pub fn check_pool(name: &str) -> Result<(), IdError> {
    let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
    let spells = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    if starts && spells && name.len() <= 12 {
        return Ok(());
    }
    Err(IdError {
        given: quote(name),
        wanted: "the name of a node pool",
        reason: "it has 1 to 12 lowercase letters and digits and starts with a letter".into(),
        example: "\"system1\"",
    })
}

/// The names of maintenance configurations that AKS knows; it takes them in any case and echoes them as written.
pub const MAINTENANCE_CONFIGURATIONS: [&str; 3] =
    ["default", "aksManagedAutoUpgradeSchedule", "aksManagedNodeOSUpgradeSchedule"];

/// Checks the name of a maintenance configuration, in any case.
///
/// # Errors
///
/// `""`, `"weekly"`, `"../other"`.
pub fn check_maintenance_configuration(name: &str) -> Result<(), IdError> {
    if MAINTENANCE_CONFIGURATIONS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(IdError {
        given: quote(name),
        wanted: "the name of a maintenance configuration",
        reason: "AKS knows only default, aksManagedAutoUpgradeSchedule and aksManagedNodeOSUpgradeSchedule"
            .into(),
        example: "\"aksManagedAutoUpgradeSchedule\"",
    })
}

/// Checks the name of an Azure region, in the form that Azure uses in its own answers.
///
/// # Errors
///
/// `""`, `"West Europe"`, `"../other"`.
pub fn check_location(name: &str) -> Result<(), IdError> {
    if (1..=60).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(IdError {
        given: quote(name),
        wanted: "the name of an Azure region",
        reason: "it has only letters and digits, without spaces".into(),
        example: "\"westeurope\"",
    })
}

/// Checks a subscription's id, which is a GUID.
///
/// # Errors
///
/// `""`, `"my subscription"`, `"/subscriptions/00000000-0000-0000-0000-000000000000"`.
pub fn check_subscription_id(text: &str) -> Result<(), IdError> {
    check_subscription(text).map_err(|reason| IdError {
        given: quote(text),
        wanted: "the id of a subscription",
        reason,
        example: "\"00000000-0000-0000-0000-000000000000\"",
    })
}

/// Checks the name of a resource group.
///
/// # Errors
///
/// `""`, `"a/b"`, `"group."`.
pub fn check_group(text: &str) -> Result<(), IdError> {
    check_resource_group(text).map_err(|reason| IdError {
        given: quote(text),
        wanted: "the name of a resource group",
        reason,
        example: "\"my-group\"",
    })
}

fn names<'a>(parts: &[&'a str]) -> Result<(&'a str, &'a str, &'a str), String> {
    let is = |text: &str, keyword: &str| text.eq_ignore_ascii_case(keyword);
    match *parts {
        ["", subscriptions, sub, groups, group, providers, space, kind, name]
            if is(subscriptions, "subscriptions")
                && is(groups, "resourceGroups")
                && is(providers, "providers") =>
        {
            if is(space, "Microsoft.ContainerService") && is(kind, "managedClusters") {
                Ok((sub, group, name))
            } else {
                Err(format!(
                    "it names a resource of type {}, not Microsoft.ContainerService/managedClusters",
                    bare(&format!("{space}/{kind}"))
                ))
            }
        }
        [.., ""] if parts.len() > 1 => Err("it ends with a slash".into()),
        [.., clusters, cluster, pools, _] if is(clusters, "managedClusters") && is(pools, "agentPools") => {
            Err(format!("it is the id of an agent pool; the id of its cluster ends with {}", quote(cluster)))
        }
        [.., clusters, _, below, _] if is(clusters, "managedClusters") => {
            Err(format!("it names something below a cluster ({}), not the cluster", bare(below)))
        }
        ["", _, ..] => Err("it does not have the parts of a cluster's id".into()),
        _ => Err("it does not start with a slash".into()),
    }
}

fn check_subscription(text: &str) -> Result<(), String> {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    if lengths == [8, 4, 4, 4, 12] && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Ok(());
    }
    Err(format!("the subscription {} is not a GUID", quote(text)))
}

/// Azure's own rule: 1 to 90 letters and digits of any script, `-`, `_`, `.`, `(`, `)`, no period at the end.
fn check_resource_group(text: &str) -> Result<(), String> {
    let spells = text.chars().all(|c| c.is_alphanumeric() || "-_.()".contains(c));
    if spells && !text.ends_with('.') && (1..=90).contains(&text.chars().count()) {
        return Ok(());
    }
    Err(format!(
        "the resource group {} may have 1 to 90 letters, digits, '-', '_', '.', '(' and ')', and no '.' at the end",
        quote(text)
    ))
}

/// `^[a-zA-Z0-9]$|^[a-zA-Z0-9][-_a-zA-Z0-9]{0,61}[a-zA-Z0-9]$`, from the OpenAPI description of 2026-08-01.
fn check_cluster(text: &str) -> Result<(), String> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let spells = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if spells && edge(text.chars().next()) && edge(text.chars().next_back()) && text.len() <= 63 {
        return Ok(());
    }
    Err(format!(
        "the cluster name {} may have 1 to 63 letters, digits, '-' and '_', and starts and ends with a letter or digit",
        quote(text)
    ))
}

/// Quotes a text for an error sentence: escaped, so that it cannot steer a terminal and a letter that only
/// looks like another one shows, and not endless.
fn quote(text: &str) -> String {
    const MOST: usize = 300;
    let mut shown: String = text.chars().take(MOST).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("\"{}\"", bare(&shown))
}

fn bare(text: &str) -> String {
    text.chars().take(301).flat_map(escape).collect()
}

fn escape(c: char) -> Vec<char> {
    if c == ' ' || c == '…' || c.is_ascii_alphanumeric() || c.is_ascii_punctuation() && c != '"' {
        vec![c]
    } else {
        c.escape_default().collect()
    }
}
