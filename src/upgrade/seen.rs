//! What was seen of Azure at one instant: everything that a decision is made from.

use jiff::Timestamp;

use crate::upgrade::cluster::Cluster;
use crate::upgrade::offer::Offers;

/// A cluster and what Azure offers it, at one instant. Nobody changes it: what is true later is seen later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// When, by Azure's clock. Ages count up to here.
    pub at: Timestamp,
    /// What was there.
    pub cluster: Cluster,
    /// What was on offer.
    pub offers: Offers,
    /// When the last step on a pool was seen to end, in an earlier apply too.
    pub pool_ended: Option<Timestamp>,
}
