//! What a path asks for.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::simulator::world::fleet::path::Part as FleetPart;
use crate::simulator::world::limits::path::LimitPath;

/// Which cluster, snapshot or Fleet; compared without regard to case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    pub subscription: String,
    pub group: String,
    pub name: String,
}

impl Place {
    /// Returns the ARM id of what is of that kind there.
    pub(super) fn id(&self, kind: &str) -> String {
        let Place { subscription, group, name } = self;
        format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.ContainerService/{kind}/{name}"
        )
    }

    /// Tells whether both name the same cluster.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(&other.name)
            && same(&self.group, &other.group)
            && self.subscription.eq_ignore_ascii_case(&other.subscription)
    }

    /// Tells whether it is in a subscription, and in a group of it where one is asked for.
    pub(super) fn is_in(&self, subscription: &str, group: Option<&str>) -> bool {
        self.subscription.eq_ignore_ascii_case(subscription)
            && group.is_none_or(|group| same(&self.group, group))
    }
}

/// What a path asks for; names keep the case in which they were written.
#[derive(Clone, Debug)]
pub(super) enum Route {
    Token,
    Discovery,
    OpenId {
        tenant: String,
    },
    Keys,
    Metadata,
    Tenants,
    Subscriptions,
    Subscription(String),
    Locations(String),
    Groups(String),
    Group {
        subscription: String,
        group: String,
    },
    Clusters {
        subscription: String,
        group: Option<String>,
    },
    Snapshots {
        subscription: String,
        group: Option<String>,
    },
    /// A snapshot's subscription, group and name.
    Snapshot(Place),
    Fleets {
        subscription: String,
        group: Option<String>,
    },
    /// A Fleet, or what lies below one.
    Fleet(Place, FleetPart),
    /// What the caller may do at a scope.
    Permissions,
    /// Quota, subnets or locks.
    Limit(LimitPath),
    Versions {
        location: String,
    },
    NodeImages {
        location: String,
    },
    Status {
        id: String,
    },
    Result {
        id: String,
    },
    Cluster(Place),
    ClusterAction(Place, String),
    UpgradeProfile(Place),
    AvailableVersions(Place),
    Pools(Place),
    Pool(Place, String),
    PoolAction(Place, String, String),
    PoolProfile(Place, String),
    Machines(Place, String),
    Machine(Place, String, String),
    MaintenanceList(Place),
    Maintenance(Place, String),
    Insights(Place),
    Insight(Place, String),
    Unknown,
}

impl Route {
    /// Reads a path; fixed words in any case, as Azure does.
    pub(super) fn of(path: &str) -> Self {
        let own = words(path);
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        let lower: Vec<String> = own.iter().map(|word| word.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let at = |index: usize| own.get(index).copied().unwrap_or_default().to_owned();
        if let Some(limit) = LimitPath::of(&lower, &own) {
            return Route::Limit(limit);
        }
        match lower.as_slice() {
            [.., "oauth2", "v2.0", "token"] | [_, "oauth2", "token"] => Route::Token,
            ["common", "discovery", "instance"] => Route::Discovery,
            [_, "v2.0", ".well-known", "openid-configuration"]
            | [_, ".well-known", "openid-configuration"] => Route::OpenId { tenant: at(0) },
            [_, "discovery", "v2.0", "keys"] => Route::Keys,
            ["metadata", "endpoints"] => Route::Metadata,
            [.., "providers", "microsoft.authorization", "permissions"] => Route::Permissions,
            ["tenants"] => Route::Tenants,
            ["subscriptions"] => Route::Subscriptions,
            ["subscriptions", _] => Route::Subscription(at(1)),
            ["subscriptions", _, "locations"] => Route::Locations(at(1)),
            ["subscriptions", _, "resourcegroups"] => Route::Groups(at(1)),
            ["subscriptions", _, "resourcegroups", _] => Route::Group { subscription: at(1), group: at(3) },
            ["subscriptions", _, "providers", CONTAINERS, rest @ ..] => match rest {
                ["managedclusters"] => Route::Clusters { subscription: at(1), group: None },
                ["snapshots"] => Route::Snapshots { subscription: at(1), group: None },
                ["fleets"] => Route::Fleets { subscription: at(1), group: None },
                ["locations", _, "kubernetesversions"] => Route::Versions { location: at(5) },
                ["locations", _, "nodeimageversions"] => Route::NodeImages { location: at(5) },
                ["locations", _, "operations", _] => Route::Status { id: at(7) },
                ["locations", _, "operationresults", _] => Route::Result { id: at(7) },
                _ => Route::Unknown,
            },
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "managedclusters"] => {
                Route::Clusters { subscription: at(1), group: Some(at(3)) }
            }
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "snapshots"] => {
                Route::Snapshots { subscription: at(1), group: Some(at(3)) }
            }
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "snapshots", _] => {
                Route::Snapshot(Place { subscription: at(1), group: at(3), name: at(7) })
            }
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "fleets"] => {
                Route::Fleets { subscription: at(1), group: Some(at(3)) }
            }
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "fleets", _, rest @ ..] => {
                let place = Place { subscription: at(1), group: at(3), name: at(7) };
                FleetPart::of(rest, &own[8..]).map_or(Route::Unknown, |part| Route::Fleet(place, part))
            }
            [
                "subscriptions",
                _,
                "resourcegroups",
                _,
                "providers",
                CONTAINERS,
                "managedclusters",
                _,
                rest @ ..,
            ] => {
                let place = Place { subscription: at(1), group: at(3), name: at(7) };
                Route::below(place, rest, &own[8..])
            }
            _ => Route::Unknown,
        }
    }

    /// Returns the cluster, for what is a cluster or lies below one.
    pub(super) fn place(&self) -> Option<&Place> {
        match self {
            Route::Cluster(place)
            | Route::ClusterAction(place, _)
            | Route::UpgradeProfile(place)
            | Route::AvailableVersions(place)
            | Route::Pools(place)
            | Route::Pool(place, _)
            | Route::PoolAction(place, _, _)
            | Route::PoolProfile(place, _)
            | Route::Machines(place, _)
            | Route::Machine(place, _, _)
            | Route::MaintenanceList(place)
            | Route::Maintenance(place, _)
            | Route::Insights(place)
            | Route::Insight(place, _) => Some(place),
            _ => None,
        }
    }

    /// Tells whether the AKS resource provider answers, not Resource Manager itself.
    pub(super) fn is_of_provider(&self) -> bool {
        let others = matches!(
            self,
            Route::Clusters { .. }
                | Route::Snapshots { .. }
                | Route::Snapshot(_)
                | Route::Fleets { .. }
                | Route::Fleet(..)
                | Route::Versions { .. }
                | Route::NodeImages { .. }
                | Route::Status { .. }
                | Route::Result { .. }
        );
        others || self.place().is_some()
    }

    fn below(place: Place, lower: &[&str], own: &[&str]) -> Self {
        let at = |index: usize| own.get(index).copied().unwrap_or_default().to_owned();
        match lower {
            [] => Route::Cluster(place),
            ["upgradeprofiles", "default"] => Route::UpgradeProfile(place),
            ["availableagentpoolversions"] => Route::AvailableVersions(place),
            ["agentpools"] => Route::Pools(place),
            ["agentpools", _] => Route::Pool(place, at(1)),
            ["agentpools", _, "upgradeprofiles", "default"] => Route::PoolProfile(place, at(1)),
            ["agentpools", _, "machines"] => Route::Machines(place, at(1)),
            ["agentpools", _, "machines", _] => Route::Machine(place, at(1), at(3)),
            ["agentpools", _, action] => Route::PoolAction(place, at(1), (*action).to_owned()),
            ["upgradeinsights"] => Route::Insights(place),
            ["upgradeinsights", _] => Route::Insight(place, at(1)),
            ["maintenanceconfigurations"] => Route::MaintenanceList(place),
            ["maintenanceconfigurations", _] => Route::Maintenance(place, at(1)),
            [action] => Route::ClusterAction(place, (*action).to_owned()),
            _ => Route::Unknown,
        }
    }
}

/// Tells whether two names of resource groups are one: Azure does not tell them apart by the case of any letter.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other) || !one.is_ascii() && one.to_lowercase() == other.to_lowercase()
}

/// Returns the words of a path, decoded.
pub(super) fn words(path: &str) -> Vec<String> {
    let decoded = |word: &str| percent_decode_str(word).decode_utf8_lossy().into_owned();
    path.trim_matches('/').split('/').map(decoded).collect()
}

const CONTAINERS: &str = "microsoft.containerservice";
