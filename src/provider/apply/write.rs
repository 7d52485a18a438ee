//! The one write of a step, and the time by which it has to be sent.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::arm::client::{Accepted, Client};
use crate::arm::error::Error;
use crate::arm::response;
use crate::provider::apply::Run;
use crate::provider::apply::run_state::RunState;
use crate::provider::apply::stop::Stopped;
use crate::provider::observation::Observation;
use crate::terraform::serve::is_orphaned;
use crate::upgrade::aks_channel::AksChannel;
use crate::upgrade::cluster::Pool;
use crate::upgrade::plan::aks::judged;
use crate::upgrade::slot::needs;
use crate::upgrade::step::{Step, Work};
use crate::upgrade::task::Component;
use crate::upgrade::window::aks::AksWindow;

/// A write that Azure accepted.
pub(super) enum Sent {
    /// The step itself.
    Step(Accepted),
    /// A pool's settings, which have to be there before its step.
    PoolSettings(Accepted),
}

/// A write that Azure did not accept, or not known to have.
pub(super) enum Unsent {
    /// The step itself.
    Step(Error),
    /// A pool's settings.
    PoolSettings(Error),
    /// Azure accepted a pool's settings before and does not show them: what it should show, and what it does.
    NotKept { wanted: String, shown: String },
}

impl From<Error> for Unsent {
    fn from(error: Error) -> Self {
        Unsent::Step(error)
    }
}

impl Run<'_> {
    /// Sends the write of a step, as long as its window lets it start.
    ///
    /// Whatever holds a request up (a token, throttling, a proxy that is away) must not carry it past the
    /// window.
    pub(super) async fn start(
        &self,
        step: &Step,
        seen: &Observation,
        state: &RunState,
    ) -> Result<Result<Sent, Unsent>, Stopped> {
        let client = match self.time_to_start(step, seen) {
            Some(left) => self.client.within(left),
            None => self.client.clone(),
        };
        // Terraform may have died since it was last looked for, and a write that nobody waits for is not begun.
        if is_orphaned() {
            return Err(Stopped::Interrupted);
        }
        let (client, out) = client.watched();
        let write = async { Ok(self.write(&client, step, seen, state).await) };
        // A write that was left without its answer is that of the step, for all that is known.
        Ok(self.waiter().write(&out, write).await?.unwrap_or_else(|error| Err(error.into())))
    }

    async fn write(
        &self,
        client: &Client,
        step: &Step,
        seen: &Observation,
        state: &RunState,
    ) -> Result<Sent, Unsent> {
        let id = &self.arguments.cluster;
        let (surge, drain) = step.work.pool().map(|pool| self.settings(pool, seen)).unwrap_or_default();
        let leaves = |pool: &str| self.arguments.policy.rollout.include_snapshot_pools.contains(pool);
        let accepted = match &step.work {
            Work::Pool { pool, to, .. } => {
                let body = response::with_pool_version(&client.pool(id, pool).await?.body, to, surge, drain);
                let body = if leaves(pool) { response::without_snapshot(body) } else { body };
                client.put_pool(id, pool, &body).await?
            }
            Work::ControlPlane { to, .. } => {
                let body = response::with_cluster_version(&client.cluster(id).await?.body, to);
                client.put_cluster(id, &body).await?
            }
            Work::Cluster { to, .. } => {
                let settings = |pool: &str| self.settings(pool, seen);
                let body = response::with_full_version(&client.cluster(id).await?.body, to, settings);
                client.put_cluster(id, &response::without_snapshots(body, leaves)).await?
            }
            Work::Image { pool, .. } => {
                // Nodes on an image that is too old take no settings, and those of a failed pool may be.
                let takes = |pool: &Pool| !pool.state.is_failed() && !seen.offers.needs_image(pool);
                let takes_settings = seen.cluster.pool(pool).is_some_and(takes);
                let settings = if takes_settings { (surge, drain) } else { (None, None) };
                if let Some(accepted) = self.write_settings(client, pool, settings, state).await? {
                    return Ok(Sent::PoolSettings(accepted));
                }
                client.upgrade_node_image(id, pool).await?
            }
            Work::MaintenanceConfiguration { name, to, .. } => {
                let window = AksWindow { start_date: to.start_date_to_send(seen.at), ..to.clone() };
                let body = response::maintenance_body(&window);
                client.put_maintenance_configuration(id, name, &body).await?
            }
            Work::Channel { to, .. } => {
                let body = client.cluster(id).await?.body;
                let body = match to {
                    AksChannel::Versions(setting) => response::with_upgrade_channel(&body, setting),
                    AksChannel::Images(setting) => response::with_node_os_channel(&body, setting),
                };
                client.put_cluster(id, &body).await?
            }
        };
        Ok(Sent::Step(accepted))
    }

    /// Returns the surge and the drain timeout, in minutes, that are written to a pool with its step.
    ///
    /// Azure refuses both for Spot pools; a pool that is upgraded in another way than by a surge keeps it.
    fn settings(&self, pool: &str, seen: &Observation) -> (Option<&str>, Option<i64>) {
        let rollout = &self.arguments.policy.rollout;
        let Some(pool) = seen.cluster.pool(pool) else { return (None, None) };
        let surge = rollout.max_surge.as_deref().filter(|_| pool.takes_surge());
        (surge, rollout.drain_timeout.map(|timeout| timeout.as_mins()).filter(|_| !pool.spot))
    }

    /// Gives a pool its rollout settings before its image; `None` when they are there, or none are wanted.
    async fn write_settings(
        &self,
        client: &Client,
        pool: &str,
        (surge, drain): (Option<&str>, Option<i64>),
        state: &RunState,
    ) -> Result<Option<Accepted>, Unsent> {
        let id = &self.arguments.cluster;
        if surge.is_none() && drain.is_none() {
            return Ok(None);
        }
        let body = client.pool(id, pool).await?.body;
        let changed = response::with_pool_settings(&body, surge, drain);
        let (wanted, shown) = (upgrade_settings(&changed), upgrade_settings(&body));
        if wanted == shown {
            return Ok(None);
        }
        if state.has_settings(pool) {
            return Err(Unsent::NotKept { wanted: wanted.to_string(), shown: shown.to_string() });
        }
        client.put_pool(id, pool, &changed).await.map(Some).map_err(Unsent::PoolSettings)
    }

    /// Returns when the opening closes in which a step runs; `None` when none is open, nothing closes
    /// it, or the step needs none.
    pub(super) fn closes(&self, step: &Step, seen: &Observation) -> Option<Timestamp> {
        let opening = self.arguments.windows.opening(&step.tasks(), seen.at);
        let needed = judged(step, seen).needs_opening();
        let open = opening.filter(|opening| opening.contains(seen.at) && needed)?;
        (open.end < Timestamp::MAX).then_some(open.end)
    }

    /// Returns by how much the opening that is open now, and when it closes, is too short for a step; `None` when none is
    /// open.
    pub(super) fn too_short(
        &self,
        step: &Step,
        seen: &Observation,
    ) -> Option<(Component, Timestamp, SignedDuration)> {
        let closes = self.closes(step, seen)?;
        let needs = needs(&judged(step, seen), &self.arguments.windows, seen.at);
        let by = needs - closes.duration_since(seen.at);
        by.is_positive().then(|| (step.work.component(), closes, by))
    }

    /// Returns how much of the opening is left; `None` when nothing closes it.
    fn left_in_window(&self, step: &Step, seen: &Observation) -> Option<Duration> {
        let now = self.client.now().unwrap_or(seen.at).max(seen.at);
        let end = self.closes(step, seen)?;
        Some(Duration::try_from(end.duration_since(now)).unwrap_or_default())
    }

    /// Returns the time until the step needs more of the opening than there is.
    fn time_to_start(&self, step: &Step, seen: &Observation) -> Option<Duration> {
        let needs = needs(step, &self.arguments.windows, seen.at).unsigned_abs();
        let left = self.left_in_window(step, seen)?;
        // A step that starts at the last moment still gets a moment to start.
        Some(left.saturating_sub(needs).max(Duration::from_secs(1)).min(left))
    }
}

/// Returns the upgrade settings of a pool's body.
fn upgrade_settings(body: &Value) -> &Value {
    &body["properties"]["upgradeSettings"]
}
