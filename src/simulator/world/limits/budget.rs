//! Pod disruption budgets that allow no disruption: AKS looks at them before it upgrades.

use crate::simulator::scenario::Budget;
use crate::simulator::world::cluster::Cluster;
use crate::simulator::world::refusal::Refusal;
use crate::simulator::world::{Call, World};

impl World {
    /// Returns the budgets of a cluster that let no pod go, for a pool or for all.
    pub(super) fn budgets_of(&self, cluster: &Cluster, pool: Option<&str>) -> Vec<&Budget> {
        let here = |budget: &&Budget| {
            let on_pool = |own: &String| pool.is_none_or(|pool| pool.eq_ignore_ascii_case(own));
            budget.cluster.eq_ignore_ascii_case(&cluster.place.name)
                && budget.pool.as_ref().is_none_or(on_pool)
        };
        self.limits.budgets.iter().filter(here).collect()
    }

    /// Refuses an upgrade of nodes whose pods may not go (text: troubleshooting page of `UnsatisfiablePDB`).
    ///
    /// A forced one passes budgets by, since the API of 2025-09-01 (AKS changelog of 2025-10-12).
    pub(in crate::simulator::world) fn allow_disruption(
        &self,
        call: &Call,
        cluster: &Cluster,
        pool: Option<&str>,
    ) -> Result<(), Refusal> {
        const SINCE: &str = "2025-09-01";
        let version = call.parameter("api-version").unwrap_or_default();
        if cluster.is_forced(self.now) && version.as_str() >= SINCE {
            return Ok(());
        }
        let blocking = self.budgets_of(cluster, pool);
        let Some(first) = blocking.first() else { return Ok(()) };
        let message = format!(
            "1 error occurred:\n* PDB {}/{} has maxunavailble == 0 can't proceed with put operation",
            first.namespace, first.name
        );
        Err(Refusal::provider(400, "UnsatisfiablePDB", "", message))
    }
}
