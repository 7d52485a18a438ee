//! The versions of the API that there are.

use crate::simulator::world::Call;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::route::Route;

/// The versions of the AKS API that know clusters, oldest first.
///
/// Those for which Microsoft publishes Bicep types (Azure/bicep-types-az, which end at 2026-05), and after them those of
/// its Python packages `azure-mgmt-containerservice` 41.6.0 to 41.9.0b1.
const AKS: &str = "2017-08-31 2018-03-31 2018-08-01-preview 2019-02-01 2019-04-01 2019-06-01 2019-08-01 2019-10-01 \
    2019-11-01 2020-01-01 2020-02-01 2020-03-01 2020-04-01 2020-06-01 2020-07-01 2020-09-01 \
    2020-11-01 2020-12-01 2021-02-01 2021-03-01 2021-05-01 2021-07-01 2021-08-01 2021-09-01 \
    2021-10-01 2021-11-01-preview 2022-01-01 2022-01-02-preview 2022-02-01 2022-02-02-preview \
    2022-03-01 2022-03-02-preview 2022-04-01 2022-04-02-preview 2022-05-02-preview 2022-06-01 \
    2022-06-02-preview 2022-07-01 2022-07-02-preview 2022-08-02-preview 2022-08-03-preview \
    2022-09-01 2022-09-02-preview 2022-10-02-preview 2022-11-01 2022-11-02-preview 2023-01-01 \
    2023-01-02-preview 2023-02-01 2023-02-02-preview 2023-03-01 2023-03-02-preview 2023-04-01 \
    2023-04-02-preview 2023-05-01 2023-05-02-preview 2023-06-01 2023-06-02-preview 2023-07-01 \
    2023-07-02-preview 2023-08-01 2023-08-02-preview 2023-09-01 2023-09-02-preview 2023-10-01 \
    2023-10-02-preview 2023-11-01 2023-11-02-preview 2024-01-01 2024-01-02-preview 2024-02-01 \
    2024-02-02-preview 2024-03-02-preview 2024-04-02-preview 2024-05-01 2024-05-02-preview \
    2024-06-02-preview 2024-07-01 2024-07-02-preview 2024-08-01 2024-09-01 2024-09-02-preview \
    2024-10-01 2024-10-02-preview 2025-01-01 2025-01-02-preview 2025-02-01 2025-02-02-preview \
    2025-03-01 2025-03-02-preview 2025-04-01 2025-04-02-preview 2025-05-01 2025-05-02-preview \
    2025-06-02-preview 2025-07-01 2025-07-02-preview 2025-08-01 2025-08-02-preview 2025-09-01 \
    2025-09-02-preview 2025-10-01 2025-10-02-preview 2026-01-01 2026-01-02-preview 2026-02-01 \
    2026-02-02-preview 2026-03-01 2026-03-02-preview 2026-04-01 2026-04-02-preview 2026-05-01 \
    2026-05-02-preview 2026-06-01 2026-06-02-preview 2026-07-01 2026-07-02-preview 2026-08-01 \
    2026-08-02-preview";

/// The versions of the API of Fleet Manager: Bicep types, and the Python package 4.1.0b1.
const FLEET: &str = "2022-06-02-preview 2022-07-02-preview 2022-09-02-preview 2023-03-15-preview 2023-06-15-preview \
    2023-08-15-preview 2023-10-15 2024-02-02-preview 2024-04-01 2024-05-02-preview 2025-03-01 \
    2025-04-01-preview 2025-08-01-preview 2026-02-01-preview 2026-03-02-preview 2026-06-01 \
    2026-06-02-preview";

/// The first version that knows a kind of resource or an action, and the first stable one that does, where neither
/// is the first of all; `NEVER` of what previews only know.
///
/// Bicep types, and the operations in the Python packages `azure-mgmt-containerservice` 20.0.0 to 41.9.0b1. What is
/// not here is known as long as what it lies below.
const SINCE: [(&str, &str, &str); 23] = [
    ("managedClusters/upgradeProfiles", "2018-03-31", "2018-03-31"),
    ("managedClusters/availableAgentPoolVersions", "2019-06-01", "2019-06-01"),
    ("managedClusters/start", "2020-09-01", "2020-09-01"),
    ("managedClusters/stop", "2020-09-01", "2020-09-01"),
    ("managedClusters/abort", "2022-07-02-preview", "2023-01-01"),
    ("managedClusters/agentPools", "2019-02-01", "2019-02-01"),
    ("managedClusters/agentPools/upgradeProfiles", "2019-06-01", "2019-06-01"),
    ("managedClusters/agentPools/upgradeNodeImageVersion", "2020-07-01", "2020-07-01"),
    ("managedClusters/agentPools/abort", "2022-07-02-preview", "2023-01-01"),
    ("managedClusters/agentPools/machines", "2023-07-02-preview", "2024-07-01"),
    ("managedClusters/agentPools/completeUpgrade", "2026-08-02-preview", NEVER),
    ("managedClusters/maintenanceConfigurations", "2020-12-01", "2020-12-01"),
    ("managedClusters/upgradeInsights", "2026-08-02-preview", NEVER),
    ("managedClusters/generateUpgradeInsights", "2026-08-02-preview", NEVER),
    ("locations/kubernetesVersions", "2023-03-01", "2023-03-01"),
    ("locations/nodeImageVersions", "2025-01-02-preview", NEVER),
    ("snapshots", "2021-08-01", "2021-08-01"),
    ("fleets/members", "2022-06-02-preview", "2023-10-15"),
    ("fleets/updateRuns", "2023-03-15-preview", "2023-10-15"),
    ("fleets/updateRuns/skip", "2024-02-02-preview", "2024-04-01"),
    ("fleets/updateStrategies", "2023-08-15-preview", "2023-10-15"),
    ("fleets/autoUpgradeProfiles", "2024-05-02-preview", "2025-03-01"),
    ("fleets/gates", "2025-04-01-preview", "2026-06-01"),
];

/// After every version.
const NEVER: &str = "9999-12-31";

impl Call {
    /// Refuses a version of the API that is not there, or that does not know what is asked for.
    pub(super) fn check_api_version(&self) -> Result<(), Refusal> {
        let version = self.parameter("api-version").filter(|version| !version.is_empty());
        let version = version.ok_or_else(Refusal::no_api_version)?;
        let Some(kind) = self.kind() else { return well_formed(&version) };
        let known: Vec<&str> = versions_of(&kind).collect();
        if !is_day(&version) {
            return Err(Refusal::malformed_api_version(&version, &known.join(", ")));
        }
        // An operation's address carries the version that the service has chosen.
        let ours = !matches!(self.route, Route::Status { .. } | Route::Result { .. });
        if ours && !known.contains(&version.as_str()) {
            return Err(Refusal::unsupported_api_version(&version, &kind, &known.join(", ")));
        }
        Ok(())
    }
}

/// Returns the newest version of the API that is no preview, for a path.
pub(super) fn newest_for(path: &str) -> &'static str {
    let fleets = path.to_ascii_lowercase().contains("/microsoft.containerservice/fleets");
    let all = if fleets { FLEET } else { AKS };
    all.split_whitespace().rfind(|version| !version.ends_with("-preview")).unwrap_or_default()
}

/// Returns the versions of the API in which a kind of resource is known.
fn versions_of(kind: &str) -> impl Iterator<Item = &'static str> {
    let kind = kind.to_ascii_lowercase();
    let fleets = kind == "fleets" || kind.starts_with("fleets/");
    let fits = move |version: &&str| {
        let (first, stable) = since(&kind);
        *version >= if version.ends_with("-preview") { first } else { stable }
    };
    let all = if fleets { FLEET } else { AKS };
    all.split_whitespace().filter(fits)
}

/// Returns the first version that knows a kind and the first stable one: of the longest row that it is or lies below.
fn since(kind: &str) -> (&'static str, &'static str) {
    let covers = |(own, ..): &&(&str, &str, &str)| {
        let rest = kind.strip_prefix(own.to_ascii_lowercase().as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let longest = SINCE.iter().filter(covers).max_by_key(|(own, ..)| own.len());
    longest.map_or(("", ""), |(_, first, stable)| (first, stable))
}

/// Resource Manager's own resources and those of other providers: any day will do.
fn well_formed(version: &str) -> Result<(), Refusal> {
    if is_day(version) {
        return Ok(());
    }
    Err(Refusal::malformed_api_version(version, "2021-01-01, 2021-04-01, 2022-09-01, 2024-03-01"))
}

/// Tells whether a version is a day, `-preview` aside.
fn is_day(version: &str) -> bool {
    let day = version.strip_suffix("-preview").unwrap_or(version);
    day.len() == 10 && jiff::civil::Date::strptime("%Y-%m-%d", day).is_ok()
}
