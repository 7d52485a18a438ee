//! What a path of Compute, Network or Authorization asks for.

/// What is asked for; ids and names as they were written.
#[derive(Clone, Debug)]
pub(in crate::simulator::world) enum LimitPath {
    /// The usages of Compute in a location.
    Usages {
        subscription: String,
        location: String,
    },
    /// The sizes of virtual machines.
    Sizes {
        subscription: String,
    },
    /// The subnets of a network, given by its ARM id.
    Subnets {
        network: String,
    },
    Subnet {
        network: String,
        name: String,
    },
    /// How many addresses of each subnet are in use.
    AddressUsages {
        network: String,
    },
    /// The locks at a scope and below it.
    Locks {
        scope: String,
    },
    Lock {
        scope: String,
        name: String,
    },
}

impl LimitPath {
    /// Reads the words of a path, in lower case and as they were written.
    pub(in crate::simulator::world) fn of(lower: &[&str], own: &[&str]) -> Option<Self> {
        let at = |index: usize| own.get(index).copied().unwrap_or_default().to_owned();
        let up_to = |end: usize| format!("/{}", own.get(..end).unwrap_or_default().join("/"));
        let end = lower.len();
        match lower {
            ["subscriptions", _, "providers", "microsoft.compute", "locations", _, "usages"] => {
                Some(Self::Usages { subscription: at(1), location: at(5) })
            }
            ["subscriptions", _, "providers", "microsoft.compute", "skus"] => {
                Some(Self::Sizes { subscription: at(1) })
            }
            [.., "providers", "microsoft.network", "virtualnetworks", _, "subnets"] => {
                Some(Self::Subnets { network: up_to(end - 1) })
            }
            [.., "providers", "microsoft.network", "virtualnetworks", _, "subnets", _] => {
                Some(Self::Subnet { network: up_to(end - 2), name: at(end - 1) })
            }
            [.., "providers", "microsoft.network", "virtualnetworks", _, "usages"] => {
                Some(Self::AddressUsages { network: up_to(end - 1) })
            }
            [.., "providers", "microsoft.authorization", "locks"] => {
                Some(Self::Locks { scope: up_to(end - 3) })
            }
            [.., "providers", "microsoft.authorization", "locks", _] => {
                Some(Self::Lock { scope: up_to(end - 4), name: at(end - 1) })
            }
            _ => None,
        }
    }
}
