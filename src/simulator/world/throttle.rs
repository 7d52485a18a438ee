//! Token buckets, refilled by the simulator's clock; a scenario turns them on.
//!
//! Azure Resource Manager counts first (docs: request-limits-and-throttling), then the AKS resource
//! provider (docs: quotas-skus-regions).
//!
//! | who counts | what | for each | holds | regains |
//! |---|---|---|---|---|
//! | Resource Manager | reads | caller and subscription, caller and tenant | 250 | 25 per second |
//! | | writes, deletes | the same | 200 | 10 per second |
//! | | all of these | subscription | 15 times as many | 15 times as fast |
//! | AKS | list of clusters | region and subscription | 500 | 1 per second |
//! | | list of clusters | resource group | 60 | 1 per second |
//! | | read a cluster | cluster | 60 | 1 per second |
//! | | write a cluster | cluster | 20 | 1 per minute |
//! | | write a pool | pool | 20 | 1 per minute |
//! | | status of an operation | region and subscription | 200 | 2 per second |
//! | | everything else | region and subscription | 60 | 1 per second |

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::route::{Place, Route};
use crate::simulator::world::{Call, World};

/// What is left in each bucket, and when it was last filled.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Buckets {
    left: BTreeMap<String, (f64, Timestamp)>,
}

/// The bucket that a request draws from.
struct Bucket {
    /// The header that tells what is left, or the handler's name.
    name: String,
    /// Whose it is.
    owner: String,
    size: f64,
    /// Tokens per second.
    refill: f64,
}

/// How much more a whole subscription may ask than one caller.
const GLOBAL: f64 = 15.0;
const MINUTE: f64 = 1.0 / 60.0;

impl World {
    /// Takes a token for a request from each of its buckets, or refuses it with the seconds to wait.
    pub(super) fn throttle(&mut self, call: &Call) -> Result<(), Refusal> {
        if !self.service.throttle {
            return Ok(());
        }
        let managers = call.managers();
        if let Some((bucket, seconds)) = self.first_empty(&managers) {
            return Err(call.refused_by_manager(bucket, seconds));
        }
        self.take(&managers);
        let Some(own) = self.provider(call) else { return Ok(()) };
        if let Some((bucket, seconds)) = self.first_empty(std::slice::from_ref(&own)) {
            return Err(Refusal::throttled(&bucket.name, call.subscription(), seconds));
        }
        self.take(&[own]);
        Ok(())
    }

    /// Returns the headers that tell what is left, once the request has had its token.
    pub(super) fn limits(&self, call: &Call) -> Vec<(String, String)> {
        let left = |bucket: &Bucket| {
            let kept = if self.service.throttle { self.buckets.left.get(&bucket.key()) } else { None };
            kept.map_or(bucket.size - 1.0, |(left, _)| left.floor())
        };
        call.managers().into_iter().map(|bucket| (bucket.name.clone(), left(&bucket).to_string())).collect()
    }

    /// Returns the first bucket that is empty, and the seconds until it is not.
    fn first_empty<'a>(&mut self, buckets: &'a [Bucket]) -> Option<(&'a Bucket, u64)> {
        let now = self.now;
        buckets.iter().find_map(|bucket| {
            let left = self.buckets.fill(bucket, now);
            (*left < 1.0).then(|| (bucket, ((1.0 - *left) / bucket.refill).ceil() as u64))
        })
    }

    fn take(&mut self, buckets: &[Bucket]) {
        let now = self.now;
        buckets.iter().for_each(|bucket| *self.buckets.fill(bucket, now) -= 1.0);
    }

    /// Returns the bucket of the AKS resource provider.
    fn provider(&self, call: &Call) -> Option<Bucket> {
        let (path, subscription) = (call.path.as_str(), call.subscription());
        let region = || format!("{} {subscription}", self.region(&call.route, path));
        let bucket = |name: &str, owner: String, size, refill| {
            Some(Bucket { name: name.to_owned(), owner, size, refill })
        };
        match (call.method.as_str(), &call.route) {
            (_, route) if !route.is_of_provider() => None,
            ("GET", Route::Clusters { group: None, .. }) => {
                bucket("ListManagedClustersHandler.GET", region(), 500.0, 1.0)
            }
            ("GET", Route::Clusters { .. }) => {
                bucket("ListManagedClustersByResourceGroupHandler.GET", path.to_owned(), 60.0, 1.0)
            }
            ("PUT", Route::Pool(..)) => bucket("PutAgentPoolHandler.PUT", path.to_owned(), 20.0, MINUTE),
            ("PUT", Route::Cluster(_)) => {
                bucket("PutManagedClusterHandler.PUT", path.to_owned(), 20.0, MINUTE)
            }
            ("GET", Route::Cluster(_)) => bucket("GetManagedClusterHandler.GET", path.to_owned(), 60.0, 1.0),
            ("GET", Route::Status { .. }) => bucket("GetOperationStatusHandler.GET", region(), 200.0, 2.0),
            _ => bucket("GenericHandler", region(), 60.0, 1.0),
        }
    }

    /// Returns the region that serves a request: the path's, or the cluster's.
    fn region(&self, route: &Route, path: &str) -> String {
        let mut words = path.split('/').skip_while(|word| !word.eq_ignore_ascii_case("locations"));
        let named = words.nth(1).map(str::to_owned);
        let of_cluster = |place: &Place| self.look(place).map(|cluster| cluster.location().to_owned()).ok();
        named.or_else(|| route.place().and_then(of_cluster)).unwrap_or_default()
    }
}

impl Buckets {
    /// Fills a bucket up to an instant.
    fn fill(&mut self, bucket: &Bucket, now: Timestamp) -> &mut f64 {
        let (left, filled) = self.left.entry(bucket.key()).or_insert((bucket.size, now));
        let gone = now.duration_since(*filled).as_secs_f64();
        *left = (*left + gone * bucket.refill).min(bucket.size);
        *filled = now;
        left
    }
}

impl Bucket {
    fn key(&self) -> String {
        format!("{} {}", self.name, self.owner).to_ascii_lowercase()
    }
}

impl Call {
    /// Returns Resource Manager's buckets: the caller's, and the whole subscription's.
    fn managers(&self) -> Vec<Bucket> {
        let (kind, size, refill) = match self.method.as_str() {
            "GET" | "HEAD" => ("reads", 250.0, 25.0),
            "DELETE" => ("deletes", 200.0, 10.0),
            _ => ("writes", 200.0, 10.0),
        };
        let bucket = |scope: &str, owner: String, times: f64| Bucket {
            name: format!("x-ms-ratelimit-remaining-{scope}-{kind}"),
            owner,
            size: size * times,
            refill: refill * times,
        };
        match (&self.route, self.subscription()) {
            (Route::Token | Route::Discovery | Route::OpenId { .. } | Route::Keys | Route::Metadata, _) => {
                vec![]
            }
            (_, "") => vec![bucket("tenant", self.caller(), 1.0)],
            (_, subscription) => vec![
                bucket("subscription", format!("{subscription} {}", self.caller()), 1.0),
                bucket("subscription-global", subscription.to_owned(), GLOBAL),
            ],
        }
    }

    /// The sentence is documented; that its limit and interval are the bucket's is ours.
    fn refused_by_manager(&self, bucket: &Bucket, seconds: u64) -> Refusal {
        let kind = bucket.name.rsplit('-').next().unwrap_or_default().trim_end_matches('s');
        let interval = (bucket.size / bucket.refill) as u64;
        match self.subscription() {
            "" => Refusal::tenant_throttled(kind, seconds),
            subscription => {
                Refusal::subscription_throttled(kind, subscription, bucket.size, interval, seconds)
            }
        }
    }

    fn subscription(&self) -> &str {
        match self.words.as_slice() {
            [first, subscription, ..] if first.eq_ignore_ascii_case("subscriptions") => subscription.as_str(),
            _ => "",
        }
    }
}
