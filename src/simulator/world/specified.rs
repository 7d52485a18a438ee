//! The version that was asked for, apart from the one that runs: channels leave it behind, failures do not reach it.

use serde_json::json;

use crate::simulator::version::Version;
use crate::simulator::world::cluster::{Cluster, is_of_machines, pool_version, specified};

impl Cluster {
    /// Shows that a channel moves the control plane: what was asked for stays as it is (Azure/azure-cli#31018).
    pub(super) fn show_running(&mut self, version: Version) {
        self.properties.insert("currentKubernetesVersion".into(), json!(version.to_string()));
    }

    /// Shows that a channel moves a pool; what was asked for stays as it is.
    pub(super) fn show_pool_running(&mut self, name: &str, version: Version) {
        if let Some(pool) = self.pool_mut(name) {
            pool.insert("currentOrchestratorVersion".into(), json!(version.to_string()));
        }
    }

    /// Takes up what was asked for and does not run: a failed upgrade goes on with any later PUT.
    pub(super) fn take_up_control_plane(&mut self) {
        let wanted = specified(&self.properties, "kubernetesVersion").filter(|_| self.control_plane_behind);
        if let Some(version) = wanted.filter(|wanted| *wanted > self.version()) {
            self.show_running(version);
        }
    }

    /// Takes up what was asked for of a pool and does not run.
    pub(super) fn take_up_pool(&mut self, name: &str) {
        let Some(pool) = self.pool(name) else { return };
        let behind = self.behind.get(&name.to_ascii_lowercase()).is_some_and(|behind| behind.upgrade);
        let wanted = specified(pool, "orchestratorVersion").filter(|wanted| *wanted > pool_version(pool));
        if let Some(version) = wanted.filter(|_| behind) {
            self.show_pool_running(name, version);
        }
    }

    /// Shows what was written for a pool that stays as it is: a version that runs heals one that was left
    /// behind (Azure/azure-cli#22928), and gives up one that was asked for and never shown.
    pub(super) fn hold_pool(&mut self, name: &str, written: &str) {
        let Some(pool) = self.pool(name) else { return };
        let (running, key) = (pool_version(pool), name.to_ascii_lowercase());
        let shown = specified(pool, "orchestratorVersion").is_none_or(|wanted| wanted <= running);
        if !shown && self.behind.get(&key).is_some_and(|behind| behind.back.is_none()) {
            self.behind.remove(&key);
        }
        self.show_pool_version(name, running, written);
    }

    /// Tells whether the version that was asked for is the one that is shown to run.
    pub(super) fn is_shown(&self) -> bool {
        specified(&self.properties, "kubernetesVersion").is_none_or(|wanted| wanted <= self.version())
    }

    /// Shows the target version on the control plane, at once, as Azure does.
    pub(super) fn show_version(&mut self, version: Version, written: &str) {
        let shown = if written.is_empty() { version.to_string() } else { written.to_owned() };
        self.properties.insert("kubernetesVersion".into(), json!(shown));
        self.properties.insert("currentKubernetesVersion".into(), json!(version.to_string()));
    }

    /// Shows the target version on a pool, at once, as Azure does; one of node auto-provisioning's machines has none.
    pub(super) fn show_pool_version(&mut self, name: &str, version: Version, written: &str) {
        let shown = if written.is_empty() { version.to_string() } else { written.to_owned() };
        if let Some(pool) = self.pool_mut(name).filter(|pool| !is_of_machines(pool)) {
            pool.insert("orchestratorVersion".into(), json!(shown));
            pool.insert("currentOrchestratorVersion".into(), json!(version.to_string()));
        }
    }
}
