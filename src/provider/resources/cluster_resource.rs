//! What differs from one resource that upgrades a cluster to the other.

use crate::provider::assessment::Assessment;
use crate::provider::observation::observe::OfferKind;
use crate::terraform::reader::Reader;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;
use crate::upgrade::cluster::Cluster;
use crate::upgrade::policy::Goal;

/// What differs from one upgrading resource to the other.
pub trait ClusterResource: Send + Sync + 'static {
    /// The full type name.
    const TYPE: &'static str;
    /// The other types whose state a `moved` block may bring.
    const MOVES_FROM: &'static [&'static str];
    /// The offers that its plans are made from.
    const OFFERS: OfferKind;
    /// The map attribute that shows the pools.
    const POOLS: &'static str;

    /// The maintenance configurations whose window an import takes over, the first that there is.
    const OWN_WINDOWS: [&'static str; 2];

    /// Returns the schema.
    fn schema() -> Schema;

    /// Reads the goal, and reports what is wrong with it; `None` when there is none.
    fn goal(config: &Reader<'_>) -> Option<Goal>;

    /// Returns the goal that an import writes down: what runs, so that it leads to no step.
    fn generated(cluster: &Cluster) -> Vec<(&'static str, Value)>;

    /// Renders the computed attributes, `id` aside.
    fn computed(assessment: &Assessment) -> Vec<(&'static str, Value)>;
}
