//! Pod disruption budgets that allow no disruption: AKS looks at them before it upgrades.

use crate::simulator::scenario::Budget;
use crate::simulator::world::World;
use crate::simulator::world::cluster::Cluster;
use crate::simulator::world::refusal::Refusal;

impl World {
    /// Returns the budgets of a cluster that let no pod go, for a pool or for all.
    pub(super) fn budgets_of(&self, cluster: &Cluster, pool: Option<&str>) -> Vec<&Budget> {
        let here = |budget: &&Budget| {
            let on_pool = |own: &String| pool.is_none_or(|pool| pool.eq_ignore_ascii_case(own));
            budget.cluster == cluster.place.name && budget.pool.as_ref().is_none_or(on_pool)
        };
        self.limits.budgets.iter().filter(here).collect()
    }

    /// Refuses an upgrade of nodes whose pods may not go (text: troubleshooting page of `UnsatisfiablePDB`).
    pub(in crate::simulator::world) fn allow_disruption(
        &self,
        cluster: &Cluster,
        pool: Option<&str>,
    ) -> Result<(), Refusal> {
        let blocking = self.budgets_of(cluster, pool);
        let Some(first) = blocking.first() else { return Ok(()) };
        let message = format!(
            "1 error occurred:\n* PDB {}/{} has maxunavailble == 0 can't proceed with put operation",
            first.namespace, first.name
        );
        Err(Refusal::provider(400, "UnsatisfiablePDB", "", message))
    }
}
