//! Azure's published limits, and which of them a request counts against.
//!
//! | limit | one bucket per | at once | then one every |
//! |---|---|---|---|
//! | reads, writes, deletes of Azure Resource Manager | subscription | 250, 200, 200 | 40, 100, 100 ms |
//! | list of a subscription's clusters | subscription | 500 | 1 s |
//! | list of a resource group's clusters | resource group | 60 | 1 s |
//! | GET of a cluster | cluster | 60 | 1 s |
//! | PUT of a cluster, of a node pool | cluster, node pool | 20 | 60 s |
//! | GET of an operation's status | subscription and region | 200 | 500 ms |
//! | every other call of AKS | subscription and region | 60 | 1 s |
//!
//! Azure Resource Manager counts per principal, too; a client has one. Where the region of a cluster is not known
//! ([`region`](crate::arm::limiter::region)), its requests share a bucket of the subscription. A process begins with
//! a third of each bucket, and believes what Azure Resource Manager says is left of its own
//! (`x-ms-ratelimit-remaining-subscription-reads` and its kin). Sources: *Understand how Azure Resource Manager
//! throttles requests* (learn.microsoft.com, `request-limits-and-throttling`) and *Quotas, virtual machine size
//! restrictions, and region availability in AKS* (`quotas-skus-regions`).

use std::fmt;
use std::time::Duration;

use azure_core::http::Method;

/// A limit that Azure publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limit {
    /// Reads through Azure Resource Manager.
    Reads,
    /// Writes through Azure Resource Manager.
    Writes,
    /// Deletions through Azure Resource Manager.
    Deletes,
    /// Lists of a subscription's clusters.
    ListClusters,
    /// Lists of a resource group's clusters.
    ListGroup,
    /// Reads of one cluster.
    GetCluster,
    /// Writes of one cluster.
    PutCluster,
    /// Writes of one node pool.
    PutPool,
    /// Looks at operations.
    GetStatus,
    /// Every other call of AKS.
    Other,
}

impl Limit {
    /// Returns how many requests Azure takes at once.
    #[must_use]
    pub fn burst(self) -> u32 {
        match self {
            Limit::Reads => 250,
            Limit::Writes | Limit::Deletes | Limit::GetStatus => 200,
            Limit::ListClusters => 500,
            Limit::PutCluster | Limit::PutPool => 20,
            Limit::ListGroup | Limit::GetCluster | Limit::Other => 60,
        }
    }

    /// Returns how many we send at once: a tenth less.
    ///
    /// What leaves evenly arrives unevenly, and Azure counts what arrives; and others use the same limits.
    #[must_use]
    pub fn ours(self) -> u32 {
        self.burst() - self.reserve()
    }

    /// Returns how many of Azure's tokens we leave to others.
    #[must_use]
    pub fn reserve(self) -> u32 {
        self.burst() / 10
    }

    /// Returns how many a process sends at once when it starts and Azure has said nothing yet: a third, since
    /// the process before it, or another one, may have used them up.
    #[must_use]
    pub fn at_first(self) -> u32 {
        self.burst() / 3
    }

    /// Returns the time after which Azure takes one more.
    #[must_use]
    pub fn interval(self) -> Duration {
        Duration::from_millis(match self {
            Limit::Reads => 40,
            Limit::Writes | Limit::Deletes => 100,
            Limit::GetStatus => 500,
            Limit::PutCluster | Limit::PutPool => 60_000,
            Limit::ListClusters | Limit::ListGroup | Limit::GetCluster | Limit::Other => 1000,
        })
    }

    fn counts(self) -> &'static str {
        match self {
            Limit::Reads => "reads of a subscription",
            Limit::Writes => "writes to a subscription",
            Limit::Deletes => "deletions in a subscription",
            Limit::ListClusters => "lists of a subscription's clusters",
            Limit::ListGroup => "lists of a resource group's clusters",
            Limit::GetCluster => "reads of one cluster",
            Limit::PutCluster => "writes to one cluster",
            Limit::PutPool => "writes to one node pool",
            Limit::GetStatus => "looks at operations of a subscription in a region",
            Limit::Other => "further AKS requests of a subscription in a region",
        }
    }
}

/// Says a limit, e.g. `60 reads of one cluster, then one every 1s`.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, then one every {:?}", self.burst(), self.counts(), self.interval())
    }
}

/// A bucket: a limit, and whose it is, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The limit.
    pub limit: Limit,
    /// The subscription, with its region where AKS counts by region; the cluster or pool.
    pub of: String,
}

/// The buckets that a request takes from: that of AKS, then that of Azure Resource Manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs(pub [Key; 2]);

impl Needs {
    /// Returns what a request needs, by its method, the path of its URL and the region that serves it, if known.
    ///
    /// ```
    /// use azure_core::http::Method;
    /// use terraform_provider_aks::arm::limiter::limit::{Limit, Needs};
    ///
    /// // A poll, and the list beside it, are not counted with the cluster.
    /// let status = "/subscriptions/S/providers/Microsoft.ContainerService/locations/westeurope/operations/1";
    /// let [aks, azure] = Needs::of(Method::Get, status, Some("westeurope")).0;
    /// assert_eq!((aks.limit, aks.of.as_str()), (Limit::GetStatus, "s in westeurope"));
    /// assert_eq!((azure.limit, azure.of.as_str()), (Limit::Reads, "s"));
    /// ```
    #[must_use]
    pub fn of(method: Method, path: &str, region: Option<&str>) -> Self {
        let path = path.to_lowercase();
        let below = path.split_once("/subscriptions/").map_or("", |(_, below)| below);
        let parts: Vec<&str> = below.trim_end_matches('/').split('/').collect();
        let limit = aks(method, parts.get(1..).unwrap_or_default());
        let subscription = parts.first().copied().unwrap_or_default();
        let of = match (limit, region) {
            (Limit::ListGroup | Limit::GetCluster | Limit::PutCluster | Limit::PutPool, _) => {
                below.to_owned()
            }
            (Limit::GetStatus | Limit::Other, Some(region)) => format!("{subscription} in {region}"),
            _ => subscription.to_owned(),
        };
        let azure = match method {
            Method::Get | Method::Head => Limit::Reads,
            Method::Delete => Limit::Deletes,
            _ => Limit::Writes,
        };
        let key = |limit, of: &str| Key { limit, of: of.trim_end_matches('/').to_owned() };
        Needs([key(limit, &of), key(azure, subscription)])
    }
}

/// Tells AKS's limit from what follows the subscription in a path.
fn aks(method: Method, path: &[&str]) -> Limit {
    match (method, path) {
        (Method::Get, ["providers", _, "managedclusters"]) => Limit::ListClusters,
        (Method::Get, ["providers", _, "locations", _, "operations", _]) => Limit::GetStatus,
        (Method::Get, ["resourcegroups", _, "providers", _, "managedclusters"]) => Limit::ListGroup,
        (Method::Get, ["resourcegroups", _, "providers", _, "managedclusters", _]) => Limit::GetCluster,
        (Method::Put, ["resourcegroups", _, "providers", _, "managedclusters", _]) => Limit::PutCluster,
        (Method::Put, ["resourcegroups", _, "providers", _, "managedclusters", _, "agentpools", _]) => {
            Limit::PutPool
        }
        _ => Limit::Other,
    }
}
