//! What a path asks for.

use serde::{Deserialize, Serialize};

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
            && self.group.eq_ignore_ascii_case(&other.group)
            && self.subscription.eq_ignore_ascii_case(&other.subscription)
    }

    /// Tells whether it is in a subscription, and in a group of it where one is asked for.
    pub(super) fn is_in(&self, subscription: &str, group: Option<&str>) -> bool {
        self.subscription.eq_ignore_ascii_case(subscription)
            && group.is_none_or(|group| self.group.eq_ignore_ascii_case(group))
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
    /// The Fleets of a subscription.
    Fleets(String),
    /// A Fleet's subscription, group and name.
    UpdateRuns(Place),
    Versions,
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
    Unknown,
}

impl Route {
    /// Reads a path; fixed words in any case, as Azure does.
    pub(super) fn of(path: &str) -> Self {
        let own: Vec<&str> = path.trim_matches('/').split('/').collect();
        let lower: Vec<String> = own.iter().map(|word| word.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let at = |index: usize| own.get(index).copied().unwrap_or_default().to_owned();
        match lower.as_slice() {
            [.., "oauth2", "v2.0", "token"] | [_, "oauth2", "token"] => Self::Token,
            ["common", "discovery", "instance"] => Self::Discovery,
            [_, "v2.0", ".well-known", "openid-configuration"]
            | [_, ".well-known", "openid-configuration"] => Self::OpenId { tenant: at(0) },
            [_, "discovery", "v2.0", "keys"] => Self::Keys,
            ["metadata", "endpoints"] => Self::Metadata,
            ["tenants"] => Self::Tenants,
            ["subscriptions"] => Self::Subscriptions,
            ["subscriptions", _] => Self::Subscription(at(1)),
            ["subscriptions", _, "locations"] => Self::Locations(at(1)),
            ["subscriptions", _, "resourcegroups"] => Self::Groups(at(1)),
            ["subscriptions", _, "resourcegroups", _] => Self::Group { subscription: at(1), group: at(3) },
            ["subscriptions", _, "providers", CONTAINERS, rest @ ..] => match rest {
                ["managedclusters"] => Self::Clusters { subscription: at(1), group: None },
                ["snapshots"] => Self::Snapshots { subscription: at(1), group: None },
                ["fleets"] => Self::Fleets(at(1)),
                ["locations", _, "kubernetesversions"] => Self::Versions,
                ["locations", _, "operations", _] => Self::Status { id: at(7) },
                ["locations", _, "operationresults", _] => Self::Result { id: at(7) },
                _ => Self::Unknown,
            },
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "managedclusters"] => {
                Self::Clusters { subscription: at(1), group: Some(at(3)) }
            }
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "snapshots"] => {
                Self::Snapshots { subscription: at(1), group: Some(at(3)) }
            }
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "snapshots", _] => {
                Self::Snapshot(Place { subscription: at(1), group: at(3), name: at(7) })
            }
            ["subscriptions", _, "resourcegroups", _, "providers", CONTAINERS, "fleets", _, "updateruns"] => {
                Self::UpdateRuns(Place { subscription: at(1), group: at(3), name: at(7) })
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
                Self::below(place, rest, &own[8..])
            }
            _ => Self::Unknown,
        }
    }

    /// Returns the cluster, for what is a cluster or lies below one.
    pub(super) fn place(&self) -> Option<&Place> {
        match self {
            Self::Cluster(place)
            | Self::ClusterAction(place, _)
            | Self::UpgradeProfile(place)
            | Self::AvailableVersions(place)
            | Self::Pools(place)
            | Self::Pool(place, _)
            | Self::PoolAction(place, _, _)
            | Self::PoolProfile(place, _)
            | Self::Machines(place, _)
            | Self::Machine(place, _, _)
            | Self::MaintenanceList(place)
            | Self::Maintenance(place, _) => Some(place),
            _ => None,
        }
    }

    /// Tells whether the AKS resource provider answers, not Resource Manager itself.
    pub(super) fn is_of_provider(&self) -> bool {
        let others = matches!(
            self,
            Self::Clusters { .. }
                | Self::Snapshots { .. }
                | Self::Snapshot(_)
                | Self::Fleets(_)
                | Self::UpdateRuns(_)
                | Self::Versions
                | Self::Status { .. }
                | Self::Result { .. }
        );
        others || self.place().is_some()
    }

    fn below(place: Place, lower: &[&str], own: &[&str]) -> Self {
        let at = |index: usize| own.get(index).copied().unwrap_or_default().to_owned();
        match lower {
            [] => Self::Cluster(place),
            ["upgradeprofiles", "default"] => Self::UpgradeProfile(place),
            ["availableagentpoolversions"] => Self::AvailableVersions(place),
            ["agentpools"] => Self::Pools(place),
            ["agentpools", _] => Self::Pool(place, at(1)),
            ["agentpools", _, "upgradeprofiles", "default"] => Self::PoolProfile(place, at(1)),
            ["agentpools", _, "machines"] => Self::Machines(place, at(1)),
            ["agentpools", _, "machines", _] => Self::Machine(place, at(1), at(3)),
            ["agentpools", _, action] => Self::PoolAction(place, at(1), (*action).to_owned()),
            ["maintenanceconfigurations"] => Self::MaintenanceList(place),
            ["maintenanceconfigurations", _] => Self::Maintenance(place, at(1)),
            [action] => Self::ClusterAction(place, (*action).to_owned()),
            _ => Self::Unknown,
        }
    }
}

const CONTAINERS: &str = "microsoft.containerservice";
